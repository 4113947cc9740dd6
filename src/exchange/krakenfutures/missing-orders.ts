import { addDecimals, compareDecimals, isZero } from '../../domain/decimal/decimal.js';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
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
import {
  explanationByTrades,
  explanationOf,
  isRemembered,
  neverSeen,
  unknownCause,
} from '../profile/missing-orders.js';
import type { OrderEnd, OwnTrade } from '../profile/missing-orders.js';

/*
 * What became of a Kraken Futures order that is not open: events of triggers where it waited for one, events of orders, then
 * executions; see krakenfutures-history.ts. The reasons are those of the pages on the feed "Open Orders" and of
 * get-order-status, which write them in different ways.
 *
 * - orders/status knows an order for five seconds after its end, and is documented for keys that may trade: it is not asked.
 * - An event says how much was filled, executions at what price.
 * - An order that triggered is reported as activated. Which order it became is reported only where that carries the
 *   same id, or the same client order id.
 */

const HOUR_MS = 60 * 60 * 1000;
/** How far back an order of unknown age is looked for, and up to which age "not known" means "never seen". */
const REACH_MS = 90 * 24 * HOUR_MS;
/** An order without an exchange id was never acknowledged: it is looked for only in the last day. */
const UNACKNOWLEDGED_MS = 24 * HOUR_MS;

export async function explainKrakenOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  return new Search(session, order, market).run();
}

interface Executions {
  trades: OwnTrade[];
  /** Contracts of all of them. */
  sum: string;
  liquidating: boolean;
}

class Search {
  private readonly window: Window;
  /** Whether every history was seen to its end, so that not knowing the order means something. */
  private whole = true;

  constructor(
    private readonly session: ReadSession,
    private readonly order: OpenOrder,
    private readonly market: Market,
  ) {
    const now = session.exchangeTime();
    const reach = order.id === null ? UNACKNOWLEDGED_MS : REACH_MS;
    const since = order.changedAt === null ? now - reach : order.changedAt - HOUR_MS;
    // A little ahead: clocks are known to the length of one question.
    this.window = { tradeable: market.id, since: Math.max(0, since), before: now + HOUR_MS };
  }

  async run(): Promise<MissingOrderExplanation> {
    if (this.order.conditional) {
      const reported = await this.byTriggers();
      if (reported !== null) return reported;
    }
    return (await this.byOrders()) ?? (await this.byExecutions()) ?? this.unknown();
  }

  private async byTriggers(): Promise<MissingOrderExplanation | null> {
    const last = await this.newest(TRIGGER_EVENTS, triggerOf);
    if (last === null) return null;
    const { event, timestamp } = last;
    const canceled = event.OrderTriggerCancelled ?? null;
    const reason = canceled?.reason ?? null;
    if ((event.OrderTriggerActivated ?? null) === null && (canceled === null || !/triggered/i.test(reason ?? ''))) {
      const source = 'trigger events';
      if (canceled === null) return unended(source);
      const reported = { end: endOf(reason), filled: '0', averagePrice: null, at: timestamp, reason: worth(reason) };
      return explanationOf(reported, this.market, source);
    }
    return (await this.byOrders()) ?? unknownCause('it triggered; which order it became is not reported');
  }

  private async byOrders(): Promise<MissingOrderExplanation | null> {
    const last = await this.newest(ORDER_EVENTS, orderOf);
    if (last === null) return null;
    const { event, timestamp: at } = last;
    const { OrderCancelled: canceled, OrderRejected: rejected, OrderUpdated: updated } = event;
    const source = 'order events';
    if (rejected !== undefined && rejected !== null) {
      const reason = rejected.orderError ?? rejected.reason ?? null;
      return explanationOf({ end: 'rejected', filled: '0', averagePrice: null, at, reason }, this.market, source);
    }
    if (canceled !== undefined && canceled !== null) {
      const { order, reason = null } = canceled;
      return this.withPrice({ end: endOf(reason), at, reason: worth(reason) }, order, source);
    }
    if (updated !== undefined && updated !== null && isFullFill(updated.reason)) {
      const end = /liquidation/i.test(updated.newOrder.orderType ?? '') ? 'liquidated' : 'filled';
      return this.withPrice({ end, at, reason: null }, updated.newOrder, source);
    }
    // Placed, edited or filled in part: it is open for all that is reported, unless executions filled it.
    return (await this.byExecutions(true)) ?? unended(source);
  }

