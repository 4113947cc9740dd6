import { describe, expect, it } from '@jest/globals';
import { identityOf } from '../../src/domain/difference/identity.js';
import type { Observation } from '../../src/domain/compare/observation.js';
import { confirm } from '../../src/domain/confirm/confirm.js';
import {
  CHANGED,
  CLOSED,
  LONG_AGO,
  CONFIRM_RULES,
  held,
  observations,
  verdict,
  type ObservationFields,
} from './observations.js';
import { BTC, ETH, NOON, order, position } from './snapshots.js';

describe('7. a change without an exchange time counts from the first observation of the count', () => {
  const gone = (...seconds: number[]): ObservationFields[] => seconds.map((second) => held(second, '', '0.5'));

  it('for a position that is gone', () => {
    expect(verdict(observations(...gone(0, 10, 20, 31, 41)))).toBe('again in 10 s');
    expect(verdict(observations(...gone(0, 10, 20, 31, 41, 51)))).toBe(CLOSED);
  });

  it('not earlier, because it may have closed just before that observation', () => {
    expect(verdict(observations(...gone(0, 10, 20, 30, 40, 50)))).toBe('again in 10 s');
    expect(verdict(observations(...gone(0, 10, 20, 31, 40, 50)))).toBe(CLOSED);
  });

  it('counts from the first observation with the same values', () => {
    const run = [held(0, '', '0.4'), ...gone(10, 20, 41, 51, 61)];
    expect(verdict(observations(...run))).toBe(CLOSED);
    expect(verdict(observations(...run.slice(0, 5)))).toBe('again in 10 s');
    expect(verdict(observations(held(0, '', '0.4'), ...gone(10, 20, 35, 39, 49)))).toBe('again in 10 s');
  });

  it('restarts after a gap in which the key may have reappeared and gone again', () => {
    // The confirm interval, and twice as much for slow answers: 30 s.
    expect(verdict(observations(...gone(0, 10, 40, 50, 60)))).toBe(CLOSED);
    expect(verdict(observations(...gone(0, 10, 41, 51, 61)))).toBe('again in 10 s');
    expect(verdict(observations(...gone(0, 10, 41, 51, 61, 72, 82)))).toBe('again in 10 s');
    expect(verdict(observations(...gone(0, 10, 41, 51, 61, 72, 82, 92)))).toBe(CLOSED);
  });

  it('an order with an exchange id never reappears', () => {
    const missing = (id: string | null, ...seconds: number[]): Observation[] =>
      observations(...seconds.map((at) => ({ at, internal: { orders: [order({ id })] } })));
    expect(verdict(missing('17', 0, 10))).toBe('again in 22 s');
    expect(verdict(missing('17', 0, 10, 100))).toBe('again in 10 s');
    expect(verdict(missing('17', 0, 100, 110, 120))).toBe('confirmed ORDER_MISSING_ON_EXCHANGE');
    expect(verdict(missing(null, 0, 10))).toBe('again in 10 s');
    expect(verdict(missing(null, 0, 100, 110, 120))).toBe('again in 10 s');
  });

  it('a change with an exchange time has that age, whatever the gaps between observations', () => {
    expect(verdict(observations(held(0, '0.7', '0.5'), held(500, '0.7', '0.5')))).toBe(CHANGED);
  });

  it('uses the end of a missing order if it is explained', () => {
    const run = observations({ at: 0, internal: { orders: [order()] } }, { at: 10, internal: { orders: [order()] } });
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

describe('8. internal state from before the change does not confirm', () => {
  const minuteAgo = NOON - 40_000;
  const page = (at: number, writtenAt: number, changedAt = minuteAgo): ObservationFields => ({
    ...held(at, '0.7', '0.5', changedAt),
    writtenAt,
  });

  it('however often it is read', () => {
    expect(verdict(observations(page(0, -50), page(10, -50), page(20, -50), page(30, -50)))).toMatch(/^again/);
    const all = Array.from({ length: 37 }, (_, index) => page(index * 10, -50));
    expect(verdict(observations(...all.slice(0, 36)), { maxLooks: 2 })).toMatch(/^again/);
    // By then a bot within its maximal age has written newer state.
    expect(verdict(observations(...all), { maxLooks: 2 })).toBe('unconfirmed POSITION_SIZE_CHANGED');
  });

  it('the next state does, if it was written after the grace', () => {
    expect(verdict(observations(page(0, -50), page(10, -50), page(20, 15), page(30, 15)))).toBe(CHANGED);
  });

  it('state cannot be older than its maximal age', () => {
    // Plus how far the bot's clock may run ahead.
    expect(verdict(observations(page(0, -50, NOON - 630_001), page(10, -50, NOON - 630_001)))).toBe(CHANGED);
    expect(verdict(observations(page(0, -50, NOON - 630_000), page(10, -50, NOON - 630_000)))).toMatch(/^again/);
  });

  it('state that a restarted bot may have saved before an earlier observation does not confirm', () => {
    const restarted = [page(0, 0), page(10, -50), page(20, -40), page(30, -5)];
    expect(verdict(observations(...restarted))).toMatch(/^again/);
    expect(verdict(observations(...restarted, page(40, 35), page(50, 35)))).toBe(CHANGED);
  });

  describe('of several sources', () => {
    /** The seconds at which each source wrote what an observation read. */
    const summed = (at: number, a: number, b: number): Observation => {
      const [observation] = observations(page(at, Math.min(a, b)));
      if (observation === undefined) throw new Error('no observation');
      return { ...observation, internalClocks: { a: NOON + a * 1000, b: NOON + b * 1000 } };
    };

    it('confirms when every source wrote after the grace', () => {
      expect(verdict([summed(0, -50, -50), summed(10, -50, -50), summed(20, 15, 16), summed(30, 15, 16)])).toBe(
        CHANGED,
      );
    });

    it('does not confirm while one of them has not written, although the oldest clock advances', () => {
      // b wrote before the change; a is older at first and newer then, so the oldest clock moves from -60 to -50.
      const run = [summed(0, -60, -50), summed(10, -60, -50), summed(20, 15, -50), summed(30, 15, -50)];
      expect(verdict(run)).toMatch(/^again/);
      expect(verdict([...run, summed(40, 15, 35), summed(50, 15, 35)])).toBe(CHANGED);
    });

    it('does not confirm with a source that went back, although the oldest clock advances', () => {
      const run = [summed(0, -50, 5), summed(10, -50, 5), summed(20, 15, 0), summed(30, 15, 0)];
      expect(verdict(run)).toMatch(/^again/);
    });
  });

  it('state that was read before, with older state in between, does not confirm', () => {
    const again = [page(0, -45), page(10, -50), page(20, -50), page(30, -45)];
    expect(verdict(observations(...again, page(40, -45)))).toMatch(/^again/);
    expect(verdict(observations(...again, page(40, 35), page(50, 35)))).toBe(CHANGED);
  });

  it('state that was written after the bot request and before the exchange answered does not confirm', () => {
    // The exchange answered first 20 s after the bot, so the state of the second observation may be of second -20.
    const changedAt = NOON - 45_000;
    const late = { ...page(0, -50, changedAt), late: 20 };
    const more = [page(10, -15, changedAt), page(20, -15, changedAt)];
    expect(verdict(observations(page(0, -50, changedAt), ...more))).toBe(CHANGED);
    expect(verdict(observations(late, ...more))).toMatch(/^again/);
    expect(verdict(observations(late, ...more, page(30, 25, changedAt), page(40, 35, changedAt)))).toBe(CHANGED);
  });
});

describe('9. clocks of different sides are never compared with each other', () => {
  it.each([-3_600_000, -240_000, 0, 3_600_000])("the bot's clock is wrong by %d ms", (skew) => {
    const skewed = (run: Observation[]): Observation[] =>
      run.map((observation) => ({ ...observation, internalClock: observation.internalClock + skew }));
    for (const changedAt of [LONG_AGO, NOON - 29_000, NOON + 5000]) {
      for (const seconds of [[0], [0, 10], [0, 10, 37], [0, 10, 37, 47]]) {
        const run = observations(...seconds.map((second) => held(second, '0.7', '0.5', changedAt)));
        expect(verdict(skewed(run))).toBe(verdict(run));
      }
    }
  });
});

describe('10. while a difference is not confirmed, the run observes again', () => {
  it('and names the keys', () => {
    expect(confirm(observations(held(0, '0.7', '0.5')), CONFIRM_RULES)).toEqual({
      kind: 'observe_again',
      inSeconds: 10,
      waitingFor: [`position|${BTC}`],
    });
  });

  it('when the grace ends, but not earlier', () => {
    const late = { ...held(10, '0.7', '0.5', NOON + 5000), late: 4 };
    expect(verdict(observations(held(0, '0.7', '0.5', NOON + 5000), late))).toBe('again in 31 s');
  });

  it('after the confirm interval if a key needs more observations, even if others wait for the grace', () => {
    const both = (at: number): ObservationFields => ({
      at,
      exchange: {
        positions: [position({ amount: `0.${at + 11}`, changedAt: NOON }), position({ symbol: ETH, amount: '2' })],
      },
      internal: { positions: [position(), position({ symbol: ETH, amount: '1' })] },
    });
    expect(verdict(observations(both(0), both(10)))).toBe('again in 10 s');
  });

  it('after the grace if only newer state is missing, and the bot writes it occasionally', () => {
    const at = NOON - 40_000;
    const page = (second: number, writtenAt: number): ObservationFields => ({
      ...held(second, '0.7', '0.5', at),
      writtenAt,
    });
    expect(verdict(observations(page(0, -50), page(10, -50)))).toBe('again in 30 s');
    expect(verdict(observations(page(0, -50), page(10, -50)), { settleSeconds: 45 })).toBe('again in 45 s');
    expect(verdict(observations(page(0, -50), page(10, -50), page(40, 15)))).toBe('again in 10 s');
    expect(verdict(observations(page(0, -50), page(10, -50), page(40, 15), page(50, 15)))).toBe(CHANGED);
    // State written between the observations may be from before the end of the grace; newer state is read at once.
    expect(verdict(observations(page(-15, -50), page(-5, -10)))).toBe('again in 10 s');
  });

  it('and decides all keys together', () => {
    const both = (at: number, eth: string): ObservationFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '9' })] },
    });
    expect(verdict(observations(both(0, '1'), both(10, '2')))).toBe('again in 10 s');
    expect(verdict(observations(both(0, '1'), both(10, '2'), both(20, '2')))).toBe(`${CHANGED}, ${CHANGED}`);
  });
});

