import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeReader } from '../../src/exchange/exchange-reader.js';
import { LIMITS } from '../../src/domain/limits/limits.js';
import { orderRow, PATHS, positionRow, serveAccount } from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const ORDER = orderRow('BTCUSDT', 1);
const POSITION = positionRow('BTCUSDT', '1');

/** A row as text in which one field is any JSON. */
function withRaw(row: object, field: string, json: string): string {
  return JSON.stringify({ ...row, [field]: '@' }).replace('"@"', json);
}

describe('an answer of an exchange', () => {
  let wire: WireServer;
  let reader: ExchangeReader;
  beforeAll(async () => {
    wire = await WireServer.start();
    reader = await readerOf('binanceusdm', wire);
    serveAccount(wire);
    await reader.readState();
  });
  beforeEach(() => void serveAccount(wire));
  afterAll(() => wire.stop());

  const answer = (path: string, text: string) =>
    wire.route(path, (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text));

  it.each<[string, string, object, string, string, string]>([
    ['a number of 100,000 digits', PATHS.openOrders, ORDER, 'price', '1'.repeat(100_000), 'numberLength'],
    ['a text that is such a number', PATHS.openOrders, ORDER, 'price', `"${'1'.repeat(99_000)}"`, 'numberLength'],
    [
      'such a number in a field that is not read',
      PATHS.openOrders,
      ORDER,
      'other',
      `-0.${'1'.repeat(99_000)}`,
      'numberLength',
    ],
    ['a text beyond reason', PATHS.openOrders, ORDER, 'note', `"${'x'.repeat(100_001)}"`, 'jsonTextLength'],
    ['nesting beyond reason', PATHS.openOrders, ORDER, 'note', '['.repeat(64) + ']'.repeat(64), 'jsonDepth'],
    ['values beyond reason', PATHS.openOrders, ORDER, 'note', `[${'0,'.repeat(3_000_000)}0]`, 'jsonValues'],
  ])('with %s is too large', async (_, path, row, field, json, limit) => {
    answer(path, `[${withRaw(row, field, json)}]`);
    const began = performance.now();
    const failure = await failureOf(reader.readState());
    // Unbounded, such a number took 38 s.
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(failure).toMatchObject({ kind: 'too_large', side: 'exchange', retryAfterMs: null });
    expect(failure.message).toContain(LIMITS[limit as keyof typeof LIMITS].what);
    expect(failure.message).toContain(String(LIMITS[limit as keyof typeof LIMITS].value));
    expect(failure.message.length).toBeLessThan(700);
    expect(failure.remedy).toBe(LIMITS[limit as keyof typeof LIMITS].remedy);
  });

  it.each<[string, string, object, string, string, 'exponent' | 'idLength']>([
    ['an exponent beyond reason', PATHS.openOrders, ORDER, 'origQty', '"1e9999"', 'exponent'],
    ['a negative one', PATHS.positions, POSITION, 'positionAmt', '"1e-41"', 'exponent'],
    ['a bare one', PATHS.positions, POSITION, 'positionAmt', '1e9999', 'exponent'],
    ['an id beyond reason', PATHS.openOrders, ORDER, 'clientOrderId', `"${'x'.repeat(201)}"`, 'idLength'],
  ])('with %s costs the symbol of that row, and names the limit', async (_, path, row, field, json, limit) => {
    answer(path, `[${withRaw(row, field, json)}]`);
    const { unread = [] } = await reader.readState();
    expect(unread).toMatchObject([{ code: 'ROW_UNREADABLE', symbol: expect.stringContaining('/USDT:USDT') }]);
    expect(unread[0]?.reason).toContain(LIMITS[limit].what);
    expect(unread[0]?.reason).toContain(String(LIMITS[limit].value));
  });

  it.each([
    ['a key twice', `[${JSON.stringify(ORDER).replace('{', '{"price":"1",')}]`],
    ['a key twice in an object that is not read', `[${withRaw(ORDER, 'x', '{"a":1,"a":2}')}]`],
  ])('with %s is unreadable, and says so', async (_, text) => {
    answer(PATHS.openOrders, text);
    const failure = await failureOf(reader.readState());
    expect(failure).toMatchObject({ kind: 'unreadable', where: expect.stringContaining(PATHS.openOrders) });
    expect(failure.message).toContain('the same key twice with different values');
  });

  it('with 20,000 orders is read, with one more it is too large', async () => {
    const rows = Array.from({ length: LIMITS.orders.value }, (_, i) => JSON.stringify(orderRow('BTCUSDT', i + 1)));
    answer(PATHS.openOrders, `[${rows.join(',')}]`);
    answer(PATHS.openAlgoOrders, '[]');
    expect((await reader.readState()).orders).toHaveLength(20_000);
    answer(PATHS.openOrders, `[${[...rows, JSON.stringify(orderRow('BTCUSDT', 30_000))].join(',')}]`);
    expect(await failureOf(reader.readState())).toMatchObject({
      kind: 'too_large',
      where: 'orders',
      message: expect.stringContaining('orders has 20001 orders; at most 20000 orders are read'),
    });
  }, 60_000);

  it('names the symbol of a wrong row of many, and reads the others', async () => {
    const rows = Array.from({ length: 1_700 }, (_, i) => ({
      ...orderRow('BTCUSDT', i + 1),
      ...(i === 1_234 && { price: 'x' }),
    }));
    wire.route(PATHS.openOrders, rows);
    wire.route(PATHS.openAlgoOrders, []);
    const { orders, unread } = await reader.readState();
    expect(orders).toHaveLength(1_699);
    expect(unread).toMatchObject([
      { symbol: 'BTC/USDT:USDT', reason: expect.stringContaining('price is "x": not a decimal number') },
    ]);
  });
});
