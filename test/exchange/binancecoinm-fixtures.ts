import { algoRow as usdmAlgoRow, balanceRow, SERVER_TIME } from './binanceusdm-fixtures.js';
import type { WireServer } from './wire-server.js';

export { balanceRow, SERVER_TIME } from './binanceusdm-fixtures.js';

/*
 * Answers as developers.binance.com documents them for COIN-M futures ("Exchange Information", "Position Information", "Current
 * All Open Orders", "Futures Account Balance", ...). Conditional orders have the form of USD-M's algo service ("Important CM-UM
 * Integration Notice", C.5).
 */

/** A market of "Exchange Information". */
export function marketRow(id: string, pair: string, contractSize: number, contractType: string, deliveryDate: number) {
  const base = pair.replace('USD', '');
  return {
    symbol: id,
    pair,
    contractType,
    deliveryDate,
    onboardDate: 1_597_042_800_000,
    contractStatus: 'TRADING',
    contractSize,
    marginAsset: base,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: base,
    quoteAsset: 'USD',
    pricePrecision: 1,
    quantityPrecision: 0,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    equalQtyPrecision: 4,
    maxMoveOrderLimit: 10_000,
    triggerProtect: '0.0500',
    underlyingType: 'COIN',
    underlyingSubType: [],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.1', maxPrice: '4520958', tickSize: '0.1' },
      { filterType: 'LOT_SIZE', minQty: '1', maxQty: '1000000', stepSize: '1' },
      { filterType: 'MARKET_LOT_SIZE', minQty: '1', maxQty: '60000', stepSize: '1' },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}

const NO_DELIVERY = 4_133_404_800_000;

export const EXCHANGE_INFO = {
  timezone: 'UTC',
  serverTime: SERVER_TIME,
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
  exchangeFilters: [],
  symbols: [
    marketRow('BTCUSD_PERP', 'BTCUSD', 100, 'PERPETUAL', NO_DELIVERY),
    marketRow('ETHUSD_PERP', 'ETHUSD', 10, 'PERPETUAL', NO_DELIVERY),
    marketRow('BTCUSD_260327', 'BTCUSD', 100, 'CURRENT_QUARTER', Date.UTC(2026, 2, 27, 8)),
  ],
};

export function positionRow(symbolId: string, positionAmt: string, fields: Record<string, unknown> = {}) {
  return {
    symbol: symbolId,
    positionAmt,
    entryPrice: '60000.70000003',
    breakEvenPrice: '60024.80000005',
    markPrice: '61000.66626667',
    unRealizedProfit: '0.00005866',
    liquidationPrice: '0',
    leverage: '20',
    maxQty: '50',
    marginType: 'cross',
    isolatedMargin: '0.00000000',
    isAutoAddMargin: 'false',
    positionSide: 'BOTH',
    notionalValue: '0.00084827',
    isolatedWallet: '0',
    updateTime: SERVER_TIME - 3_600_000,
    ...fields,
  };
}

/** A symbol without a position, as the list has one for each. */
export function emptyRow(symbolId: string, positionSide = 'BOTH') {
  const nothing = { entryPrice: '0.0', breakEvenPrice: '0.0', markPrice: '0.00000000', unRealizedProfit: '0.00000000' };
  return positionRow(symbolId, '0', { ...nothing, positionSide, updateTime: 0 });
}

export function orderRow(symbolId: string, orderId: number, fields: Record<string, unknown> = {}) {
  return {
    avgPrice: '0.0',
    clientOrderId: `bot-${orderId}`,
    cumBase: '0',
    executedQty: '0',
    orderId,
    origQty: '4',
    origType: 'LIMIT',
    price: '60000',
    reduceOnly: false,
    side: 'BUY',
    positionSide: 'BOTH',
    status: 'NEW',
    stopPrice: '0',
    closePosition: false,
    symbol: symbolId,
    pair: symbolId.split('_')[0],
    time: SERVER_TIME - 7_200_000,
    timeInForce: 'GTC',
    type: 'LIMIT',
    updateTime: SERVER_TIME - 7_200_000,
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    ...fields,
  };
}

export function algoRow(symbolId: string, algoId: number, fields: Record<string, unknown> = {}) {
  return usdmAlgoRow(symbolId, algoId, { quantity: '5', ...fields });
}

export const PATHS = {
  exchangeInfo: '/dapi/v1/exchangeInfo',
  time: '/dapi/v1/time',
  positions: '/dapi/v1/positionRisk',
  openOrders: '/dapi/v1/openOrders',
  openAlgoOrders: '/dapi/v1/openAlgoOrders',
  positionMode: '/dapi/v1/positionSide/dual',
  order: '/dapi/v1/order',
  allOrders: '/dapi/v1/allOrders',
  userTrades: '/dapi/v1/userTrades',
  balance: '/dapi/v1/balance',
  forceOrders: '/dapi/v1/forceOrders',
  income: '/dapi/v1/income',
} as const;

/** An account with a perpetual long, a dated short, a regular order and a stop. */
export function serveAccount(wire: WireServer): WireServer {
  return wire
    .route(PATHS.exchangeInfo, EXCHANGE_INFO)
    .route(PATHS.time, { serverTime: SERVER_TIME })
    .route(PATHS.positions, [
      positionRow('BTCUSD_PERP', '12'),
      emptyRow('ETHUSD_PERP'),
      positionRow('BTCUSD_260327', '-3'),
    ])
    .route(PATHS.openOrders, [orderRow('ETHUSD_PERP', 1_917_641, { executedQty: '1', status: 'PARTIALLY_FILLED' })])
    .route(PATHS.openAlgoOrders, [algoRow('BTCUSD_PERP', 2_148_627)])
    .route(PATHS.positionMode, { dualSidePosition: false })
    .route(PATHS.balance, [balanceRow('BTC', '0.00250000'), balanceRow('ETH', '0.00000000')]);
}
