import { z } from 'zod';
import { decimalText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { Params, ReadSession } from '../profile/read-session.js';

/*
 * Kraken Futures' account history: events of orders, of triggers and of executions, newest first. Source:
 * docs.kraken.com/api/docs/futures-api/history, pages get-order-events, get-trigger-events and get-execution-events.
 *
 * - No endpoint is about one order: the events of one contract are read backwards in time until they name it.
 * - The documentation shows a continuation token in a header, on some pages in the body. Paging by time needs neither: the next
 *   page begins with the oldest event, and a page with nothing new is the end.
 * - The pages show the order of an execution as `order`, older ones as `makerOrder` and `takerOrder`.
 */

const ORDER = z.object({
  uid: word,
  tradeable: word,
  clientId: z.string().nullish(),
  orderType: z.string().nullish(),
  filled: decimalText.nullish(),
});
export type HistoricOrder = z.infer<typeof ORDER>;

const why = { reason: z.string().nullish(), orderError: z.string().nullish() };
const ended = z.object({ order: ORDER, ...why });
const updated = z.object({ newOrder: ORDER, ...why });
const updatedTrigger = z.object({ newOrderTrigger: ORDER, ...why });

/** Each row has one kind of event. Kinds that do not show what became of an order are not listed here. */
const ORDER_EVENT = z.object({
  OrderPlaced: ended.nullish(),
  OrderUpdated: updated.nullish(),
  OrderCancelled: ended.nullish(),
  OrderRejected: ended.nullish(),
});
export type OrderEvent = z.infer<typeof ORDER_EVENT>;

const TRIGGER_EVENT = z.object({
  OrderTriggerPlaced: ended.nullish(),
  OrderTriggerUpdated: updatedTrigger.nullish(),
  OrderTriggerCancelled: ended.nullish(),
  OrderTriggerActivated: ended.nullish(),
});
export type TriggerEvent = z.infer<typeof TRIGGER_EVENT>;

const EXECUTION = z.object({
  uid: word,
  order: ORDER.nullish(),
  makerOrder: ORDER.nullish(),
  takerOrder: ORDER.nullish(),
  timestamp: timeMs,
  quantity: decimalText,
  price: decimalText,
  executionType: z.string().nullish(),
});
const executed = z.object({ execution: EXECUTION });
const EXECUTION_EVENT = z.object({ Execution: executed.nullish(), execution: executed.nullish() });
export type ExecutionEvent = z.infer<typeof EXECUTION_EVENT>;

export interface Element<Event> {
  uid: string;
  timestamp: number;
  event: Event;
}

function history<Event>(path: string, call: string, event: z.ZodType<Event>): Endpoint<{ elements: Element<Event>[] }> {
  const element = z.object({ uid: word, timestamp: timeMs, event });
  return {
    method: 'GET',
    path: `/api/history/v3/${path}`,
    call,
    shape: z.object({ accountUid: word, elements: z.array(element) }),
  };
}

export const ORDER_EVENTS = history('orders', 'historyGetOrders', ORDER_EVENT);
export const TRIGGER_EVENTS = history('triggers', 'historyGetTriggers', TRIGGER_EVENT);
export const EXECUTION_EVENTS = history('executions', 'historyGetExecutions', EXECUTION_EVENT);

/** Each costs one of the 100 requests that are allowed in ten minutes. */
const MAX_PAGES = 4;
/** The largest page that is documented. */
const PAGE = 1_000;

export interface Window {
  tradeable: string;
  since: number;
  before: number;
}

/**
 * Passes events from the newest back to `enough` until it returns true or there are no more. Returns whether the window was
 * read to its end. Throws `incomplete` for events out of order, because missing ones would not be noticed.
 */
export async function readBack<Event>(
  session: ReadSession,
  endpoint: Endpoint<{ elements: Element<Event>[] }>,
  { tradeable, since, before }: Window,
  enough: (element: Element<Event>) => boolean,
): Promise<boolean> {
  const seen = new Set<string>();
  let until = before;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const params: Params = {
      version: 'v3',
      tradeable,
      since: String(since),
      before: String(until),
      sort: 'desc',
      count: String(PAGE),
    };
    const { elements } = await session.ask(endpoint, params);
    const fresh = elements.filter(({ uid }) => !seen.has(uid));
    if (fresh.length === 0) return true;
    for (const element of fresh) {
      if (element.timestamp > until) {
        throw session.failure('incomplete', endpoint, `reported ${element.uid} out of its turn in time`);
      }
      seen.add(element.uid);
      until = element.timestamp;
      if (enough(element)) return true;
    }
    // Includes the last event again, so that no event of the same millisecond is skipped.
    until += 1;
  }
  return false;
}
