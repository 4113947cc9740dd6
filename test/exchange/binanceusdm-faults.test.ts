import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { ExchangeReader } from '../../src/exchange/exchange-reader.js';
import { BINANCE_REFUSALS } from './binance-refusals.js';
import {
  algoRow,
  balanceRow,
  EXCHANGE_INFO,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  serveFlatAccount,
  twapRow,
} from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import { describeRowFaults } from './row-faults.js';
import { readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

describeFaults({
  id: 'binanceusdm',
  scopes: 3,
  refusals: BINANCE_REFUSALS,
  endpoints: [
    { path: PATHS.exchangeInfo, healthy: EXCHANGE_INFO, serve: serveAccount },
    // A server in Binance's format may leave out the time and the mode: dates and rows show as much.
    { path: PATHS.time, healthy: { serverTime: 1_764_000_000_000 }, serve: serveAccount, spared: ['404'] },
    { path: PATHS.positions, healthy: [positionRow('BTCUSDT', '1')], serve: serveAccount },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSDT', 1)], serve: serveAccount },
    { path: PATHS.openAlgoOrders, healthy: [algoRow('BTCUSDT', 1)], serve: serveAccount },
    { path: PATHS.positionMode, healthy: { dualSidePosition: true }, serve: serveFlatAccount, spared: ['404'] },
  ],
});

const NO_TIME = { updateTime: 'a change without a time is as old as the read' };
const ANY_NAME = { clientOrderId: 'any text is one', clientAlgoId: 'any text is one' };
const NO_ACTIVATION = { activatePrice: 'a trailing stop may be active from the start' };

describeRowFaults({
  id: 'binanceusdm',
  endpoints: [
    {
      path: PATHS.positions,
      healthy: [positionRow('BTCUSDT', '1'), positionRow('ETHUSDT', '-12')],
      serve: serveAccount,
    },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSDT', 1), orderRow('ETHUSDT', 2)], serve: serveAccount },
    {
      path: PATHS.openAlgoOrders,
      healthy: [
        algoRow('BTCUSDT', 1),
        algoRow('ETHUSDT', 2, { orderType: 'STOP', price: '2990.00' }),
        algoRow('ETHUSDT', 3, { orderType: 'TRAILING_STOP_MARKET', activatePrice: '3100.00', callbackRate: '1.0' }),
      ],
      serve: serveAccount,
    },
    { path: PATHS.balance, healthy: [balanceRow('USDT', '1000'), balanceRow('BNB', '0')], serve: serveAccount },
    {
      path: PATHS.algos,
      healthy: { total: 2, orders: [twapRow('BTCUSDT', 1), twapRow('ETHUSDT', 2)] },
      serve: serveAccount,
    },
  ].map((endpoint) => ({ ...endpoint, serve: (wire) => serveAccount(wire).route(endpoint.path, endpoint.healthy) })),
  harmless: {
    [PATHS.positions]: NO_TIME,
    [PATHS.openOrders]: { ...NO_TIME, ...ANY_NAME },
    [PATHS.openAlgoOrders]: { ...NO_TIME, ...ANY_NAME, ...NO_ACTIVATION },
    [PATHS.balance]: { asset: 'any text is a currency' },
    [PATHS.algos]: ANY_NAME,
  },
});

describe('rows that cannot be trusted', () => {
  let wire: WireServer;
  let reader: ExchangeReader;
  beforeAll(async () => {
    wire = await WireServer.start();
    reader = await readerOf('binanceusdm', wire);
  });
  beforeEach(() => void serveAccount(wire));
  afterAll(() => wire.stop());

  const position = positionRow('BTCUSDT', '1');
  const order = orderRow('BTCUSDT', 1);
  const algo = algoRow('BTCUSDT', 1);
  const SCOPES: Record<string, string> = {
    [PATHS.positions]: 'positions:linear',
    [PATHS.openOrders]: 'orders:regular:linear',
    [PATHS.openAlgoOrders]: 'orders:conditional:linear',
  };
  const WRONG: unknown[] = [null, {}, [], true, '', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1e99999'];

  /** Every field that is relied on, with every wrong value. */
  const rows: [string, object, string, unknown][] = [
    ...['positionSide', 'positionAmt'].flatMap((field) =>
      WRONG.map((value) => [PATHS.positions, position, field, value] as const),
    ),
    ...['orderId', 'side', 'type', 'status', 'price', 'origQty', 'executedQty'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openOrders, order, field, value] as const),
    ),
    ...['algoId', 'side', 'orderType', 'quantity', 'triggerPrice'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openAlgoOrders, algo, field, value] as const),
    ),
  ].map(([path, row, field, value]) => [path, row, field, value]);

  it.each(rows.map(([path, row, field, value]) => ({ path, row, field, value })))(
    '$path with $field as $value costs its symbol',
    async ({ path, row, field, value }) => {
      wire.route(path, [{ ...row, [field]: value }]);
      const { unread, scopes } = await reader.readState();
      expect(unread).toEqual([
        { scope: SCOPES[path], symbol: 'BTC/USDT:USDT', code: 'ROW_UNREADABLE', reason: expect.stringContaining(path) },
      ]);
      expect(scopes).toContain(SCOPES[path]);
    },
  );

  it.each([null, {}, [], true, ''])('a list whose only row has the symbol %j is no list', async (symbol) => {
    for (const [path, row] of [
      [PATHS.positions, position],
      [PATHS.openOrders, order],
      [PATHS.openAlgoOrders, algo],
    ] as const) {
      serveAccount(wire).route(path, [{ ...row, symbol }]);
      expect(await failureOf(reader.readState())).toMatchObject({
        kind: 'unreadable',
        where: expect.stringContaining(path),
      });
    }
  });

  it('says the word that it does not know', async () => {
    wire.route(PATHS.openOrders, [{ ...order, status: 'NEW_INSURANCE' }, orderRow('ETHUSDT', 2)]);
    const { unread, orders } = await reader.readState();
    expect(unread?.[0]?.reason).toContain('status is "NEW_INSURANCE"; known are NEW, PARTIALLY_FILLED');
    expect(orders.map(({ id }) => id)).toContain('2');
  });

  it.each([
    ['a regular order that is not open', PATHS.openOrders, [{ ...order, status: 'FILLED' }], 'ROW_UNREADABLE'],
    ['a conditional order without amount', PATHS.openAlgoOrders, [{ ...algo, quantity: '0' }], 'ROW_UNREADABLE'],
    [
      'a LONG leg below zero',
      PATHS.positions,
      [{ ...position, positionSide: 'LONG', positionAmt: '-1' }],
      'ROW_UNREADABLE',
    ],
    ['a symbol that is no market', PATHS.positions, [positionRow('NEWUSDT', '1')], 'SYMBOL_UNKNOWN'],
    ['an order of a symbol that is no market', PATHS.openOrders, [orderRow('NEWUSDT', 5)], 'SYMBOL_UNKNOWN'],
  ])('%s costs its symbol', async (_name, path, list, code) => {
    serveFlatAccount(wire).route(path, list);
    expect((await reader.readState()).unread).toMatchObject([{ code, scope: SCOPES[path] }]);
  });

  it.each([
    [
      'both position modes at once',
      PATHS.positions,
      [position, { ...position, symbol: 'ETHUSDT', positionSide: 'LONG' }],
    ],
    ['a position twice', PATHS.positions, [position, position]],
    ['an order twice', PATHS.openOrders, [order, order]],
    ['a conditional order twice', PATHS.openAlgoOrders, [algo, algo]],
  ])('%s is a failure', async (_name, path, list) => {
    serveFlatAccount(wire).route(path, list);
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'incomplete' });
  });

  it.each(['TRIGGERED', 'FINISHED', 'CANCELED', 'REJECTED', 'EXPIRED'])(
    'a conditional order that is %s waits no longer and costs nothing',
    async (algoStatus) => {
      wire.route(PATHS.openAlgoOrders, [{ ...algo, algoStatus }, algoRow('ETHUSDT', 2)]);
      const snapshot = await reader.readState();
      expect(snapshot.orders.filter(({ conditional }) => conditional).map(({ id }) => id)).toEqual(['2']);
      expect(snapshot).not.toHaveProperty('unread');
    },
  );
});

