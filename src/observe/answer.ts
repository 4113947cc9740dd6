import { describeBeside } from '../domain/compare/baseline.js';
import { compare } from '../domain/compare/compare.js';
import type { Comparison } from '../domain/compare/observation.js';
import type { Difference } from '../domain/difference/difference.js';
import { FailureError } from '../domain/failure/failure.js';
import type { Baseline, CompareRules } from '../domain/policy/policy.js';
import { BALANCES } from '../domain/snapshot/scope.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';

/** A difference with its own words. */
export interface DescribedDifference {
  difference: Difference;
  description: string;
  remedy: string;
}

/** What comparing said, ready to be shown. */
export interface ComparisonAnswer {
  outcome: 'matched' | 'drifted';
  differences: readonly DescribedDifference[];
  comparison: Comparison;
}

/**
 * What one observation says. Throws FailureError `incomplete` where there is no scope that both sides answered: two
 * snapshots that cannot be compared do not agree.
 */
export function answerOf(exchange: Snapshot, internal: Snapshot, rules: CompareRules): ComparisonAnswer {
  const comparison = compare(exchange, internal, rules);
  const nothing = nothingCompared(comparison);
  if (nothing !== null) throw nothing;
  return {
    outcome: comparison.differences.length === 0 ? 'matched' : 'drifted',
    differences: comparison.differences.map((difference) => described(difference, rules.baseline, internal.bots)),
    comparison,
  };
}

/**
 * A difference with its description and its remedy. With a baseline the remedy is about the bot's own part.
 *
 * @param bots those of the internal snapshot
 */
export function described(
  difference: Difference,
  baseline: Baseline | undefined,
  bots: Snapshot['bots'],
): DescribedDifference {
  return { difference, ...describeBeside(difference, baseline, bots) };
}

/** The failure of a comparison without a common scope: two sides that cannot be compared do not agree. Null if there is one. */
export function nothingCompared({ compared, notCompared }: Comparison): FailureError | null {
  if (compared.length > 0) return null;
  const missing = notCompared.map(({ scope, missing: side, reason }) => `${scope} (${side}: ${reason})`);
  return new FailureError({
    kind: 'incomplete',
    side: 'plumbline',
    message: `no scope was answered by both sides: ${missing.join(', ') || 'neither names a scope'}`,
    where: 'scopes',
    remedy: notCompared.some(({ code }) => code === 'SWITCHED_OFF')
      ? 'Compare balances (`compare_balances`: auto or true; `compare` without --no-balances).'
      : notCompared.some(({ scope, missing: side }) => scope === BALANCES && side === 'internal')
        ? 'Name the scopes that internal state covers in it; the exchange has balances ("scopes": ["balances"]).'
        : 'Name the scopes that internal state covers in it ("scopes": ["positions", "orders"]).',
    retryAfterMs: null,
  });
}
