import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../src/domain/compare/observation.js';
import { confirm } from '../../src/domain/confirm/confirm.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  CHANGED,
  LONG_AGO,
  CONFIRM_RULES,
  held,
  observations,
  verdict,
  type ObservationFields,
} from './observations.js';
import { BTC, ETH, NOON, order, position } from './snapshots.js';

describe('1. a last observation without differences decides the run at once', () => {
  it('with the first observation', () => {
    expect(verdict(observations(held(0, '0.5', '0.5')))).toBe('decided');
  });

  it('without any observation there is nothing to decide', () => {
    expect(() => confirm([], CONFIRM_RULES)).toThrow('at least one observation');
  });
});

describe('2. a difference that the last observation does not have is no difference', () => {
  it('even if enough earlier observations have it', () => {
    expect(verdict(observations(held(0, '0.7', '0.5'), held(10, '0.7', '0.5'), held(20, '0.7', '0.7')))).toBe(
      'decided',
    );
  });

  it('while another one is confirmed', () => {
    const both = (at: number, eth: string): ObservationFields => ({
      at,
      exchange: { positions: [position({ amount: '0.7' }), position({ symbol: ETH, amount: eth })] },
      internal: { positions: [position(), position({ symbol: ETH, amount: '1' })] },
    });
    expect(verdict(observations(both(0, '2'), both(10, '1')))).toBe(CHANGED);
  });
});

