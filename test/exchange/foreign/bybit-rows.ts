import { answer, contract, page, PATHS, serveAccount, spotPair } from '../bybit-fixtures.js';
import type { WireRequest, WireServer } from '../wire-server.js';

/* Rows of Bybit with the fields that its documentation shows. */

export const DOCS = 'bybit-exchange.github.io/docs/v5';
export const NAUTILUS = 'nautechsystems/nautilus_trader crates/adapters/bybit/test_data';
export const JKORF = 'JKorf/Bybit.Net Bybit.UnitTests';
export const CCXT = 'ccxt/ccxt ts/src/test/static/response/bybit.json';
export const GCT = 'thrasher-corp/gocryptotrader exchanges/bybit/testdata/wsAuth.json';

export type Fields = Record<string, unknown>;

/** "Get Position Info", without what the overrides change. */
export function position(symbol: string, side: string, size: string, fields: Fields = {}) {
  return {
    positionIdx: 0,
    riskId: 1,
    riskLimitValue: '150',
    symbol,
    side,
    size,
    avgPrice: '27464.50441675',
    positionValue: '0.01092319',
    tradeMode: 0,
    positionStatus: 'Normal',
    autoAddMargin: 1,
    adlRankIndicator: 2,
    leverage: '10',
    positionBalance: '0.00139186',
    markPrice: '28224.50',
    liqPrice: '',
    bustPrice: '999999.00',
    positionMM: '0.0000015',
    positionIM: '0.00010923',
    tpslMode: 'Full',
    takeProfit: '0.00',
    stopLoss: '0.00',
    trailingStop: '0.00',
    unrealisedPnl: '-0.00029413',
    curRealisedPnl: '0.00013123',
    cumRealisedPnl: '-0.00096902',
    seq: 5_723_621_632,
    isReduceOnly: false,
    mmrSysUpdateTime: '',
    leverageSysUpdatedTime: '',
    sessionAvgPrice: '',
    createdTime: '1676538056258',
    updatedTime: '1697673600012',
    ...fields,
  };
}

/** "Get Open & Closed Orders". */
export function order(symbol: string, orderId: string, fields: Fields = {}) {
  return {
    orderId,
    orderLinkId: `test-${orderId}`,
    blockTradeId: '',
    symbol,
    price: '1600.00',
    qty: '0.10',
    side: 'Buy',
    isLeverage: '',
    positionIdx: 0,
    orderStatus: 'New',
    cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError',
    avgPrice: '0',
    leavesQty: '0.10',
    leavesValue: '160',
    cumExecQty: '0.00',
    cumExecValue: '0',
    cumExecFee: '0',
    timeInForce: 'GTC',
    orderType: 'Limit',
    stopOrderType: 'UNKNOWN',
    orderIv: '',
    triggerPrice: '0.00',
    takeProfit: '0.00',
    stopLoss: '0.00',
    tpTriggerBy: 'UNKNOWN',
    slTriggerBy: 'UNKNOWN',
    triggerDirection: 0,
    triggerBy: 'UNKNOWN',
    lastPriceOnCreated: '',
    reduceOnly: false,
    closeOnTrigger: false,
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    tpslMode: '',
    tpLimitPrice: '',
    slLimitPrice: '',
    placeType: '',
    createdTime: '1684738540559',
    updatedTime: '1684738540561',
    cumFeeDetail: { MNT: '0.00242968' },
    ...fields,
  };
}

/** "Get Trade History". */
export function execution(symbol: string, orderId: string, fields: Fields = {}) {
  return {
    symbol,
    orderType: 'Market',
    underlyingPrice: '',
    orderLinkId: '',
    side: 'Buy',
    indexPrice: '',
    orderId,
    stopOrderType: 'UNKNOWN',
    leavesQty: '0',
    execTime: '1672282722429',
    feeCurrency: '',
    isMaker: false,
    execFee: '0.071409',
    feeRate: '0.0006',
    execId: 'e0000000-0000-4000-8000-000000000001',
    tradeIv: '',
    blockTradeId: '',
    markPrice: '1183.54',
    execPrice: '1190.15',
    markIv: '',
    orderQty: '0.1',
    orderPrice: '1236.9',
    execValue: '119.015',
    execType: 'Trade',
    execQty: '0.1',
    closedSize: '',
    extraFees: '',
    seq: 4_688_002_127,
    ...fields,
  };
}

