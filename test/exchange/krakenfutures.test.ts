import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { failureOf } from './failures.js';
import type { Unread } from '../../src/domain/snapshot/snapshot.js';
import { describeFaults } from './fault-table.js';
import { describeRowFaults } from './row-faults.js';
import {
  ACCOUNTS,
  answer,
  instruments,
  KRAKEN_CREDENTIALS,
  orderRow,
  ORDERS,
  PATHS,
  positionRow,
  POSITIONS,
  refusal,
  serveAccount,
  SERVER_TIME,
} from './krakenfutures-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

describeFaults({
  id: 'krakenfutures',
  credentials: KRAKEN_CREDENTIALS,
  scopes: 7,
  read: { balances: true },
  refusals: [
    refusal('accountInactive', 'permission'),
    refusal('apiLimitExceeded', 'rate_limited'),
    refusal('authenticationError', 'authentication'),
    refusal('authenticationError', 'authentication', 401),
    refusal('Bad Request', 'unsupported', 400),
    refusal('insufficientPermissions', 'permission'),
    refusal('invalidArgument: symbol', 'unsupported'),
    refusal('nonceBelowThreshold', 'clock_skew'),
    refusal('nonceDuplicate', 'clock_skew'),
    refusal('notFound', 'unsupported', 404),
    refusal('requiredArgumentMissing', 'unsupported'),
    refusal('Server Error', 'network'),
    refusal('Unavailable', 'maintenance'),
    refusal('marketUnavailable', 'maintenance'),
    refusal('unknownError', 'network'),
    refusal('anErrorFromTomorrow', 'unreadable'),
  ],
  endpoints: [
    { path: PATHS.instruments, healthy: instruments(), serve: serveAccount },
    { path: PATHS.positions, healthy: POSITIONS, serve: serveAccount },
    { path: PATHS.orders, healthy: ORDERS, serve: serveAccount },
    { path: PATHS.accounts, healthy: ACCOUNTS, serve: serveAccount },
  ],
});

describeRowFaults({
  id: 'krakenfutures',
  credentials: KRAKEN_CREDENTIALS,
  endpoints: [
    { path: PATHS.positions, healthy: POSITIONS, serve: serveAccount },
    { path: PATHS.orders, healthy: ORDERS, serve: serveAccount },
  ],
  harmless: {
    [PATHS.orders]: {
      order_id: 'any text is an id',
      cliOrdId: 'any text is an id, and an order may have none',
      lastUpdateTime: 'without it the order has no time of its last change',
    },
  },
});

