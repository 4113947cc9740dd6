import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExchangeReader, ReadOptions } from '../../src/exchange/exchange-reader.js';
import { isTaken, SHARE } from '../support/thorough.js';
import type { Failure } from '../../src/domain/failure/failure.js';
import { failureOf } from './failures.js';
import { type Fault, WIRE_FAULTS } from './faults.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

/** One endpoint that a read asks, and an account that makes it ask. */
export interface FaultyEndpoint {
  /** Path as the server sees it. */
  path: string;
  /** Distinguishes endpoints that share a path. */
  when?: (request: { query: URLSearchParams; body: string }) => boolean;
  /** How failures name it, where that is not the path itself ("/orders/{order_id}"). */
  named?: string;
  /** What it answers when all is well. */
  healthy: unknown;
  /** Serves an account whose read asks this endpoint. */
  serve: (wire: WireServer) => WireServer;
  /** Faults it may have without failing the read, by name, each with a test of its own. */
  spared?: string[];
}

export interface FaultTable {
  id: string;
  endpoints: FaultyEndpoint[];
  /** The exchange's own ways to say no. */
  refusals: Fault[];
  credentials?: Record<string, string>;
  /** Scopes of a healthy read. */
  scopes: number;
  /** How the account is read. */
  read?: ReadOptions;
}

interface Stand {
  wire: WireServer;
  reader: ExchangeReader;
}

interface Refused {
  endpoint: FaultyEndpoint;
  failure: Failure;
}

/** `npm test` tries each fault at one of so many endpoints, and each endpoint with one of so many faults. */
const ONE_OF = 2;
/** Faults whose deadline has to pass are tried in so many lines side by side. */
const LANES = ['first', 'second'];

/**
 * Faults at the endpoints of a read: each cell has to end in the failure of its kind that names the endpoint and shows no
 * secret. None may end in a state.
 */
export function describeFaults(table: FaultTable): void {
  const { id, endpoints, refusals, credentials = CREDENTIALS, scopes, read = {} } = table;
  const faults = [...WIRE_FAULTS, ...refusals];
  const stands: Stand[] = [];
  const kept = new Map<string, Promise<Stand>>();

  async function newStand(deadlineSeconds: number): Promise<Stand> {
    const wire = await WireServer.start();
    const reader = await readerOf(id, wire, { deadlineSeconds, maxBytes: 1_000_000, credentials });
    const stand = { wire, reader };
    stands.push(stand);
    return stand;
  }

  /** A server and reader for one endpoint, kept from fault to fault; a ban would reach the next fault, so it gets its own. */
  async function standFor(endpoint: FaultyEndpoint, fault: Fault, lane: string): Promise<Stand> {
    if (fault.retryAfterMs !== undefined) return newStand(10);
    const key = `${endpoints.indexOf(endpoint)} ${lane}`;
    // Healthy answers must meet the deadline too, on a busy machine.
    const known = kept.get(key) ?? newStand(lane === '' ? 10 : 3);
    kept.set(key, known);
    return known;
  }

  function spoil(wire: WireServer, endpoint: FaultyEndpoint, send: Fault['send']): void {
    endpoint.serve(wire);
    wire.spoil(endpoint.path, endpoint.when, (response) => send(response, JSON.stringify(endpoint.healthy)));
  }

  /** @param lane faults of different lanes are tried at the same time; those of '' need no deadline to pass */
  async function failuresOf(fault: Fault, lane = ''): Promise<Refused[]> {
    const concerned = endpoints
      .filter((_, place) => isTaken(faults.indexOf(fault) + place, ONE_OF))
      .filter(({ spared }) => spared?.includes(fault.name) !== true);
    return Promise.all(
      concerned.map(async (endpoint) => {
        const { wire, reader } = await standFor(endpoint, fault, lane);
        spoil(wire, endpoint, fault.send);
        return { endpoint, failure: await failureOf(reader.readState(read)) };
      }),
    );
  }

  describe(`every endpoint of a ${id} read x every fault (${SHARE})`, () => {
    const timeouts = faults.filter(({ kind }) => kind === 'timeout');
    const tried = new Map<Fault, Promise<Refused[]>>();
    // These wait for a deadline, so they do it while the others compute.
    beforeAll(() => {
      for (const lane of LANES) {
        let before: Promise<Refused[]> = Promise.resolve([]);
        for (const fault of timeouts.filter((_, index) => index % LANES.length === LANES.indexOf(lane))) {
          before = before.catch(() => []).then(async () => failuresOf(fault, lane));
          before.catch(() => []); // Its test reports it.
          tried.set(fault, before);
        }
      }
    });
    afterAll(async () => {
      await Promise.allSettled(tried.values());
      await Promise.all(stands.map(({ wire }) => wire.stop()));
    });

    it.each([...faults.filter((fault) => !timeouts.includes(fault)), ...timeouts])(
      '$name is $kind',
      async (fault) => {
        for (const { endpoint, failure } of await (tried.get(fault) ?? failuresOf(fault))) {
          const named = expect.stringContaining(endpoint.named ?? endpoint.path);
          expect(failure).toMatchObject({
            kind: fault.kind,
            side: 'exchange',
            where: named,
            message: named,
            retryAfterMs: fault.retryAfterMs ?? null,
          });
          expect(failure.remedy).not.toBe('');
          for (const secret of Object.values(credentials)) expect(JSON.stringify(failure)).not.toContain(secret);
          expect(JSON.stringify(failure)).not.toMatch(/signature=|[0-9a-f]{64}/);
        }
      },
      60_000,
    );

    it.each(endpoints)(
      'a reader recovers when $path answers well again',
      async (endpoint) => {
        const { wire, reader } = await newStand(10);
        spoil(wire, endpoint, (response) => void response.writeHead(500).end());
        await failureOf(reader.readState(read));
        await failureOf(reader.readState(read));
        wire.fix();
        expect((await reader.readState(read)).scopes).toHaveLength(scopes);
      },
      60_000,
    );
  });
}
