import { describe, expect, it } from '@jest/globals';
import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { MissingOrderExplanation } from '../../../src/domain/difference/difference.js';
import type { Failure } from '../../../src/domain/failure/failure.js';
import type { OpenOrder, Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import type { ExchangeInspector } from '../../../src/exchange/exchange-reader.js';
import { failureOf } from '../failures.js';
import { readerOf } from '../readers.js';
import { sendJson, WireServer } from '../wire-server.js';

/**
 * An answer from an exchange's documentation, another SDK's tests or recorded traffic. Facts only: ids are replaced,
 * field names, words and the shape of numbers are kept.
 */
export interface ForeignAnswer {
  name: string;
  /** Title of the page, or repository and file. */
  source: string;
  path: string;
  /** A document, or the text of a page. */
  answer: object | string;
  /** 200 where it is left out. */
  status?: number;
  /** The right reading, from the documentation. */
  reading: Reading;
}

type Shown = Partial<Omit<Snapshot, 'positions' | 'orders' | 'balances' | 'unread' | 'gaps'>> & {
  positions?: object[];
  orders?: object[];
  balances?: object[];
  unread?: object[];
  gaps?: object[];
};

export type Reading =
  /** What the read of an otherwise empty account shows. Lists are exact in length, objects in the named fields. */
  | { state: Shown }
  | { failure: Partial<Failure> }
  /** What became of an order. */
  | { order: Partial<OpenOrder>; became: Partial<MissingOrderExplanation> | { source: unknown } }
  /** What happened to the account. */
  | { symbols?: string[]; currencies?: string[]; happened: VenueAction[] };

export interface ForeignExchange {
  id: string;
  /** Serves an account that has nothing. */
  serveEmpty: (wire: WireServer) => WireServer;
  answers: readonly ForeignAnswer[];
  /** The order that questions are about, where an answer does not say otherwise. */
  order: OpenOrder;
  /** The reader's clock. */
  now: number;
}

export function describeForeignAnswers({ id, serveEmpty, answers, order, now }: ForeignExchange): void {
  describe(`answers for ${id} that others wrote`, () => {
    it('are named once each', () => {
      expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
    });

    const named = answers.map((answer) => [`${answer.name} (${answer.source})`, answer] as const);
    it.each(named)('%s', async (_name, { path, answer, status = 200, reading }) => {
      const wire = serveEmpty(await WireServer.start());
      try {
        const reader = await readerOf(id, wire, { now: () => now, deadlineSeconds: 10 });
        // A read finds out which API has the account's history.
        if (!('state' in reading || 'failure' in reading)) await reader.readState();
        wire.route(path, (_request, response) => sendJson(response, answer, status));
        expect(await readAs(reading, reader, order)).toMatchObject(expected(reading));
        expect(wire.paths).toContain(path);
      } finally {
        await wire.stop();
      }
    });
  });
}

/** What the reader says, in the form of the reading. */
async function readAs(reading: Reading, reader: ExchangeInspector, order: OpenOrder): Promise<object> {
  if ('state' in reading) return { unread: [], ...(await reader.readState({ balances: true })) };
  if ('failure' in reading) return failureOf(reader.readState({ balances: true }));
  if ('became' in reading) return (await reader.explainMissingOrders([{ ...order, ...reading.order }]))[0] ?? {};
  const { symbols = [], currencies = [] } = reading;
  return { happened: await reader.readVenueActions({ since: 0, symbols, currencies }) };
}

function expected(reading: Reading): object {
  if ('state' in reading) return { unread: [], ...reading.state };
  if ('failure' in reading) return reading.failure;
  return 'became' in reading ? reading.became : { happened: reading.happened };
}
