import type { Failure } from '../../domain/failure/failure.js';
import { readSharedCause, sharedCauseOf } from '../../domain/failure/shared-cause.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import { failureWords, problemWords } from './failure-words.js';
import type { Item } from './fit.js';
import { withoutLinks } from './inert.js';
import { sinceText } from './spans.js';

/** A reason for a call that is not about drift, as one item of a message. */
export interface ReasonItem extends Item {
  subject: string;
  /** The most serious first: a failure, something unconfirmed, something that is not compared, anything else. */
  rank: number;
  /** Whether the account cannot be checked. */
  isFailure: boolean;
}

/** What is known besides the reason. */
interface Known {
  exchange: string;
  /** The failure of the last run, which has the newest answer and its remedy; null if it is not known. */
  failure: Failure | null;
  now: Date;
}

export function isAboutFailure({ action }: Pick<InterventionReason, 'action'>): boolean {
  return action === 'RECONCILIATION_FAILURE_THRESHOLD';
}

export function reasonItemOf(reason: InterventionReason, known: Known): ReasonItem {
  if (isAboutFailure(reason)) return failureItem(reason, known);
  switch (reason.action) {
    case 'UNSETTLED':
      return unconfirmedItem(reason, known.now);
    case 'NOT_COMPARED':
      return notComparedItem(reason, known.now);
    default:
      return plain(reason.text, 3);
  }
}

function plain(text: string, rank: number): ReasonItem {
  const line = withoutLinks(text);
  return { lines: [line], brief: line, subject: line, rank, isFailure: false };
}

function withDetails(
  item: ReasonItem,
  { why, at, now }: { why: string; at: string; now: Date },
  advice: readonly string[],
): ReasonItem {
  const details = [withoutLinks(`Why: ${why}`), `Since: ${sinceText(new Date(at), now)}`, ...advice];
  return { ...item, lines: [...item.lines, ...details] };
}

/** "BTC/USDT:USDT could not be confirmed in 3 runs in a row (it may be POSITION_SIZE_CHANGED): it kept changing". */
const UNCONFIRMED = /^(.+) could not be confirmed in (\d+) runs in a row \(it may be ([A-Z]+)\w*\): (.*)$/s;

function unconfirmedItem({ text, at }: InterventionReason, now: Date): ReasonItem {
  const [, symbol, times, kind = '', why = ''] = UNCONFIRMED.exec(text) ?? [];
  if (symbol === undefined) return plain(text, 1);
  const item = plain(`${symbol} ${kind.toLowerCase()} may differ: not confirmed in ${times} checks in a row`, 1);
  return withDetails(item, { why, at, now }, [
    'Likely cause: the account trades this symbol all the time, or the two sides report it differently',
    'Next step: watch whether both values stop changing. Change nothing before that',
  ]);
}

/** "positions:linear FTM/USDT:USDT is no longer compared: renamed". */
const NOT_COMPARED = /^(\w+)(?::(\S+))?(?: (.+?))? is no longer compared: (.*)$/s;

function notComparedItem({ text, at }: InterventionReason, now: Date): ReasonItem {
  const [, kind, part, symbol, why = ''] = NOT_COMPARED.exec(text) ?? [];
  if (kind === undefined) return plain(text, 2);
  const what = symbol === undefined ? `${kind}${part === undefined ? '' : ` (${part})`}` : `${symbol} ${kind}`;
  const item = plain(`${what} are no longer compared`, 2);
  return withDetails(item, { why, at, now }, [
    'What this means: a difference there would not be noticed',
    "To fix it: correct what is named here, in the bot's state or in the configuration of Plumbline",
  ]);
}

/** "3 runs in a row failed (threshold 3): GET /fapi/v3/account: 401": the count and the answer. */
const THRESHOLD = /^(\d+) runs in a row failed \(threshold \d+\): (.*)$/s;

function failureItem(reason: InterventionReason, { exchange, failure }: Known): ReasonItem {
  const [, times, answer = reason.text] = THRESHOLD.exec(reason.text) ?? [];
  const sharedCause = failure === null ? reason.sharedCause : sharedCauseOf(failure, exchange);
  const shared = sharedCause === undefined ? null : readSharedCause(sharedCause);
  const ofAccount = failure === null ? null : failureWords(failure, exchange);
  const words = shared === null ? ofAccount : problemWords(shared);
  const message = failure?.message ?? answer;
  const failed = times === undefined ? 'checks failed' : `${times} checks in a row failed`;
  return {
    lines: [
      `The account cannot be checked: ${failed}`,
      `Last answer: ${message}`,
      ...(words === null ? [] : [`Likely cause: ${words.cause}`, `To fix it: ${words.next}`]),
    ],
    brief: `The account cannot be checked: ${failed}: ${message}`,
    subject: `cannot be checked: ${words === null ? answer : words.what}`,
    rank: 0,
    isFailure: true,
  };
}
