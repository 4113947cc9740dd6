import type { Snapshot } from '../domain/snapshot.js';

/** A snapshot without its side and its times: what two looks at an account that stands still have in common. */
export type SnapshotBody = Omit<Snapshot, 'side' | 'readStartedAt' | 'readEndedAt' | 'asOf'>;

export function bodyOf(snapshot: Snapshot): SnapshotBody {
  const { side: _side, readStartedAt: _started, readEndedAt: _ended, asOf: _asOf, ...body } = snapshot;
  return body;
}

/**
 * The exact text of a body, its fields sorted by name and the items of every list sorted by their texts, since the order in
 * which a side lists its orders says nothing. Two looks that saw the same get the same text, whose digest then tells
 * whether anything moved. A row's own time of last change is content: where it moved, the row did.
 *
 * The fields of a row are left as they come: one reader writes them in one order, and sorting them would cost more than
 * all the rest for a large account.
 */
export function encodeBody(snapshot: Snapshot): string {
  const body = bodyOf(snapshot);
  const markets = Object.fromEntries(sortedEntries(body.markets));
  const texts = sortedEntries({ ...body, markets }).map(([name, value]) => {
    const text = Array.isArray(value)
      ? `[${value
          .map((item) => JSON.stringify(item))
          .toSorted()
          .join(',')}]`
      : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${texts.join(',')}}`;
}

/** The body of a text whose digest was proven: `encodeBody` wrote it, so nothing is left to parse. */
export function decodeBody(text: string): SnapshotBody {
  return JSON.parse(text) as SnapshotBody;
}

function sortedEntries<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
