import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { Difference, DiscrepancyType } from '../../domain/difference/difference.js';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import {
  decideByType,
  isStricter,
  recordOf,
  severityOfAction,
  type DecidedDrift,
  type DriftDecision,
  type DriftPolicy,
} from '../../domain/policy/drift-rules.js';
import { valueOf } from '../../domain/policy/drift-value.js';
import type { DriftFacts } from '../contract/ledger.js';
import type { StoredDiscrepancy } from '../store/schema.js';

/*
 * Every verdict decides on each open discrepancy: by the new values if the run saw it, otherwise by the stored values. So a
 * changed policy takes effect with the next run, and the trading gate follows from the ledger alone. A decision is replaced only
 * if the values or the outcome changed, not for a new price alone.
 */

type Known = Pick<StoredDiscrepancy, 'identity' | 'difference' | 'decision'>;

/** @param before the open discrepancy; null for a new one */
export function decisionOf(
  difference: Difference,
  {
    before,
    isSame,
    policy,
    facts,
  }: { before: Known | null; isSame: boolean; policy: DriftPolicy; facts: DriftFacts | undefined },
): DecidedDrift | null {
  const known = before?.decision ?? null;
  const decision = recordOf(difference, policy, priceOf(difference, facts));
  return isSame && known !== null && isSameOutcome(known, decision) ? known : decision;
}

/** The decision on an open discrepancy that the run did not see. */
export function decisionOnUnseen(row: Known, policy: DriftPolicy, facts: DriftFacts | undefined): DecidedDrift | null {
  const price = priceOf(row.difference, facts) ?? row.decision?.price ?? null;
  const rule =
    facts !== undefined && Object.hasOwn(facts.dismissed, row.identity) ? facts.dismissed[row.identity] : undefined;
  const decision =
    rule === undefined
      ? recordOf(row.difference, policy, price)
      : { action: 'ignore' as const, closeGate: false, rule, price, value: valueOf(row.difference, price) };
  return row.decision !== null && isSameOutcome(row.decision, decision) ? row.decision : decision;
}

function priceOf({ symbol }: Difference, facts: DriftFacts | undefined): DecimalText | null {
  return facts !== undefined && Object.hasOwn(facts.prices, symbol) ? (facts.prices[symbol] ?? null) : null;
}

function isSameOutcome(a: DriftDecision, b: DriftDecision | null): boolean {
  return b !== null && a.action === b.action && a.closeGate === b.closeGate && a.rule === b.rule;
}

/** The decision that applies to a discrepancy: the stored one, or, without drift rules, that of `interveneOn` for its type. */
export function standingDecision(
  decision: DecidedDrift | null,
  type: DiscrepancyType,
  policy: Pick<DriftPolicy, 'interveneOn'>,
): DriftDecision {
  return decision ?? decideByType(type, policy.interveneOn);
}

/** Whether a human is called for it. */
export function callsHuman({ action }: DriftDecision): boolean {
  return severityOfAction(action) !== null;
}

/**
 * Whether the decision on an open discrepancy became stricter, so that a human is called again. The rule of the earlier decision
 * may no longer exist. If there are no rules before and after, a changed `interveneOn` calls nobody for what is already open.
 */
export function isRaised(
  now: DecidedDrift | null,
  before: Pick<StoredDiscrepancy, 'decision' | 'type'>,
  { type, policy }: { type: DiscrepancyType; policy: Pick<DriftPolicy, 'interveneOn'> },
): boolean {
  if (now === null && before.decision === null) return false;
  return isStricter(standingDecision(now, type, policy), standingDecision(before.decision, before.type, policy));
}

/** The fields of a call for differences with these decisions. Without rules there are none, as in earlier versions. */
export function marksOfCall(
  decisions: readonly (DecidedDrift | null)[],
): Pick<InterventionCall, 'severity' | 'closesGate'> {
  const decided = decisions.filter((each) => each !== null);
  if (decided.length === 0 || decided.length < decisions.length) return {};
  return {
    severity: decided.some(({ action }) => action === 'page') ? 'page' : 'notify',
    closesGate: decided.some(({ closeGate }) => closeGate),
  };
}
