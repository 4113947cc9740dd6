import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenOrder } from '../../../src/domain/snapshot/snapshot.js';
import type { ExchangeInspector } from '../../../src/exchange/exchange-reader.js';
import { failureOf } from '../failures.js';
import { readerOf } from '../readers.js';
import { WireServer, type Route } from '../wire-server.js';

/** The right reading of an answer, from the exchange's documentation. */
export type Reading =
  /** A part of the snapshot. */
  | { state: object }
  /** Rows that are left out, and nothing else of the snapshot. */
  | { unread: object[] }
  /** A gap that is named. */
  | { gap: string }
  /** What became of a missing order. */
  | { missing: Partial<OpenOrder>; is: object }
  /** What the exchange itself did. */
  | { of: { symbols?: string[]; currencies?: string[] }; acts: object[] }
  /** Why the read fails. */
  | { fails: object };

/** A published answer: from documentation, an SDK or recorded traffic. Ids and names are replaced. */
export interface ForeignAnswer {
  name: string;
  /** Title of a page, or repository and file. */
  source: string;
  path: string;
  answer: Route;
  reading: Reading;
  /** Answers of other paths that the case needs. */
  also?: Readonly<Record<string, Route>>;
}

export interface AnswerTable {
  id: string;
  credentials: Record<string, string>;
  /** The exchange's clock. */
  now: number;
  /** Serves an account without rows. */
  serve: (wire: WireServer) => void;
  answers: readonly ForeignAnswer[];
}

const LEAST = 40;

/** Each answer on its endpoint of an account that is otherwise empty. */
export function describeForeignAnswers({ id, credentials, now, serve, answers }: AnswerTable): void {
  describe(`answers of ${id} that others have written`, () => {
    let wire: WireServer;
    let reader: ExchangeInspector;
    beforeAll(async () => {
      wire = await WireServer.start();
      serve(wire);
      reader = await readerOf(id, wire, { credentials, now: () => now });
    });
    afterAll(() => wire.stop());

    it(`are at least ${LEAST}, each with a source and a name of its own`, () => {
      expect(answers.length).toBeGreaterThanOrEqual(LEAST);
      expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
      expect(answers.filter(({ source }) => source.length < 10)).toEqual([]);
    });

    it.each(answers)('$name', async ({ path, answer, reading, also = {} }) => {
      serve(wire);
      wire.route(path, answer);
      for (const [other, route] of Object.entries(also)) wire.route(other, route);
      const { received, expected } = await readingOf(reader, reading);
      expect(received).toMatchObject(expected);
    });
  });
}

interface Compared {
  received: object;
  expected: object;
}

async function readingOf(reader: ExchangeInspector, reading: Reading): Promise<Compared> {
  if ('fails' in reading) return { received: await failureOf(reader.readState()), expected: reading.fails };
  if ('missing' in reading) {
    const [found] = await reader.explainMissingOrders([{ ...ORDER, ...reading.missing }]);
    return { received: found ?? {}, expected: reading.is };
  }
  if ('acts' in reading) {
    const question = { since: 0, symbols: [], currencies: [], ...reading.of };
    return { received: await reader.readVenueActions(question), expected: reading.acts };
  }
  const state = await reader.readState();
  if ('gap' in reading) {
    const gaps = state.gaps.map(({ scope, reason }) => `${scope}: ${reason}`);
    return { received: { gap: gaps.find((gap) => gap === reading.gap) ?? gaps }, expected: { gap: reading.gap } };
  }
  const received = { ...state, unread: state.unread ?? [] };
  return { received, expected: 'unread' in reading ? { unread: reading.unread } : { unread: [], ...reading.state } };
}

const ORDER: OpenOrder = {
  id: null,
  clientOrderId: null,
  symbol: '',
  side: 'buy',
  type: 'limit',
  price: '1',
  triggerPrice: null,
  amount: '1',
  filled: '0',
  conditional: false,
  changedAt: null,
};
