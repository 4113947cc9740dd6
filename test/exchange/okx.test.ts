import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import type { Fault } from './faults.js';
import {
  algoRow,
  algosOf,
  answer,
  balance,
  NO_ROWS,
  config,
  contract,
  CREDENTIALS,
  INSTRUMENTS,
  instruments,
  marginRow,
  orderRow,
  page,
  PATHS,
  positionRow,
  serveAccount,
  SERVER_TIME,
} from './okx-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

function refusal(code: string, msg: string, kind: FailureKind, status = 200, data: object[] = []): Fault {
  return {
    name: `a ${status} with ${code} "${msg}"${data.length === 0 ? '' : ' and a code of its row'}`,
    send: (response) => sendJson(response, { code, msg, data }, status),
    kind,
  };
}

const isAsking = (ordType: string) => (request: { query: URLSearchParams }) => request.query.get('ordType') === ordType;

/** Few pages, so that many reads are quick. */
const serveQuiet = (wire: WireServer) => serveAccount(wire, { ...NO_ROWS, orders: [], algos: {} });

describeFaults({
  id: 'okx',
  credentials: CREDENTIALS,
  scopes: 10,
  refusals: [
    refusal('50001', 'Service temporarily unavailable. Please try again later.', 'maintenance', 503),
    refusal('50001', 'Service temporarily unavailable. Please try again later.', 'maintenance'),
    refusal('50005', 'API endpoint is inactive or unavailable.', 'maintenance', 410),
    refusal('50011', 'Rate limit reached.', 'rate_limited'),
    refusal('50011', 'Too Many Requests', 'rate_limited', 429),
    refusal('50013', 'Systems are busy. Please try again later.', 'network', 429),
    refusal('50061', "You've reached the maximum order rate limit for this account.", 'rate_limited'),
    refusal('50102', 'Timestamp request expired.', 'clock_skew', 401),
    refusal('50110', "Your IP is not included in your API key's IP whitelist.", 'permission', 401),
    refusal('50111', 'Invalid OK-ACCESS-KEY.', 'authentication', 401),
    refusal('50113', 'Invalid signature.', 'authentication', 401),
    refusal('50120', "This API key doesn't have permission to use this function", 'permission'),
    refusal('1', 'Operation failed.', 'clock_skew', 200, [{ sCode: '50102', sMsg: 'Timestamp request expired.' }]),
    refusal('59999', 'A code from tomorrow.', 'unreadable'),
  ],
  endpoints: [
    {
      path: PATHS.instruments,
      when: ({ query }) => query.get('instType') === 'SWAP',
      healthy: answer(INSTRUMENTS['SWAP']),
      serve: serveQuiet,
    },
    { path: PATHS.time, healthy: answer([{ ts: String(SERVER_TIME) }]), serve: serveQuiet },
    { path: PATHS.config, healthy: config(), serve: serveQuiet },
    { path: PATHS.positions, healthy: answer(NO_ROWS.positions), serve: serveQuiet },
    { path: PATHS.balance, healthy: balance(NO_ROWS.coins), serve: serveQuiet },
    { path: PATHS.orders, healthy: answer(NO_ROWS.orders), serve: serveQuiet },
    ...['conditional,oco', 'chase'].map((ordType) => ({
      path: PATHS.algos,
      when: isAsking(ordType),
      healthy: answer(NO_ROWS.algos[ordType]),
      serve: serveQuiet,
    })),
  ],
});

