import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { BTC, ETH, NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
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

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
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
      calls: [],
      lastEvent: { sequence: 2, hash: (await ledger.events(main))[1]?.hash },
    });
    expect(await ledger.account(main)).toMatchObject({
      successTotal: 1,
      failureTotal: 0,
      lastOutcome: 'matched',
      lastRunNumber: 1,
      consecutiveFailures: 0,
    });
    const [registered, event, ...others] = await ledger.events(main);
    expect(others).toEqual([]);
    expect(registered).toMatchObject({ sequence: 1, type: 'ACCOUNT_REGISTERED', previousHash: '0'.repeat(64) });
    expect(event).toMatchObject({
      sequence: 2,
      type: 'RECONCILIATION_COMPLETED',
      runNumber: 1,
      previousHash: registered?.hash,
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

  it('opens a discrepancy per confirmed difference and interventions for each', async () => {
    const answer = await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside(), orderPlaced('17')] }, main));
    expect(answer).toMatchObject({
      outcome: 'drifted',
      discrepancies: 2,
      byType: { POSITION_OPENED_EXTERNALLY: 1, ORDER_PLACED_EXTERNALLY: 1 },
      openDiscrepancies: 2,
    });
    const open = await ledger.discrepancies(main, { state: 'open' });
    expect(answer.opened.map(({ id }) => id).toSorted()).toEqual(open.map(({ id }) => id).toSorted());
    expect(await eventTypes(ledger, main)).toEqual([
      'RECONCILIATION_COMPLETED',
      'MANUAL_INTERVENTION POSITION_OPENED_EXTERNALLY',
      'MANUAL_INTERVENTION ORDER_PLACED_EXTERNALLY',
    ]);
    const call = (await ledger.events(main))[2];
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
    const calls = (await ledger.events(main))
      .filter(({ type }) => type === 'MANUAL_INTERVENTION')
      .map(({ payload }) => [payload['action'], payload['intervene']]);
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
    expect((await eventTypes(ledger, main)).length).toBe(1_202);
  });
});

