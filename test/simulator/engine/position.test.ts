import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MARKETS, type Market } from '../../../packages/exchange-simulator/src/engine/market.js';
import { changePosition, profitOf } from '../../../packages/exchange-simulator/src/engine/position.js';

function market(symbol: string): Market {
  const found = DEFAULT_MARKETS.find((candidate) => candidate.symbol === symbol);
  if (found === undefined) throw new Error(symbol);
  return found;
}
const linear = market('BTC/USDT:USDT');
const inverse = market('BTC/USD:BTC');

describe('a position changed by a fill', () => {
  it.each<[what: string, before: [string, string], fill: [string, string], after: [string, string, string]]>([
    ['opens long', ['0', '0'], ['0.5', '60000'], ['0.5', '60000', '0']],
    ['opens short', ['0', '0'], ['-0.5', '60000'], ['-0.5', '60000', '0']],
    ['grows to the average price', ['0.5', '60000'], ['0.5', '61000'], ['1', '60500', '0']],
    ['grows short', ['-1', '60000'], ['-3', '64000'], ['-4', '63000', '0']],
    ['shrinks with profit', ['1', '60000'], ['-0.4', '61000'], ['0.6', '60000', '400']],
    ['shrinks with loss', ['-1', '60000'], ['0.4', '61000'], ['-0.6', '60000', '-400']],
    ['closes', ['1', '60000'], ['-1', '59000'], ['0', '0', '-1000']],
    ['flips from long to short', ['1', '60000'], ['-3', '61000'], ['-2', '61000', '1000']],
    ['flips from short to long', ['-1', '60000'], ['1.5', '61000'], ['0.5', '61000', '-1000']],
    ['keeps exact what floats lose', ['0.1', '60000'], ['0.2', '60000'], ['0.3', '60000', '0']],
    ['keeps the smallest amounts', ['1e-8', '60000'], ['1e-8', '60000'], ['0.00000002', '60000', '0']],
  ])('%s', (_what, [amount, entryPrice], [delta, price], [after, entry, profit]) => {
    expect(changePosition(linear, { amount, entryPrice }, delta, price)).toEqual({
      amount: after,
      entryPrice: entry,
      realizedProfit: profit,
    });
  });
});

describe('an inverse position', () => {
  it('takes the harmonic mean as its entry', () => {
    const { entryPrice } = changePosition(inverse, { amount: '100', entryPrice: '50000' }, '100', '100000');
    expect(Number(entryPrice)).toBeCloseTo(66_666.6667, 3);
  });

  it.each([
    ['long gains in coin when the price rises', '60000', '50000', '60000', '0.2'],
    ['short loses in coin when the price rises', '-60000', '50000', '60000', '-0.2'],
    ['flat has no profit', '0', '0', '60000', '0'],
  ])('%s', (_what, amount, entry, exit, profit) => {
    expect(profitOf(inverse, amount, entry, exit)).toBe(profit);
  });
});
