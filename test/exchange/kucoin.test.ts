import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import {
  answer,
  CONTRACTS,
  contract,
  futuresRow,
  KUCOIN_CREDENTIALS,
  page,
  PATHS,
  positionRow,
  refusal,
  ROWS,
  serveAccount,
  SERVER_TIME,
  spotRow,
  SYMBOLS,
} from './kucoin-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

const nothing = { query: new URLSearchParams() };
/** A margin account that may not be asked about is a named gap, which has a test of its own. */
const REFUSALS = ['401 with 400007 "Access Denied"'];

describeFaults({
  id: 'kucoin',
  credentials: KUCOIN_CREDENTIALS,
  scopes: 9,
  refusals: [
    refusal(
      '400001',
      'Any of KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE is missing',
      'authentication',
    ),
    refusal('400002', 'KC-API-TIMESTAMP Invalid', 'clock_skew', 401),
    refusal('400003', 'KC-API-KEY not exists', 'authentication', 401),
    refusal('400004', 'KC-API-PASSPHRASE error', 'authentication', 401),
    refusal('400005', 'Signature error', 'authentication', 401),
    refusal('400006', 'The requested ip address is not in the api whitelist', 'permission', 401),
    refusal('400007', 'Access Denied', 'permission', 401),
    refusal('411100', 'User are frozen', 'permission'),
    refusal('429000', 'Too Many Requests', 'rate_limited'),
    refusal('500000', 'Internal Server Error', 'network', 500),
    refusal('999999', 'A code from tomorrow.', 'unreadable'),
  ],
  endpoints: [
    { path: PATHS.symbols, healthy: answer(SYMBOLS) },
    { path: PATHS.contracts, healthy: answer(CONTRACTS) },
    { path: PATHS.time, healthy: answer(SERVER_TIME) },
    { path: PATHS.accountMode, healthy: answer({ selfAccountMode: 'CLASSIC' }) },
    { path: PATHS.positionMode, healthy: answer({ positionMode: 0 }) },
    { path: PATHS.positions, healthy: answer(ROWS.positions) },
    { path: PATHS.accounts, healthy: answer(ROWS.accounts) },
    { path: PATHS.opened, healthy: answer(true) },
    { path: PATHS.crossMargin, healthy: answer({ accounts: [] }), spared: REFUSALS },
    { path: PATHS.isolatedMargin, healthy: answer({ assets: [] }), spared: REFUSALS },
    { path: PATHS.oco, healthy: page([], nothing) },
    { path: PATHS.activeSymbols, healthy: answer({ symbols: ['BTC-USDT'] }) },
    { path: PATHS.spotOrders, healthy: page(ROWS.spot['BTC-USDT'] ?? [], nothing) },
    { path: PATHS.spotStops, healthy: page(ROWS.spotStops, nothing) },
    { path: PATHS.futuresOrders, healthy: page(ROWS.futures, nothing) },
    { path: PATHS.futuresStops, healthy: page(ROWS.futuresStops, nothing) },
  ].map((endpoint) => ({ ...endpoint, serve: (wire: WireServer) => serveAccount(wire) })),
});