/** "Get Transaction Log". */
export function logRow(type: string, currency: string, change: string, fields: Fields = {}) {
  return {
    transSubType: '',
    id: '1_XRPUSDT_1',
    symbol: '',
    side: 'None',
    funding: '',
    orderLinkId: '',
    orderId: '',
    fee: '0',
    change,
    cashFlow: change,
    transactionTime: '1672128000000',
    type,
    feeRate: '',
    bonusChange: '',
    size: '0',
    qty: '0',
    cashBalance: '5086.55825002',
    currency,
    category: '',
    tradePrice: '0',
    tradeId: '',
    extraFees: '',
    ...fields,
  };
}

/** "Get Wallet Balance". */
export function coin(name: string, walletBalance: string, fields: Fields = {}) {
  return {
    availableToBorrow: '3',
    bonus: '0',
    accruedInterest: '0',
    availableToWithdraw: '0',
    totalOrderIM: '0',
    equity: walletBalance,
    totalPositionMM: '0',
    usdValue: '0',
    spotHedgingQty: '0.01592413',
    unrealisedPnl: '0',
    collateralSwitch: true,
    borrowAmount: '0.0',
    totalPositionIM: '0',
    walletBalance,
    cumRealisedPnl: '0',
    locked: '0',
    marginCollateral: true,
    coin: name,
    ...fields,
  };
}

export function wallet(...coins: object[]) {
  return answer({ list: [{ totalEquity: '3.31216591', accountType: 'UNIFIED', accountLTV: '0', coin: coins }] });
}

export function list(category: string, ...rows: object[]) {
  return answer({ list: rows, nextPageCursor: '', category });
}

/** Requests of one category; of linear also of one settlement coin. */
export function of(category: string, settleCoin: string | null = null) {
  return (query: URLSearchParams): boolean =>
    query.get('category') === category && (settleCoin === null || query.get('settleCoin') === settleCoin);
}

const usdt = (base: string) => contract(`${base}USDT`, base, 'USDT', 'USDT', '0.001', '0.001');
const DATED = { contractType: 'InverseFutures', deliveryTime: '1798185600000' };
const MARKETS: Record<string, object[]> = {
  linear: [
    ...['BTC', 'ETH', 'XRP', 'LTC', 'SOL', 'DOGE'].map(usdt),
    contract('BTCPERP', 'BTC', 'USDC', 'USDC', '0.001', '0.001'),
    contract('ETHPERP', 'ETH', 'USDC', 'USDC', '0.01', '0.01'),
  ],
  inverse: [
    contract('BTCUSD', 'BTC', 'USD', 'BTC', '1', '1'),
    { ...contract('BTCUSDZ26', 'BTC', 'USD', 'BTC', '1', '1'), ...DATED },
  ],
  spot: [spotPair('BTCUSDT', 'BTC', 'USDT'), spotPair('ETHUSDT', 'ETH', 'USDT')],
};

export function serveMarkets(wire: WireServer): WireServer {
  const none = (request: WireRequest) => page([], request);
  return serveAccount(wire, { positions: {}, orders: {}, coins: [] })
    .route(PATHS.instruments, ({ query }: WireRequest) => {
      const category = query.get('category') ?? '';
      const isEmpty = query.get('status') === 'PreLaunch' || query.has('cursor');
      return answer({ category, nextPageCursor: '', list: isEmpty ? [] : MARKETS[category] });
    })
    .route(PATHS.history, none)
    .route(PATHS.executions, none)
    .route(PATHS.log, answer({ nextPageCursor: '', list: [] }));
}
