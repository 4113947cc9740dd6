import { normalizeDecimal } from '../decimal/decimal.js';
import { describe } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { missedFillOf } from './missed-fills.js';
import { hasExpired } from '../snapshot/scope.js';
import type { Circumstances, Cause } from './cause.js';
import { orderName, orderText, shortList } from '../difference/wording.js';

type Placed = Extract<Difference, { type: 'ORDER_PLACED_EXTERNALLY' }>;
type Missing = Extract<Difference, { type: 'ORDER_MISSING_ON_EXCHANGE' }>;

/** Rules 3, 6 and 7 of `relate`, for the orders that do not share the cause of a position. */
export function orderCauses(differences: readonly Difference[], known: Circumstances): Cause[] {
  const missing = differences.filter(
    (one): one is Missing => one.type === 'ORDER_MISSING_ON_EXCHANGE' && missedFillOf(one) === null,
  );
  const isExpired = ({ symbol }: Missing): boolean => hasExpired(symbol, known.exchangeClock);
  const expired = missing.filter(isExpired);
  const gone = missing.filter((order) => !isExpired(order));
  const placed = differences.filter((one): one is Placed => one.type === 'ORDER_PLACED_EXTERNALLY');
  return [...expiredOrders(expired), ...replacedOrders(gone, placed), ...changedOrders(differences)];
}

function expiredOrders(orders: readonly Missing[]): Cause[] {
  return [...groups(orders, ({ symbol }) => symbol)].map(([symbol, together]) => ({
    kind: 'settlement',
    text: `${symbol}: the contract expired, and ${shortList(together.map(orderName))} with it`,
    differences: together,
  }));
}

function replacedOrders(gone: readonly Missing[], placed: readonly Placed[]): Cause[] {
  const causes: Cause[] = [];
  const reported = new Set<Difference>();
  for (const original of gone) {
    const became = original.explanation?.becameOpen;
    const replacement = placed.find(({ symbol, orderId }) => symbol === original.symbol && orderId === became);
    if (became === undefined || replacement === undefined || reported.has(replacement)) continue;
    reported.add(original).add(replacement);
    causes.push(becameCause(original, replacement));
  }
  const pair = (keyOf: (order: Missing | Placed) => string | null): void => {
    const replacements = groups(
      placed.filter((order) => !reported.has(order)),
      keyOf,
    );
    const originals = groups(
      gone.filter((order) => !reported.has(order)),
      keyOf,
    );
    for (const [key, [original, ...others]] of originals) {
      const [replacement, ...more] = replacements.get(key) ?? [];
      if (original === undefined || replacement === undefined || others.length + more.length > 0) continue;
      reported.add(original).add(replacement);
      causes.push(replacementCause(original, replacement));
    }
  };
  pair(({ symbol, clientOrderId }) => (clientOrderId === null ? null : `${symbol}|${clientOrderId}`));
  pair((order) => {
    const { side, amount } = order.exchange ?? order.internal;
    return amount === null ? null : `${order.symbol}|${side}|${normalizeDecimal(amount)}`;
  });
  return causes;
}

function becameCause(original: Missing, replacement: Placed): Cause {
  const triggered = original.explanation?.cause === 'triggered';
  const how = triggered ? 'triggered' : 'was replaced';
  return {
    kind: triggered ? 'order_triggered' : 'order_replaced',
    text: `${original.symbol}: ${orderName(original)} ${how} and lives on as ${orderName(replacement)} (${orderText(replacement.exchange)})`,
    differences: [original, replacement],
  };
}

function replacementCause(original: Missing, replacement: Placed): Cause {
  const { symbol, internal } = original;
  return {
    kind: 'order_replaced',
    text: `${symbol}: ${orderName(original)} (${orderText(internal)}) was replaced by ${orderName(replacement)} (${orderText(replacement.exchange)})`,
    differences: [original, replacement],
  };
}

/** Groups the terms and the fills of one order if both differ. */
function changedOrders(differences: readonly Difference[]): Cause[] {
  const changed = differences.filter(({ type }) => type === 'ORDER_AMENDED_EXTERNALLY' || type === 'ORDER_FILL_MISSED');
  const byOrder = groups(changed, ({ symbol, orderId, clientOrderId }) =>
    JSON.stringify([symbol, orderId ?? clientOrderId, orderId === null]),
  );
  return [...byOrder.values()]
    .filter((effects) => effects.length > 1)
    .map((effects) => {
      const text = effects.map((effect, index) => describe(effect).slice(index === 0 ? 0 : effect.symbol.length + 2));
      return { kind: 'unexplained', text: text.join('; '), differences: effects };
    });
}

/** Groups by key, in the order of the first members. A member with a null key is in no group. */
function groups<T>(members: readonly T[], keyOf: (member: T) => string | null): Map<string, T[]> {
  const byKey = new Map<string, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    if (key === null) continue;
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [member]);
    else group.push(member);
  }
  return byKey;
}
