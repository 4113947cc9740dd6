import { covers, type Scope } from './scope.js';
import type { ScopeGap } from './snapshot.js';

/** The scopes without what is named as a gap in them: a part that is said to be unknown is never empty. */
export function withoutGaps(scopes: readonly Scope[], gaps: readonly ScopeGap[]): Scope[] {
  return gaps.reduce<Scope[]>((left, { scope: gap }) => left.flatMap((scope) => without(scope, gap)), [...scopes]);
}

function without(scope: Scope, gap: Scope): Scope[] {
  if (covers(gap, scope)) return [];
  if (!covers(scope, gap)) return [scope];
  const parts = partsOf(scope);
  return parts === null ? [] : parts.flatMap((part) => without(part, gap));
}

const MARKET_KINDS = ['spot', 'linear', 'inverse'] as const;

/** The scopes that a scope consists of; null if they cannot be listed, because they end in a currency. */
function partsOf(scope: Scope): Scope[] | null {
  const [list, ...rest] = scope.split(':');
  if (list === 'orders' && rest.length === 0) return ['orders:regular', 'orders:conditional'];
  const isAboveKinds = (list === 'positions' && rest.length === 0) || (list === 'orders' && rest.length === 1);
  return isAboveKinds ? MARKET_KINDS.map((kind) => `${scope}:${kind}`) : null;
}
