import type { Failure } from '../failure/failure.js';
import { marksOf, type InterventionCall, type InterventionReason } from './intervention.js';
import type { KnownAccount, OpenIntervention } from './known-account.js';
import { LIMITS } from '../limits/limits.js';
import type { RecordedRun, SnapshotReceipt } from './run.js';
import { visible } from '../text/shown-text.js';

/*
 * Bounds what passes through workflow history. A payload has at most 2 MiB; a larger one stops the workflow for good. The
 * activities bound what they return. The workflows bound what they receive, too, because an activity of an earlier version
 * may have returned it. The ledger keeps everything in full.
 */

const MAX_MESSAGE = LIMITS.failureMessage.value;
const MAX_REMEDY = LIMITS.failureRemedy.value;
const MAX_SCOPES = LIMITS.listedScopes.value;
/** Discrepancies and intervention calls that a run describes. The ledger uses the same number. */
const MAX_DESCRIBED = 20;

/** The failure with texts of bounded length, because an exchange may answer with text of any length. */
export function boundedFailure(failure: Failure): Failure {
  return {
    ...failure,
    message: cut(failure.message, MAX_MESSAGE),
    where: failure.where === null ? null : cut(failure.where, MAX_REMEDY),
    remedy: cut(failure.remedy, MAX_REMEDY),
  };
}

export function boundedRun(run: RecordedRun): RecordedRun {
  return {
    ...run,
    opened: run.opened
      .slice(0, MAX_DESCRIBED)
      .map((each) => ({ ...each, description: cut(each.description, MAX_MESSAGE) })),
    calls: run.calls.slice(0, MAX_DESCRIBED).map((call) => boundedCall(call, MAX_MESSAGE)),
    notCompared: boundedScopes(run.notCompared),
    failure: run.failure === null ? null : boundedFailure(run.failure),
  };
}

export function boundedReceipt(receipt: SnapshotReceipt): SnapshotReceipt {
  return { ...receipt, scopes: boundedScopes(receipt.scopes) };
}

export function boundedIntervention(open: OpenIntervention): OpenIntervention {
  return { ...open, reasons: open.reasons.slice(-LIMITS.reasons.value).map(boundedReason) };
}

export function boundedAccount(known: KnownAccount): KnownAccount {
  const { paused, openIntervention } = known;
  return {
    ...known,
    paused:
      paused === null
        ? null
        : {
            by: cut(paused.by, LIMITS.messageName.value),
            reason: cut(paused.reason, LIMITS.messageText.value),
            since: paused.since,
          },
    openIntervention: openIntervention === null ? null : boundedIntervention(openIntervention),
  };
}

/** The summary of a timer or activity. Bounded, because a server refuses the whole workflow task if one is too long. */
export function summary(text: string): string {
  return cutToBytes(visible(text), LIMITS.summaryBytes.value);
}

function cutToBytes(text: string, max: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8Bytes(character.codePointAt(0) ?? 0);
    if (bytes > max) return `${text.slice(0, end)}…`;
    if (bytes <= max - ELLIPSIS_BYTES) end += character.length;
  }
  return text;
}

const ELLIPSIS_BYTES = 3;

function utf8Bytes(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** At most `max` characters; never ends in half a surrogate pair. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function boundedReason(reason: InterventionReason): InterventionReason {
  return { ...boundedCall(reason, LIMITS.messageText.value), at: cut(reason.at, 40) };
}

function boundedCall(call: InterventionCall, maxText: number): InterventionCall {
  const { sharedCause } = call;
  return {
    action: cut(call.action, LIMITS.messageName.value),
    text: cut(call.text, maxText),
    ...marksOf(call),
    ...(sharedCause !== undefined && { sharedCause: cut(sharedCause, LIMITS.messageName.value) }),
  };
}

/** Idempotent: an entry that counts the rest is kept. */
function boundedScopes(scopes: readonly string[]): string[] {
  const listed = scopes.slice(0, MAX_SCOPES + 1).map((scope) => cut(scope, MAX_REMEDY));
  if (scopes.length <= MAX_SCOPES) return listed;
  if (scopes.length === MAX_SCOPES + 1 && /^and \d+ more$/.test(listed[MAX_SCOPES] ?? '')) return listed;
  return [...listed.slice(0, MAX_SCOPES), `and ${scopes.length - MAX_SCOPES} more`];
}
