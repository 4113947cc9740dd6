import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy/policy.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { eventTypes, failed, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
let fresh: string;
beforeEach(() => {
  ({ ledger, main } = under);
  fresh = `${main}-fresh`;
});

const registration = (fields: Partial<Policy> = {}) => ({
  account: fresh,
  exchange: 'binanceusdm',
  policy: { ...DEFAULT_POLICY, ...fields },
});
const eventsOf = async (account = fresh) =>
  (await ledger.events(account)).map(({ type, payload }) => [type, payload] as const);
const faultsOf = async (account = fresh) => (await ledger.verify(account)).accounts[0]?.faults;

describe('a registration', () => {
  it('is an event in the name of who registered, with the exchange and the policy, and answers an empty history', async () => {
    const known = await ledger.registerAccount({ ...registration(), by: 'ada' });
    expect(known).toEqual({
      lastRunNumber: 0,
      streak: { failures: 0, called: false },
      paused: null,
      lastSuccessAt: null,
      openIntervention: null,
    });
    expect(await eventsOf()).toEqual([
      [
        'ACCOUNT_REGISTERED',
        { by: 'ada', exchange: 'binanceusdm', policy: JSON.parse(JSON.stringify(DEFAULT_POLICY)) },
      ],
    ]);
    expect(await faultsOf()).toEqual([]);
  });

  it('is recorded in the name "unknown" where nobody gave one', async () => {
    await ledger.registerAccount({ ...registration(), by: ' ' });
    await register(ledger, `${fresh}-b`);
    expect((await eventsOf())[0]?.[1]).toMatchObject({ by: 'unknown' });
    expect((await eventsOf(`${fresh}-b`))[0]?.[1]).toMatchObject({ by: 'unknown' });
  });

  it('many times at once is one event', async () => {
    const known = await Promise.all(Array.from({ length: 5 }, async () => ledger.registerAccount(registration())));
    expect(new Set(known.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await eventsOf()).toHaveLength(1);
    expect(await faultsOf()).toEqual([]);
  });

  it.each<[what: string, again: (policy: Policy) => Policy]>([
    ['as it was', (policy) => policy],
    [
      'with its keys in another order',
      (policy) => Object.fromEntries(Object.entries(policy).toReversed()) as unknown as Policy,
    ],
    ['with its types in another order', (policy) => ({ ...policy, interveneOn: policy.interveneOn.toReversed() })],
    ['with decimals in another notation', (policy) => ({ ...policy, tolerance: { BTC: '0.010', '*': '0.5%' } })],
  ])('repeated %s records nothing', async (_what, again) => {
    const { policy } = registration({ tolerance: { BTC: '0.01', '*': '.50%' } });
    await ledger.registerAccount({ ...registration(), policy });
    const changed = again(policy);
    await ledger.registerAccount({ ...registration(), policy: changed });
    expect(await eventsOf()).toHaveLength(1);
  });

  it.each<[what: string, change: object]>([
    ['another exchange', { exchange: 'bybit' }],
    ['another number', { policy: { ...DEFAULT_POLICY, intervalMinutes: 5 } }],
    ['other reminders, whose order counts', { policy: { ...DEFAULT_POLICY, reminderMinutes: [60, 30, 120, 240] } }],
    ['a type fewer', { policy: { ...DEFAULT_POLICY, interveneOn: DEFAULT_POLICY.interveneOn.slice(1) } }],
  ])('with %s is a change, reported with before and after', async (_what, change) => {
    await ledger.registerAccount(registration());
    await ledger.registerAccount({ ...registration(), ...change, by: 'bob' });
    const before = JSON.parse(JSON.stringify({ exchange: 'binanceusdm', policy: DEFAULT_POLICY, active: true }));
    expect(await eventsOf()).toMatchObject([
      ['ACCOUNT_REGISTERED', {}],
      ['POLICY_CHANGED', { by: 'bob', before, after: { ...before, ...JSON.parse(JSON.stringify(change)) } }],
    ]);
    expect(await faultsOf()).toEqual([]);
  });

  it('keeps numbers that make no sense as nothing, so that the trading gate closes on them, and is recorded all the same', async () => {
    await ledger.registerAccount(registration({ gateMaxAgeMinutes: Number.NaN }));
    await ledger.registerAccount(registration({ gateMaxAgeMinutes: Number.POSITIVE_INFINITY }));
    expect((await ledger.account(fresh))?.policy.gateMaxAgeMinutes).toBeNull();
    expect(await eventsOf()).toHaveLength(1);
  });
});

describe('an account that is stopped', () => {
  it('is an event in the name of who stopped it, once, and keeps its history; a later registration is a change', async () => {
    await ledger.registerAccount(registration());
    await ledger.recordVerdict(verdict(1, {}, fresh));
    await ledger.deactivateAccount(fresh, 'ada');
    await ledger.deactivateAccount(fresh, 'bob');
    expect(await ledger.account(fresh)).toMatchObject({ active: false, expectedAt: null, successTotal: 1 });
    expect(await ledger.registerAccount({ ...registration(), by: 'eve' })).toMatchObject({ lastRunNumber: 1 });
    expect((await eventsOf()).slice(2)).toMatchObject([
      ['RECONCILIATION_STOPPED', { by: 'ada' }],
      ['POLICY_CHANGED', { by: 'eve', before: { active: false }, after: { active: true } }],
    ]);
    expect(await faultsOf()).toEqual([]);
  });

  it('cannot be one that nobody registered', async () => {
    await expect(ledger.deactivateAccount(fresh)).rejects.toMatchObject({
      failure: { kind: 'configuration', side: 'ledger' },
    });
  });
});

describe('a workflow that starts is given', () => {
  it('the streak and whether it called, the pause and who wanted it, the last run and the open intervention', async () => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.recordFailure(failed(2, { threshold: 2 }, main));
    await ledger.recordFailure(failed(3, { threshold: 2 }, main));
    await ledger.recordPause({ account: main, paused: true, by: 'eve', reason: 'first', requestId: 'a' });
    await ledger.recordPause({ account: main, paused: false, by: 'eve', reason: null, requestId: 'b' });
    await ledger.recordPause({ account: main, paused: true, by: 'ada', reason: 'moving house', requestId: 'c' });
    const reasons = Array.from({ length: 120 }, (_, index) => ({
      action: 'UNSETTLED',
      text: `reason ${index}`,
      at: new Date(NOON + index).toISOString(),
    }));
    await ledger.openIntervention({ account: main, interventionId: `${main}/1`, reasons });
    await ledger.recordNotification({ interventionId: `${main}/1`, requestId: 'n' });
    const [intervention] = await ledger.interventions({ account: main });
    const totals = await ledger.account(main);
    const [paused] = (await ledger.events(main)).filter(({ type }) => type === 'RECONCILIATION_PAUSED').slice(-1);
    const known = {
      lastRunNumber: 3,
      streak: { failures: 2, called: true },
      paused: { by: 'ada', reason: 'moving house', since: paused?.at.toISOString() },
      lastSuccessAt: totals?.lastSuccessAt?.toISOString(),
      openIntervention: {
        interventionId: `${main}/1`,
        openedAt: intervention?.openedAt.toISOString(),
        reasons: reasons.slice(20),
        notifiedTimes: 1,
        snoozedUntil: null,
      },
    };
    expect(await ledger.registerAccount({ ...registration(), account: main })).toEqual(known);
    expect(await ledger.openInterventionOf(main)).toEqual(known.openIntervention);

    const until = new Date('2999-01-01');
    await ledger.snoozeIntervention({ interventionId: `${main}/1`, by: 'ada', until, note: 'asleep' });
    expect((await ledger.openInterventionOf(main))?.snoozedUntil).toBe(until.toISOString());
    await ledger.snoozeIntervention({ interventionId: `${main}/1`, by: 'ada', until: new Date(NOON), note: 'over' });
    expect((await ledger.openInterventionOf(main))?.snoozedUntil).toBeNull();
    expect(await ledger.acknowledgedBy(`${main}/1`)).toBeNull();
    await ledger.acknowledgeIntervention({ interventionId: `${main}/1`, by: 'ada', note: 'seen' });
    expect(await ledger.acknowledgedBy(`${main}/1`)).toBe('ada');
    expect(await ledger.openInterventionOf(main)).toBeNull();
    await ledger.recordPause({ account: main, paused: false, by: 'ada', reason: null, requestId: 'd' });
    expect(await ledger.registerAccount({ ...registration(), account: main })).toMatchObject({
      paused: null,
      openIntervention: null,
    });
    expect(await faultsOf(main)).toEqual([]);
  });

  it('what can be reported where times were altered to none', async () => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await under.query(`UPDATE plumbline.account SET last_success_at = 'infinity' WHERE account = $1`, [main]);
    expect(await ledger.registerAccount({ ...registration(), account: main })).toMatchObject({
      lastRunNumber: 1,
      lastSuccessAt: null,
    });
  });

  it('nothing of an intervention or account that the ledger does not know', async () => {
    expect(await ledger.openInterventionOf('nobody')).toBeNull();
    expect(await ledger.acknowledgedBy('nothing')).toBeNull();
    await expect(ledger.streak('nobody')).rejects.toThrow(/does not know the account/);
  });
});

