import { explanationText } from '../../domain/difference/describe.js';
import type { Difference, MissingCause } from '../../domain/difference/difference.js';
import type { Cause } from '../../domain/explain/cause.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import { storyOf } from './reason-texts.js';

/**
 * Why the two sides differ, if it is known. Reasons take precedence, because they include the exchange's own actions, such as a
 * liquidation, which the differences alone do not show.
 */
export function likelyCause(
  difference: Difference,
  { kind, text }: Pick<Cause, 'kind' | 'text'>,
  reasons: readonly InterventionReason[],
): string {
  const { hint, symbol } = difference;
  if (hint !== undefined) return hint.text;
  const stories = [...reasons.map((reason) => reason.text), text].map((each) => storyOf(each, symbol));
  const story = stories.find((each) => each !== null) ?? null;
  if (story !== null) return story;
  if (difference.type === 'ORDER_MISSING_ON_EXCHANGE' && difference.explanation !== null) {
    const { explanation, internal } = difference;
    return ENDED[explanation.cause] ?? explanationText(explanation, internal);
  }
  return kind === 'dust' ? DUST : UNEXPLAINED[difference.type];
}

const UNKNOWN_END = 'not known. The exchange does not say what became of the order';
/** Why an order is gone, if no other order replaced it. */
const ENDED: Partial<Record<MissingCause, string>> = {
  filled: 'the order filled and the bot did not record it',
  canceled: 'somebody or the exchange cancelled the order, and the bot did not record it',
  expired: 'the order expired and the bot did not record it',
  rejected: 'the exchange rejected the order and the bot did not record it',
  liquidated: 'the exchange closed the position by force (liquidation)',
  never_seen: 'the order never reached the exchange',
  unknown: UNKNOWN_END,
};
const DUST = 'what remains is less than the smallest order of this market';
const BY_HAND = 'by hand or with another program';

const UNEXPLAINED: Record<Difference['type'], string> = {
  POSITION_OPENED_EXTERNALLY: `not known. Somebody opened it ${BY_HAND}, or the bot lost track of its own trade`,
  POSITION_SIZE_CHANGED: `not known. Somebody traded ${BY_HAND}, or the bot lost track of its own trade`,
  POSITION_CLOSED_EXTERNALLY: `not known. Somebody closed it ${BY_HAND}, or the bot lost track of its own trade`,
  ORDER_PLACED_EXTERNALLY: `not known. Somebody placed it ${BY_HAND}, or the bot lost track of its own order`,
  ORDER_MISSING_ON_EXCHANGE: UNKNOWN_END,
  ORDER_AMENDED_EXTERNALLY: `not known. Somebody changed the order ${BY_HAND}, or the bot lost track of its own change`,
  ORDER_FILL_MISSED: 'the order filled and the bot did not record it',
  BALANCE_CHANGED_EXTERNALLY: 'not known. A deposit, withdrawal, fee or trade that the bot did not record',
};