describe('a krakenfutures account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  async function reader(): Promise<ExchangeInspector> {
    return readerOf('krakenfutures', wire, { credentials: KRAKEN_CREDENTIALS });
  }

  it('holds positions and orders of linear and inverse contracts, and balances, exactly', async () => {
    expect(await (await reader()).readState({ balances: true })).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: [
        'balances',
        'orders:conditional:inverse',
        'orders:conditional:linear',
        'orders:regular:inverse',
        'orders:regular:linear',
        'positions:inverse',
        'positions:linear',
      ],
      gaps: [],
      positions: [
        { symbol: 'BTC/USD:USD', side: 'long', amount: '0.5', changedAt: null },
        { symbol: 'ETH/USD:USD', side: 'short', amount: '12' },
        { symbol: 'BTC/USD:BTC', side: 'short', amount: '1000' },
        { symbol: 'BTC/USD:BTC-261225', side: 'long', amount: '20000' },
      ],
      orders: [
        { id: 'a1', clientOrderId: 'bot-1', type: 'limit', amount: '0.01', filled: '0.004', conditional: false },
        { id: 'a2', clientOrderId: null, type: 'stop', price: null, triggerPrice: '55000.5', conditional: true },
        { id: 'a3', type: 'take_profit', price: '70001', triggerPrice: '70000', conditional: true, side: 'sell' },
        { id: 'a4', type: 'trailing_stop', amount: null, conditional: true },
        { id: 'b1', symbol: 'BTC/USD:BTC', amount: '100', changedAt: SERVER_TIME - 7_000_000 },
        { id: 'c1', symbol: 'PEPE/USD:USD', amount: '1000', price: '0.00001' },
      ],
      balances: [
        { currency: 'BTC', total: '0.6' },
        { currency: 'USD', total: '5000.25' },
      ],
      markets: {
        'BTC/USD:USD': { amountStep: '0.0001' },
        'BTC/USD:BTC': { amountStep: '1' },
        'PEPE/USD:USD': { amountStep: '1000' },
      },
    });
  });

  it('asks for positions before and after the orders, and for balances only where they are compared', async () => {
    const { gaps } = await (await reader()).readState();
    expect(gaps).toEqual([{ scope: 'balances', reason: expect.stringContaining('not asked') }]);
    expect(wire.paths).toEqual([PATHS.instruments, PATHS.positions, PATHS.orders, PATHS.positions]);
  });

  it('names what moved in every attempt to read it', async () => {
    let size = 1;
    wire.route(PATHS.positions, () => answer({ openPositions: [positionRow('PF_XBTUSD', 'long', size++)] }));
    expect((await (await reader()).readState()).movedWhileRead).toEqual(['BTC/USD:USD']);
  });

  it('is read whole with 700 orders and 300 positions in one answer each', async () => {
    const openPositions = Array.from({ length: 300 }, (_, at) => positionRow(`PF_C${at}USD`, 'long', at + 1));
    const openOrders = Array.from({ length: 700 }, (_, at) => orderRow(`m${at}`));
    wire.route(PATHS.instruments, instruments(300)).route(PATHS.positions, answer({ openPositions }));
    wire.route(PATHS.orders, answer({ openOrders }));
    const { positions, orders } = await (await reader()).readState();
    expect(positions).toHaveLength(300);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(700);
  });

  it.each<[string, string, object]>([
    ['incomplete', PATHS.orders, { openOrders: [orderRow('a'), orderRow('a')] }],
    ['unreadable', PATHS.accounts, { accounts: {} }],
  ])('is %s where %s answers %j', async (kind, path, fields) => {
    wire.route(path, answer(fields));
    expect(await failureOf((await reader()).readState({ balances: true }))).toMatchObject({ kind });
  });

  const BTC = 'BTC/USD:USD';
  type Expected = Partial<Record<keyof Unread, unknown>>;
  it.each<[string, object, Expected]>([
    [
      PATHS.positions,
      { openPositions: [positionRow('PF_XBTUSD', 'long', -1)] },
      { symbol: BTC, reason: expect.stringContaining('a long of -1') },
    ],
    [
      PATHS.positions,
      { openPositions: [positionRow('PF_XBTUSD', 'both', 1)] },
      { symbol: BTC, reason: expect.stringContaining('side is "both"; known are long, short') },
    ],
    [PATHS.positions, { openPositions: [positionRow('PF_NEWUSD', 'long', 1)] }, { code: 'SYMBOL_UNKNOWN' }],
    [
      PATHS.positions,
      { openPositions: [positionRow('PF_XBTUSD', 'long', 1), positionRow('PF_XBTUSD', 'short', 1)] },
      { symbol: BTC, reason: expect.stringContaining('two positions') },
    ],
    [
      PATHS.orders,
      { openOrders: [orderRow('a', { status: 'parked' })] },
      { symbol: BTC, reason: expect.stringContaining('status is "parked"') },
    ],
    [
      PATHS.orders,
      { openOrders: [orderRow('a', { orderType: 'iceberg' })] },
      { symbol: BTC, reason: expect.stringContaining('"iceberg"') },
    ],
    [PATHS.orders, { openOrders: [orderRow('a', { unfilledSize: 0 })] }, { symbol: BTC }],
    [PATHS.orders, { openOrders: [orderRow('a', { unfilledSize: undefined })] }, { symbol: BTC }],
    [PATHS.orders, { openOrders: [orderRow('a', { limitPrice: 'market' })] }, { symbol: BTC }],
    [PATHS.orders, { openOrders: [orderRow('a', { symbol: 'PF_NEWUSD' })] }, { code: 'SYMBOL_UNKNOWN' }],
    [
      PATHS.accounts,
      { accounts: { new: { type: 'optionsAccount', balances: {} } } },
      { scope: 'balances', symbol: null, reason: expect.stringContaining('optionsAccount') },
    ],
    [
      PATHS.accounts,
      { accounts: { cash: { type: 'cashAccount', balances: { xbt: '', usd: 1 } } } },
      { scope: 'balances', symbol: 'BTC' },
    ],
  ])('has one row cost its own symbol where %s answers %j', async (path, fields, expected) => {
    wire.route(path, answer(fields));
    const { unread, scopes } = await (await reader()).readState({ balances: true });
    expect(unread).toEqual([expect.objectContaining(expected)]);
    expect(scopes).toHaveLength(7);
  });

  it('is not read from an answer without a clock', async () => {
    wire.route(PATHS.positions, { result: 'success', openPositions: [] });
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'unreadable' });
  });

  it('cannot be asked what its key may do', async () => {
    expect(await (await reader()).auditKey()).toMatchObject({ canTrade: null, canWithdraw: null, ipRestricted: null });
  });
});
