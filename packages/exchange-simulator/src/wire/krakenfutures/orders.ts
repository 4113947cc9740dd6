import { REFUSALS, KrakenError, type SendStatus } from './errors.js';
import { fillUuid, orderIdOf, orderUuid } from './ids.js';
import { listedMarkets, marketById, optionalMarketOf, symbolIdOf } from './markets.js';
import { derivatives, read, trade, type Route, type SignedCall } from './route.js';
import { clientIdOf, openOrderRow, orderJson, statusRow, timeOf, triggerJson } from './rows.js';
import { jsonNumber } from '../exact-body.js';
import { isConditional, type Order, type OrderRequest } from '../../engine/order.js';
import { Rejection } from '../../engine/rejection.js';
import { addDecimals } from '@plumbline/primitives/decimal';

/** How long "Get Specific Orders' Status" remembers an order that is no longer open. */
const STATUS_MEMORY_MS = 5_000;

const ORDER_TYPES = ['lmt', 'post', 'ioc', 'mkt', 'stp', 'take_profit', 'trailing_stop', 'fok'] as const;

/**
 * Orders. Pages under https://docs.kraken.com/api/docs/futures-api/trading/: get-open-orders, get-order-status,
 * send-order, edit-order-spring, cancel-order, cancel-all-orders. Costs:
 * https://docs.kraken.com/exchange/guides/futures/ratelimits
 *
 * `openorders` has no pages. `orders/status` requires a key with full access and is documented for POST; ccxt sends
 * GET.
 */
export const ORDERS: Route[] = [
  read('openorders', 2, (call) => ({
    openOrders: openOrders(call)
      .toReversed()
      .map((order) => rowOf(call, order)),
  })),
  derivatives('POST', 'orders/status', 'trade', 1, orderStatus),
  derivatives('GET', 'orders/status', 'trade', 1, orderStatus),
  trade('sendorder', 10, sendOrder),
  trade('editorder', 10, editOrder),
  trade('cancelorder', 10, cancelOrder),
  trade('cancelallorders', 25, cancelAllOrders),
];

function rowOf({ engine }: SignedCall, order: Order): Record<string, unknown> {
  return openOrderRow(order, engine.market(order.symbol));
}

function openOrders(call: SignedCall): Order[] {
  const listed = new Set(listedMarkets(call.engine).map(({ symbol }) => symbol));
  return call.account.open().filter(({ symbol }) => listed.has(symbol));
}

/** Unknown orders, and orders that ended more than five seconds ago, are left out. */
function orderStatus(call: SignedCall): Record<string, unknown> {
  const { account, engine, now, parameters } = call;
  const byId = parameters.list('orderIds').map((uuid) => account.findOrder({ id: orderIdOf(uuid) ?? '' }));
  const byClientId = parameters.list('cliOrdIds').map((clientOrderId) => account.findOrder({ clientOrderId }));
  const known = [...byId, ...byClientId].filter((order) => order !== null);
  const recent = known.filter(({ status, updatedAt }) => status === 'open' || now - updatedAt <= STATUS_MEMORY_MS);
  return { orders: recent.map((order) => statusRow(order, engine.market(order.symbol))) };
}

function sendOrder(call: SignedCall): Record<string, unknown> {
  const request = requestOf(call);
  const receivedTime = timeOf(call.now);
  const before = call.account.trades.length;
  let order: Order;
  try {
    order = call.engine.place(call.account.id, 'api', request);
  } catch (error) {
    const status = statusOfRefusal(error);
    return { sendStatus: { status, receivedTime, orderEvents: [] } };
  }
  const clientId = clientIdOf(order);
  return {
    sendStatus: {
      order_id: orderUuid(order.id),
      status: statusAfterPlacing(order),
      receivedTime,
      ...(clientId === null ? {} : { cliOrdId: clientId }),
      orderEvents: placingEvents(call, order, call.account.trades.length - before),
    },
  };
}

function requestOf({ engine, parameters }: SignedCall): OrderRequest {
  const orderType = parameters.oneOf('orderType', ORDER_TYPES);
  const limitPrice = parameters.decimal('limitPrice');
  const timeInForce = { post: 'GTX', ioc: 'IOC', fok: 'FOK' } as const;
  if (orderType === 'trailing_stop' && parameters.mandatory('trailingStopDeviationUnit') !== 'PERCENT') {
    throw new KrakenError('invalidArgument');
  }
  return {
    symbol: marketById(engine, parameters.mandatory('symbol')).symbol,
    side: parameters.oneOf('side', ['buy', 'sell']),
    type: engineTypeOf(orderType, limitPrice !== undefined),
    amount: parameters.decimal('size') ?? parameters.mandatory('size'),
    price: orderType === 'mkt' ? undefined : limitPrice,
    triggerPrice: parameters.decimal('stopPrice'),
    callbackPercent: parameters.decimal('trailingStopMaxDeviation'),
    clientOrderId: parameters.text('cliOrdId'),
    timeInForce: orderType in timeInForce ? timeInForce[orderType as keyof typeof timeInForce] : 'GTC',
    reduceOnly: parameters.flag('reduceOnly') ?? false,
  };
}

function engineTypeOf(orderType: (typeof ORDER_TYPES)[number], limited: boolean): OrderRequest['type'] {
  if (orderType === 'mkt') return 'market';
  if (orderType === 'stp') return limited ? 'stop' : 'stop_market';
  if (orderType === 'take_profit') return limited ? 'take_profit' : 'take_profit_market';
  return orderType === 'trailing_stop' ? 'trailing_stop_market' : 'limit';
}

