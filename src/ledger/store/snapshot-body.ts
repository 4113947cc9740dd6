import { atOnce, type Pieces } from '../../domain/pieces.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';

/** A snapshot without its side and its times: the part that two observations of an unchanged account have in common. */
export type SnapshotBody = Omit<Snapshot, 'side' | 'readStartedAt' | 'readEndedAt' | 'asOf'>;

export function bodyOf(snapshot: Snapshot): SnapshotBody {
  const { side: _side, readStartedAt: _started, readEndedAt: _ended, asOf: _asOf, ...body } = snapshot;
  return body;
}

/**
 * The exact text of a body: fields sorted by name, items of every list sorted by their texts, because the order in
 * which a side lists its orders has no meaning. Two observations of the same state get the same text, so its digest
 * shows whether anything changed. A row's own time of last change is content: if it changed, the row changed.
 *
 * The fields of a row keep their order: one reader always writes them in the same order, and for a large account
 * sorting them would cost more than everything else.
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

/** As `encodedBody`, in one piece. */
export function encodeBody(snapshot: Snapshot): string {
  return atOnce(encodedBody(snapshot));
}

/** Rows that are encoded in one piece: a few milliseconds. */
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

/** The body of a text whose digest was verified: `encodeBody` wrote it, so it needs no validation. */
export function decodeBody(text: string): SnapshotBody {
  return JSON.parse(text) as SnapshotBody;
}

function sortedEntries<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
