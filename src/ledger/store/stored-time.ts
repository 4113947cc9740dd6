/** ISO 8601, UTC; null if there is no time, or if the stored one was altered to an invalid one ("infinity"). */
export function isoOf(time: Date | null): string | null {
  return time === null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/**
 * Converts PostgreSQL's text of a time ("2026-11-22 15:00:00.5+00", in UTC) to ISO 8601. A text that the ledger cannot
 * have written is returned unchanged and matches no hash.
 */
export function isoTime(stored: string): string {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00$/.exec(stored);
  if (parts === null) return stored;
  return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0')}Z`;
}
