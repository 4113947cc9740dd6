import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { bitget } from '../../src/exchange/bitget/bitget.js';
import { bitgetUsageOf } from '../../src/exchange/bitget/shared/common.js';
import { RequestBudget } from '../../src/exchange/budget/request-budget.js';
import {
  accountRow,
  answer,
  BITGET_CREDENTIALS,
  NO_ROWS,
  entrusted,
  manyContracts,
  orderRow,
  pageOf,
  PATHS,
  planRow,
  positionRow,
  productOf,
  serveAccount,
  SERVER_TIME,
  spotPlanPage,
  spotPlanRow,
  spotRow,
  type AccountRows,
} from './bitget-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
});
afterEach(() => wire.stop());

async function reader(): Promise<ExchangeInspector> {
  return readerOf('bitget', wire, { credentials: BITGET_CREDENTIALS });
}

/** Of flat account rows what a read gets that is served only these. */
async function readOf(rows: Partial<AccountRows>) {
  const flat = { positions: {}, orders: {}, plans: {}, spot: {}, spotPlans: [], assets: [], accounts: {} };
  serveAccount(wire, { posMode: 'one_way_mode', ...flat, ...rows });
  return (await reader()).readState();
}

describe('a bitget classic account', () => {
  it('holds positions and orders of every product type and of spot, and balances, exactly', async () => {
    const snapshot = await (await reader()).readState({ balances: true });
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
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', changedAt: SERVER_TIME - 3_600_000 },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '12', changedAt: SERVER_TIME - 7_200_000 },
        { symbol: 'BTC/USDC:USDC', side: 'short', amount: '0.1' },
        { symbol: 'BTC/USD:BTC', side: 'short', amount: '0.025' },
      ],
      orders: [
        {
          id: '201',
          symbol: 'BTC/USDT:USDT',
          conditional: true,
          price: '60000',
          triggerPrice: '59000',
          amount: '0.01',
        },
        { id: '202', symbol: 'ETH/USDT:USDT', conditional: true, amount: '1.5' },
        { id: '204', conditional: true, amount: null, price: null, side: 'sell', type: 'market' },
        { id: '203', conditional: true, amount: '0.01', price: '70000', triggerPrice: '69000', side: 'sell' },
        { id: '104', symbol: 'BTC/USDT:USDT', clientOrderId: 'bot-104', filled: '0.004', conditional: false },
        { id: '103', clientOrderId: null, price: null, side: 'sell', type: 'market' },
        { id: '105', symbol: 'BTC/USDC:USDC', amount: '0.0001' },
        { id: '205', symbol: 'BTC/USD:BTC', conditional: true },
        { id: '106', symbol: 'BTC/USD:BTC', amount: '0.003', side: 'sell' },
        { id: '402', symbol: 'BTC/USDT', conditional: true, amount: '0.0002', price: '25000', triggerPrice: '26000' },
        { id: '401', symbol: 'BTC/USDT', conditional: true, amount: null, price: null },
        { id: '302', symbol: 'BTC/USDT', conditional: true, triggerPrice: '70000', price: '59999.99' },
        { id: '301', symbol: 'BTC/USDT', conditional: false, amount: '0.000011', price: '59999.99', filled: '0' },
        { id: '300', symbol: 'BTC/USDT', conditional: false, price: null, filled: '0.000001' },
      ],
      balances: [
        { currency: 'USDT', total: '1010.3' },
        { currency: 'BTC', total: '0.4' },
        { currency: 'USDC', total: '6' },
      ],
      markets: { 'BTC/USDC:USDC': { amountStep: '0.0001' }, 'BTC/USDT': { amountStep: '0.000001' } },
    });
    // Of the pages for unified accounts, a classic one is asked only the public list of markets.
    expect(new Set(wire.paths.filter((path) => path.startsWith('/api/v3')))).toEqual(new Set([PATHS.instruments]));
  });

  it('leaves balances out where they are not compared, and where several coins are one margin', async () => {
    const notAsked = await (await reader()).readState();
    expect(notAsked.scopes).not.toContain('balances');
    expect(notAsked.gaps).toContainEqual(expect.objectContaining({ scope: 'balances' }));
    expect(wire.paths).not.toContain(PATHS.accounts);
    const union = accountRow('USDT', '1', { assetMode: 'union', assetList: [{ coin: 'BTC', balance: '1.2' }] });
    serveAccount(wire, { ...NO_ROWS, accounts: { 'USDT-FUTURES': [union] } });
    const { gaps, balances } = await (await reader()).readState({ balances: true });
    expect(gaps).toContainEqual(
      expect.objectContaining({ scope: 'balances', reason: expect.stringContaining('several') }),
    );
    expect(balances).toEqual([]);
  });

  it('says that open orders of over three months may be missing', async () => {
    const { gaps } = await (await reader()).readState();
    expect(gaps.map(({ scope }) => scope)).toEqual(['orders:regular:margin', 'orders:regular:old', 'balances']);
  });

  it('has both legs of hedge mode, and takes sides of orders from what they open or close', async () => {
    const hedge = { posMode: 'hedge_mode' };
    const row = (id: number, posSide: string, side: string, tradeSide: string) =>
      orderRow('BTCUSDT', id, { ...hedge, posSide, side, tradeSide });
    const snapshot = await readOf({
      posMode: 'hedge_mode',
      positions: {
        'USDT-FUTURES': [positionRow('BTCUSDT', 'long', '0.3', hedge), positionRow('BTCUSDT', 'short', '0.1', hedge)],
      },
      orders: {
        'USDT-FUTURES': [
          row(14, 'long', 'buy', 'open'),
          // "buy" of a long position that is closed: the order sells.
          row(13, 'long', 'buy', 'close'),
          row(12, 'short', 'sell', 'close'),
          row(11, 'short', 'sell', 'open'),
        ],
      },
      plans: {
        'USDT-FUTURES profit_loss': [
          planRow('BTCUSDT', 21, { ...hedge, planType: 'loss_plan', posSide: 'long', side: 'buy', tradeSide: '' }),
        ],
      },
    });
    expect(snapshot).toMatchObject({
      positionMode: 'hedge',
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
        { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
      ],
      orders: [
        { id: '21', side: 'sell' },
        { id: '14', side: 'buy' },
        { id: '13', side: 'sell' },
        { id: '12', side: 'buy' },
        { id: '11', side: 'sell' },
      ],
    });
  });

  it('knows its mode without a row, and says none where product types differ', async () => {
    expect((await readOf({ posMode: 'hedge_mode' })).positionMode).toBe('hedge');
    wire.route(PATHS.account, (request: WireRequest) =>
      answer({ posMode: productOf(request) === 'COIN-FUTURES' ? 'hedge_mode' : 'one_way_mode' }),
    );
    expect((await (await reader()).readState()).positionMode).toBeNull();
    const asked = wire.requests.filter(({ path }) => path === PATHS.account).slice(-3);
    expect(asked.map(({ query }) => [query.get('symbol'), query.get('marginCoin')])).toEqual([
      ['BTCUSDT', 'USDT'],
      ['BTCPERP', 'USDC'],
      ['BTCUSD', 'BTC'],
    ]);
  });

  it('has partly filled orders also where a question without a status leaves them out', async () => {
    const rows = NO_ROWS.orders['USDT-FUTURES'] ?? [];
    wire.route(PATHS.pending, (request: WireRequest) => {
      const status = request.query.get('status') ?? 'live';
      return entrusted(
        productOf(request) === 'USDT-FUTURES'
          ? pageOf(
              rows.filter((row) => row.status === status),
              request,
            )
          : [],
      );
    });
    const { orders } = await (await reader()).readState();
    expect(orders.filter(({ conditional, symbol }) => !conditional && symbol === 'BTC/USDT:USDT')).toMatchObject([
      { id: '103', filled: '0' },
      { id: '104', filled: '0.004' },
    ]);
  });

  const usdt = (...rows: object[]) => ({ 'USDT-FUTURES': rows });
  const order = (fields: Record<string, unknown>) => ({
    orders: { 'USDT-FUTURES': [orderRow('BTCUSDT', 1, fields)] },
  });
  const plan = (fields: Record<string, unknown>) => ({
    plans: { 'USDT-FUTURES profit_loss': [planRow('BTCUSDT', 1, { planType: 'loss_plan', ...fields })] },
  });
  it('is not read with a position twice', async () => {
    const twice = [positionRow('BTCUSDT', 'long', '1'), positionRow('BTCUSDT', 'long', '1')];
    expect(await failureOf(readOf({ positions: usdt(...twice) }))).toMatchObject({ kind: 'incomplete' });
  });

  type Key = [scope: string, symbol: string];
  const POSITION: Key = ['positions:linear:USDT', 'BTC/USDT:USDT'];
  const ORDER: Key = ['orders:regular:linear:USDT', 'BTC/USDT:USDT'];
  const PLAN: Key = ['orders:conditional:linear:USDT', 'BTC/USDT:USDT'];
  const REGULAR: Key = ['orders:regular:spot', 'BTC/USDT'];
  const TRIGGER: Key = ['orders:conditional:spot', 'BTC/USDT'];
  it.each<[string, Key, string, Partial<AccountRows>]>([
    ['a negative position', POSITION, '-1', { positions: usdt(positionRow('BTCUSDT', 'long', '-1')) }],
    [
      'a position without a side',
      POSITION,
      'holdSide is "net"',
      { positions: usdt(positionRow('BTCUSDT', 'net', '1')) },
    ],
    [
      'a position of another product type',
      [POSITION[0], 'BTC/USDC:USDC'],
      'BTCPERP, which is of USDC-FUTURES',
      { positions: usdt(positionRow('BTCPERP', 'long', '1')) },
    ],
    [
      'an unknown symbol',
      [POSITION[0], 'NEWUSDT'],
      'NEWUSDT',
      { positions: usdt(positionRow('NEWUSDT', 'long', '1')) },
    ],
    [
      'a position in another mode',
      POSITION,
      'hedge_mode',
      { positions: usdt(positionRow('BTCUSDT', 'long', '1', { posMode: 'hedge_mode' })) },
    ],
    ['an order in another mode', ORDER, 'hedge_mode', order({ posMode: 'hedge_mode', posSide: 'long' })],
    ['an order that ended', ORDER, 'status is "filled"', order({ status: 'filled' })],
    ['an order without amount', ORDER, 'amount 0', order({ size: '0' })],
    ['an order with a word for a price', ORDER, 'price is "market"', order({ price: 'market' })],
    ['a plan that was executed', PLAN, 'planStatus is "executed"', plan({ planStatus: 'executed' })],
    ['a plan of a type unheard of', PLAN, 'planType is "chase_plan"', plan({ planType: 'chase_plan' })],
    ['a plan without amount', PLAN, 'amount', plan({ size: '' })],
    ['a plan of another question', PLAN, 'normal_plan', plan({ planType: 'normal_plan' })],
    ['a spot order of another question', TRIGGER, 'tpsl', { spot: { tpsl: [spotRow(1)] } }],
    [
      'a spot order of an unknown pair',
      [REGULAR[0], 'NEWUSDT'],
      'NEWUSDT',
      { spot: { normal: [spotRow(1, { symbol: 'NEWUSDT' })] } },
    ],
    [
      'a spot plan of a type unheard of',
      TRIGGER,
      'planType is "both"',
      { spotPlans: [spotPlanRow(1, { planType: 'both' })] },
    ],
  ])('loses only its symbol with %s', async (_name, [scope, symbol], word, rows) => {
    const { unread, positions, orders } = await readOf(rows);
    expect(unread).toEqual([expect.objectContaining({ scope, symbol, reason: expect.stringContaining(word) })]);
    expect([...positions, ...orders]).toEqual([]);
  });

  it('loses the symbol of an order in hedge mode that neither opens nor closes', async () => {
    const row = orderRow('BTCUSDT', 1, { posMode: 'hedge_mode', posSide: 'long', tradeSide: '' });
    const { unread } = await readOf({ posMode: 'hedge_mode', orders: { 'USDT-FUTURES': [row] } });
    expect(unread).toMatchObject([
      { symbol: 'BTC/USDT:USDT', reason: expect.stringContaining('order 1 in hedge mode') },
    ]);
  });

  it('names a row in lower case that cannot be read by the contract, and not by the pair of the same name', async () => {
    const { unread } = await readOf({ orders: { 'USDT-FUTURES': [orderRow('btcusdt', 1, { side: 'both' })] } });
    expect(unread).toMatchObject([{ scope: 'orders:regular:linear:USDT', symbol: 'BTC/USDT:USDT' }]);
  });

  it('has the TP/SL of an order that has not filled, as orders whose parent it is', async () => {
    const preset = {
      presetStopSurplusPrice: '65000',
      presetStopLossPrice: '55000',
      presetStopLossExecutePrice: '54900',
    };
    const { orders } = await readOf(order(preset));
    expect(orders).toMatchObject([
      { id: '1', conditional: false },
      {
        id: '1:takeProfit',
        parent: '1',
        side: 'sell',
        type: 'take_profit',
        triggerPrice: '65000',
        price: null,
        conditional: true,
      },
      { id: '1:stopLoss', parent: '1', side: 'sell', type: 'stop_loss', triggerPrice: '55000', conditional: true },
    ]);
  });

  it('has a spot market buy by its value without a base amount', async () => {
    const { orders } = await readOf({
      spot: { normal: [spotRow(1, { orderType: 'market', size: '50', priceAvg: '' })] },
    });
    expect(orders).toMatchObject([{ id: '1', amount: null, price: null, side: 'buy' }]);
  });

  it('has of a trailing plan the price from which it trails, which its owner set', async () => {
    const moving = { planType: 'moving_plan', triggerPrice: '63000', callbackRatio: '1', price: '', executePrice: '' };
    const { orders } = await readOf({
      plans: {
        'USDT-FUTURES profit_loss': [planRow('BTCUSDT', 2, moving)],
        'USDT-FUTURES track_plan': [planRow('BTCUSDT', 1, { planType: 'track_plan', callbackRatio: '1' })],
      },
    });
    expect(orders.map(({ id, triggerPrice }) => [id, triggerPrice])).toEqual([
      ['1', '59000'],
      ['2', '63000'],
    ]);
  });

  it('adds up the funding account, and names the accounts that hold something and are not read', async () => {
    serveAccount(wire, {
      ...NO_ROWS,
      funding: [{ coin: 'USDT', available: '5', frozen: '', usdtValue: '5' }],
      wallets: [
        { accountType: 'spot', usdtBalance: '12' },
        { accountType: 'futures', usdtBalance: '1000' },
        { accountType: 'earn', usdtBalance: '0.5' },
        { accountType: 'margin', usdtBalance: '0' },
        { accountType: 'bots' },
      ],
    });
    const { balances, gaps } = await (await reader()).readState({ balances: true });
    expect(balances).toContainEqual({ currency: 'USDT', total: '1015.3' });
    expect(gaps.map(({ scope }) => scope)).toEqual([
      'orders:regular:margin',
      'orders:regular:old',
      'balances:earn',
      'balances:bots',
    ]);
  });

  it('names its other accounts as not read where the key may not ask about them', async () => {
    wire.route(PATHS.wallets, (_request, response) =>
      sendJson(response, { code: '40014', msg: 'Incorrect permissions', requestTime: SERVER_TIME, data: null }, 400),
    );
    const { gaps } = await (await reader()).readState({ balances: true });
    expect(gaps.map(({ scope }) => scope)).toContain('balances:other');
  });

  it.each([
    [
      { authorities: ['coor', 'cpor', 'stor'], ips: '203.0.113.7' },
      { canTrade: false, canWithdraw: false, ipRestricted: true },
    ],
    [
      { authorities: ['coor', 'coow'], ips: '' },
      { canTrade: true, canWithdraw: false, ipRestricted: false },
    ],
    [
      { authorities: ['readonly', 'trade'], ips: null },
      { canTrade: true, canWithdraw: false, ipRestricted: false },
    ],
    [
      { authorities: ['stor', 'wwow'], ips: '203.0.113.7' },
      { canTrade: false, canWithdraw: true, ipRestricted: true },
    ],
    [
      { authorities: ['wtow', 'chow'], ips: '203.0.113.7' },
      { canTrade: false, canWithdraw: false, ipRestricted: true },
    ],
  ])('knows what its key may do with %j', async (fields, expected) => {
    wire.route(PATHS.spotInfo, answer({ userId: '1', ...fields }));
    expect(await (await reader()).auditKey()).toMatchObject(expected);
  });
});