describe('the life of a discrepancy', () => {
  it('is one discrepancy for as long as it stands, counted in every run that finds it', async () => {
    for (const run of [1, 2, 3]) await ledger.recordVerdict(verdict(run, { confirmed: [openedOutside()] }, main));
    expect(await ledger.discrepancies(main, { state: 'open' })).toMatchObject([
      { timesSeen: 3, type: 'POSITION_OPENED_EXTERNALLY' },
    ]);
    const totals = await ledger.account(main);
    expect(totals?.discrepancyTotal.POSITION_OPENED_EXTERNALLY).toBe(3);
    expect(totals?.openDiscrepancies.POSITION_OPENED_EXTERNALLY).toBe(1);
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(1);
  });

  it('is not a change if only the notation of a number changed', async () => {
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside('0.500')] }, main));
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(1);
  });

  it('stays the same discrepancy if its size or type changes, with one more call', async () => {
    const first = await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside('0.7')] }, main));
    const third = await ledger.recordVerdict(verdict(3, { confirmed: [sizeChanged('0.7', '0.2')] }, main));
    expect(third).toMatchObject({ opened: [], openDiscrepancies: 1 });
    expect(await ledger.discrepancies(main, { state: 'open' })).toMatchObject([
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
    expect(await ledger.discrepancies(main, { state: 'open' })).toHaveLength(1);
    const agreed = await ledger.recordVerdict(verdict(4, { agreed: [found.identity] }, main));
    expect(agreed).toMatchObject({ outcome: 'matched', resolved: 1, openDiscrepancies: 0 });
    expect(await ledger.discrepancies(main)).toMatchObject([{ state: 'resolved', timesSeen: 1 }]);
    expect((await eventTypes(ledger, main)).at(-1)).toBe('DISCREPANCY_RESOLVED');
  });

  it('starts as a new one if the key differs again after it was resolved, and says that it is back', async () => {
    const found = openedOutside();
    const first = await ledger.recordVerdict(verdict(1, { confirmed: [found] }, main));
    await ledger.recordVerdict(verdict(2, { agreed: [found.identity] }, main));
    const again = await ledger.recordVerdict(verdict(3, { confirmed: [found, openedOutside('2', ETH)] }, main));
    expect(await ledger.discrepancies(main, { state: 'open' })).toHaveLength(2);
    const [resolved] = await ledger.discrepancies(main, { state: 'resolved' });
    const resolvedAt = resolved?.resolvedAt?.toISOString();
    const calls = (await ledger.events(main)).filter(({ type }) => type === 'MANUAL_INTERVENTION').slice(1);
    expect(calls.map(({ payload }) => payload['reopens'])).toEqual([
      { discrepancy_id: first.opened[0]?.id, resolved_at: resolvedAt },
      null,
    ]);
    expect(again.calls.map(({ text }) => text)).toEqual([
      `${found.description} (it is back: resolved at ${resolvedAt})`,
      openedOutside('2', ETH).description,
    ]);
  });

  it('calls again if it changes after its call was acknowledged, and not while that call is open', async () => {
    const callsOf = async (run: number, amount: string): Promise<number> => {
      const startedAt = new Date(NOON + run * 60_000);
      const found = { startedAt, confirmed: [openedOutside(amount)] };
      return (await ledger.recordVerdict(verdict(run, found, main))).calls.length;
    };
    expect(await callsOf(1, '0.5')).toBe(1);
    expect(await callsOf(2, '0.6')).toBe(0);
    const at = new Date(NOON + 3 * 60_000).toISOString();
    const reasons = [{ at, action: 'POSITION_OPENED_EXTERNALLY', text: 'a position' } as const];
    await ledger.openIntervention({ account: main, interventionId: `${main}/a`, reasons });
    expect(await callsOf(4, '0.7')).toBe(0);
    await ledger.acknowledgeIntervention({ interventionId: `${main}/a`, by: 'ada', note: 'seen' });
    expect(await callsOf(5, '0.7')).toBe(0);
    expect(await callsOf(6, '5')).toBe(1);
    expect((await ledger.verify(main)).accounts.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('is reported with the others of its cause in one call, and its event names the cause', async () => {
    const effects = [openedOutside(), orderPlaced('17')];
    const cause = {
      kind: 'order_filled',
      text: 'one cause',
      identities: effects.map(({ identity }) => identity),
    } as const;
    const other = openedOutside('2', ETH);
    const answer = await ledger.recordVerdict(
      verdict(1, { confirmed: [...effects, other], causes: [{ ...cause, identities: [...cause.identities] }] }, main),
    );
    expect(answer.calls).toEqual([
      { action: 'POSITION_OPENED_EXTERNALLY', text: 'one cause' },
      { action: 'POSITION_OPENED_EXTERNALLY', text: other.description },
    ]);
    const calls = (await ledger.events(main)).filter(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(calls.map(({ payload }) => [payload['cause'], payload['story'], payload['intervene']])).toEqual([
      ['order_filled', 'one cause', true],
      ['order_filled', 'one cause', true],
      [null, null, true],
    ]);
  });

  it('ignores an agreement on a key that was never open', async () => {
    const answer = await ledger.recordVerdict(verdict(1, { agreed: [`position|${BTC}`] }, main));
    expect(answer).toMatchObject({ outcome: 'matched', resolved: 0 });
  });
});

describe('unconfirmed keys', () => {
  const moving = { identity: `position|${BTC}`, type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };

  it('are counted over runs in a row, a failed run between them changing nothing', async () => {
    const counts = [];
    counts.push(await ledger.recordVerdict(verdict(1, { unconfirmed: [moving] }, main)));
    counts.push(await ledger.recordFailure(failed(2, {}, main)));
    counts.push(await ledger.recordVerdict(verdict(3, { unconfirmed: [moving] }, main)));
    counts.push(await ledger.recordVerdict(verdict(4, {}, main)));
    counts.push(await ledger.recordVerdict(verdict(5, { unconfirmed: [moving] }, main)));
    expect(counts.map(({ unsettledRunsInARow }) => unsettledRunsInARow)).toEqual([1, 1, 2, 0, 1]);
  });

  it('intervention once when they reach the threshold', async () => {
    for (const run of [1, 2, 3, 4]) await ledger.recordVerdict(verdict(run, { unconfirmed: [moving] }, main));
    const calls = (await ledger.events(main)).filter(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ runNumber: 3, payload: { action: 'UNSETTLED', runs_in_a_row: 3, threshold: 3 } });
  });
});

describe('a failure', () => {
  it('is recorded with its kind, reason and streak, and interventions at the threshold', async () => {
    await ledger.recordFailure(failed(1, {}, main));
    await ledger.recordFailure(failed(2, { consecutiveFailures: 2 }, main));
    const third = await ledger.recordFailure(failed(3, { consecutiveFailures: 3, thresholdReached: true }, main));
    expect(third).toMatchObject({ outcome: 'failed', failure: NO_ANSWER });
    const events = await ledger.events(main, { after: 1 });
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
