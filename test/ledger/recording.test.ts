import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DISCREPANCY_TYPES } from '../../src/domain/difference.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { migrateLedger } from '../../src/ledger/migrate.js';
import { BTC, ETH, NOON } from '../domain/snapshots.js';
import { createTestDatabase } from '../support/postgres.js';
import {
  eventTypes,
  failed,
  NO_ANSWER,
  openedOutside,
  orderPlaced,
  register,
  sizeChanged,
  verdict,
} from './records.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: Ledger;
let accounts = 0;
let main: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateLedger(database.url);
  ledger = createLedger(database.url);
}, 30_000);
afterAll(async () => {
  await ledger.close();
  await database.drop();
});
beforeEach(async () => {
  main = `main-${++accounts}`;
  await register(ledger, main);
});

describe('a verdict', () => {
  it('that found nothing is recorded as matched, with one event and the totals', async () => {
    const answer = await ledger.recordVerdict(verdict(1, {}, main));
    expect(answer).toEqual({
      outcome: 'matched',
      runNumber: 1,
      looks: 2,
      discrepancies: 0,
      byType: {},
      opened: [],
      resolved: 0,
      openDiscrepancies: 0,
      unsettled: 0,
      unsettledRunsInARow: 0,
      compared: 2,
      notCompared: ['balances'],
      failure: null,
    });
    expect(await ledger.account(main)).toMatchObject({
      successTotal: 1,
      failureTotal: 0,
      lastOutcome: 'matched',
      lastRunNumber: 1,
      consecutiveFailures: 0,
    });
    const [event, ...others] = await ledger.events(main);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      sequence: 1,
      type: 'RECONCILIATION_COMPLETED',
      runNumber: 1,
      previousHash: '0'.repeat(64),
      payload: {
        outcome: 'matched',
        looks: 2,
        discrepancies: 0,
        coverage: {
          compared: ['orders', 'positions'],
          not_compared: [{ scope: 'balances', missing: 'internal', reason: 'not answered' }],
        },
        ignored: { 'symbol DOGE/USDT:USDT': 2 },
        started_at: new Date(NOON).toISOString(),
      },
    });
    expect(await ledger.runs(main)).toMatchObject([{ runNumber: 1, outcome: 'matched', startedAt: new Date(NOON) }]);
  });

  it('opens a discrepancy per confirmed difference and calls for a human for each', async () => {
    const answer = await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside(), orderPlaced('17')] }, main));
    expect(answer).toMatchObject({
      outcome: 'drifted',
      discrepancies: 2,
      byType: { POSITION_OPENED_EXTERNALLY: 1, ORDER_PLACED_EXTERNALLY: 1 },
      openDiscrepancies: 2,
    });
    const open = await ledger.openDiscrepancies(main);
    expect(answer.opened.map(({ id }) => id).toSorted()).toEqual(open.map(({ id }) => id).toSorted());
    expect(await eventTypes(ledger, main)).toEqual([
      'RECONCILIATION_COMPLETED',
      'MANUAL_INTERVENTION POSITION_OPENED_EXTERNALLY',
      'MANUAL_INTERVENTION ORDER_PLACED_EXTERNALLY',
    ]);
    const call = (await ledger.events(main))[1];
    expect(call?.payload).toMatchObject({
      discrepancy_id: answer.opened[0]?.id,
      intervene: true,
      change: false,
      remedy: 'the bot should look again',
      difference: { exchange: { amount: '0.5' }, internal: null },
    });
  });

  it('says in the call whether the policy wants a human for that type', async () => {
    await register(ledger, main, { interveneOn: ['ORDER_PLACED_EXTERNALLY'] });
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside(), orderPlaced('17')] }, main));
    const calls = (await ledger.events(main)).slice(1).map(({ payload }) => [payload['action'], payload['intervene']]);
    expect(calls).toEqual([
      ['POSITION_OPENED_EXTERNALLY', false],
      ['ORDER_PLACED_EXTERNALLY', true],
    ]);
  });

  it('describes at most 20 of the discrepancies that it opened, and counts all', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => orderPlaced(String(index)));
    const answer = await ledger.recordVerdict(verdict(1, { confirmed: many }, main));
    expect(answer.opened).toHaveLength(20);
    expect(answer.openDiscrepancies).toBe(1_200);
    const again = await ledger.recordVerdict(verdict(2, { confirmed: many }, main));
    expect(again).toMatchObject({ discrepancies: 1_200, opened: [], openDiscrepancies: 1_200 });
    expect((await ledger.events(main, { after: 0, limit: 2_000 })).length).toBe(1_202);
  });
});