describe('3. a key that shows the same two values in `confirmations` consecutive observations is stable', () => {
  it.each([1, 2, 3, 5])('%d observations', (confirmations) => {
    const all = Array.from({ length: confirmations }, (_, index) => held(index * 10, '0.7', '0.5'));
    const long = { confirmations, maxLooks: 9 };
    expect(verdict(observations(...all), long)).toBe(CHANGED);
    expect(verdict(observations(...all), { ...long, confirmations: confirmations + 1 })).toBe('again in 10 s');
  });

  it('with another notation of the same numbers', () => {
    expect(verdict(observations(held(0, '0.70', '5e-1'), held(10, '0.7', '0.500')))).toBe(CHANGED);
  });

  it('whatever the times of change say', () => {
    const moved = observations(held(0, '0.7', '0.5', LONG_AGO), held(10, '0.7', '0.5', LONG_AGO + 5));
    expect(verdict(moved)).toBe(CHANGED);
  });

  it('whatever the explanation of a missing order', () => {
    const missing = observations(...[0, 10, 20, 30].map((at) => ({ at, internal: { orders: [order()] } })));
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

describe('4. any change of either value restarts the count', () => {
  const twoKeys: [what: string, before: ObservationFields, after: ObservationFields][] = [
    ['exchange', held(0, '0.8', '0.5'), held(10, '0.7', '0.5')],
    ['bot', held(0, '0.7', '0.6'), held(10, '0.7', '0.5')],
    ['type of difference', held(0, '0.7', ''), held(10, '0.7', '0.5')],
    ['agreed in between', held(0, '0.5', '0.5'), held(10, '0.7', '0.5')],
  ];
  it.each(twoKeys)('%s', (_, before, after) => {
    expect(verdict(observations(before, after))).toBe('again in 10 s');
    expect(verdict(observations(before, after, { ...after, at: 20 }))).toBe(CHANGED);
  });

  it('a value that returns restarts it, too', () => {
    const run = observations(held(0, '0.7', '0.5'), held(10, '0.8', '0.5'), held(20, '0.7', '0.5'));
    expect(verdict(run)).toBe('again in 10 s');
  });

  const inside = (terms: Partial<OpenOrder>): OpenOrder[] => [order({ changedAt: LONG_AGO, ...terms })];
  const pair = (at: number, outside: Partial<OpenOrder>, terms: Partial<OpenOrder> = {}): ObservationFields => ({
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
    expect(verdict(observations(pair(0, first), pair(10, second)))).toBe(confirmed === 'both' ? both : 'again in 10 s');
  });

  it('terms and fills of an amended order are counted separately', () => {
    const run = observations(pair(0, { price: '1', filled: '0.001' }), pair(10, { price: '1', filled: '0.002' }));
    const confirmation = confirm(run, CONFIRM_RULES);
    expect(confirmation).toMatchObject({ kind: 'observe_again', waitingFor: [`order-fill|${BTC}|id:17`] });
  });

  it('fills of an order that only the bot knows', () => {
    const missing = (at: number, filled: string): ObservationFields => ({
      at,
      internal: { orders: inside({ filled }) },
    });
    const confirmed = 'confirmed ORDER_MISSING_ON_EXCHANGE';
    const seen = (...filled: string[]): string =>
      verdict(observations(...filled.map((text, index) => missing(index * 10, text))), {
        graceSeconds: 0,
        confirmations: 4,
      });
    expect(seen('0', '0', '0', '0.001')).toBe('again in 10 s');
    expect(seen('0', '0', '0', '0.0')).toBe(confirmed);
  });
});

describe('5. an observation that did not compare the key, or read its symbol inconsistently, does not count', () => {
  it('not compared', () => {
    const blind = { ...held(10, '0.7', '0.5'), exchange: { scopes: ['orders'] } };
    expect(verdict(observations(held(0, '0.7', '0.5'), blind, held(20, '0.7', '0.5')))).toBe('again in 10 s');
  });

  it('inconsistent read', () => {
    const inconsistent = (at: number): ObservationFields => {
      const observation = held(at, '0.7', '0.5');
      return { ...observation, exchange: { ...observation.exchange, movedWhileRead: [BTC] } };
    };
    expect(verdict(observations(inconsistent(0), held(10, '0.7', '0.5')))).toBe('again in 10 s');
    expect(verdict(observations(held(0, '0.7', '0.5'), inconsistent(10)))).toBe('again in 10 s');
    expect(verdict(observations(inconsistent(0), held(10, '0.7', '0.5'), held(20, '0.7', '0.5')))).toBe(CHANGED);
    const gone = [held(10, '', '0.5'), held(20, '', '0.5'), held(35, '', '0.5'), held(45, '', '0.5')];
    const inconsistentGone = { at: 0, exchange: { movedWhileRead: [BTC] }, internal: { positions: [position()] } };
    expect(verdict(observations(inconsistentGone, ...gone))).toBe('again in 10 s');
    const only = ['a', 'b'].map((_, index) => inconsistent(index * 10));
    expect(verdict(observations(...only), { maxLooks: 2 })).toBe('unconfirmed POSITION_SIZE_CHANGED');
  });
});

describe('6. the last change is more than the grace older than the internal state of the observation before the last', () => {
  it.each([
    // The internal state of the second observation was written after the first one, at second 0.
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
    expect(verdict(observations(first ?? held(0, '', ''), ...others))).toBe(expected);
    // Two observations are not enough, because only a later exchange read shows that the key has not changed again.
    expect(verdict(observations(...others))).toMatch(/^again/);
  });

  it('is satisfied by the observations that it requests', () => {
    const at = NOON + 5000;
    const seen = (...seconds: number[]): Observation[] =>
      observations(...seconds.map((second) => held(second, '0.7', '0.5', at)));
    expect(verdict(seen(0))).toBe('again in 10 s');
    expect(verdict(seen(0, 10))).toBe('again in 27 s');
    expect(verdict(seen(0, 10, 37))).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47))).toBe('again in 10 s');
    expect(verdict(seen(0, 10, 37, 47, 57))).toBe(CHANGED);
  });

  it('so an order that is filled between the two reads of an observation is no drift', () => {
    // The state of the third observation was written after the fill. The exchange was read before it, and the fourth
    // observation shows it.
    const open = { orders: [order({ changedAt: NOON - 40_000 })] };
    const run = [
      { at: 0, writtenAt: -50, exchange: open },
      { at: 10, writtenAt: -50, exchange: open },
      { at: 40, writtenAt: 45, exchange: open },
    ];
    expect(verdict(observations(...run))).toBe('again in 10 s');
    expect(verdict(observations(...run, { at: 50, writtenAt: 45 }))).toBe('decided');
    expect(verdict(observations(...run, { at: 50, writtenAt: 45, exchange: open }))).toBe(
      'confirmed ORDER_PLACED_EXTERNALLY',
    );
  });

  it('without a grace the internal state must still be newer than the change', () => {
    const seen = (changedAt: number): string =>
      verdict(observations(...[0, 10, 20].map((at) => held(at, '0.7', '0.5', changedAt))), { graceSeconds: 0 });
    expect(seen(NOON - 1)).toBe(CHANGED);
    expect(seen(NOON)).toBe('again in 10 s');
  });

  it('holds for a change whose exchange time is after the exchange clock', () => {
    const ahead = NOON + 60_000;
    expect(verdict(observations(held(0, '0.7', '0.5', ahead), held(10, '0.7', '0.5', ahead)))).toBe('again in 82 s');
  });
});
