import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import type { Fault } from './faults.js';
import {
  NO_ROWS,
  CONTRACTS,
  deliveryPath,
  type FuturesRows,
  futuresAccount,
  futuresPath,
  PATHS,
  positionRow,
  refusal as refusalRoute,
  serveAccount,
  SERVER_TIME,
  spotOrderRow,
  spotPage,
  trailRow,
  trails,
} from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

const USDT = (path: string) => futuresPath('usdt', path);

function refusal(label: string, kind: FailureKind, status: number): Fault {
  return {
    name: `a ${status} with ${label}`,
    send: (response) => sendJson(response, { label, message: 'said by the exchange' }, status),
    kind,
  };
}

const RESET_FAULT: Fault = {
  name: '429 with TOO_MANY_REQUESTS and the time at which the limit starts again',
  send: (response) => {
    response.setHeader('date', new Date(SERVER_TIME).toUTCString());
    response.setHeader('x-gate-ratelimit-reset-timestamp', String(SERVER_TIME / 1000 + 3));
    sendJson(response, { label: 'TOO_MANY_REQUESTS', message: 'Request Rate limit Exceeded (2)' }, 429);
  },
  kind: 'rate_limited',
  retryAfterMs: 3_000,
};

const QUIET: FuturesRows = { ...NO_ROWS.usdt, positions: [], orders: [], priceOrders: [], trails: trails([]) };

/** Few pages, so that many reads are quick. */
function serveQuiet(wire: WireServer): WireServer {
  const btc = { ...NO_ROWS.btc, account: null };
  return serveAccount(wire, { ...NO_ROWS, usdt: QUIET, btc, spotPriceOrders: [] });
}

describeFaults({
  id: 'gate',
  scopes: 9,
  refusals: [
    RESET_FAULT,
    refusal('INVALID_KEY', 'authentication', 401),
    refusal('INVALID_SIGNATURE', 'authentication', 401),
    refusal('REQUEST_EXPIRED', 'clock_skew', 403),
    refusal('IP_FORBIDDEN', 'permission', 403),
    refusal('FORBIDDEN', 'permission', 403),
    refusal('TOO_MANY_REQUESTS', 'rate_limited', 200),
    refusal('SERVER_ERROR', 'network', 500),
    refusal('INVALID_PARAM_VALUE', 'unsupported', 400),
    refusal('A_LABEL_FROM_TOMORROW', 'unreadable', 200),
  ],
  endpoints: [
    { path: USDT('contracts'), healthy: CONTRACTS.usdt, serve: serveQuiet },
    { path: PATHS.time, healthy: { server_time: SERVER_TIME }, serve: serveQuiet },
    { path: USDT('accounts'), healthy: NO_ROWS.usdt.account, serve: serveQuiet },
    { path: USDT('positions'), healthy: NO_ROWS.usdt.positions, serve: serveQuiet },
    { path: USDT('orders'), healthy: NO_ROWS.usdt.orders, serve: serveQuiet },
    { path: USDT('price_orders'), healthy: NO_ROWS.usdt.priceOrders, serve: serveQuiet },
    // A server may be older than the trailing orders: what then is reported has a test of its own.
    { path: USDT('autoorder/v1/trail/list'), healthy: NO_ROWS.usdt.trails, serve: serveQuiet, spared: ['404'] },
    {
      path: PATHS.spotOrders,
      healthy: spotPage(NO_ROWS.spotOrders, { query: new URLSearchParams() }),
      serve: serveQuiet,
    },
    { path: PATHS.spotAccounts, healthy: NO_ROWS.coins, serve: serveQuiet },
    // Without the wallet permission it is a named gap, which has a test of its own.
    { path: PATHS.totals, healthy: NO_ROWS.totals, serve: serveQuiet, spared: ['a 403 with FORBIDDEN'] },
    { path: deliveryPath('accounts'), healthy: futuresAccount('USDT'), serve: serveQuiet },
    { path: deliveryPath('positions'), healthy: [positionRow('BTC_USDT_20251226', 1)], serve: serveQuiet },
  ].map((endpoint) => ({ ...endpoint, named: endpoint.path.replace('/api/v4', '') })),
});

