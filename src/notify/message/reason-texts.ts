import { DISCREPANCY_TYPES, type Difference } from '../../domain/difference/difference.js';
import { familyOf } from '../../domain/difference/identity.js';
import { orderName } from '../../domain/difference/wording.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';

/*
 * Parses the texts of reasons about differences. They are `ReportedCause.text` with additions of the ledger (`verdictCalls`,
 * `callOfEnd`). They begin with their symbol, and their values are from the time of the call.
 */

/** Whether the reason is about a difference, and not about a failure or something unconfirmed. */
export function isAboutDrift({ action }: Pick<InterventionReason, 'action'>): boolean {
  return (DISCREPANCY_TYPES as readonly string[]).includes(action);
}

/** Whether the reason was given for this difference: the same position, order or balance, possibly with other values. */
export function isGivenFor(reason: InterventionReason, difference: Difference): boolean {
  const { symbol, type, side } = difference;
  const action = DISCREPANCY_TYPES.find((each) => each === reason.action);
  if (action === undefined || familyOf(action) !== familyOf(type)) return false;
  if (![':', ' still ', ' is still '].some((next) => reason.text.startsWith(symbol + next))) return false;
  if (type.startsWith('ORDER_')) return reason.text.includes(orderName(difference));
  return side === null || reason.text.includes(` ${side}`);
}

/** What a reason says about the past: that the difference is back, or that somebody had accepted it. */
export function historyOf(text: string): string | null {
  const back = / \((it is back: [^()]*)\)/.exec(text)?.[1];
  const changed = / \(([^()]+ had accepted it as it was: .*)\)$/.exec(text)?.[1];
  const expired = / (?:still differs|is still open); (.+? had accepted it until [\d-]+T[\d:.]+Z): /.exec(text)?.[1];
  return back ?? changed ?? (expired === undefined ? null : `${expired}, and that time is over`);
}

const HISTORY = / \((?:it is back: |[^()]+ had accepted it as it was: ).*$/;
/** The clause of a cause that repeats both values. */
const VALUES = /; the bot (?:has none|still has )[^;]*/;
/** Words that only describe both values and give no cause. */
const ONLY_VALUES =
  /the exchange holds |the bot has |is open (?:on the exchange|in the bot's state) | was amended: | on the exchange, /;

/** What the text of a reason or cause says besides the values; null if nothing. */
export function storyOf(text: string, symbol: string): string | null {
  if (!text.startsWith(`${symbol}: `)) return null;
  const story = text
    .slice(symbol.length + 2)
    .replace(HISTORY, '')
    .replace(VALUES, '');
  // A balance names its values first, then what moved it.
  const moved = / on the exchange, .* in the bot's state(?: \([^()]*\))?: (.+)$/.exec(story)?.[1];
  return moved ?? (ONLY_VALUES.test(story) ? null : story);
}
