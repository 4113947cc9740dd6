import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { answer, BITGET_CREDENTIALS, PATHS, serveAccount, SERVER_TIME } from './bitget-fixtures.js';
import {
  assetRow,
  cursorPageOf,
  serveUnified,
  strategyRow,
  UNIFIED_FLAT,
  UNIFIED_PATHS,
  unifiedOrder,
  unifiedPosition,
  unifiedSpotOrder,
  type UnifiedRows,
} from './bitget-unified-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

let wire: WireServer;
beforeEach(async () => {
  wire = serveUnified(await WireServer.start());
});
afterEach(() => wire.stop());

async function reader(): Promise<ExchangeInspector> {
  return readerOf('bitget', wire, { credentials: BITGET_CREDENTIALS });
}

async function readOf(rows: Partial<UnifiedRows>) {
  serveUnified(wire, { ...UNIFIED_FLAT, ...rows });
  return (await reader()).readState({ balances: true });
}

const SCOPES = [
  'balances',
  'orders:conditional:inverse',
  'orders:conditional:linear:USDC',
  'orders:conditional:linear:USDT',
  'orders:conditional:spot',
  'orders:regular:inverse',
  'orders:regular:linear:USDC',
  'orders:regular:linear:USDT',
  'orders:regular:spot',
  'positions:inverse',
  'positions:linear:USDC',
  'positions:linear:USDT',
];