describe('11. after maxLooks the run keeps observing only keys that are still stable', () => {
  it('not a key that changes', () => {
    for (const maxObservations of [2, 3, 6]) {
      const run = Array.from({ length: maxObservations }, (_, index) => held(index * 10, `0.${index + 1}`, '0.9'));
      expect(verdict(observations(...run.slice(0, -1)), { maxLooks: maxObservations })).toMatch(/^again/);
      expect(verdict(observations(...run), { maxLooks: maxObservations })).toBe('unconfirmed POSITION_SIZE_CHANGED');
    }
  });

  it('until the grace ends and the bot has written new state', () => {
    const at = NOON + 5000;
    const seen = (...seconds: number[]): Observation[] =>
      observations(...seconds.map((second) => held(second, '0.7', '0.5', at)));
    expect(verdict(seen(0, 10), { maxLooks: 2 })).toBe('again in 27 s');
    expect(verdict(seen(0, 10, 37), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47, 57), { maxLooks: 2 })).toBe(CHANGED);
  });

  it('not a key that became stable only while the run kept observing another', () => {
    const both = (at: number, eth: string): ObservationFields => ({
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
    expect(verdict(observations(...run), { maxLooks: 2 })).toBe('again in 10 s');
    expect(verdict(observations(...run, both(42, '3'), both(52, '3')), { maxLooks: 2 })).toBe(
      `${CHANGED}, unconfirmed POSITION_SIZE_CHANGED`,
    );
  });

  it('for a bounded time, even if the exchange updates the time of an unchanged row', () => {
    const touched = (at: number): ObservationFields => held(at, '0.7', '0.5', NOON + at * 1000);
    const run = Array.from({ length: 50 }, (_, index) => touched(index * 10));
    const ends = run.findIndex((_, index) => !verdict(observations(...run.slice(0, index + 1))).startsWith('again'));
    expect(ends).toBe(40);
    expect(verdict(observations(...run.slice(0, 41)))).toBe('unconfirmed POSITION_SIZE_CHANGED');
  });
});

describe('11. a key that differed in every observation and is not confirmed is unconfirmed; others are moving', () => {
  it('is moving if it agreed in an observation of the run', () => {
    const run = [held(0, '0.1', '0.1'), held(10, '0.2', '0.1'), held(20, '0.3', '0.2')];
    expect(verdict(observations(...run), { maxLooks: 3 })).toBe('moving POSITION_SIZE_CHANGED');
    expect(verdict(observations(...run.slice(1)), { maxLooks: 2 })).toBe('unconfirmed POSITION_SIZE_CHANGED');
  });

  it('has the reason', () => {
    const confirmation = confirm(observations(held(0, '0.2', '0.1'), held(10, '0.3', '0.2')), {
      ...CONFIRM_RULES,
      maxLooks: 2,
    });
    expect(confirmation).toMatchObject({
      unconfirmed: [
        {
          identity: `position|${BTC}`,
          symbol: BTC,
          reason: 'it moved: the same in the last 1 of 2 observations, 2 are needed',
        },
      ],
    });
  });

  it('while stable keys are confirmed', () => {
    const both = (at: number, eth: string): ObservationFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '9' })] },
    });
    expect(verdict(observations(both(0, '1'), both(10, '2')), { maxLooks: 2 })).toBe(
      `${CHANGED}, unconfirmed POSITION_SIZE_CHANGED`,
    );
  });
});

