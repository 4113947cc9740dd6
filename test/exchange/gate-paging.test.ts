import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { failureOf } from './failures.js';
import {
  NO_ROWS,
  contract,
  CONTRACTS,
  futuresPath,
  orderRow,
  page,
  PAIRS,
  PATHS,
  positionRow,
  priceOrderRow,
  serveAccount,
  spotOrderRow,
  spotPage,
} from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { type WireRequest, WireServer } from './wire-server.js';

const USDT = (path: string) => futuresPath('usdt', path);

describe('a gate account with 700 orders of each kind and 300 positions', () => {
  let wire: WireServer;
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  const usdt = {
    ...NO_ROWS.usdt,
    positions: count(300).map((index) => positionRow(`C${index}_USDT`, index + 1)),
    orders: count(700).map((index) => orderRow('BTC_USDT', 9_000 - index)),
    priceOrders: count(250).map((index) => priceOrderRow('BTC_USDT', 5_000 - index)),
  };
  const spotOrders = {
    BTC_USDT: count(700).map((index) => spotOrderRow('BTC_USDT', String(3_000 - index))),
    ETH_USDT: [spotOrderRow('ETH_USDT', '1')],
  };
  const many = { ...NO_ROWS, usdt, spotOrders };
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start(), many);
    const contracts = count(300).map((index) => contract(`C${index}_USDT`, '0.1'));
    wire.route(USDT('contracts'), [...CONTRACTS.usdt, ...contracts]).route(PATHS.pairs, PAIRS);
  });
  afterEach(() => wire.stop());

  it('is read to the end', async () => {
    const { positions, orders } = await (await readerOf('gate', wire)).readState();
    const linear = positions.filter(({ symbol }) => symbol.endsWith(':USDT'));
    expect(linear).toHaveLength(300);
    expect(linear.at(-1)).toMatchObject({ symbol: 'C299/USDT:USDT', amount: '30' });
    const ids = (symbol: string, conditional: boolean) =>
      new Set(orders.filter((row) => row.symbol === symbol && row.conditional === conditional).map(({ id }) => id))
        .size;
    expect([ids('BTC/USDT', false), ids('BTC/USDT:USDT', false), ids('BTC/USDT:USDT', true)]).toEqual([700, 700, 251]);
  });

  it.each<[string, string, (rows: object[], from: number) => unknown]>([
    ['an order page fails', USDT('orders'), () => undefined],
    ['an order page comes twice', USDT('orders'), (rows, from) => rows.slice(from - 99, from + 1)],
    ['an order page is short', USDT('orders'), (rows, from) => rows.slice(from, from + 98)],
    ['an order ends while orders are read', USDT('orders'), (rows, from) => rows.slice(from + 1, from + 101)],
    ['a position page fails', USDT('positions'), () => undefined],
    ['a position page is short', USDT('positions'), (rows, from) => rows.slice(from, from + 98)],
    ['a price order page is short', USDT('price_orders'), (rows, from) => rows.slice(from, from + 98)],
  ])('is not read when %s', async (_name, path, spoiled) => {
    const lists = { orders: usdt.orders, positions: usdt.positions, price_orders: usdt.priceOrders };
    const rows: object[] = Object.entries(lists).find(([name]) => path === USDT(name))?.[1] ?? [];
    wire.route(path, (request: WireRequest, response) => {
      if (request.query.get('offset') !== '99') return page(rows, request);
      return spoiled(rows, 99) ?? void response.writeHead(502).end();
    });
    const failure = await failureOf((await readerOf('gate', wire)).readState());
    expect(['incomplete', 'network']).toContain(failure.kind);
    expect(failure.where).toContain(path.replace('/api/v4', ''));
  });

  const rowsAt = (from: number, to: number) => ({ ...spotOrders, BTC_USDT: spotOrders.BTC_USDT.slice(from, to) });
  const saying = (total: number, orders: Record<string, object[]>) =>
    Object.entries(orders).map(([currency_pair, rows]) => ({
      currency_pair,
      total: currency_pair === 'BTC_USDT' ? total : 1,
      orders: currency_pair === 'BTC_USDT' ? rows : [],
    }));
  it.each<[string, unknown]>([
    ['fails', undefined],
    ['comes twice', saying(700, rowsAt(0, 100))],
    ['is short', saying(700, rowsAt(100, 199))],
    ['is empty', saying(700, rowsAt(0, 0))],
    ['lacks the pair', []],
    ['begins one order late, as one has ended', saying(699, rowsAt(101, 201))],
    ['overlaps, as one has begun', saying(700, rowsAt(99, 199))],
  ])('is not read when a spot page %s', async (_name, answer) => {
    wire.route(PATHS.spotOrders, (request: WireRequest, response) => {
      if (request.query.get('page') !== '2') return spotPage(spotOrders, request);
      return answer ?? void response.writeHead(502).end();
    });
    const failure = await failureOf((await readerOf('gate', wire)).readState());
    expect(failure.kind).toBe(answer === undefined ? 'network' : 'incomplete');
    expect(failure.where).toContain('/spot/open_orders');
  });
});
