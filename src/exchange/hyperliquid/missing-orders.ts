import { z } from 'zod';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import { addDecimals, compareDecimals, isZero } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, timeMs, word } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { info, ORDER_ROW, UNKNOWN_ORDER, userOf } from './common.js';
import { explanationByTrades, explanationOf, neverSeen, unknownCause } from '../profile/missing-orders.js';
import type { OrderEnd, OwnTrade } from '../profile/missing-orders.js';

/*
 * What became of a Hyperliquid order that is not open: the order status by its id or client order id, then the history, with
 * own fills for price and amount. Source: "Info endpoint" ("Query order status by oid or cloid", "Retrieve a user's historical
 * orders", "Retrieve a user's fills by time").
 *
 * - The history reports the last 2,000 changes, several of one order, without pages: one that is full proves nothing of
 *   what came before its oldest row.
 * - Fills come oldest first, 2,000 at most in an answer and 10,000 in all, so that the fills of an order are whole only if
 *   the last answer was not full. Funding is a question of its own and never among them.
 * - A fill names the liquidated user. Those who took the other side have the same mark on their fill.
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

export async function explainHyperliquidOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const user = userOf(session);
  const name = order.id ?? order.clientOrderId ?? '';
  const oid = order.id === null ? name : Number(name);
  if (order.id === null ? !CLOID.test(name) : !Number.isSafeInteger(oid) || String(oid) !== name) {
    return unknownCause(`not asked: "${name}" is no order id that Hyperliquid gives or takes`);
  }
  const isThis = ({ order: row }: OrderState): boolean =>
    row.coin === market.id &&
    (order.id === null ? row.cloid?.toLowerCase() === name.toLowerCase() : row.oid === order.id);

  const reported = await session.askUnless([UNKNOWN_ORDER], ORDER_STATUS, { type: 'orderStatus', user, oid });
  if (reported !== null) {
    if (!isThis(reported.order)) throw session.failure('incomplete', ORDER_STATUS, 'answered for another order');
    return explain(session, user, reported.order, order, market, 'order query');
  }

  const history = await session.ask(HISTORY, { type: 'historicalOrders', user });
  const last = history.filter(isThis).toSorted(byTime).at(-1);
  if (last !== undefined) return explain(session, user, last, order, market, 'closed orders');
  const reachesBack = Math.min(...history.map(({ statusTimestamp }) => statusTimestamp));
  if (history.length < HISTORY_ROWS || (order.changedAt !== null && order.changedAt > reachesBack)) {
    return neverSeen('order query and closed orders');
  }
  return unknownCause(
    `neither order query nor closed orders know it, and these show no more than the last ${HISTORY_ROWS} changes`,
  );
}

/** Of changes at the same time the final one counts. */
function byTime(a: OrderState, b: OrderState): number {
  const isFinal = ({ status }: OrderState): number => (status === 'open' || status === 'triggered' ? 0 : 1);
  return a.statusTimestamp - b.statusTimestamp || isFinal(a) - isFinal(b);
}

async function explain(
  session: ReadSession,
  user: string,
  state: OrderState,
  order: OpenOrder,
  market: Market,
  source: string,
): Promise<MissingOrderExplanation> {
  const { status, statusTimestamp, order: row } = state;
  const end = endOf(status);
  if (end === null) return unknownCause(`${source}: Hyperliquid calls its status "${status}"`);
  if (end === 'rejected') {
    return explanationOf({ end, filled: '0', averagePrice: null, at: statusTimestamp, reason: status }, market, source);
  }
  if (end === 'open' && status === 'open') return explanationOf(blank(end, statusTimestamp), market, source);

  const { trades, whole, liquidated } = await ownFills(session, user, row, order.id ?? row.oid);
  const traded = explanationByTrades(
    trades,
    { ...order, amount: isZero(row.origSz) ? order.amount : row.origSz },
    market,
  );
  // One that was triggered went on as an order under the same id: its fills report how far it came.
  if (end === 'open') {
    if (traded === null) return unknownCause(`${source}: it was triggered, and no fill of it is reported`);
    return liquidated ? { ...traded, cause: 'liquidated' } : traded;
  }
  const sum = trades.reduce((total, { amount }) => addDecimals(total, amount), '0');
  const isAll = whole && (end !== 'filled' || isZero(row.origSz) || compareDecimals(sum, row.origSz) === 0);
  return explanationOf(
    {
      end: liquidated ? 'liquidated' : end,
      filled: isAll ? sum : end === 'filled' ? row.origSz : null,
      averagePrice: isAll ? (traded?.averagePrice ?? null) : null,
      at: statusTimestamp,
      reason: status === 'filled' || status === 'canceled' ? null : status,
    },
    market,
    source,
  );
}

function blank(end: OrderEnd, at: number) {
  return { end, filled: null, averagePrice: null, at };
}

/** Null for a status of which the documentation does not know. */
function endOf(status: string): OrderEnd | null {
  if (status === 'open' || status === 'triggered') return 'open';
  if (status === 'filled' || status === 'canceled' || status === 'rejected') return status;
  if (status === 'liquidatedCanceled') return 'liquidated';
  if (status === 'iocCancelRejected') return 'expired';
  if (status.endsWith('Rejected')) return 'rejected';
  return status === 'scheduledCancel' || status.endsWith('Canceled') ? 'canceled' : null;
}

interface OwnFills {
  trades: OwnTrade[];
  /** Whether these are all fills of the order. */
  whole: boolean;
  /** Whether one of them was our own liquidation. */
  liquidated: boolean;
}

async function ownFills(
  session: ReadSession,
  user: string,
  placed: { timestamp: number; coin: string },
  oid: string,
): Promise<OwnFills> {
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
    // A full page of one moment: what else is of that moment cannot be asked for.
    if (until === startTime || fresh.length === 0) break;
    startTime = until;
  }
  return { trades, whole: false, liquidated };
}
