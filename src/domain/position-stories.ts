import { absoluteDecimal, compareDecimals, isZero, signOf, subtractDecimals, type DecimalText } from './decimal.js';
import { describe } from './describe.js';
import type { Difference } from './difference.js';
import { changeOf, fillText, fillsThatMakeUp, fillsTowards, missedFillOf, type MissedFill } from './missed-fills.js';
import { signedAmount } from './position-legs.js';
import { hasExpired } from './scope.js';
import type { MarketFacts } from './snapshot.js';
import type { Circumstances, ExchangeNotice, Story, StoryCause } from './story.js';
import { toleranceOf, type IsWithinTolerance } from './tolerance.js';
import { amountText, numberText, orderName, positionText, shortList } from './wording.js';

type PositionDifference = Extract<
  Difference,
  { type: 'POSITION_OPENED_EXTERNALLY' | 'POSITION_SIZE_CHANGED' | 'POSITION_CLOSED_EXTERNALLY' }
>;

/** A position difference on its way to its story. */
interface Chapter {
  position: PositionDifference;
  notices: ExchangeNotice[];
  fills: readonly MissedFill[];
  /** Base units that neither notices nor fills account for; "0" where what is left is within the market's step. */
  rest: DecimalText;
  /** Gone at or after the expiry of its contract. */
  settled: boolean;
  /** The exchange's own orders, by which it did what its notices tell. */
  forced: Difference[];
  /** Orders that went with it. */
  cancelled: Difference[];
}

/** Rules 1 to 5 of `relate`: each position that differs, with the orders that belong to its story. */
export function positionStories(differences: readonly Difference[], known: Circumstances): Story[] {
  const chapters = differences.filter(isPositionDifference).map((position): Chapter => {
    const notices = noticesOf(position, known.notices);
    const isGone = position.exchange === null && notices.length === 0;
    const settled = isGone && hasExpired(position.symbol, known.exchangeClock);
    return { position, notices, fills: [], rest: '0', settled, forced: [], cancelled: [] };
  });
  addFills(chapters, differences, toleranceOf({ tolerance: {} }, known.markets, {}));
  addCancelled(chapters, differences);
  return chapters.map((chapter) => ({
    cause: causeOf(chapter, known.markets),
    text: textOf(chapter),
    differences: [
      chapter.position,
      ...chapter.fills.map(({ difference }) => difference),
      ...chapter.forced,
      ...chapter.cancelled,
    ],
  }));
}

function isPositionDifference(difference: Difference): difference is PositionDifference {
  return difference.type.startsWith('POSITION_');
}

/** Base units by which the exchange holds more than the bot believes in; below zero for less. */
function excessOf({ exchange, internal }: PositionDifference): DecimalText {
  return subtractDecimals(signedAmount(exchange), signedAmount(internal));
}

/** Those of the exchange's acts that moved the position the way in which it differs. */
function noticesOf(position: PositionDifference, notices: readonly ExchangeNotice[]): ExchangeNotice[] {
  const way = signOf(excessOf(position));
  return notices.filter(
    ({ kind, symbol, change }) => kind !== 'funding' && symbol === position.symbol && signOf(change) === way,
  );
}

function addFills(chapters: Chapter[], differences: readonly Difference[], isWithin: IsWithinTolerance): void {
  const left = new Set(differences.map(missedFillOf).filter((fill) => fill !== null));
  const restOf = ({ position, notices, fills }: Chapter): DecimalText => {
    const rest = subtractDecimals(excessOf(position), changeOf([...notices, ...fills]));
    return isWithin(position.symbol, rest, '0') ? '0' : rest;
  };
  const choosers: ((rest: DecimalText, fills: MissedFill[], symbol: string) => readonly MissedFill[])[] = [
    (rest, fills, symbol) => fillsThatMakeUp(rest, fills, (a, b) => isWithin(symbol, a, b)),
    (rest, fills) => fillsTowards(rest, fills),
  ];
  // Exact ones for all legs first: fills that point the same way as one leg may make up the other.
  for (const choose of choosers) {
    for (const chapter of chapters) {
      const { symbol } = chapter.position;
      chapter.rest = restOf(chapter);
      if (isZero(chapter.rest)) continue;
      const candidates = [...left].filter(({ order }) => order.symbol === symbol);
      const chosen = choose(chapter.rest, candidates, symbol);
      for (const fill of chosen) left.delete(fill);
      chapter.fills = [...chapter.fills, ...chosen];
      chapter.rest = restOf(chapter);
    }
  }
}

