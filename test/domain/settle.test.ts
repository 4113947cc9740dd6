import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare.js';
import { identityOf } from '../../src/domain/identity.js';
import type { Look } from '../../src/domain/look.js';
import type { SettleRules } from '../../src/domain/policy.js';
import { settle } from '../../src/domain/settle.js';
import type { OpenOrder, Position, Snapshot } from '../../src/domain/snapshot.js';
import { BTC, ETH, NOON, RULES, order, position, sides } from './snapshots.js';

const SETTLE: SettleRules = {
  confirmations: 2,
  settleSeconds: 10,
  graceSeconds: 30,
  maxLooks: 6,
  maxInternalAgeSeconds: 300,
};
const LONG_AGO = NOON - 3_600_000;

interface LookFields {
  /** Seconds after the first look, on the exchange's clock. */
  at: number;
  /** Seconds on the bot's own clock at which it wrote its books. It runs four minutes ahead; by default it writes at once. */
  booksAt?: number;
  /** Seconds by which the exchange answered later than the bot was asked. */
  late?: number;
  exchange?: Partial<Omit<Snapshot, 'side'>>;
  internal?: Partial<Omit<Snapshot, 'side'>>;
}

function looks(...fields: LookFields[]): Look[] {
  return fields.map(({ at, booksAt = at, late = 0, exchange = {}, internal = {} }, index) => {
    const snapshots = sides(exchange, internal);
    return {
      number: index + 1,
      exchangeClock: NOON + at * 1000,
      internalClock: NOON + 240_000 + booksAt * 1000,
      exchangeLateMs: late * 1000,
      comparison: compare(...snapshots, RULES),
    };
  });
}

/** One look in which the exchange holds `outside` and the bot believes in `inside`; "" is none. */
function held(at: number, outside: string, inside: string, changedAt: number | null = LONG_AGO): LookFields {
  const rows = (amount: string): Position[] => (amount === '' ? [] : [position({ amount, changedAt })]);
  return { at, exchange: { positions: rows(outside) }, internal: { positions: rows(inside) } };
}

function verdict(run: Look[], rules: Partial<SettleRules> = {}): string {
  const settlement = settle(run, { ...SETTLE, ...rules });
  if (settlement.kind === 'look_again') return `again in ${settlement.inSeconds} s`;
  const { confirmed, unsettled, moving } = settlement;
  const parts = [
    ...confirmed.map(({ difference }) => `confirmed ${difference.type}`),
    ...unsettled.map(({ type }) => `unsettled ${type}`),
    ...moving.map(({ type }) => `moving ${type}`),
  ];
  return parts.length === 0 ? 'settled' : parts.join(', ');
}

const CHANGED = 'confirmed POSITION_SIZE_CHANGED';
const CLOSED = 'confirmed POSITION_CLOSED_EXTERNALLY';

describe('1. a last look without differences settles the run at once', () => {
  it('with the first look', () => {
    expect(verdict(looks(held(0, '0.5', '0.5')))).toBe('settled');
  });

  it('without any look there is nothing to decide', () => {
    expect(() => settle([], SETTLE)).toThrow('at least one look');
  });
});

describe('2. a difference that is gone in the last look is no difference', () => {
  it('even if it was seen often enough before', () => {
    expect(verdict(looks(held(0, '0.7', '0.5'), held(10, '0.7', '0.5'), held(20, '0.7', '0.7')))).toBe('settled');
  });

  it('while another one is confirmed', () => {
    const both = (at: number, eth: string): LookFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '1' })] },
    });
    expect(verdict(looks(both(0, '2'), both(10, '1')))).toBe(CHANGED);
  });
});

describe('3. a key that shows the same two values in `confirmations` consecutive looks stands unchanged', () => {
  it.each([1, 2, 3, 5])('%d looks', (confirmations) => {
    const all = Array.from({ length: confirmations }, (_, index) => held(index * 10, '0.7', '0.5'));
    const long = { confirmations, maxLooks: 9 };
    expect(verdict(looks(...all), long)).toBe(CHANGED);
    expect(verdict(looks(...all), { ...long, confirmations: confirmations + 1 })).toBe('again in 10 s');
  });

  it('in other words of the same numbers', () => {
    expect(verdict(looks(held(0, '0.70', '5e-1'), held(10, '0.7', '0.500')))).toBe(CHANGED);
  });

  it('whatever the times of change say', () => {
    const moved = looks(held(0, '0.7', '0.5', LONG_AGO), held(10, '0.7', '0.5', LONG_AGO + 5));
    expect(verdict(moved)).toBe(CHANGED);
  });

  it('whatever was found out about a missing order meanwhile', () => {
    const missing = looks(...[0, 10, 20, 30].map((at) => ({ at, internal: { orders: [order()] } })));
    const [, second] = missing;
    for (const difference of second?.comparison.differences ?? []) {
      if (difference.type === 'ORDER_MISSING_ON_EXCHANGE') {
        const [filled, averagePrice, at, source] = ['0.01', '60120', LONG_AGO, 'order query'] as const;
        difference.explanation = { cause: 'filled', filled, averagePrice, at, source };
      }
    }
    expect(verdict(missing, { graceSeconds: 0 })).toBe('confirmed ORDER_MISSING_ON_EXCHANGE');
  });
});

