import { z } from 'zod';
import { compareDecimals, isZero } from '../../domain/decimal/decimal.js';
import type {
  Known,
  MissingOrders,
  OrderEnd,
  OrderQuestion,
  OwnTrade,
  SourceAnswer,
} from '../profile/missing-orders.js';
import { averagePriceOf, REMEMBERS_ALL, sumOf } from '../profile/missing-orders.js';
import { unfilled } from '../profile/order-sources.js';
import { decimalText, idText, timeMs, word } from '../transport/endpoint.js';
import { info, ORDER_ROW, UNKNOWN_ORDER, userOf } from './common.js';

/*
 * What became of a Hyperliquid order that is not open: the order status by its id or client order id, then the history, with
 * own fills for price and amount. Source: "Info endpoint" ("Query order status by oid or cloid", "Retrieve a user's historical
 * orders", "Retrieve a user's fills by time").
 *
 * - The history reports the last 2,000 changes, several per order, without pages. A full history proves nothing about the time
 *   before its oldest row.
 * - Fills come oldest first, at most 2,000 per answer and 10,000 in all, so the fills of an order are complete only if the last
 *   answer was not full. Funding has its own request.
 * - A fill names the liquidated user. The fill of the counterparty has the same mark.
 */

const ORDER_STATE = z.object({ order: ORDER_ROW, status: word, statusTimestamp: timeMs });
type OrderState = z.infer<typeof ORDER_STATE>;

const ORDER_STATUS = info('orderStatus', z.object({ status: z.literal('order'), order: ORDER_STATE }));
const HISTORY = info('historicalOrders', z.array(ORDER_STATE));

const FILLS = info(
  'userFillsByTime',
  z.array(
    z.object({
      coin: word,
      oid: idText,
      tid: idText,
      px: decimalText,
      sz: decimalText,
      time: timeMs,
      liquidation: z.object({ liquidatedUser: word.nullish() }).nullish(),
    }),
  ),
);

const HISTORY_ROWS = 2_000;
const FILLS_PAGE = 2_000;
const FILLS_IN_ALL = 10_000;
const CLOID = /^0x[0-9a-f]{32}$/i;

export const HYPERLIQUID_MISSING_ORDERS: MissingOrders = {
  sources: [
    { name: 'order query', ask: askForStatus },
    { name: 'closed orders', ask: askHistory },
  ],
  memory: REMEMBERS_ALL,
};

async function askForStatus(question: OrderQuestion): Promise<SourceAnswer> {
  const { session, order } = question;
  const user = userOf(session);
  const name = order.id ?? order.clientOrderId ?? '';
  const oid = order.id === null ? name : Number(name);
  if (order.id === null ? !CLOID.test(name) : !Number.isSafeInteger(oid) || String(oid) !== name) {
    return { undecided: `not asked: "${name}" is neither an order id nor a client order id of Hyperliquid` };
  }
  const reported = await session.askUnless([UNKNOWN_ORDER], ORDER_STATUS, { type: 'orderStatus', user, oid });
  if (reported === null) return null;
  if (!isAbout(reported.order, question))
    throw session.failure('incomplete', ORDER_STATUS, 'answered for another order');
  return read(reported.order, question, 'order query');
}

async function askHistory(question: OrderQuestion): Promise<SourceAnswer> {
  const { session, order } = question;
  const history = await session.ask(HISTORY, { type: 'historicalOrders', user: userOf(session) });
  const last = history
    .filter((state) => isAbout(state, question))
    .toSorted(byTime)
    .at(-1);
  if (last !== undefined) return read(last, question, 'closed orders');
  const reachesBack = Math.min(...history.map(({ statusTimestamp }) => statusTimestamp));
  const seen = history.length < HISTORY_ROWS || (order.changedAt !== null && order.changedAt > reachesBack);
  return seen ? null : 'unread';
}

function isAbout({ order: row }: OrderState, { order, market }: OrderQuestion): boolean {
  const same =
    order.id === null ? row.cloid?.toLowerCase() === order.clientOrderId?.toLowerCase() : row.oid === order.id;
  return same && row.coin === market.id;
}

/** Sorts changes by time. Where several have the same time, the one that ends the order comes last. */
function byTime(a: OrderState, b: OrderState): number {
  const isFinal = ({ status }: OrderState): number => (status === 'open' || status === 'triggered' ? 0 : 1);
  return a.statusTimestamp - b.statusTimestamp || isFinal(a) - isFinal(b);
}

async function read(state: OrderState, question: OrderQuestion, source: string): Promise<Known> {
  const { order, market } = question;
  const { status, statusTimestamp: at, order: row } = state;
  const end = endOf(status);
  if (end === null) return { undecided: `${source}: Hyperliquid calls its status "${status}"` };
  if (end === 'rejected') return unfilled(end, at, status);
  if (status === 'open') return { end: 'open', filled: null, averagePrice: null, at };

  const { trades, whole, liquidated } = await ownFills(question, row, order.id ?? row.oid);
  // A triggered order keeps its id, so its fills report how much was filled.
  if (end === 'open') {
    if (trades.length === 0) return { undecided: `${source}: it was triggered, and no fill of it is reported` };
    return { trades, liquidated, amount: isZero(row.origSz) ? order.amount : row.origSz };
  }
  const sum = sumOf(trades);
  const isAll = whole && (end !== 'filled' || isZero(row.origSz) || compareDecimals(sum, row.origSz) === 0);
  return {
    end: liquidated ? 'liquidated' : end,
    filled: isAll ? sum : end === 'filled' ? row.origSz : null,
    averagePrice: isAll ? averagePriceOf(trades, market) : null,
    at,
    reason: status === 'filled' || status === 'canceled' ? null : status,
  };
}

/** Null for a status that the documentation does not name. */
function endOf(status: string): OrderEnd | null {
  if (status === 'open' || status === 'triggered') return 'open';
  if (status === 'filled' || status === 'canceled' || status === 'rejected') return status;
  if (status === 'liquidatedCanceled') return 'liquidated';
  if (status === 'iocCancelRejected') return 'expired';
  if (status.endsWith('Rejected')) return 'rejected';
  return /Cancel(?:ed)?$/.test(status) ? 'canceled' : null;
}

interface OwnFills {
  trades: OwnTrade[];
  /** Whether these are all fills of the order. */
  whole: boolean;
  /** Whether one of them was our own liquidation. */
  liquidated: boolean;
}

async function ownFills(
  { session }: OrderQuestion,
  placed: { timestamp: number; coin: string },
  oid: string,
): Promise<OwnFills> {
  const user = userOf(session);
  const trades: OwnTrade[] = [];
  const seen = new Set<string>();
  let liquidated = false;
  let startTime = placed.timestamp;
  while (seen.size < FILLS_IN_ALL) {
    const page = await session.ask(FILLS, { type: 'userFillsByTime', user, startTime });
    const fresh = page.filter(({ tid, oid: of }) => !seen.has(`${tid} ${of}`));
    for (const fill of fresh) {
      seen.add(`${fill.tid} ${fill.oid}`);
      if (fill.oid !== oid || fill.coin !== placed.coin) continue;
      trades.push({ price: fill.px, amount: fill.sz, at: fill.time });
      liquidated ||= fill.liquidation?.liquidatedUser?.toLowerCase() === user.toLowerCase();
    }
    if (page.length < FILLS_PAGE) return { trades, whole: true, liquidated };
    const until = Math.max(...page.map(({ time }) => time));
    // A full page of one moment: the other fills of that moment cannot be requested.
    if (until === startTime || fresh.length === 0) break;
    startTime = until;
  }
  return { trades, whole: false, liquidated };
}
