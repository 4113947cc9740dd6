import type { AccountTotals } from '../ledger/contract/ledger.js';
import type { Finding } from '../watch/finding.js';
import { silenceOf } from '../watch/silence.js';

/** The answer to "may this bot trade now?". */
export interface TradingGate {
  open: boolean;
  /** Why it is closed, one line each; empty if and only if it is open. */
  reasons: string[];
  /** Open discrepancies that are accepted for now: they do not close it. */
  accepted: number;
  lastSuccessAt: Date | null;
  /** Minutes since the last success by the database's clock; null before the first success. */
  ageMinutes: number | null;
  /** Age above which the trading gate closes (the account's `gate_max_age_minutes`). */
  maxAgeMinutes: number;
}

/** How far the last success may lie ahead of the database's clock: workers write it by their own clock. */
const FUTURE_MINUTES_ALLOWED = 1;
/** No schedule and no wait within a run is longer: a sign of life expected later than this is a broken value. */
const MAX_EXPECTATION_MINUTES = 2 * 24 * 60;
const MINUTE_MS = 60_000;

/**
 * Decides the trading gate from the ledger's totals. Pure: all times are the database's; the present is
 * `totals.readAt`.
 *
 * The gate opens only on positive evidence: a recent success, no intervention that is open or due, no unaccepted
 * discrepancy of a type that calls a human, and an account that is neither silent nor stopped. A value that is missing
 * or impossible closes it.
 */
export function tradingGateOf(totals: AccountTotals): TradingGate {
  const maxAgeMinutes = totals.policy.gateMaxAgeMinutes;
  const ageMinutes = totals.lastSuccessAt === null ? null : minutesFrom(totals.lastSuccessAt, totals.readAt);
  const reasons = [
    stopped(totals),
    silenceOf(totals)?.text ?? null,
    intervention(totals),
    blocked(totals),
    freshness(ageMinutes, maxAgeMinutes),
    ...impossible(totals),
  ].filter((reason) => reason !== null);
  return {
    open: reasons.length === 0,
    reasons,
    accepted: totals.acceptedDiscrepancies,
    lastSuccessAt: totals.lastSuccessAt,
    ageMinutes,
    maxAgeMinutes,
  };
}

/** The trading gate combined with a watcher's finding. For lateness the ledger itself has the newer information. */
export function withFinding(tradingGate: TradingGate, finding: Finding | null): TradingGate {
  if (finding === null || finding.kind === 'overdue') return tradingGate;
  return { ...tradingGate, open: false, reasons: [...tradingGate.reasons, finding.text] };
}

function stopped(totals: AccountTotals): string | null {
  return totals.active ? null : 'the reconciliation of this account is stopped: it is not checked';
}

function intervention(totals: AccountTotals): string | null {
  if (totals.openInterventions > 0) return 'an intervention is open: it waits for `plumbline acknowledge`';
  // The verdict is in the ledger, but the intervention that follows from it is not yet.
  if (totals.callDueSince !== null) return 'a human is being called: the last run found what needs one';
  return null;
}

function blocked({ blockingDiscrepancies: blocking, account }: AccountTotals): string | null {
  if (!(blocking > 0)) return null;
  const what = blocking === 1 ? '1 discrepancy is open' : `${blocking} discrepancies are open`;
  return `${what}: fix it and run \`plumbline run ${account}\`, or accept it with \`plumbline accept ${account}\``;
}

function freshness(ageMinutes: number | null, maxAgeMinutes: number): string | null {
  if (ageMinutes === null) return 'no reconciliation of this account has succeeded yet';
  // Written so that NaN closes the trading gate.
  if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {
    return `the last success lies in the future of the database's clock, so its age is unknown`;
  }
  if (!(ageMinutes <= maxAgeMinutes)) {
    return `the last success is ${Math.floor(ageMinutes)} minutes old, more than the ${maxAgeMinutes} allowed`;
  }
  return null;
}

/** Values that an intact ledger never holds. They cannot be trusted, so each closes the trading gate. */
function impossible(totals: AccountTotals): string[] {
  const { policy, expectedAt, callDueSince, readAt } = totals;
  const faults: string[] = [];
  const counts = {
    'open interventions': totals.openInterventions,
    'blocking discrepancies': totals.blockingDiscrepancies,
    'accepted discrepancies': totals.acceptedDiscrepancies,
    'failed runs in a row': totals.consecutiveFailures,
  };
  for (const [what, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < 0) faults.push(`${what}: ${count}`);
  }
  if (!Number.isFinite(policy.gateMaxAgeMinutes) || policy.gateMaxAgeMinutes <= 0) {
    faults.push(`gate_max_age_minutes: ${policy.gateMaxAgeMinutes}`);
  }
  if (callDueSince !== null && !isTime(callDueSince)) faults.push('the time since which a human is to be called');
  if (!isTime(readAt)) faults.push("the database's clock");
  else if (expectedAt !== null && !(minutesFrom(readAt, expectedAt) <= MAX_EXPECTATION_MINUTES)) {
    faults.push(`the next sign of life: ${isTime(expectedAt) ? expectedAt.toISOString() : 'no time'}`);
  }
  return faults.map((fault) => `the ledger holds an impossible value (${fault}); see \`plumbline verify\``);
}

function isTime(at: Date): boolean {
  return Number.isFinite(at.getTime());
}

function minutesFrom(then: Date, now: Date): number {
  return (now.getTime() - then.getTime()) / MINUTE_MS;
}
