import { BinanceError, NO_SUCH_ORDER, UNKNOWN_ORDER_SENT } from './errors.js';
import { marketOf, optionalMarketOf, signed, type Route, type SignedCall } from './route.js';
import { rejected } from './spot-errors.js';
import { listReport } from './spot-order-lists.js';
import { cancelIdOf, checkRests, decimalOf } from './spot-parameters.js';
import { cancelRow, CONDITIONAL_TYPES, fillRow, orderAcknowledgement, orderResult, orderRow } from './spot-rows.js';
import type { Market } from '../../engine/market.js';
import type { Order, OrderRequest } from '../../engine/order.js';
import { divideDecimals, floorToStep } from '../../engine/rounding.js';
import { isZero } from '@plumbline/primitives/decimal';

const ARCHIVED_AFTER_MS = 90 * 86_400_000;
const ARCHIVED = 'Order was canceled or expired with no executed qty over 90 days ago and has been archived.';
const SIDES = { BUY: 'buy', SELL: 'sell' } as const;
const TYPES = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;

/**
 * Orders of Binance spot. Pages under https://developers.binance.com/docs/binance-spot-api-docs/rest-api/: trading-endpoints
 * (New order, Test new order, Cancel order, Cancel all open orders) and account-endpoints (Query order, Current open orders).
 */
export const SPOT_ORDERS: Route[] = [
  signed('GET', '/api/v3/openOrders', 'USER_DATA', { withSymbol: 6, without: 80 }, (call) =>
    openOrders(call).map((order) => orderRow(order, call.engine.market(order.symbol))),
  ),
  signed('GET', '/api/v3/order', 'USER_DATA', 4, (call) => {
    const order = requestedOrder(call, NO_SUCH_ORDER);
    const endedUnfilled = (order.status === 'canceled' || order.status === 'expired') && isZero(order.filled);
    if (endedUnfilled && call.now - order.updatedAt > ARCHIVED_AFTER_MS) throw new BinanceError(400, -2026, ARCHIVED);
    return orderRow(order, marketOf(call));
  }),
  signed('POST', '/api/v3/order', 'TRADE', 1, newOrder),
  signed('POST', '/api/v3/order/test', 'TRADE', 1, (call) => {
    requestOf(call);
    return {};
  }),
  signed('DELETE', '/api/v3/order', 'TRADE', 1, cancelOrder),
  signed('DELETE', '/api/v3/openOrders', 'TRADE', 1, cancelAll),
];

function openOrders(call: SignedCall): Order[] {
  const only = optionalMarketOf(call);
  const listed = new Set(call.markets.all(call.engine).map(({ symbol }) => symbol));
  return call.account.open().filter(({ symbol }) => (only === null ? listed.has(symbol) : symbol === only.symbol));
}

