import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenOrder } from '../../../src/domain/snapshot/snapshot.js';
import type { ExchangeInspector, VenueActionQuestion } from '../../../src/exchange/exchange-reader.js';
import { failureOf } from '../failures.js';
import { readerOf } from '../readers.js';
import { type WireRequest, WireServer } from '../wire-server.js';

/** What an answer means. Values come from the source's documentation, not from this project's code. */
export type Reading =
  /** All rows of the account. */
  | {
      state: Partial<Record<'positions' | 'orders' | 'balances' | 'unread', object[]>> & {
        positionMode?: string | null;
      };
    }
  /** A gap that the read names. */
  | { gap: { scope: string; reason?: unknown } }
  /** The read fails. */
  | { failure: object }
  /** What became of an order that is not open. */
  | { order: Partial<OpenOrder>; became: object }
  /** What the exchange did. */
  | { question: Partial<VenueActionQuestion>; actions: object[] }
  /** What the key may do. */
  | { key: object };

/** One published answer of an exchange. Ids are replaced. */
export interface ForeignAnswer {
  name: string;
  /** Title of the page, or repository and file. */
  source: string;
  /** The path that answers so. */
  path: string;
  /** Which requests of the path it answers; absent: all. */
  when?: (query: URLSearchParams) => boolean;
  answer: object;
  /** What further paths answer. */
  besides?: Readonly<Record<string, object>>;
  reading: Reading;
}

export interface ForeignTable {
  id: string;
  credentials: Record<string, string>;
  answers: readonly ForeignAnswer[];
  /** Serves an account without rows, whose markets are those of the answers. */
  serve: (wire: WireServer) => WireServer;
  /** What a path answers to other requests. */
  otherwise: (request: WireRequest) => object;
  /** The exchange's clock. */
  now: number;
  /** The missing order that is asked about, as a bot may remember it. */
  remembered: OpenOrder;
}

const LEAST = 40;

export function describeForeignAnswers(table: ForeignTable): void {
  const { id, answers, serve, otherwise, now, credentials } = table;

  describe(`answers of ${id} that others wrote down`, () => {
    it(`are at least ${LEAST}, each with its source and a name of its own`, () => {
      expect(answers.length).toBeGreaterThanOrEqual(LEAST);
      expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
      for (const { source } of answers) expect(source).toMatch(/\S{5,}/);
    });

    describe.each(answers)('$name', ({ path, when, answer, besides = {}, reading }) => {
      let wire: WireServer;
      let reader: ExchangeInspector;
      beforeAll(async () => {
        wire = serve(await WireServer.start());
        wire.route(path, (request: WireRequest) => ((when?.(request.query) ?? true) ? answer : otherwise(request)));
        for (const [other, document] of Object.entries(besides)) wire.route(other, document);
        reader = await readerOf(id, wire, { credentials, now: () => now });
      });
      afterAll(() => wire.stop());

      it('is read as it is meant', async () => {
        const [found, meant] = await readAs(reader, reading, table);
        expect(found).toMatchObject(meant);
      });
    });
  });
}

/** What the reader says, and what it should say. */
async function readAs(
  reader: ExchangeInspector,
  reading: Reading,
  { now, remembered }: ForeignTable,
): Promise<[found: object, meant: object]> {
  if ('failure' in reading) return [await failureOf(reader.readState()), reading.failure];
  if ('key' in reading) return [await reader.auditKey(), reading.key];
  if ('became' in reading) {
    return [await reader.explainMissingOrders([{ ...remembered, ...reading.order }]), [reading.became]];
  }
  if ('actions' in reading) {
    const question = { since: now - 3_600_000, symbols: [], currencies: [], ...reading.question };
    return [await reader.readVenueActions(question), reading.actions];
  }
  const { unread = [], ...snapshot } = await reader.readState();
  if ('gap' in reading) return [snapshot.gaps.filter(({ scope }) => scope === reading.gap.scope), [reading.gap]];
  return [
    { ...snapshot, unread },
    { unread: [], ...reading.state },
  ];
}