describe('the limit of a bitget account', () => {
  it.each([
    ['0', { used: 1, limit: 1, resetMs: 1_000 }],
    ['1', { used: 1, limit: 1, resetMs: 1_000 }],
    ['2', null],
    ['', null],
    ['many', null],
  ])('is kept where %j questions of a kind are left in this second', (left, usage) => {
    expect(bitgetUsageOf(new Headers({ 'x-mbx-used-remain-limit': left }))).toEqual(usage);
    expect(bitgetUsageOf(new Headers())).toBeNull();
  });

  it('is not passed by any second of reading', () => {
    const budget = new RequestBudget(bitget.budget);
    let now = 0;
    const asked: number[] = [];
    while (asked.length < 200) {
      now += budget.waitMs(2, now);
      budget.spend(2, now);
      asked.push(now);
      now += 1;
    }
    for (const at of asked) expect(asked.filter((one) => one >= at && one < at + 1_000).length).toBeLessThanOrEqual(10);
  });
});

describe('a bitget account with 700 orders of each kind and 300 positions', () => {
  const ids = Array.from({ length: 700 }, (_, index) => 10_000 - index);
  const many: AccountRows = {
    ...NO_ROWS,
    positions: {
      'USDT-FUTURES': Array.from({ length: 300 }, (_, at) => positionRow(`C${at}USDT`, 'long', String(at + 1))),
    },
    orders: { 'USDT-FUTURES': ids.map((id) => orderRow('BTCUSDT', id)) },
    plans: { 'USDT-FUTURES normal_plan': ids.map((id) => planRow('BTCUSDT', id + 10_000)) },
    spot: { normal: ids.map((id) => spotRow(id + 20_000)) },
    spotPlans: ids.map((id) => spotPlanRow(id + 30_000)),
    moreContracts: manyContracts(300),
  };
  beforeEach(() => void serveAccount(wire, many));

  it('is read to the end', async () => {
    const { positions, orders } = await (await reader()).readState();
    expect(positions).toHaveLength(300);
    expect(orders).toHaveLength(2_800);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(2_800);
  });

  /** A question for the fourth page, and what is wrong with its rows. */
  const faults: [string, (rows: object[], from: number) => object[] | null][] = [
    ['fails', () => null],
    ['comes twice', (rows, from) => rows.slice(from - 100, from)],
    ['is short', (rows, from) => rows.slice(from, from + 99)],
    ['overlaps', (rows, from) => rows.slice(from - 1, from + 99)],
  ];
  const lists: [string, { orderId: string }[], (rows: object[], request: WireRequest) => object][] = [
    [PATHS.pending, many.orders['USDT-FUTURES'] ?? [], (rows) => entrusted(rows as { orderId: string }[])],
    [PATHS.plans, many.plans['USDT-FUTURES normal_plan'] ?? [], (rows) => entrusted(rows as { orderId: string }[])],
    [PATHS.spotOrders, many.spot['normal'] ?? [], (rows) => answer(rows)],
    [PATHS.spotPlans, many.spotPlans, (rows) => answer({ nextFlag: true, orderList: rows })],
  ];
  // Each account has but the list that is spoiled.
  it.each(
    lists.flatMap(([path, rows, report]) => faults.map(([name, spoil]) => ({ path, name, rows, tell: report, spoil }))),
  )('is not read when a page of $path $name', async ({ path, name, rows, tell, spoil }) => {
    const before = rows[299]?.orderId;
    serveAccount(wire, { ...NO_ROWS, plans: {}, spotPlans: [] });
    wire.route(path, (request: WireRequest, response) => {
      const { query } = request;
      const other = (query.get('planType') ?? 'normal_plan') !== 'normal_plan' || query.get('tpslType') === 'tpsl';
      if (other || query.has('status') || (query.get('productType') ?? 'USDT-FUTURES') !== 'USDT-FUTURES') {
        return path.includes('/spot/') ? answer([]) : entrusted([]);
      }
      if (query.get('idLessThan') !== before) {
        return path === PATHS.spotPlans ? spotPlanPage(rows, request) : tell(pageOf(rows, request), request);
      }
      const page = spoil(rows, 300);
      return page === null ? void response.writeHead(502).end() : tell(page, request);
    });
    const failure = await failureOf((await reader()).readState());
    expect(failure.kind).toBe(name === 'fails' ? 'network' : 'incomplete');
    expect(failure.where).toContain(path);
  });

  it.each([
    ['ends with a row that it does not have', { entrustedList: [orderRow('BTCUSDT', 9)], endId: '7' }],
    ['ends without having a row', { entrustedList: null, endId: '7' }],
  ])('is not read when a page %s', async (_name, data) => {
    wire.route(PATHS.pending, answer(data));
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind: 'incomplete',
      where: expect.stringContaining(PATHS.pending),
    });
  });

  it('is not read when plans go on after a page without any', async () => {
    wire.route(PATHS.spotPlans, answer({ nextFlag: true, idLessThan: '1', orderList: [] }));
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'incomplete' });
  });
});
