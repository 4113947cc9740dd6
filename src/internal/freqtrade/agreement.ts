import { valueAt } from '../../config/issues.js';
import { writtenNumber } from '../../domain/text/exact-json.js';
import { visible } from '../../domain/text/shown-text.js';
import { keyOf, type StoredBooks } from './database.js';

/**
 * The difference between the API's answer and the database; null if both show the same state. The bot may have ended a loop
 * between the two reads, or the database may be that of another bot. Prices are not compared: the database has more of them.
 */
export function disagreement(trades: readonly unknown[], stored: StoredBooks): string | null {
  const told = new Set<string>();
  const orders = new Set<string>();
  let hasNameless = false;
  for (const trade of trades) {
    const id = writtenNumber(valueAt(trade, ['trade_id']));
    if (id === null) {
      hasNameless = true;
      continue;
    }
    told.add(id);
    const name = `trade ${visible(id)}`;
    if (!stored.trades.has(id)) return `${name} is open in the API and not in the database`;
    if (!isSame(writtenNumber(valueAt(trade, ['amount'])), stored.trades.get(id) ?? null)) {
      return `the amount of ${name} is not the same in both`;
    }
    const rows = valueAt(trade, ['orders']);
    for (const row of Array.isArray(rows) ? (rows as unknown[]) : []) {
      if (valueAt(row, ['is_open']) !== true) continue;
      const order = writtenNumber(valueAt(row, ['order_id'])) ?? '';
      const key = keyOf({ pair: String(valueAt(trade, ['pair'])), id: order });
      orders.add(key);
      const known = stored.orders.get(key);
      if (known === undefined) return `order ${visible(order)} of ${name} is open in the API and not in the database`;
      if (!isSame(writtenNumber(valueAt(row, ['filled'])) ?? '0', known.filled ?? '0')) {
        return `what order ${visible(order)} of ${name} has filled is not the same in both`;
      }
    }
  }
  // A trade whose id cannot be read may be any of those in the database.
  if (hasNameless) return null;
  const trade = [...stored.trades.keys()].find((id) => !told.has(id));
  if (trade !== undefined) return `trade ${visible(trade)} is open in the database and not in the API`;
  const order = [...stored.orders.values()].find((each) => !orders.has(keyOf(each)));
  return order === undefined ? null : `order ${visible(order.id)} is open in the database and not in the API`;
}

/** The API rounds a trade's amount to 8 decimals. Both are the same float otherwise, so floats decide. */
function isSame(told: string | null, stored: string | null): boolean {
  if (told === null || stored === null) return told === stored;
  const [a, b] = [Number(told), Number(stored)];
  return Math.abs(a - b) <= 1e-8 + Math.abs(a) * 1e-12;
}
