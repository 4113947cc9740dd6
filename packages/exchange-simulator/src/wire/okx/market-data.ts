import {
  chosenMarkets,
  contractsOf,
  contractValueOf,
  instrumentIdOf,
  instrumentTypeOf,
  INSTRUMENT_TYPES,
  listedMarkets,
  open,
  read,
  type WireCall,
  type Route,
} from './route.js';
import type { Market } from '../../engine/market.js';

const LISTED_MS = '1611916828000';

/**
 * https://www.okx.com/docs-v5/en/#public-data-rest-api-get-system-time, -get-instruments; #trading-account-rest-api-get-instruments;
 * #order-book-trading-market-data-get-tickers; #funding-account-rest-api-get-currencies.
 */
export const MARKET_DATA: Route[] = [
  open('/api/v5/public/time', 10, ({ now }) => [{ ts: String(now) }]),
  open('/api/v5/public/instruments', 20, instruments),
  read('/api/v5/account/instruments', 20, instruments),
  open('/api/v5/market/tickers', 20, tickers),
  open('/api/v5/market/ticker', 20, tickers),
  read('/api/v5/asset/currencies', 12, currencies),
];

function instruments(call: WireCall): readonly unknown[] {
  call.parameters.oneOf('instType', INSTRUMENT_TYPES);
  return chosenMarkets(call).map(instrument);
}

function instrument(market: Market): Record<string, unknown> {
  const isSpot = market.kind === 'spot';
  const lot = contractsOf(market, market.amountStep);
  return {
    alias: '',
    auctionEndTime: '',
    baseCcy: isSpot ? market.base : '',
    category: '1',
    contTdSwTime: '',
    ctMult: isSpot ? '' : '1',
    ctType: isSpot ? '' : market.kind,
    ctVal: isSpot ? '' : contractValueOf(market),
    ctValCcy: isSpot ? '' : market.kind === 'inverse' ? 'USD' : market.base,
    expTime: '',
    futureSettlement: false,
    groupId: '1',
    instFamily: isSpot ? '' : `${market.base}-${market.quote}`,
    instId: instrumentIdOf(market),
    instType: instrumentTypeOf(market),
    lever: isSpot ? '' : '100',
    listTime: LISTED_MS,
    lotSz: lot,
    maxIcebergSz: '100000000',
    maxLmtAmt: '20000000',
    maxLmtSz: '100000000',
    maxMktAmt: isSpot ? '1000000' : '',
    maxMktSz: '100000000',
    maxStopSz: '100000000',
    maxTriggerSz: '100000000',
    maxTwapSz: '100000000',
    minSz: lot,
    openType: '',
    optType: '',
    preMktSwTime: '',
    quoteCcy: isSpot ? market.quote : '',
    ruleType: 'normal',
    settleCcy: isSpot ? '' : market.settle,
    state: 'live',
    stk: '',
    tickSz: market.priceStep,
    tradeQuoteCcyList: isSpot ? [market.quote] : [],
    uly: isSpot ? '' : `${market.base}-${market.quote}`,
  };
}

/** One price is last, index and mark price; the order book is empty. */
function tickers(call: WireCall): readonly unknown[] {
  return chosenMarkets(call).map((market) => {
    const last = call.engine.price(market.symbol);
    return {
      instType: instrumentTypeOf(market),
      instId: instrumentIdOf(market),
      last,
      lastSz: '0',
      askPx: last,
      askSz: '0',
      bidPx: last,
      bidSz: '0',
      open24h: last,
      high24h: last,
      low24h: last,
      volCcy24h: '0',
      vol24h: '0',
      ts: String(call.now),
      sodUtc0: last,
      sodUtc8: last,
    };
  });
}

function currencies({ engine }: WireCall): readonly unknown[] {
  const names = new Set(listedMarkets(engine).flatMap(({ base, quote }) => [base, quote]));
  return [...names].map((ccy) => ({
    ccy,
    name: ccy,
    logoLink: '',
    chain: `${ccy}-Simulated`,
    ctAddr: '',
    canDep: true,
    canWd: true,
    canInternal: true,
    depEstOpenTime: '',
    wdEstOpenTime: '',
    minDep: '0.00000001',
    minWd: '0.00000001',
    maxWd: '100000000',
    wdTickSz: '8',
    wdQuota: '100000000',
    usedWdQuota: '0',
    fee: '0',
    minFee: '0',
    maxFee: '0',
    mainNet: true,
    needTag: false,
    minDepArrivalConfirm: '1',
    minWdUnlockConfirm: '2',
    depQuotaFixed: '',
    usedDepQuotaFixed: '',
    depQuoteDailyLayer2: '',
  }));
}