describe('4. any change of either value begins the count anew', () => {
  const twoKeys: [what: string, before: LookFields, after: LookFields][] = [
    ['exchange', held(0, '0.8', '0.5'), held(10, '0.7', '0.5')],
    ['bot', held(0, '0.7', '0.6'), held(10, '0.7', '0.5')],
    ['type of difference', held(0, '0.7', ''), held(10, '0.7', '0.5')],
    ['agreed in between', held(0, '0.5', '0.5'), held(10, '0.7', '0.5')],
  ];
  it.each(twoKeys)('%s', (_, before, after) => {
    expect(verdict(looks(before, after))).toBe('again in 10 s');
    expect(verdict(looks(before, after, { ...after, at: 20 }))).toBe(CHANGED);
  });

  it('a value that comes back begins anew as well', () => {
    const run = looks(held(0, '0.7', '0.5'), held(10, '0.8', '0.5'), held(20, '0.7', '0.5'));
    expect(verdict(run)).toBe('again in 10 s');
  });

  const inside = (terms: Partial<OpenOrder>): OpenOrder[] => [order({ changedAt: LONG_AGO, ...terms })];
  const pair = (at: number, outside: Partial<OpenOrder>, terms: Partial<OpenOrder> = {}): LookFields => ({
    at,
    exchange: { orders: inside(outside) },
    internal: { orders: inside(terms) },
  });

  it.each<[what: string, first: Partial<OpenOrder>, second: Partial<OpenOrder>, confirmed: string]>([
    ['terms do not care for fills', { price: '1', filled: '0.001' }, { price: '1', filled: '0.001' }, 'both'],
    ['price', { price: '1' }, { price: '2' }, 'none'],
    ['trigger price', { price: '1', triggerPrice: '5' }, { price: '1', triggerPrice: '6' }, 'none'],
    ['amount', { amount: '1' }, { amount: '2' }, 'none'],
    ['side', { price: '1' }, { price: '1', side: 'sell' }, 'none'],
    ['fills', { filled: '0.001' }, { filled: '0.002' }, 'none'],
  ])('of an order: %s', (_, first, second, confirmed) => {
    const both = 'confirmed ORDER_AMENDED_EXTERNALLY, confirmed ORDER_FILL_MISSED';
    expect(verdict(looks(pair(0, first), pair(10, second)))).toBe(confirmed === 'both' ? both : 'again in 10 s');
  });

  it('the fills of an amended order go their own way', () => {
    const run = looks(pair(0, { price: '1', filled: '0.001' }), pair(10, { price: '1', filled: '0.002' }));
    const settlement = settle(run, SETTLE);
    expect(settlement).toMatchObject({ kind: 'look_again', waitingFor: [`order-fill|${BTC}|id:17`] });
  });

  it('fills of an order that only the bot knows', () => {
    const missing = (at: number, filled: string): LookFields => ({ at, internal: { orders: inside({ filled }) } });
    const confirmed = 'confirmed ORDER_MISSING_ON_EXCHANGE';
    const seen = (...filled: string[]): string =>
      verdict(looks(...filled.map((text, index) => missing(index * 10, text))), { graceSeconds: 0, confirmations: 4 });
    expect(seen('0', '0', '0', '0.001')).toBe('again in 10 s');
    expect(seen('0', '0', '0', '0.0')).toBe(confirmed);
  });
});

