import {
  absoluteDecimal,
  compareDecimals,
  isZero,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../decimal/decimal.js';
import { describe } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { changeOf, fillText, fillsThatMakeUp, fillsTowards, missedFillOf, type MissedFill } from './missed-fills.js';
import { signedAmount } from '../snapshot/position-legs.js';
import { hasExpired } from '../snapshot/scope.js';
import type { MarketFacts } from '../snapshot/snapshot.js';
import type { Circumstances, VenueAction, Cause, CauseKind, PositionAct } from './cause.js';
import type { Measured } from '../snapshot/unit.js';
import { toleranceOf, type IsWithinTolerance } from '../compare/tolerance.js';
import { amountText, numberText, orderName, positionText, shortList } from '../difference/wording.js';

type PositionDifference = Extract<
  Difference,
  { type: 'POSITION_OPENED_EXTERNALLY' | 'POSITION_SIZE_CHANGED' | 'POSITION_CLOSED_EXTERNALLY' }
>;

/** A position difference and what may have caused it. */
interface CauseDraft {
  position: PositionDifference;
  venueActions: PositionAction[];
  fills: readonly MissedFill[];
  /**
   * Base units that neither venue actions nor fills explain; "0" if the rest is within the market's tolerance.
   */
  rest: DecimalText;
  /** Whether the position is gone at or after the expiry of its contract. */
  settled: boolean;
  /** The exchange's own orders that carried out its venue actions. */
  forced: Difference[];
  /** Orders that ended with the position. */
  cancelled: Difference[];
}

/** Rules 1 to 5 of `relate`: one cause for each position that differs, with the orders that share it. */
export function positionCauses(differences: readonly Difference[], known: Circumstances): Cause[] {
  const drafts = differences.filter(isPositionDifference).map((position): CauseDraft => {
    const venueActions = venueActionsOf(position, known.venueActions);
    const isGone = position.exchange === null && venueActions.length === 0;
    const settled = isGone && hasExpired(position.symbol, known.exchangeClock);
    return { position, venueActions, fills: [], rest: '0', settled, forced: [], cancelled: [] };
  });
  addFills(drafts, differences, toleranceOf({ tolerance: {} }, known.markets, {}));
  addCancelled(drafts, differences);
  return drafts.map((draft) => ({
    kind: kindOf(draft, known.markets),
    text: textOf(draft),
    differences: [
      draft.position,
      ...draft.fills.map(({ difference }) => difference),
      ...draft.forced,
      ...draft.cancelled,
    ],
  }));
}

function isPositionDifference(difference: Difference): difference is PositionDifference {
  return difference.type.startsWith('POSITION_');
}

/** Base units that the exchange holds in excess of the bot's state; below zero if it holds less. */
function excessOf({ exchange, internal }: PositionDifference): DecimalText {
  return subtractDecimals(signedAmount(exchange), signedAmount(internal));
}

/** The venue actions that changed the position in the direction in which it differs. */
function venueActionsOf(position: PositionDifference, venueActions: readonly VenueAction[]): PositionAction[] {
  const way = signOf(excessOf(position));
  return venueActions
    .filter(isPositionAction)
    .filter(({ symbol, change }) => symbol === position.symbol && signOf(change) === way);
}

type PositionAction = VenueAction & { kind: PositionAct };

function isPositionAction(action: VenueAction): action is PositionAction {
  return action.kind in ACTS;
}

function addFills(drafts: CauseDraft[], differences: readonly Difference[], isWithin: IsWithinTolerance): void {
  const left = new Set(differences.map(missedFillOf).filter((fill) => fill !== null));
  const restOf = ({ position, venueActions, fills }: CauseDraft): DecimalText => {
    const rest = subtractDecimals(excessOf(position), changeOf([...venueActions, ...fills]));
    return isWithin(position.symbol, rest, '0') ? '0' : rest;
  };
  const choosers: ((rest: DecimalText, fills: MissedFill[], symbol: string) => readonly MissedFill[])[] = [
    (rest, fills, symbol) => fillsThatMakeUp(rest, fills, (a, b) => isWithin(symbol, a, b)),
    (rest, fills) => fillsTowards(rest, fills),
  ];
  // Exact sums for all legs come first: fills in the direction of one leg may be the exact sum of the other.
  for (const choose of choosers) {
    for (const draft of drafts) {
      const { symbol } = draft.position;
      draft.rest = restOf(draft);
      if (isZero(draft.rest)) continue;
      const candidates = [...left].filter(({ order }) => order.symbol === symbol);
      const chosen = choose(draft.rest, candidates, symbol);
      for (const fill of chosen) left.delete(fill);
      draft.fills = [...draft.fills, ...chosen];
      draft.rest = restOf(draft);
    }
  }
}

function addCancelled(drafts: CauseDraft[], differences: readonly Difference[]): void {
  const taken = new Set(drafts.flatMap(({ fills }) => fills.map(({ difference }) => difference)));
  for (const draft of drafts) {
    if (draft.venueActions.length > 0) {
      draft.forced = differences.filter((order) => !taken.has(order) && isForced(order, draft.position.symbol));
    }
    for (const order of draft.forced) taken.add(order);
    draft.cancelled = differences.filter((order) => !taken.has(order) && wentWith(order, draft));
    for (const order of draft.cancelled) taken.add(order);
  }
}

/** Whether the order is one of the exchange's risk engine, which the bot recorded as its own. */
function isForced(order: Difference, symbol: string): boolean {
  return (
    order.type === 'ORDER_MISSING_ON_EXCHANGE' && order.symbol === symbol && order.explanation?.cause === 'liquidated'
  );
}

/**
 * Whether the order ended without a fill together with the position: because its contract expired, because it was on the
 * closing side, or because its symbol was liquidated (exchanges then cancel the orders of both sides).
 */
function wentWith(order: Difference, { position, venueActions, fills, settled }: CauseDraft): boolean {
  if (order.type !== 'ORDER_MISSING_ON_EXCHANGE' || order.symbol !== position.symbol) return false;
  if (missedFillOf(order) !== null) return false;
  if (settled) return true;
  const { exchange, internal } = position;
  const isGone = internal !== null && exchange?.side !== internal.side;
  const ended = order.explanation?.cause === 'canceled' || order.explanation?.cause === 'expired';
  const liquidated = venueActions.some(({ kind }) => kind === 'liquidation') || fills.some(isLiquidation);
  if (liquidated && ended) return true;
  return isGone && ended && order.internal.side === (internal.side === 'long' ? 'sell' : 'buy');
}

function isLiquidation({ cause }: MissedFill): boolean {
  return cause === 'liquidated';
}

function kindOf(draft: CauseDraft, markets: Record<string, MarketFacts>): CauseKind {
  const { position, venueActions, fills, settled, cancelled } = draft;
  const [venueAction] = venueActions;
  if (venueAction !== undefined) return venueAction.kind;
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

/** One line: venue actions and fills, the position on both sides, the unexplained rest, and the orders that ended. */
function textOf({ position, venueActions, fills, rest, settled, cancelled }: CauseDraft): string {
  const { symbol } = position;
  const unit = (position.exchange ?? position.internal)?.unit;
  const acts = [...venueActions.map((action) => venueActionText({ ...action, unit })), ...fills.map(fillText)];
  if (settled) acts.push('the contract expired and was settled');
  const gone = cancelled.length === 0 ? '' : `; ${shortList(cancelled.map(orderName))} ended with it`;
  if (acts.length === 0) return describe(position) + gone;
  const way = signOf(rest) > 0 ? 'bought' : 'sold';
  const isExplained = settled || isZero(rest);
  const unexplained = isExplained
    ? ''
    : `; a further ${amountText(absoluteDecimal(rest), { symbol, unit })} ${way} is unexplained`;
  return `${symbol}: ${shortList(acts)}; ${beliefText(position)}${unexplained}${gone}`;
}

function beliefText({ exchange, internal }: PositionDifference): string {
  const belief = internal === null ? 'the bot has none' : `the bot still has ${positionText(internal)}`;
  return exchange === null ? belief : `${belief}, the exchange holds ${positionText(exchange)}`;
}

const ACTS: Record<PositionAct, string> = {
  liquidation: 'liquidated',
  deleveraging: 'deleveraged (ADL)',
  settlement: 'settled',
};

function venueActionText({ kind, symbol, unit, change, price }: PositionAction & Measured): string {
  const at = price === null ? '' : ` at ${numberText(price)}`;
  return `the exchange ${ACTS[kind]} ${amountText(absoluteDecimal(change), { symbol, unit })}${at}`;
}
