import { beforeEach, describe, expect, it } from '@jest/globals';
import { Bot, botStateSchema } from '../../../packages/exchange-simulator/src/bot/bot.js';
import { Trading } from '../../../packages/exchange-simulator/src/bot/trading.js';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import type { OrderRequest } from '../../../packages/exchange-simulator/src/engine/order.js';
import { isZero } from '../../../src/domain/decimal/decimal.js';

const BTC = 'BTC/USDT:USDT';
const bid: OrderRequest = {
  symbol: BTC,
  side: 'buy',
  type: 'limit',
  amount: '0.010',
  price: '59000',
  clientOrderId: 'bid',
};

let clock: number;
let engine: Engine;
let bot: Bot;

beforeEach(() => {
  clock = Date.parse('2026-11-22T15:00:00.000Z');
  engine = new Engine({ now: () => clock });
  engine.createAccount({ id: 'me', keys: [], balances: { USDT: '1000' } });
  bot = new Bot(engine, 'me', 1);
});

const byId = (id: string) => ({ account: 'me', id });

/** The bot's state and the exchange's truth in one form. */
function bothSides(): { books: unknown; truth: unknown } {
  const account = engine.account('me');
  const { positions, orders } = bot.state();
  return {
    books: {
      positions: positions.toSorted(bySymbol),
      orders: orders.map(({ id, filled, price }) => ({ id, filled, price })),
    },
    truth: {
      positions: account
        .positions()
        .filter(({ amount }) => !isZero(amount))
        .map(({ symbol, amount }) => ({
          symbol,
          side: amount.startsWith('-') ? 'short' : 'long',
          amount: amount.replace('-', ''),
        }))
        .toSorted(bySymbol),
      orders: account.open().map(({ id, filled, price }) => ({ id, filled, price })),
    },
  };
}

function bySymbol(a: { symbol: string }, b: { symbol: string }): number {
  return a.symbol.localeCompare(b.symbol);
}