function statusAfterPlacing(order: Order): SendStatus {
  if (order.endReason === 'post_only') return 'postWouldExecute';
  if (order.endReason === 'immediate_or_cancel' || order.endReason === 'fill_or_kill') return 'iocWouldNotExecute';
  return 'placed';
}

/** The immediate result: a rejection, an execution, or that the order was placed. */
function placingEvents({ engine, account }: SignedCall, order: Order, newTrades: number): unknown[] {
  const market = engine.market(order.symbol);
  if (isConditional(order.type)) return [{ type: 'PLACE', orderTrigger: triggerJson(order, market) }];
  const status = statusAfterPlacing(order);
  if (status !== 'placed') {
    const reason = status === 'postWouldExecute' ? 'POST_WOULD_EXECUTE' : 'IOC_WOULD_NOT_EXECUTE';
    return [{ type: 'REJECT', uid: orderUuid(order.id), reason, order: orderJson(order, market) }];
  }
  const trades = newTrades === 0 ? [] : account.trades.slice(-newTrades).filter(({ orderId }) => orderId === order.id);
  if (trades.length === 0) return [{ type: 'PLACE', order: orderJson(order, market), reducedQuantity: null }];
  let filled = '0';
  return trades.map(({ id, price, amount }) => {
    const prior = orderJson({ ...order, filled }, market);
    filled = addDecimals(filled, amount);
    return {
      type: 'EXECUTION',
      executionId: fillUuid(id),
      price: jsonNumber(price),
      amount: jsonNumber(amount),
      orderPriorEdit: null,
      orderPriorExecution: prior,
      takerReducedQuantity: null,
    };
  });
}

/** The size sent is that of the whole order. */
function editOrder(call: SignedCall): Record<string, unknown> {
  const { account, engine, parameters } = call;
  const receivedTime = timeOf(call.now);
  const old = namedOrder(call, 'orderId');
  if (old?.status !== 'open') return { editStatus: { status: 'orderForEditNotFound', receivedTime, orderEvents: [] } };
  const change = {
    price: parameters.decimal('limitPrice'),
    amount: parameters.decimal('size'),
    triggerPrice: parameters.decimal('stopPrice'),
  };
  const names = { orderId: orderUuid(old.id), cliOrdId: clientIdOf(old), receivedTime };
  try {
    const edited = engine.amend({ account: account.id, id: old.id }, change, 'api');
    const market = engine.market(old.symbol);
    const rowsOf = isConditional(old.type) ? triggerJson : orderJson;
    const event = { type: 'EDIT', old: rowsOf(old, market), new: rowsOf(edited, market), reducedQuantity: null };
    return { editStatus: { status: 'edited', ...names, orderEvents: [event] } };
  } catch (error) {
    return { editStatus: { status: statusOfRefusal(error), ...names, orderEvents: [] } };
  }
}

function cancelOrder(call: SignedCall): Record<string, unknown> {
  const receivedTime = timeOf(call.now);
  const order = namedOrder(call, 'order_id');
  if (order?.status !== 'open') {
    const status = order?.status === 'filled' ? 'filled' : 'notFound';
    return { cancelStatus: { status, receivedTime, orderEvents: [] } };
  }
  return {
    cancelStatus: {
      status: 'cancelled',
      order_id: orderUuid(order.id),
      receivedTime,
      ...(clientIdOf(order) === null ? {} : { cliOrdId: clientIdOf(order) }),
      orderEvents: [cancelEvent(call, order)],
    },
  };
}

function cancelAllOrders(call: SignedCall): Record<string, unknown> {
  const only = optionalMarketOf(call);
  const orders = openOrders(call).filter(({ symbol }) => only === null || symbol === only.symbol);
  return {
    cancelStatus: {
      receivedTime: timeOf(call.now),
      cancelOnly: only === null ? 'all' : symbolIdOf(only),
      status: orders.length === 0 ? 'noOrdersToCancel' : 'cancelled',
      cancelledOrders: orders.map((order) => ({ order_id: orderUuid(order.id), cliOrdId: clientIdOf(order) })),
      orderEvents: orders.map((order) => cancelEvent(call, order)),
    },
  };
}

function cancelEvent({ engine, account }: SignedCall, { id, symbol }: Order): Record<string, unknown> {
  const order = engine.cancel({ account: account.id, id }, 'api');
  const market = engine.market(symbol);
  const row = isConditional(order.type)
    ? { orderTrigger: triggerJson(order, market) }
    : { order: orderJson(order, market) };
  return { type: 'CANCEL', uid: orderUuid(id), ...row };
}

/** The order that the id or the client id names; throws if neither was sent. */
function namedOrder({ account, parameters }: SignedCall, idParameter: string): Order | null {
  const uuid = parameters.text(idParameter);
  if (uuid === undefined) return account.findOrder({ clientOrderId: parameters.mandatory('cliOrdId') });
  const id = orderIdOf(uuid);
  return id === null ? null : account.findOrder({ id });
}

function statusOfRefusal(error: unknown): SendStatus {
  const refusal = error instanceof Rejection ? REFUSALS[error.reason] : null;
  if (refusal === null || 'error' in refusal) throw error;
  return refusal.status;
}