describe('TWAP and VP orders', () => {
  let wire: WireServer;
  let reader: ExchangeReader;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    reader = await readerOf('binanceusdm', wire);
  });
  afterEach(() => wire.stop());

  it('are read with what they have filled', async () => {
    wire.route(PATHS.algos, {
      total: 1,
      orders: [twapRow('ETHUSDT', 14517, { executedQty: '1.500', algoType: 'VP' })],
    });
    const { orders, gaps } = await reader.readState();
    expect(orders.find(({ id }) => id === '14517')).toEqual({
      id: '14517',
      clientOrderId: 'twap-14517',
      symbol: 'ETH/USDT:USDT',
      side: 'sell',
      type: 'vp',
      price: null,
      triggerPrice: null,
      amount: '5',
      filled: '1.5',
      conditional: true,
      changedAt: null,
    });
    expect(gaps.map(({ scope }) => scope)).toEqual(['balances']);
  });

  it.each([
    ['an address that is not there', (response: ServerResponse) => void response.writeHead(404).end()],
    ['a failure', (response: ServerResponse) => void response.writeHead(500).end()],
    [
      'a list that is not whole',
      (response: ServerResponse) => sendJson(response, { total: 2, orders: [twapRow('ETHUSDT', 1)] }),
    ],
  ])('are named as not read for %s, and the rest is complete', async (_what, send) => {
    wire.route(PATHS.algos, (_request: unknown, response: ServerResponse) => send(response));
    const { gaps, scopes } = await reader.readState();
    expect(gaps).toContainEqual({
      scope: 'orders:conditional:linear:twap',
      reason: expect.stringContaining('TWAP and VP'),
    });
    expect(scopes).toContain('orders:conditional:linear');
  });

  it('are not looked up when they are missing', async () => {
    const [algo] = (
      await (wire.route(PATHS.algos, { total: 1, orders: [twapRow('ETHUSDT', 1)] }), reader).readState()
    ).orders.filter(({ type }) => type === 'twap');
    if (algo === undefined) throw new Error('no TWAP order was read');
    expect(await reader.explainMissingOrders([algo])).toMatchObject([
      { cause: 'unknown', source: expect.stringContaining('not looked up') },
    ]);
  });
});