  /** A price is the order's only if it is that of all that was filled. */
  private async withPrice(
    reported: { end: OrderEnd; at: number; reason: string | null },
    { filled = null, uid }: HistoricOrder,
    source: string,
  ): Promise<MissingOrderExplanation> {
    let averagePrice: string | null = null;
    if (filled !== null && !isZero(filled)) {
      const { trades, sum } = await this.executions(uid, filled);
      const priced = explanationByTrades(trades, this.order, this.market);
      if (compareDecimals(sum, filled) === 0) averagePrice = priced?.averagePrice ?? null;
    }
    return explanationOf({ ...reported, filled, averagePrice }, this.market, source);
  }

  private async byExecutions(onlyWhole = false): Promise<MissingOrderExplanation | null> {
    const { id } = this.order;
    if (id === null) return null;
    const { trades, liquidating } = await this.executions(id, null);
    const reported = explanationByTrades(trades, this.order, this.market);
    if (reported === null || (onlyWhole && reported.cause !== 'filled')) return null;
    return liquidating ? { ...reported, cause: 'liquidated' } : reported;
  }

  /** Of one order; until they amount to `enough` contracts where that is known. */
  private async executions(uid: string, enough: string | null): Promise<Executions> {
    const trades: OwnTrade[] = [];
    let liquidating = false;
    let sum = '0';
    const whole = await readBack(this.session, EXECUTION_EVENTS, this.window, (element) => {
      const execution = executionOf(element, uid);
      if (execution === null) return false;
      trades.push({ price: execution.price, amount: execution.quantity, at: execution.timestamp });
      liquidating ||= /liquidation|assignor|unwind/i.test(execution.executionType ?? '');
      sum = addDecimals(sum, execution.quantity);
      return enough !== null && compareDecimals(sum, enough) >= 0;
    });
    this.whole &&= whole;
    return { trades, sum, liquidating };
  }

  /** The newest event that names the order. */
  private async newest<Event>(
    endpoint: Parameters<typeof readBack<Event>>[1],
    named: (event: Event) => HistoricOrder | null,
  ): Promise<Element<Event> | null> {
    let found: Element<Event> | null = null;
    const whole = await readBack(this.session, endpoint, this.window, (element) => {
      if (!this.isOwn(named(element.event))) return false;
      found = element;
      return true;
    });
    if (found === null) this.whole &&= whole;
    return found;
  }

  private isOwn(named: HistoricOrder | null): boolean {
    if (named === null || named.tradeable.toUpperCase() !== this.market.id) return false;
    const { id, clientOrderId } = this.order;
    if (id !== null && named.uid === id) return true;
    // A client order id is reported for the bot's orders only; of a trigger and of what it became.
    const byClientId = id === null || this.order.conditional;
    return byClientId && clientOrderId !== null && clientOrderId !== '' && named.clientId === clientOrderId;
  }

  private unknown(): MissingOrderExplanation {
    if (!this.whole)
      return unknownCause('the events that were read do not know it, and the history is too long to decide');
    return isRemembered(this.order, this.session.exchangeTime(), REACH_MS) === true
      ? neverSeen('order events and executions')
      : unknownCause(`neither order events nor executions of ${REACH_MS / 24 / HOUR_MS} days know it`);
  }
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

/** Cancelled by the user is what "canceled" says already. */
function worth(reason: string | null): string | null {
  return reason === null || /^(?:cancelled_?by_?user)?$/i.test(reason) ? null : reason;
}

/** A history that reports no end may be behind: unlike an order query, it does not say that the order is open. */
function unended(source: string): MissingOrderExplanation {
  return unknownCause(`${source}: no end of the order is reported`);
}
