import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import {
  accountInfo,
  instruments,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  type AccountRows,
} from './bybit-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { type WireRequest, WireServer } from './wire-server.js';

describe('the rows of a bybit account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = await WireServer.start();
  });
  afterEach(() => wire.stop());

  async function read(rows: Partial<AccountRows>): Promise<Snapshot> {
    serveAccount(wire, { positions: {}, orders: {}, coins: [], ...rows });
    return (await readerOf('bybit', wire)).readState();
  }

  const stop = (fields: Record<string, unknown>) => ({
    orderStatus: 'Untriggered',
    orderType: 'Market',
    price: '0',
    triggerPrice: '50000',
    stopOrderType: 'Stop',
    ...fields,
  });

  it.each([
    ['a market buy, which is by value', { side: 'Buy', marketUnit: '' }, null],
    ['a market buy of a server that knows no unit', { side: 'Buy' }, null],
    ['a market buy in the quote coin', { side: 'Buy', marketUnit: 'quoteCoin' }, null],
    ['a market sell in the quote coin', { side: 'Sell', marketUnit: 'quoteCoin' }, null],
    ['a market buy in the base coin', { side: 'Buy', marketUnit: 'baseCoin' }, '100'],
    ['a market sell, which is by amount', { side: 'Sell', marketUnit: '' }, '100'],
    ['a limit buy', { side: 'Buy', orderType: 'Limit', price: '49000' }, '100'],
  ])('give %s its base amount or none', async (_name, fields, amount) => {
    const row = orderRow('BTCUSDT', 's1', stop({ stopOrderType: 'tpslOrder', qty: '100', ...fields }));
    expect((await read({ orders: { spot: [row] } })).orders).toMatchObject([{ id: 's1', symbol: 'BTC/USDT', amount }]);
  });

  it('give a contract its amount, also for a market buy', async () => {
    const { orders } = await read({ orders: { inverse: [orderRow('BTCUSD', 'i1', stop({ qty: '100' }))] } });
    expect(orders).toMatchObject([{ amount: '100', triggerPrice: '50000', conditional: true }]);
  });

  it('give a trailing stop the price at which it becomes active, or none', async () => {
    const trailing = (id: string, triggerPrice: string) =>
      orderRow('BTCUSDT', id, stop({ stopOrderType: 'TrailingStop', triggerPrice, qty: '0', closeOnTrigger: true }));
    const { orders } = await read({ orders: { 'linear USDT': [trailing('t1', '65000'), trailing('t2', '0')] } });
    expect(orders).toMatchObject([
      { id: 't1', triggerPrice: '65000', amount: null },
      { id: 't2', triggerPrice: null, amount: null },
    ]);
  });

  it('name what is attached to orders that are not filled, once for each kind of markets', async () => {
    const attached = (id: string, fields: Record<string, unknown>) =>
      orderRow('ETHUSDT', id, { qty: '0.10', ...fields });
    const { gaps, orders } = await read({
      orders: {
        'linear USDT': [
          attached('p1', { takeProfit: '2500.00', stopLoss: '1500.00', tpslMode: 'Full' }),
          attached('p2', { takeProfit: '0.00', stopLoss: '1500.00' }),
          attached('p3', { takeProfit: '0.00', stopLoss: '' }),
        ],
      },
    });
    expect(orders).toHaveLength(3);
    expect(gaps.filter(({ scope }) => scope.startsWith('orders:conditional'))).toEqual([
      {
        scope: 'orders:conditional:linear:USDT:attached',
        reason: expect.stringMatching(
          /^order p1 of ETH\/USDT:USDT, order p2 of ETH\/USDT:USDT with take profit or stop loss/,
        ),
      },
    ]);
  });

  it('give a spot OCO its stop loss and its take profit', async () => {
    const fields = {
      stopOrderType: 'OcoOrder',
      triggerPrice: '',
      takeProfit: '70000',
      stopLoss: '50000',
      side: 'Sell',
    };
    const { gaps, orders } = await read({ orders: { spot: [orderRow('BTCUSDT', 'o1', stop(fields))] } });
    expect(orders).toMatchObject([
      { id: 'o1', type: 'oco', triggerPrice: '50000', secondTriggerPrice: '70000', conditional: true },
    ]);
    expect(gaps.map(({ scope }) => scope)).not.toContain('orders:conditional:spot:attached');
  });

  it('link the stops of a position to the order that they were attached to', async () => {
    const row = orderRow('BTCUSDT', 'k1', stop({ stopOrderType: 'StopLoss', parentOrderLinkId: 'bot-17' }));
    expect((await read({ orders: { 'linear USDT': [row] } })).orders[0]).toMatchObject({ id: 'k1', parent: 'bot-17' });
  });

  it.each([
    ['a limit order without a price', { price: '' }],
    ['a stop without a trigger', stop({ triggerPrice: '' })],
    ['an order type that is not known', { orderType: 'Pegged' }],
    ['a status that is not known', { orderStatus: 'Frozen' }],
  ])('leave out %s, as an order of its contract', async (_name, fields) => {
    const { orders, unread } = await read({
      orders: { 'linear USDT': [orderRow('BTCUSDT', 'x1', fields), orderRow('ETHUSDT', 'x2')] },
    });
    expect(orders).toMatchObject([{ id: 'x2' }]);
    expect(unread).toMatchObject([{ scope: 'orders', symbol: 'BTC/USDT:USDT', code: 'ROW_UNREADABLE' }]);
  });

  it('say a word that is not known', async () => {
    const { unread = [] } = await read({ orders: { spot: [orderRow('BTCUSDT', 'x1', { orderStatus: 'Frozen' })] } });
    expect(unread[0]?.reason).toMatch(/orderStatus is "Frozen"; known are New, PartiallyFilled/);
  });

  it('cost only a market that the list of instruments leaves out', async () => {
    const { positions, unread } = await read({
      positions: { 'linear USDT': [positionRow('FTMUSDT', 'Buy', '100'), positionRow('BTCUSDT', 'Buy', '0.5')] },
    });
    expect(positions).toMatchObject([{ symbol: 'BTC/USDT:USDT' }]);
    expect(unread).toMatchObject([{ scope: 'positions:linear:USDT', symbol: 'FTMUSDT', code: 'SYMBOL_UNKNOWN' }]);
  });

  it('may be of positions that were never opened, with empty fields', async () => {
    const empty = positionRow('BTCPERP', '', '0', {
      avgPrice: '',
      updatedTime: '',
      positionStatus: '',
      positionIdx: 0,
    });
    const { positions, unread } = await read({ positions: { 'linear USDC': [empty] } });
    expect([positions, unread]).toEqual([[], undefined]);
  });

  it('make a balance of the wallet less what is borrowed', async () => {
    const { balances } = await read({
      coins: [
        { coin: 'USDT', walletBalance: '1200.00', spotBorrow: '200.00' },
        { coin: 'ETH', walletBalance: '0', spotBorrow: '0.06142' },
        { coin: 'BTC', walletBalance: '0.5', spotBorrow: '' },
        { coin: 'SOL', walletBalance: '7', spotBorrow: '7.0' },
      ],
    });
    expect(balances).toEqual([
      { currency: 'USDT', total: '1000' },
      { currency: 'ETH', total: '-0.06142' },
      { currency: 'BTC', total: '0.5' },
    ]);
  });
});

