import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { answerOf } from '../../src/observe/answer.js';
import { failureOf } from './failures.js';
import { AT, GENERIC, serveGeneric, type GenericExchange } from './generic-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

function botOf(rows: Partial<Snapshot> = {}): Snapshot {
  return {
    side: 'internal',
    readStartedAt: AT,
    readEndedAt: AT,
    asOf: AT,
    positionMode: null,
    scopes: ['positions', 'orders'],
    gaps: [],
    positions: [],
    orders: [],
    balances: [],
    markets: {},
    ...rows,
  };
}

let wire: WireServer;
beforeEach(async () => {
  wire = await WireServer.start();
});
afterEach(() => wire.stop());

describe.each(GENERIC)('$id, whose questions are known to be whole', (exchange: GenericExchange) => {
  const { id, credentials, position, order, scopes } = exchange;
  const read = async (kind: 'empty' | 'rows'): Promise<Snapshot> => {
    serveGeneric(wire, exchange, kind);
    return (await readerOf(id, wire, { credentials })).readState();
  };

  it('claims an empty account, so that a flat bot and a flat account match', async () => {
    const snapshot = await read('empty');
    expect(snapshot.scopes.filter((scope) => !scope.startsWith('balances'))).toEqual(scopes);
    const { outcome, comparison } = answerOf(snapshot, botOf(), DEFAULT_POLICY);
    expect(outcome).toBe('matched');
    expect(comparison.compared.length).toBeGreaterThan(0);
    expect(comparison.notCompared.map(({ scope }) => scope)).toContain('positions');
  });

  it('finds a position that was closed by hand', async () => {
    const snapshot = await read('empty');
    const { differences } = answerOf(
      snapshot,
      botOf({ positions: [{ ...position, changedAt: null }] }),
      DEFAULT_POLICY,
    );
    expect(differences.map(({ difference: { type, symbol } }) => [type, symbol])).toEqual([
      ['POSITION_CLOSED_EXTERNALLY', position.symbol],
    ]);
  });

  it('reads its rows, in the unit of the market', async () => {
    const { positions, orders, unread } = await read('rows');
    expect(unread).toBeUndefined();
    expect(positions).toMatchObject([position]);
    expect(orders).toMatchObject(order === null ? [] : [{ ...order, clientOrderId: orders[0]?.clientOrderId }]);
  });

  it.each(Object.keys(exchange.lists))('refuses an answer of %s without its list', async (path) => {
    serveGeneric(wire, exchange, 'empty');
    const { empty } = exchange.lists[path] ?? { empty: {} };
    const without = Object.fromEntries(Object.entries(empty).filter(([name]) => !['data', 'result'].includes(name)));
    wire.route(path, without);
    expect(await failureOf((await readerOf(id, wire, { credentials })).readState())).toMatchObject({
      kind: 'unreadable',
    });
  });

  it('sends its questions without a symbol', async () => {
    await read('rows');
    for (const { path, query, body } of wire.requests.filter((request) => request.path in exchange.lists)) {
      expect([path, query.get('symbol'), query.get('market'), query.get('instrument_name')]).toEqual([
        path,
        null,
        null,
        null,
      ]);
      expect(body).not.toMatch(/symbol|market=/);
    }
  });
});

describe('a page that may be one of more', () => {
  it('is not claimed', async () => {
    const coinex = GENERIC.find(({ id }) => id === 'coinex');
    if (coinex === undefined) throw new Error('no coinex');
    serveGeneric(wire, coinex, 'rows');
    const path = '/v2/futures/pending-order';
    const rows = coinex.lists[path]?.rows as { data: object[] } | undefined;
    const [row] = rows?.data ?? [];
    const data = Array.from({ length: 100 }, (_, index) => ({ ...row, order_id: index + 1 }));
    wire.route(path, { code: 0, data, message: 'OK', pagination: { total: 140, has_next: true } });
    const { scopes, gaps, orders } = await (await readerOf('coinex', wire)).readState();
    expect(orders).toHaveLength(100);
    expect(scopes).not.toContain('orders:regular:linear');
    expect(gaps).toContainEqual({
      scope: 'orders:regular:linear',
      reason: expect.stringContaining('exactly 100 rows'),
    });
  });
});