describe('5. a look that did not compare the key, or in which it moved while it was read, does not count', () => {
  it('not compared', () => {
    const blind = { ...held(10, '0.7', '0.5'), exchange: { scopes: ['orders'] } };
    expect(verdict(looks(held(0, '0.7', '0.5'), blind, held(20, '0.7', '0.5')))).toBe('again in 10 s');
  });

  it('torn', () => {
    const torn = (at: number): LookFields => {
      const look = held(at, '0.7', '0.5');
      return { ...look, exchange: { ...look.exchange, movedWhileRead: [BTC] } };
    };
    expect(verdict(looks(torn(0), held(10, '0.7', '0.5')))).toBe('again in 10 s');
    expect(verdict(looks(held(0, '0.7', '0.5'), torn(10)))).toBe('again in 10 s');
    expect(verdict(looks(torn(0), held(10, '0.7', '0.5'), held(20, '0.7', '0.5')))).toBe(CHANGED);
    const gone = [held(10, '', '0.5'), held(20, '', '0.5'), held(35, '', '0.5'), held(45, '', '0.5')];
    const tornGone = { at: 0, exchange: { movedWhileRead: [BTC] }, internal: { positions: [position()] } };
    expect(verdict(looks(tornGone, ...gone))).toBe('again in 10 s');
    const only = ['a', 'b'].map((_, index) => torn(index * 10));
    expect(verdict(looks(...only), { maxLooks: 2 })).toBe('unsettled POSITION_SIZE_CHANGED');
  });
});

describe('6. the last change lies more than the grace before the bot wrote the books of the look before the last', () => {
  it.each([
    // The books of the second look were written after the first one, at second 0.
    [-31, CHANGED],
    [-30.001, CHANGED],
    [-30, 'again in 10 s'],
    [-29, 'again in 10 s'],
    [-11, 'again in 10 s'],
    [-9, 'again in 10 s'],
    [5, 'again in 17 s'],
    [15, 'again in 27 s'],
  ])('changed at second %d', (second, expected) => {
    const at = NOON + second * 1000;
    const [first, ...others] = [0, 10, 20].map((seen) => held(seen, '0.7', '0.5', at));
    expect(verdict(looks(first ?? held(0, '', ''), ...others))).toBe(expected);
    // Two looks are not enough: what the bot wrote then is not held against what the exchange said before.
    expect(verdict(looks(...others))).toMatch(/^again/);
  });

  it('is met by the looks that it asks for', () => {
    const at = NOON + 5000;
    const seen = (...seconds: number[]): Look[] => looks(...seconds.map((second) => held(second, '0.7', '0.5', at)));
    expect(verdict(seen(0))).toBe('again in 10 s');
    expect(verdict(seen(0, 10))).toBe('again in 27 s');
    expect(verdict(seen(0, 10, 37))).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47))).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47, 57))).toBe(CHANGED);
  });

  it('so that an order which is filled between the two answers of a look is no drift', () => {
    // The page of the third look was written after the fill; the exchange was asked before it, and the fourth look shows it.
    const open = { orders: [order({ changedAt: NOON - 40_000 })] };
    const run = [
      { at: 0, booksAt: -50, exchange: open },
      { at: 10, booksAt: -50, exchange: open },
      { at: 40, booksAt: 45, exchange: open },
    ];
    expect(verdict(looks(...run))).toBe('again in 10 s');
    expect(verdict(looks(...run, { at: 50, booksAt: 45 }))).toBe('settled');
    expect(verdict(looks(...run, { at: 50, booksAt: 45, exchange: open }))).toBe('confirmed ORDER_PLACED_EXTERNALLY');
  });

  it('without a grace the books must be newer than the change all the same', () => {
    const seen = (changedAt: number): string =>
      verdict(looks(...[0, 10, 20].map((at) => held(at, '0.7', '0.5', changedAt))), { graceSeconds: 0 });
    expect(seen(NOON - 1)).toBe(CHANGED);
    expect(seen(NOON)).toBe('again in 10 s');
  });

  it('holds for a change that the exchange dates after its own clock', () => {
    const ahead = NOON + 60_000;
    expect(verdict(looks(held(0, '0.7', '0.5', ahead), held(10, '0.7', '0.5', ahead)))).toBe('again in 82 s');
  });
});

