import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { reconciliationSchema } from '../../src/config/reconciliation-schema.js';
import { policyOf } from '../../src/config/policy-fields.js';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { isTolerance, POLICY_LIMITS, policyProblem, printable, shown } from '../../src/domain/policy/policy-limits.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';

const within = ([min, max]: readonly [number, number]) => fc.integer({ min, max });
const text = fc.string({ minLength: 1, maxLength: 200 }).filter((each) => each !== '__proto__');
const types = fc.uniqueArray(fc.constantFrom(...DISCREPANCY_TYPES));
const tolerance = fc.oneof(
  fc.integer({ min: 0 }).map(String),
  fc.tuple(fc.nat(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  fc.nat({ max: 100 }).map((percent) => `${percent}%`),
);

/** Everything that the configuration can say of a policy. */
const fields = fc.record(
  {
    interval_minutes: within(POLICY_LIMITS.intervalMinutes),
    failure_threshold: within(POLICY_LIMITS.failureThreshold),
    confirmations: within(POLICY_LIMITS.confirmations),
    confirm_interval_seconds: within(POLICY_LIMITS.settleSeconds),
    grace_seconds: within(POLICY_LIMITS.graceSeconds),
    max_observations: within(POLICY_LIMITS.maxLooks),
    max_internal_age_seconds: within(POLICY_LIMITS.maxInternalAgeSeconds),
    retry_seconds: within(POLICY_LIMITS.retrySeconds),
    unconfirmed_threshold: within(POLICY_LIMITS.unsettledThreshold),
    gate_max_age_minutes: within(POLICY_LIMITS.gateMaxAgeMinutes),
    reminder_minutes: fc.array(within([1, 10_080]), { minLength: 1 }),
    compare_balances: fc.boolean(),
    intervene_on: types,
    escalation: fc
      .uniqueArray(fc.integer({ min: 1, max: 10_080 }), { maxLength: 9 })
      .map((minutes) =>
        [0, ...minutes.toSorted((a, b) => a - b)].map((after) => ({ after, channels: ['chat', 'log'] })),
      ),
    notify: fc.uniqueArray(fc.constantFrom('chat', 'phone', 'log'), { minLength: 1 }),
    quiet_hours: fc.constant({ from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' }),
    snooze_max_hours: within([1, 8_760]),
    tolerance: fc.dictionary(text, tolerance),
    ignore: fc.record(
      { symbols: fc.array(text), client_order_id_prefixes: fc.array(text), types },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const rung = (afterMinutes: number) => ({ afterMinutes, channels: ['chat'] });

/** As whoever sends it can make it: any type may stand anywhere. */
const loose = (changes: Record<string, unknown>): unknown => ({ ...DEFAULT_POLICY, ...changes });

describe('a policy', () => {
  it('accepts the default', () => {
    expect(policyProblem(DEFAULT_POLICY)).toBeNull();
  });

  it('accepts what the configuration produces, unless confirmations exceed the observations', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const parsed = reconciliationSchema.parse(given);
        const policy = policyOf(parsed, DEFAULT_POLICY);
        const problem = policyProblem(policy);
        const isImpossible = policy.confirmations > policy.maxLooks;
        expect(problem?.endsWith('nothing could be confirmed') ?? null).toBe(isImpossible ? true : null);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is anything else is refused on one line, and never throws', () => {
    const changed = fc
      .dictionary(fc.constantFrom(...Object.keys(DEFAULT_POLICY), 'drift', 'other'), fc.anything())
      .map((changes) => loose(changes));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), changed), (policy) => {
        expect(policyProblem(policy) ?? 'taken').toMatch(/^[^\n\r]{3,1000}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(Object.entries(POLICY_LIMITS))('keeps %s within %j', (name, [min, max]) => {
    for (const bad of [min - 1, max + 1, min + 0.5, String(min), null, undefined, Number.NaN, Infinity, [min]]) {
      expect(policyProblem(loose({ [name]: bad }))).toMatch(new RegExp(`^${name} is `));
    }
    for (const good of [min, max]) {
      // What is confirmed must be seen that often.
      expect(policyProblem(loose({ confirmations: 2, maxLooks: 100, [name]: good }))).toBeNull();
    }
  });

  const WRONG: [changes: Record<string, unknown>, says: RegExp][] = [
    [{ confirmations: 7, maxLooks: 6 }, /confirmations \(7\) is above maxLooks \(6\)/],
    [{ other: 1 }, /unknown field "other"/],
    [{ compareBalances: 'yes' }, /compareBalances is "yes"; it must be true, false or "auto"/],
    [{ reminderMinutes: [] }, /reminderMinutes is a list; it must list 1 to 1000/],
    [{ reminderMinutes: [30, 0] }, /reminderMinutes is 0/],
    [{ reminderMinutes: [10_081] }, /reminderMinutes is 10081/],
    [{ reminderMinutes: Array(1_001).fill(30) }, /reminderMinutes is a list/],
    [{ reminderMinutes: 30 }, /reminderMinutes is 30/],
    [{ interveneOn: ['EVERYTHING'] }, /interveneOn is a list; it must list discrepancy types/],
    [{ interveneOn: null }, /interveneOn is null/],
    [{ tolerance: { BTC: '-1' } }, /tolerance is an object/],
    [{ tolerance: { BTC: 0.5 } }, /tolerance is an object/],
    [{ tolerance: { ['x'.repeat(201)]: '1' } }, /tolerance is an object/],
    [{ tolerance: [] }, /tolerance is a list/],
    [{ ignore: { symbols: [], clientOrderIdPrefixes: [], types: [], all: true } }, /ignore is an object/],
    [{ ignore: { symbols: 'BTC', clientOrderIdPrefixes: [], types: [] } }, /ignore.symbols is "BTC"/],
    [{ ignore: { symbols: [], clientOrderIdPrefixes: [7], types: [] } }, /ignore.clientOrderIdPrefixes is a list/],
    [{ ignore: { symbols: [], clientOrderIdPrefixes: [], types: ['X'] } }, /ignore.types is a list/],
    [{ ignore: { symbols: [], clientOrderIdPrefixes: [], types: [], onlyClientOrderIdPrefixes: 'x' } }, /onlyClient/],
    [
      { ignore: { symbols: [], clientOrderIdPrefixes: [], types: [], ordersWithoutClientId: 1 } },
      /WithoutClientId is 1/,
    ],
    [{ drift: null }, /drift is null; it must list 1 to 100 rules/],
    [{ drift: [] }, /drift is a list; it must list 1 to 100 rules/],
    [
      { drift: Array.from({ length: 101 }, () => ({ action: 'page' })) },
      /drift is a list; it must list 1 to 100 rules/,
    ],
    [{ drift: [{ action: 'page' }, { action: 'wake' }] }, /rule 2 has an action that is none of ignore, record/],
    [{ drift: [{ action: 'page', size: 1 }] }, /rule 1 must be an object with types, symbols/],
    [{ drift: [{ action: 'page', types: ['X'] }] }, /rule 1 has types that are no list of discrepancy types/],
    [{ drift: [{ action: 'page', symbols: [''] }] }, /rule 1 has symbols that are no list of 1 to 1000/],
    [{ drift: [{ action: 'page', notionalBelow: 5 }] }, /rule 1 has a notionalBelow that is no decimal text/],
    [{ drift: [{ action: 'page', notionalAtLeast: '-1' }] }, /rule 1 has a notionalAtLeast that is no decimal text/],
    [{ drift: [{ action: 'page', notionalBelow: '1e999999' }] }, /rule 1 has a notionalBelow/],
    [{ drift: [{ action: 'page', closeGate: 'no' }] }, /rule 1 has a closeGate that is neither true nor false/],
    [{ drift: [{ action: 'ignore', closeGate: true }] }, /rule 1 ignores a drift/],
    [{ drift: [{ action: 'page', notionalAtLeast: '2', notionalBelow: '1.9' }] }, /rule 1 can never fit/],
    [{ baseline: { positions: {} } }, /baseline is an object; it must have positions and balances/],
    [{ baseline: { positions: {}, balances: { XRP: 'lots' } } }, /baseline is an object/],
    [{ baseline: { positions: {}, balances: {}, more: {} } }, /baseline is an object/],
    [{ escalation: [] }, /escalation is a list; it must list 1 to 10 rungs/],
    [{ escalation: 'chat' }, /escalation is "chat"; it must list rungs/],
    [{ escalation: [{ afterMinutes: 5, channels: ['chat'] }] }, /its first rung begins after 5 minutes/],
    [{ escalation: [0, 10, 10].map(rung) }, /rung 3 begins after 10 minutes, and the one before it after 10/],
    [{ escalation: Array.from({ length: 11 }, (_, index) => rung(index)) }, /must list 1 to 10 rungs/],
    [{ escalation: [{ afterMinutes: 0.5, channels: ['chat'] }] }, /afterMinutes of a rung must be a whole number/],
    [{ escalation: [{ afterMinutes: 0, channels: [] }] }, /of each rung: it must list 1 to 50 different channels/],
    [{ escalation: [{ afterMinutes: 0, channels: ['chat', 'chat'] }] }, /different channels/],
    [{ escalation: [{ afterMinutes: 0, channels: ['Chat!'] }] }, /a name has at most 40 of a-z/],
    [{ escalation: [{ afterMinutes: 0, channels: ['chat'], more: 1 }] }, /a rung must have afterMinutes and channels/],
    [{ notifyChannels: 'chat' }, /notifyChannels is "chat"/],
    [{ quietHours: { from: '22:00', to: '07:00' } }, /timeZone must be an IANA name/],
    [{ quietHours: { from: '24:00', to: '07:00', timeZone: 'UTC' } }, /from and to must be times of day/],
    [{ quietHours: { from: '07:00', to: '07:00', timeZone: 'UTC' } }, /they must differ/],
    [{ quietHours: { from: '22:00', to: '07:00', timeZone: 'x'.repeat(65) } }, /timeZone must be an IANA name/],
    [{ quietHours: null }, /quietHours is null/],
    [{ snoozeMaxHours: 0 }, /snoozeMaxHours is 0; it must be a whole number from 1 to 8760/],
    [
      { ignore: { symbols: Array(900).fill('x'.repeat(200)), clientOrderIdPrefixes: [], types: [] } },
      /as JSON; at most 100000/,
    ],
  ];
  it.each(WRONG)('with %j is refused', (changes, says) => {
    expect(policyProblem(loose(changes))).toMatch(says);
  });
});

describe('a tolerance', () => {
  it('is a decimal that is not negative, or a percentage', () => {
    for (const good of ['0', '0.001', '5', '0.5%', '100%', '1e40', '1e-40%', '0.001+0.2%', '0.2%+1', '0+0%'])
      expect(isTolerance(good)).toBe(true);
    for (const bad of [
      '',
      '%',
      '-1',
      '1e3x',
      '.',
      'x',
      '1%%',
      '0.'.padEnd(41, '0'),
      '1e41',
      '1e-41%',
      '1+2',
      '1%+2%',
      '1+',
      '1+2%+3',
      '-1+1%',
      '+1%',
      '1+%',
    ])
      expect(isTolerance(bad)).toBe(false);
  });
});

describe('a text from outside', () => {
  it('is shown on one line, short and without invisible characters', () => {
    expect(printable('a\n b\u200b\u202ec\u0000')).toBe('a bc');
    expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(60)}"`);
    expect([shown(undefined), shown(null), shown(1), shown(true), shown([]), shown({}), shown(Symbol('x'))]).toEqual([
      'missing',
      'null',
      '1',
      'true',
      'a list',
      'an object',
      'an object',
    ]);
  });
});
