import { compare } from '../../domain/compare/compare.js';
import type { Comparison } from '../../domain/compare/observation.js';
import { describe, remedy } from '../../domain/difference/describe.js';
import type { Difference } from '../../domain/difference/difference.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { CompareRules } from '../../domain/policy/policy.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';

/** A difference with its description and remedy. */
export interface DescribedDifference {
  difference: Difference;
  description: string;
  remedy: string;
}

/** The result of a comparison, ready to be shown. */
export interface ComparisonAnswer {
  outcome: 'matched' | 'drifted';
  differences: readonly DescribedDifference[];
  comparison: Comparison;
}

/**
 * The result of one observation. Throws FailureError `incomplete` if no scope was answered by both sides: snapshots
 * that cannot be compared do not count as equal.
 */
export function answerOf(exchange: Snapshot, internal: Snapshot, rules: CompareRules): ComparisonAnswer {
  const comparison = compare(exchange, internal, rules);
  if (comparison.compared.length === 0) {
    throw new FailureError({
      kind: 'incomplete',
      side: 'plumbline',
      message:
        'nothing could be compared: no scope was answered by both sides ' +
        `(exchange: ${scopesOf(exchange)}; internal: ${scopesOf(internal)})`,
      where: 'scopes',
      remedy: 'make both sides name the scopes that they report, such as "positions" and "orders"',
      retryAfterMs: null,
    });
  }
  return {
    outcome: comparison.differences.length === 0 ? 'matched' : 'drifted',
    differences: comparison.differences.map(described),
    comparison,
  };
}

export function described(difference: Difference): DescribedDifference {
  return { difference, description: describe(difference), remedy: remedy(difference) };
}

function scopesOf({ scopes }: Snapshot): string {
  return scopes.length === 0 ? 'none' : scopes.join(', ');
}
