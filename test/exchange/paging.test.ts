import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import type { Endpoint } from '../../src/exchange/transport/endpoint.js';
import { ExchangeFailure } from '../../src/exchange/transport/error-kinds.js';
import { readAllByOffset, readAllPages, type Page } from '../../src/exchange/profile/paging.js';
import type { ReadSession } from '../../src/exchange/profile/read-session.js';
import { failureOf } from './failures.js';

const endpoint: Endpoint<unknown> = { method: 'GET', path: '/rows', call: null, shape: z.unknown() };

/** Paging needs nothing of a session but the making of failures. */
const session = {
  failure: (kind: 'incomplete', _endpoint: unknown, what: string) =>
    new ExchangeFailure({ kind, message: what, where: null, retryAfterMs: null }),
} as unknown as ReadSession;

const rowsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `row ${index}`);

/** A server that pages by cursor; `spoil` changes the page it is about to give. */
function byCursor(
  rows: readonly string[],
  pageSize: number,
  end: 'says so' | 'empty page',
  spoil: (page: Page<string>, number: number) => Page<string> = (page) => page,
): Promise<string[]> {
  let number = 0;
  return readAllPages({
    session,
    endpoint,
    pageSize,
    idOf: (row) => row,
    ask: async (cursor) => {
      const from = cursor === null ? 0 : Number(cursor);
      const page = rows.slice(from, from + pageSize);
      const last = end === 'says so' ? from + pageSize >= rows.length : page.length === 0;
      return spoil({ rows: [...page], next: last ? null : String(from + page.length) }, ++number);
    },
  });
}

describe('a list paged by a cursor', () => {
  it('is read whole, whatever its length and the size of its pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('says so' as const, 'empty page' as const),
        async (count, pageSize, end) => {
          expect(await byCursor(rowsOf(count), pageSize, end)).toEqual(rowsOf(count));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each<[string, (page: Page<string>, number: number) => Page<string>]>([
    ['repeats a page', (page, number) => (number === 3 ? { ...page, rows: rowsOf(20).slice(10) } : page)],
    ['repeats a row', (page, number) => (number === 3 ? { ...page, rows: ['row 0', ...page.rows.slice(1)] } : page)],
    [
      'gives a short page in the middle',
      (page, number) => (number === 3 ? { ...page, rows: page.rows.slice(1) } : page),
    ],
    ['comes back to a cursor', (page) => ({ ...page, next: '10' })],
  ])('is a failure when it %s', async (_name, spoil) => {
    expect(await failureOf(byCursor(rowsOf(60), 10, 'says so', spoil))).toMatchObject({ kind: 'incomplete' });
  });

  it('is too large when it never ends', async () => {
    const endless = (_page: Page<string>, number: number): Page<string> => ({
      rows: rowsOf(10).map((row) => `${row} of ${number}`),
      next: `n${number}`,
    });
    await expect(byCursor(rowsOf(60), 10, 'says so', endless)).rejects.toMatchObject({
      name: 'TooLargeError',
      limit: 'pages',
      allowed: 400,
    });
  });
});

/** A server that pages by row numbers, of a list that `move` may change before each page. */
function byOffset(rows: string[], pageSize: number, move: (rows: string[], number: number) => void = () => undefined) {
  let number = 0;
  return readAllByOffset<string>({
    session,
    endpoint,
    pageSize,
    idOf: (row) => row,
    ask: async (offset) => {
      move(rows, ++number);
      return rows.slice(offset, offset + pageSize);
    },
  });
}

describe('a list paged by row numbers', () => {
  it('is read whole, whatever its length and the size of its pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 2, max: 20 }), async (count, pageSize) => {
        expect(await byOffset(rowsOf(count), pageSize)).toEqual(rowsOf(count));
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, (rows: string[], number: number) => void]>([
    ['a row that was read ends', (rows, number) => void (number === 3 && rows.shift())],
    ['a row begins before those that were read', (rows, number) => void (number === 3 && rows.unshift('new'))],
    [
      'rows are missing from a page in the middle',
      (rows, number) => void (number === 3 && rows.splice(22, 0, 'row 1')),
    ],
    ['the list ends before its last row is seen again', (rows, number) => void (number === 3 && rows.splice(0))],
  ])('is a failure when %s while it is read', async (_name, move) => {
    expect(await failureOf(byOffset(rowsOf(60), 10, move))).toMatchObject({ kind: 'incomplete' });
  });

  it('never loses a row that stays, however the list moves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 59 }), { maxLength: 6 }),
        fc.integer({ min: 2, max: 9 }),
        async (ends, size) => {
          const rows = rowsOf(60);
          const gone = new Set<string>();
          const read = byOffset(rows, size, () => {
            const at = ends.pop();
            if (at !== undefined && at < rows.length) for (const row of rows.splice(at, 1)) gone.add(row);
          });
          const outcome = await read.catch((error: unknown) => error);
          if (outcome instanceof ExchangeFailure) return;
          expect(outcome).toEqual(expect.arrayContaining(rowsOf(60).filter((row) => !gone.has(row))));
        },
      ),
      { numRuns: 300 },
    );
  });
});
