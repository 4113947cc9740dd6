import { addDecimals, compareDecimals, isZero, type DecimalText } from '../../domain/decimal/decimal.js';
import { problemOf } from '../answer-problem.js';
import { filledShape, orderEventShape, type Filled, type OrderEvent } from './events.js';

/** An order after all of its events. */
export interface ReplayedOrder {
  strategyId: string;
  instrumentId: string;
  clientOrderId: string;
  /** Null until it was sent. */
  accountId: string | null;
  /** Null until the exchange accepted it. */
  venueOrderId: string | null;
  side: 'buy' | 'sell';
  /** NautilusTrader's word: "STOP_LIMIT". */
  type: string;
  quantity: DecimalText;
  /** Whether `quantity` is a value in the quote currency. */
  isQuoteQuantity: boolean;
  price: DecimalText | null;
  triggerPrice: DecimalText | null;
  filled: DecimalText;
  /** `local`: not sent yet. `sent`: the exchange has not answered. `triggered`: a stop whose trigger was reached. */
  status: 'local' | 'sent' | 'open' | 'triggered' | 'closed';
  /** Whether NautilusTrader waits for its trigger itself, so that the exchange does not have it. */
  isEmulated: boolean;
  /** Whether its first event came from reconciliation: the exchange had it, the bot did not. */
  isAdopted: boolean;
  lastEventAt: number;
}

/**
 * The order that a list of events describes, or what is wrong with the list. Pure: the same list gives the same order.
 *
 * An event of a kind that is not known here could mean anything, so its order cannot be read.
 */
export function replayOrder(rows: readonly unknown[]): ReplayedOrder | string {
  let order: ReplayedOrder | null = null;
  for (const [index, row] of rows.entries()) {
    const parsed = orderEventShape.safeParse(row);
    if (!parsed.success) return `event ${index}: ${problemOf(parsed.error, row)}`;
    const event = parsed.data;
    if (event.type === 'OrderInitialized') order = initialized(event, order);
    else if (order === null) return `event ${index} is ${event.type}, expected OrderInitialized`;
    else if (event.client_order_id !== order.clientOrderId) {
      return `event ${index} is of order ${event.client_order_id}, expected ${order.clientOrderId}`;
    } else order = applied(order, event);
  }
  return order ?? 'it has no event';
}

type Initialized = Extract<OrderEvent, { type: 'OrderInitialized' }>;

/** A second such event turns an emulated order into the one that is sent. */
function initialized(event: Initialized, before: ReplayedOrder | null): ReplayedOrder {
  return {
    strategyId: event.strategy_id,
    instrumentId: event.instrument_id,
    clientOrderId: event.client_order_id,
    accountId: before?.accountId ?? null,
    venueOrderId: null,
    side: event.order_side === 'BUY' ? 'buy' : 'sell',
    type: event.order_type,
    quantity: event.quantity,
    isQuoteQuantity: event.quote_quantity,
    price: event.options?.price ?? event.price ?? null,
    triggerPrice: event.options?.trigger_price ?? event.trigger_price ?? null,
    filled: before?.filled ?? '0',
    status: 'local',
    isEmulated: event.emulation_trigger !== undefined && !isNoTrigger(event.emulation_trigger),
    isAdopted: before?.isAdopted ?? event.reconciliation === true,
    lastEventAt: event.ts_event,
  };
}

function isNoTrigger(trigger: string | null): boolean {
  return trigger === null || trigger === 'NO_TRIGGER';
}

function applied(before: ReplayedOrder, event: Exclude<OrderEvent, Initialized>): ReplayedOrder {
  const order: ReplayedOrder = {
    ...before,
    accountId: event.account_id ?? before.accountId,
    venueOrderId: event.venue_order_id ?? before.venueOrderId,
    lastEventAt: Math.max(before.lastEventAt, event.ts_event),
  };
  switch (event.type) {
    case 'OrderEmulated':
      return { ...order, isEmulated: true };
    case 'OrderReleased':
      return { ...order, isEmulated: false };
    case 'OrderSubmitted':
      return { ...order, status: 'sent' };
    case 'OrderAccepted':
      return { ...order, status: 'open' };
    case 'OrderTriggered':
      return { ...order, status: 'triggered' };
    case 'OrderDenied':
    case 'OrderRejected':
    case 'OrderCanceled':
    case 'OrderExpired':
      return { ...order, status: 'closed' };
    case 'OrderUpdated':
      return {
        ...order,
        quantity: event.quantity,
        isQuoteQuantity: event.is_quote_quantity ?? order.isQuoteQuantity,
        price: event.price ?? order.price,
        triggerPrice: event.trigger_price ?? order.triggerPrice,
      };
    case 'OrderFilled': {
      const filled = addDecimals(order.filled, event.last_qty);
      const isWhole = !order.isQuoteQuantity && compareDecimals(filled, order.quantity) >= 0;
      // A fill that arrives after the end of an order does not reopen it.
      const isAtExchange = order.status === 'sent' || order.status === 'local';
      const status = isWhole ? 'closed' : isAtExchange ? 'open' : order.status;
      return { ...order, filled, status };
    }
    case 'OrderPendingUpdate':
    case 'OrderPendingCancel':
    case 'OrderModifyRejected':
    case 'OrderCancelRejected':
      return order;
  }
}

/** What a position's list of fills adds up to. */
export interface ReplayedPosition {
  strategyId: string;
  instrumentId: string;
  accountId: string | null;
  /** Below zero: short. In the instrument's own unit. */
  signed: DecimalText;
  /** Fills that were not reported when they happened, but found by reconciliation. */
  adoptedFills: number;
  lastEventAt: number;
}

/**
 * The position that a list of fills describes, or what is wrong with the list. Fills of a position that was closed and
 * reopened under the same id add up to the new one.
 */
export function replayPosition(rows: readonly unknown[]): ReplayedPosition | string {
  let position: ReplayedPosition | null = null;
  for (const [index, row] of rows.entries()) {
    const parsed = filledShape.safeParse(row);
    if (!parsed.success) return `fill ${index}: ${problemOf(parsed.error, row)}`;
    const fill = parsed.data;
    if (position !== null && fill.instrument_id !== position.instrumentId) {
      return `fill ${index} is of ${fill.instrument_id}, expected ${position.instrumentId}`;
    }
    position = withFill(position, fill);
  }
  return position ?? 'it has no fill';
}

function withFill(before: ReplayedPosition | null, fill: Filled): ReplayedPosition {
  const signed = fill.order_side === 'SELL' && !isZero(fill.last_qty) ? `-${fill.last_qty}` : fill.last_qty;
  return {
    strategyId: fill.strategy_id,
    instrumentId: fill.instrument_id,
    accountId: fill.account_id ?? before?.accountId ?? null,
    signed: addDecimals(before?.signed ?? '0', signed),
    adoptedFills: (before?.adoptedFills ?? 0) + (fill.reconciliation === true ? 1 : 0),
    lastEventAt: Math.max(before?.lastEventAt ?? 0, fill.ts_event),
  };
}
