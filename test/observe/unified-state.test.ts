import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { FailureError } from '../../src/domain/failure/failure.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { MarketAnswer } from '../../src/exchange/exchange-reader.js';
import type { AccountSource } from '../../src/internal/account-source.js';
import { readInternal, type InternalReadOptions } from '../../src/observe/read-internal.js';
import type { AccountSides } from '../../src/observe/account-sides.js';
import { unifiedState } from '../../src/observe/unified-state.js';
import { BTC, ETH, NOON, RULES, balance, order, position, snapshot, stopOrder } from '../domain/snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

const MARKETS: Record<string, MarketAnswer> = {
  [BTC]: { kind: 'found', symbol: BTC, facts: { amountStep: '0.001', contractSize: '0.01' } },
  BTCUSDT: { kind: 'ambiguous', candidates: ['BTC/USDT', BTC] },
  'BTC-SWAP': { kind: 'found', symbol: BTC, facts: { amountStep: '0.001', contractSize: '0.01' } },
  'S/USDT:USDT': { kind: 'found', symbol: 'S/USDT:USDT', facts: { amountStep: '1', contractSize: '1' } },
  [ETH]: { kind: 'found', symbol: ETH, facts: { amountStep: '0.01' } },
};
const asked: string[] = [];
const reader = {
  exchangeId: 'binance',
  holdingFacts: async () => ({}),
  resolveMarket: async (name: string): Promise<MarketAnswer> => {
    asked.push(name);
    return MARKETS[name] ?? { kind: 'unknown', near: name.startsWith('FTM') ? ['FTT/USDT:USDT'] : [] };
  },
};
const NO_ALIASES = { symbols: {}, currencies: {} };

function source(fields: Partial<AccountSource> = {}): AccountSource {
  const never = { description: 'bot', readState: async () => Promise.reject(new Error('not read')) };
  return { name: null, source: never, amounts: 'base', rows: 'positions', maxAgeSeconds: null, ...fields };
}

async function unify(
  fields: Fields,
  rules: { aliases?: Partial<typeof NO_ALIASES>; ignoredSymbols?: string[]; source?: Partial<AccountSource> } = {},
) {
  return unifiedState([{ source: source(rules.source), snapshot: snapshot('internal', fields) }], reader, {
    aliases: { ...NO_ALIASES, ...rules.aliases },
    ignoredSymbols: rules.ignoredSymbols ?? [],
    now: () => NOON,
  });
}

it('gives the trades of a bot the unified symbols', async () => {
  const trades = { ids: ['7'], count: 1 };
  const { snapshot: state } = await unify({
    positions: [position({ symbol: 'BTC-SWAP' })],
    bots: [{ kind: 'freqtrade', trades: { 'BTC-SWAP': trades, 'DOGE/USDT': trades } }],
  });
  expect(state.bots).toEqual([{ kind: 'freqtrade', trades: { [BTC]: trades, 'DOGE/USDT': trades } }]);
});