describe('a bitget unified account', () => {
  it('holds positions and orders of every category, and assets less debts, exactly', async () => {
    const snapshot = await (await reader()).readState({ balances: true });
    expect(snapshot).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: SCOPES,
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12' },
        { symbol: 'BTC/USDC:USDC', side: 'short', amount: '0.1', changedAt: SERVER_TIME - 7_200_000 },
        // Contracts of 1 USD.
        { symbol: 'BTC/USD:BTC', side: 'short', amount: '300' },
      ],
      orders: [
        { id: '202', side: 'sell', type: 'stop_loss', triggerPrice: '55000', amount: null, conditional: true },
        { id: '202:takeProfit', parent: '202', side: 'sell', type: 'take_profit', triggerPrice: '66000', amount: null },
        { id: '201', side: 'sell', type: 'stop_loss', triggerPrice: '55000', amount: '0.01', price: null },
        { id: '104', symbol: 'BTC/USDT:USDT', clientOrderId: 'bot-104', filled: '0.004', conditional: false },
        { id: '103', clientOrderId: null, price: null, side: 'sell', type: 'market' },
        { id: '105', symbol: 'BTC/USDC:USDC', amount: '0.0001' },
        { id: '106', symbol: 'BTC/USD:BTC', amount: '100', side: 'sell' },
        { id: '302', symbol: 'BTC/USDT', amount: '0.000011', price: '60000' },
        // A market buy by value.
        { id: '301', symbol: 'BTC/USDT', amount: null, price: null, side: 'buy' },
        { id: '303', symbol: 'BTC/USDT', side: 'sell' },
      ],
      balances: [
        { currency: 'USDT', total: '1005.3' },
        { currency: 'BTC', total: '0.3' },
        { currency: 'ETH', total: '-1.5' },
      ],
      markets: { 'BTC/USD:BTC': { amountStep: '1' }, 'BTC/USDC:USDC': { amountStep: '0.0001' } },
    });
    expect(snapshot.unread).toBeUndefined();
    expect(snapshot.gaps.map(({ scope }) => scope)).toEqual(['orders:regular:bots', 'balances:earn']);
  });

  it('is asked for the kind once: later reads begin with the unified pages', async () => {
    const one = await reader();
    await one.readState();
    await one.readState();
    expect(wire.paths.filter((path) => path === PATHS.account)).toHaveLength(1);
    expect(wire.paths.filter((path) => path === UNIFIED_PATHS.settings)).toHaveLength(2);
  });

  it('is found again when its owner changes it to the other kind, and back', async () => {
    const one = await reader();
    expect((await one.readState()).orders).toHaveLength(10);
    serveAccount(wire);
    const refused = { code: '40084', msg: 'You are in Classic Account mode', requestTime: SERVER_TIME, data: null };
    wire.route(UNIFIED_PATHS.settings, (_request, response) => sendJson(response, refused, 400));
    // Without the two of the coin-margined contract, which this exchange does not list.
    expect((await one.readState()).orders).toHaveLength(12);
    serveUnified(wire);
    expect((await one.readState()).orders).toHaveLength(10);
  });

  it.each(['upgrading', 'switching'])('is not read while it is %s', async (accountMode) => {
    wire.route(UNIFIED_PATHS.settings, answer({ accountMode, holdMode: 'one_way_mode' }));
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'maintenance' });
  });

  it('has both legs of hedge mode, and the own side of every order', async () => {
    const hedge = { holdMode: 'hedge_mode' };
    const snapshot = await readOf({
      holdMode: 'hedge_mode',
      positions: {
        'USDT-FUTURES': [
          unifiedPosition('BTCUSDT', 'long', '0.3', hedge),
          unifiedPosition('BTCUSDT', 'short', '0.1', hedge),
        ],
      },
      orders: {
        'USDT-FUTURES': [
          unifiedOrder('BTCUSDT', 14, { ...hedge, posSide: 'long', side: 'buy' }),
          unifiedOrder('BTCUSDT', 13, { ...hedge, posSide: 'long', side: 'sell' }),
          unifiedOrder('BTCUSDT', 12, { ...hedge, posSide: 'short', side: 'buy' }),
        ],
      },
      strategies: { 'USDT-FUTURES': [strategyRow('BTCUSDT', 21, { posSide: 'short' })] },
    });
    expect(snapshot).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { side: 'long', amount: '0.3' },
        { side: 'short', amount: '0.1' },
      ],
      orders: [
        { id: '21', side: 'buy' },
        { id: '14', side: 'buy' },
        { id: '13', side: 'sell' },
        { id: '12', side: 'buy' },
      ],
    });
  });

  it('has strategy orders of every type', async () => {
    const none = { stopLoss: '', slOrderType: '' };
    const rows: [fields: Record<string, unknown>, expected: object][] = [
      [
        {
          ...none,
          type: 'trigger',
          side: 'buy',
          triggerPrice: '59000',
          triggerOrderType: 'limit',
          triggerOrderPrice: '58900',
        },
        { type: 'trigger', side: 'buy', triggerPrice: '59000', price: '58900', conditional: true },
      ],
      [
        { ...none, type: 'oco', side: 'sell', ocoParams: [{ ocoTriggerPrice: '54000', ocoOrderType: 'market' }] },
        { type: 'oco', triggerPrice: '54000', price: null },
      ],
      [
        { ...none, side: 'sell', trailingStopParams: [{ activationPrice: '65000', callbackRatio: '1' }] },
        { type: 'trailing_stop', triggerPrice: '65000', price: null },
      ],
      [
        { ...none, side: 'sell', trailingStopParams: [{ activationPrice: '', callbackRatio: '1' }] },
        { type: 'trailing_stop', triggerPrice: null },
      ],
      [
        { ...none, side: 'buy', icebergParams: [{ fixedPrice: '50000' }] },
        { type: 'iceberg', conditional: false },
      ],
      [
        { ...none, side: 'buy', twapParams: [{ twapTriggerPrice: '' }] },
        { type: 'twap', conditional: false },
      ],
      // Limit prices of market orders are ignored by Bitget.
      [
        { slOrderType: 'market', slLimitPrice: '54000' },
        { type: 'stop_loss', price: null },
      ],
      [
        { slOrderType: 'limit', slLimitPrice: '54000' },
        { type: 'stop_loss', price: '54000' },
      ],
    ];
    const { orders, unread } = await readOf({
      strategies: { 'USDT-FUTURES': rows.map(([fields], at) => strategyRow('BTCUSDT', 900 - at, fields)) },
    });
    expect(orders).toMatchObject(rows.map(([, expected]) => expected));
    expect(unread).toBeUndefined();
  });

  it('has the TP/SL of an order that has not filled, as orders whose parent it is', async () => {
    const preset = {
      takeProfit: '66000',
      tpOrderType: 'limit',
      tpLimitPrice: '66100',
      stopLoss: '55000',
      slOrderType: 'market',
    };
    const { orders } = await readOf({ orders: { 'USDT-FUTURES': [unifiedOrder('BTCUSDT', 7, preset)] } });
    expect(orders).toMatchObject([
      { id: '7', conditional: false },
      { id: '7:takeProfit', parent: '7', side: 'sell', triggerPrice: '66000', price: '66100', conditional: true },
      { id: '7:stopLoss', parent: '7', side: 'sell', triggerPrice: '55000', price: null },
    ]);
  });

  it('has spot strategy orders as a gap where Bitget has none', async () => {
    wire.route(UNIFIED_PATHS.strategies, (request: WireRequest, response) =>
      ['SPOT', 'MARGIN'].includes(request.query.get('category') ?? '')
        ? sendJson(response, { code: '25240', msg: 'SPOT does not support this operation', data: null }, 400)
        : answer([]),
    );
    const { scopes, gaps } = await (await reader()).readState();
    expect(scopes).not.toContain('orders:conditional:spot');
    expect(scopes).toContain('orders:regular:spot');
    expect(gaps.map(({ scope }) => scope)).toContain('orders:conditional:spot');
  });

  it('is not read where Bitget refuses strategy orders of futures', async () => {
    wire.route(UNIFIED_PATHS.strategies, (_request, response) =>
      sendJson(response, { code: '25240', msg: 'not supported', requestTime: SERVER_TIME, data: null }, 400),
    );
    expect(await failureOf((await reader()).readState())).toMatchObject({ where: expect.stringContaining('strategy') });
  });

  it.each<[string, string | null, Record<string, unknown>]>([
    ['holds what spot orders lock besides the balance', '0.3', { balance: '0.2', locked: '0.1', equity: '0.3' }],
    ['owes what its balance is below zero', '-1.5', { balance: '-1.5', debt: '1.5', equity: '-1.5' }],
    [
      'owes a debt that its balance leaves out, as the equity shows',
      '0.2',
      { balance: '0.7', debt: '0.5', equity: '0.2' },
    ],
    [
      'owes a debt that its balance has already, as the equity shows',
      '0.7',
      { balance: '0.7', debt: '0.5', equity: '0.7' },
    ],
    ['is not read where debt and equity do not say which', null, { balance: '0.7', debt: '0.5', equity: '0.6' }],
    ['is not read where debt has no equity to tell', null, { balance: '0.7', debt: '0.5', equity: null }],
    [
      'is not read where the locked part may be in the balance',
      null,
      { balance: '0.00088924', equity: '0.00088924', locked: '0.00587569', available: '-0.00498646' },
    ],
  ])('%s', async (_name, total, fields) => {
    const { balances, unread } = await readOf({ assets: [assetRow('BTC', '0', fields)] });
    expect(balances).toEqual(total === null ? [] : [{ currency: 'BTC', total }]);
    expect(unread ?? []).toMatchObject(total === null ? [{ scope: 'balances', symbol: 'BTC' }] : []);
  });

  it.each<[string, [scope: string, symbol: string], string, Partial<UnifiedRows>]>([
    [
      'a position without a side',
      ['positions:linear:USDT', 'BTC/USDT:USDT'],
      'posSide is "net"',
      { positions: { 'USDT-FUTURES': [unifiedPosition('BTCUSDT', 'net', '1')] } },
    ],
    [
      'a position in another mode',
      ['positions:linear:USDT', 'BTC/USDT:USDT'],
      'hedge_mode',
      { positions: { 'USDT-FUTURES': [unifiedPosition('BTCUSDT', 'long', '1', { holdMode: 'hedge_mode' })] } },
    ],
    [
      'a position of an unknown market',
      ['positions:inverse', 'NEWUSD_CM'],
      'NEWUSD_CM',
      { positions: { 'COIN-FUTURES': [unifiedPosition('NEWUSD_CM', 'long', '1')] } },
    ],
    [
      'an order of another category',
      ['orders:regular:linear:USDC', 'BTC/USDT:USDT'],
      'BTCUSDT, which is of USDT-FUTURES',
      { orders: { 'USDC-FUTURES': [unifiedOrder('BTCUSDT', 1)] } },
    ],
    [
      'an order with a status unheard of',
      ['orders:regular:spot', 'BTC/USDT'],
      'orderStatus is "frozen"',
      { orders: { SPOT: [unifiedSpotOrder(1, { orderStatus: 'frozen' })] } },
    ],
    [
      'an order without amount',
      ['orders:regular:spot', 'BTC/USDT'],
      'amount',
      { orders: { MARGIN: [unifiedSpotOrder(1, { qty: '' })] } },
    ],
    [
      'a strategy order without a trigger',
      ['orders:conditional:linear:USDT', 'BTC/USDT:USDT'],
      'without a trigger price',
      { strategies: { 'USDT-FUTURES': [strategyRow('BTCUSDT', 1, { stopLoss: '' })] } },
    ],
    [
      'a trigger order without a side',
      ['orders:conditional:linear:USDT', 'BTC/USDT:USDT'],
      'without its side',
      { strategies: { 'USDT-FUTURES': [strategyRow('BTCUSDT', 1, { stopLoss: '', triggerPrice: '1' })] } },
    ],
  ])('loses only its symbol with %s', async (_name, [scope, symbol], word, rows) => {
    const { unread, positions, orders } = await readOf(rows);
    expect(unread).toEqual([expect.objectContaining({ scope, symbol, reason: expect.stringContaining(word) })]);
    expect([...positions, ...orders]).toEqual([]);
  });

  it.each([
    [
      { permType: 'read-only', permissions: ['uta_mgt', 'uta_trade'], ips: '203.0.113.7' },
      { canTrade: false, canWithdraw: false, ipRestricted: true },
    ],
    [
      { permType: 'read-and-write', permissions: ['uta_mgt', 'uta_trade'], ips: '' },
      { canTrade: true, canWithdraw: false, ipRestricted: false },
    ],
    [
      { permType: 'read-and-write', permissions: ['uta_mgt', 'withdraw'], ips: '' },
      { canTrade: false, canWithdraw: true, ipRestricted: false },
    ],
  ])('knows what its key may do with %j', async (fields, expected) => {
    wire.route(UNIFIED_PATHS.info, answer({ userId: '1', ...fields }));
    expect(await (await reader()).auditKey()).toMatchObject(expected);
  });
});

