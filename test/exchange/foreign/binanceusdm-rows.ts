import type { ForeignAnswer } from './foreign-answers.js';

/* Positions, orders and balances of Binance USD-M futures. */

export const POSITIONS = '/fapi/v3/positionRisk';
export const OPEN_ORDERS = '/fapi/v1/openOrders';
export const ALGO_ORDERS = '/fapi/v1/openAlgoOrders';

export const DOCS = 'developers.binance.com, USDⓈ-M futures';
export const GO = 'ccxt/go-binance v2/futures';
export const NET = 'JKorf/Binance.Net, Binance.Net.UnitTests/Endpoints/UsdFutures';
export const NAUTILUS = 'nautechsystems/nautilus_trader, crates/adapters/binance/test_data/futures/http_json';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response/binance.json';

/** "Position Information V3". */
export const V3_ROW = {
  symbol: 'ADAUSDT',
  positionSide: 'BOTH',
  positionAmt: '30',
  entryPrice: '0.385',
  breakEvenPrice: '0.385077',
  markPrice: '0.41047590',
  unRealizedProfit: '0.76427700',
  liquidationPrice: '0',
  isolatedMargin: '0',
  notional: '12.31427700',
  marginAsset: 'USDT',
  isolatedWallet: '0',
  initialMargin: '0.61571385',
  maintMargin: '0.08004280',
  positionInitialMargin: '0.61571385',
  openOrderInitialMargin: '0',
  adl: 2,
  bidNotional: '0',
  askNotional: '0',
  updateTime: 1720736417660,
};

/** "Position Information V2". */
export const V2_ROW = {
  symbol: 'BTCUSDT',
  positionAmt: '0.001',
  entryPrice: '22185.2',
  breakEvenPrice: '0.0',
  markPrice: '21123.05052574',
  unRealizedProfit: '-1.06214947',
  liquidationPrice: '19731.45529116',
  leverage: '4',
  maxNotionalValue: '100000000',
  marginType: 'cross',
  isolatedMargin: '0.00000000',
  isAutoAddMargin: 'false',
  positionSide: 'LONG',
  notional: '21.12305052',
  isolatedWallet: '0',
  updateTime: 1655217461579,
};
export const V2_EMPTY = { ...V2_ROW, positionAmt: '0.000', entryPrice: '0.0', notional: '0', updateTime: 0 };

/** "Current All Open Orders". */
export const TRAILING = {
  avgPrice: '0.00000',
  clientOrderId: 'abc',
  cumQuote: '0',
  executedQty: '0',
  orderId: 1900001,
  origQty: '0.40',
  origType: 'TRAILING_STOP_MARKET',
  price: '0',
  reduceOnly: false,
  side: 'BUY',
  positionSide: 'SHORT',
  status: 'NEW',
  stopPrice: '9300',
  closePosition: false,
  symbol: 'BTCUSDT',
  time: 1579276756075,
  timeInForce: 'GTC',
  type: 'TRAILING_STOP_MARKET',
  activatePrice: '9020',
  priceRate: '0.3',
  updateTime: 1579276756075,
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
  priceMatch: 'NONE',
  selfTradePreventionMode: 'NONE',
  goodTillDate: 0,
};
export const LIMIT = {
  ...TRAILING,
  clientOrderId: 'testOrder',
  origQty: '0.001',
  origType: 'LIMIT',
  type: 'LIMIT',
  price: '50000.00',
  stopPrice: '0.00',
  positionSide: 'BOTH',
  activatePrice: undefined,
  priceRate: undefined,
};

/** "Current All Algo Open Orders". */
export const ALGO = {
  algoId: 2100001,
  clientAlgoId: 'M0000000000000000000AB',
  algoType: 'CONDITIONAL',
  orderType: 'TAKE_PROFIT',
  symbol: 'BNBUSDT',
  side: 'SELL',
  positionSide: 'BOTH',
  timeInForce: 'GTC',
  quantity: '0.01',
  algoStatus: 'NEW',
  actualOrderId: '',
  actualPrice: '0.00000',
  triggerPrice: '750.000',
  price: '750.000',
  icebergQuantity: null,
  tpTriggerPrice: '0.000',
  tpPrice: '0.000',
  slTriggerPrice: '0.000',
  slPrice: '0.000',
  tpOrderType: '',
  selfTradePreventionMode: 'EXPIRE_MAKER',
  workingType: 'CONTRACT_PRICE',
  priceMatch: 'NONE',
  closePosition: false,
  priceProtect: false,
  reduceOnly: false,
  createTime: 1750514941540,
  updateTime: 1750514941540,
  triggerTime: 0,
  goodTillDate: 0,
};
export const FINISHED = {
  ...ALGO,
  algoId: 1000000000000001,
  clientAlgoId: 'x-y0000000000000000000000000000',
  orderType: 'STOP_MARKET',
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: '0.002',
  algoStatus: 'FINISHED',
  actualOrderId: '970000000001',
  actualPrice: '69067.60000',
  actualQty: '0.002',
  actualType: 'MARKET',
  triggerPrice: '69080.20',
  price: '0.00',
  reduceOnly: true,
};

export function state(name: string, source: string, path: string, answer: object, state: object): ForeignAnswer {
  return { name, source, path, answer, reading: { state } };
}