describe('an okx account', () => {
  let wire: WireServer;
  let reader: ExchangeInspector;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    reader = await readerOf('okx', wire, { credentials: CREDENTIALS });
  });
  afterEach(() => wire.stop());

  it('holds the positions of every instrument type and settle currency, in base units, exactly', async () => {
    const { positions, ...snapshot } = await reader.readState();
    expect(positions).toEqual([
      { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12.05', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'SHIB/USDT:USDT', side: 'long', amount: '10000', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'BTC/USDC:USDC', side: 'short', amount: '0.1', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'BTC/USD:BTC', side: 'short', amount: '1000', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'BTC/USD:BTC-261225', side: 'long', amount: '300', changedAt: SERVER_TIME - 3_600_000 },
      { symbol: 'BTC/USDT', side: 'long', amount: '0.00190433573', changedAt: SERVER_TIME - 3_600_000 },
    ]);
    expect(snapshot).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: [
        'balances',
        'orders:conditional:inverse',
        'orders:conditional:linear',
        'orders:conditional:spot',
        'orders:regular:inverse',
        'orders:regular:linear',
        'orders:regular:spot',
        'positions:inverse',
        'positions:linear',
        'positions:spot',
      ],
      balances: [
        { currency: 'USDT', total: '1000.1' },
        { currency: 'BTC', total: '0.3' },
      ],
      markets: { 'BTC/USDT:USDT': { amountStep: '0.0001' }, 'BTC/USD:BTC': { amountStep: '1' } },
    });
    expect(snapshot.gaps).toContainEqual({
      scope: 'positions:option',
      reason: 'option contracts are not compared; the account holds 1',
    });
  });

  it('holds regular orders of every market', async () => {
    const { orders } = await reader.readState();
    expect(orders.filter(({ id }) => id?.startsWith('1'))).toMatchObject([
      { id: '109', clientOrderId: 'bot109', symbol: 'BTC/USDT:USDT', amount: '0.01', filled: '0.004', side: 'buy' },
      { id: '108', clientOrderId: null, symbol: 'BTC/USD:BTC', amount: '500', filled: '0', side: 'sell' },
      { id: '107', symbol: 'BTC/USDT', amount: '0.00000001', price: '59999.9', conditional: false },
      { id: '106', symbol: 'ETH/BTC', amount: '2', price: '0.05' },
      { id: '105', symbol: 'BTC/USDT', type: 'market', amount: null, price: null },
    ]);
  });

  it('holds algo orders of every type, with what their owner set', async () => {
    const { orders, gaps } = await reader.readState();
    expect(orders.filter(({ id }) => id?.startsWith('2'))).toMatchObject([
      { id: '209', type: 'oco', triggerPrice: '55000', secondTriggerPrice: '70000', price: null, amount: '0.01' },
      { id: '208', type: 'conditional', triggerPrice: '80000', price: '79900', clientOrderId: 'algo208' },
      { id: '207', type: 'conditional', triggerPrice: '50000', price: null, amount: null, clientOrderId: null },
      { id: '206', symbol: 'BTC/USDT', triggerPrice: '10000', amount: null, side: 'buy' },
      { id: '205', type: 'trigger', triggerPrice: '2500', price: '2490', amount: '3', conditional: true },
      { id: '204', type: 'move_order_stop', triggerPrice: '65000', price: null, conditional: true },
      { id: '203', type: 'chase', amount: '0.01', conditional: false },
      { id: '202', type: 'iceberg', amount: '5', price: '62000', conditional: false },
      { id: '201', type: 'twap', symbol: 'BTC/USD:BTC', amount: '4000', conditional: false },
    ]);
    expect(gaps.map(({ scope }) => scope)).not.toContain('orders:regular:iceberg');
  });

  it('says which order types OKX has given up, and refuses to read without one that it has', async () => {
    const refuse = (type: string) =>
      wire.route(PATHS.algos, (request: WireRequest, response) => {
        if (!isAsking(type)(request)) return page(algosOf(NO_ROWS, request), 'algoId', request.query);
        return sendJson(response, { code: '51000', msg: 'Parameter ordType error', data: [] }, 400);
      });
    refuse('iceberg');
    const { orders, gaps } = await reader.readState();
    expect(orders.map(({ id }) => id)).not.toContain('202');
    expect(gaps).toContainEqual({ scope: 'orders:regular:iceberg', reason: 'OKX has no iceberg orders' });
    refuse('trigger');
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'unsupported' });
  });

  it('knows both legs of hedge mode, beside a net margin position', async () => {
    const positions = [
      positionRow('BTC-USDT-SWAP', '30', { posSide: 'long' }),
      positionRow('BTC-USDT-SWAP', '10', { posSide: 'short' }),
      marginRow('119.75', 'USDT', '-0.0019', 'BTC'),
    ];
    serveAccount(wire, { ...NO_ROWS, config: config({ posMode: 'long_short_mode' }), positions });
    expect(await reader.readState()).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
        { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
        { symbol: 'BTC/USDT', side: 'short', amount: '0.0019' },
      ],
    });
  });

  it('sums cross and isolated positions of one side, and reports both sides where they oppose', async () => {
    const isolated = { mgnMode: 'isolated', uTime: String(SERVER_TIME) };
    const cross = positionRow('BTC-USDT-SWAP', '50');
    serveAccount(wire, { ...NO_ROWS, positions: [cross, positionRow('BTC-USDT-SWAP', '0.1', isolated)] });
    expect(await reader.readState()).toMatchObject({
      positionMode: 'one-way',
      positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.501', changedAt: SERVER_TIME }],
    });
    serveAccount(wire, { ...NO_ROWS, positions: [cross, positionRow('BTC-USDT-SWAP', '-20', isolated)] });
    expect(await reader.readState()).toMatchObject({
      positionMode: null,
      positions: [
        { side: 'long', amount: '0.5' },
        { side: 'short', amount: '0.2' },
      ],
    });
  });

  it.each<[string, string, object]>([
    ['a leg in an account in one-way mode', PATHS.positions, positionRow('BTC-USDT-SWAP', '1', { posSide: 'long' })],
    ['an algo order of a type not asked for', PATHS.algos, algoRow('BTC-USDT-SWAP', '1', 'twap')],
  ])('is not read with %s', async (_name, path, row) => {
    wire.route(path, ({ query }: WireRequest) => answer(query.has('after') ? [] : [row]));
    const failure = await failureOf(reader.readState());
    expect(failure).toMatchObject({ kind: 'incomplete', where: expect.stringContaining(path) });
  });

  it.each([
    ['read_only', '203.0.113.7', { canTrade: false, canWithdraw: false, ipRestricted: true }],
    ['read_only,trade', '', { canTrade: true, canWithdraw: false, ipRestricted: false }],
    ['read_only,withdraw,trade', '203.0.113.7,203.0.113.8', { canTrade: true, canWithdraw: true, ipRestricted: true }],
  ])('knows what a key with "%s" and the addresses "%s" may do', async (perm, ip, expected) => {
    wire.route(PATHS.config, config({ perm, ip }));
    expect(await reader.auditKey()).toMatchObject(expected);
  });
});

