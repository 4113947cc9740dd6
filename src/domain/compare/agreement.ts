import { speaksForInternalOrder } from './coverage.js';
import type { Difference } from '../difference/difference.js';
import { familyOf, identityOf } from '../difference/identity.js';
import type { Comparison } from './observation.js';
import type { CompareRules } from '../policy/policy.js';
import { coveredBy, scopeOfBalance, scopeOfOrder, scopeOfPosition, type Scope } from '../snapshot/scope.js';

/**
 * The open discrepancies on whose key a complete observation positively agrees. All others stay open.
 *
 * 1. Its scope was compared, and its symbol did not move while it was read: what was not looked at, or not at one
 *    moment, is not resolved.
 * 2. No difference of its identity is in the observation.
 * 3. No ignore rule hides it, by symbol, prefix or type: what is not looked for is not resolved.
 * 4. A position's key is touched by the leg keys of its symbol, and they by it: after a change of position mode neither
 *    is resolved while the other differs.
 * 5. Terms and fills of an order that is no longer open on one side agree, for nothing is left to compare: the
 *    presence of the order, if it differs, is a discrepancy of its own reported instead.
 */
export function agreedIdentities(
  open: readonly { identity: string; difference: Difference }[],
  comparison: Comparison,
  rules: CompareRules,
): string[] {
  const differing = new Set([...comparison.differences.map(identityOf), ...comparison.hidden]);
  const touched = new Set([...differing].flatMap(touchedPositionKeys));
  return open.flatMap(({ identity, difference }) => {
    const agrees =
      !differing.has(identity) &&
      !touched.has(identity) &&
      !comparison.inconsistent.includes(difference.symbol) &&
      ignoringRule(difference, rules, 'rows') === null &&
      wasCompared(difference, comparison.compared);
    return agrees ? [identity] : [];
  });
}

/** The position keys of the same symbol in the other position mode. */
function touchedPositionKeys(identity: string): string[] {
  const [family, symbol, leg] = identity.split('|');
  if (family !== 'position' || symbol === undefined) return [];
  const net = `position|${symbol}`;
  return leg === undefined ? [`${net}|long`, `${net}|short`] : [net];
}

/**
 * The rule that hides a difference like this one, in words ("symbol DOGE/USDT:USDT"); null where none does.
 *
 * @param of `rows`: only of the rules by which no row of its key takes part in an observation, so that nothing can
 *   agree on it. A rule by type hides the difference alone, and agreement is seen.
 */
export function ignoringRule(
  difference: Difference,
  { ignore, compareBalances }: CompareRules,
  of: 'rows' | 'all' = 'all',
): string | null {
  if (familyOf(difference.type) === 'balance' && !compareBalances) return 'balances are not compared';
  if (ignore.symbols.includes(difference.symbol)) return `symbol ${difference.symbol}`;
  const { exchange, internal } = difference;
  const ids = [exchange, internal].flatMap((row) =>
    row !== null && 'clientOrderId' in row ? [row.clientOrderId] : [],
  );
  const prefix = ignore.clientOrderIdPrefixes.find((start) => ids.some((id) => id?.startsWith(start) === true));
  if (prefix !== undefined) return `client order id prefix ${prefix}`;
  return of === 'all' && ignore.types.includes(difference.type) ? `type ${difference.type}` : null;
}

function wasCompared(difference: Difference, compared: readonly Scope[]): boolean {
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
    case 'POSITION_CLOSED_EXTERNALLY':
      return coveredBy(compared, scopeOfPosition(difference));
    case 'ORDER_PLACED_EXTERNALLY':
      return coveredBy(compared, scopeOfOrder(difference.exchange));
    case 'ORDER_MISSING_ON_EXCHANGE':
      return speaksForInternalOrder(compared, difference.internal);
    case 'ORDER_AMENDED_EXTERNALLY':
    case 'ORDER_FILL_MISSED':
      // The exchange knows the order's class better than the bot does.
      return coveredBy(compared, scopeOfOrder(difference.exchange));
    case 'BALANCE_CHANGED_EXTERNALLY':
      return coveredBy(compared, scopeOfBalance({ currency: difference.symbol }));
  }
}
