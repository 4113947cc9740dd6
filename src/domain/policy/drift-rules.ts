import { compareDecimals, type DecimalText } from '../decimal/decimal.js';
import type { Difference, DiscrepancyType } from '../difference/difference.js';
import { isInDollars, valueOf } from './drift-value.js';
import type { DriftRule, Policy } from './policy.js';
import { SEVERITIES, type Severity } from './severity.js';

/*
 * What happens with a drift. Entry points: `decideDrift`, `ignoringRule` (for the comparison), `recordOf` (what the ledger
 * keeps), `isStricter`.
 *
 * 1. The first rule whose conditions all fit decides. The account's own rules come before the shared ones.
 * 2. If none fits, `interveneOn` decides: a type that it lists pages and closes the trading gate; every other is recorded.
 *    So a policy without rules works as in versions without rules.
 * 3. A drift of unknown value counts as larger than any number: `notionalAtLeast` fits it, `notionalBelow` does not.
 * 4. A rule without symbols compares in dollars. A value in another quote currency counts as unknown, because 50 of ETH/BTC
 *    are not 50 dollars. A rule that names the symbol compares in its quote currency.
 */

/** What is decided on a drift. */
export interface DriftDecision {
  action: DriftRule['action'];
  /** Whether the trading gate is closed while the discrepancy is open and nobody accepts it. */
  closeGate: boolean;
  /** The rule that decides, from 1 in the policy's order; null: none fits, so `interveneOn` decides. */
  rule: number | null;
}

/** A decision with the price and value it is based on, as the ledger stores it with the discrepancy. */
export interface DecidedDrift extends DriftDecision {
  /** The price that was known; null if none was. */
  price: DecimalText | null;
  /** What the difference was worth at that price, in the quote currency; null if that is unknown. */
  value: DecimalText | null;
}

export type DriftPolicy = Pick<Policy, 'drift' | 'interveneOn'>;

/** @param price as in `valueOf` */
export function decideDrift(difference: Difference, rules: DriftPolicy, price: DecimalText | null): DriftDecision {
  return decideAt(difference, rules, valueOf(difference, price));
}

/** The decision for a difference of this value; null: the value is unknown. */
export function decideAt(difference: Difference, rules: DriftPolicy, value: DecimalText | null): DriftDecision {
  const fitting = firstFitting(difference, rules.drift ?? [], value);
  if (fitting === null) return decideByType(difference.type, rules.interveneOn);
  return { action: fitting.rule.action, closeGate: closesGate(fitting.rule), rule: fitting.number };
}

/** The decision if no rule fits. */
export function decideByType(type: DiscrepancyType, interveneOn: readonly DiscrepancyType[]): DriftDecision {
  const calls = interveneOn.includes(type);
  return { action: calls ? 'page' : 'record', closeGate: calls, rule: null };
}

/** The number of the rule that leaves the difference out of the comparison; null if none does. */
export function ignoringRule(
  difference: Difference,
  drift: readonly DriftRule[],
  price: DecimalText | null,
): number | null {
  const fitting = firstFitting(difference, drift, valueOf(difference, price));
  return fitting?.rule.action === 'ignore' ? fitting.number : null;
}

/** The decision with its price and value. Null for a policy without rules: then `interveneOn` decides at any time. */
export function recordOf(difference: Difference, rules: DriftPolicy, price: DecimalText | null): DecidedDrift | null {
  if (rules.drift === undefined || rules.drift.length === 0) return null;
  return { ...decideDrift(difference, rules, price), price, value: valueOf(difference, price) };
}

/** The severity of the call for such a drift; null if nobody is called. */
export function severityOfAction(action: DriftDecision['action']): Severity | null {
  return SEVERITIES.find((severity) => severity === action) ?? null;
}

/** From the mildest to the strictest. */
export const DRIFT_ACTIONS = ['ignore', 'record', ...SEVERITIES] as const satisfies readonly DriftRule['action'][];

/** Whether this decision is stricter than the one it replaces, so that a human is called again: it is more urgent, or closes the gate. */
export function isStricter(now: Pick<DriftDecision, 'action' | 'closeGate'>, before: typeof now): boolean {
  if (severityOfAction(now.action) === null) return false;
  return (
    DRIFT_ACTIONS.indexOf(now.action) > DRIFT_ACTIONS.indexOf(before.action) || (now.closeGate && !before.closeGate)
  );
}

/** Whether a price can change a decision. Only then are prices read. */
export function needsPrices({ drift = [] }: Pick<Policy, 'drift'>): boolean {
  return drift.some(hasSize);
}

function hasSize({ notionalAtLeast, notionalBelow }: DriftRule): boolean {
  return notionalAtLeast !== undefined || notionalBelow !== undefined;
}

function closesGate({ action, closeGate }: DriftRule): boolean {
  return closeGate ?? action === 'page';
}

function firstFitting(
  difference: Difference,
  drift: readonly DriftRule[],
  value: DecimalText | null,
): { rule: DriftRule; number: number } | null {
  for (const [index, rule] of drift.entries()) if (fits(rule, difference, value)) return { rule, number: index + 1 };
  return null;
}

function fits(rule: DriftRule, difference: Difference, value: DecimalText | null): boolean {
  const { types, symbols, notionalAtLeast: least, notionalBelow: limit } = rule;
  if (types !== undefined && !types.includes(difference.type)) return false;
  if (symbols !== undefined && !symbols.includes(difference.symbol)) return false;
  if (!hasSize(rule)) return true;
  if (value === null || (symbols === undefined && !isInDollars(difference))) return limit === undefined;
  return (
    (least === undefined || compareDecimals(value, least) >= 0) &&
    (limit === undefined || compareDecimals(value, limit) < 0)
  );
}