describe('an okx account with 700 orders, 250 algo orders and 300 positions', () => {
  let wire: WireServer;
  const many = {
    ...NO_ROWS,
    positions: Array.from({ length: 300 }, (_, index) => positionRow(`C${index}-USDT-SWAP`, String(index + 1))),
    orders: Array.from({ length: 700 }, (_, index) => orderRow('BTC-USDT-SWAP', String(9_000 - index))),
    algos: {
      trigger: Array.from({ length: 250 }, (_, index) =>
        algoRow('BTC-USDT-SWAP', String(5_000 - index), 'trigger', { triggerPx: '50000', ordPx: '-1' }),
      ),
    },
  };
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start(), many);
    wire.route(PATHS.instruments, (request: WireRequest) => {
      if (request.query.get('instType') !== 'SWAP') return instruments(request);
      const more = many.positions.map(({ instId }) => contract('SWAP', instId, '0.1', 'USDT', 'linear'));
      return answer([...(INSTRUMENTS['SWAP'] ?? []), ...more]);
    });
  });
  afterEach(() => wire.stop());

  it('is read to the end', async () => {
    const { positions, orders } = await (await readerOf('okx', wire, { credentials: CREDENTIALS })).readState();
    expect(positions).toHaveLength(300);
    expect(positions.at(-1)).toMatchObject({ symbol: 'C299/USDT:USDT', amount: '30' });
    expect(new Set(orders.map(({ id }) => id)).size).toBe(950);
  });

  it.each<[string, string, (rows: object[], from: number) => unknown]>([
    ['an order page fails', PATHS.orders, () => undefined],
    ['an order page comes twice', PATHS.orders, (rows, from) => rows.slice(from - 100, from)],
    ['an order page is short', PATHS.orders, (rows, from) => rows.slice(from, from + 99)],
    ['an order page overlaps', PATHS.orders, (rows, from) => rows.slice(from - 1, from + 99)],
    ['an algo page fails', PATHS.algos, () => undefined],
    ['an algo page is short', PATHS.algos, (rows, from) => rows.slice(from, from + 50)],
    ['an algo page comes twice', PATHS.algos, (rows, from) => rows.slice(from - 100, from)],
  ])('is not read when %s', async (_name, path, spoiled) => {
    const id = path === PATHS.orders ? 'ordId' : 'algoId';
    const rows: Record<string, unknown>[] = path === PATHS.orders ? many.orders : many.algos.trigger;
    wire.route(path, (request: WireRequest, response) => {
      if (path === PATHS.algos && !isAsking('trigger')(request)) return answer([]);
      const after = request.query.get('after');
      if (after === null || after !== rows[99]?.[id]) return page(rows, id, request.query);
      const list = spoiled(rows, 100);
      return list === undefined ? void response.writeHead(502).end() : answer(list);
    });
    const failure = await failureOf((await readerOf('okx', wire, { credentials: CREDENTIALS })).readState());
    expect(['incomplete', 'network']).toContain(failure.kind);
    expect(failure.where).toContain(path);
  });

  it('is not read when the server does not mind the cursor', async () => {
    wire.route(PATHS.orders, answer(many.orders.slice(0, 100)));
    const reader = await readerOf('okx', wire, { credentials: CREDENTIALS });
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'incomplete' });
  });
});
