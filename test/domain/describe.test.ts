import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { describe as inOneLine, remedy } from '../../src/domain/difference/describe.js';
import { explainable, withExplanations } from '../../src/domain/explain/explain.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import type { Difference, MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, balance, order, position, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

function differences(exchange: Fields, internal: Fields): Difference[] {
  return compare(...sides(exchange, internal), { ...RULES, compareBalances: true }).differences;
}

const EXPLAINED: MissingOrderExplanation = {
  cause: 'filled',
  filled: '0.010',
  averagePrice: '60120.50',
  at: null,
  source: 'order query',
};

describe('each difference describes both sides and its remedy', () => {
  it.each<[exchange: Fields, internal: Fields, description: string, remedy: string]>([
    [
      { positions: [position()] },
      {},
      'BTC/USDT:USDT: the exchange holds 0.5 BTC long, the bot has none',
      "add 0.5 BTC long to the bot's state, or close 0.5 BTC on the exchange",
    ],
    [
      {},
      { positions: [position({ side: 'short', amount: '1234567.8900' })] },
      'BTC/USDT:USDT: the bot has 1,234,567.89 BTC short, the exchange holds none',
      "remove 1,234,567.89 BTC short from the bot's state",
    ],
    [
      { positions: [position({ amount: '0.70' })] },
      { positions: [position()] },
      'BTC/USDT:USDT: the exchange holds 0.7 BTC long, the bot has 0.5 BTC long',
      "change 0.5 BTC long in the bot's state to 0.7 BTC long, or close 0.2 BTC of it on the exchange",
    ],
    [
      { positions: [position({ side: 'short' })] },
      { positions: [position()] },
      'BTC/USDT:USDT: the exchange holds 0.5 BTC short, the bot has 0.5 BTC long (flipped)',
      "change 0.5 BTC long in the bot's state to 0.5 BTC short",
    ],
    [
      { orders: [order()] },
      {},
      'BTC/USDT:USDT: order 17 ("bot-17") is open on the exchange and unknown to the bot: buy 0.01 BTC limit at 60,000',
      'add order 17 ("bot-17") to the bot\'s state, or cancel it on the exchange',
    ],
    [
      {},
      { orders: [stopOrder({ id: null, filled: '0.004', amount: null })] },
      'BTC/USDT:USDT: order "bot-17" is open in the bot\'s state and not on the exchange: sell the whole position stop_market triggered at 55,000, 0.004 BTC filled',
      'remove order "bot-17" from the bot\'s state',
    ],
    [
      { orders: [order({ price: '61000', amount: '0.02', side: 'sell', clientOrderId: null })] },
      { orders: [order({ clientOrderId: null })] },
      "BTC/USDT:USDT: order 17 was amended: side sell on the exchange, buy in the bot's state; price 61,000 on the exchange, 60,000 in the bot's state; amount 0.02 BTC on the exchange, 0.01 BTC in the bot's state",
      "record side sell, price 61,000, amount 0.02 BTC for order 17 in the bot's state",
    ],
    [
      { orders: [order({ filled: '0.006' })] },
      { orders: [order({ filled: '0.004' })] },
      'BTC/USDT:USDT: order 17 ("bot-17") has 0.006 BTC filled on the exchange, 0.004 BTC in the bot\'s state',
      'record 0.006 BTC filled of order 17 ("bot-17") in the bot\'s state',
    ],
    [
      { orders: [order({ side: 'sell' })] },
      { orders: [order({ side: 'sell', filled: '0.004' })] },
      'BTC/USDT:USDT: order 17 ("bot-17") has 0 BTC filled on the exchange, 0.004 BTC in the bot\'s state',
      'record 0 BTC filled of order 17 ("bot-17") in the bot\'s state',
    ],
    [
      { balances: [balance('USDT', '990')] },
      { balances: [balance('USDT', '1000')] },
      "USDT: 990 on the exchange, 1,000 in the bot's state",
      "record 990 USDT in the bot's state",
    ],
  ])('%#', (exchange, internal, description, fix) => {
    const [difference, ...rest] = differences(exchange, internal);
    if (difference === undefined) throw new Error('no difference');
    expect(rest).toEqual([]);
    expect(inOneLine(difference)).toBe(description);
    expect(remedy(difference)).toBe(fix);
  });
});

describe('a missing order', () => {
  it.each<[explanation: Partial<MissingOrderExplanation>, end: string, mend: RegExp]>([
    [{}, 'filled 0.01 BTC at 60,120.5 (order query)', /close order 17.* and record its fill of 0.01 BTC/],
    [{ cause: 'canceled', filled: '0' }, 'canceled (order query)', /^remove order 17/],
    [
      { cause: 'canceled', filled: '0.004' },
      'canceled after 0.004 BTC filled at 60,120.5 (order query)',
      /fill of 0.004 BTC/,
    ],
    [{ cause: 'expired', filled: null }, 'expired (order query)', /remove/],
    [{ cause: 'liquidated' }, 'liquidated 0.01 BTC at 60,120.5 (order query)', /record its fill/],
    [
      { cause: 'never_seen', filled: null, source: 'own trades' },
      'the exchange has never seen it (own trades)',
      /remove/,
    ],
    [{ cause: 'unknown', filled: null, source: 'timeout' }, 'the cause is unknown (timeout)', /remove/],
  ])('reports its explanation: %j', (explanation, end, fix) => {
    const [explained] = withExplanations(differences({}, { orders: [order()] }), [{ ...EXPLAINED, ...explanation }]);
    if (explained === undefined) throw new Error('no difference');
    expect(inOneLine(explained).endsWith(`: buy 0.01 BTC limit at 60,000; ${end}`)).toBe(true);
    expect(remedy(explained)).toMatch(fix);
  });

  it('is returned for explanation once, as the same object as in the difference', () => {
    const orders = [order({ id: '1' }), order({ id: '2', symbol: ETH })];
    const found = differences({ positions: [position()] }, { orders });
    const asked = explainable(found);
    expect(asked).toEqual(orders);
    expect(asked.every((row) => found.some((difference) => difference.internal === row))).toBe(true);

    const half = withExplanations(found, [EXPLAINED]);
    expect(half.map((difference) => 'explanation' in difference && difference.explanation)).toEqual([
      false,
      EXPLAINED,
      null,
    ]);
    expect(explainable(half)).toEqual([orders[1]]);
  });
});

it('keys have stable names', () => {
  const hedged = { positionMode: 'hedge' as const, positions: [position()] };
  const names = [
    differences({ positions: [position()] }, {}),
    differences(hedged, {}),
    differences({ orders: [order({ filled: '0.004', price: '1' })] }, { orders: [order()] }),
    differences({}, { orders: [order({ id: null })] }),
    differences({ balances: [balance('USDT', '1')] }, {}),
  ];
  expect(names.flat().map(identityOf)).toEqual([
    `position|${BTC}`,
    `position|${BTC}|long`,
    `order-terms|${BTC}|id:17`,
    `order-fill|${BTC}|id:17`,
    `order-presence|${BTC}|client:bot-17`,
    'balance|USDT',
  ]);
});
