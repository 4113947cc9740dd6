import {
  contractOf,
  contractsListed,
  open,
  optionalContractOf,
  optionalPairOf,
  productTypeOf,
  spotListed,
  symbolIdOf,
  type WireCall,
  type Route,
} from './shared/route.js';
import { doesNotExist } from './shared/errors.js';
import type { Market } from '../../engine/market.js';
import { decimalsOf } from '../../engine/rounding.js';
import { multiplyDecimals } from '@plumbline/primitives/decimal';

/**
 * Public endpoints. Pages under https://www.bitget.com/api-doc/: common/public/Get-Server-Time,
 * contract/market/Get-All-Symbols-Contracts, contract/market/Get-Symbol-Price, spot/market/Get-Symbols,
 * spot/market/Get-Coin-List, margin/common/support-currencies.
 */
export const MARKET_DATA: Route[] = [
  open('/api/v2/public/time', 20, ({ now }) => ({ serverTime: String(now) })),
  open('/api/v2/mix/market/contracts', 20, (call) => {
    const only = optionalContractOf(call);
    const markets = only === null ? contractsListed(call.engine, productTypeOf(call)) : [only];
    return markets.map(contractRow);
  }),
  open('/api/v2/mix/market/symbol-price', 20, (call) => {
    const market = contractOf(call);
    const price = call.engine.price(market.symbol);
    return [{ symbol: symbolIdOf(market), price, indexPrice: price, markPrice: price, ts: String(call.now) }];
  }),
  open('/api/v2/spot/public/symbols', 20, (call) => {
    const only = optionalPairOf(call);
    return (only === null ? spotListed(call.engine) : [only]).map(pairRow);
  }),
  open('/api/v2/spot/public/coins', 3, coins),
  // No pair is traded on margin.
  open('/api/v2/margin/currencies', 10, () => []),
];

function contractRow(market: Market): Record<string, unknown> {
  const pricePlace = decimalsOf(market.priceStep);
  return {
    symbol: symbolIdOf(market),
    baseCoin: market.base,
    quoteCoin: market.quote,
    buyLimitPriceRatio: '0.9',
    sellLimitPriceRatio: '0.9',
    feeRateUpRatio: '0.1',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0004',
    openCostUpRatio: '0.1',
    supportMarginCoins: [market.settle],
    minTradeNum: market.amountStep,
    // The price step in units of the last decimal place: 5 with one place means a step of 0.5.
    priceEndStep: multiplyDecimals(market.priceStep, `1e${pricePlace}`),
    volumePlace: String(decimalsOf(market.amountStep)),
    pricePlace: String(pricePlace),
    sizeMultiplier: market.amountStep,
    symbolType: 'perpetual',
    minTradeUSDT: market.minNotional,
    maxSymbolOrderNum: '999999',
    maxProductOrderNum: '999999',
    maxPositionNum: '150',
    symbolStatus: 'normal',
    offTime: '-1',
    limitOpenTime: '-1',
    deliveryTime: '',
    deliveryStartTime: '',
    deliveryPeriod: '',
    launchTime: '',
    fundInterval: '8',
    minLever: '1',
    maxLever: '125',
    posLimit: '0.1',
    maintainTime: '',
    maxMarketOrderQty: '1000000',
    maxOrderQty: '1000000',
    isRwa: 'NO',
  };
}

function pairRow(market: Market): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    baseCoin: market.base,
    quoteCoin: market.quote,
    minTradeAmount: '0',
    maxTradeAmount: '900000000000000000000',
    takerFeeRate: '0.0004',
    makerFeeRate: '0.0002',
    pricePrecision: String(decimalsOf(market.priceStep)),
    quantityPrecision: String(decimalsOf(market.amountStep)),
    quotePrecision: '8',
    status: 'online',
    minTradeUSDT: market.minNotional,
    buyLimitPriceRatio: '0.05',
    sellLimitPriceRatio: '0.05',
    areaSymbol: 'no',
    orderQuantity: '10000',
    openTime: '1532454360000',
    offTime: '',
  };
}

function coins({ engine, parameters }: WireCall): unknown {
  const all = [...new Set(engine.markets('bitget').flatMap(({ base, quote }) => [base, quote]))];
  const only = parameters.text('coin')?.toUpperCase();
  if (only !== undefined && !all.includes(only)) throw doesNotExist('coin');
  return all.flatMap((coin, index) =>
    only === undefined || coin === only ? [{ coinId: String(index + 1), coin, transfer: 'true', chains: [] }] : [],
  );
}
