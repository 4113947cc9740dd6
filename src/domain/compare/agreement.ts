import { speaksForInternalOrder } from './coverage.js';
import type { Difference } from '../difference/difference.js';
import { familyOf, identityOf } from '../difference/identity.js';
import { IgnoreRules } from './ignore-rules.js';
import type { Comparison } from './observation.js';
import type { CompareRules } from '../policy/policy.js';
import { isUnread, isUnreadOrder } from '../snapshot/unread-parts.js';
import { coveredBy, scopeOfBalance, scopeOfOrder, scopeOfPosition } from '../snapshot/scope.js';
import type { Unread } from '../snapshot/snapshot.js';

/**
 * Returns the identities of the open discrepancies that the observation resolves: both sides agree on their key. All
 * others stay open. A discrepancy is resolved only if:
 *
 * 1. Its scope was compared, and the read of its symbol was consistent. A key that was not compared is not resolved.
 * 2. The observation has no difference with its identity.
 * 3. No ignore rule (symbol, prefix or type) hides it. A key that is not compared is not resolved.
 * 4. No related position key differs. The net key and the leg keys of one symbol resolve together, so a change of
 *    position mode resolves neither while the other differs.
 *
 * Terms and fills of an order that is no longer open on one side count as agreed, because nothing is left to compare. If
 * the presence of the order differs, it is reported as its own discrepancy instead.
 */
export function agreedIdentities(
  open: readonly { identity: string; difference: Difference }[],
  comparison: Comparison,
  rules: CompareRules,
): string[] {
  const differing = new Set([...comparison.differences.map(identityOf), ...comparison.hidden]);
  const ignored = new IgnoreRules(rules);
  const touched = new Set([...differing].flatMap(touchedPositionKeys));
  return open.flatMap(({ identity, difference }) => {
    const agrees =
      !differing.has(identity) &&
      !touched.has(identity) &&
      !comparison.inconsistent.includes(difference.symbol) &&
      ignored.ofRowsOf(difference) === null &&
      wasCompared(difference, comparison);
    return agrees ? [identity] : [];
  });
}

/** The position keys of the same symbol in the other position mode; empty if the identity is no position. */
function touchedPositionKeys(identity: string): string[] {
  const [family, symbol, leg] = identity.split('|');
  if (family !== 'position' || symbol === undefined) return [];
  const net = `position|${symbol}`;
  return leg === undefined ? [`${net}|long`, `${net}|short`] : [net];
}

/** Whether the key was in a compared scope and readable on both sides. */
function wasCompared(difference: Difference, { compared, unread }: Comparison): boolean {
  if (isUnreadKey(difference, unread)) return false;
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

function isUnreadKey({ type, symbol }: Difference, unread: readonly Unread[]): boolean {
  switch (familyOf(type)) {
    case 'position':
      return isUnread(unread, scopeOfPosition({ symbol }), symbol);
    case 'balance':
      return isUnread(unread, scopeOfBalance({ currency: symbol }), symbol);
    case 'order-presence':
    case 'order-terms':
    case 'order-fill':
      return isUnreadOrder(unread, symbol);
  }
}