describe('what happens to a workflow from outside is recorded once', () => {
  it('its cancellation leaves the account active, as one that nobody watches', async () => {
    await ledger.expectSign(main, 1_800);
    for (const requestId of ['x', 'x']) await ledger.recordCancellation({ account: main, requestId });
    expect((await eventsOf(main)).slice(1)).toEqual([
      ['RECONCILIATION_CANCELLED', { by: 'unknown (cancelled in Temporal)' }],
    ]);
    const totals = await ledger.account(main);
    expect(totals?.active).toBe(true);
    expect(totals?.expectedAt?.getTime()).toBeLessThanOrEqual(totals?.readAt.getTime() ?? 0);
    expect(await faultsOf(main)).toEqual([]);
  });

  it('its repair, with what was found and done', async () => {
    const repair = {
      account: main,
      by: 'ada',
      via: 'cli' as const,
      requestId: 'x',
      found: 'its task fails',
      actions: ['terminated', 'started'],
    };
    await ledger.recordRepair(repair);
    await ledger.recordRepair(repair);
    const { by, via, found, actions } = repair;
    expect((await eventsOf(main)).slice(1)).toEqual([['ACCOUNT_REPAIRED', { by, via, found, actions }]]);
    expect(await faultsOf(main)).toEqual([]);
  });

  it('requests that it refused, whatever was in them', async () => {
    const hostile = '\0\uD800'.repeat(100_000);
    const refusal = {
      account: main,
      requestId: hostile,
      message: hostile,
      by: hostile,
      reason: hostile,
      count: Number.NaN,
      firstAt: hostile,
      lastAt: 'yesterday',
    };
    await ledger.recordRefusal(refusal);
    await ledger.recordRefusal(refusal);
    await ledger.recordRefusal({ ...refusal, requestId: `${hostile}2`, message: 'pause', by: '', count: 7 });
    const [first, second, ...others] = (await eventsOf(main)).slice(1).map(([, payload]) => payload);
    expect(others).toEqual([]);
    expect(String(first?.['reason'])).toMatch(/^\uFFFD{499}…$/);
    expect(first).toMatchObject({ count: 1, last_at: 'yesterday' });
    expect(second).toMatchObject({ message: 'pause', by: 'unknown', count: 7 });
    expect(await eventTypes(ledger, main)).toEqual(['REQUEST_REFUSED', 'REQUEST_REFUSED']);
    expect(await faultsOf(main)).toEqual([]);
  });

  it('a pause whose request id no index could hold', async () => {
    const pause = { account: main, paused: true, by: 'ada', reason: null, requestId: '\0'.repeat(10_000) };
    await ledger.recordPause(pause);
    await ledger.recordPause(pause);
    expect(await eventTypes(ledger, main)).toEqual(['RECONCILIATION_PAUSED']);
  });
});