describe('7. where the exchange tells no time, the change counts as made in the first look of the count', () => {
  const gone = (...seconds: number[]): LookFields[] => seconds.map((second) => held(second, '', '0.5'));

  it('for a position that is gone', () => {
    expect(verdict(looks(...gone(0, 10, 20, 31, 41)))).toBe('again in 10 s');
    expect(verdict(looks(...gone(0, 10, 20, 31, 41, 51)))).toBe(CLOSED);
  });

  it('not before: it may have closed just then', () => {
    expect(verdict(looks(...gone(0, 10, 20, 30, 40, 50)))).toBe('again in 10 s');
    expect(verdict(looks(...gone(0, 10, 20, 31, 40, 50)))).toBe(CLOSED);
  });

  it('counts from where the values stood still', () => {
    const run = [held(0, '', '0.4'), ...gone(10, 20, 41, 51, 61)];
    expect(verdict(looks(...run))).toBe(CLOSED);
    expect(verdict(looks(...run.slice(0, 5)))).toBe('again in 10 s');
    expect(verdict(looks(held(0, '', '0.4'), ...gone(10, 20, 35, 39, 49)))).toBe('again in 10 s');
  });

  it('counts anew after a stretch in which the key may have come back and gone again', () => {
    // The settle time, and twice as much for slow answers: 30 s.
    expect(verdict(looks(...gone(0, 10, 40, 50, 60)))).toBe(CLOSED);
    expect(verdict(looks(...gone(0, 10, 41, 51, 61)))).toBe('again in 10 s');
    expect(verdict(looks(...gone(0, 10, 41, 51, 61, 72, 82)))).toBe('again in 10 s');
    expect(verdict(looks(...gone(0, 10, 41, 51, 61, 72, 82, 92)))).toBe(CLOSED);
  });

  it('an order with an id of the exchange never comes back', () => {
    const missing = (id: string | null, ...seconds: number[]): Look[] =>
      looks(...seconds.map((at) => ({ at, internal: { orders: [order({ id })] } })));
    expect(verdict(missing('17', 0, 10))).toBe('again in 22 s');
    expect(verdict(missing('17', 0, 10, 100))).toBe('again in 10 s');
    expect(verdict(missing('17', 0, 100, 110, 120))).toBe('confirmed ORDER_MISSING_ON_EXCHANGE');
    expect(verdict(missing(null, 0, 10))).toBe('again in 10 s');
    expect(verdict(missing(null, 0, 100, 110, 120))).toBe('again in 10 s');
  });

  it('but a change that the exchange dates is as old as it says, however far apart the looks are', () => {
    expect(verdict(looks(held(0, '0.7', '0.5'), held(500, '0.7', '0.5')))).toBe(CHANGED);
  });

  it('uses the end of a missing order where it is explained', () => {
    const run = looks({ at: 0, internal: { orders: [order()] } }, { at: 10, internal: { orders: [order()] } });
    expect(verdict(run)).toBe('again in 22 s');
    for (const { comparison } of run) {
      for (const difference of comparison.differences) {
        if (difference.type !== 'ORDER_MISSING_ON_EXCHANGE') throw new Error(difference.type);
        const [filled, averagePrice, source] = [null, null, 'order query'];
        difference.explanation = { cause: 'canceled', filled, averagePrice, at: LONG_AGO, source };
      }
    }
    expect(verdict(run)).toBe('confirmed ORDER_MISSING_ON_EXCHANGE');
  });
});

describe('8. a page from before the change does not accuse', () => {
  const minuteAgo = NOON - 40_000;
  const page = (at: number, booksAt: number, changedAt = minuteAgo): LookFields => ({
    ...held(at, '0.7', '0.5', changedAt),
    booksAt,
  });

  it('however often it is read', () => {
    expect(verdict(looks(page(0, -50), page(10, -50), page(20, -50), page(30, -50)))).toMatch(/^again/);
    const all = Array.from({ length: 37 }, (_, index) => page(index * 10, -50));
    expect(verdict(looks(...all.slice(0, 36)), { maxLooks: 2 })).toMatch(/^again/);
    // By then a bot that is believed has written another.
    expect(verdict(looks(...all), { maxLooks: 2 })).toBe('unsettled POSITION_SIZE_CHANGED');
  });

  it('and the next page does, if it was written after the grace', () => {
    expect(verdict(looks(page(0, -50), page(10, -50), page(20, 15), page(30, 15)))).toBe(CHANGED);
  });

  it('but a page cannot be older than the bot is believed', () => {
    // Nor older by more than its clock may run ahead.
    expect(verdict(looks(page(0, -50, NOON - 630_001), page(10, -50, NOON - 630_001)))).toBe(CHANGED);
    expect(verdict(looks(page(0, -50, NOON - 630_000), page(10, -50, NOON - 630_000)))).toMatch(/^again/);
  });

  it('nor does what a bot shows after a restart, which it may have saved before an earlier look', () => {
    const restarted = [page(0, 0), page(10, -50), page(20, -40), page(30, -5)];
    expect(verdict(looks(...restarted))).toMatch(/^again/);
    expect(verdict(looks(...restarted, page(40, 35), page(50, 35)))).toBe(CHANGED);
  });

  it('nor does one that was written after the bot was asked, though before the exchange answered', () => {
    // The exchange's first answer came 20 s after the bot's: the page of the second look may be of second -20.
    const changedAt = NOON - 45_000;
    const late = { ...page(0, -50, changedAt), late: 20 };
    const more = [page(10, -15, changedAt), page(20, -15, changedAt)];
    expect(verdict(looks(page(0, -50, changedAt), ...more))).toBe(CHANGED);
    expect(verdict(looks(late, ...more))).toMatch(/^again/);
    expect(verdict(looks(late, ...more, page(30, 25, changedAt), page(40, 35, changedAt)))).toBe(CHANGED);
  });
});

