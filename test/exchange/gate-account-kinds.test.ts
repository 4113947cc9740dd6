import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { failureOf } from './failures.js';
import {
  deliveryPath,
  futuresAccount,
  futuresPath,
  NO_ROWS,
  orderRow,
  PATHS,
  positionRow,
  priceOrderRow,
  refusal,
  serveAccount,
  totals,
  type AccountRows,
} from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const DATED = 'BTC_USDT_20251226';
const QUIET = { ...NO_ROWS.usdt, positions: [], orders: [], priceOrders: [] };

let wire: WireServer;
let reader: ExchangeInspector;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
  reader = await readerOf('gate', wire);
});
afterEach(() => wire.stop());

async function read(rows: Partial<AccountRows>) {
  serveAccount(wire, { ...NO_ROWS, ...rows });
  return reader.readState();
}

describe('sizes with decimals on gate', () => {
  it('are asked for in every request that returns sizes, contracts included', async () => {
    await read({});
    const asked = wire.requests.filter(({ path }) => /\/(?:futures|delivery)\//.test(path));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(({ headers }) => headers['x-gate-size-decimal'] !== '1')).toEqual([]);
  });

  // quanto_multiplier "10", order_size_min "0.1"
  it.each([
    ['0.4', 'long', '4'],
    ['-1.7', 'short', '17'],
    ['0.1', 'long', '1'],
  ])('a position of %s contracts is %s %s', async (size, side, amount) => {
    const { positions, markets } = await read({ usdt: { ...QUIET, positions: [positionRow('ADA_USDT', size)] } });
    expect(positions).toContainEqual(expect.objectContaining({ symbol: 'ADA/USDT:USDT', side, amount }));
    expect(markets['ADA/USDT:USDT']).toMatchObject({ amountStep: '1', minAmount: '1', contractSize: '10' });
  });

  it('step by one contract where the contract has none', async () => {
    const { markets } = await read({});
    expect(markets['BTC/USDT:USDT']).toMatchObject({ amountStep: '0.0001' });
  });

  it('of orders and price orders are read, and the amount of a price order comes before its size', async () => {
    const orders = [orderRow('ADA_USDT', 1, { size: '-2.5', left: '-1.2' })];
    const priceOrders = [
      priceOrderRow('ADA_USDT', 2, { size: 1, amount: '1.7' }),
      priceOrderRow('ADA_USDT', 3, { size: -2, amount: '' }),
      priceOrderRow('ADA_USDT', 4, { size: 0, amount: '0', auto_size: 'close_long' }),
      priceOrderRow('ADA_USDT', 5, { size: 0, amount: '-0.3' }),
    ];
    const state = await read({ usdt: { ...QUIET, orders, priceOrders } });
    const ada = state.orders.filter(({ symbol }) => symbol === 'ADA/USDT:USDT');
    expect(ada).toMatchObject([
      { id: '2', side: 'buy', amount: '17' },
      { id: '3', side: 'sell', amount: '20' },
      { id: '4', side: 'sell', amount: null },
      { id: '5', side: 'sell', amount: '3' },
      { id: '1', side: 'sell', amount: '25', filled: '13' },
    ]);
  });
});

describe('price orders on gate that belong to another order', () => {
  it('name the order that they wait for, and say what they carry themselves', async () => {
    const priceOrders = [
      priceOrderRow('BTC_USDT', 7, {}, { status: 'inactive', order_type: 'close-long-order', me_order_id: '42' }),
      priceOrderRow('BTC_USDT', 8, {}, { me_order_id: 0, stop_profit_price: '70000', stop_loss_price: '' }),
    ];
    const { orders, gaps, unread } = await read({ usdt: { ...QUIET, priceOrders } });
    expect(orders.find(({ id }) => id === '7')).toMatchObject({ parent: '42', conditional: true });
    expect(orders.find(({ id }) => id === '8')).not.toHaveProperty('parent');
    expect(unread).toBeUndefined();
    const reason = 'price order 8 carries a take-profit or stop-loss, which has no id before it triggers';
    expect(gaps).toContainEqual({ scope: 'orders:conditional:attached', reason });
  });
});

describe('delivery contracts on gate', () => {
  const delivery = {
    account: futuresAccount('USDT'),
    positions: [positionRow(DATED, -12, { mode: 'single' })],
    orders: [orderRow(DATED, 601, { left: 40 })],
    priceOrders: [priceOrderRow(DATED, 602)],
  };

  it('are read with their own account, and do not touch the mode of the perpetuals', async () => {
    const account = futuresAccount('USDT', { position_mode: 'dual', in_dual_mode: true });
    const usdt = { ...QUIET, account, positions: [positionRow('BTC_USDT', 5, { mode: 'dual_long' })] };
    const state = await read({ usdt, btc: { ...NO_ROWS.btc, account: null }, delivery });
    const symbol = 'BTC/USDT:USDT-251226';
    expect(state.positionMode).toBe('hedge');
    expect(state.positions).toContainEqual(expect.objectContaining({ symbol, side: 'short', amount: '0.0012' }));
    expect(state.orders.filter((order) => order.symbol === symbol)).toMatchObject([
      { id: '602', conditional: true, amount: '0.01' },
      { id: '601', conditional: false, amount: '0.01', filled: '0.006' },
    ]);
  });

  it.each(['accounts', 'positions', 'orders', 'price_orders'])('fail the read when %s do not answer', async (path) => {
    await read({ delivery });
    wire.route(deliveryPath(path), refusal('FORBIDDEN', 403));
    expect(await failureOf(reader.readState())).toMatchObject({
      kind: 'permission',
      where: expect.stringContaining(`/delivery/usdt/${path}`),
    });
  });
});

describe('other wallets of a gate account', () => {
  const named = (gaps: readonly { scope: string; reason: string }[]): string[] =>
    gaps.filter(({ scope }) => scope.startsWith('balances')).map(({ scope, reason }) => `${scope} ${reason}`);

  it('are named where they hold something', async () => {
    const details = {
      finance: { amount: '662.7', currency: 'USDT' },
      margin: { amount: '0', currency: 'USDT', borrowed: '12.5' },
      quant: { amount: '0', currency: 'USDT' },
      meme_box: { amount: '3', currency: 'USDT' },
      pilot: null,
    };
    const { gaps } = await read({ totals: totals(details) });
    expect(named(gaps)).toEqual([
      'balances:futures futures wallets move with every price; the spot account is read',
      'balances:finance Earn holds something, and is not read',
      'balances:margin the isolated margin account holds something and has debts, and is not read',
      'balances:meme_box the account "meme_box" holds something, and is not read',
      'balances:pilot the account "pilot" is not read',
    ]);
  });

  it('are not named where they hold nothing, and are one gap where the key may not ask', async () => {
    expect(named((await read({})).gaps)).toHaveLength(1);
    wire.route(PATHS.totals, refusal('FORBIDDEN', 403));
    expect(named((await reader.readState()).gaps)[1]).toContain('balances:other the key may not ask');
    wire.route(PATHS.totals, {});
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'unreadable' });
  });

  it('a unified account is known from account/detail where no futures account was opened', async () => {
    const none = { usdt: { ...QUIET, account: null }, btc: { ...NO_ROWS.btc, account: null }, delivery: null };
    wire.route(PATHS.detail, { user_id: 1, ip_whitelist: [], key: { mode: 2 } });
    expect((await read(none)).scopes).not.toContain('balances');
    wire.route(PATHS.detail, { user_id: 1, ip_whitelist: [], key: { mode: 1 } });
    expect((await reader.readState()).scopes).toContain('balances');
    wire.route(PATHS.detail, refusal('FORBIDDEN', 403));
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'permission' });
  });
});

it('a name that means a spot pair and a contract is refused with both in the books, and read from the exchange by its list', async () => {
  const { positions, orders } = await read({});
  expect(positions.map(({ symbol }) => symbol)).toContain('BTC/USDT:USDT');
  expect(orders.map(({ symbol }) => symbol)).toContain('BTC/USDT');
  expect(await reader.resolveMarket('BTC_USDT')).toEqual({
    kind: 'ambiguous',
    candidates: ['BTC/USDT', 'BTC/USDT:USDT'],
  });
  expect(wire.paths).toContain(futuresPath('usdt', 'positions'));
});
