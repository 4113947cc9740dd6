import type { OpenOrder } from '../snapshot/snapshot.js';

/** Shorter prefixes are too common to show who placed an order. */
const MIN_PREFIX = 3;

/** As in `matchByLikeness`: a shorter rest of an id could be the end of many ids. */
const MIN_REST = 6;

/**
 * Whether the client order id of an order is one of the bot's, also behind a broker's prefix, or has the prefix of the bot's own
 * orders: the letters up to the first digit or separator. Only a hint: a person may use the bot's prefix, too.
 */
export function ownOrders(orders: readonly OpenOrder[]): (order: OpenOrder) => boolean {
  const ids = new Set(orders.flatMap(({ clientOrderId }) => clientOrderId ?? []));
  const prefixes = new Set(orders.flatMap(({ clientOrderId }) => prefixOf(clientOrderId) ?? []));
  return ({ clientOrderId }) =>
    clientOrderId !== null && (endsWithOne(clientOrderId, ids) || prefixes.has(prefixOf(clientOrderId) ?? ''));
}

function endsWithOne(id: string, ids: ReadonlySet<string>): boolean {
  if (ids.has(id)) return true;
  for (let start = 1; start <= id.length - MIN_REST; start += 1) if (ids.has(id.slice(start))) return true;
  return false;
}

function prefixOf(clientOrderId: string | null): string | null {
  const [prefix] = /^[A-Za-z]+(?:[-_.:][A-Za-z]+)*[-_.:]?/.exec(clientOrderId ?? '') ?? [];
  return prefix === undefined || prefix.length < MIN_PREFIX || prefix === clientOrderId ? null : prefix;
}
