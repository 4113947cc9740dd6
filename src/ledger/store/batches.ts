/** Rows per statement: PostgreSQL takes at most 65,535 parameters. */
export const BATCH = 500;

export function batches<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < rows.length; start += BATCH) parts.push(rows.slice(start, start + BATCH));
  return parts;
}
