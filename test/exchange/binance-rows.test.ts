import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { ACCOUNT, orderRow, PATHS, PRICES, serveAccount, WALLETS } from './binance-fixtures.js';
import { twapRow } from './binanceusdm-fixtures.js';
import { readerOf } from './readers.js';
import { describeRowFaults } from './row-faults.js';
import { sendJson, WireServer } from './wire-server.js';

describeRowFaults({
  id: 'binance',
  endpoints: [
    { path: PATHS.account, healthy: ACCOUNT },
    {
      path: PATHS.openOrders,
      healthy: [
        orderRow('BTCUSDT', 28),
        orderRow('ETHUSDT', 30, {
          orderListId: 7,
          side: 'SELL',
          type: 'STOP_LOSS_LIMIT',
          stopPrice: '3000.00000000',
          isWorking: false,
        }),
      ],
    },
    { path: PATHS.algos, healthy: { total: 2, orders: [twapRow('BTCUSDT', 1), twapRow('ETHUSDT', 2)] } },
    { path: PATHS.wallets, healthy: WALLETS },
  ].map((endpoint) => ({ ...endpoint, serve: (wire) => serveAccount(wire).route(endpoint.path, endpoint.healthy) })),
  harmless: {
    [PATHS.account]: { asset: 'any text is a currency' },
    [PATHS.openOrders]: {
      clientOrderId: 'any text is one',
      updateTime: 'a change without a time is as old as the read',
    },
    [PATHS.algos]: { clientAlgoId: 'any text is one' },
  },
});

describe('orders of a binance spot account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const read = async () => (await readerOf('binance', wire)).readState();

  async function order(fields: Record<string, unknown>) {
    wire.route(PATHS.openOrders, [orderRow('BTCUSDT', 1, fields)]);
    return (await read()).orders[0];
  }

  it('by value have no amount', async () => {
    const byValue = { type: 'MARKET', price: '0.00000000', origQty: '0.00000000', origQuoteOrderQty: '100.00000000' };
    expect(await order(byValue)).toMatchObject({ type: 'market', amount: null, price: null });
    expect(await order({ ...byValue, origQty: '0.00166000' })).toMatchObject({ amount: null });
  });

  it('that trail the market keep the price that activates them', async () => {
    const trailing = { type: 'STOP_LOSS_LIMIT', side: 'SELL', trailingDelta: 500, trailingTime: -1, isWorking: false };
    expect(await order({ ...trailing, stopPrice: '44000.00000000' })).toMatchObject({ triggerPrice: '44000.00000000' });
    expect(await order({ ...trailing, stopPrice: '0.00000000' })).toMatchObject({
      conditional: true,
      triggerPrice: null,
    });
  });

  it('that are pegged to the market have no price that stays', async () => {
    const pegged = {
      pegPriceType: 'PRIMARY_PEG',
      pegOffsetType: 'PRICE_LEVEL',
      pegOffsetValue: 5,
      peggedPrice: '59990',
    };
    expect(await order({ ...pegged, price: '59990.00000000' })).toMatchObject({ price: null, amount: '0.01' });
  });

  it.each([
    [-1, undefined],
    [7, '7'],
    ['9007199254740993', '9007199254740993'],
    [undefined, undefined],
  ])('name the list that they belong to (%s)', async (orderListId, parent) => {
    const read = await order({ orderListId });
    expect(read?.parent).toBe(parent);
    expect(Object.hasOwn(read ?? {}, 'parent')).toBe(parent !== undefined);
  });

  it('that wait for another order of their list are read', async () => {
    const pending = {
      orderListId: 7,
      status: 'PENDING_NEW',
      type: 'TAKE_PROFIT_LIMIT',
      stopPrice: '70000',
      isWorking: false,
    };
    expect(await order(pending)).toMatchObject({ conditional: true, parent: '7', triggerPrice: '70000' });
  });

  it.each([
    ['a status', { status: 'NEW_INSURANCE' }, 'status is "NEW_INSURANCE"'],
    ['a type', { type: 'SNIPER' }, 'type is "SNIPER"'],
    ['a side', { side: '' }, 'side is ""'],
    ['an amount', { origQty: '0.00000000' }, 'with the amount 0.00000000'],
  ])('with %s that is not known cost their symbol and are shown', async (_what, fields, reason) => {
    wire.route(PATHS.openOrders, [orderRow('BTCUSDT', 1, fields), orderRow('ETHUSDT', 2)]);
    const { orders, unread, scopes } = await read();
    expect(orders.map(({ id }) => id)).toEqual(['2']);
    expect(unread).toEqual([
      { scope: 'orders', symbol: 'BTC/USDT', code: 'ROW_UNREADABLE', reason: expect.stringContaining(reason) },
    ]);
    expect(scopes).toContain('orders:regular:spot');
  });

  it('of a delisted market cost their own name', async () => {
    wire.route(PATHS.openOrders, [orderRow('LUNAUSDT', 1), orderRow('ETHUSDT', 2)]);
    const { orders, unread } = await read();
    expect(orders).toHaveLength(1);
    expect(unread).toMatchObject([{ symbol: 'LUNAUSDT', code: 'SYMBOL_UNKNOWN' }]);
  });
});