describe('a bitget unified account with 700 orders', () => {
  const rows = Array.from({ length: 700 }, (_, index) => unifiedOrder('BTCUSDT', 10_000 - index));
  beforeEach(() => void serveUnified(wire, { ...UNIFIED_FLAT, orders: { 'USDT-FUTURES': rows } }));

  it('is read to the end, also where the last page is full', async () => {
    expect((await (await reader()).readState()).orders).toHaveLength(700);
  });

  const from = 300;
  it.each<[string, string, (page: object[]) => object | null]>([
    ['fails', 'network', () => null],
    [
      'comes twice',
      'incomplete',
      () => answer({ list: rows.slice(from - 100, from), cursor: rows[from - 1]?.orderId }),
    ],
    ['is short', 'incomplete', () => answer({ list: rows.slice(from, from + 99), cursor: rows[from + 98]?.orderId })],
    [
      'overlaps',
      'incomplete',
      () => answer({ list: rows.slice(from - 1, from + 99), cursor: rows[from + 98]?.orderId }),
    ],
    ['is full and has no cursor', 'incomplete', (page) => answer({ list: page, cursor: null })],
  ])('is not read when a page %s', async (_name, kind, spoil) => {
    wire.route(UNIFIED_PATHS.pending, (request: WireRequest, response) => {
      if (request.query.get('category') !== 'USDT-FUTURES') return answer({ list: [], cursor: null });
      if (request.query.get('cursor') !== rows[from - 1]?.orderId) return cursorPageOf(rows, request);
      return spoil(rows.slice(from, from + 100)) ?? void response.writeHead(502).end();
    });
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind,
      where: expect.stringContaining(UNIFIED_PATHS.pending),
    });
  });
});
