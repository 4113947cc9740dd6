/**
 * What became of an order that is not open. One pipeline for all exchanges: an exchange declares its sources in the order
 * in which they are asked (`MissingOrders`); `explainMissingOrder` asks them and turns the first answer into a
 * `MissingOrderExplanation`. `order-sources.ts` makes sources from tables.
 *
 * - A source answers for this very order or it does not know it (null). An answer for another order is a failure.
 * - A failure ends the search: the reader reports the cause `unknown` with the reason.
 * - An order that triggered is followed to the order that it became.
 * - `never_seen` is said only where no source knows the order, every history was read to its end, and the exchange would
 *   still remember an order of this age.
 */
import { Big } from 'big.js';
import type { MissingCause, MissingOrderExplanation } from '../../domain/difference/difference.js';
import { addDecimals, compareDecimals, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Market } from './markets.js';
import type { ReadSession } from './read-session.js';

/** One missing order, and what is needed to ask about it. */
export interface OrderQuestion {
  session: ReadSession;
  order: OpenOrder;
  market: Market;
}

/** The state of an order as the exchange reports it. `open` contradicts the list of open orders, where it is missing. */
export type OrderEnd = Exclude<MissingCause, 'unknown' | 'never_seen' | 'triggered' | 'replaced'> | 'open';

/** One order as an order query or a history reports it. */
export interface ReportedOrder {
  end: OrderEnd;
  /** Contracts (units of the exchange) filled; null where it is not reported. */
  filled: string | null;
  averagePrice: string | null;
  /** The exchange's own time of the end, milliseconds. */
  at: number | null;
  /** The exchange's own word for why ("insufficient margin"); null where it gives none. */
  reason?: string | null;
  /** The exchange says that the whole order is filled, whatever `end` says besides (a liquidation). */
  isFilled?: boolean;
  /** Which source it comes from, where one source asks another. */
  source?: string;
}

/** One of the bot's own trades. Funding and insurance rows are not trades: leave them out. */
export interface OwnTrade {
  price: string;
  /** Contracts (units of the exchange). */
  amount: string;
  at: number;
}

/** The bot's own trades by one order, at least one. */
export interface ReportedTrades {
  trades: readonly OwnTrade[];
  /** Whether the exchange liquidated or deleveraged the position by this order. */
  liquidated?: boolean;
  /** The order's amount, where the source reports it; else the bot's. */
  amount?: string | null;
  /** The amounts are in the base currency also of inverse contracts, so the average price weighs by amount. */
  inBase?: true;
}

/** The order triggered, or an amendment replaced it, and it became the order with this id; null where none is reported. */
export interface Triggered {
  became: string | null;
  /** Absent: it triggered. */
  how?: 'triggered' | 'replaced';
}

/** The source knows the order but does not show what became of it. */
export interface Undecided {
  undecided: string;
}

/** What a source says of an order that it knows. */
export type Known = ReportedOrder | ReportedTrades | Triggered | Undecided;

/** `unread`: not known, but the history was not read to its end. Null: not known. */
export type SourceAnswer = Known | 'unread' | null;

/** One place where an exchange is asked about an order. */
export interface OrderSource {
  /** "order query"; named in explanations. */
  readonly name: string;
  /** Whether it can be asked about this order; absent: always. */
  readonly when?: ((question: OrderQuestion) => boolean) | undefined;
  /** May throw FailureError. */
  ask(question: OrderQuestion): Promise<SourceAnswer>;
}

/** How long an exchange remembers an order that ended unfilled. */
export interface Memory {
  /** With a margin to what is documented; Infinity: always; null: not documented. */
  ms: number | null;
  /** What is documented, as a clause: "OKX forgets an order canceled without a fill after 2 hours". */
  says: string;
  /** Whether the exchange would still remember an order of unknown age. */
  isYoung?: (question: OrderQuestion, id: string) => Promise<boolean>;
}

export const REMEMBERS_ALL: Memory = { ms: Number.POSITIVE_INFINITY, says: '' };

