import { BinanceError, mandatoryParameter, NO_SUCH_ORDER, UNKNOWN_ORDER_SENT } from './errors.js';
import { algoOrderRow, isAlgoOrder, orderResult, orderRow } from './futures-rows.js';
import { isForgotten, newest, within } from './history.js';
import { marketOf, optionalMarketOf, signed, type Route, type SignedCall } from './route.js';
import { TIMES_IN_FORCE, type Order, type OrderRequest, type OrderType } from '../../engine/order.js';

/**
 * Regular and algo (conditional) orders of USD-M futures. Pages under
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/: New-Order, Modify-Order,
 * Cancel-Order, Cancel-All-Open-Orders, Query-Order, All-Orders, Current-All-Open-Orders, Query-Current-Open-Order,
 * New-Algo-Order, Cancel-Algo-Order, Cancel-All-Algo-Open-Orders, Query-Algo-Order, Current-All-Algo-Open-Orders,
 * Query-All-Algo-Orders.
 */
export const FUTURES_ORDERS: Route[] = [
  signed('GET', '/fapi/v1/openOrders', 'USER_DATA', { withSymbol: 1, without: 40 }, (call) =>
    openOrders(call)
      .filter((order) => !isAlgoOrder(order))
      .map((order) => orderRow(order, call.engine.market(order.symbol))),
  ),
  signed('GET', '/fapi/v1/openOrder', 'USER_DATA', 1, (call) => {
    const order = requestedOrder(call, NO_SUCH_ORDER);
    if (order.status !== 'open') throw NO_SUCH_ORDER;
    return orderRow(order, marketOf(call));
  }),
  signed('GET', '/fapi/v1/order', 'USER_DATA', 1, (call) => {
    const order = requestedOrder(call, NO_SUCH_ORDER);
    if (isForgotten(order, call.now)) throw NO_SUCH_ORDER;
    return orderRow(order, marketOf(call));
  }),
  signed('GET', '/fapi/v1/allOrders', 'USER_DATA', 5, (call) => {
    const market = marketOf(call);
    return history(call, 'orderId', (order) => !isAlgoOrder(order)).map((order) => orderRow(order, market));
  }),
  signed('POST', '/fapi/v1/order', 'TRADE', 0, newOrder),
  signed('PUT', '/fapi/v1/order', 'TRADE', 0, modifyOrder),
  signed('DELETE', '/fapi/v1/order', 'TRADE', 1, (call) => {
    const order = requestedOrder(call, UNKNOWN_ORDER_SENT);
    const canceled = call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return orderResult(canceled, marketOf(call));
  }),
  signed('DELETE', '/fapi/v1/allOpenOrders', 'TRADE', 1, (call) => cancelAll(call, (order) => !isAlgoOrder(order))),

  signed('GET', '/fapi/v1/openAlgoOrders', 'USER_DATA', { withSymbol: 1, without: 40 }, (call) => {
    const algoId = call.parameters.integer('algoId');
    return openOrders(call)
      .filter((order) => isAlgoOrder(order) && (algoId === undefined || Number(order.id) === algoId))
      .map((order) => algoRow(call, order));
  }),
  signed('GET', '/fapi/v1/algoOrder', 'USER_DATA', 1, (call) => {
    const order = requestedAlgoOrder(call, NO_SUCH_ORDER);
    if (isForgotten(order, call.now)) throw NO_SUCH_ORDER;
    return algoRow(call, order);
  }),
  signed('GET', '/fapi/v1/allAlgoOrders', 'USER_DATA', 5, (call) => {
    marketOf(call);
    return history(call, 'algoId', isAlgoOrder).map((order) => algoRow(call, order));
  }),
  signed('POST', '/fapi/v1/algoOrder', 'TRADE', 0, newAlgoOrder),
  signed('DELETE', '/fapi/v1/algoOrder', 'TRADE', 1, (call) => {
    const order = requestedAlgoOrder(call, UNKNOWN_ORDER_SENT);
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return { algoId: Number(order.id), clientAlgoId: order.clientOrderId, code: '200', msg: 'success' };
  }),
  signed('DELETE', '/fapi/v1/algoOpenOrders', 'TRADE', 1, (call) => cancelAll(call, isAlgoOrder)),
];

const SIDES = { BUY: 'buy', SELL: 'sell' } as const;
const POSITION_SIDES = { LONG: 'long', SHORT: 'short' } as const;
const ALGO_TYPES = {
  STOP: 'stop',
  STOP_MARKET: 'stop_market',
  TAKE_PROFIT: 'take_profit',
  TAKE_PROFIT_MARKET: 'take_profit_market',
  TRAILING_STOP_MARKET: 'trailing_stop_market',
} as const;

function openOrders(call: SignedCall): Order[] {
  const only = optionalMarketOf(call);
  const listed = new Set(call.markets.all(call.engine).map(({ symbol }) => symbol));
  return call.account.open().filter(({ symbol }) => (only === null ? listed.has(symbol) : symbol === only.symbol));
}

function algoRow(call: SignedCall, order: Order): Record<string, unknown> {
  return algoOrderRow(order, call.engine.market(order.symbol), call.account);
}

