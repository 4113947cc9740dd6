import { categoryOf, marketsOf, optionalMarketOf, unifiedIdOf, type Category } from './categories.js';
import { open, type Route } from '../shared/route.js';
import type { Market } from '../../../engine/market.js';
import { decimalsOf } from '../../../engine/rounding.js';

/** Instruments: https://www.bitget.com/api-doc/uta/public/Instruments. A coin-margined contract is worth 1 USD. */
export const UNIFIED_MARKET_DATA: Route[] = [
  open('/api/v3/market/instruments', 20, (call) => {
    const category = categoryOf(call);
    const only = optionalMarketOf(call, category);
    return (only === null ? marketsOf(call.engine, category) : [only]).map((market) => instrumentRow(market, category));
  }),
];

function instrumentRow(market: Market, category: Category): Record<string, unknown> {
  const isFuture = market.kind !== 'spot';
  return {
    symbol: unifiedIdOf(market),
    category,
    baseCoin: market.base,
    quoteCoin: market.quote,
    buyLimitPriceRatio: '0.05',
    sellLimitPriceRatio: '0.05',
    feeRateUpRatio: isFuture ? '0.1' : '',
    minOrderQty: isFuture ? market.amountStep : '0',
    maxOrderQty: '',
    pricePrecision: String(decimalsOf(market.priceStep)),
    quantityPrecision: String(decimalsOf(market.amountStep)),
    quotePrecision: isFuture ? null : '8',
    minOrderAmount: market.minNotional,
    maxSymbolOrderNum: '400',
    maxProductOrderNum: '400',
    status: 'online',
    offTime: '',
    limitOpenTime: '',
    maintainTime: '',
    areaSymbol: 'no',
    ...(isFuture
      ? {
          isRwa: 'NO',
          makerFeeRate: '0.0002',
          takerFeeRate: '0.0004',
          openCostUpRatio: '0.1',
          priceMultiplier: market.priceStep,
          quantityMultiplier: market.amountStep,
          type: 'perpetual',
          symbolType: 'crypto',
          maxPositionNum: '150',
          deliveryTime: '',
          deliveryStartTime: '',
          deliveryPeriod: '',
          launchTime: '',
          fundInterval: '8',
          minLeverage: '1',
          maxLeverage: '125',
          maxMarketOrderQty: '1000000',
        }
      : {}),
  };
}
