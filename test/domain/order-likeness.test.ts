import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import type { OpenOrder, Unread } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, order, sides, stopOrder } from './snapshots.js';

function typesOf(exchange: Partial<OpenOrder>[], internal: Partial<OpenOrder>[]): string[] {
  const snapshots = sides({ orders: exchange.map(order) }, { orders: internal.map(order) });
  return compare(...snapshots, RULES).differences.map(({ type, symbol }) => `${type} ${symbol}`);
}

const BOTH = [`ORDER_PLACED_EXTERNALLY ${BTC}`, `ORDER_MISSING_ON_EXCHANGE ${BTC}`];

describe('an id that a float rounded', () => {
  const exact = '8389766000000000123';

  it.each([
    ['as JavaScript writes it', String(Number(exact)), []],
    ['with all digits, as C writes it', BigInt(Number(exact)).toString(), []],
    // Two orders that were sent one after the other have ids with the same float.
    ['the exact id of a neighbour', '8389766000000000124', BOTH],
  ])('%s', (_, known, types) => {
    expect(typesOf([{ id: exact, clientOrderId: null }], [{ id: known, clientOrderId: null }])).toEqual(types);
  });

  it('is not the id of an order with another client order id', () => {
    const outside = { id: exact, clientOrderId: 'bot-2' };
    expect(typesOf([outside], [{ id: '8389766000000000000', clientOrderId: 'bot-1' }])).toEqual(BOTH);
  });
});

describe('an order behind a broker prefix', () => {
  const prefixed = { clientOrderId: 'x-xcKtGhcu27f109953d6e' };
  const own = { id: null, clientOrderId: '27f109953d6e' };

  it.each<[string, Partial<OpenOrder>, Partial<OpenOrder>]>([
    ['whose amount differs by float noise', { amount: '0.3' }, { amount: '0.30000000000000004' }],
    ['of type market, with the last price', { type: 'market', price: '60010' }, { type: 'market', price: '60000' }],
    [
      'that trails',
      { type: 'trailing_stop_market', price: null, triggerPrice: '57000', conditional: true },
      { type: 'trailing_stop_market', price: null, triggerPrice: '55000', conditional: true },
    ],
  ])('is found %s', (_, exchange, internal) => {
    expect(typesOf([{ ...exchange, ...prefixed }], [{ ...internal, ...own }])).toEqual([]);
  });

  it('is another order at another price', () => {
    expect(typesOf([{ ...prefixed, price: '60001' }], [own])).toEqual(BOTH);
  });
});

describe('an OCO', () => {
  const whole = {
    id: '1',
    type: 'oco',
    price: null,
    triggerPrice: '59000',
    secondTriggerPrice: '65000',
    conditional: true,
  };
  const sell = { side: 'sell' as const, clientOrderId: null };
  const stop = { ...sell, id: '2', type: 'stop_market', price: null, triggerPrice: '59000', conditional: true };
  const profit = { ...sell, id: '3', type: 'limit', price: '65000' };

  it.each<[string, Partial<OpenOrder>, Partial<OpenOrder>[], string[]]>([
    ['is its two legs', {}, [stop, profit], []],
    ['is its legs of which one filled as much', { filled: '0.004' }, [stop, { ...profit, filled: '0.004' }], []],
    ['has a fill that the legs do not have', { filled: '0.004' }, [stop, profit], [`ORDER_FILL_MISSED ${BTC}`]],
    ['lacks a fill of a leg', {}, [stop, { ...profit, filled: '0.004' }], [`ORDER_FILL_MISSED ${BTC}`]],
    ['is its legs within the tolerance', { amount: '0.0101' }, [stop, profit], []],
  ])('%s', (_, exchange, legs, types) => {
    expect(typesOf([{ ...sell, ...whole, ...exchange }], legs)).toEqual(types);
    expect(typesOf(legs, [{ ...sell, ...whole, ...exchange }])).toEqual(types);
  });

  it('is found by its prices beside another of the same size', () => {
    const other = { ...sell, ...whole, id: '4', triggerPrice: '58000', secondTriggerPrice: '66000' };
    const otherLegs = [
      { ...stop, id: '5', triggerPrice: '58000' },
      { ...profit, id: '6', price: '66000' },
    ];
    const lone = { ...sell, id: '7', price: '61000' };
    expect(typesOf([{ ...sell, ...whole }, other], [stop, profit, ...otherLegs, lone])).toEqual([BOTH[1]]);
  });

  it('that reports no price is not matched by its amount alone', () => {
    const bare = { ...sell, ...whole, triggerPrice: null };
    const { secondTriggerPrice: _, ...nothing } = bare;
    expect(typesOf([nothing], [stop, profit])).toHaveLength(3);
  });

  it('has both triggers compared, in any order', () => {
    const inside = { ...sell, ...whole };
    expect(typesOf([inside], [{ ...inside, triggerPrice: '65000', secondTriggerPrice: '59000' }])).toEqual([]);
    expect(typesOf([inside], [{ ...inside, secondTriggerPrice: '65100' }])).toEqual([
      `ORDER_AMENDED_EXTERNALLY ${BTC}`,
    ]);
  });

  it('does not lose a leg as missing where the list of its class was not read', () => {
    const [exchange, internal] = sides(
      { scopes: ['orders:regular'], gaps: [{ scope: 'orders:conditional', reason: 'it failed' }] },
      { scopes: ['orders'], orders: [stop, profit].map((leg) => order({ ...leg, parent: '7' })) },
    );
    expect(compare(exchange, internal, RULES).differences).toEqual([]);
  });
});

describe('rows that a side could not read', () => {
  const inverse = 'BTC/USD:BTC';
  const unread = (scope: string, symbol: string | null): Unread => {
    return { scope, symbol, code: 'ROW_UNREADABLE', reason: 'an unknown word' };
  };

  it('may be orders of either class', () => {
    const [exchange, internal] = sides(
      { orders: [stopOrder()] },
      { unread: [unread('orders:regular:linear:USDT', BTC)] },
    );
    expect(compare(exchange, internal, RULES).differences).toEqual([]);
  });

  it('of a whole scope do not hide a missing order of another market', () => {
    const [exchange, internal] = sides(
      { unread: [unread('orders:conditional:linear', null)] },
      { orders: [order({ symbol: inverse }), order({ id: '18', clientOrderId: 'bot-18', symbol: ETH })] },
    );
    const found = compare(exchange, internal, RULES).differences.map(({ type, symbol }) => `${type} ${symbol}`);
    expect(found).toEqual([`ORDER_MISSING_ON_EXCHANGE ${inverse}`]);
  });

  it('of a spot position cost the holding of its base currency, unless the bot gives its balance', () => {
    const spot = { scopes: ['balances'], balances: [{ currency: 'BTC', total: '1' }] };
    const bot = { scopes: ['positions', 'balances'], unread: [unread('positions:spot', 'BTC/USDC')] };
    const half = { symbol: 'BTC/USDT', side: 'long' as const, amount: '0.5', changedAt: null };
    const rules = { ...RULES, compareBalances: 'auto' as const };
    const lacking = compare(...sides(spot, { ...bot, positions: [half] }), rules);
    expect(lacking.differences).toEqual([]);
    expect(lacking.notCompared).toContainEqual(expect.objectContaining({ scope: 'balances:BTC', symbol: 'BTC' }));
    const listed = compare(...sides(spot, { ...bot, balances: [{ currency: 'BTC', total: '0.5' }] }), rules);
    expect(listed.differences.map(({ type }) => type)).toEqual(['BALANCE_CHANGED_EXTERNALLY']);
  });
});
