import { patched } from '@temporalio/workflow';

/**
 * Whether this execution follows the rules of 2026-12: it validates its start arguments, waits with one timer per tick,
 * adopts the ledger's state at the start, and signals an intervention before it starts one. False while an older history is
 * replayed; such an execution switches to the new rules where its history ends.
 */
export function isCurrent(): boolean {
  return patched('2026-12');
}

/**
 * Whether an observation and its judgement are one activity. False while an older history is replayed, as in `isCurrent`.
 */
export function observesAtOnce(): boolean {
  return patched('2026-12-one-activity');
}

/**
 * Whether the account's workflow asks the server for an open intervention before it starts one, and sends an open one new rules
 * and the news that discrepancies are resolved. False while an older history is replayed, as in `isCurrent`.
 */
export function tellsInterventions(): boolean {
  return patched('2026-12-calls');
}

/**
 * Whether a new reason that pages ends a snooze. False while an older history is replayed, as in `isCurrent`.
 */
export function endsSnoozes(): boolean {
  return patched('2026-12-snooze');
}
