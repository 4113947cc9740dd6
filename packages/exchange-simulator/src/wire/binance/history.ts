import { BinanceError } from './errors.js';
import type { SignedCall } from './route.js';
import type { Order } from '../../engine/order.js';
import { isZero } from '@plumbline/primitives/decimal';

const DAY_MS = 86_400_000;
const LONGEST_INTERVAL_MS = 7 * DAY_MS;

/**
 * The rows between `startTime` and `endTime`, which default to the last seven days and may lie at most seven days apart
 * ("All Orders", "Account Trade List").
 */
export function within<T>(rows: readonly T[], call: SignedCall, timeOf: (row: T) => number): T[] {
  const end = call.parameters.integer('endTime') ?? call.now;
  const start = call.parameters.integer('startTime') ?? end - LONGEST_INTERVAL_MS;
  if (start > end) throw new BinanceError(400, -1023, 'Start time is greater than end time.');
  if (end - start > LONGEST_INTERVAL_MS && call.parameters.has('startTime') && call.parameters.has('endTime')) {
    throw new BinanceError(400, -4166, 'Search window is restricted to recent 7 days only.');
  }
  const until = call.parameters.has('endTime') ? end : Math.min(call.now, start + LONGEST_INTERVAL_MS);
  return rows.filter((row) => timeOf(row) >= start && timeOf(row) <= until);
}

/** The newest of the rows, oldest first, at most `limit` of them. */
export function newest<T>(
  rows: readonly T[],
  call: SignedCall,
  limits: { byDefault: number; atMost: number } = { byDefault: 500, atMost: 1_000 },
): T[] {
  const limit = call.parameters.integer('limit') ?? limits.byDefault;
  if (limit < 1) throw new BinanceError(400, -1130, "Data sent for parameter 'limit' is not valid.");
  return rows.slice(-Math.min(limit, limits.atMost));
}

/**
 * Whether the exchange no longer knows an order: canceled or expired without a fill for three days, or placed 90 days ago
 * ("Query Order").
 */
export function isForgotten(order: Order, now: number): boolean {
  const age = now - order.createdAt;
  const endedWithoutFill = (order.status === 'canceled' || order.status === 'expired') && isZero(order.filled);
  return (endedWithoutFill && age > 3 * DAY_MS) || age > 90 * DAY_MS;
}
