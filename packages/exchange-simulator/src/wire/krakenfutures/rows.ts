import { Big } from 'big.js';
import { orderUuid } from './ids.js';
import { symbolIdOf } from './markets.js';
import { jsonNumber } from '../exact-body.js';
import type { Market } from '../../engine/market.js';
import { averagePriceOf, isConditional, type Order } from '../../engine/order.js';
import { decimalsOf } from '../../engine/rounding.js';
import { trailingTriggerPrice } from '../../engine/trigger.js';
import { isZero, multiplyDecimals, subtractDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/** Order types as "Get open orders" and the feed "Open Orders" name them (the request calls a stop `stp`). */
const OPEN_TYPES: Record<Order['type'], string> = {
  limit: 'lmt',
  market: 'lmt',
  stop: 'stop',
  stop_market: 'stop',
  take_profit: 'take_profit',
  take_profit_market: 'take_profit',
  trailing_stop_market: 'trailing_stop',
};

/** The client's own id; null if the order was sent without one, although the engine assigns one. */
export function clientIdOf(order: Order): string | null {
  return order.clientOrderId === `api-${order.triggeredFrom ?? order.id}` ? null : order.clientOrderId;
}

/** A row of `openOrders`: https://docs.kraken.com/api/docs/futures-api/trading/get-open-orders */
export function openOrderRow(order: Order, market: Market): Record<string, unknown> {
  const clientId = clientIdOf(order);
  const trigger = triggerPriceOf(order, market);
  return {
    order_id: orderUuid(order.id),
    ...(clientId === null ? {} : { cliOrdId: clientId }),
    symbol: symbolIdOf(market),
    side: order.side,
    orderType: OPEN_TYPES[order.type],
    ...(order.price === null ? {} : { limitPrice: jsonNumber(order.price) }),
    ...(trigger === null ? {} : { stopPrice: jsonNumber(trigger), triggerSignal: 'mark' }),
    ...(order.amount === null ? {} : { unfilledSize: jsonNumber(subtractDecimals(order.amount, order.filled)) }),
    receivedTime: timeOf(order.createdAt),
    status: isZero(order.filled) ? 'untouched' : 'partiallyFilled',
    filledSize: jsonNumber(order.filled),
    reduceOnly: order.reduceOnly,
    lastUpdateTime: timeOf(order.updatedAt),
  };
}

/** `OrderJson` in order events: https://docs.kraken.com/api/docs/futures-api/trading/send-order */
export function orderJson(order: Order, market: Market): Record<string, unknown> {
  return {
    orderId: orderUuid(order.id),
    cliOrdId: clientIdOf(order),
    type: requestTypeOf(order),
    symbol: symbolIdOf(market),
    side: order.side,
    quantity: jsonNumber(order.amount ?? '0'),
    filled: jsonNumber(order.filled),
    limitPrice: jsonNumber(limitPriceOf(order, market)),
    reduceOnly: order.reduceOnly,
    timestamp: timeOf(order.createdAt),
    lastUpdateTimestamp: timeOf(order.updatedAt),
  };
}

/** `OrderTriggerJson` in order events of conditional orders (same page). */
export function triggerJson(order: Order, market: Market): Record<string, unknown> {
  const trigger = triggerPriceOf(order, market);
  return {
    uid: orderUuid(order.id),
    clientId: clientIdOf(order),
    type: order.price === null ? 'ioc' : 'lmt',
    symbol: symbolIdOf(market),
    side: order.side,
    quantity: numberOrNull(order.amount),
    limitPrice: numberOrNull(order.price),
    triggerPrice: numberOrNull(trigger),
    triggerSide: triggersAbove(order) ? 'trigger_above' : 'trigger_below',
    triggerSignal: 'mark_price',
    reduceOnly: order.reduceOnly,
    timestamp: timeOf(order.createdAt),
    lastUpdateTimestamp: timeOf(order.updatedAt),
    startTime: null,
  };
}

/** A row of https://docs.kraken.com/api/docs/futures-api/trading/get-order-status */
export function statusRow(order: Order, market: Market): Record<string, unknown> {
  const trigger = triggerPriceOf(order, market);
  const conditional = isConditional(order.type);
  return {
    order: {
      type: conditional ? 'TRIGGER_ORDER' : 'ORDER',
      orderId: orderUuid(order.id),
      cliOrdId: clientIdOf(order),
      symbol: symbolIdOf(market),
      side: order.side,
      quantity: numberOrNull(order.amount),
      filled: conditional ? null : jsonNumber(order.filled),
      limitPrice: numberOrNull(order.price),
      reduceOnly: order.reduceOnly,
      timestamp: timeOf(order.createdAt),
      lastUpdateTimestamp: timeOf(order.updatedAt),
      priceTriggerOptions:
        !conditional || trigger === null
          ? null
          : {
              triggerPrice: jsonNumber(trigger),
              triggerSide: triggersAbove(order) ? 'TRIGGER_ABOVE' : 'TRIGGER_BELOW',
              triggerSignal: 'MARK_PRICE',
            },
      triggerTime: order.triggeredAt === null ? null : timeOf(order.triggeredAt),
    },
    status: statusOf(order),
    updateReason: updateReasonOf(order),
    error: null,
  };
}

/**
 * A conditional order that triggered is no longer on the book under its id: CANCELLED, with reason
 * STOP_ORDER_TRIGGERED.
 */
function statusOf(order: Order): string {
  if (order.status === 'open') return isConditional(order.type) ? 'TRIGGER_PLACED' : 'ENTERED_BOOK';
  if (order.status === 'filled') return 'FULLY_EXECUTED';
  return order.endReason === 'post_only' ? 'REJECTED' : 'CANCELLED';
}

function updateReasonOf(order: Order): string | null {
  if (order.status === 'filled') return 'FULL_FILL';
  if (order.status === 'triggered') return 'STOP_ORDER_TRIGGERED';
  if (order.status === 'open') return isZero(order.filled) ? null : 'PARTIAL_FILL';
  return endReasonOf(order);
}

const END_REASONS: Record<NonNullable<Order['endReason']>, string> = {
  immediate_or_cancel: 'IOC_WOULD_NOT_EXECUTE_REASON',
  fill_or_kill: 'IOC_WOULD_NOT_EXECUTE_REASON',
  post_only: 'POST_WOULD_EXECUTE_REASON',
  good_till_date: 'EXPIRED',
  nothing_to_reduce: 'WOULD_NOT_REDUCE_POSITION',
  amended_below_filled: 'CANCELLED_BY_USER',
  one_cancels_other: 'CANCELLED_BY_USER',
  market_closed: 'CONTRACT_EXPIRED',
  liquidation: 'LIQUIDATION_ORDER',
  by_request: 'CANCELLED_BY_USER',
};

/** Why an order ended, in the words of "Get Specific Orders' Status"; the history writes them in lower case. */
export function endReasonOf(order: Order): string {
  if (order.status === 'canceled' || order.endReason === null) return 'CANCELLED_BY_USER';
  return order.endReason === 'by_request' ? 'CONTRACT_EXPIRED' : END_REASONS[order.endReason];
}

function requestTypeOf(order: Order): string {
  if (order.placedBy === 'liquidation') return 'liquidation';
  if (order.type === 'market' || order.timeInForce === 'IOC') return 'ioc';
  if (order.timeInForce === 'FOK') return 'fok';
  return order.timeInForce === 'GTX' ? 'post' : 'lmt';
}

/** A market order is an immediate-or-cancel order with a limit 1 % away ("mkt" in "Send order"). */
export function limitPriceOf(order: Order, market: Market): DecimalText {
  if (order.price !== null) return order.price;
  const average = averagePriceOf(order);
  if (average === null) return '0';
  return toTick(multiplyDecimals(average, order.side === 'buy' ? '1.01' : '0.99'), market);
}

/** Null for a regular order, and for a trailing one that waits for its activation. */
export function triggerPriceOf(order: Order, market: Market): DecimalText | null {
  if (!isConditional(order.type)) return null;
  if (order.trailing === null) return order.triggerPrice;
  const trigger = trailingTriggerPrice(order.side, order.trailing);
  return trigger === null ? null : toTick(trigger, market);
}

export function triggersAbove(order: Order): boolean {
  const isTakeProfit = order.type === 'take_profit' || order.type === 'take_profit_market';
  return isTakeProfit === (order.side === 'sell');
}

function toTick(price: DecimalText, market: Market): DecimalText {
  return new Big(price).toFixed(decimalsOf(market.priceStep));
}

function numberOrNull(decimal: DecimalText | null): unknown {
  return decimal === null ? null : jsonNumber(decimal);
}

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
