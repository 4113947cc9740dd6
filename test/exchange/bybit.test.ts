import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  accountInfo,
  answer,
  NO_ROWS,
  instruments,
  keyOf,
  orderRow,
  page,
  PATHS,
  positionRow,
  serveAccount,
  SERVER_TIME,
} from './bybit-fixtures.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import type { Fault } from './faults.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';
import { REMEMBERED_ORDER } from './remembered-order.js';

function refusal(retCode: number, retMsg: string, kind: FailureKind): Fault {
  return {
    name: `a 200 with ${retCode} "${retMsg}"`,
    send: (response) => sendJson(response, { retCode, retMsg, result: {}, retExtInfo: {}, time: SERVER_TIME }),
    kind,
  };
}

const PARTS = ['linear USDT', 'linear USDC', 'inverse', 'spot'];
const of = (part: string) => (request: { query: URLSearchParams }) => keyOf(request) === part;

describeFaults({
  id: 'bybit',
  scopes: 12,
  refusals: [
    refusal(10002, 'invalid request, please check your server timestamp or recv_window param.', 'clock_skew'),
    refusal(10003, 'API key is invalid.', 'authentication'),
    refusal(10004, 'error sign!', 'authentication'),
    refusal(10005, 'Permission denied, please check your API key permissions.', 'permission'),
    refusal(10006, 'Too many visits!', 'rate_limited'),
    refusal(10010, 'Unmatched IP, please check your API key bound IP addresses.', 'permission'),
    refusal(10016, 'Server error.', 'network'),
    refusal(10018, 'exceeded ip rate limit.', 'rate_limited'),
    refusal(10028, 'The API can only be accessed by unified account users.', 'unsupported'),
    refusal(99999, 'A code from tomorrow.', 'unreadable'),
    {
      name: '403 of the gateway for too many requests',
      send: (response) => void response.writeHead(403).end('403, access too frequent. Please reduce your requests'),
      kind: 'rate_limited',
      // As Bybit documents: the answer does not say.
      retryAfterMs: 600_000,
    },
  ],
  endpoints: [
    {
      path: PATHS.instruments,
      healthy: instruments({ query: new URLSearchParams('category=linear') }),
      serve: serveAccount,
    },
    { path: PATHS.time, healthy: answer({ timeSecond: '1764000000' }), serve: serveAccount },
    { path: PATHS.accountInfo, healthy: accountInfo(5), serve: serveAccount },
    { path: PATHS.wallet, healthy: answer({ list: [{ accountType: 'UNIFIED', coin: [] }] }), serve: serveAccount },
    ...PARTS.slice(0, 3).map((part) => ({
      path: PATHS.positions,
      when: of(part),
      healthy: answer({ category: part.split(' ')[0], nextPageCursor: '', list: NO_ROWS.positions[part] }),
      serve: serveAccount,
    })),
    ...PARTS.map((part) => ({
      path: PATHS.orders,
      when: of(part),
      healthy: answer({ category: part.split(' ')[0], nextPageCursor: '', list: NO_ROWS.orders[part] }),
      serve: serveAccount,
    })),
  ],
});