/** How one exchange is asked about missing orders. */
export interface MissingOrders {
  /** In the order in which they are asked. The first that knows the order ends the search. */
  readonly sources: readonly OrderSource[];
  /** Asked about the order that a triggered one became. */
  readonly afterTrigger?: readonly OrderSource[];
  readonly memory: Memory | ((question: OrderQuestion) => Memory);
}

/** May throw FailureError: what a source throws. */
export async function explainMissingOrder(
  { sources, afterTrigger = [], memory }: MissingOrders,
  question: OrderQuestion,
): Promise<MissingOrderExplanation> {
  const asked = applying(sources, question);
  const found = await firstKnown(asked, question);
  if (found.source === null) {
    const names = namesOf(asked);
    if (found.unread) return unknownCause(`${notKnownTo(names)}, and the history is too long to decide`);
    return unknownToAll(question, names, typeof memory === 'function' ? memory(question) : memory);
  }
  const { known, source } = found;
  return 'became' in known
    ? explainTriggered(known, source, afterTrigger, question)
    : explain(known, question, source.name);
}

type Found = { source: OrderSource; known: Known } | { source: null; unread: boolean };

async function firstKnown(sources: readonly OrderSource[], question: OrderQuestion): Promise<Found> {
  let unread = false;
  for (const source of sources) {
    const known = await source.ask(question);
    if (known === 'unread') unread = true;
    else if (known !== null) return { source, known };
  }
  return { source: null, unread };
}

function explain(
  known: Exclude<Known, Triggered>,
  { order, market }: OrderQuestion,
  source: string,
): MissingOrderExplanation {
  if ('undecided' in known) return unknownCause(known.undecided);
  if (!('trades' in known)) return explanationOf(known, market, known.source ?? source);
  const { trades, liquidated = false, amount = order.amount, inBase = false } = known;
  const traded = explanationByTrades(trades, amount, inBase ? { ...market, kind: 'linear' } : market);
  return liquidated ? { ...traded, cause: 'liquidated' } : traded;
}

/** A triggered order continues as a regular order, which reports the end. */
async function explainTriggered(
  { became: id, how = 'triggered' }: Triggered,
  { name }: OrderSource,
  sources: readonly OrderSource[],
  question: OrderQuestion,
): Promise<MissingOrderExplanation> {
  const what = how === 'triggered' ? 'it triggered' : 'it was replaced';
  if (id === null) return unknownCause(`${what}, but the ${name} names no order that it became`);
  const follow = { ...question, order: { ...question.order, id, clientOrderId: null, conditional: false } };
  const asked = applying(sources, follow);
  const found = await firstKnown(asked, follow);
  if (found.source === null || 'became' in found.known) {
    return unknownCause(`${how} as order ${id}: ${notKnownTo(namesOf(asked))}`);
  }
  if ('end' in found.known && found.known.end === 'open') {
    const { filled, at } = found.known;
    const amount = filled === null ? null : multiplyDecimals(filled, question.market.contractSize);
    return { cause: how, filled: amount, averagePrice: null, at, source: name, becameOpen: id };
  }
  return explain(found.known, follow, `${found.source.name} of ${id}, which it became when it triggered`);
}

async function unknownToAll(
  question: OrderQuestion,
  names: readonly string[],
  { ms, says, isYoung }: Memory,
): Promise<MissingOrderExplanation> {
  if (ms === null) return unknownCause(`${notKnownTo(names)}; ${says}`);
  const { order, session } = question;
  const remembered =
    isRemembered(order, session.exchangeTime(), ms) ??
    (order.id === null ? null : ((await isYoung?.(question, order.id)) ?? null));
  if (remembered === true) {
    return { cause: 'never_seen', filled: null, averagePrice: null, at: null, source: `not known to ${listed(names)}` };
  }
  const age = order.changedAt === null ? 'of unknown age' : 'older';
  return unknownCause(`${notKnownTo(names)}; ${says}, and this order is ${age}`);
}

