import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type OrderType, type Trade } from '../../engine/order.js';
import { padDecimals } from '../../engine/rounding.js';
import { isZero, multiplyDecimals } from '@plumbline/primitives/decimal';

/*
 * Rows of Binance spot, field by field as in the response examples of
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ (page names beside each function). Numbers are texts with
 * eight decimals ("0.50000000"); ids and times are JSON numbers.
 */

/** "BTC/USDT" is BTCUSDT on the wire. */
export function symbolIdOf(market: Market): string {
  return market.base + market.quote;
}

export function eight(value: string | null): string {
  return padDecimals(value ?? '0', 8);
}

/** account-endpoints: Query order, Current open orders, All orders */
export function orderRow(order: Order, market: Market): Record<string, unknown> {
  const { clientOrderId, ...report } = reportRow(order, market);
  return {
    ...report,
    clientOrderId,
    stopPrice: eight(order.triggerPrice),
    icebergQty: eight('0'),
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: !isConditional(order.type),
    workingTime: workingTimeOf(order),
    origQuoteOrderQty: eight('0'),
  };
}

/** trading-endpoints: New order (RESULT), and `orderReports` of an order list */
export function orderResult(order: Order, market: Market): Record<string, unknown> {
  return { ...reportRow(order, market), transactTime: order.updatedAt, workingTime: workingTimeOf(order) };
}

/** trading-endpoints: New order (ACK) */
export function orderAcknowledgement(order: Order, market: Market): Record<string, unknown> {
  return { ...namesOf(order, market), transactTime: order.createdAt };
}

/** trading-endpoints: Cancel order. The cancel has its own client order id. */
export function cancelRow(order: Order, market: Market, clientOrderId: string): Record<string, unknown> {
  return {
    ...reportRow(order, market),
    origClientOrderId: order.clientOrderId,
    clientOrderId,
    transactTime: order.updatedAt,
  };
}

/** account-endpoints: Account trade list */
export function tradeRow(trade: Trade, market: Market, listId: string | null): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    id: Number(trade.id),
    orderId: Number(trade.orderId),
    orderListId: orderListIdOf(listId),
    price: eight(trade.price),
    qty: eight(trade.amount),
    quoteQty: eight(multiplyDecimals(trade.price, trade.amount)),
    commission: eight(trade.fee),
    commissionAsset: trade.feeCurrency,
    time: trade.at,
    isBuyer: trade.side === 'buy',
    isMaker: trade.maker,
    isBestMatch: true,
  };
}

/** trading-endpoints: New order (FULL), `fills` */
export function fillRow(trade: Trade): Record<string, unknown> {
  return {
    price: eight(trade.price),
    qty: eight(trade.amount),
    commission: eight(trade.fee),
    commissionAsset: trade.feeCurrency,
    tradeId: Number(trade.id),
  };
}

/** -1 for an order without a list. */
export function orderListIdOf(listId: string | null): number {
  return listId === null ? -1 : Number(listId);
}

export function namesOf(order: Order, market: Market): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    orderId: Number(order.id),
    orderListId: orderListIdOf(order.listId),
    clientOrderId: order.clientOrderId,
  };
}

function reportRow(order: Order, market: Market): Record<string, unknown> {
  const { trailing } = order;
  const conditional = conditionalTypeOf(order) !== null;
  return {
    ...namesOf(order, market),
    price: eight(order.price),
    origQty: eight(order.amount),
    executedQty: eight(order.filled),
    cummulativeQuoteQty: eight(order.filledValue),
    status: statusOf(order),
    // Spot has three of the engine's times in force. The fourth, GTX, is the order type LIMIT_MAKER here.
    timeInForce: order.timeInForce === 'IOC' || order.timeInForce === 'FOK' ? order.timeInForce : 'GTC',
    type: typeOf(order),
    side: order.side.toUpperCase(),
    ...(conditional ? { stopPrice: eight(order.triggerPrice) } : {}),
    // In hundredths of a percent.
    ...(trailing === null ? {} : { trailingDelta: Number(multiplyDecimals(trailing.callbackPercent, '100')) }),
    selfTradePreventionMode: 'EXPIRE_MAKER',
  };
}

export const CONDITIONAL_TYPES = {
  STOP_LOSS: 'stop_market',
  STOP_LOSS_LIMIT: 'stop',
  TAKE_PROFIT: 'take_profit_market',
  TAKE_PROFIT_LIMIT: 'take_profit',
} as const satisfies Record<string, OrderType>;

/** The type that an order was placed with, even after it triggered; null for one that was never conditional. */
function conditionalTypeOf(order: Order): OrderType | null {
  return isConditional(order.type) ? order.type : order.conditionalType;
}

function typeOf(order: Order): string {
  const conditional = conditionalTypeOf(order);
  if (conditional === 'trailing_stop_market') return 'STOP_LOSS';
  const named = Object.entries(CONDITIONAL_TYPES).find(([, type]) => type === conditional)?.[0];
  if (named !== undefined) return named;
  return order.type === 'limit' && order.timeInForce === 'GTX' ? 'LIMIT_MAKER' : order.type.toUpperCase();
}

/** -1 until the order is on the book. */
function workingTimeOf(order: Order): number {
  return isConditional(order.type) ? -1 : (order.triggeredAt ?? order.createdAt);
}

function statusOf(order: Order): string {
  switch (order.status) {
    case 'open':
      return isZero(order.filled) ? 'NEW' : 'PARTIALLY_FILLED';
    case 'filled':
      return 'FILLED';
    case 'canceled':
      return 'CANCELED';
    case 'rejected':
      return 'REJECTED';
    case 'expired':
    case 'triggered':
      return 'EXPIRED';
  }
}
