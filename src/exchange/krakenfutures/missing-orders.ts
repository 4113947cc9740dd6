import { compareDecimals, isZero } from '../../domain/decimal/decimal.js';
import type {
  Known,
  MissingOrders,
  OrderEnd,
  OrderQuestion,
  OwnTrade,
  SourceAnswer,
} from '../profile/missing-orders.js';
import { averagePriceOf, isWhole, sumOf } from '../profile/missing-orders.js';
import { hasId, isConditional, unfilled } from '../profile/order-sources.js';
import {
  EXECUTION_EVENTS,
  ORDER_EVENTS,
  readBack,
  TRIGGER_EVENTS,
  type Element,
  type ExecutionEvent,
  type HistoricOrder,
  type OrderEvent,
  type TriggerEvent,
  type Window,
} from './history.js';

/*
 * What became of a Kraken Futures order that is not open: events of triggers where it waited for one, events of orders, then
 * executions; see history.ts. The reasons are those of the feed "Open Orders" and of get-order-status, which spell them
 * differently.
 *
 * - orders/status is not asked: it knows an order for five seconds after its end, and is documented for keys that may trade.
 * - An event reports how much was filled, executions report the price.
 * - An order that triggered is reported as activated. Which order it became is reported only where that carries the
 *   same id, or the same client order id.
 */

const HOUR_MS = 60 * 60 * 1000;
const REACH_DAYS = 90;
/** How far back an order of unknown age is searched, and up to which age "not known" means "never seen". */
const REACH_MS = REACH_DAYS * 24 * HOUR_MS;
/** An order without an exchange id was never acknowledged, so only the last day is searched. */
const UNACKNOWLEDGED_MS = 24 * HOUR_MS;

const ORDERS = { name: 'order events', ask: askForOrders };

export const KRAKENFUTURES_MISSING_ORDERS: MissingOrders = {
  sources: [
    { name: 'trigger events', when: isConditional, ask: askForTriggers },
    ORDERS,
    {
      name: 'executions',
      when: hasId,
      ask: async (question) => {
        const { trades, liquidated, whole } = await executions(question, question.order.id ?? '', null);
        if (trades.length > 0) return { trades, liquidated };
        return whole ? null : 'unread';
      },
    },
  ],
  memory: { ms: REACH_MS, says: `the events of ${REACH_DAYS} days are read` },
};

async function askForTriggers(question: OrderQuestion): Promise<SourceAnswer> {
  const { last, whole } = await newest(question, TRIGGER_EVENTS, triggerOf);
  if (last === null) return whole ? null : 'unread';
  const { event, timestamp } = last;
  const canceled = event.OrderTriggerCancelled ?? null;
  const reason = canceled?.reason ?? null;
  if ((event.OrderTriggerActivated ?? null) === null && (canceled === null || !/triggered/i.test(reason ?? ''))) {
    return canceled === null ? unended('trigger events') : unfilled(endOf(reason), timestamp, worth(reason));
  }
  const known = await askForOrders(question);
  if (known === null || known === 'unread') return { undecided: 'it triggered; which order it became is not reported' };
  return 'end' in known ? { ...known, source: ORDERS.name } : known;
}

async function askForOrders(question: OrderQuestion): Promise<SourceAnswer> {
  const { last, whole } = await newest(question, ORDER_EVENTS, orderOf);
  if (last === null) return whole ? null : 'unread';
  const { event, timestamp: at } = last;
  const { OrderCancelled: canceled, OrderRejected: rejected, OrderUpdated: updated } = event;
  if (rejected !== undefined && rejected !== null) {
    return unfilled('rejected', at, rejected.orderError ?? rejected.reason ?? null);
  }
  if (canceled !== undefined && canceled !== null) {
    const { order, reason = null } = canceled;
    return priced(question, { end: endOf(reason), at, reason: worth(reason) }, order);
  }
  if (updated !== undefined && updated !== null && isFullFill(updated.reason)) {
    const end = /liquidation/i.test(updated.newOrder.orderType ?? '') ? 'liquidated' : 'filled';
    return priced(question, { end, at, reason: null }, updated.newOrder);
  }
  // Placed, edited or partly filled: no end is reported, unless executions fill it.
  const { order, market } = question;
  if (order.id === null) return unended('order events');
  const { trades, liquidated } = await executions(question, order.id, null);
  return isWhole(trades, order.amount, market) ? { trades, liquidated } : unended('order events');
}