describe('a bybit unified account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('holds positions and orders of every settle currency and category, and balances, exactly', async () => {
    const snapshot = await (await readerOf('bybit', wire)).readState();
    expect(snapshot).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: [
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
      ],
      balances: [
        { currency: 'USDT', total: '1000.1' },
        { currency: 'BTC', total: '0.3' },
      ],
      positions: [
        { symbol: 'BTC/USDC:USDC', side: 'short', amount: '0.1' },
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12' },
        { symbol: 'BTC/USD:BTC', side: 'short', amount: '1000' },
      ],
      orders: [
        { id: 'b1', symbol: 'BTC/USDC:USDC' },
        { id: 'a1', clientOrderId: 'bot-a1', symbol: 'BTC/USDT:USDT', filled: '0.004', conditional: false },
        { id: 'a2', type: 'market', price: null, triggerPrice: '55000.00', conditional: true, side: 'sell' },
        { id: 'a3', clientOrderId: null, amount: null, conditional: true, triggerPrice: '70000' },
        { id: 'c1', symbol: 'BTC/USD:BTC', amount: '100' },
        { id: 'd1', symbol: 'BTC/USDT', amount: '0.000011', price: '59999.99' },
      ],
      markets: { 'BTC/USD:BTC': { amountStep: '1' }, 'BTC/USDT': { amountStep: '0.000001' } },
    });
  });

  it('knows both legs of hedge mode, and says nothing of the mode where symbols differ', async () => {
    const positions = {
      'linear USDT': [
        positionRow('BTCUSDT', 'Buy', '0.3', { positionIdx: 1 }),
        positionRow('BTCUSDT', 'Sell', '0.1', { positionIdx: 2 }),
        positionRow('ETHUSDT', '', '0', { positionIdx: 1 }),
      ],
    };
    serveAccount(wire, { ...NO_ROWS, positions });
    const reader = await readerOf('bybit', wire);
    expect(await reader.readState()).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
        { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
      ],
    });
    serveAccount(wire, { ...NO_ROWS, positions: { ...positions, inverse: [positionRow('BTCUSD', 'Buy', '1')] } });
    expect((await reader.readState()).positionMode).toBeNull();
  });

  it.each([
    ['a side that its positionIdx does not have', positionRow('BTCUSDT', 'Sell', '1', { positionIdx: 1 })],
    ['a size without a side', positionRow('BTCUSDT', '', '1')],
    ['a negative size', positionRow('BTCUSDT', 'Buy', '-1')],
    ['a size that is no number', positionRow('BTCUSDT', 'Buy', 'many')],
  ])('leaves out a position with %s, as a position of its contract', async (_name, row) => {
    const positions = { 'linear USDT': [row, positionRow('ETHUSDT', 'Sell', '12.00')] };
    serveAccount(wire, { ...NO_ROWS, positions, orders: {} });
    expect(await (await readerOf('bybit', wire)).readState()).toMatchObject({
      positions: [{ symbol: 'ETH/USDT:USDT', amount: '12' }],
      unread: [{ scope: 'positions:linear:USDT', symbol: 'BTC/USDT:USDT', code: 'ROW_UNREADABLE' }],
    });
  });

  it('is not read when a category answers for another', async () => {
    wire.route(PATHS.orders, (request: WireRequest) => {
      const { result, ...rest } = page(NO_ROWS.orders[keyOf(request)] ?? [], request);
      return { ...rest, result: { ...(result as object), category: 'linear' } };
    });
    expect(await failureOf((await readerOf('bybit', wire)).readState())).toMatchObject({
      kind: 'incomplete',
      message: expect.stringContaining('was asked for inverse and answered linear'),
    });
  });

  it.each([
    [{ readOnly: 1 }, { canTrade: false, canWithdraw: false, ipRestricted: true, note: 'the key only reads' }],
    [{ readOnly: 0 }, { canTrade: true, canWithdraw: false, ipRestricted: true }],
    [
      { readOnly: 0, permissions: { Wallet: ['Withdraw'] }, ips: ['*'] },
      { canTrade: false, canWithdraw: true, ipRestricted: false },
    ],
  ])('knows what its key may do with %j', async (fields, expected) => {
    const reported = {
      id: '1',
      apiKey: 'k',
      permissions: { ContractTrade: ['Order', 'Position'] },
      ips: ['203.0.113.7'],
    };
    wire.route(PATHS.apiKey, answer({ ...reported, ...fields }));
    expect(await (await readerOf('bybit', wire)).auditKey()).toMatchObject(expected);
  });

  it('waits until the time that a refusal names', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    wire.route(PATHS.wallet, (_request, response) => {
      response.setHeader('date', new Date(now).toUTCString());
      response.setHeader('x-bapi-limit-reset-timestamp', String(now + 3000));
      sendJson(response, { retCode: 10006, retMsg: 'Too many visits!', result: {}, time: now });
    });
    expect(await failureOf((await readerOf('bybit', wire)).readState())).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 3000,
    });
    // The limit is the user's: another key may ask.
    serveAccount(wire);
    const other = await readerOf('bybit', wire, { credentials: { apiKey: 'other-key', secret: 'other-secret' } });
    expect((await other.readState()).positions).toHaveLength(4);
  });
});

describe('a bybit account with 700 orders and 300 positions', () => {
  let wire: WireServer;
  const many = {
    ...NO_ROWS,
    positions: { 'linear USDT': Array.from({ length: 300 }, (_, index) => manyPosition(index)) },
    orders: { 'linear USDT': Array.from({ length: 700 }, (_, index) => orderRow('BTCUSDT', `m${index}`)) },
  };
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start(), many);
    wire.route(PATHS.instruments, (request: WireRequest) => {
      const reported = instruments(request);
      const { category, list } = reported.result as { category: string; list: object[] };
      const [first] = list;
      if (category !== 'linear' || first === undefined) return reported;
      const more = Array.from({ length: 300 }, (_, index) => ({
        ...first,
        symbol: `C${index}USDT`,
        baseCoin: `C${index}`,
      }));
      return answer({ category, nextPageCursor: '', list: [...list, ...more] });
    });
  });
  afterEach(() => wire.stop());

  function manyPosition(index: number) {
    return positionRow(`C${index}USDT`, 'Buy', String(index + 1));
  }

  it('is read to the end', async () => {
    const { positions, orders } = await (await readerOf('bybit', wire)).readState();
    expect(positions).toHaveLength(300);
    expect(orders).toHaveLength(700);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(700);
  });

  it.each<[string, string, (rows: object[], from: number) => unknown]>([
    ['an order page fails', PATHS.orders, () => undefined],
    ['an order page comes twice', PATHS.orders, (rows, from) => rows.slice(from - 50, from)],
    ['an order page is short', PATHS.orders, (rows, from) => rows.slice(from, from + 49)],
    ['an order page overlaps', PATHS.orders, (rows, from) => rows.slice(from - 1, from + 49)],
    ['a position page fails', PATHS.positions, () => undefined],
    ['a position page comes twice', PATHS.positions, (rows, from) => rows.slice(from - 200, from)],
  ])('is not read when %s', async (_name, path, spoiled) => {
    const rows = (path === PATHS.orders ? many.orders : many.positions)['linear USDT'];
    const size = path === PATHS.orders ? 50 : 200;
    const at = path === PATHS.orders ? 350 : 200;
    wire.route(path, (request: WireRequest, response) => {
      if (keyOf(request) !== 'linear USDT') return page([], request);
      if (request.query.get('cursor') !== `page_token=${at}`) return page(rows, request);
      const list = spoiled(rows, at);
      if (list === undefined) return void response.writeHead(502).end();
      return answer({ category: 'linear', nextPageCursor: `page_token%3D${at + size}`, list });
    });
    const failure = await failureOf((await readerOf('bybit', wire)).readState());
    expect(['incomplete', 'network']).toContain(failure.kind);
    expect(failure.where).toContain(path);
  });

  it('is not read when the cursor stands still', async () => {
    wire.route(PATHS.orders, (request: WireRequest) => {
      const { result } = page(many.orders['linear USDT'], request);
      return answer({ ...(result as object), nextPageCursor: 'page_token%3D50' });
    });
    expect(await failureOf((await readerOf('bybit', wire)).readState())).toMatchObject({ kind: 'incomplete' });
  });
});

