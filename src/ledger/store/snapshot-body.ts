import { atOnce, type Pieces } from '../../runtime/turns.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';

/** A snapshot without its side and its times: what two observations of an account that stands still have in common. */
export type SnapshotBody = Omit<Snapshot, 'side' | 'readStartedAt' | 'readEndedAt' | 'asOf'>;

export function bodyOf(snapshot: Snapshot): SnapshotBody {
  const { side: _side, readStartedAt: _started, readEndedAt: _ended, asOf: _asOf, ...body } = snapshot;
  return body;
}

/**
 * The exact text of a body, its fields sorted by name and the items of every list sorted by their texts, since the order in
 * which a side lists its orders says nothing. Two observations that saw the same get the same text, whose digest then
 * shows whether anything moved. A row's own time of last change is content: where it moved, the row did.
 *
 * The fields of a row are left as they come: one reader writes them in one order, and sorting them would cost more than
 * all the rest for a large account.
 */
export function* encodedBody(snapshot: Snapshot): Pieces<string> {
  const body = bodyOf(snapshot);
  const markets = Object.fromEntries(sortedEntries(body.markets));
  const fields: string[] = [];
  for (const [name, value] of sortedEntries({ ...body, markets })) {
    const text = Array.isArray(value) ? yield* encodedList(value) : JSON.stringify(value);
    fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}

/** As `encodedBody`, at once. */
export function encodeBody(snapshot: Snapshot): string {
  return atOnce(encodedBody(snapshot));
}

/** Rows written in one piece: a few milliseconds. */
const ROWS_AT_ONCE = 1_000;

function* encodedList(rows: readonly unknown[]): Pieces<string> {
  const texts: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_AT_ONCE === 0) yield;
    texts.push(JSON.stringify(row));
  }
  yield;
  texts.sort();
  yield;
  return `[${texts.join(',')}]`;
}

/** The body of a text whose digest was proven: `encodeBody` wrote it, so nothing is left to parse. */
export function decodeBody(text: string): SnapshotBody {
  return JSON.parse(text) as SnapshotBody;
}

function sortedEntries<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
