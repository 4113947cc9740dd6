import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import {
  algoRow,
  balance,
  coin,
  config,
  CREDENTIALS,
  marginRow,
  NO_ROWS,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  type AccountRows,
} from './okx-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const ATTACHED = {
  attachAlgoId: '901',
  attachAlgoClOrdId: 'sl1',
  slTriggerPx: '50000',
  slOrdPx: '-1',
  tpTriggerPx: '',
  tpOrdPx: '',
  sz: '',
};

describe('the rows of an okx account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = await WireServer.start();
  });
  afterEach(() => wire.stop());

  async function read(rows: Partial<AccountRows>): Promise<Snapshot> {
    serveAccount(wire, { config: config(), positions: [], coins: [], orders: [], algos: {}, ...rows });
    return (await readerOf('okx', wire, { credentials: CREDENTIALS })).readState();
  }

  it.each<[string, Record<string, unknown>, string | null]>([
    ['a market buy, which is by value', { side: 'buy', tgtCcy: '' }, null],
    ['a market buy of a server that knows no unit', { side: 'buy', tgtCcy: undefined }, null],
    ['a market buy in the quote currency', { side: 'buy', tgtCcy: 'quote_ccy' }, null],
    ['a market sell in the quote currency', { side: 'sell', tgtCcy: 'quote_ccy' }, null],
    ['a market buy in the base currency', { side: 'buy', tgtCcy: 'base_ccy' }, '10'],
    ['a market sell, which is by amount', { side: 'sell', tgtCcy: '' }, '10'],
    ['a margin buy at the market price', { side: 'buy', instType: 'MARGIN' }, null],
    ['a margin sell at the market price', { side: 'sell', instType: 'MARGIN' }, '10'],
    ['a limit buy', { side: 'buy', ordType: 'limit', px: '49000' }, '10'],
  ])('give %s its base amount or none', async (_name, fields, amount) => {
    const row = orderRow('BTC-USDT', '1', { ordType: 'market', px: '', sz: '10', ...fields });
    expect((await read({ orders: [row] })).orders).toMatchObject([{ id: '1', symbol: 'BTC/USDT', amount }]);
  });

  it.each<[string, string, Record<string, unknown>, string | null]>([
    ['a trigger order that buys at the market price', 'trigger', { triggerPx: '100', ordPx: '-1' }, null],
    ['a trigger order that buys at a limit', 'trigger', { triggerPx: '100', ordPx: '99' }, '10'],
    ['a stop that buys at the market price', 'conditional', { slTriggerPx: '100', slOrdPx: '-1' }, null],
    ['a take profit that buys at a limit', 'conditional', { tpTriggerPx: '100', tpOrdPx: '99' }, '10'],
    ['a trailing stop that buys', 'move_order_stop', { moveTriggerPx: '53423.160', callbackRatio: '0.05' }, null],
    ['a trigger order that sells', 'trigger', { triggerPx: '100', ordPx: '-1', side: 'sell' }, '10'],
    ['an iceberg order', 'iceberg', { pxLimit: '100' }, '10'],
  ])('give %s its base amount or none', async (_name, ordType, fields, amount) => {
    const row = algoRow('BTC-USDT', '1', ordType, { side: 'buy', sz: '10', tgtCcy: '', tdMode: 'cash', ...fields });
    const asked = ordType === 'conditional' ? 'conditional,oco' : ordType;
    expect((await read({ algos: { [asked]: [row] } })).orders).toMatchObject([{ symbol: 'BTC/USDT', amount }]);
  });

  it('give a trailing stop the price at which it becomes active, not the one that moves', async () => {
    const row = (id: string, activePx: string) =>
      algoRow('BTC-USDT-SWAP', id, 'move_order_stop', { activePx, moveTriggerPx: '53423.160', callbackRatio: '0.05' });
    const { orders } = await read({ algos: { move_order_stop: [row('2', '54000'), row('1', '')] } });
    expect(orders).toMatchObject([
      { id: '2', triggerPrice: '54000' },
      { id: '1', triggerPrice: null },
    ]);
  });

  it('read what is attached to an order that is not filled as its conditional orders', async () => {
    const take = { attachAlgoId: '902', attachAlgoClOrdId: 'tp1', tpTriggerPx: '2600', tpOrdPx: '2610', sz: '0.5' };
    const trailing = { attachAlgoId: '903', attachAlgoClOrdId: '', callbackRatio: '0.05', activePx: '2700' };
    const both = { attachAlgoId: '904', slTriggerPx: '2000', slOrdPx: '-1', tpTriggerPx: '2900', tpOrdPx: '-1' };
    const row = orderRow('ETH-USDT-SWAP', '17', { sz: '1', attachAlgoOrds: [ATTACHED, take, trailing, both] });
    const { orders } = await read({ orders: [row] });
    const child = { symbol: 'ETH/USDT:USDT', side: 'sell', conditional: true, filled: '0', parent: '17' };
    expect(orders).toMatchObject([
      { id: '17', side: 'buy', conditional: false },
      {
        ...child,
        id: '901',
        clientOrderId: 'sl1',
        type: 'conditional',
        triggerPrice: '50000',
        price: null,
        amount: null,
      },
      {
        ...child,
        id: '902',
        clientOrderId: 'tp1',
        type: 'conditional',
        triggerPrice: '2600',
        price: '2610',
        amount: '0.05',
      },
      { ...child, id: '903', clientOrderId: null, type: 'move_order_stop', triggerPrice: '2700', price: null },
      { ...child, id: '904', type: 'oco', triggerPrice: '2000', secondTriggerPrice: '2900', price: null },
    ]);
  });

  it('read what is attached in the older form, and name what has no id', async () => {
    const older = { attachAlgoClOrdId: 'x1', slTriggerPx: '50000', slOrdPx: '-1', attachAlgoOrds: [] };
    const trigger = {
      triggerPx: '60000',
      ordPx: '-1',
      attachAlgoOrds: [{ attachAlgoClOrdId: '', slTriggerPx: '100', slOrdPx: '600' }],
    };
    const { orders, gaps } = await read({
      orders: [orderRow('BTC-USDT-SWAP', '18', older)],
      algos: { trigger: [algoRow('BTC-USDT-SWAP', '19', 'trigger', trigger)] },
    });
    expect(orders).toMatchObject([
      { id: '19' },
      { id: '18' },
      { id: null, clientOrderId: 'x1', parent: '18', triggerPrice: '50000', conditional: true },
    ]);
    expect(gaps).toContainEqual({
      scope: 'orders:conditional:attached',
      reason: expect.stringContaining('order 19 of BTC/USDT:USDT'),
    });
  });

  it('link the resting take profit of an OCO to it', async () => {
    const { orders } = await read({ orders: [orderRow('BTC-USDT-SWAP', '20', { linkedAlgoOrd: { algoId: '209' } })] });
    expect(orders).toMatchObject([{ id: '20', parent: '209' }]);
  });

  it.each<[string, Partial<AccountRows>, string]>([
    ['a market that is not listed', { positions: [positionRow('NEW-USDT-SWAP', '1')] }, 'NEW-USDT-SWAP'],
    ['an unknown instrument type', { positions: [positionRow('BTC-USDT', '1', { instType: 'NEW' })] }, 'BTC/USDT'],
    ['a type of JavaScript', { positions: [positionRow('BTC-USDT', '1', { instType: 'constructor' })] }, 'BTC/USDT'],
    ['an unknown side', { positions: [positionRow('BTC-USDT-SWAP', '1', { posSide: 'flat' })] }, 'BTC/USDT:USDT'],
    ['a margin position in a third currency', { positions: [marginRow('1', 'OKB', '1', 'BTC')] }, 'BTC/USDT'],
    ['a margin short without its liability', { positions: [marginRow('1', 'USDT', '', '')] }, 'BTC/USDT'],
    ['a position without a number', { positions: [positionRow('BTC-USDT-SWAP', '')] }, 'BTC/USDT:USDT'],
    ['an order that is not open', { orders: [orderRow('BTC-USDT-SWAP', '1', { state: 'filled' })] }, 'BTC/USDT:USDT'],
    ['an order of nothing', { orders: [orderRow('BTC-USDT-SWAP', '1', { sz: '0' })] }, 'BTC/USDT:USDT'],
    ['an order without its fills', { orders: [orderRow('BTC-USDT-SWAP', '1', { accFillSz: '' })] }, 'BTC/USDT:USDT'],
    ['a limit order without a price', { orders: [orderRow('BTC-USDT-SWAP', '1', { px: '' })] }, 'BTC/USDT:USDT'],
    ['an order type of tomorrow', { orders: [orderRow('BTC-USDT-SWAP', '1', { ordType: 'peg' })] }, 'BTC/USDT:USDT'],
    [
      'an algo order without size and share',
      { algos: { trigger: [algoRow('BTC-USDT-SWAP', '1', 'trigger', { triggerPx: '1', ordPx: '1', sz: '' })] } },
      'BTC/USDT:USDT',
    ],
    [
      'a trigger order without a trigger',
      { algos: { trigger: [algoRow('BTC-USDT-SWAP', '1', 'trigger')] } },
      'BTC/USDT:USDT',
    ],
    [
      'an algo order that took effect',
      { algos: { twap: [algoRow('BTC-USDT-SWAP', '1', 'twap', { state: 'effective' })] } },
      'BTC/USDT:USDT',
    ],
  ])('cost only their own symbol: %s', async (_name, rows, symbol) => {
    const { positions, orders, unread } = await read(rows);
    expect([positions, orders]).toEqual([[], []]);
    expect(unread).toMatchObject([{ symbol }]);
  });

  it('say the word that is not known', async () => {
    const { unread = [] } = await read({ orders: [orderRow('BTC-USDT-SWAP', '1', { state: 'frozen' })] });
    expect(unread).toMatchObject([{ scope: 'orders', code: 'ROW_UNREADABLE' }]);
    expect(unread[0]?.reason).toMatch(/state is "frozen"; known are live, partially_filled/);
  });

  it.each<[string, Record<string, unknown>, string | null]>([
    ['as listed', { pos: '50', notionalUsd: '30500', markPx: '61000' }, '0.5'],
    ['with a stablecoin that lost a tenth', { pos: '50', notionalUsd: '27450', markPx: '61000' }, '0.5'],
    ['ten times as listed', { pos: '-50', notionalUsd: '305000', markPx: '61000' }, null],
    ['a tenth of what is listed', { pos: '50', notionalUsd: '3050', markPx: '61000' }, null],
  ])('may be of a contract whose size is %s', async (_name, fields, amount) => {
    const { positions, unread = [] } = await read({ positions: [positionRow('BTC-USDT-SWAP', '50', fields)] });
    expect(positions.map((position) => position.amount)).toEqual(amount === null ? [] : [amount]);
    expect(unread.map(({ symbol }) => symbol)).toEqual(amount === null ? ['BTC/USDT:USDT'] : []);
  });

  it('may be a negative leg, which costs its contract', async () => {
    const positions = [
      positionRow('BTC-USDT-SWAP', '-1', { posSide: 'short' }),
      positionRow('ETH-USDT-SWAP', '1', { posSide: 'long' }),
    ];
    const snapshot = await read({ config: config({ posMode: 'long_short_mode' }), positions });
    expect(snapshot).toMatchObject({
      positions: [{ symbol: 'ETH/USDT:USDT' }],
      unread: [{ scope: 'positions', symbol: 'BTC/USDT:USDT' }],
    });
  });

  it('may be a currency that is owed', async () => {
    const owed = { ...coin('BTC', '-0.5095756'), eq: '-0.5096053', liab: '0.5096053', crossLiab: '0.5095756' };
    expect((await read({ coins: [owed, coin('USDT', '10')] })).balances).toEqual([
      { currency: 'BTC', total: '-0.5095756' },
      { currency: 'USDT', total: '10' },
    ]);
  });

  it.each(['SOMETHING_NEW', '', null, undefined, {}])(
    'may be a currency whose cash is %j, which it costs',
    async (cashBal) => {
      serveAccount(wire, { ...NO_ROWS, positions: [], orders: [], algos: {} });
      wire.route(PATHS.balance, balance([{ ...coin('BTC', '1'), cashBal }, coin('USDT', '10')]));
      const { balances, unread } = await (await readerOf('okx', wire, { credentials: CREDENTIALS })).readState();
      expect(balances).toEqual([{ currency: 'USDT', total: '10' }]);
      expect(unread).toMatchObject([{ scope: 'balances', symbol: 'BTC' }]);
    },
  );
});

describe('the kind of an okx account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it.each(['1', '2', '3', '4'])(
    '%s is read whole, but for the funding account and what OKX runs itself',
    async (acctLv) => {
      wire.route(PATHS.config, config({ acctLv }));
      const { gaps } = await (await readerOf('okx', wire, { credentials: CREDENTIALS })).readState();
      const scopes = gaps.map(({ scope }) => scope);
      expect(scopes).toEqual(
        expect.arrayContaining(['balances:funding', 'orders:regular:bot', 'orders:regular:spread']),
      );
      expect(scopes).not.toContain('balances:account-mode');
    },
  );

  it('is named for `check`', async () => {
    wire.route(PATHS.config, config({ acctLv: '3' }));
    const reader = await readerOf('okx', wire, { credentials: CREDENTIALS });
    await reader.readState();
    expect(reader.accountKind).toBe('trading account, multi-currency margin');
  });

  it('is said where it is not known', async () => {
    wire.route(PATHS.config, config({ acctLv: '5' }));
    const { gaps } = await (await readerOf('okx', wire, { credentials: CREDENTIALS })).readState();
    expect(gaps).toContainEqual({ scope: 'balances:account-mode', reason: expect.stringContaining('account mode 5') });
  });
});