/** Reports an average price only if it covers all that was filled. */
async function priced(
  question: OrderQuestion,
  reported: { end: OrderEnd; at: number; reason: string | null },
  { filled = null, uid }: HistoricOrder,
): Promise<Known> {
  if (filled === null || isZero(filled)) return { ...reported, filled, averagePrice: null };
  const { trades } = await executions(question, uid, filled);
  const isAll = compareDecimals(sumOf(trades), filled) === 0;
  return { ...reported, filled, averagePrice: isAll ? averagePriceOf(trades, question.market) : null };
}

interface Executions {
  trades: OwnTrade[];
  liquidated: boolean;
  /** Whether the events were read to their end. */
  whole: boolean;
}

/** The executions of one order; stops at `enough` contracts where that is known. */
async function executions(question: OrderQuestion, uid: string, enough: string | null): Promise<Executions> {
  const trades: OwnTrade[] = [];
  let liquidated = false;
  const whole = await readBack(question.session, EXECUTION_EVENTS, windowOf(question), (element) => {
    const execution = executionOf(element, uid);
    if (execution === null) return false;
    trades.push({ price: execution.price, amount: execution.quantity, at: execution.timestamp });
    liquidated ||= /liquidation|assignor|unwind/i.test(execution.executionType ?? '');
    return enough !== null && compareDecimals(sumOf(trades), enough) >= 0;
  });
  return { trades, liquidated, whole };
}

function windowOf({ session, order, market }: OrderQuestion): Window {
  const now = session.exchangeTime();
  const reach = order.id === null ? UNACKNOWLEDGED_MS : REACH_MS;
  const since = order.changedAt === null ? now - reach : order.changedAt - HOUR_MS;
  // An hour ahead, because the exchange's clock is known only approximately.
  return { tradeable: market.id, since: Math.max(0, since), before: now + HOUR_MS };
}

/** The newest event that names the order; `whole` tells whether the events were read to their end without it. */
async function newest<Event>(
  question: OrderQuestion,
  endpoint: Parameters<typeof readBack<Event>>[1],
  named: (event: Event) => HistoricOrder | null,
): Promise<{ last: Element<Event> | null; whole: boolean }> {
  const found: Element<Event>[] = [];
  const whole = await readBack(question.session, endpoint, windowOf(question), (element) => {
    if (!isAbout(named(element.event), question)) return false;
    found.push(element);
    return true;
  });
  return { last: found[0] ?? null, whole };
}

function isAbout(named: HistoricOrder | null, { order, market }: OrderQuestion): boolean {
  if (named === null || named.tradeable.toUpperCase() !== market.id) return false;
  const { id, clientOrderId } = order;
  if (id !== null && named.uid === id) return true;
  // The client order id is reported only for the bot's orders: for a trigger and for the order that it became.
  const byClientId = id === null || order.conditional;
  return byClientId && clientOrderId !== null && clientOrderId !== '' && named.clientId === clientOrderId;
}

function orderOf(event: OrderEvent): HistoricOrder | null {
  const reported = event.OrderPlaced ?? event.OrderCancelled ?? event.OrderRejected;
  return reported?.order ?? event.OrderUpdated?.newOrder ?? null;
}

function triggerOf(event: TriggerEvent): HistoricOrder | null {
  const reported = event.OrderTriggerPlaced ?? event.OrderTriggerCancelled ?? event.OrderTriggerActivated;
  return reported?.order ?? event.OrderTriggerUpdated?.newOrderTrigger ?? null;
}

function executionOf({ event }: Element<ExecutionEvent>, uid: string) {
  const execution = (event.Execution ?? event.execution)?.execution;
  if (execution === undefined) return null;
  const { order, makerOrder, takerOrder } = execution;
  return [order, makerOrder, takerOrder].some((one) => one?.uid === uid) ? execution : null;
}

/** "full_fill", "FULL_FILL", "fullFill" */
function isFullFill(reason: string | null | undefined): boolean {
  return /^full_?fill$/i.test(reason ?? '');
}

function endOf(reason: string | null): OrderEnd {
  const word = (reason ?? '').toLowerCase().replaceAll(/[^a-z]/g, '');
  if (word.includes('liquidation')) return 'liquidated';
  if (word.includes('expired') || word.startsWith('ioc') || word.startsWith('fok')) return 'expired';
  return word.startsWith('post') ? 'rejected' : 'canceled';
}

/** The reason, if it says more than "canceled": null for a cancel by the user. */
function worth(reason: string | null): string | null {
  return reason === null || /^(?:cancelled_?by_?user)?$/i.test(reason) ? null : reason;
}

/** The history may lag behind. So where it shows no end of the order, that does not prove that the order is open. */
function unended(source: string): Known {
  return { undecided: `${source}: no end of the order is reported` };
}