describe('a symbol of internal state', () => {
  const drift = position({ amount: '0.7' });
  const strange = (symbol: string): Fields => ({
    positions: [drift, position({ symbol })],
    orders: [order({ symbol }), stopOrder({ symbol, id: '18', clientOrderId: null })],
  });

  it.each([
    [
      'that the exchange does not have',
      'FTM/USDT:USDT',
      'SYMBOL_UNKNOWN',
      'binance has no market "FTM/USDT:USDT": renamed, delisted or expired (near names: FTT/USDT:USDT)',
    ],
    [
      'of a contract that expired',
      'BTC/USDT:USDT-251226',
      'SYMBOL_EXPIRED',
      '"BTC/USDT:USDT-251226" expired and settled on 2025-12-26',
    ],
    [
      'of a contract that expired, in its own name',
      'BTCUSDT_251226',
      'SYMBOL_EXPIRED',
      '"BTCUSDT_251226" expired and settled on 2025-12-26',
    ],
    ['of a contract that expired, in words', 'BTC-26DEC25', 'SYMBOL_EXPIRED', 'settled on 2025-12-26'],
    [
      'of a dated contract that has not expired',
      'BTC/USDT:USDT-271231',
      'SYMBOL_UNKNOWN',
      'renamed, delisted or expired',
    ],
  ])('%s costs its own rows, and says what it is', async (_, symbol, code, reason) => {
    const { snapshot: state, unresolved } = await unify(strange(symbol));
    expect(state.positions).toEqual([drift]);
    expect(state.orders).toEqual([]);
    const isUnified = symbol.includes('/');
    expect(state.unread?.map((part) => [part.scope, part.symbol, part.code])).toEqual([
      [isUnified ? 'orders:conditional:linear:USDT' : 'orders:conditional', symbol, code],
      [isUnified ? 'orders:regular:linear:USDT' : 'orders:regular', symbol, code],
      [isUnified ? 'positions:linear:USDT' : 'positions', symbol, code],
    ]);
    for (const part of state.unread ?? []) expect(part.reason).toContain(reason);
    expect(unresolved).toMatchObject([{ symbol, code }]);
    // The drift beside it is seen, and the symbol is named.
    const { differences, notCompared } = compare(snapshot('exchange', { positions: [position()] }), state, RULES);
    expect(differences.map((each) => `${each.type} ${each.symbol}`)).toEqual([`POSITION_SIZE_CHANGED ${BTC}`]);
    expect(notCompared.map((each) => each.symbol)).toContain(symbol);
  });

  it('of a row that could not be read leaves out the unified symbol', async () => {
    const part = { scope: 'positions', symbol: 'BTC-SWAP', code: 'ROW_UNREADABLE', reason: 'amount is "x"' } as const;
    const order = { ...part, scope: 'orders' };
    const { snapshot: state } = await unify({ unread: [part, order, { ...part, symbol: 'NEW' }] });
    const twice = await unify({ unread: [{ ...part, symbol: 'BTCUSDT' }] });
    expect(twice.snapshot.unread?.map(({ symbol }) => symbol)).toEqual([BTC, 'BTC/USDT']);
    expect(state.unread).toEqual([
      { ...order, symbol: BTC },
      { ...part, symbol: 'NEW' },
      { ...part, scope: 'positions:linear:USDT', symbol: BTC },
    ]);
  });

  it('that means two markets costs both of them', async () => {
    const { snapshot: state } = await unify({
      positions: [position({ symbol: 'BTCUSDT' }), position({ symbol: ETH })],
    });
    expect(state.unread?.map(({ scope, symbol, code }) => [scope, symbol, code])).toEqual([
      ['positions:linear:USDT', BTC, 'SYMBOL_AMBIGUOUS'],
      ['positions:spot', 'BTC/USDT', 'SYMBOL_AMBIGUOUS'],
    ]);
    expect(state.unread?.[0]?.reason).toContain(
      '"BTCUSDT" means two markets of binance: BTC/USDT (spot) and BTC/USDT:USDT (swap)',
    );
    // What the exchange holds there may be what the bot means, so it is no difference.
    const exchange = snapshot('exchange', { positions: [position(), position({ symbol: ETH })] });
    expect(compare(exchange, state, RULES).differences).toEqual([]);
  });

  it('that an ignore rule names is counted by that rule, and the exchange is not asked', async () => {
    asked.length = 0;
    const { snapshot: state } = await unify(strange('FTM/USDT:USDT'), { ignoredSymbols: ['FTM/USDT:USDT'] });
    expect(asked).not.toContain('FTM/USDT:USDT');
    expect(state).not.toHaveProperty('unread');
    const rules = { ...RULES, ignore: { ...RULES.ignore, symbols: ['FTM/USDT:USDT'] } };
    const { ignored, notCompared } = compare(snapshot('exchange', { positions: [drift] }), state, rules);
    expect(ignored).toEqual({ 'symbol FTM/USDT:USDT': 3 });
    expect(notCompared.map(({ scope }) => scope)).toEqual(['balances']);
  });

  it('whose unified name an ignore rule names is ignored, too', async () => {
    const { snapshot: state } = await unify(
      { positions: [position({ symbol: 'BTC-SWAP' })] },
      { ignoredSymbols: [BTC] },
    );
    const rules = { ...RULES, ignore: { ...RULES.ignore, symbols: [BTC] } };
    expect(compare(snapshot('exchange'), state, rules)).toMatchObject({
      differences: [],
      ignored: { [`symbol ${BTC}`]: 1 },
    });
  });

  it('with an alias is the other symbol, in positions and orders', async () => {
    const { snapshot: state } = await unify(
      { positions: [position({ symbol: 'FTM/USDT:USDT' })], orders: [order({ symbol: 'FTM/USDT:USDT' })] },
      { aliases: { symbols: { 'FTM/USDT:USDT': 'S/USDT:USDT' } } },
    );
    expect([...state.positions, ...state.orders].map(({ symbol }) => symbol)).toEqual(['S/USDT:USDT', 'S/USDT:USDT']);
    expect(state).not.toHaveProperty('unread');
    expect(state.markets).toHaveProperty(['S/USDT:USDT', 'amountStep'], '1');
  });

  it("with an alias of its unified name is the other symbol, also under the exchange's own id", async () => {
    const aliases = { symbols: { [BTC]: ETH } };
    const { snapshot: state } = await unify({ positions: [position({ symbol: 'BTC-SWAP' })] }, { aliases });
    expect(state.positions.map(({ symbol }) => symbol)).toEqual([ETH]);
  });

  it('whose alias is unknown is named with both', async () => {
    const aliases = { symbols: { XY: 'FTM/USDT:USDT' } };
    const { unresolved } = await unify({ positions: [position({ symbol: 'XY' })] }, { aliases });
    expect(unresolved[0]?.reason).toContain('"FTM/USDT:USDT" (the alias of "XY")');
  });

  it('under two names of one market costs that market, and is summed if rows are trades', async () => {
    const positions = [position(), position({ symbol: 'BTC-SWAP' })];
    expect((await unify({ positions })).snapshot).toMatchObject({ positions: [], unread: [{ symbol: BTC }] });
    const { snapshot: state } = await unify({ positions }, { source: { rows: 'trades' } });
    expect(state.positions).toMatchObject([{ symbol: BTC, amount: '1' }]);
  });

  it('of any length gives a reason that can be stored', async () => {
    const { unresolved } = await unify({ positions: [position({ symbol: `FTM${'x'.repeat(500)}` })] });
    expect(unresolved[0]?.reason).toHaveLength(500);
  });
});

