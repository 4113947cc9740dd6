import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeReader } from '../../src/exchange/exchange-reader.js';
import { BINANCE_REFUSALS } from './binance-refusals.js';
import {
  algoRow,
  EXCHANGE_INFO,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  serveFlatAccount,
} from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

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
  const WRONG: unknown[] = [null, {}, [], true, '', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1e99999'];

  /** Every field that is relied on, with every wrong value that is not a right one for it. */
  const rows: [string, object, string, unknown][] = [
    ...['symbol', 'positionSide', 'positionAmt'].flatMap((field) =>
      WRONG.map((value) => [PATHS.positions, position, field, value] as const),
    ),
    ...['symbol', 'orderId', 'side', 'type', 'status', 'price', 'origQty', 'executedQty'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openOrders, order, field, value] as const),
    ),
    ...['symbol', 'algoId', 'side', 'orderType', 'quantity'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openAlgoOrders, algo, field, value] as const),
    ),
  ].flatMap(([path, row, field, value]) =>
    (field === 'type' || field === 'orderType') && typeof value === 'string' && value !== ''
      ? []
      : [[path, row, field, value] as [string, object, string, unknown]],
  );

  it.each(rows.map(([path, row, field, value]) => ({ path, row, field, value })))(
    '$path with $field as $value is a failure',
    async ({ path, row, field, value }) => {
      wire.route(path, [{ ...row, [field]: value }]);
      const failure = await failureOf(reader.readState());
      expect(['unreadable', 'incomplete', 'too_large']).toContain(failure.kind);
      expect(failure.where).toContain(path);
    },
  );

  it.each([
    ['a regular order that is not open', PATHS.openOrders, [{ ...order, status: 'FILLED' }], 'unreadable'],
    [
      'a conditional order that has triggered',
      PATHS.openAlgoOrders,
      [{ ...algo, algoStatus: 'TRIGGERED' }],
      'unreadable',
    ],
    ['a conditional order without amount', PATHS.openAlgoOrders, [{ ...algo, quantity: '0' }], 'unreadable'],
    [
      'a LONG leg below zero',
      PATHS.positions,
      [{ ...position, positionSide: 'LONG', positionAmt: '-1' }],
      'unreadable',
    ],
    [
      'both position modes at once',
      PATHS.positions,
      [position, { ...position, symbol: 'ETHUSDT', positionSide: 'LONG' }],
      'incomplete',
    ],
    ['a position twice', PATHS.positions, [position, position], 'incomplete'],
    ['an order twice', PATHS.openOrders, [order, order], 'incomplete'],
    ['a conditional order twice', PATHS.openAlgoOrders, [algo, algo], 'incomplete'],
    ['a symbol that is no market', PATHS.positions, [positionRow('NEWUSDT', '1')], 'incomplete'],
  ])('%s is a failure', async (_name, path, rows, kind) => {
    serveFlatAccount(wire).route(path, rows);
    expect(await failureOf(reader.readState())).toMatchObject({ kind });
  });
});
