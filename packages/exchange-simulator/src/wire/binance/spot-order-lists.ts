import { BinanceError, NO_SUCH_ORDER, UNKNOWN_ORDER_SENT } from './errors.js';
import { newest } from './history.js';
import { marketOf, signed, type Route, type SignedCall } from './route.js';
import { rejected } from './spot-errors.js';
import { cancelIdOf, checkRests, decimalOf } from './spot-parameters.js';
import { cancelRow, CONDITIONAL_TYPES, orderListIdOf, orderResult, symbolIdOf } from './spot-rows.js';
import type { Market } from '../../engine/market.js';
import type { Order, OrderRequest } from '../../engine/order.js';
import { Rejection } from '../../engine/rejection.js';

const LEG_TYPES = ['LIMIT_MAKER', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'] as const;
type Leg = 'above' | 'below';

/**
 * OCO order lists of Binance spot. Pages under https://developers.binance.com/docs/binance-spot-api-docs/rest-api/:
 * trading-endpoints (New order list - OCO, Cancel order list) and account-endpoints (Query order list, Query all order
 * lists, Query open order lists).
 */
export const SPOT_ORDER_LISTS: Route[] = [
  signed('POST', '/api/v3/orderList/oco', 'TRADE', 1, newOco),
  signed('DELETE', '/api/v3/orderList', 'TRADE', 1, cancelList),
  signed('GET', '/api/v3/orderList', 'USER_DATA', 4, (call) => {
    const list = requestedList(call, 'origClientOrderId');
    if (list === null) throw NO_SUCH_ORDER;
    return listRow(call, list);
  }),
  signed('GET', '/api/v3/allOrderList', 'USER_DATA', 20, (call) =>
    newest(listIds(call), call).map((list) => listRow(call, list)),
  ),
  signed('GET', '/api/v3/openOrderList', 'USER_DATA', 6, (call) =>
    listIds(call)
      .filter((list) => isOpen(ordersOf(call, list)))
      .map((list) => listRow(call, list)),
  ),
];

/** One order above the price and one below it; the first that trades or triggers ends the other. */
function newOco(call: SignedCall): unknown {
  const market = marketOf(call);
  const { parameters, engine, account } = call;
  const side = parameters.oneOf('side', ['BUY', 'SELL'], -1117, 'Invalid side.') === 'BUY' ? 'buy' : 'sell';
  const [above, below] = [typeOf(call, 'above'), typeOf(call, 'below')];
  if (above === 'LIMIT_MAKER' && below === 'LIMIT_MAKER') {
    throw new BinanceError(400, -1168, 'At least one OCO order must be contingent.');
  }
  if (side === 'buy' && above === 'LIMIT_MAKER') {
    throw new BinanceError(400, -1165, 'A limit order in a buy OCO must be below.');
  }
  if (side === 'sell' && below === 'LIMIT_MAKER') {
    throw new BinanceError(400, -1166, 'A limit order in a sell OCO must be above.');
  }
  const note = parameters.text('listClientOrderId');
  const legs = [legOf(call, market, side, 'below', below), legOf(call, market, side, 'above', above)];
  const placed = placeLegs(() =>
    engine.placeList(
      account.id,
      'api',
      legs.map((leg) => ({ ...leg, note })),
    ),
  );
  const list = placed[0]?.listId ?? '';
  return listReport(call, list, (order) => orderResult(order, market));
}

function typeOf({ parameters }: SignedCall, leg: Leg): (typeof LEG_TYPES)[number] {
  return parameters.oneOf(`${leg}Type`, LEG_TYPES, -1158, 'Order type not supported in OCO.');
}

function legOf(
  call: SignedCall,
  market: Market,
  side: 'buy' | 'sell',
  leg: Leg,
  type: (typeof LEG_TYPES)[number],
): OrderRequest {
  const common = {
    symbol: market.symbol,
    side,
    amount: decimalOf(call, 'quantity'),
    clientOrderId: call.parameters.text(`${leg}ClientOrderId`),
  };
  if (type === 'LIMIT_MAKER') {
    const price = decimalOf(call, `${leg}Price`);
    checkRests(call, market, side, price);
    return { ...common, type: 'limit', price, timeInForce: 'GTX' };
  }
  const triggerPrice = decimalOf(call, `${leg}StopPrice`);
  if (type === 'STOP_LOSS' || type === 'TAKE_PROFIT') return { ...common, type: CONDITIONAL_TYPES[type], triggerPrice };
  const timeInForce = call.parameters.oneOf(`${leg}TimeInForce`, ['GTC', 'IOC', 'FOK'], -1115, 'Invalid timeInForce.');
  return {
    ...common,
    type: CONDITIONAL_TYPES[type],
    triggerPrice,
    price: decimalOf(call, `${leg}Price`),
    timeInForce,
  };
}

/** A leg on the wrong side of the price has a specific error. */
function placeLegs(place: () => Order[]): Order[] {
  try {
    return place();
  } catch (error) {
    if (error instanceof Rejection && error.reason === 'would_trigger_immediately') {
      throw rejected('The relationship of the prices for the orders is not correct.');
    }
    throw error;
  }
}

function cancelList(call: SignedCall): unknown {
  const market = marketOf(call);
  const list = requestedList(call, 'listClientOrderId');
  const open = list === null ? undefined : ordersOf(call, list).find(({ status }) => status === 'open');
  if (list === null || open === undefined || open.symbol !== market.symbol) throw UNKNOWN_ORDER_SENT;
  call.engine.cancel({ account: call.account.id, id: open.id }, 'api');
  return listReport(call, list, (order) => cancelRow(order, market, cancelIdOf(call, order)));
}

/** The list that `orderListId` names, or the given parameter by its client id; null if there is none. */
function requestedList(call: SignedCall, clientIdParameter: string): string | null {
  const id = call.parameters.integer('orderListId');
  const clientId = call.parameters.text(clientIdParameter);
  if (id === undefined && clientId === undefined) {
    throw new BinanceError(
      400,
      -1102,
      `Param '${clientIdParameter}' or 'orderListId' must be sent, but both were empty/null!`,
    );
  }
  const isMeant = (list: string): boolean =>
    id === undefined ? clientIdOf(ordersOf(call, list), list) === clientId : orderListIdOf(list) === id;
  return listIds(call).findLast(isMeant) ?? null;
}

/** Oldest first. */
function listIds(call: SignedCall): string[] {
  return [...new Set(call.account.allOrders().flatMap(({ listId }) => listId ?? []))];
}

function ordersOf({ account }: SignedCall, list: string): Order[] {
  return account.allOrders().filter(({ listId }) => listId === list);
}

function isOpen(orders: readonly Order[]): boolean {
  return orders.some(({ status }) => status === 'open');
}

function clientIdOf(orders: readonly Order[], list: string): string {
  return orders[0]?.note ?? `list-${list}`;
}

function listRow(call: SignedCall, list: string): Record<string, unknown> {
  const orders = ordersOf(call, list);
  const [first] = orders;
  const symbol = first === undefined ? '' : symbolIdOf(call.engine.market(first.symbol));
  const open = isOpen(orders);
  return {
    orderListId: orderListIdOf(list),
    contingencyType: 'OCO',
    listStatusType: open ? 'EXEC_STARTED' : 'ALL_DONE',
    listOrderStatus: open ? 'EXECUTING' : 'ALL_DONE',
    listClientOrderId: clientIdOf(orders, list),
    transactionTime: Math.max(...orders.map(({ updatedAt }) => updatedAt)),
    symbol,
    orders: orders.map(({ id, clientOrderId }) => ({ symbol, orderId: Number(id), clientOrderId })),
  };
}

/** A list with a report of each of its orders. */
export function listReport(call: SignedCall, list: string, reportOf: (order: Order) => unknown): unknown {
  return { ...listRow(call, list), orderReports: ordersOf(call, list).map(reportOf) };
}