describe('9. clocks of different sides are never compared with each other', () => {
  it.each([-3_600_000, -240_000, 0, 3_600_000])('the bot runs %d ms off', (skew) => {
    const skewed = (run: Look[]): Look[] => run.map((look) => ({ ...look, internalClock: look.internalClock + skew }));
    for (const changedAt of [LONG_AGO, NOON - 29_000, NOON + 5000]) {
      for (const seconds of [[0], [0, 10], [0, 10, 37], [0, 10, 37, 47]]) {
        const run = looks(...seconds.map((second) => held(second, '0.7', '0.5', changedAt)));
        expect(verdict(skewed(run))).toBe(verdict(run));
      }
    }
  });
});

describe('10. while a difference is not confirmed, the run looks again', () => {
  it('and says for which keys', () => {
    expect(settle(looks(held(0, '0.7', '0.5')), SETTLE)).toEqual({
      kind: 'look_again',
      inSeconds: 10,
      waitingFor: [`position|${BTC}`],
    });
  });

  it('when the grace is over, and it was not asked too early for that', () => {
    const late = { ...held(10, '0.7', '0.5', NOON + 5000), late: 4 };
    expect(verdict(looks(held(0, '0.7', '0.5', NOON + 5000), late))).toBe('again in 31 s');
  });

  it('after the settle time where a key is to be counted, whatever else waits for the grace', () => {
    const both = (at: number): LookFields => ({
      at,
      exchange: {
        positions: [position({ amount: `0.${at + 11}`, changedAt: NOON }), position({ symbol: ETH, amount: '2' })],
      },
      internal: { positions: [position(), position({ symbol: ETH, amount: '1' })] },
    });
    expect(verdict(looks(both(0), both(10)))).toBe('again in 10 s');
  });

  it('after the grace where only newer books are missing, and the bot writes them now and then', () => {
    const at = NOON - 40_000;
    const page = (second: number, booksAt: number): LookFields => ({ ...held(second, '0.7', '0.5', at), booksAt });
    expect(verdict(looks(page(0, -50), page(10, -50)))).toBe('again in 30 s');
    expect(verdict(looks(page(0, -50), page(10, -50)), { settleSeconds: 45 })).toBe('again in 45 s');
    expect(verdict(looks(page(0, -50), page(10, -50), page(40, 15)))).toBe('again in 10 s');
    expect(verdict(looks(page(0, -50), page(10, -50), page(40, 15), page(50, 15)))).toBe(CHANGED);
    // A page that came between the looks may be from before the grace was over; the next is looked for at once.
    expect(verdict(looks(page(-15, -50), page(-5, -10)))).toBe('again in 10 s');
  });

  it('and gives the verdict on all keys together', () => {
    const both = (at: number, eth: string): LookFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '9' })] },
    });
    expect(verdict(looks(both(0, '1'), both(10, '2')))).toBe('again in 10 s');
    expect(verdict(looks(both(0, '1'), both(10, '2'), both(20, '2')))).toBe(`${CHANGED}, ${CHANGED}`);
  });
});

