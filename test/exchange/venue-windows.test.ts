import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as bybit from './bybit-fixtures.js';
import * as okx from './okx-fixtures.js';
import { readerOf } from './readers.js';
import { type WireRequest, WireServer } from './wire-server.js';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 1_764_000_000_000;

let wire: WireServer;
beforeEach(async () => {
  wire = await WireServer.start();
});
afterEach(() => wire.stop());

describe('what bybit did itself', () => {
  const read = async (since: number, currencies: string[]) => {
    bybit.serveAccount(wire);
    const reader = await readerOf('bybit', wire, { now: () => NOW });
    return reader.readVenueActions({ since, symbols: ['BTC/USDT:USDT', 'BTC/USDT', 'NONE/USDT:USDT'], currencies });
  };
  const asked = (path: string) => wire.requests.filter((request) => request.path === path).map(({ query }) => query);

  it('is asked for contracts only, within the last seven days', async () => {
    wire.route(bybit.PATHS.executions, bybit.answer({ nextPageCursor: '', list: [] }));
    wire.route(bybit.PATHS.log, bybit.answer({ nextPageCursor: '', list: [] }));
    await read(NOW - 30 * DAY, ['BTC']);
    const [executions, ...more] = asked(bybit.PATHS.executions);
    expect(more).toEqual([]);
    expect(Object.fromEntries(executions ?? [])).toMatchObject({ category: 'linear', symbol: 'BTCUSDT' });
    for (const query of [executions, asked(bybit.PATHS.log)[0]]) {
      expect(Number(query?.get('startTime'))).toBe(NOW - 7 * DAY);
      expect(Number(query?.get('endTime'))).toBe(NOW);
    }
  });

  it('is read in at most five pages', async () => {
    wire.route(bybit.PATHS.executions, bybit.answer({ nextPageCursor: '', list: [] }));
    wire.route(bybit.PATHS.log, ({ query }: WireRequest) => {
      const page = Number(query.get('cursor') ?? 0);
      const row = { type: 'INTEREST', currency: 'BTC', change: '-1', transactionTime: String(NOW - page) };
      return bybit.answer({ nextPageCursor: String(page + 1), list: [row] });
    });
    expect(await read(NOW - DAY, ['BTC'])).toHaveLength(5);
  });
});

describe('what okx did itself', () => {
  const read = async (question: { since: number; symbols: string[]; currencies: string[] }) => {
    okx.serveAccount(wire);
    const reader = await readerOf('okx', wire, { credentials: okx.CREDENTIALS, now: () => NOW });
    return reader.readVenueActions(question);
  };

  it('is asked by type for all positions at once, and by currency, within the last seven days', async () => {
    wire.route(okx.PATHS.bills, okx.answer([]));
    await read({ since: NOW - 30 * DAY, symbols: ['BTC/USDT:USDT', 'ETH/USDT:USDT'], currencies: ['USDT'] });
    const asked = wire.requests.filter(({ path }) => path === okx.PATHS.bills).map(({ query }) => query);
    expect(asked.map((query) => query.get('type') ?? query.get('ccy'))).toEqual(['5', '9', '3', 'USDT']);
    for (const query of asked) expect(Number(query.get('begin'))).toBe(NOW - 7 * DAY);
  });

  it('asks nothing where nothing is asked', async () => {
    await read({ since: NOW - DAY, symbols: [], currencies: [] });
    expect(wire.paths).not.toContain(okx.PATHS.bills);
  });

  it('is read in at most five pages', async () => {
    wire.route(okx.PATHS.bills, ({ query }: WireRequest) => {
      const from = Number(query.get('after') ?? 1_000_000);
      const bill = (index: number) => ({
        billId: String(from - 1 - index),
        ccy: 'USDT',
        instId: '',
        type: '8',
        subType: '173',
        balChg: '-1',
        ts: String(NOW),
      });
      return okx.answer(Array.from({ length: 100 }, (_each, index) => bill(index)));
    });
    expect(await read({ since: NOW - DAY, symbols: [], currencies: ['USDT'] })).toHaveLength(500);
  });
});
