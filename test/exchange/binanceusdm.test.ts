import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  algoRow,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  serveFlatAccount,
  SERVER_TIME,
} from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

describe('the state of a binanceusdm account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('holds positions, regular and conditional orders with exact numbers', async () => {
    const snapshot = await (await readerOf('binanceusdm', wire)).readState();
    expect(snapshot).toMatchObject({
      side: 'exchange',
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: ['orders:conditional:linear', 'orders:regular:linear', 'positions:linear'],
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12', changedAt: SERVER_TIME - 3_600_000 },
      ],
      orders: [
        { id: '8389765', clientOrderId: 'bot-8389765', side: 'buy', type: 'limit', price: '60000', conditional: false },
        { id: '8389766', side: 'sell', filled: '0.004', amount: '0.01', triggerPrice: null },
        { id: '2148627', type: 'stop_market', price: null, triggerPrice: '55000.00', amount: '0.5', conditional: true },
      ],
      markets: { 'BTC/USDT:USDT': { amountStep: '0.001' }, 'ETH/USDT:USDT': { amountStep: '0.001' } },
    });
    expect(snapshot).not.toHaveProperty('movedWhileRead');
  });

  it('asks no more than it needs, and signs what is private', async () => {
    await (await readerOf('binanceusdm', wire)).readState();
    expect(wire.paths).toEqual([
      PATHS.exchangeInfo,
      PATHS.time,
      PATHS.positions,
      PATHS.openAlgoOrders,
      PATHS.algos,
      PATHS.openOrders,
      PATHS.positions,
    ]);
    for (const request of wire.requests.slice(2)) {
      expect(request.headers['x-mbx-apikey']).toBe(CREDENTIALS.apiKey);
      expect(request.query.get('signature')).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('takes the side from the sign of positionAmt, whatever notional says', async () => {
    wire.route(PATHS.positions, [positionRow('BTCUSDT', '-12', { notional: '732000' })]);
    const { positions } = await (await readerOf('binanceusdm', wire)).readState();
    expect(positions).toMatchObject([{ symbol: 'BTC/USDT:USDT', side: 'short', amount: '12' }]);
  });

  it('reads both legs of hedge mode', async () => {
    wire
      .route(PATHS.openOrders, [])
      .route(PATHS.openAlgoOrders, [])
      .route(PATHS.positions, [
        positionRow('BTCUSDT', '0.300', { positionSide: 'LONG' }),
        positionRow('BTCUSDT', '-0.100', { positionSide: 'SHORT' }),
        positionRow('ETHUSDT', '0.000', { positionSide: 'SHORT' }),
      ]);
    const { positions, positionMode } = await (await readerOf('binanceusdm', wire)).readState();
    expect(positionMode).toBe('hedge');
    expect(positions.map(({ side, amount }) => [side, amount])).toEqual([
      ['long', '0.3'],
      ['short', '0.1'],
    ]);
  });

  it.each([
    [true, 'hedge'],
    [false, 'one-way'],
  ])('asks for the mode of an account without any row (dualSidePosition %s)', async (dualSidePosition, mode) => {
    serveFlatAccount(wire).route(PATHS.positionMode, { dualSidePosition });
    const snapshot = await (await readerOf('binanceusdm', wire)).readState();
    expect(snapshot).toMatchObject({ positionMode: mode, positions: [], orders: [] });
  });

  it('leaves the amount of an order that closes a whole position open', async () => {
    wire.route(PATHS.openAlgoOrders, [algoRow('BTCUSDT', 1, { quantity: '0.000', closePosition: true })]);
    const { orders } = await (await readerOf('binanceusdm', wire)).readState();
    expect(orders.find(({ id }) => id === '1')).toMatchObject({ amount: null, type: 'stop_market' });
  });

  it.each(['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET'])(
    'knows a regular %s order as conditional',
    async (type) => {
      wire.route(PATHS.openOrders, [orderRow('BTCUSDT', 7, { type, stopPrice: '59000.10', price: '0' })]);
      const { orders } = await (await readerOf('binanceusdm', wire)).readState();
      expect(orders[0]).toMatchObject({ conditional: true, triggerPrice: '59000.10', price: null });
    },
  );

  it.each([
    [{ activatePrice: '1.90' }, '1.90'],
    [{ activatePrice: '0' }, null],
    [{ activatePrice: '' }, null],
    [{}, null],
  ])(
    'gives a trailing stop the price that activates it (%j), not its trigger, which moves',
    async (fields, expected) => {
      const trailing = { ...fields, callbackRate: '5.0' };
      wire
        .route(PATHS.openAlgoOrders, [
          algoRow('BTCUSDT', 1, { orderType: 'TRAILING_STOP_MARKET', triggerPrice: '1.85', ...trailing }),
        ])
        .route(PATHS.openOrders, [
          orderRow('BTCUSDT', 2, { type: 'TRAILING_STOP_MARKET', stopPrice: '9300', priceRate: '0.3', ...trailing }),
        ]);
      const { orders } = await (await readerOf('binanceusdm', wire)).readState();
      expect(orders.map(({ conditional, triggerPrice }) => [conditional, triggerPrice])).toEqual([
        [true, expected],
        [true, expected],
      ]);
    },
  );

  it('keeps every digit of ids and amounts, also of JSON numbers', async () => {
    wire.route(PATHS.openOrders, (_: unknown, response: { end(text: string): void }) => {
      const row = JSON.stringify(orderRow('BTCUSDT', '@', { origQty: '#' }));
      response.end(`[${row.replace('"@"', '9007199254740993123').replace('"#"', '0.1000000000000000055')}]`);
    });
    const { orders } = await (await readerOf('binanceusdm', wire)).readState();
    expect(orders[0]).toMatchObject({ id: '9007199254740993123', amount: '0.1000000000000000055' });
  });

  it('reads again when a position moves between the calls, and then agrees with itself', async () => {
    const held = ['0.500', '0.510', '0.510', '0.510'];
    wire.route(PATHS.positions, () => [positionRow('BTCUSDT', held.shift() ?? 'none')]);
    const snapshot = await (await readerOf('binanceusdm', wire)).readState();
    expect(snapshot.positions).toMatchObject([{ amount: '0.51' }]);
    expect(snapshot).not.toHaveProperty('movedWhileRead');
    expect(wire.paths.filter((path) => path === PATHS.openOrders)).toHaveLength(2);
  });

  it('says which symbol never stood still', async () => {
    let updateTime = SERVER_TIME;
    wire.route(PATHS.positions, () => [
      positionRow('BTCUSDT', '0.500', { updateTime: updateTime++ }),
      positionRow('ETHUSDT', '1'),
    ]);
    const snapshot = await (await readerOf('binanceusdm', wire)).readState();
    expect(snapshot.movedWhileRead).toEqual(['BTC/USDT:USDT']);
  });

  it('fails when an order is reported twice', async () => {
    wire.route(PATHS.openOrders, [orderRow('BTCUSDT', 7), orderRow('BTCUSDT', 7)]);
    const failure = await failureOf((await readerOf('binanceusdm', wire)).readState());
    expect(failure).toMatchObject({ kind: 'incomplete', side: 'exchange' });
  });

  it('takes the clock from the answers and leaves the mode open where a server has no address for them', async () => {
    serveFlatAccount(wire);
    for (const path of [PATHS.time, PATHS.positionMode]) {
      wire.route(path, (_request, response) => void response.writeHead(404).end());
    }
    const before = Date.now();
    const snapshot = await (await readerOf('binanceusdm', wire)).readState();
    expect(snapshot.positionMode).toBeNull();
    expect(snapshot.asOf).toBeGreaterThan(before - 2_000);
    expect(snapshot.asOf).toBeLessThanOrEqual(Date.now());
  });

  it('reads the wallet only when it is asked for it', async () => {
    const reader = await readerOf('binanceusdm', wire);
    const without = await reader.readState();
    expect(without.balances).toEqual([]);
    expect(without.gaps).toEqual([{ scope: 'balances', reason: expect.stringContaining('not asked for') }]);
    const balances = await reader.readState({ balances: true });
    expect(balances).toMatchObject({ balances: [{ currency: 'USDT', total: '122607.35137903' }], gaps: [] });
    expect(balances.scopes).toContain('balances');
    wire.route(PATHS.balance, []);
    expect(await failureOf(reader.readState({ balances: true }))).toMatchObject({ kind: 'unreadable' });
  });
});