describe('a bad coin of a bybit wallet', () => {
  const FAULTS: [string, Record<string, unknown>][] = ['walletBalance', 'spotBorrow'].flatMap((field) =>
    ['SOMETHING_NEW', {}, ...(field === 'walletBalance' ? ['', null, undefined] : [])].map(
      (value): [string, Record<string, unknown>] => [`${field} ${JSON.stringify(value)}`, { [field]: value }],
    ),
  );

  it.each(FAULTS)('costs its currency (%s)', async (_name, fields) => {
    const wire = await WireServer.start();
    const coins = [
      { coin: 'USDT', walletBalance: '1', spotBorrow: '0', ...fields },
      { coin: 'BTC', walletBalance: '2' },
    ];
    serveAccount(wire, { positions: {}, orders: {}, coins });
    const { balances, unread } = await (await readerOf('bybit', wire)).readState();
    await wire.stop();
    expect(balances).toEqual([{ currency: 'BTC', total: '2' }]);
    expect(unread).toMatchObject([{ scope: 'balances', symbol: 'USDT', code: 'ROW_UNREADABLE' }]);
  });
});

describe('the kind of a bybit account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const gapsOf = async () =>
    (await (await readerOf('bybit', wire)).readState()).gaps.filter(({ scope }) => scope === 'balances:derivatives');

  it.each([
    [6, 'unified account 2.0, cross margin'],
    [3, 'unified account 1.0, cross margin'],
    [9, 'account kind 9, cross margin'],
  ])('%d is named "%s" for `check`', async (kind, name) => {
    wire.route(PATHS.accountInfo, accountInfo(kind));
    const reader = await readerOf('bybit', wire);
    await reader.readState();
    expect(reader.accountKind).toBe(name);
  });

  it.each([5, 6])('%d is a unified account 2.0, with one wallet', async (kind) => {
    wire.route(PATHS.accountInfo, accountInfo(kind));
    expect(await gapsOf()).toEqual([]);
  });

  it.each([
    [3, 'the wallet of inverse contracts'],
    [4, 'the wallet of inverse contracts'],
    [7, 'the account kind 7, which is not known'],
  ])('%d has wallets that are not read, and the read says so', async (kind, reason) => {
    wire.route(PATHS.accountInfo, accountInfo(kind));
    expect(await gapsOf()).toMatchObject([{ reason: expect.stringContaining(reason) }]);
  });

  it('1 is a classic account, which is refused', async () => {
    wire.route(PATHS.accountInfo, accountInfo(1));
    expect(await failureOf((await readerOf('bybit', wire)).readState())).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('classic account'),
    });
  });

  it('does not hide the funding account, options and spread orders', async () => {
    const { gaps } = await (await readerOf('bybit', wire)).readState();
    expect(gaps.map(({ scope }) => scope)).toEqual([
      'positions:option',
      'orders:regular:option',
      'orders:regular:spread',
      'balances:funding',
    ]);
  });
});

it('gives the currencies of a bybit account their steps and least orders, by the price of their market', async () => {
  const wire = serveAccount(await WireServer.start());
  wire.route(PATHS.instruments, (request: WireRequest) => instruments(request));
  const { markets } = await (await readerOf('bybit', wire)).readState();
  expect(markets['BTC']).toMatchObject({ amountStep: '0.000001', minAmount: '0.000011' });
  expect(wire.paths).toContain(PATHS.tickers);
  await wire.stop();
});