describe('amounts that were cut off after some digits', () => {
  it('cost the position of a symbol whose amount step is finer, and nothing else', async () => {
    const fields = { positions: [position(), position({ symbol: ETH, amount: '0.5' })], orders: [order()] };
    const { snapshot: state } = await unify(fields, { source: { positionDigits: 2 } });
    expect(state.positions).toMatchObject([{ symbol: ETH, amount: '0.5' }]);
    expect(state.orders).toMatchObject([{ symbol: BTC }]);
    expect(state.unread).toMatchObject([
      {
        scope: 'positions:linear:USDT',
        symbol: BTC,
        code: 'ROW_UNREADABLE',
        reason: expect.stringContaining('2 digits'),
      },
    ]);
    expect((await unify(fields, { source: { positionDigits: 3 } })).snapshot.positions).toHaveLength(2);
  });
});

describe('amounts in contracts', () => {
  it('are multiplied by the contract size: positions, orders and fills', async () => {
    const fields = {
      positions: [position({ amount: '91' })],
      orders: [order({ amount: '10', filled: '4' }), stopOrder({ id: '18', clientOrderId: null, amount: null })],
    };
    const { snapshot: state } = await unify(fields, { source: { amounts: 'contracts' } });
    expect(state.positions).toMatchObject([{ amount: '0.91' }]);
    expect(state.orders).toMatchObject([
      { amount: '0.1', filled: '0.04' },
      { amount: null, filled: '0' },
    ]);
    expect((await unify(fields)).snapshot.positions).toMatchObject([{ amount: '91' }]);
  });

  it('stay as they are in a market without contracts', async () => {
    const { snapshot: state } = await unify(
      { positions: [position({ symbol: ETH })] },
      { source: { amounts: 'contracts' } },
    );
    expect(state.positions).toMatchObject([{ amount: '0.5' }]);
  });
});