describe('the life of a discrepancy', () => {
  it('is one incident for as long as it stands, counted in every run that finds it', async () => {
    for (const run of [1, 2, 3]) await ledger.recordVerdict(verdict(run, { confirmed: [openedOutside()] }, main));
    expect(await ledger.openDiscrepancies(main)).toMatchObject([{ timesSeen: 3, type: 'POSITION_OPENED_EXTERNALLY' }]);
    const totals = await ledger.account(main);
    expect(totals?.discrepancyTotal.POSITION_OPENED_EXTERNALLY).toBe(3);
    expect(totals?.openDiscrepancies.POSITION_OPENED_EXTERNALLY).toBe(1);
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(1);
  });

  it('is not a change when only the way a number is written moved', async () => {
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside('0.500')] }, main));
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(1);
  });

  it('stays the same discrepancy when its size or type moves, with one more call', async () => {
    const first = await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside('0.7')] }, main));
    const third = await ledger.recordVerdict(verdict(3, { confirmed: [sizeChanged('0.7', '0.2')] }, main));
    expect(third).toMatchObject({ opened: [], openDiscrepancies: 1 });
    expect(await ledger.openDiscrepancies(main)).toMatchObject([
      {
        id: first.opened[0]?.id,
        type: 'POSITION_SIZE_CHANGED',
        timesSeen: 3,
        difference: { internal: { amount: '0.2' } },
      },
    ]);
    const calls = (await ledger.events(main)).filter(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(calls.map(({ payload }) => [payload['action'], payload['change']])).toEqual([
      ['POSITION_OPENED_EXTERNALLY', false],
      ['POSITION_OPENED_EXTERNALLY', true],
      ['POSITION_SIZE_CHANGED', true],
    ]);
    const totals = await ledger.account(main);
    expect(totals?.openDiscrepancies).toMatchObject({ POSITION_OPENED_EXTERNALLY: 0, POSITION_SIZE_CHANGED: 1 });
    expect(totals?.discrepancyTotal).toMatchObject({ POSITION_OPENED_EXTERNALLY: 2, POSITION_SIZE_CHANGED: 1 });
  });

  it('ends by agreement alone, and a run that saw neither difference nor agreement is not matched', async () => {
    const found = openedOutside();
    await ledger.recordVerdict(verdict(1, { confirmed: [found] }, main));
    const unseen = await ledger.recordVerdict(verdict(2, {}, main));
    expect(unseen).toMatchObject({ outcome: 'drifted', discrepancies: 0, openDiscrepancies: 1 });
    await ledger.recordFailure(failed(3, {}, main));
    expect(await ledger.openDiscrepancies(main)).toHaveLength(1);
    const agreed = await ledger.recordVerdict(verdict(4, { agreed: [found.identity] }, main));
    expect(agreed).toMatchObject({ outcome: 'matched', resolved: 1, openDiscrepancies: 0 });
    expect(await ledger.discrepancies(main)).toMatchObject([{ state: 'resolved', timesSeen: 1 }]);
    expect((await eventTypes(ledger, main)).at(-1)).toBe('DISCREPANCY_RESOLVED');
  });

  it('begins anew when the same key differs again after it was resolved', async () => {
    const found = openedOutside();
    await ledger.recordVerdict(verdict(1, { confirmed: [found] }, main));
    await ledger.recordVerdict(verdict(2, { agreed: [found.identity] }, main));
    await ledger.recordVerdict(verdict(3, { confirmed: [found, openedOutside('2', ETH)] }, main));
    expect(await ledger.discrepancies(main, { state: 'open' })).toHaveLength(2);
    expect(await ledger.discrepancies(main, { state: 'resolved' })).toHaveLength(1);
  });

  it('takes no notice of an agreement on what was never open', async () => {
    const answer = await ledger.recordVerdict(verdict(1, { agreed: [`position|${BTC}`] }, main));
    expect(answer).toMatchObject({ outcome: 'matched', resolved: 0 });
  });
});