describe('keys', () => {
  it('that one side repeats are one key', () => {
    const twice = (at: number): ObservationFields => ({ at, internal: { orders: [order(), order({ price: '5' })] } });
    const confirmation = confirm(observations(twice(0), twice(10), twice(20), twice(30)), {
      ...CONFIRM_RULES,
      graceSeconds: 0,
    });
    expect(confirmation.kind === 'decided' && confirmation.confirmed.map(({ identity }) => identity)).toEqual([
      `order-presence|${BTC}|id:17`,
    ]);
  });

  it('are followed while other keys appear and disappear', () => {
    const ids = (at: number, ...open: string[]): ObservationFields => ({
      at,
      exchange: { orders: open.map((id) => order({ id, clientOrderId: null, changedAt: LONG_AGO })) },
    });
    const run = observations(ids(0, '1', '3', '5', '7'), ids(10, '2', '3', '4', '7', '8'));
    const confirmation = confirm(run, { ...CONFIRM_RULES, maxLooks: 2 });
    expect(confirmation.kind).toBe('decided');
    if (confirmation.kind !== 'decided') return;
    expect(confirmation.confirmed.map(({ difference }) => difference.orderId)).toEqual(['3', '7']);
    expect(confirmation.moving.map(({ identity }) => identity)).toEqual(
      ['2', '4', '8'].map((id) => `order-presence|${BTC}|id:${id}`),
    );
    expect(confirmation.confirmed.every(({ identity, difference }) => identity === identityOf(difference))).toBe(true);
  });
});