describe('a currency of internal state', () => {
  const rules = { ...RULES, compareBalances: true };
  const differing = (exchange: Fields, internal: Snapshot, ignore: string[] = []) =>
    compare(snapshot('exchange', exchange), internal, { ...rules, ignore: { ...RULES.ignore, symbols: ignore } });

  it.each([
    ['in lower case', 'usdt', 'USDT'],
    ['in flexible earn', 'LDUSDT', 'USDT'],
    ['XBT', 'XBT', 'BTC'],
    ['with an alias', 'bitcoin', 'BTC'],
  ])('%s is the currency that it means', async (_, code, currency) => {
    const aliases = { currencies: { bitcoin: 'BTC' } };
    const { snapshot: state } = await unify({ balances: [balance(code, '5')] }, { aliases });
    expect(state.balances).toEqual([balance(code, '5')]);
    expect(differing({ balances: [balance(currency, '5')] }, state).differences).toEqual([]);
    expect(differing({ balances: [balance(currency, '6')] }, state).differences).toMatchObject([
      { symbol: currency, internal: { total: '5' } },
    ]);
  });

  it('that is summed of two rows', async () => {
    const { snapshot: state } = await unify({
      balances: [balance('USDT', '5'), balance('usdt', '2'), balance('LDUSDT', '1')],
    });
    expect(differing({ balances: [balance('USDT', '8')] }, state).differences).toEqual([]);
  });

  it('that an ignore rule names in its own word is ignored, not summed', async () => {
    const { snapshot: state } = await unify({ balances: [balance('USDT', '5'), balance('LDUSDT', '1')] });
    const { differences, ignored } = differing({ balances: [balance('USDT', '5')] }, state, ['LDUSDT']);
    expect({ differences, ignored }).toEqual({ differences: [], ignored: { 'symbol LDUSDT': 1 } });
  });

  it('that an alias keeps as it is, is not changed by what is built in', async () => {
    const { snapshot: state } = await unify(
      { balances: [balance('LDAO', '5')] },
      { aliases: { currencies: { LDAO: 'LDAO' } } },
    );
    expect(state).not.toHaveProperty('currencyCodes');
  });

  it('in a scope is that scope', async () => {
    const { snapshot: state } = await unify({ scopes: ['balances:xbt'], balances: [balance('xbt', '5')] });
    const { compared, differences } = differing({ balances: [balance('BTC', '4')] }, state);
    expect(compared).toEqual(['balances:BTC']);
    expect(differences).toMatchObject([{ symbol: 'BTC' }]);
  });
});

describe('several sources', () => {
  const reads = (fields: Fields | Error): AccountSource['source'] => ({
    description: 'bot',
    readState: async () => {
      if (fields instanceof Error) throw fields;
      return snapshot('internal', { readEndedAt: NOON, ...fields });
    },
  });
  const sides = (...sources: Partial<AccountSource>[]): AccountSides => ({
    exchange: async () => reader as unknown as Awaited<ReturnType<AccountSides['exchange']>>,
    internal: sources.map((fields) => source(fields)),
    aliases: NO_ALIASES,
  });
  const options: InternalReadOptions = { now: () => NOON + 60_000, maxInternalAgeSeconds: 300 };

  it('are summed, each with its own amounts, rows and names', async () => {
    const state = await readInternal(
      sides(
        { name: 'grid', source: reads({ positions: [position({ amount: '10' })] }), amounts: 'contracts' },
        {
          name: 'trend',
          source: reads({ positions: [position({ symbol: 'BTC-SWAP' }), position({ side: 'short', amount: '0.2' })] }),
          rows: 'trades',
        },
      ),
      options,
    );
    expect(state.positions).toMatchObject([{ symbol: BTC, side: 'long', amount: '0.4' }]);
    expect(state.sources?.map(({ name }) => name)).toEqual(['grid', 'trend']);
  });

  it('that are empty are an empty state with both clocks, without the exchange', async () => {
    const state = await readInternal(
      {
        ...sides({ name: 'a', source: reads({ asOf: NOON }) }, { name: 'b', source: reads({ asOf: NOON - 5 }) }),
        exchange: async () => Promise.reject(new Error('asked')),
      },
      options,
    );
    expect(state).toMatchObject({ asOf: NOON - 5, sources: [{ name: 'a' }, { name: 'b' }], positions: [] });
  });

  const broken = new FailureError({
    kind: 'network',
    side: 'internal',
    message: 'GET http://bot: refused',
    where: null,
    remedy: 'start it',
    retryAfterMs: null,
  });
  it.each([
    ['fails', { source: reads(broken) }, { kind: 'network', message: 'source "trend": GET http://bot: refused' }],
    [
      'is too old by its own rule',
      { source: reads({ asOf: NOON }), maxAgeSeconds: 59 },
      { kind: 'internal_stale', message: expect.stringMatching(/^source "trend": .*at most 59 s/) },
    ],
    [
      "is older than the account's rule, whatever its own is",
      { source: reads({ asOf: NOON - 300_000 }), maxAgeSeconds: 86_400 },
      { kind: 'internal_stale', message: expect.stringMatching(/^source "trend": .*at most 5 min/) },
    ],
  ])('of which one %s fail the read, and the failure names it', async (_, fields, failure) => {
    const read = readInternal(sides({ name: 'grid', source: reads({}) }, { name: 'trend', ...fields }), options);
    await expect(read).rejects.toMatchObject({ failure });
  });

  it('need no name if there is one', async () => {
    const read = readInternal(sides({ source: reads(broken) }), options);
    await expect(read).rejects.toMatchObject({ failure: { message: 'GET http://bot: refused' } });
  });
});
