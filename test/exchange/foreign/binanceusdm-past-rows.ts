import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { ForeignAnswer } from './foreign-answers.js';

/* What became of orders, what happened to the account, portfolio margin, and refusals of Binance USD-M futures. */

export const DOCS = 'developers.binance.com, USDⓈ-M futures';
export const GO = 'ccxt/go-binance v2';
export const NET = 'JKorf/Binance.Net, Binance.Net.UnitTests/Endpoints/UsdFutures';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response/binance.json';

export const BTC = 'BTC/USDT:USDT';

/** "Query Order", of a limit order. */
export const ORDER = {
  avgPrice: '0.00000',
  clientOrderId: 'abc',
  cumQuote: '0',
  executedQty: '0',
  orderId: 1900001,
  origQty: '0.40',
  origType: 'LIMIT',
  price: '0',
  reduceOnly: false,
  side: 'BUY',
  positionSide: 'SHORT',
  status: 'NEW',
  stopPrice: '0',
  closePosition: false,
  symbol: 'BTCUSDT',
  time: 1579276756075,
  timeInForce: 'GTC',
  type: 'LIMIT',
  updateTime: 1579276756075,
};
export const ASKED = { id: '1900001', symbol: BTC, amount: '0.4' };

export const ALGO = {
  algoId: 2100001,
  clientAlgoId: '600000000000000000000A',
  algoType: 'CONDITIONAL',
  orderType: 'TAKE_PROFIT',
  symbol: 'BNBUSDT',
  side: 'SELL',
  positionSide: 'BOTH',
  timeInForce: 'GTC',
  quantity: '0.01',
  algoStatus: 'CANCELED',
  actualOrderId: '',
  actualPrice: '0.00000',
  triggerPrice: '750.000',
  price: '750.000',
  closePosition: false,
  createTime: 1750485492076,
  updateTime: 1750514545091,
  triggerTime: 0,
  goodTillDate: 0,
};
export const ALGO_ASKED = { id: '2100001', symbol: 'BNB/USDT:USDT', conditional: true, amount: '0.01' };

/** "User's Force Orders". */
export const FORCED = {
  orderId: 6000000001,
  symbol: 'BTCUSDT',
  status: 'FILLED',
  clientOrderId: 'autoclose-1596107620040000020',
  price: '10871.09',
  avgPrice: '10913.21000',
  origQty: '0.001',
  executedQty: '0.001',
  cumQuote: '10.91321',
  timeInForce: 'IOC',
  type: 'LIMIT',
  reduceOnly: false,
  closePosition: false,
  side: 'SELL',
  positionSide: 'BOTH',
  stopPrice: '0',
  workingType: 'CONTRACT_PRICE',
  origType: 'LIMIT',
  time: 1596107620044,
  updateTime: 1596107620087,
};

export const INCOME = { symbol: 'BTCUSDT', asset: 'USDT', info: '', tranId: 9600000001, tradeId: '' };

export function acted(
  kind: VenueAction['kind'],
  symbol: string,
  change: string,
  at: number,
  price: string | null = null,
): VenueAction {
  return { kind, symbol, change, price, at };
}

export function moved(name: string, source: string, rows: object[], happened: VenueAction[]): ForeignAnswer {
  const income = '/fapi/v1/income';
  return { name, source, path: income, answer: rows, reading: { currencies: ['USDT', 'BNB'], happened } };
}

export function ended(
  name: string,
  source: string,
  path: string,
  answer: object,
  asked: object,
  became: object,
): ForeignAnswer {
  return { name, source, path, answer, reading: { order: asked, became } };
}
