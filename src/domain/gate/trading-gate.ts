import { stepsText } from '../lifecycle/advice.js';
import type { Policy } from '../policy/policy.js';
import type { SilenceFinding } from './silence-finding.js';
import { silenceOf, type Expectation } from './silence.js';

/** What the trading gate is decided from: a part of an account's totals in the ledger. */
export interface GateState extends Expectation {
  policy: Pick<Policy, 'gateMaxAgeMinutes'>;
  lastSuccessAt: Date | null;
  /** Open interventions with a reason that closes the gate. */
  openInterventions: number;
  callDueSince: Date | null;
  /** Since when a call is undelivered on every channel; null if none is. */
  undeliveredSince: Date | null;
  /** Open discrepancies that close the gate and are not accepted. */
  blockingDiscrepancies: number;
  acceptedDiscrepancies: number;
  consecutiveFailures: number;
}

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

/** One reason why the trading gate is closed. */
export interface GateReason {
  /** Stays the same while the reason does. The text may count minutes. */
  key: string;
  /** One line. */
  text: string;
}

/** How far the last success may lie ahead of the database's clock: workers write it by their own clock. */
const FUTURE_MINUTES_ALLOWED = 1;
/** No schedule and no wait within a run is longer: a sign of life expected later than this is a broken value. */
const MAX_EXPECTATION_MINUTES = 2 * 24 * 60;
/** How long a call may be undelivered on every channel before the trading gate closes. */
const MAX_UNDELIVERED_MINUTES = 2;
const MINUTE_MS = 60_000;

/**
 * Decides the trading gate from the ledger's totals. Pure: all times are the database's; the present is
 * `totals.readAt`.
 *
 * The gate opens only on positive evidence: a recent success, no closing intervention that is open or due, no undelivered call,
 * no unaccepted discrepancy that closes it, and an account that is neither silent nor stopped. A missing or impossible value
 * closes it.
 */
export function tradingGateOf(totals: GateState): TradingGate {
  return gateWith(totals, gateReasons(totals));
}

/** The trading gate that is closed for these reasons, or open if there are none. */
export function gateWith(totals: GateState, reasons: readonly GateReason[]): TradingGate {
  return {
    open: reasons.length === 0,
    reasons: reasons.map(({ text }) => text),
    accepted: totals.acceptedDiscrepancies,
    lastSuccessAt: totals.lastSuccessAt,
    ageMinutes: ageMinutesOf(totals),
    maxAgeMinutes: totals.policy.gateMaxAgeMinutes,
  };
}

/** Why the trading gate is closed; empty if and only if it is open. */
export function gateReasons(totals: GateState, finding: SilenceFinding | null = null): GateReason[] {
  const silence = silenceOf(totals);
  return [
    stopped(totals),
    silence === null ? null : { key: 'silent', text: silence.text },
    intervention(totals),
    unreached(totals),
    blocked(totals),
    freshness(ageMinutesOf(totals), totals.policy.gateMaxAgeMinutes),
    ...impossible(totals),
    found(finding),
  ].filter((reason) => reason !== null);
}

/** The trading gate combined with a watcher's finding. */
export function withFinding(tradingGate: TradingGate, finding: SilenceFinding | null): TradingGate {
  const reason = found(finding);
  if (reason === null) return tradingGate;
  return { ...tradingGate, open: false, reasons: [...tradingGate.reasons, reason.text] };
}

/** For lateness the ledger itself has the newer information. */
function found(finding: SilenceFinding | null): GateReason | null {
  return finding === null || finding.kind === 'overdue' ? null : { key: finding.kind, text: finding.text };
}

function stopped(totals: GateState): GateReason | null {
  if (totals.active) return null;
  return { key: 'stopped', text: 'the reconciliation of this account is stopped: it is not checked' };
}

function intervention(totals: GateState): GateReason | null {
  if (totals.openInterventions > 0) {
    return { key: 'intervention', text: 'an intervention is open: it waits for `plumbline acknowledge`' };
  }
  // The verdict is in the ledger, but the intervention that follows from it is not yet.
  if (totals.callDueSince !== null) {
    return { key: 'call_due', text: 'a human is being called: the last run found a reason for it' };
  }
  return null;
}

/** Nobody has received the call, so nobody watches the bot: it must not continue to trade. */
function unreached({ undeliveredSince: since, readAt }: GateState): GateReason | null {
  // Written so that NaN closes the trading gate.
  if (since === null || minutesFrom(since, readAt) <= MAX_UNDELIVERED_MINUTES) return null;
  const text = `nobody has been reached since ${isTime(since) ? since.toISOString() : 'an unknown time'}: every channel failed`;
  return { key: 'unreached', text };
}

function blocked({ blockingDiscrepancies: blocking, account }: GateState): GateReason | null {
  if (!(blocking > 0)) return null;
  const what = blocking === 1 ? '1 discrepancy is open' : `${blocking} discrepancies are open`;
  const steps = stepsText(account, { isFailure: false, isCalled: false });
  const text = `${what}: ${steps}; or accept it for a time (\`plumbline accept ${account}\`)`;
  return { key: `blocked:${blocking}`, text };
}

function freshness(ageMinutes: number | null, maxAgeMinutes: number): GateReason | null {
  if (ageMinutes === null) {
    return { key: 'never_succeeded', text: 'no reconciliation of this account has succeeded yet' };
  }
  // Written so that NaN closes the trading gate.
  if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {
    const text = "the last success lies in the future of the database's clock, so its age is unknown";
    return { key: 'future', text };
  }
  if (!(ageMinutes <= maxAgeMinutes)) {
    const text = `the last success is ${Math.floor(ageMinutes)} minutes old, more than the ${maxAgeMinutes} allowed`;
    return { key: 'stale', text };
  }
  return null;
}

/** Values that an intact ledger never holds. They cannot be trusted, so each closes the trading gate. */
function impossible(totals: GateState): GateReason[] {
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
  return faults.map((fault) => {
    const text = `the ledger holds an impossible value (${fault}); see \`plumbline verify\``;
    return { key: `impossible:${fault}`, text };
  });
}

function isTime(at: Date): boolean {
  return Number.isFinite(at.getTime());
}

function ageMinutesOf({ lastSuccessAt, readAt }: GateState): number | null {
  return lastSuccessAt === null ? null : minutesFrom(lastSuccessAt, readAt);
}

function minutesFrom(then: Date, now: Date): number {
  return (now.getTime() - then.getTime()) / MINUTE_MS;
}
