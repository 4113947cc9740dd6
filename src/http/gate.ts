import type { AccountTotals } from '../ledger/ledger.js';

/** The answer to "may this bot trade now?". */
export interface Gate {
  open: boolean;
  /** Why it is closed, one line each; empty exactly when it is open. */
  reasons: string[];
  lastSuccessAt: Date | null;
  /** Minutes since the last success; null before the first one. */
  ageMinutes: number | null;
  /** Age above which the gate closes (the account's `gate_max_age_minutes`). */
  maxAgeMinutes: number;
}

/** How far the last success may lie in this machine's future before its age is no longer believed. */
const FUTURE_MINUTES_ALLOWED = 1;
const MINUTE_MS = 60_000;

/**
 * Decides the gate from the ledger's totals. Pure: the caller hands in the time.
 *
 * It opens only on positive evidence: a success that is recent enough, no call for a human that is open or due, a
 * reconciliation that is not stopped. Whatever is missing or makes no sense closes it.
 */
export function gateOf(totals: AccountTotals, now: Date): Gate {
  const maxAgeMinutes = totals.policy.gateMaxAgeMinutes;
  const ageMinutes =
    totals.lastSuccessAt === null ? null : (now.getTime() - totals.lastSuccessAt.getTime()) / MINUTE_MS;
  const reasons = [stopped(totals), intervention(totals), freshness(ageMinutes, maxAgeMinutes)].filter(
    (reason) => reason !== null,
  );
  return { open: reasons.length === 0, reasons, lastSuccessAt: totals.lastSuccessAt, ageMinutes, maxAgeMinutes };
}

function stopped(totals: AccountTotals): string | null {
  return totals.active ? null : 'the reconciliation of this account is stopped: nobody watches it';
}

function intervention(totals: AccountTotals): string | null {
  if (totals.openInterventions > 0) return 'a call for a human is open: it waits for `plumbline acknowledge`';
  // The verdict is in the ledger, the intervention that follows from it not yet.
  if (totals.callDueSince !== null) return 'a human is being called: the last run found what needs one';
  return null;
}

function freshness(ageMinutes: number | null, maxAgeMinutes: number): string | null {
  if (ageMinutes === null) return 'no reconciliation of this account has succeeded yet';
  // Written so that an age that is not a number closes the gate.
  if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {
    return `the last success lies in the future of this machine's clock, so its age is unknown`;
  }
  if (!(ageMinutes <= maxAgeMinutes)) {
    return `the last success is ${Math.floor(ageMinutes)} minutes old, more than the ${maxAgeMinutes} allowed`;
  }
  return null;
}
