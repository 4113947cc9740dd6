import { BitgetError } from '../shared/errors.js';
import type { WireCall } from '../shared/route.js';

const LARGEST_PAGE = 100;
const DAY_MS = 86_400_000;
/** "The access window is 90 days"; a request covers at most 30 of them. */
const WINDOW_DAYS = 90;
const SPAN_DAYS = 30;

/**
 * A page of at most `limit` rows, newest first, and the cursor of the next one: "the smallest orderId in current page; pass it
 * to query older orders". An empty page has no cursor.
 */
export function cursorPage<T>(
  rows: readonly T[],
  call: WireCall,
  idOf: (row: T) => string,
): { page: T[]; cursor: string | null } {
  const before = call.parameters.integer('cursor');
  const limit = call.parameters.integer('limit') ?? LARGEST_PAGE;
  if (limit < 1 || limit > LARGEST_PAGE) throw new BitgetError('400172', 'Parameter verification failed');
  const page = rows
    .filter((row) => before === undefined || Number(idOf(row)) < before)
    .toSorted((a, b) => Number(idOf(b)) - Number(idOf(a)))
    .slice(0, limit);
  const last = page.at(-1);
  return { page, cursor: last === undefined ? null : idOf(last) };
}

/** The rows of the requested time, at most 30 days, by default the last 30. */
export function withinSpan<T>(rows: readonly T[], call: WireCall, timeOf: (row: T) => number): T[] {
  const given = { start: call.parameters.integer('startTime'), end: call.parameters.integer('endTime') };
  const end = given.end ?? call.now;
  const start = Math.max(given.start ?? end - SPAN_DAYS * DAY_MS, call.now - WINDOW_DAYS * DAY_MS);
  if (end - start > SPAN_DAYS * DAY_MS) throw new BitgetError('25200', 'time range validation error');
  return rows.filter((row) => timeOf(row) >= start && timeOf(row) <= end);
}