describe('11. after maxLooks the run looks on only for keys that stood still then and do ever since', () => {
  it('not for one that moves', () => {
    for (const maxLooks of [2, 3, 6]) {
      const run = Array.from({ length: maxLooks }, (_, index) => held(index * 10, `0.${index + 1}`, '0.9'));
      expect(verdict(looks(...run.slice(0, -1)), { maxLooks })).toMatch(/^again/);
      expect(verdict(looks(...run), { maxLooks })).toBe('unsettled POSITION_SIZE_CHANGED');
    }
  });

  it('until the grace is over, and the bot has written new books', () => {
    const at = NOON + 5000;
    const seen = (...seconds: number[]): Look[] => looks(...seconds.map((second) => held(second, '0.7', '0.5', at)));
    expect(verdict(seen(0, 10), { maxLooks: 2 })).toBe('again in 27 s');
    expect(verdict(seen(0, 10, 37), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47, 57), { maxLooks: 2 })).toBe(CHANGED);
  });

  it('not for one that stood still only afterwards, while the run looked on for another', () => {
    const both = (at: number, eth: string): LookFields => ({
      at,
      exchange: {
        positions: [
          position({ amount: '0.7', changedAt: NOON }),
          position({ symbol: ETH, amount: eth, changedAt: NOON + Math.min(at, 32) * 1000 }),
        ],
      },
      internal: { positions: [position(), position({ symbol: ETH, amount: '9' })] },
    });
    const run = [both(0, '1'), both(10, '2'), both(32, '3')];
    expect(verdict(looks(...run), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(looks(...run, both(42, '3'), both(52, '3')), { maxLooks: 2 })).toBe(
      `${CHANGED}, unsettled POSITION_SIZE_CHANGED`,
    );
  });

  it('and not for ever: an exchange that touches a row without changing it does not hold the run', () => {
    const touched = (at: number): LookFields => held(at, '0.7', '0.5', NOON + at * 1000);
    const run = Array.from({ length: 50 }, (_, index) => touched(index * 10));
    const ends = run.findIndex((_, index) => !verdict(looks(...run.slice(0, index + 1))).startsWith('again'));
    expect(ends).toBe(40);
    expect(verdict(looks(...run.slice(0, 41)))).toBe('unsettled POSITION_SIZE_CHANGED');
  });
});

describe('11. a key that differed in every look and is not confirmed is unsettled, another is moving', () => {
  it('moving if it agreed in a look of the run', () => {
    const run = [held(0, '0.1', '0.1'), held(10, '0.2', '0.1'), held(20, '0.3', '0.2')];
    expect(verdict(looks(...run), { maxLooks: 3 })).toBe('moving POSITION_SIZE_CHANGED');
    expect(verdict(looks(...run.slice(1)), { maxLooks: 2 })).toBe('unsettled POSITION_SIZE_CHANGED');
  });

  it('says what moved', () => {
    const settlement = settle(looks(held(0, '0.2', '0.1'), held(10, '0.3', '0.2')), { ...SETTLE, maxLooks: 2 });
    expect(settlement).toMatchObject({
      unsettled: [
        {
          identity: `position|${BTC}`,
          symbol: BTC,
          reason: 'it moved: the same in the last 1 of 2 looks, 2 are needed',
        },
      ],
    });
  });

  it('and what stood still is confirmed all the same', () => {
    const both = (at: number, eth: string): LookFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '9' })] },
    });
    expect(verdict(looks(both(0, '1'), both(10, '2')), { maxLooks: 2 })).toBe(
      `${CHANGED}, unsettled POSITION_SIZE_CHANGED`,
    );
  });
});

describe('keys', () => {
  it('that one side lists twice are one', () => {
    const twice = (at: number): LookFields => ({ at, internal: { orders: [order(), order({ price: '5' })] } });
    const settlement = settle(looks(twice(0), twice(10), twice(20), twice(30)), { ...SETTLE, graceSeconds: 0 });
    expect(settlement.kind === 'settled' && settlement.confirmed.map(({ identity }) => identity)).toEqual([
      `order-presence|${BTC}|id:17`,
    ]);
  });

  it('are found again when others come and go around them', () => {
    const ids = (at: number, ...open: string[]): LookFields => ({
      at,
      exchange: { orders: open.map((id) => order({ id, clientOrderId: null, changedAt: LONG_AGO })) },
    });
    const run = looks(ids(0, '1', '3', '5', '7'), ids(10, '2', '3', '4', '7', '8'));
    const settlement = settle(run, { ...SETTLE, maxLooks: 2 });
    expect(settlement.kind).toBe('settled');
    if (settlement.kind !== 'settled') return;
    expect(settlement.confirmed.map(({ difference }) => difference.orderId)).toEqual(['3', '7']);
    expect(settlement.moving.map(({ identity }) => identity)).toEqual(
      ['2', '4', '8'].map((id) => `order-presence|${BTC}|id:${id}`),
    );
    expect(settlement.confirmed.every(({ identity, difference }) => identity === identityOf(difference))).toBe(true);
  });
});
