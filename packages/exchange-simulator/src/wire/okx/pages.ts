import { parameterError } from './errors.js';
import type { SignedCall } from './route.js';

const MOST = 100;

/**
 * One page of rows, newest id first: at most 100, those with a lower id than `after`, or with a higher one than
 * `before` ("Pagination" in https://www.okx.com/docs-v5/en/#overview). There is no cursor: a page that is not full is
 * the last.
 */
export function page<T>(rows: readonly T[], { parameters }: SignedCall, idOf: (row: T) => string): T[] {
  const limit = parameters.integer('limit') ?? MOST;
  if (limit < 1 || limit > MOST) throw parameterError('limit');
  const [after, before] = [parameters.integer('after'), parameters.integer('before')];
  return rows
    .filter(
      (row) =>
        (after === undefined || Number(idOf(row)) < after) && (before === undefined || Number(idOf(row)) > before),
    )
    .toSorted((a, b) => Number(idOf(b)) - Number(idOf(a)))
    .slice(0, limit);
}

/** Rows between `begin` and `end`, and not older than the endpoint's history. */
export function within<T>(rows: readonly T[], call: SignedCall, backMs: number, timeOf: (row: T) => number): T[] {
  const begin = Math.max(call.parameters.integer('begin') ?? 0, call.now - backMs);
  const end = call.parameters.integer('end') ?? call.now;
  return rows.filter((row) => timeOf(row) >= begin && timeOf(row) <= end);
}