describe('wallets of a binance account besides spot', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const gaps = async () => (await (await readerOf('binance', wire)).readState()).gaps;

  function holding(...names: string[]) {
    return WALLETS.map((row) => ({ ...row, balance: names.includes(row.walletName) ? '0.00000312' : '0' }));
  }

  it('are not named where they are empty, nor those of contracts', async () => {
    expect(await gaps()).toEqual([]);
    wire.route(PATHS.wallets, holding('Spot', 'USDⓈ-M Futures', 'COIN-M Futures'));
    expect(await gaps()).toEqual([]);
  });

  it.each(['Funding', 'Cross Margin', 'Isolated Margin', 'Earn', 'Trading Bots', 'Copy Trading Of Tomorrow'])(
    'are named in each run where they hold something: %s',
    async (walletName) => {
      wire.route(PATHS.wallets, [...WALLETS, { activate: true, balance: '0.01', walletName }]);
      expect(await gaps()).toEqual([
        { scope: `balances:${walletName.toLowerCase()} wallet`, reason: expect.stringContaining(walletName) },
      ]);
    },
  );

  it('with a debt are named, and margin with its orders and loans', async () => {
    wire.route(PATHS.wallets, [{ activate: true, balance: '-0.01', walletName: 'Cross Margin' }]);
    expect(await gaps()).toMatchObject([{ reason: expect.stringContaining('with its orders and loans') }]);
  });

  it('are one gap where they cannot be asked', async () => {
    wire.route(PATHS.wallets, (_request: unknown, response: ServerResponse) =>
      sendJson(response, { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' }, 401),
    );
    expect(await gaps()).toEqual([{ scope: 'balances:other wallets', reason: expect.stringContaining('-2015') }]);
  });

  it('do not keep the spot wallet from being read', async () => {
    wire.route(PATHS.wallets, holding('Earn'));
    const { balances, scopes } = await (await readerOf('binance', wire)).readState();
    expect(scopes).toContain('balances');
    expect(balances.map(({ currency }) => currency)).toEqual(['BTC', 'USDT']);
  });
});

describe('facts of the currencies of a binance account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('come from the markets and the prices, which are asked for once', async () => {
    const reader = await readerOf('binance', wire);
    expect((await reader.readState()).markets['BTC']).toMatchObject({ amountStep: '0.00001' });
    await reader.readState();
    expect(wire.paths.filter((path) => path === PATHS.prices)).toHaveLength(1);
  });

  it('are fewer, and no failure, where prices cannot be read', async () => {
    wire.route(PATHS.prices, [{ symbol: 'BTCUSDT' }, ...PRICES]);
    expect((await (await readerOf('binance', wire)).readState()).markets['BTC']).toMatchObject({
      amountStep: '0.00001',
    });
  });
});

describe('TWAP orders of a binance spot account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('are read with the other orders that wait', async () => {
    const { positionSide: _none, ...row } = twapRow('BTCUSDT', 14517);
    wire.route(PATHS.algos, { total: 1, orders: [row] });
    const { orders } = await (await readerOf('binance', wire)).readState();
    expect(orders.find(({ type }) => type === 'twap')).toMatchObject({
      symbol: 'BTC/USDT',
      amount: '5',
      conditional: true,
    });
  });
});
