import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { ForeignAnswer } from './foreign-answers.js';

/* Answers of Binance COIN-M futures. One contract of BTC is worth 100 USD, one of ETH 10 USD. */

export const POSITIONS = '/dapi/v1/positionRisk';
export const OPEN_ORDERS = '/dapi/v1/openOrders';
export const ALGO_ORDERS = '/dapi/v1/openAlgoOrders';
export const INCOME = '/dapi/v1/income';

export const DOCS = 'developers.binance.com, COIN-M futures';
export const GO = 'ccxt/go-binance v2/delivery';
export const NET = 'JKorf/Binance.Net, Binance.Net.UnitTests/Endpoints/CoinFutures';
export const CONNECTOR = 'binance/binance-connector-js, clients/derivatives-trading-coin-futures/tests/unit';

export const DATED = 'BTC/USD:BTC-200925';
export const LATER = 'BTC/USD:BTC-201225';

/** "Position Information". */
export const POSITION = {
  symbol: 'BTCUSD_201225',
  positionAmt: '1',
  entryPrice: '11707.70000003',
  breakEvenPrice: '11707.80000005',
  markPrice: '11788.66626667',
  unRealizedProfit: '0.00005866',
  liquidationPrice: '11667.63509587',
  leverage: '125',
  maxQty: '50',
  marginType: 'cross',
  isolatedMargin: '0.00000000',
  isAutoAddMargin: 'false',
  positionSide: 'LONG',
  updateTime: 1627026881327,
};
export const NONE = {
  ...POSITION,
  positionAmt: '0',
  entryPrice: '0.0',
  breakEvenPrice: '0.0',
  markPrice: '0.00000000',
  liquidationPrice: '0',
};
export const HEDGED = [{ ...NONE, positionSide: 'BOTH', updateTime: 0 }, POSITION, { ...NONE, positionSide: 'SHORT' }];
export const LONG = { positionMode: 'hedge', positions: [{ symbol: LATER, side: 'long', amount: '100' }] };

/** "Current All Open Orders". */
export const TRAILING = {
  avgPrice: '0.0',
  clientOrderId: 'abc',
  cumBase: '0',
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
  symbol: 'BTCUSD_200925',
  pair: 'BTCUSD',
  time: 1579276756075,
  timeInForce: 'GTC',
  type: 'TRAILING_STOP_MARKET',
  activatePrice: '9020',
  priceRate: '0.3',
  updateTime: 1579276756075,
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
};
export const READ_TRAILING = {
  id: '1900001',
  symbol: DATED,
  triggerPrice: '9020',
  price: null,
  amount: '40',
  conditional: true,
};
export const LIMIT = {
  ...TRAILING,
  type: 'LIMIT',
  origType: 'LIMIT',
  stopPrice: '0',
  activatePrice: undefined,
  priceRate: undefined,
};

/** "User's Force Orders". */
export const FORCED = {
  orderId: 160000001,
  symbol: 'BTCUSD_200925',
  pair: 'BTCUSD',
  status: 'FILLED',
  clientOrderId: 'autoclose-1596542005017000006',
  price: '11326.9',
  avgPrice: '11326.9',
  origQty: '1',
  executedQty: '1',
  cumBase: '0.00882854',
  timeInForce: 'IOC',
  type: 'LIMIT',
  reduceOnly: false,
  closePosition: false,
  side: 'SELL',
  positionSide: 'BOTH',
  stopPrice: '0',
  time: 1596542005019,
  updateTime: 1596542005050,
};

export const ALGO = {
  algoId: 2100001,
  clientAlgoId: '600000000000000000000A',
  algoType: 'CONDITIONAL',
  orderType: 'STOP_MARKET',
  symbol: 'BTCUSD_PERP',
  side: 'SELL',
  positionSide: 'BOTH',
  timeInForce: 'GTC',
  quantity: '2',
  algoStatus: 'NEW',
  triggerPrice: '49000',
  price: '0',
  closePosition: false,
  updateTime: 1782800000000,
};

export const ASKED = { id: '1900001', symbol: DATED, amount: '40' };

export function state(name: string, source: string, path: string, answer: object, state: object): ForeignAnswer {
  return { name, source, path, answer, reading: { state } };
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
  return { name, source, path: INCOME, answer: rows, reading: { currencies: ['BTC'], happened } };
}

export const MOVED = { symbol: 'BTCUSD_200925', asset: 'BTC', info: '', tranId: '9600000001', tradeId: '' };
export const TRANSFER = {
  ...MOVED,
  symbol: '',
  incomeType: 'TRANSFER',
  income: '-0.37500000',
  info: 'WITHDRAW',
  time: 1570608000000,
};
export const COMMISSION = {
  ...MOVED,
  incomeType: 'COMMISSION',
  income: '-0.01000000',
  time: 1570636800000,
  tradeId: '2000001',
};
export const BOTH = [acted('transfer', 'BTC', '-0.375', 1570608000000), acted('fee', 'BTC', '-0.01', 1570636800000)];
