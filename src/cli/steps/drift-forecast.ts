import { compareDecimals, type DecimalText } from '../../domain/decimal/decimal.js';
import { tradingGateOf, type TradingGate } from '../../domain/gate/trading-gate.js';
import { decideAt, decideByType, isStricter, type DriftDecision } from '../../domain/policy/drift-rules.js';
import { valueOf } from '../../domain/policy/drift-value.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { AccountTotals, DiscrepancyRow } from '../../ledger/contract/ledger.js';

/** What a changed policy decides on a discrepancy that is open now. */
export interface DriftForecast {
  row: DiscrepancyRow;
  before: DriftDecision;
  /**
   * What the next run decides: one entry, or, if the value is not known before that run reads a price, one for each range of
   * values, the lowest first.
   */
  after: PossibleDecision[];
  isAccepted: boolean;
  /** Whether a person is called for it, at some value. */
  calls: boolean;
}

export interface PossibleDecision extends DriftDecision {
  /** The decision holds from this value on, up to that of the next entry. Null: at any value. */
  from: DecimalText | null;
}

export interface PolicyForecast {
  drifts: DriftForecast[];
  /** The trading gate now, and after the next run if nothing else changes. */
  gate: { now: TradingGate; afterwards: TradingGate | 'depends on values' };
}

/**
 * What changed drift rules decide on the open discrepancies, and whether the trading gate closes. Pure. Uses the prices of the
 * last decisions; the next run reads new prices and may decide differently.
 */
export function forecastOf(totals: AccountTotals, open: readonly DiscrepancyRow[], after: Policy): PolicyForecast {
  const drifts = open.map((row): DriftForecast => {
    const before = row.decision ?? decideByType(row.type, totals.policy.interveneOn);
    const until = row.accepted?.until;
    const isAccepted = until !== undefined && until > totals.readAt;
    const possible = possibleDecisions(row, after);
    // Without rules before and after, a changed type list calls nobody for what is already open.
    const mayCall = !isAccepted && (row.decision !== null || (after.drift ?? []).length > 0);
    const calls = mayCall && possible.some((decision) => isStricter(decision, before));
    return { row, before, after: possible, isAccepted, calls };
  });
  const standing = drifts.filter(({ isAccepted }) => !isAccepted);
  const closing = (some: 'some' | 'every'): number =>
    standing.filter((drift) => drift.after[some](({ closeGate }) => closeGate)).length;
  const gateWith = (blockingDiscrepancies: number): TradingGate =>
    tradingGateOf({ ...totals, policy: after, blockingDiscrepancies });
  const [strict, mild] = [gateWith(closing('some')), gateWith(closing('every'))];
  return {
    drifts,
    gate: { now: tradingGateOf(totals), afterwards: strict.open === mild.open ? mild : 'depends on values' },
  };
}

function possibleDecisions({ difference, decision }: DiscrepancyRow, policy: Policy): PossibleDecision[] {
  const value = valueOf(difference, decision?.price ?? null);
  const unknown = decideAt(difference, policy, value);
  // Without an amount no price gives a value.
  if (value !== null || valueOf(difference, '1') === null) return [{ ...unknown, from: null }];
  const possible: PossibleDecision[] = [];
  for (const from of ['0', ...sizesOf(policy)]) {
    const next = decideAt(difference, policy, from);
    const last = possible.at(-1);
    if (last?.action !== next.action || last.closeGate !== next.closeGate) possible.push({ ...next, from });
  }
  const [only, ...others] = possible;
  return only !== undefined && others.length === 0 ? [{ ...only, from: null }] : possible;
}

function sizesOf({ drift = [] }: Policy): DecimalText[] {
  const sizes = drift.flatMap(({ notionalAtLeast, notionalBelow }) => [notionalAtLeast, notionalBelow]);
  const known = sizes.filter((size) => size !== undefined && compareDecimals(size, '0') > 0) as DecimalText[];
  return [...new Set(known)].toSorted(compareDecimals);
}
