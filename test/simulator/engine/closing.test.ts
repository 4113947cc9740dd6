import { describe, expect, it } from '@jest/globals';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import { DEFAULT_MARKETS, type Market } from '../../../packages/exchange-simulator/src/engine/market.js';

const PERPETUAL = 'BTC/USD:BTC';
const DATED = 'BTC/USD:BTC-261225';
const EXPIRY = Date.UTC(2026, 11, 25, 8);

function engineWith(clock = { now: EXPIRY - 3_600_000 }): { engine: Engine; clock: { now: number } } {
  const perpetual = DEFAULT_MARKETS.find(({ symbol }) => symbol === PERPETUAL);
  if (perpetual === undefined) throw new Error(PERPETUAL);
  const dated: Market = { ...perpetual, symbol: DATED, expiresAt: EXPIRY };
  const engine = new Engine({ now: () => clock.now, markets: [...DEFAULT_MARKETS, dated] });
  engine.createAccount({ id: 'main', keys: [], balances: { USDT: '100000', BTC: '1' } });
  return { engine, clock };
}

const held = (engine: Engine): string[] =>
  engine
    .account('main')
    .positions()
    .filter(({ amount }) => amount !== '0')
    .map(({ symbol, amount }) => `${amount} ${symbol}`);

describe('a dated contract', () => {
  it('is settled when it expires: orders end, the position closes, no order is accepted', () => {
    const { engine, clock } = engineWith();
    engine.place('main', 'bot', { symbol: DATED, side: 'buy', type: 'market', amount: '500' });
    const order = engine.place('main', 'bot', {
      symbol: DATED,
      side: 'sell',
      type: 'limit',
      price: '70000',
      amount: '100',
    });
    engine.place('main', 'bot', { symbol: PERPETUAL, side: 'buy', type: 'market', amount: '200' });
    engine.expireDue();
    expect(held(engine)).toEqual([`500 ${DATED}`, `200 ${PERPETUAL}`]);
    clock.now = EXPIRY;
    engine.expireDue();
    engine.expireDue();
    expect(held(engine)).toEqual([`200 ${PERPETUAL}`]);
    expect(engine.account('main').findOrder({ id: order.id })).toMatchObject({
      status: 'expired',
      endReason: 'market_closed',
    });
    expect(engine.markets().map(({ symbol }) => symbol)).not.toContain(DATED);
    expect(() => engine.place('main', 'bot', { symbol: DATED, side: 'buy', type: 'market', amount: '100' })).toThrow(
      'was settled, delisted or renamed',
    );
    expect(() => engine.setPrice(DATED, '1')).toThrow('was settled');
    expect(engine.account('main').trades.at(-1)).toMatchObject({ symbol: DATED, side: 'sell', amount: '500' });
  });

  it('stays closed in a restored state', () => {
    const { engine, clock } = engineWith();
    clock.now = EXPIRY;
    engine.expireDue();
    const restored = engineWith(clock).engine;
    restored.restore(engine.toState());
    expect(restored.markets().map(({ symbol }) => symbol)).not.toContain(DATED);
  });
});

describe('a renamed market', () => {
  it('keeps positions, orders and ids under the new name', () => {
    const { engine } = engineWith();
    const [from, to] = ['ETH/USDT:USDT', 'ETX/USDT:USDT'];
    engine.place('main', 'bot', { symbol: from, side: 'buy', type: 'market', amount: '0.5' });
    const { id } = engine.place('main', 'bot', {
      symbol: from,
      side: 'buy',
      type: 'limit',
      price: '2000',
      amount: '1',
    });
    engine.renameMarket(from, { symbol: to, base: 'ETX' });
    expect(held(engine)).toEqual([`0.5 ${to}`]);
    expect(engine.account('main').open()).toMatchObject([{ id, symbol: to }]);
    engine.setPrice(to, '1990');
    expect(held(engine)).toEqual([`1.5 ${to}`]);
    expect(engine.markets().map(({ symbol }) => symbol)).not.toContain(from);
    expect(() => engine.renameMarket(to, { symbol: from, base: 'ETH' })).toThrow('already');
  });
});