describe('unsettled keys', () => {
  const moving = { identity: `position|${BTC}`, type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };

  it('are counted over runs in a row, a failed run between them changing nothing', async () => {
    const counts = [];
    counts.push(await ledger.recordVerdict(verdict(1, { unsettled: [moving] }, main)));
    counts.push(await ledger.recordFailure(failed(2, {}, main)));
    counts.push(await ledger.recordVerdict(verdict(3, { unsettled: [moving] }, main)));
    counts.push(await ledger.recordVerdict(verdict(4, {}, main)));
    counts.push(await ledger.recordVerdict(verdict(5, { unsettled: [moving] }, main)));
    expect(counts.map(({ unsettledRunsInARow }) => unsettledRunsInARow)).toEqual([1, 1, 2, 0, 1]);
  });

  it('call for a human once when they reach the threshold', async () => {
    for (const run of [1, 2, 3, 4]) await ledger.recordVerdict(verdict(run, { unsettled: [moving] }, main));
    const calls = (await ledger.events(main)).filter(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ runNumber: 3, payload: { action: 'UNSETTLED', runs_in_a_row: 3, threshold: 3 } });
  });
});

describe('a failure', () => {
  it('is recorded with its kind, reason and streak, and calls for a human at the threshold', async () => {
    await ledger.recordFailure(failed(1, {}, main));
    await ledger.recordFailure(failed(2, { consecutiveFailures: 2 }, main));
    const third = await ledger.recordFailure(failed(3, { consecutiveFailures: 3, thresholdReached: true }, main));
    expect(third).toMatchObject({ outcome: 'failed', failure: NO_ANSWER });
    const events = await ledger.events(main);
    expect(events.map(({ type }) => type)).toEqual([
      'RECONCILIATION_FAILED',
      'RECONCILIATION_FAILED',
      'RECONCILIATION_FAILED',
      'MANUAL_INTERVENTION',
    ]);
    expect(events[2]?.payload).toMatchObject({
      kind: 'network',
      side: 'exchange',
      reason: NO_ANSWER.message,
      consecutive_failures: 3,
      threshold: 3,
    });
    expect(events[3]?.payload).toMatchObject({
      action: 'RECONCILIATION_FAILURE_THRESHOLD',
      consecutive_failures: 3,
      threshold: 3,
      reason: NO_ANSWER.message,
    });
    expect(await ledger.account(main)).toMatchObject({ failureTotal: 3, consecutiveFailures: 3, lastSuccessAt: null });
    await ledger.recordVerdict(verdict(4, {}, main));
    expect(await ledger.account(main)).toMatchObject({ failureTotal: 3, consecutiveFailures: 0, successTotal: 1 });
  });

  it('that is recorded late keeps the time at which it ended', async () => {
    await ledger.recordFailure(failed(1, { endedAt: new Date(NOON + 5_000) }, main));
    expect(await ledger.runs(main)).toMatchObject([{ endedAt: new Date(NOON + 5_000) }]);
    expect(await ledger.account(main)).toMatchObject({ lastRunAt: new Date(NOON + 5_000) });
  });
});

