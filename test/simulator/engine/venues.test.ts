import { describe, expect, it } from '@jest/globals';
import { AWorld, BTC } from './a-world.js';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import { linearMarket } from '../../../packages/exchange-simulator/src/engine/market.js';
import { trailingTriggerPrice } from '../../../packages/exchange-simulator/src/engine/trigger.js';

const rules = { priceStep: '1', amountStep: '1', initialPrice: '100' };

describe('a market of a single exchange', () => {
  const engine = new Engine({
    now: () => 0,
    markets: [linearMarket('BTC', 'USDT', rules), linearMarket('BTC', 'USD', { ...rules, venues: ['here'] })],
  });
  const symbols = (venue?: string): string[] => engine.markets(venue).map(({ symbol }) => symbol);

  it('is listed there and nowhere else', () => {
    expect(symbols('here')).toEqual(['BTC/USDT:USDT', 'BTC/USD:USD']);
    expect(symbols('elsewhere')).toEqual(['BTC/USDT:USDT']);
    expect(symbols()).toEqual(['BTC/USDT:USDT']);
  });

  it('is traded by its symbol and kept with the state', () => {
    expect(engine.market('BTC/USD:USD')).toMatchObject({ quote: 'USD' });
    expect(engine.toState().markets).toHaveLength(2);
  });
});

it('markets that came with a later version are there after an older state was restored', () => {
  const older = new Engine({ now: () => 0, markets: [linearMarket('BTC', 'USDT', rules)] });
  older.setPrice(BTC, '120');
  const newer = new Engine({ now: () => 0 });
  newer.restore(older.toState());
  expect(newer.price(BTC)).toBe('120');
  expect(newer.price('BTC/USD:USD')).toBe('60000');
});

describe('the trigger of a trailing order', () => {
  it.each<[side: 'buy' | 'sell', moves: string[], trigger: string | null]>([
    ['sell', [], '58800'],
    ['sell', ['61000', '60500'], '59780'],
    ['buy', ['59000'], '60180'],
  ])('of a %s after %j', (side, moves, expected) => {
    const world = new AWorld();
    const order = world.place({ type: 'trailing_stop_market', side, amount: '0.1', callbackPercent: '2' });
    for (const price of moves) world.engine.setPrice(BTC, price);
    const { trailing } = world.order(order);
    expect(trailing === null ? null : trailingTriggerPrice(side, trailing)).toBe(expected);
  });

  it('is unknown while the order waits for its activation price', () => {
    const trailing = { callbackPercent: '1', activationPrice: '61000', best: null };
    expect(trailingTriggerPrice('sell', trailing)).toBeNull();
  });
});
