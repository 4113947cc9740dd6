import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot, Unread } from '../../src/domain/snapshot/snapshot.js';
import { createExchangeReader } from '../../src/exchange/create-exchange-reader.js';
import { failureOf } from './failures.js';
import {
  answerTo,
  NO_ROWS,
  orderRow,
  positionRow,
  questionOf,
  serveAccount,
  serveWith,
  SERVER_TIME,
  stateOf,
  triggerRow,
  WALLET,
  type AccountRows,
} from './hyperliquid-fixtures.js';
import { fakeRedactor, readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
});
afterEach(() => wire.stop());

const reader = (credentials: Record<string, string> = WALLET) => readerOf('hyperliquid', wire, { credentials });
const read = async (rows: Partial<AccountRows> = {}): Promise<Snapshot> => {
  serveAccount(wire, { ...NO_ROWS, ...rows });
  return (await reader()).readState();
};

describe('a hyperliquid account', () => {
  it('is read whole: all dexes, triggers, orders that wait for their parent, spot', async () => {
    const state = await read();
    expect(state).toMatchObject({ asOf: SERVER_TIME, positionMode: 'one-way' });
    expect(state.scopes).toEqual([
      'balances',
      'orders:conditional:linear',
      'orders:conditional:spot',
      'orders:regular:linear',
      'orders:regular:spot',
      'positions:linear',
    ]);
    expect(state.gaps.map(({ scope }) => scope)).toEqual([
      'orders:regular:outcome',
      'orders:twap',
      'balances:outcome',
      'balances:staking',
      'balances:perpetuals',
    ]);
    expect(state.positions).toEqual([
      { symbol: 'BTC/USDC:USDC', side: 'long', amount: '0.5', changedAt: null },
      { symbol: 'KBONK/USDC:USDC', side: 'short', amount: '12000', changedAt: null },
      { symbol: 'XYZ-XYZ100/USDC:USDC', side: 'short', amount: '0.0335', changedAt: null },
      { symbol: 'HYNA-BTC/USDE:USDE', side: 'long', amount: '0.00001', changedAt: null },
    ]);
    const placedAt = SERVER_TIME - 3_600_000;
    const ether = 'ETH/USDC:USDC';
    expect(state.orders).toMatchObject([
      {
        id: '101',
        clientOrderId: '0x00000000000000000000000000000065',
        amount: '0.01',
        filled: '0.004',
        changedAt: null,
      },
      { id: '102', type: 'stop_market', side: 'sell', price: null, triggerPrice: '55000.0', conditional: true },
      { id: '103', type: 'take_profit_market', amount: null, conditional: true },
      { id: '104', symbol: ether, type: 'stop_limit', price: '2490.0', triggerPrice: '2500.0', conditional: true },
      { id: '105', symbol: ether, price: '2600.0', triggerPrice: null, conditional: false, changedAt: placedAt },
      { id: '106', symbol: ether, triggerPrice: '2400.0', conditional: true },
      { id: '107', symbol: 'BTC/USDC', price: '59999.5', amount: '0.00017', filled: '0', conditional: false },
      { id: '108', symbol: 'XYZ-XYZ100/USDC:USDC', clientOrderId: null },
    ]);
    expect(state.balances).toEqual([
      { currency: 'USDC', total: '14.625485' },
      { currency: 'BTC', total: '0.3' },
    ]);
    expect(state.markets['KBONK/USDC:USDC']).toMatchObject({ amountStep: '1' });
    expect(state.markets['HYNA-BTC/USDE:USDE']).toMatchObject({ amountStep: '0.00001' });
  });

  it('asks nothing but the info endpoint, and never for what another type answers', async () => {
    await read();
    expect(new Set(wire.requests.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(['POST /info']));
    expect(new Set(wire.requests.map((request) => questionOf(request).type))).toEqual(
      new Set([
        'spotMeta',
        'spotMetaAndAssetCtxs',
        'metaAndAssetCtxs',
        'perpDexs',
        'userRole',
        'userAbstraction',
        'allMids',
        'clearinghouseState',
        'frontendOpenOrders',
        'spotClearinghouseState',
      ]),
    );
    // Of each dex positions (before and after) and orders once.
    const asked = wire.requests.map(questionOf).filter(({ user }) => user !== undefined);
    expect(asked.filter(({ type }) => type === 'clearinghouseState').map(({ dex }) => dex ?? '')).toEqual([
      '',
      'xyz',
      'hyna',
      '',
      'xyz',
      'hyna',
    ]);
    expect(asked.every(({ user }) => user === WALLET.walletAddress)).toBe(true);
  });

  it.each([
    [
      { role: 'agent', data: { user: '0x677d831aef5328190852e24f13c46cac05f984e7' } },
      '0x677d831aef5328190852e24f13c46cac05f984e7',
    ],
    [{ role: 'missing' }, 'never used'],
  ])('is not read, let alone empty, at an address with the role %j', async (role, said) => {
    const flat = { positions: {}, orders: {}, balances: [] };
    serveAccount(wire, { ...NO_ROWS, ...flat, role });
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(said),
    });
  });

  it.each([{ role: 'vault' }, { role: 'subAccount', data: { master: '0x8c967e73e6b15087c42a10d344cff4c96d877f1d' } }])(
    'may be of the role %j',
    async (role) => {
      expect((await read({ role })).positions).toHaveLength(4);
    },
  );

  it('needs an address and no private key', async () => {
    const config = {
      id: 'hyperliquid',
      credentials: {},
      baseUrl: wire.url,
      deadlineSeconds: 10,
      weightPerMinute: null,
    };
    const make = createExchangeReader(config, {}, { redactor: fakeRedactor() });
    expect(await failureOf(make)).toMatchObject({
      kind: 'configuration',
      message: 'hyperliquid needs walletAddress',
      remedy: expect.stringContaining('wallet_address_env'),
    });
    const wrong = await reader({ walletAddress: '0x1234' });
    expect(await failureOf(wrong.readState())).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('40 hexadecimal digits'),
    });
    expect(await (await reader()).auditKey()).toMatchObject({ answer: 'told', canTrade: false, canWithdraw: false });
    expect(await (await reader({ ...WALLET, privateKey: `0x${'1'.repeat(64)}` })).auditKey()).toMatchObject({
      canTrade: true,
      note: expect.stringContaining('private_key'),
    });
  });

  it.each<[string, Partial<AccountRows>, kind: string, question: string]>([
    ['that dexes are gone whose markets are known', { dexes: [null] }, 'incomplete', 'perpDexs'],
    ['of another dex', { positions: { xyz: [positionRow('BTC', '1')] } }, 'incomplete', 'clearinghouseState'],
    [
      "of a builder's dex for the first",
      { orders: { '': [orderRow('xyz:XYZ100', 1)] } },
      'incomplete',
      'frontendOpenOrders',
    ],
    ['of an order twice', { orders: { '': [orderRow('BTC', 1), orderRow('BTC', 1)] } }, 'incomplete', 'order'],
  ])('is not read from an answer %s', async (_what, rows, kind, question) => {
    serveAccount(wire);
    // The markets are known before.
    const known = await reader();
    await known.resolveMarket('BTC');
    serveAccount(wire, { ...NO_ROWS, ...rows });
    expect(await failureOf(known.readState())).toMatchObject({ kind, where: expect.stringContaining(question) });
  });

  const BTC = 'BTC/USDC:USDC';
  it.each<[string, Partial<AccountRows>, Partial<Record<keyof Unread, unknown>>]>([
    ['a coin that is no market', { positions: { '': [positionRow('NEW', '1')] } }, { code: 'SYMBOL_UNKNOWN' }],
    [
      'more that remains than was ordered',
      { orders: { '': [orderRow('BTC', 1, { sz: '0.02' })] } },
      { symbol: BTC, reason: expect.stringContaining('0.02 of 0.01 remain') },
    ],
    [
      'an order without a size',
      { orders: { '': [orderRow('BTC', 1, { sz: '0.0', origSz: '0.0' })] } },
      { symbol: BTC },
    ],
    [
      'an order of an unknown type',
      { orders: { '': [orderRow('BTC', 1, { orderType: 'Iceberg' })] } },
      { symbol: BTC, reason: expect.stringContaining('"Iceberg"') },
    ],
    [
      'a child without a trigger price',
      { orders: { '': [orderRow('BTC', 1, { children: [triggerRow('ETH', 2, { triggerPx: '' })] })] } },
      { symbol: 'ETH/USDC:USDC' },
    ],
    [
      'a position in no known mode',
      { positions: { '': [positionRow('BTC', '1', { type: 'hedge' })] } },
      { symbol: BTC, reason: expect.stringContaining('type is "hedge"; known are oneWay') },
    ],
    [
      'one row of another dex',
      { positions: { xyz: [positionRow('xyz:XYZ100', '1'), positionRow('hyna:BTC', '1')] } },
      { symbol: 'hyna:BTC', reason: expect.stringContaining('was asked for xyz') },
    ],
    [
      'a balance without a number',
      { balances: [{ coin: 'UBTC', token: 2, hold: '0.0', total: '', entryNtl: '0' }] },
      { scope: 'balances', symbol: 'UBTC' },
    ],
  ])('has %s cost its own symbol', async (_what, rows, expected) => {
    const { unread, scopes } = await read({ orders: {}, positions: {}, ...rows });
    expect(unread).toEqual([expect.objectContaining(expected)]);
    expect(scopes).toHaveLength(6);
  });

  it.each([
    ['default', { role: 'user' }, 'master account, separate wallets (default)', true],
    ['disabled', { role: 'vault' }, 'vault, separate wallets (disabled)', true],
    [
      'unifiedAccount',
      { role: 'subAccount', data: { master: '0xabc' } },
      'sub-account of 0xabc, unified account',
      false,
    ],
    ['portfolioMargin', { role: 'user' }, 'master account, portfolio margin', false],
    // Another word is not taken for one wallet.
    ['quantumMargin', { role: 'subAccount' }, 'sub-account, separate wallets (quantumMargin)', true],
  ])('of the abstraction %s names its kind', async (abstraction, role, kind, hasGap) => {
    serveAccount(wire, { ...NO_ROWS, abstraction, role });
    const known = await reader();
    const { gaps } = await known.readState();
    expect(known.accountKind).toBe(kind);
    expect(gaps.some(({ scope }) => scope === 'balances:perpetuals')).toBe(hasGap);
  });

  it('reads a debt of portfolio margin as a negative balance, leaves outcome tokens out, and names escrows', async () => {
    const balances = [
      { coin: 'USDC', token: 0, hold: '0.0', total: '-120.5', entryNtl: '0.0', borrowed: '120.5', ltv: '0.0' },
      { coin: '+10', hold: '0', total: '25', entryNtl: '12.5' },
      { coin: 'o7', hold: '0', total: '3', entryNtl: '1' },
      { coin: 'HYPE', token: 4, hold: '1.5', total: '5.2', entryNtl: '75.4', supplied: '5.0' },
    ];
    serveWith(wire, (question) =>
      question.type === 'spotClearinghouseState'
        ? { balances, evmEscrows: [{ coin: 'USDC', token: 0, total: '1.0' }] }
        : answerTo(question, { ...NO_ROWS, abstraction: 'portfolioMargin' }),
    );
    const state = await (await reader()).readState();
    expect(state.balances).toEqual([
      { currency: 'USDC', total: '-120.5' },
      { currency: 'HYPE', total: '5.2' },
    ]);
    expect(state.gaps.map(({ scope }) => scope)).toEqual(
      expect.arrayContaining(['balances:outcome', 'balances:escrow', 'balances:staking']),
    );
  });

  it('without dexes of builders is read as well', async () => {
    serveWith(wire, (question) => answerTo(question, { ...NO_ROWS, dexes: [null] }));
    const { positions, orders } = await (await reader()).readState();
    expect([positions.length, orders.length]).toEqual([2, 7]);
  });

  it('shows an order listed under its parent and for itself once', async () => {
    const child = triggerRow('BTC', 2);
    const { orders } = await read({ orders: { '': [orderRow('BTC', 1, { children: [child] }), child] } });
    expect(orders.map(({ id, parent }) => [id, parent])).toEqual([
      ['1', undefined],
      ['2', '1'],
    ]);
  });

  it('leaves orders of outcome markets to a gap, and no other coin that it does not know', async () => {
    const { orders } = await read({ orders: { '': [orderRow('#5160', 1), orderRow('BTC', 2)] } });
    expect(orders.map(({ id }) => id)).toEqual(['2']);
    serveAccount(wire, { ...NO_ROWS, orders: { '': [orderRow('#', 1)] } });
    expect((await (await reader()).readState()).unread).toMatchObject([{ code: 'SYMBOL_UNKNOWN', symbol: '#' }]);
  });

  it('knows a triggered order that rests from one that waits', async () => {
    const rests = triggerRow('BTC', 1, { triggerCondition: 'Triggered', orderType: 'Stop Limit' });
    expect((await read({ orders: { '': [rests] } })).orders).toMatchObject([{ id: '1', conditional: false }]);
  });

  it('names tokens by their own names where two share one', async () => {
    const row = (coin: string, tokenIndex: number) => ({
      coin,
      token: tokenIndex,
      hold: '0.0',
      total: '1.0',
      entryNtl: '0',
    });
    const { balances } = await read({ balances: [row('UBTC', 2), row('BTC', 977), row('USDC', 0)] });
    expect(balances.map(({ currency }) => currency)).toEqual(['UBTC#2', 'BTC#977', 'USDC']);
  });

  it('says what moved while it was read', async () => {
    let reads = 0;
    serveWith(wire, (question) => {
      if (question.type !== 'clearinghouseState' || question.dex !== undefined) return answerTo(question);
      reads += 1;
      return stateOf([positionRow('BTC', `0.${reads}`)], SERVER_TIME + reads);
    });
    const { movedWhileRead, asOf, positions } = await (await reader()).readState();
    expect(movedWhileRead).toEqual(['BTC/USDC:USDC']);
    expect(positions[0]?.amount).toBe('0.4');
    expect(asOf).toBe(SERVER_TIME + 1);
  });

  it('with 700 orders and 300 positions is read whole from one answer each', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `C${index}`);
    const { positions, orders } = await read({
      universe: names.map((name) => ({ name, szDecimals: 2, maxLeverage: 3 })),
      positions: { '': names.map((name, index) => positionRow(name, `-${index + 1}.01`)) },
      orders: { '': Array.from({ length: 700 }, (_, index) => orderRow(`C${index % 300}`, index + 1)) },
    });
    expect(positions).toHaveLength(300);
    expect(positions[299]).toMatchObject({ symbol: 'C299/USDC:USDC', side: 'short', amount: '300.01' });
    expect(orders).toHaveLength(700);
  });

  it.each([
    ['BTC', 'BTC/USDC:USDC'],
    ['@1', 'BTC/USDC'],
    ['xyz:XYZ100', 'XYZ-XYZ100/USDC:USDC'],
    ['ETH/USDC:USDC', 'ETH/USDC:USDC'],
  ])('finds the market that is called %s', async (name, symbol) => {
    expect(await (await reader()).resolveMarket(name)).toMatchObject({ kind: 'found', symbol });
  });
});