describe('people', () => {
  it('pause and resume, each request once', async () => {
    const pause = { account: main, paused: true, by: 'ada', reason: 'maintenance', requestId: 'a' };
    await ledger.recordPause(pause);
    await ledger.recordPause({ account: main, paused: false, by: 'ada', reason: null, requestId: 'b' });
    await ledger.recordPause(pause);
    expect((await ledger.account(main))?.paused).toBe(false);
    expect((await ledger.events(main)).map(({ type, payload }) => [type, payload])).toEqual([
      ['RECONCILIATION_PAUSED', { by: 'ada', reason: 'maintenance' }],
      ['RECONCILIATION_RESUMED', { by: 'ada', reason: null }],
    ]);
  });

  it('are called until one of them acknowledges, with reasons, reminders and a snooze on the way', async () => {
    const id = `${main}/call`;
    const reason = { action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: new Date(NOON).toISOString() };
    const second = { ...reason, action: 'UNSETTLED' };
    await ledger.openIntervention({ account: main, interventionId: id, reasons: [reason] });
    await ledger.openIntervention({ account: main, interventionId: id, reasons: [reason] });
    await ledger.addInterventionReason({ interventionId: id, requestId: 'r1', reason: second });
    await ledger.addInterventionReason({ interventionId: id, requestId: 'r1', reason: second });
    for (const requestId of ['n1', 'n1', 'n2']) await ledger.recordNotification({ interventionId: id, requestId });
    expect((await ledger.account(main))?.openInterventions).toBe(1);
    expect(await ledger.interventions({ account: main, openOnly: true })).toMatchObject([
      { id, state: 'open', notifiedTimes: 2, reasons: [reason, second] },
    ]);

    const until = new Date('2999-01-01');
    await ledger.snoozeIntervention({ interventionId: id, by: 'ada', until, note: 'asleep' });
    expect(await ledger.interventions({ account: main })).toMatchObject([{ state: 'snoozed', snoozedUntil: until }]);
    await ledger.snoozeIntervention({ interventionId: id, by: 'ada', until: new Date('2020-01-01'), note: 'over' });
    expect(await ledger.interventions({ account: main })).toMatchObject([{ state: 'open' }]);

    await ledger.acknowledgeIntervention({ interventionId: id, by: 'ada', note: 'closed by hand' });
    await ledger.acknowledgeIntervention({ interventionId: id, by: 'bob', note: 'late' });
    await ledger.snoozeIntervention({ interventionId: id, by: 'bob', until, note: 'late' });
    expect(await ledger.interventions({ account: main })).toMatchObject([
      { state: 'acknowledged', acknowledgedBy: 'ada', note: 'closed by hand' },
    ]);
    expect((await ledger.account(main))?.openInterventions).toBe(0);
    const events = await ledger.events(main);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'MANUAL_REVIEW_ACKNOWLEDGED',
      payload: { by: 'ada', note: 'closed by hand', reasons: [reason, second] },
    });
  });

  it('who acknowledge a call also close what an ended workflow left open', async () => {
    await ledger.openIntervention({ account: main, interventionId: `${main}/lost`, reasons: [] });
    await ledger.openIntervention({ account: main, interventionId: `${main}/new`, reasons: [] });
    expect((await ledger.account(main))?.openInterventions).toBe(2);
    await ledger.acknowledgeIntervention({ interventionId: `${main}/new`, by: 'ada', note: 'seen' });
    expect((await ledger.account(main))?.openInterventions).toBe(0);
  });
});

describe('reading', () => {
  it('shows an account from its registration on, with zeros for every type', async () => {
    const totals = await ledger.account(main);
    expect(Object.keys(totals?.discrepancyTotal ?? {})).toEqual([...DISCREPANCY_TYPES]);
    expect(new Set(Object.values(totals?.openDiscrepancies ?? {}))).toEqual(new Set([0]));
    expect((await ledger.accounts()).map(({ account }) => account)).toContain(main);
    expect(await ledger.account('nobody')).toBeNull();
  });

  it('keeps the history of an account that was stopped and registered again', async () => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.deactivateAccount(main);
    expect(await ledger.account(main)).toMatchObject({ active: false, successTotal: 1 });
    await register(ledger, main, { intervalMinutes: 5 });
    expect(await ledger.account(main)).toMatchObject({ active: true, successTotal: 1, policy: { intervalMinutes: 5 } });
  });

  it('pages runs from the newest and events from any sequence', async () => {
    for (const run of [1, 2, 3, 4, 5]) await ledger.recordVerdict(verdict(run, {}, main));
    expect((await ledger.runs(main, { limit: 2 })).map(({ runNumber }) => runNumber)).toEqual([5, 4]);
    expect((await ledger.runs(main, { limit: 2, before: 4 })).map(({ runNumber }) => runNumber)).toEqual([3, 2]);
    expect((await ledger.events(main, { limit: 2 })).map(({ sequence }) => sequence)).toEqual([4, 5]);
    expect((await ledger.events(main, { limit: 2, after: 1 })).map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  it('keeps texts that PostgreSQL cannot store as they came', async () => {
    const hostile = orderPlaced('a\0b\uD800');
    await ledger.recordVerdict(verdict(1, { confirmed: [{ ...hostile, description: 'nul \0 in "quotes"' }] }, main));
    const again = await ledger.recordVerdict(verdict(2, { confirmed: [hostile] }, main));
    expect(again).toMatchObject({ openDiscrepancies: 1, opened: [] });
    const [open] = await ledger.openDiscrepancies(main);
    expect(open?.difference.orderId).toBe('a\0b\uD800');
    await ledger.recordFailure(failed(3, { failure: { ...NO_ANSWER, message: 'body: \0\0 \uDFFF' } }, main));
    expect((await ledger.runs(main))[0]?.failure?.message).toBe('body: \0\0 \uDFFF');
    expect((await ledger.events(main)).at(-1)?.payload['reason']).toBe('body: \0\0 \uDFFF');
  });
});