function addCancelled(chapters: Chapter[], differences: readonly Difference[]): void {
  const taken = new Set(chapters.flatMap(({ fills }) => fills.map(({ difference }) => difference)));
  for (const chapter of chapters) {
    if (chapter.notices.length > 0) {
      chapter.forced = differences.filter((order) => !taken.has(order) && isForced(order, chapter.position.symbol));
    }
    for (const order of chapter.forced) taken.add(order);
    chapter.cancelled = differences.filter((order) => !taken.has(order) && wentWith(order, chapter));
    for (const order of chapter.cancelled) taken.add(order);
  }
}

/** Whether a bot took an order of the exchange's risk engine for one of its own. */
function isForced(order: Difference, symbol: string): boolean {
  return (
    order.type === 'ORDER_MISSING_ON_EXCHANGE' && order.symbol === symbol && order.explanation?.cause === 'liquidated'
  );
}

/**
 * Whether the order ended without a fill when the position did: with its contract, on the closing side, or on either side
 * of a symbol that was liquidated, for exchanges then drop all of its orders.
 */
function wentWith(order: Difference, { position, notices, fills, settled }: Chapter): boolean {
  if (order.type !== 'ORDER_MISSING_ON_EXCHANGE' || order.symbol !== position.symbol) return false;
  if (missedFillOf(order) !== null) return false;
  if (settled) return true;
  const { exchange, internal } = position;
  const isGone = internal !== null && exchange?.side !== internal.side;
  const ended = order.explanation?.cause === 'canceled' || order.explanation?.cause === 'expired';
  const liquidated = notices.some(({ kind }) => kind === 'liquidation') || fills.some(isLiquidation);
  if (liquidated && ended) return true;
  return isGone && ended && order.internal.side === (internal.side === 'long' ? 'sell' : 'buy');
}

function isLiquidation({ cause }: MissedFill): boolean {
  return cause === 'liquidated';
}

function causeOf(chapter: Chapter, markets: Record<string, MarketFacts>): StoryCause {
  const { position, notices, fills, settled, cancelled } = chapter;
  const [notice] = notices;
  if (notice !== undefined) return notice.kind;
  if (fills.some(isLiquidation)) return 'liquidation';
  if (settled) return 'settlement';
  if (fills.length > 0) return 'order_filled';
  if (isDust(position, markets)) return 'dust';
  const { exchange, internal } = position;
  if (exchange !== null && internal !== null && exchange.side !== internal.side) return 'flip';
  return cancelled.length > 0 ? 'position_closed' : 'unexplained';
}

function isDust(position: PositionDifference, markets: Record<string, MarketFacts>): boolean {
  const facts = Object.hasOwn(markets, position.symbol) ? markets[position.symbol] : undefined;
  if (facts === undefined) return false;
  return compareDecimals(absoluteDecimal(excessOf(position)), facts.minAmount ?? facts.amountStep) < 0;
}

/** The acts, what both sides hold, what is left unexplained, and what went with it. */
function textOf({ position, notices, fills, rest, settled, cancelled }: Chapter): string {
  const { symbol } = position;
  const acts = [...notices.map(noticeText), ...fills.map(fillText)];
  if (settled) acts.push('the contract expired and was settled');
  const gone = cancelled.length === 0 ? '' : `; ${shortList(cancelled.map(orderName))} went with it`;
  if (acts.length === 0) return describe(position) + gone;
  const way = signOf(rest) > 0 ? 'bought' : 'sold';
  const isExplained = settled || isZero(rest);
  const unexplained = isExplained ? '' : `; ${amountText(absoluteDecimal(rest), symbol)} ${way} besides is unexplained`;
  return `${symbol}: ${shortList(acts)}; ${beliefText(position)}${unexplained}${gone}`;
}

function beliefText({ exchange, internal }: PositionDifference): string {
  const belief = internal === null ? 'the bot believes in none' : `the bot still believes in ${positionText(internal)}`;
  return exchange === null ? belief : `${belief}, the exchange holds ${positionText(exchange)}`;
}

const ACTS: Record<ExchangeNotice['kind'], string> = {
  liquidation: 'liquidated',
  deleveraging: 'deleveraged (ADL)',
  settlement: 'settled',
  funding: 'charged',
};

function noticeText({ kind, symbol, change, price }: ExchangeNotice): string {
  const at = price === null ? '' : ` at ${numberText(price)}`;
  return `the exchange ${ACTS[kind]} ${amountText(absoluteDecimal(change), symbol)}${at}`;
}