function explanationOf(order: ReportedOrder, market: Market, source: string): MissingOrderExplanation {
  // The exchange's own answer contradicts its list of open orders; see `withoutContradicted`.
  if (order.end === 'open') return { ...unknownCause(`${source}: the order is open`), stillOpen: true };
  return {
    cause: order.end,
    filled: order.filled === null ? null : multiplyDecimals(order.filled, market.contractSize),
    averagePrice: order.averagePrice === null || isZero(order.averagePrice) ? null : order.averagePrice,
    at: order.at,
    source: order.reason === undefined || order.reason === null ? source : `${source}: ${order.reason}`,
  };
}

/** Trades alone prove that the order is filled only where they fill the whole order. */
function explanationByTrades(
  trades: readonly OwnTrade[],
  amount: string | null,
  market: Market,
): MissingOrderExplanation {
  const filled = multiplyDecimals(sumOf(trades), market.contractSize);
  const whole = isWhole(trades, amount, market);
  return {
    cause: whole ? 'filled' : 'unknown',
    filled,
    averagePrice: averagePriceOf(trades, market),
    at: Math.max(...trades.map(({ at }) => at)),
    source: whole ? 'own trades' : 'own trades show a part of it filled; what became of the rest is not reported',
  };
}

/** Whether trades fill an order of this amount, which is in base units. */
export function isWhole(trades: readonly OwnTrade[], amount: string | null, market: Market): boolean {
  return amount !== null && compareDecimals(multiplyDecimals(sumOf(trades), market.contractSize), amount) >= 0;
}

/** Contracts traded. */
export function sumOf(trades: readonly OwnTrade[]): string {
  return trades.reduce((sum, { amount }) => addDecimals(sum, amount), '0');
}

/** The price at which all could have been traded at once: of inverse contracts the harmonic mean. */
export function averagePriceOf(trades: readonly OwnTrade[], market: Market): string | null {
  const [first] = trades;
  // Equal prices stay exact: the quotients of a harmonic mean are rounded.
  if (first !== undefined && trades.every(({ price }) => new Big(price).eq(first.price))) {
    return isZero(first.price) ? null : new Big(first.price).toFixed();
  }
  const zero = new Big(0);
  const contracts = trades.reduce((sum, { amount }) => sum.plus(amount), zero);
  const worth = trades.reduce((sum, { amount, price }) => {
    return sum.plus(market.kind === 'inverse' ? new Big(amount).div(price) : new Big(amount).times(price));
  }, zero);
  if (contracts.eq(0) || worth.eq(0)) return null;
  return (market.kind === 'inverse' ? contracts.div(worth) : worth.div(contracts)).toFixed();
}

/** Nothing explains the order; `source` says what was asked and why that does not explain it. */
export function unknownCause(source: string): MissingOrderExplanation {
  return { cause: 'unknown', filled: null, averagePrice: null, at: null, source };
}

/**
 * Whether the exchange would still know an order of this age. Without an exchange id the bot never had an acknowledgement:
 * such an order was never long open. Null where the age is not known.
 */
function isRemembered(order: OpenOrder, exchangeTime: number, rememberedMs: number): boolean | null {
  if (rememberedMs === Number.POSITIVE_INFINITY) return true;
  if (order.changedAt !== null) return exchangeTime - order.changedAt < rememberedMs;
  return order.id === null ? true : null;
}

function applying(sources: readonly OrderSource[], question: OrderQuestion): OrderSource[] {
  return sources.filter(({ when }) => when === undefined || when(question));
}

function namesOf(sources: readonly OrderSource[]): string[] {
  return [...new Set(sources.map(({ name }) => name))];
}

/** "order query, closed orders and own trades" */
function listed(names: readonly string[], last = 'and'): string {
  const before = names.slice(0, -1).join(', ');
  return `${before}${before === '' ? '' : ` ${last} `}${names.at(-1) ?? 'any source'}`;
}

function notKnownTo(names: readonly string[]): string {
  return names.length === 1 ? `the ${listed(names)} does not know it` : `neither ${listed(names, 'nor')} know it`;
}
