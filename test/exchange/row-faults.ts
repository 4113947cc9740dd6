import { afterAll, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { isTaken, SHARE } from '../support/thorough.js';
import type { FaultTable, FaultyEndpoint } from './fault-table.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

/** A field that a fault may change while the row stays readable, by its path in the row, with the reason. */
export type HarmlessFields = Readonly<Record<string, string>>;

export interface RowFaultTable extends Pick<FaultTable, 'id' | 'endpoints' | 'credentials' | 'read'> {
  /** By path of the endpoint. Each entry needs a reason. */
  harmless?: Readonly<Record<string, HarmlessFields>>;
  /** Fields whose fault fails the whole read, by path of the endpoint, with the reason. */
  wholeAnswer?: Readonly<Record<string, HarmlessFields>>;
}

/** What can happen to one field of one row. */
const FAULTS: Readonly<Record<string, (row: Row, field: string) => Row>> = {
  'an unknown word': (row, field) => ({ ...row, [field]: 'SOMETHING_NEW' }),
  'an empty text': (row, field) => ({ ...row, [field]: '' }),
  null: (row, field) => ({ ...row, [field]: null }),
  'no such field': (row, field) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== field)),
};

type Row = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Every field of every row of every list x every fault. A fault may make the row's symbol unread in its scope, or
 * change nothing. It may never fail the account, and never change what is read without an entry in `unread` or `gaps`.
 */
export function describeRowFaults(table: RowFaultTable): void {
  const { id, endpoints, credentials = CREDENTIALS, read = { balances: true } } = table;
  describe(`one bad row of a ${id} read costs its own symbol (${SHARE})`, () => {
    const wires: WireServer[] = [];
    afterAll(() => Promise.all(wires.map((wire) => wire.stop())));

    const listed = endpoints.flatMap((endpoint) => listsOf(endpoint.healthy).map((list) => ({ ...endpoint, list })));
    it.each(listed)(
      '$path',
      async ({ list, ...endpoint }) => {
        const wire = await WireServer.start();
        wires.push(wire);
        // Hundreds of reads in a row: none waits for a limit of the exchange.
        const reader = await readerOf(id, wire, { credentials, weightPerMinute: 10_000_000 });
        endpoint.serve(wire);
        const healthy = await reader.readState(read);
        const wrong: string[] = [];
        for (const [field, name, faulty] of faultyAnswers(endpoint, list)) {
          const cell = `${field}: ${name}`;
          const harmless = table.harmless?.[endpoint.path]?.[field] !== undefined;
          const whole = table.wholeAnswer?.[endpoint.path]?.[field] !== undefined;
          wire.spoil(endpoint.path, endpoint.when, (response) => {
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(faulty));
          });
          const outcome = await reader.readState(read).then(
            (snapshot) => verdict(healthy, snapshot),
            (error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`,
          );
          wire.fix();
          endpoint.serve(wire);
          const allowed = whole ? outcome.startsWith('failed') : outcome === 'same' || outcome === 'said' || harmless;
          if (!allowed || (harmless && outcome.startsWith('failed'))) wrong.push(`${cell} -> ${outcome}`);
        }
        expect(wrong).toEqual([]);
      },
      120_000,
    );
  });
}

function verdict(healthy: Snapshot, snapshot: Snapshot): string {
  if ((snapshot.unread ?? []).length > 0) return 'said';
  if (snapshot.gaps.length > healthy.gaps.length) return 'said';
  const rowsOf = ({ positions, orders, balances }: Snapshot): string => JSON.stringify([positions, orders, balances]);
  return rowsOf(healthy) === rowsOf(snapshot) ? 'same' : 'changed without a word';
}

/** Each fault costs a whole read, so `npm test` tries one of the four at each field. Neighbouring fields have different ones. */
function faultsOf(at: number): [name: string, spoil: (row: Row, field: string) => Row][] {
  const faults = Object.entries(FAULTS);
  return faults.filter((_, fault) => isTaken(fault + at, faults.length));
}

/** Answers with one fault each, in the first row that has the field. */
function* faultyAnswers(
  { healthy }: FaultyEndpoint,
  list: Path,
): Generator<[field: string, fault: string, answer: unknown]> {
  const rows = valueAt(healthy, list) as Row[];
  for (const [at, field] of [...new Set(rows.flatMap((row) => Object.keys(row)))].entries()) {
    const index = rows.findIndex((row) => Object.hasOwn(row, field));
    for (const [name, spoil] of faultsOf(at)) {
      const faulty = rows.map((row, place) => (place === index ? spoil(row, field) : row));
      yield [field, name, withValue(healthy, list, faulty)];
    }
  }
  const extra = rows.map((row, at) => (at === 0 ? { ...row, a_new_field: 'SOMETHING_NEW' } : row));
  yield ['a_new_field', 'an extra field', withValue(healthy, list, extra)];
}

/** The paths of all lists of objects in an answer. */
function listsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))
      ? [path]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => listsOf(inner, [...path, key]));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], value);
}

function withValue(value: unknown, [key, ...rest]: Path, inner: unknown): unknown {
  if (key === undefined) return inner;
  const map = value as Record<string | number, unknown>;
  return { ...map, [key]: withValue(map[key], rest, inner) };
}
