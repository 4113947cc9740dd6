import { describe as group, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { describe, remedy } from '../../src/domain/difference/describe.js';
import { relate } from '../../src/domain/explain/relate.js';
import type { MarketFacts } from '../../src/domain/snapshot/snapshot.js';
import { order, position, RULES, sides } from './snapshots.js';

const INVERSE = 'BTC/USD:BTC';

/** The only difference between two positions, one of which may be none. */
function found(
  symbol: string,
  held: string | null,
  believed: string | null,
  facts: Omit<MarketFacts, 'amountStep'> = {},
) {
  const rows = (amount: string | null) => (amount === null ? [] : [position({ symbol, amount })]);
  const amountStep = symbol === INVERSE && facts.unit === undefined ? '10' : '0.001';
  const markets = { [symbol]: { amountStep, ...facts } };
  const { differences } = compare(...sides({ positions: rows(held), markets }, { positions: rows(believed) }), RULES);
  const [difference = null] = differences;
  return difference;
}

group('an amount has the unit of its market', () => {
  it.each([
    [
      'an inverse contract: quote value',
      found(INVERSE, '1000', null),
      'the exchange holds 1,000 USD of BTC/USD:BTC long',
    ],
    ['an inverse contract in coins', found(INVERSE, '0.5', null, { unit: 'base' }), 'the exchange holds 0.5 BTC long'],
    ['a linear contract: base units', found('BTC/USDT:USDT', '0.5', null), 'the exchange holds 0.5 BTC long'],
  ])('%s', (_, difference, text) => {
    if (difference === null) throw new Error('no difference');
    expect(describe(difference)).toContain(text);
    expect(remedy(difference)).toContain(text.replace('the exchange holds ', ''));
    expect(relate([difference])[0]?.text).toContain(text);
  });

  it.each([
    ['coins in half a contract', INVERSE, null, '4.9', {}, /4.9 is no whole number of contracts of 10 USD.* count BTC/],
    ['coins beside a contract', INVERSE, '10', '9', {}, /count BTC/],
    ['coins by the price', INVERSE, '600000', '10', { price: '59000' }, /about the price 59,000 apart.* count BTC/],
    [
      'contracts',
      'BTC/USDT:USDT',
      '0.91',
      '91',
      { contractSize: '0.01' },
      /contract size 0.01 apart.* count contracts/,
    ],
    ['value by the price', 'BTC/USDT:USDT', '0.5', '30000', { price: '60500' }, /count value in the quote currency/],
    ['a factor of ten', 'BTC/USDT:USDT', '0.5', '50', {}, /a factor of 100 apart/],
    [
      'coins below the least order',
      INVERSE,
      null,
      '20',
      { minAmount: '100' },
      /20 is below the least order of 100 USD/,
    ],
  ])('%s are named, and no trade is offered', (_, symbol, held, believed, facts, text) => {
    const difference = found(symbol, held, believed, facts);
    if (difference === null) throw new Error('no difference');
    expect(describe(difference)).toMatch(text);
    expect(remedy(difference)).toMatch(/^give amounts of .*do not trade on this difference$/);
  });

  it('float noise of an inverse amount is none', () => {
    expect(found(INVERSE, '1000', '1000.0000000002')).toBeNull();
    expect(found(INVERSE, null, '0.000000001')).toBeNull();
  });
});

group('a spot position of a bot', () => {
  const scopes = ['positions', 'balances'];
  const rows = (btc: string) => ({
    scopes,
    balances: [
      { currency: 'BTC', total: btc },
      { currency: 'USDT', total: '7' },
    ],
  });
  const contract = position({ symbol: 'ETH/USDT:USDT', amount: '1' });
  const spot = position({ symbol: 'BTC/USDT', amount: '0.5' });
  const rules = { ...RULES, compareBalances: 'auto' as const };
  const of = (btc: string, internal: Parameters<typeof sides>[1]) =>
    compare(...sides({ ...rows(btc), positions: [contract] }, internal), rules);

  it('is held against the balance of its base currency, also beside contracts', () => {
    const internal = { scopes: ['positions'], positions: [contract, spot] };
    expect(of('0.5', internal)).toMatchObject({ differences: [], compared: ['balances:BTC', 'positions'] });
    expect(of('0.4', internal).differences).toMatchObject([
      { type: 'BALANCE_CHANGED_EXTERNALLY', symbol: 'BTC', exchange: { total: '0.4' }, internal: { total: '0.5' } },
    ]);
  });

  it('does not bring in the other balances of an account with contracts', () => {
    const { differences, notCompared } = of('0.5', { scopes, positions: [contract, spot], balances: [] });
    expect(differences).toEqual([]);
    expect(notCompared).toMatchObject([{ scope: 'balances', code: 'SWITCHED_OFF' }]);
  });
});

group('a remedy makes no unit worse', () => {
  it('an amount that is too small by the contract size is not to be multiplied by it again', () => {
    const difference = found('BTC/USDT:USDT', '91', '0.91', { contractSize: '0.01' });
    if (difference === null || difference === undefined) throw new Error('no difference');
    expect(describe(difference)).toContain('exactly the contract size 0.01 apart');
    expect(remedy(difference)).not.toContain('amounts: contracts');
    expect(remedy(difference)).toContain('do not trade on this difference');
  });

  it('what remains of an order is not to be its amount, also where the bot knows the fills', () => {
    const rows = (amount: string) => ({ orders: [order({ amount, filled: '4' })] });
    const [difference] = compare(...sides(rows('10'), rows('6')), RULES).differences;
    if (difference === undefined) throw new Error('no difference');
    expect(difference.hint?.kind).toBe('remaining');
    expect(remedy(difference)).toMatch(/^give the whole amount 10 BTC and 4 BTC filled of order 17/);
  });

  it('no percentage makes long and short equal', () => {
    const rows = (side: 'long' | 'short') => ({ positions: [position({ side })] });
    const rules = { ...RULES, tolerance: { '*': '300%' } };
    expect(compare(...sides(rows('long'), rows('short')), rules).differences).toHaveLength(1);
  });
});

group('orders that may belong together', () => {
  const sell = { symbol: 'BTC/USDT:USDT', side: 'sell', amount: '0.5', filled: '0' } as const;
  const stop = order({ ...sell, id: '2', clientOrderId: null, type: 'stop_market', price: null, conditional: true });
  const rows = (...orders: ReturnType<typeof order>[]) => ({ scopes: ['orders'], orders });

  it('an order of the size of a missing one is not offered to be cancelled: it may be what became of it', () => {
    const lives = order({ ...sell, id: '14', clientOrderId: null, type: 'market', price: null });
    const { differences } = compare(...sides(rows(lives), rows({ ...stop, triggerPrice: '55000' })), RULES);
    const placed = differences.find(({ type }) => type === 'ORDER_PLACED_EXTERNALLY');
    if (placed === undefined) throw new Error('no difference');
    expect(describe(placed)).toContain('it may be what became of order 2');
    expect(remedy(placed)).not.toContain('cancel');
  });

  it('an OCO with only one known price does not match any limit order', () => {
    const oco = order({ ...sell, id: '9', clientOrderId: null, type: 'oco', price: null, triggerPrice: '59000' });
    const leg = { ...stop, triggerPrice: '59000' };
    const limit = order({ ...sell, id: '3', clientOrderId: null, price: '99000' });
    const types = (...legs: ReturnType<typeof order>[]) =>
      compare(...sides(rows({ ...oco, conditional: true }), rows(...legs)), RULES).differences.map(({ type }) => type);
    expect(types(leg, limit)).not.toEqual([]);
    expect(types(leg, { ...stop, id: '4', type: 'take_profit', triggerPrice: '65000' })).toEqual([]);
  });
});