/* BloFin: docs.blofin.com. Nothing is known of its questions. */
describe('an exchange of which nothing is known', () => {
  const credentials = { apiKey: 'key-Planted+1$', secret: 'secret-Planted/2==', password: 'pass-Planted' };
  const ok = (data: unknown): object => ({ code: '0', msg: 'success', data });
  const instrument = (instId: string, settle: string, contractType: string) => ({
    instId,
    baseCurrency: 'BTC',
    quoteCurrency: contractType === 'linear' ? 'USDT' : 'USD',
    settleCurrency: settle,
    contractValue: '0.001',
    listTime: '1638262800000',
    expireTime: '4000000000000',
    maxLeverage: '125',
    minSize: '0.1',
    lotSize: '0.1',
    tickSize: '0.1',
    instType: 'SWAP',
    contractType,
    state: 'live',
  });

  beforeEach(() => {
    wire
      .route(
        '/api/v1/market/instruments',
        ok([instrument('BTC-USDT', 'USDT', 'linear'), instrument('BTC-USD', 'BTC', 'inverse')]),
      )
      .route('/api/v1/account/positions', ok([]))
      .route('/api/v1/trade/orders-pending', ok([]))
      .route('/api/v1/account/balance', ok({ ts: String(AT), totalEquity: '0', isolatedEquity: '0', details: [] }))
      .route('/api/v1/asset/balances', ok([]));
  });
  const read = async (): Promise<Snapshot> => (await readerOf('blofin', wire, { credentials })).readState();

  it('does not fail every run while both sides are flat', async () => {
    const snapshot = await read();
    expect(snapshot.scopes).toEqual(['orders:regular:asked', 'positions:asked']);
    const { outcome, comparison } = answerOf(snapshot, botOf(), DEFAULT_POLICY);
    expect(outcome).toBe('matched');
    expect(comparison.notCompared.map(({ scope }) => scope)).toEqual(expect.arrayContaining(['positions', 'orders']));
  });

  it('names a position that only the bot has as not compared', async () => {
    const position = { symbol: 'BTC/USDT:USDT', side: 'long' as const, amount: '0.1', changedAt: null };
    const { comparison } = answerOf(await read(), botOf({ positions: [position] }), DEFAULT_POLICY);
    expect(comparison.uncompared).toEqual({ exchange: 0, internal: 1 });
    expect(comparison.notCompared).toContainEqual(
      expect.objectContaining({
        scope: 'positions',
        missing: 'exchange',
        reason: expect.stringContaining('unverified profile'),
      }),
    );
  });

  it('does not claim a list that is as long as a page', async () => {
    const order = {
      instId: 'BTC-USDT',
      side: 'buy',
      orderType: 'limit',
      price: '60000',
      size: '1',
      filledSize: '0',
      state: 'live',
      createTime: String(AT),
      updateTime: String(AT),
    };
    wire.route(
      '/api/v1/trade/orders-pending',
      ok(Array.from({ length: 20 }, (_, index) => ({ ...order, orderId: String(index + 1) }))),
    );
    const { orders, scopes, gaps } = await read();
    expect(orders).toHaveLength(20);
    expect(scopes).toEqual(['orders:regular:asked', 'positions:asked']);
    expect(gaps).toContainEqual({ scope: 'orders:regular', reason: expect.stringContaining('exactly 20 rows') });
  });

  it('has one bad row cost its own symbol', async () => {
    const row = {
      positionId: '7982',
      instId: 'BTC-USDT',
      instType: 'SWAP',
      marginMode: 'cross',
      positionSide: 'net',
      adl: '5',
      positions: '-1',
      availablePositions: '-1',
      averagePrice: '60000',
      markPrice: '60001',
      marginRatio: '46.3',
      liquidationPrice: '70000',
      unrealizedPnl: '-0.1',
      unrealizedPnlRatio: '-0.05',
      initialMargin: '6',
      maintenanceMargin: '0.01',
      createTime: String(AT - 60_000),
      updateTime: String(AT - 50_000),
      leverage: '3',
    };
    wire.route(
      '/api/v1/account/positions',
      ok([row, { ...row, instId: 'FTM-USDT' }, { ...row, instId: 'BTC-USD', positions: '' }]),
    );
    const { positions, unread } = await read();
    expect(positions).toMatchObject([{ symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.001' }]);
    expect(unread?.map(({ code, symbol }) => [code, symbol])).toEqual([
      ['ROW_UNREADABLE', 'BTC/USD:BTC'],
      ['SYMBOL_UNKNOWN', 'FTM-USDT'],
    ]);
  });
});