describe('what became of a bybit order', () => {
  let wire: WireServer;
  const none = answer({ category: 'linear', nextPageCursor: '', list: [] });
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(PATHS.orders, none).route(PATHS.history, none).route(PATHS.executions, none);
  });
  afterEach(() => wire.stop());

  async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
    const order: OpenOrder = {
      ...REMEMBERED_ORDER,
      id: 'a1',
      clientOrderId: 'bot-a1',
      ...fields,
    };
    const reader = await readerOf('bybit', wire, { now: () => SERVER_TIME });
    return (await reader.explainMissingOrders([order]))[0];
  }

  function listed(fields: Record<string, unknown>) {
    return answer({ category: 'linear', nextPageCursor: '', list: [orderRow('BTCUSDT', 'a1', fields)] });
  }

  it.each([
    ['filled', { orderStatus: 'Filled', cumExecQty: '0.010', avgPrice: '59999.5' }],
    ['canceled', { orderStatus: 'Cancelled', cancelType: 'CancelByUser' }],
    ['canceled', { orderStatus: 'PartiallyFilledCanceled', cumExecQty: '0.004', avgPrice: '60000' }],
    ['canceled', { orderStatus: 'Deactivated', cancelType: 'CancelByTpSlTsClear' }],
    ['rejected', { orderStatus: 'Rejected', rejectReason: 'EC_PostOnlyWillTakeLiquidity' }],
    ['expired', { orderStatus: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill' }],
    ['liquidated', { orderStatus: 'Cancelled', cancelType: 'CancelByPrepareLiq' }],
    ['liquidated', { orderStatus: 'Cancelled', cancelType: 'CancelAllBeforeAdl' }],
    ['liquidated', { orderStatus: 'Filled', createType: 'CreateByLiq', cumExecQty: '0.010', avgPrice: '5' }],
    ['unknown', { orderStatus: 'New' }],
    ['unknown', { orderStatus: 'Untriggered' }],
  ])('is %s, reported by the order query or by the history (%j)', async (cause, fields) => {
    wire.route(PATHS.orders, listed(fields));
    expect(await explain()).toMatchObject({ cause });
    wire.route(PATHS.orders, none).route(PATHS.history, listed(fields));
    expect(await explain()).toMatchObject({ cause });
  });

  it('reports the reason of a rejection', async () => {
    wire.route(PATHS.history, listed({ orderStatus: 'Rejected', rejectReason: 'EC_PostOnlyWillTakeLiquidity' }));
    expect((await explain())?.source).toBe('closed orders: EC_PostOnlyWillTakeLiquidity');
  });

  it.each([
    ['Trade', 'filled'],
    ['BustTrade', 'liquidated'],
    ['AdlTrade', 'liquidated'],
    ['Funding', 'unknown'],
  ])('with nothing but executions of type %s is %s', async (execType, cause) => {
    const row = {
      symbol: 'BTCUSDT',
      orderId: 'a1',
      execPrice: '60000',
      execQty: '0.010',
      execType,
      execTime: '1763999999000',
    };
    wire.route(PATHS.executions, answer({ category: 'linear', nextPageCursor: '', list: [row] }));
    expect(await explain()).toMatchObject({ cause });
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', { changedAt: SERVER_TIME - 3_600_000 }],
    ['never_seen', { id: null }],
    ['unknown', { changedAt: SERVER_TIME - 48 * 3_600_000 }],
    ['unknown', {}],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it('is asked for in the category of its symbol', async () => {
    await explain({ symbol: 'BTC/USDT' });
    const asked = wire.requests.filter(({ path }) => path === PATHS.orders).at(-1);
    expect(asked?.query.get('category')).toBe('spot');
  });

  it('is unknown when the answer is about another order', async () => {
    wire.route(
      PATHS.orders,
      answer({ category: 'linear', list: [orderRow('BTCUSDT', 'zz', { orderStatus: 'Filled' })] }),
    );
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });
});