describe('a kucoin account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const reader = () => readerOf('kucoin', wire, { credentials: KUCOIN_CREDENTIALS });

  it('holds positions, orders of spot and futures, and the balances of the spot account, exactly', async () => {
    expect(await (await reader()).readState()).toMatchObject({
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
      ],
      balances: [
        { currency: 'USDT', total: '1000.10000001' },
        { currency: 'BTC', total: '0.3' },
      ],
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: null },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12' },
        { symbol: 'BTC/USD:BTC', side: 'short', amount: '1000' },
      ],
      orders: [
        {
          id: 't1',
          type: 'market',
          price: null,
          triggerPrice: '55000',
          side: 'sell',
          conditional: true,
          amount: '0.02',
        },
        { id: 't2', clientOrderId: null, amount: null, triggerPrice: '70000', conditional: true },
        {
          id: 'vs1',
          symbol: 'BTC/USDT',
          triggerPrice: '55000.00000000000000000000',
          amount: '0.02',
          conditional: true,
        },
        { id: 'f1', clientOrderId: 'bot-f1', amount: '0.02', filled: '0.004', changedAt: SERVER_TIME - 3_600_000 },
        { id: 'f2', symbol: 'BTC/USD:BTC', side: 'sell', amount: '100', conditional: false },
        { id: 's1', symbol: 'BTC/USDT', amount: '0.00001', filled: '0.000004', price: '60000' },
      ],
      markets: { 'BTC/USDT:USDT': { amountStep: '0.001' }, 'BTC/USDT': { amountStep: '0.00000001' } },
    });
  });

  it('declares what of the account is not read', async () => {
    const { gaps } = await (await reader()).readState();
    expect(gaps).toEqual([
      { scope: 'balances:main', reason: 'the funding account holds USDT, and is not read' },
      { scope: 'balances:futures', reason: 'futures wallets move with every price; the spot account is read' },
    ]);
  });

  it('knows both legs of hedge mode', async () => {
    const positions = [
      positionRow('XBTUSDTM', 300, { positionSide: 'LONG' }),
      positionRow('XBTUSDTM', -100, { positionSide: 'SHORT' }),
    ];
    serveAccount(wire, { ...ROWS, hedge: true, positions });
    expect(await (await reader()).readState()).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
        { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
      ],
    });
  });

  it.each([
    ['incomplete', 'a leg in one-way mode', false, positionRow('XBTUSDTM', 1, { positionSide: 'LONG' })],
    ['incomplete', 'a net position in hedge mode', true, positionRow('XBTUSDTM', 1)],
  ])('is %s with %s', async (kind, _name, hedge, row) => {
    serveAccount(wire, { ...ROWS, hedge, positions: [row] });
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind });
  });

  it('is refused where it is a unified account', async () => {
    wire.route(PATHS.accountMode, answer({ selfAccountMode: 'UNIFIED' }));
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('unified account'),
    });
  });

  it('has no amount of an order for an amount of the quote currency', async () => {
    const rows = [spotRow('BTC-USDT', 's2', { type: 'market', price: '0', size: '0', funds: '600' })];
    serveAccount(wire, { ...ROWS, spot: { 'BTC-USDT': rows } });
    const { orders } = await (await reader()).readState();
    expect(orders).toContainEqual(expect.objectContaining({ id: 's2', amount: null, price: null }));
  });

  it('asks the pages of each spot symbol that has orders', async () => {
    const spot = { 'BTC-USDT': [spotRow('BTC-USDT', 's1')], 'ETH-USDT': [spotRow('ETH-USDT', 's3')] };
    serveAccount(wire, { ...ROWS, spot });
    await (await reader()).readState();
    const asked = wire.requests.filter(({ path }) => path === PATHS.spotOrders);
    expect(asked.map(({ query }) => Object.fromEntries(query))).toEqual([
      { symbol: 'BTC-USDT', pageNum: '1', pageSize: '50' },
      { symbol: 'ETH-USDT', pageNum: '1', pageSize: '50' },
    ]);
  });

  it('is not read when the orders of one symbol are answered for another', async () => {
    wire.route(PATHS.spotOrders, (request: WireRequest) => page([spotRow('ETH-USDT', 's1')], request));
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'incomplete' });
  });

  it.each([
    ['General', '', { canTrade: false, canWithdraw: false, ipRestricted: false, note: 'the key only reads' }],
    ['General,Spot,Futures', '203.0.113.7', { canTrade: true, canWithdraw: false, ipRestricted: true }],
    ['General,PermissionOfTomorrow', '203.0.113.7', { canTrade: true, canWithdraw: false, ipRestricted: true }],
    ['General,Withdrawal', null, { canTrade: false, canWithdraw: true, ipRestricted: false }],
  ])('knows what a key with %s may do', async (permission, ipWhitelist, expected) => {
    wire.route(
      PATHS.apiKey,
      answer({ remark: 'r', apiKey: 'k', apiVersion: 3, permission, ipWhitelist, isMaster: true }),
    );
    expect(await (await reader()).auditKey()).toMatchObject(expected);
  });

  it('waits until the pool of weights is filled again', async () => {
    wire.route(PATHS.accounts, (_request, response) => {
      response.setHeader('gw-ratelimit-limit', '4000');
      response.setHeader('gw-ratelimit-remaining', '0');
      response.setHeader('gw-ratelimit-reset', '12000');
      sendJson(response, { code: '429000', msg: 'Too Many Requests' }, 429);
    });
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 12_000 });
  });
});

describe('a kucoin account with 700 orders and 300 positions', () => {
  let wire: WireServer;
  const many = {
    ...ROWS,
    positions: Array.from({ length: 300 }, (_, index) => positionRow(`C${index}USDTM`, index + 1)),
    futures: Array.from({ length: 700 }, (_, index) => futuresRow('XBTUSDTM', `m${index}`)),
  };
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start(), many);
    const more = Array.from({ length: 300 }, (_, index) => contract(`C${index}USDTM`, { baseCurrency: `C${index}` }));
    wire.route(PATHS.contracts, answer([...CONTRACTS, ...more]));
  });
  afterEach(() => wire.stop());

  const read = async () => (await readerOf('kucoin', wire, { credentials: KUCOIN_CREDENTIALS })).readState();

  it('is read to the end', async () => {
    const { positions, orders } = await read();
    expect(positions).toHaveLength(300);
    expect(orders.filter(({ id }) => id?.startsWith('m'))).toHaveLength(700);
  });

  it.each<[string, (rows: object[]) => object | undefined]>([
    ['fails', () => undefined],
    ['comes twice', (rows) => ({ items: rows.slice(300, 350) })],
    ['is short', (rows) => ({ items: rows.slice(350, 399) })],
    ['overlaps', (rows) => ({ items: rows.slice(349, 399) })],
    ['is empty', () => ({ items: [] })],
    ['is of a list that moved', (rows) => ({ items: rows.slice(351, 401), totalNum: 699 })],
    ['is another page', () => ({ currentPage: 7 })],
  ])('is not read when a page of orders %s', async (_name, spoiled) => {
    wire.route(PATHS.futuresOrders, (request: WireRequest, response) => {
      const reported = page(many.futures, request);
      if (request.query.get('currentPage') !== '8') return reported;
      const fields = spoiled(many.futures);
      if (fields === undefined) return void response.writeHead(502).end();
      return answer({ ...(reported.data as object), ...fields });
    });
    const failure = await failureOf(read());
    expect(['incomplete', 'network']).toContain(failure.kind);
    expect(failure.where).toContain(PATHS.futuresOrders);
  });
});
