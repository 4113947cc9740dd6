import { parameterError } from './errors.js';
import type { SignedCall } from './route.js';

const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;

export interface Page<T> {
  list: T[];
  nextPageCursor: string;
}

/**
 * One page of rows that are sorted by key, and the cursor to the next. The cursor holds the key of the last row, so the
 * next page starts after it even if that row has disappeared meanwhile. A full page has a cursor even if nothing
 * follows; the next page is then empty. The cursor is percent-encoded ("BTCUSDT%2C0"), as in the documentation's
 * examples.
 */
export function page<T>(
  rows: readonly T[],
  call: SignedCall,
  options: { keyOf: (row: T) => string; order: 'rising' | 'falling'; byDefault: number; atMost: number },
): Page<T> {
  const limit = call.parameters.integer('limit') ?? options.byDefault;
  if (limit < 1 || limit > options.atMost) throw parameterError(`limit invalid, 1 to ${options.atMost}`);
  const after = call.parameters.cursor();
  const isBehind = (row: T): boolean =>
    after === undefined || (options.order === 'rising' ? options.keyOf(row) > after : options.keyOf(row) < after);
  const sorted = rows.toSorted((a, b) => {
    const comparison = options.keyOf(a) < options.keyOf(b) ? -1 : 1;
    return options.order === 'rising' ? comparison : -comparison;
  });
  const list = sorted.filter(isBehind).slice(0, limit);
  const last = list.at(-1);
  return {
    list,
    nextPageCursor: last === undefined || list.length < limit ? '' : encodeURIComponent(options.keyOf(last)),
  };
}

/** Rows newest first: by time, then by id. */
export function timeKey(at: number, id: string): string {
  return `${String(at).padStart(13, '0')}:${id.padStart(20, '0')}`;
}

/**
 * The requested time: by default the last seven days, from `startTime` seven days forward, to `endTime` seven days
 * back, and never more ("Get Order History", "Get Trade History").
 */
export function askedTime(call: SignedCall): { start: number; end: number; isDefault: boolean } {
  const [start, end] = [call.parameters.integer('startTime'), call.parameters.integer('endTime')];
  const from = start ?? (end ?? call.now) - WEEK_MS;
  const until = end ?? (start === undefined ? call.now : start + WEEK_MS);
  if (from > until) throw parameterError('startTime must not be later than endTime');
  if (until - from > WEEK_MS) {
    throw parameterError('The time range between startTime and endTime cannot exceed 7 days');
  }
  return { start: from, end: until, isDefault: start === undefined && end === undefined };
}
