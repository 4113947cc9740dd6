import type { Severity } from '../policy/severity.js';

/** A reason that a run gives for an intervention, before it is recorded. */
export interface InterventionCall {
  /** A discrepancy type, RECONCILIATION_FAILURE_THRESHOLD or UNSETTLED. */
  action: string;
  /** One line, redacted. */
  text: string;
  /** Absent: `page`. */
  severity?: Severity;
  /** Whether the trading gate is closed while nobody has acknowledged this reason. Absent: true. */
  closesGate?: boolean;
  /**
   * What this reason has in common with those of other accounts, such as `failure:exchange:binanceusdm:exchange_down`.
   * Calls with the same cause that come within seconds are sent as one message. Absent: this reason is sent alone.
   */
  sharedCause?: string;
}

/** The fields of a call besides its texts: only those that are set. */
export function marksOf({
  severity,
  closesGate,
  sharedCause,
}: InterventionCall): Omit<InterventionCall, 'action' | 'text'> {
  return {
    ...(severity !== undefined && { severity }),
    ...(closesGate !== undefined && { closesGate }),
    ...(sharedCause !== undefined && { sharedCause }),
  };
}

/** A recorded reason of an intervention, with the time at which the account's workflow gave it. */
export interface InterventionReason extends InterventionCall {
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Whether an intervention with these reasons closes the trading gate: one of them does, or there is none. Takes any value,
 * because a stored one may have been altered; then it closes.
 */
export function closesGate(reasons: unknown): boolean {
  if (!Array.isArray(reasons) || reasons.length === 0) return true;
  return reasons.some(
    (reason: unknown) =>
      typeof reason !== 'object' || reason === null || !('closesGate' in reason) || reason.closesGate !== false,
  );
}

/**
 * Whether one of the new reasons is important enough to end a snooze: it pages, and the person who snoozed has not seen a
 * similar one. Each discrepancy counts as new. The other reasons, such as runs that fail again, count once.
 */
export function endsSnooze(fresh: readonly InterventionReason[], all: readonly InterventionReason[]): boolean {
  const count = (reasons: readonly InterventionReason[], action: string): number =>
    reasons.filter((reason) => reason.action === action).length;
  return fresh.some(
    ({ severity, action }) =>
      (severity ?? 'page') === 'page' && (!isRepeated(action) || count(all, action) <= count(fresh, action)),
  );
}

/**
 * Whether a message with these reasons tells about the reason too. Messages tell reasons in the order of their times, each once,
 * so one that is not newer than the newest was in this message or an earlier one. Runs that fail again are no news.
 */
export function tellsAbout(told: readonly ReasonMark[], { action, at }: ReasonMark): boolean {
  const newest = Math.max(...told.map((reason) => Date.parse(reason.at)));
  return Date.parse(at) <= newest || (isRepeated(action) && told.some((reason) => reason.action === action));
}

type ReasonMark = Pick<InterventionReason, 'action' | 'at'>;

/** Whether the reason describes a state of the account rather than a single discrepancy. */
function isRepeated(action: string): boolean {
  return action === 'RECONCILIATION_FAILURE_THRESHOLD' || action === 'UNSETTLED';
}

/** The severity of a call with these reasons: the highest of them. */
export function severityOf(reasons: readonly Pick<InterventionCall, 'severity'>[]): Severity {
  return reasons.some(({ severity }) => (severity ?? 'page') === 'page') ? 'page' : 'notify';
}