/** The order that `orderId` or `origClientOrderId` names; the id takes precedence. */
function requestedOrder(call: SignedCall, notFound: BinanceError): Order {
  const market = marketOf(call);
  const id = call.parameters.integer('orderId');
  const clientOrderId = call.parameters.text('origClientOrderId');
  if (id === undefined && clientOrderId === undefined) {
    throw new BinanceError(
      400,
      -1102,
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
  }
  const order =
    id === undefined
      ? call.account
          .allOrders()
          .findLast((each) => each.clientOrderId === clientOrderId && each.symbol === market.symbol)
      : call.account.findOrder({ id: String(id) });
  if (order === null || order === undefined || order.symbol !== market.symbol) throw notFound;
  return order;
}

/** ACK reports the names, RESULT the order, FULL its fills as well. */
function newOrder(call: SignedCall): unknown {
  const market = marketOf(call);
  const request = requestOf(call);
  const order = call.engine.place(call.account.id, 'api', request);
  const byDefault = request.type === 'limit' || request.type === 'market' ? 'FULL' : 'ACK';
  const answer = call.parameters.text('newOrderRespType') ?? byDefault;
  if (answer === 'ACK') return orderAcknowledgement(order, market);
  const fills = call.account.trades.filter(({ orderId }) => orderId === order.id).map(fillRow);
  return { ...orderResult(order, market), ...(answer === 'FULL' ? { fills } : {}) };
}

function requestOf(call: SignedCall): OrderRequest {
  const { parameters } = call;
  const market = marketOf(call);
  const side = SIDES[parameters.oneOf('side', ['BUY', 'SELL'], -1117, 'Invalid side.')];
  const type = parameters.oneOf('type', TYPES, -1116, 'Invalid orderType.');
  const common = { symbol: market.symbol, side, clientOrderId: parameters.text('newClientOrderId') };
  switch (type) {
    case 'MARKET':
      return { ...common, type: 'market', amount: marketAmount(call, market) };
    case 'LIMIT':
      return { ...common, type: 'limit', ...limitTerms(call), timeInForce: timeInForceOf(call) };
    case 'LIMIT_MAKER': {
      const terms = limitTerms(call);
      checkRests(call, market, side, terms.price);
      return { ...common, type: 'limit', ...terms, timeInForce: 'GTX' };
    }
    case 'STOP_LOSS':
    case 'TAKE_PROFIT':
      if (parameters.has('trailingDelta')) return { ...common, ...trailingTerms(call, type) };
      return { ...common, type: CONDITIONAL_TYPES[type], amount: decimalOf(call, 'quantity'), ...triggerOf(call) };
    case 'STOP_LOSS_LIMIT':
    case 'TAKE_PROFIT_LIMIT':
      return {
        ...common,
        type: CONDITIONAL_TYPES[type],
        ...limitTerms(call),
        ...triggerOf(call),
        timeInForce: timeInForceOf(call),
      };
  }
}

function limitTerms(call: SignedCall): { amount: string; price: string } {
  return { amount: decimalOf(call, 'quantity'), price: decimalOf(call, 'price') };
}

function triggerOf(call: SignedCall): { triggerPrice: string } {
  return { triggerPrice: decimalOf(call, 'stopPrice') };
}

/** `trailingDelta` is in hundredths of a percent. The engine trails only stops, and only as market orders. */
function trailingTerms(call: SignedCall, type: string): Pick<OrderRequest, 'type' | 'amount' | 'callbackPercent'> {
  if (type !== 'STOP_LOSS') throw rejected('Trailing stop orders are not supported for this symbol.');
  const delta = call.parameters.integer('trailingDelta') ?? 0;
  return {
    type: 'trailing_stop_market',
    amount: decimalOf(call, 'quantity'),
    callbackPercent: divideDecimals(String(delta), '100'),
  };
}

/** By `quantity`, or for the amount of quote currency in `quoteOrderQty`. */
function marketAmount(call: SignedCall, market: Market): string {
  if (call.parameters.has('quantity')) return decimalOf(call, 'quantity');
  if (!call.parameters.has('quoteOrderQty')) {
    throw new BinanceError(400, -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
  }
  const wanted = divideDecimals(decimalOf(call, 'quoteOrderQty'), call.engine.price(market.symbol));
  return floorToStep(wanted, market.amountStep);
}

function timeInForceOf({ parameters }: SignedCall): 'GTC' | 'IOC' | 'FOK' {
  return parameters.oneOf('timeInForce', ['GTC', 'IOC', 'FOK'], -1115, 'Invalid timeInForce.');
}

/** Canceling one order of a list cancels the whole list. */
function cancelOrder(call: SignedCall): unknown {
  const order = requestedOrder(call, UNKNOWN_ORDER_SENT);
  const canceled = call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
  return cancelRow(canceled, marketOf(call), cancelIdOf(call, canceled));
}

function cancelAll(call: SignedCall): unknown {
  const market = marketOf(call);
  const open = call.account.open().filter(({ symbol }) => symbol === market.symbol);
  if (open.length === 0) throw UNKNOWN_ORDER_SENT;
  const reports: unknown[] = [];
  for (const { id } of open) {
    // An order of a list that was canceled with an earlier one is reported there.
    if (!call.account.openOrders.has(id)) continue;
    const canceled = call.engine.cancel({ account: call.account.id, id }, 'api');
    reports.push(
      canceled.listId === null
        ? cancelRow(canceled, market, cancelIdOf(call, canceled))
        : listReport(call, canceled.listId, (order) => cancelRow(order, market, cancelIdOf(call, order))),
    );
  }
  return reports;
}
