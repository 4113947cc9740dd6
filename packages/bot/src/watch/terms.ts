import { isFields, fieldsOf, isGiven, isTrue, textOf, wordOf, type Fields } from './fields.js';
import { aboveZero, compare, type Decimal } from './numbers.js';

export const TRIGGERS = [
  'triggerPrice',
  'stopPrice',
  'stopLossPrice',
  'takeProfitPrice',
  'triggerPx',
  'slTriggerPx',
  'tpTriggerPx',
] as const;
const TRAILING = ['trailingPercent', 'trailingAmount', 'trailingTriggerPrice', 'callbackRate', 'callbackRatio'];
const ATTACHED = ['stopLoss', 'takeProfit'];
/** The names of the client order id in ccxt and on its exchanges. */
const CLIENT_IDS = [
  'clientOrderId',
  'newClientOrderId',
  'clientAlgoId',
  'clOrdId',
  'algoClOrdId',
  'orderLinkId',
  'clientOid',
  'cliOrdId',
  'cloid',
  'text',
  'client_order_id',
  'origClientOrderId',
];
/** Parameters that ask for conditional orders instead of the regular ones. */
const CONDITIONAL_LISTS = ['trigger', 'stop', 'trailing', 'planType', 'orderFilter', 'ordType'];
const CONDITIONAL_TYPE = /stop|take|trail|trigger|conditional|oco|move_order|touched/;

export type Leg = 'long' | 'short' | null;

/** What a call to ccxt asks of the exchange, in the terms of the internal-state document. */
export interface Terms {
  symbol: string;
  side: string;
  type: string;
  /** In the exchange's unit, such as contracts. Null: a whole position, a value in the quote currency, or not known. */
  amount: Decimal | null;
  price: Decimal | null;
  triggerPrice: Decimal | null;
  secondTriggerPrice: Decimal | null;
  conditional: boolean;
  /** In hedge mode; else null. */
  leg: Leg;
  clientId: string | null;
  /** Whether the exchange makes a stop or take profit of its own for the order. */
  attached: boolean;
}

/**
 * @param asked symbol, type, side, amount, price and params of createOrder
 * @param byValue whether the amount is a value in the quote currency
 */
export function termsOf(asked: Fields, hedge: boolean, byValue: boolean): Terms {
  const params = fieldsOf(asked['params']);
  const side = wordOf(asked['side']);
  const triggers = TRIGGERS.map((name) => aboveZero(params[name])).filter((price) => price !== null);
  const [trigger = null, second = null] = triggers;
  const trails = TRAILING.some((name) => isGiven(params[name]));
  const asType = wordOf(asked['type']);
  const conditional = trigger !== null || trails || CONDITIONAL_TYPE.test(asType);
  const type = typeOf(asType, trails, conditional);
  const isWhole = isTrue(params['closePosition']);
  const isValue = byValue || isGiven(params['cost']) || isGiven(params['quoteOrderQty']);
  return {
    symbol: String(asked['symbol']),
    side,
    type,
    amount: isWhole || isValue ? null : aboveZero(asked['amount']),
    price: type.endsWith('market') ? null : aboveZero(asked['price']),
    triggerPrice: trigger,
    secondTriggerPrice: trigger !== null && second !== null && compare(trigger, second) !== 0 ? second : null,
    conditional,
    leg: hedge ? legOf(params, side) : null,
    clientId: clientIdIn(params),
    attached: ATTACHED.some((name) => isGiven(params[name])),
  };
}

function typeOf(asked: string, trails: boolean, conditional: boolean): string {
  if (trails && !asked.includes('trail')) return `trailing_stop_${asked}`;
  if (conditional && (asked === 'market' || asked === 'limit')) return `stop_${asked}`;
  return asked === '' ? 'limit' : asked;
}

export function clientIdIn(params: Fields): string | null {
  for (const name of CLIENT_IDS) {
    const id = textOf(params[name]);
    if (id !== null) return id;
  }
  return null;
}

/** Whether a read or a cancel asks for conditional orders. */
export function asksConditional(params: Fields): boolean {
  return CONDITIONAL_LISTS.some((name) => isGiven(params[name]) && params[name] !== false);
}

/** The part of a request for each of its `count` orders. */
export function eachRequest(request: unknown, count: number): Fields[] {
  let list = request;
  if (isFields(request)) {
    if (count === 1 && clientIdIn(request) !== null) return [request];
    list = Object.values(request).find((value) => Array.isArray(value) && value.length === count);
  }
  if (Array.isArray(list) && list.length === count) return list.map(fieldsOf);
  return Array.from({ length: count }, () => ({}));
}

/** The side of the position that the order is for, in hedge mode. */
function legOf(params: Fields, side: string): Leg {
  const named = wordOf(params['positionSide'] ?? params['posSide'] ?? params['holdSide']);
  if (named === 'long' || named === 'short') return named;
  const index = textOf(params['positionIdx']);
  if (index === '1' || index === '2') return index === '1' ? 'long' : 'short';
  return (side === 'buy') !== isTrue(params['reduceOnly']) ? 'long' : 'short';
}