describe("the bot's state", () => {
  it('are the documented form of the internal state', () => {
    const order = bot.place(bid);
    bot.place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.5' });
    bot.setWithBalances(true);
    expect(bot.state()).toEqual({
      version: 1,
      as_of: '2026-11-22T15:00:00.000Z',
      position_mode: 'one-way',
      scopes: ['positions', 'orders', 'balances'],
      positions: [{ symbol: BTC, side: 'short', amount: '0.5' }],
      orders: [
        {
          id: order.id,
          client_order_id: 'bid',
          symbol: BTC,
          side: 'buy',
          type: 'limit',
          price: '59000',
          trigger_price: null,
          amount: '0.010',
          filled: '0',
        },
      ],
      balances: [{ currency: 'USDT', total: '988' }],
    });
  });

  it.each<[what: string, act: (id: string) => void]>([
    ['a fill', (id) => engine.fillOrder(byId(id), { amount: '0.004' })],
    ['a whole fill by the price', () => engine.setPrice(BTC, '58000')],
    ['its own cancel', (id) => bot.cancel(id)],
    ['its own amend', (id) => bot.amend(id, { price: '58000' })],
    ['the end of its time', (id) => engine.expire(byId(id))],
  ])('follow %s', (_what, act) => {
    act(bot.place(bid).id);
    const { books, truth } = bothSides();
    expect(books).toEqual(truth);
  });

  it.each<[what: string, act: (id: string) => void]>([
    ['a cancel by hand', (id) => engine.cancel(byId(id), 'manual')],
    ['an amend by hand', (id) => engine.amend(byId(id), { price: '58000' }, 'manual')],
    [
      'a trade by hand',
      () => engine.place('me', 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.2' }),
    ],
    ['an order by hand', () => engine.place('me', 'manual', { ...bid, clientOrderId: 'theirs' })],
    ['a liquidation', () => engine.liquidate('me', BTC)],
  ])('know nothing of %s until a resync', (_what, act) => {
    bot.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const { id } = bot.place(bid);
    const before = bot.state();
    act(id);
    expect(bot.state()).toEqual(before);
    expect(bothSides().books).not.toEqual(bothSides().truth);
    bot.resync();
    expect(bothSides().books).toEqual(bothSides().truth);
  });

  it('follow an order of others after a resync took it over', () => {
    const { id } = engine.place('me', 'manual', { ...bid, clientOrderId: 'theirs' });
    bot.resync();
    engine.fillOrder(byId(id), { amount: '0.004' });
    expect(bot.state()).toMatchObject({ positions: [{ amount: '0.004' }], orders: [{ id, filled: '0.004' }] });
  });

  it('follow a stop through its trigger to the fill', () => {
    bot.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    bot.place({ symbol: BTC, side: 'sell', type: 'stop', amount: '0.5', triggerPrice: '58000', price: '59000' });
    expect(bot.state().orders).toMatchObject([{ type: 'stop', trigger_price: '58000' }]);
    engine.setPrice(BTC, '57000');
    expect(bot.state().orders).toMatchObject([{ type: 'limit', trigger_price: null, price: '59000' }]);
    engine.setPrice(BTC, '59000');
    expect(bot.state()).toMatchObject({ positions: [], orders: [] });
  });

  it('keep the legs of hedge mode apart', () => {
    engine.setPositionMode('me', 'hedge');
    bot.resync();
    bot.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    bot.place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1', positionSide: 'short' });
    expect(bot.state()).toMatchObject({
      position_mode: 'hedge',
      positions: [
        { side: 'long', amount: '0.3' },
        { side: 'short', amount: '0.1' },
      ],
    });
  });

  it('drop an order that the exchange refused', () => {
    expect(() => bot.place({ ...bid, price: '59000.05' })).toThrow(/step/);
    expect(bot.state().orders).toEqual([]);
  });
});

describe("the bot's feed", () => {
  it('brings messages after the delay, not before, and in order', () => {
    bot.configure({ delayMs: 500 });
    const { id } = bot.place(bid);
    engine.fillOrder(byId(id), { amount: '0.004' });
    expect(bot.state()).toMatchObject({ positions: [], orders: [{ id: null, client_order_id: 'bid', filled: '0' }] });
    clock += 499;
    expect(bot.state()).toMatchObject({ positions: [], orders: [{ id: null }] });
    bot.configure({ delayMs: 0 });
    bot.cancel(id);
    expect(bot.state().orders).toMatchObject([{ id: null }]);
    clock += 1;
    expect(bot.state()).toMatchObject({ positions: [{ amount: '0.004' }], orders: [] });
  });

  it('loses the next so many messages, and no more', () => {
    const { id } = bot.place(bid);
    bot.configure({ drop: 1 });
    engine.fillOrder(byId(id), { amount: '0.004' });
    expect(bot.state()).toMatchObject({ positions: [], orders: [{ filled: '0' }] });
    engine.fillOrder(byId(id), { amount: '0.002' });
    expect(bot.state()).toMatchObject({ positions: [{ amount: '0.002' }], orders: [{ filled: '0.006' }] });
    expect(bot.report()).toMatchObject({ feed: { dropped: 1, drop: false } });
  });

  it('loses every message until it is reset', () => {
    const { id } = bot.place(bid);
    bot.configure({ drop: true });
    engine.fillOrder(byId(id), { amount: '0.004' });
    bot.cancel(id);
    expect(bot.state()).toMatchObject({ positions: [], orders: [{ filled: '0' }] });
    bot.configure({ drop: false });
    bot.place({ ...bid, clientOrderId: 'next' });
    expect(bot.state().orders).toMatchObject([
      { client_order_id: 'bid' },
      { client_order_id: 'next', id: expect.anything() },
    ]);
  });

  it('loses a share at random, the same share for the same seed', () => {
    const lost = (seed: number): unknown => {
      const other = new Bot(engine, 'me', seed);
      other.configure({ dropRate: 0.5 });
      for (let count = 0; count < 50; count += 1)
        other.cancel(other.place({ ...bid, clientOrderId: `${seed}-${count}` }).id);
      other.close();
      return (other.report().feed as { dropped: number }).dropped;
    };
    expect(lost(7)).toBe(lost(7));
    expect(lost(7)).toBeGreaterThan(20);
    expect(lost(7)).toBeLessThan(80);
  });
});

describe('a frozen bot', () => {
  it('serves its last state with its old time, and catches up when it thaws', () => {
    const { id } = bot.place(bid);
    bot.setFrozen(true);
    const frozen = bot.state();
    clock += 600_000;
    engine.fillOrder(byId(id), { amount: '0.004' });
    expect(bot.state()).toEqual(frozen);
    bot.setFrozen(false);
    expect(bot.state()).toMatchObject({ as_of: '2026-11-22T15:10:00.000Z', positions: [{ amount: '0.004' }] });
  });
});

describe('a trading bot', () => {
  it.each(['one-way', 'hedge'] as const)('is never wrong once its messages have arrived (%s)', (mode) => {
    if (mode === 'hedge') engine.setPositionMode('me', 'hedge');
    bot.resync();
    bot.configure({ delayMs: 400 });
    const trading = new Trading(engine, bot);
    let apart = 0;
    for (let step = 0; step < 600; step += 1) {
      clock += 100;
      trading.step();
      const { books, truth } = bothSides();
      if (JSON.stringify(books) !== JSON.stringify(truth)) apart += 1;
    }
    // In the middle of trading the two sides differ most of the time: that is what makes the case worth testing.
    expect(apart).toBeGreaterThan(200);
    clock += 400;
    const { books, truth } = bothSides();
    expect(books).toEqual(truth);
    expect(engine.account('me').trades.length).toBeGreaterThan(100);
  });

  it('does the same again for the same seed', () => {
    const run = (): unknown => {
      const world = new Engine({ now: () => clock });
      world.createAccount({ id: 'me', keys: [] });
      const trading = new Trading(world, new Bot(world, 'me', 42));
      for (let step = 0; step < 100; step += 1) trading.step();
      return world.toState();
    };
    expect(run()).toEqual(run());
  });
});

describe('a saved bot', () => {
  it('goes on with its state, its settings and what was on its way', () => {
    bot.configure({ delayMs: 500, drop: 3 });
    bot.configure({ drop: false });
    const { id } = bot.place(bid);
    engine.fillOrder(byId(id), { amount: '0.004' });
    const saved = botStateSchema.parse(JSON.parse(JSON.stringify(bot.toState())));
    const second = new Bot(engine, 'me', 99);
    second.restore(saved);
    clock += 500;
    expect(second.state()).toEqual(bot.state());
    expect(second.state().positions).toMatchObject([{ amount: '0.004' }]);
  });
});
