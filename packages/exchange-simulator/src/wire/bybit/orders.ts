import { BybitError, ORDER_NOT_FOUND, parameterError } from './errors.js';
import { askedTime, page, timeKey } from './pages.js';
import {
  chosenMarkets,
  marketById,
  marketsOf,
  read,
  trade,
  type Category,
  type Route,
  type SignedCall,
} from './route.js';
import { createdAtOf, isConditionalOrder, orderById, orderRow, shownId, shownOrders } from './rows.js';
import { placeRequestOf, setTradingStop } from './placing.js';
import type { Order } from '../../engine/order.js';
import { Rejection } from '../../engine/rejection.js';
import { isZero } from '@plumbline/primitives/decimal';

const DAY_MS = 86_400_000;
const LATEST_CLOSED = 500;

/**
 * Orders; conditional and TP/SL orders are listed with the others. Pages under
 * https://bybit-exchange.github.io/docs/v5/: order/open-order (Get Open & Closed Orders), order/order-list (Get Order
 * History), order/create-order, order/amend-order, order/cancel-order, order/cancel-all, position/trading-stop.
 */
export const ORDERS: Route[] = [
  read('/v5/order/realtime', 50, realtime),
  read('/v5/order/history', 50, history),
  trade('/v5/order/create', 10, create),
  trade('/v5/order/amend', 10, amend),
  trade('/v5/order/cancel', 10, cancel),
  trade('/v5/order/cancel-all', 10, cancelAll),
  trade('/v5/position/trading-stop', 10, setTradingStop),
];

/** Open orders; with `openOnly` 1 the latest 500 closed ones instead; a named order in either state. */
function realtime(call: SignedCall): unknown {
  const category = call.parameters.category();
  const closed = (): Order[] => shownOrders([...call.account.endedOrders.values()]).slice(-LATEST_CLOSED);
  const openOnly = call.parameters.text('openOnly') ?? '0';
  if (!['0', '1', '2'].includes(openOnly)) throw parameterError('openOnly invalid');
  const isNamed = isOrderNamed(call);
  const orders = isNamed ? [...call.account.open(), ...closed()] : openOnly === '0' ? call.account.open() : closed();
  return rowsOf(call, category, chosen(call, category, orders, true));
}

/**
 * Ended orders. Orders that never filled are kept for one day. Without a time the last seven days are searched; a named
 * order is found at any age.
 */
function history(call: SignedCall): unknown {
  const category = call.parameters.category();
  const { start, end, isDefault } = askedTime(call);
  const isNamed = isOrderNamed(call);
  const ended = shownOrders([...call.account.endedOrders.values()]).filter((order) => {
    const at = createdAtOf(order, call.account);
    const isKept = !isZero(order.filled) || call.now - order.updatedAt <= DAY_MS;
    return isKept && ((isNamed && isDefault) || (at >= start && at <= end));
  });
  return rowsOf(call, category, chosen(call, category, ended, false));
}

function isOrderNamed({ parameters }: SignedCall): boolean {
  return parameters.text('orderId') !== undefined || parameters.text('orderLinkId') !== undefined;
}

/**
 * Of `orderId`, `orderLinkId`, `symbol` and `baseCoin`, in this order, the first that is sent selects; the others have no
 * effect.
 */
function chosen(call: SignedCall, category: Category, orders: Order[], needsOne: boolean): Order[] {
  const { parameters } = call;
  const [id, linkId] = [parameters.text('orderId'), parameters.text('orderLinkId')];
  const markets = isOrderNamed(call) ? marketsOf(call.engine, category) : chosenMarkets(call, category, needsOne);
  const symbols = new Set(markets.map(({ symbol }) => symbol));
  const filter = parameters.text('orderFilter');
  return orders.filter((order) => {
    if (!symbols.has(order.symbol)) return false;
    if (id !== undefined) return shownId(order) === id;
    if (linkId !== undefined) return order.clientOrderId === linkId;
    if (filter === undefined) return true;
    return isConditionalOrder(order) === (filter !== 'Order');
  });
}

function rowsOf(call: SignedCall, category: Category, orders: Order[]): unknown {
  const { account } = call;
  const { list, nextPageCursor } = page(orders, call, {
    keyOf: (order) => timeKey(createdAtOf(order, account), shownId(order)),
    order: 'falling',
    byDefault: 20,
    atMost: 50,
  });
  const rows = list.map((order) => orderRow(order, call.engine.market(order.symbol), account));
  return { list: rows, nextPageCursor, category };
}

/** The answer only acknowledges; the result of the order must be queried. */
function create(call: SignedCall): unknown {
  const category = call.parameters.category();
  const market = marketById(call, category, call.parameters.mandatory('symbol'));
  const request = placeRequestOf(call, market);
  try {
    return acknowledged(call.engine.place(call.account.id, 'api', request));
  } catch (error) {
    if (!(error instanceof Rejection) || error.reason !== 'would_trigger_immediately') throw error;
    const rises = call.parameters.text('triggerDirection') === '1';
    const current = call.engine.price(market.symbol);
    throw rises
      ? new BybitError(110_092, `expect Rising, but trigger_price[${request.triggerPrice}] <= current[${current}]`)
      : new BybitError(110_093, `expect Falling, but trigger_price[${request.triggerPrice}] >= current[${current}]`);
  }
}

function acknowledged(order: Order): Record<string, string> {
  return { orderId: shownId(order), orderLinkId: order.clientOrderId };
}

/** The open order that `orderId` or `orderLinkId` names; the id takes precedence. */
function requestedOrder(call: SignedCall): Order {
  const market = marketById(call, call.parameters.category(), call.parameters.mandatory('symbol'));
  const [id, linkId] = [call.parameters.text('orderId'), call.parameters.text('orderLinkId')];
  if (id === undefined && linkId === undefined) throw parameterError('orderId or orderLinkId is required');
  const order = id === undefined ? call.account.findOrder({ clientOrderId: linkId }) : orderById(call.account, id);
  if (order === null || order.symbol !== market.symbol || order.status !== 'open') throw ORDER_NOT_FOUND;
  return order;
}

function amend(call: SignedCall): unknown {
  const order = requestedOrder(call);
  const { parameters } = call;
  const change = {
    price: parameters.text('price'),
    amount: parameters.text('qty'),
    triggerPrice: parameters.text('triggerPrice'),
  };
  if (Object.values(change).every((value) => value === undefined)) {
    throw new BybitError(10_001, 'The order remains unchanged as the parameters entered match the existing ones.');
  }
  return acknowledged(call.engine.amend({ account: call.account.id, id: order.id }, change, 'api'));
}

function cancel(call: SignedCall): unknown {
  const order = requestedOrder(call);
  return acknowledged(call.engine.cancel({ account: call.account.id, id: order.id }, 'api'));
}

function cancelAll(call: SignedCall): unknown {
  const category = call.parameters.category();
  const canceled = chosen(call, category, call.account.open(), true).flatMap(({ id }) => {
    // Looked up again: canceling an earlier order may have ended this one.
    if (!call.account.openOrders.has(id)) return [];
    return [acknowledged(call.engine.cancel({ account: call.account.id, id }, 'api'))];
  });
  return { list: canceled, success: '1' };
}