/** The regular order that `orderId` or `origClientOrderId` names; the id takes precedence. */
function requestedOrder(call: SignedCall, notFound: BinanceError): Order {
  const market = marketOf(call);
  const id = call.parameters.integer('orderId');
  const clientId = call.parameters.text('origClientOrderId');
  if (id === undefined && clientId === undefined) {
    throw new BinanceError(
      400,
      -1102,
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
  }
  const order = found(call, id, clientId, (candidate) => !isAlgoOrder(candidate) && candidate.symbol === market.symbol);
  if (order === null) throw notFound;
  return order;
}

function requestedAlgoOrder(call: SignedCall, notFound: BinanceError): Order {
  const id = call.parameters.integer('algoId');
  const clientId = call.parameters.text('clientAlgoId');
  if (id === undefined && clientId === undefined) {
    throw new BinanceError(400, -1102, "Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!");
  }
  const order = found(call, id, clientId, isAlgoOrder);
  if (order === null) throw notFound;
  return order;
}

/** The order with the id, otherwise the latest one with the client id. */
function found(
  { account }: SignedCall,
  id: number | undefined,
  clientId: string | undefined,
  matches: (order: Order) => boolean,
): Order | null {
  if (id !== undefined) {
    const order = account.findOrder({ id: String(id) });
    return order !== null && matches(order) ? order : null;
  }
  return account.allOrders().findLast((order) => order.clientOrderId === clientId && matches(order)) ?? null;
}

/** From an id on, or the newest of the requested time; oldest first. */
function history(call: SignedCall, idParameter: string, matches: (order: Order) => boolean): Order[] {
  const market = marketOf(call);
  const orders = call.account
    .allOrders()
    .filter((order) => matches(order) && order.symbol === market.symbol && !isForgotten(order, call.now));
  const fromId = call.parameters.integer(idParameter);
  if (fromId === undefined)
    return newest(
      within(orders, call, ({ createdAt }) => createdAt),
      call,
    );
  return orders.filter(({ id }) => Number(id) >= fromId).slice(0, call.parameters.integer('limit') ?? 500);
}

function newOrder(call: SignedCall): unknown {
  const market = marketOf(call);
  const type = call.parameters.mandatory('type');
  if (type in ALGO_TYPES) {
    throw new BinanceError(
      400,
      -4120,
      'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
    );
  }
  if (type !== 'LIMIT' && type !== 'MARKET') throw new BinanceError(400, -1116, 'Invalid orderType.');
  if (type === 'LIMIT') call.parameters.mandatory('timeInForce');
  const request: OrderRequest = {
    ...commonRequest(call, type === 'LIMIT' ? 'limit' : 'market'),
    clientOrderId: call.parameters.text('newClientOrderId'),
  };
  const order = call.engine.place(call.account.id, 'api', request);
  const isAcknowledgement = call.parameters.text('newOrderRespType') !== 'RESULT';
  // ACK, the default, answers before the order has met the market.
  const shown: Order = isAcknowledgement ? { ...order, status: 'open', filled: '0', filledValue: '0' } : order;
  return orderResult(shown, market);
}

function newAlgoOrder(call: SignedCall): unknown {
  marketOf(call);
  call.parameters.oneOf('algoType', ['CONDITIONAL'], -1130, "Data sent for parameter 'algoType' is not valid.");
  const type = call.parameters.oneOf('type', keysOf(ALGO_TYPES), -1116, 'Invalid orderType.');
  const order = call.engine.place(call.account.id, 'api', {
    ...commonRequest(call, ALGO_TYPES[type]),
    clientOrderId: call.parameters.text('clientAlgoId'),
    triggerPrice: call.parameters.text('triggerPrice'),
    closePosition: call.parameters.flag('closePosition'),
    callbackPercent: call.parameters.text('callbackRate'),
    activationPrice: call.parameters.text('activatePrice'),
  });
  return algoRow(call, order);
}

function commonRequest(call: SignedCall, type: OrderType): OrderRequest {
  const { parameters } = call;
  const side = parameters.oneOf('side', keysOf(SIDES), -1117, 'Invalid side.');
  const positionSide = parameters.has('positionSide')
    ? parameters.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], -4060, 'Invalid position side.')
    : 'BOTH';
  return {
    symbol: marketOf(call).symbol,
    side: SIDES[side],
    type,
    amount: parameters.text('quantity'),
    price: parameters.text('price'),
    positionSide: positionSide === 'BOTH' ? undefined : POSITION_SIDES[positionSide],
    timeInForce: parameters.has('timeInForce')
      ? parameters.oneOf('timeInForce', TIMES_IN_FORCE, -1115, 'Invalid timeInForce.')
      : undefined,
    goodTillDate: parameters.integer('goodTillDate'),
    reduceOnly: parameters.flag('reduceOnly'),
  };
}

/** Both price and quantity must be sent. */
function modifyOrder(call: SignedCall): unknown {
  const order = requestedOrder(call, NO_SUCH_ORDER);
  const side = call.parameters.oneOf('side', keysOf(SIDES), -1117, 'Invalid side.');
  if (SIDES[side] !== order.side) throw mandatoryParameter('side');
  const change = { price: call.parameters.mandatory('price'), amount: call.parameters.mandatory('quantity') };
  return orderResult(call.engine.amend({ account: call.account.id, id: order.id }, change, 'api'), marketOf(call));
}

function cancelAll(call: SignedCall, matches: (order: Order) => boolean): unknown {
  const market = marketOf(call);
  for (const { id } of call.account.open().filter((order) => order.symbol === market.symbol && matches(order))) {
    call.engine.cancel({ account: call.account.id, id }, 'api');
  }
  return { code: 200, msg: 'The operation of cancel all open order is done.' };
}

function keysOf<const T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[];
}