describe('a gate account', () => {
  let wire: WireServer;
  let reader: ExchangeInspector;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    reader = await readerOf('gate', wire);
  });
  afterEach(() => wire.stop());

  it('holds the positions of every settle currency in base units, and spot balances, exactly', async () => {
    const { positions, ...snapshot } = await reader.readState();
    expect(positions).toEqual([
      { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12.05', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'SHIB/USDT:USDT', side: 'long', amount: '10000', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'BTC/USD:BTC', side: 'short', amount: '1000', changedAt: SERVER_TIME - 3_600_000 },
    ]);
    expect(snapshot).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: [
        'balances',
        'orders:conditional:inverse:BTC',
        'orders:conditional:linear:USDT',
        'orders:conditional:spot',
        'orders:regular:inverse:BTC',
        'orders:regular:linear:USDT',
        'orders:regular:spot',
        'positions:inverse:BTC',
        'positions:linear:USDT',
      ],
      balances: [
        { currency: 'USDT', total: '1000.15' },
        { currency: 'BTC', total: '0.3' },
      ],
      markets: { 'BTC/USDT:USDT': { amountStep: '0.0001' }, 'BTC/USD:BTC': { amountStep: '1' } },
    });
    expect(snapshot.gaps.map(({ scope }) => scope)).toEqual(
      expect.arrayContaining(['positions:linear:BTC', 'positions:spot', 'orders:regular:chase', 'balances:futures']),
    );
  });

  it('holds regular orders of spot and futures', async () => {
    const { orders } = await reader.readState();
    expect(orders.filter(({ conditional }) => !conditional)).toMatchObject([
      { id: '409', clientOrderId: 'spot-409', symbol: 'BTC/USDT', amount: '0.5', filled: '0.2', price: '59999.99' },
      { id: '408', clientOrderId: null, amount: '0.00000001', filled: '0' },
      { id: '407', type: 'market', amount: null, filled: '0', price: null },
      { id: '406', symbol: 'ETH/USDT', side: 'sell', changedAt: SERVER_TIME - 3_600_000 },
      {
        id: '109',
        clientOrderId: 'bot-109',
        symbol: 'BTC/USDT:USDT',
        side: 'buy',
        amount: '0.01',
        filled: '0.004',
        changedAt: SERVER_TIME - 7_200_250,
      },
      {
        id: '108',
        clientOrderId: null,
        symbol: 'ETH/USDT:USDT',
        side: 'sell',
        amount: '3',
        type: 'market',
        price: null,
      },
      { id: '107', symbol: 'BTC/USD:BTC', amount: '100', filled: '0' },
    ]);
  });

  it('holds price orders and trailing orders, also those that close a position', async () => {
    const { orders } = await reader.readState();
    expect(orders.filter(({ conditional }) => conditional)).toMatchObject([
      { id: '509', symbol: 'BTC/USDT', side: 'sell', amount: '0.25', price: '70100', triggerPrice: '70000' },
      { id: '508', symbol: 'ETH/USDT', side: 'buy', amount: null, price: null, triggerPrice: '70000' },
      {
        id: '209',
        clientOrderId: 'stop',
        symbol: 'BTC/USDT:USDT',
        side: 'sell',
        amount: '0.01',
        triggerPrice: '55000',
      },
      { id: '208', side: 'sell', amount: null, price: null },
      // It says neither: the position is short.
      { id: '207', symbol: 'ETH/USDT:USDT', side: 'buy', amount: null, price: '2500' },
      { id: '206', side: 'buy', amount: null },
      { id: '309', type: 'trailing_stop', side: 'sell', amount: '0.005', triggerPrice: '65000', clientOrderId: null },
    ]);
  });

  it('says that a server has no list of trailing orders', async () => {
    serveAccount(wire, { ...NO_ROWS, usdt: { ...NO_ROWS.usdt, trails: null } });
    const { gaps, orders } = await reader.readState();
    expect(gaps.map(({ scope }) => scope)).toContain('orders:conditional:trail:USDT');
    expect(gaps.map(({ scope }) => scope)).not.toContain('orders:conditional:trail:BTC');
    expect(orders.map(({ id }) => id)).not.toContain('309');
  });

  it('takes a futures account that was never opened for an empty one, but no other refusal', async () => {
    serveAccount(wire, { ...NO_ROWS, btc: { ...NO_ROWS.btc, account: null } });
    const { positions, scopes } = await reader.readState();
    expect(positions).toHaveLength(3);
    expect(scopes).toContain('positions:inverse:BTC');
    wire.route(futuresPath('btc', 'accounts'), refusalRoute('FORBIDDEN', 403));
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'permission' });
  });

  it('knows both legs of hedge mode, and says nothing of the mode where accounts differ', async () => {
    const positions = [
      positionRow('BTC_USDT', 3_000, { mode: 'dual_long' }),
      positionRow('BTC_USDT', -1_000, { mode: 'dual_short' }),
      positionRow('ETH_USDT', 0, { mode: 'dual_long' }),
    ];
    const account = futuresAccount('USDT', { position_mode: 'dual', in_dual_mode: true });
    const usdt = { ...NO_ROWS.usdt, account, positions, priceOrders: [] };
    serveAccount(wire, { ...NO_ROWS, usdt, btc: { ...NO_ROWS.btc, account: null } });
    expect(await reader.readState()).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
        { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
      ],
    });
    serveAccount(wire, { ...NO_ROWS, usdt });
    expect((await reader.readState()).positionMode).toBeNull();
  });

  it('knows the mode from the older field, and sums positions that are kept apart', async () => {
    const positions = [positionRow('BTC_USDT', 3_000, { pid: 1 }), positionRow('BTC_USDT', 2_000, { pid: 2 })];
    const older = futuresAccount('USDT', { position_mode: undefined, in_dual_mode: false });
    serveAccount(wire, { ...NO_ROWS, usdt: { ...NO_ROWS.usdt, account: older, positions, priceOrders: [] } });
    expect(await reader.readState()).toMatchObject({ positionMode: 'one-way', positions: [{ amount: '0.5' }, {}] });
    const split = futuresAccount('USDT', { position_mode: 'split' });
    serveAccount(wire, { ...NO_ROWS, usdt: { ...NO_ROWS.usdt, account: split, positions, priceOrders: [] } });
    expect(await reader.readState()).toMatchObject({ positionMode: null, positions: [{ amount: '0.5' }, {}] });
  });

  it('does not claim the wallet of a unified account, and asks for its price orders by name', async () => {
    const account = futuresAccount('USDT', { margin_mode: 1 });
    serveAccount(wire, { ...NO_ROWS, usdt: { ...NO_ROWS.usdt, account } });
    const { scopes, gaps, balances } = await reader.readState();
    expect(scopes).not.toContain('balances');
    expect(balances).toEqual([]);
    expect(gaps.map(({ scope }) => scope)).toContain('balances');
    const asked = wire.requests.filter(({ path }) => path === PATHS.spotPriceOrders);
    expect(new Set(asked.map(({ query }) => query.get('account')))).toEqual(new Set([null, 'unified']));
  });

  it.each<[FailureKind, string, string, unknown]>([
    ['incomplete', 'an account in another currency', USDT('accounts'), futuresAccount('BTC')],
    ['unreadable', 'an account without a mode', USDT('accounts'), { currency: 'USDT', total: '1' }],
    ['incomplete', 'a leg in one-way mode', USDT('positions'), [positionRow('BTC_USDT', 1, { mode: 'dual_long' })]],
    ['incomplete', 'a position twice', USDT('positions'), [positionRow('BTC_USDT', 1), positionRow('BTC_USDT', 1)]],
    [
      'incomplete',
      'fewer spot orders than are said',
      PATHS.spotOrders,
      [{ currency_pair: 'BTC_USDT', total: 2, orders: [spotOrderRow('BTC_USDT', '1')] }],
    ],
    [
      'incomplete',
      'more spot orders than are said',
      PATHS.spotOrders,
      [{ currency_pair: 'BTC_USDT', total: 0, orders: [spotOrderRow('BTC_USDT', '1')] }],
    ],
    [
      'incomplete',
      'a trailing order twice',
      USDT('autoorder/v1/trail/list'),
      trails([trailRow('BTC_USDT', 1), trailRow('BTC_USDT', 1)]),
    ],
    [
      'unreadable',
      'trailing orders in a refusal',
      USDT('autoorder/v1/trail/list'),
      { code: 1001, data: { orders: [] } },
    ],
  ])('fails as %s with %s', async (kind, _name, path, answer) => {
    wire.route(path, answer as object);
    expect(await failureOf(reader.readState())).toMatchObject({
      kind,
      where: expect.stringContaining(path.replace('/api/v4', '')),
    });
  });
});
