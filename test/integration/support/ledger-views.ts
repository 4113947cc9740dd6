import type { LedgerEvent } from '../../../src/ledger/contract/ledger.js';
import type { Reported } from './drift-cases.js';

export function sorted(reports: readonly Reported[]): string[] {
  return reports
    .map(({ type, at, leg, exchange, internal, cause }) => [type, at, leg, exchange, internal, cause].join(' | '))
    .toSorted();
}

/** The payloads of the events of one type. */
export function eventsOf(
  { events }: { events: readonly LedgerEvent[] },
  type: LedgerEvent['type'],
): Record<string, unknown>[] {
  return events.filter((event) => event.type === type).map(({ payload }) => payload);
}

/** The discrepancies' events by the cause that they name: its kind, and its number of discrepancies. */
export function causesOf(calls: Record<string, unknown>[]): { reported: string; text: string }[] {
  const effects = new Map<string, { cause: string; count: number }>();
  for (const { story, cause } of calls) {
    const known = effects.get(String(story)) ?? { cause: String(cause), count: 0 };
    effects.set(String(story), { ...known, count: known.count + 1 });
  }
  return [...effects]
    .map(([text, { cause, count }]) => ({ reported: `${cause} ${count}`, text }))
    .toSorted((a, b) => (a.reported < b.reported ? -1 : 1));
}
