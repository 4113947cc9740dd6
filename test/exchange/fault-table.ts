import { afterAll, describe, expect, it } from '@jest/globals';
import type { ExchangeReader, ReadOptions } from '../../src/exchange/exchange-reader.js';
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

/**
 * Every fault at every endpoint of a read: each cell has to end in the failure of its kind that names the endpoint and shows
 * no secret. None may end in a state.
 */
export function describeFaults(table: FaultTable): void {
  const { id, endpoints, refusals, credentials = CREDENTIALS, scopes, read = {} } = table;
  const faults = [...WIRE_FAULTS, ...refusals];
  const stands: Stand[] = [];
  const kept = new Map<string, Promise<Stand>>();
  let cells = 0;

  async function newStand(deadlineSeconds: number): Promise<Stand> {
    const wire = await WireServer.start();
    const reader = await readerOf(id, wire, { deadlineSeconds, maxBytes: 1_000_000, credentials });
    const stand = { wire, reader };
    stands.push(stand);
    return stand;
  }

  /** A server and reader for one endpoint, kept from fault to fault; a ban would reach the next fault, so it gets its own. */
  async function standFor(endpoint: FaultyEndpoint, fault: Fault): Promise<Stand> {
    if (fault.retryAfterMs !== undefined) return newStand(10);
    // Healthy answers must meet it too, on a busy machine.
    const deadlineSeconds = fault.kind === 'timeout' ? 3 : 10;
    const key = `${endpoints.indexOf(endpoint)} ${deadlineSeconds}`;
    const known = kept.get(key) ?? newStand(deadlineSeconds);
    kept.set(key, known);
    return known;
  }

  function spoil(wire: WireServer, endpoint: FaultyEndpoint, send: Fault['send']): void {
    endpoint.serve(wire);
    wire.spoil(endpoint.path, endpoint.when, (response) => send(response, JSON.stringify(endpoint.healthy)));
  }

  describe(`every endpoint of a ${id} read x every fault`, () => {
    afterAll(async () => {
      process.stderr.write(`${id}: ${cells} cells (${faults.length} faults x ${endpoints.length} endpoints)\n`);
      await Promise.all(stands.map(({ wire }) => wire.stop()));
    });

    it.each(faults)(
      '$name is $kind',
      async (fault) => {
        const concerned = endpoints.filter(({ spared }) => spared?.includes(fault.name) !== true);
        await Promise.all(
          concerned.map(async (endpoint) => {
            cells += 1;
            const { wire, reader } = await standFor(endpoint, fault);
            spoil(wire, endpoint, fault.send);
            const failure = await failureOf(reader.readState(read));
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
          }),
        );
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
