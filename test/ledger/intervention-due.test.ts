import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { InterventionCall } from '../../src/domain/lifecycle/intervention.js';
import { tradingGateOf } from '../../src/domain/gate/trading-gate.js';
import { afterReasons, afterRun, callsToMake, type CallState } from '../../src/ledger/write/intervention-due.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { BTC, NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { failed, NO_ANSWER, openedOutside, orderPlaced, register, sizeChanged, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

/** Runs begin on the hour by the workflow's clock; their calls are made ten minutes later. */
const runAt = (run: number) => new Date(NOON + run * 3_600_000);
const reasonOf = (run: number) => ({
  action: 'RECONCILIATION_FAILURE_THRESHOLD',
  text: `run ${run}`,
  at: new Date(runAt(run).getTime() + 600_000).toISOString(),
});

async function isDue(): Promise<boolean> {
  const totals = await ledger.account(main);
  return totals !== null && totals.callDueSince !== null;
}

async function tradingGateIsOpen(): Promise<boolean> {
  const totals = await ledger.account(main);
  if (totals === null) throw new Error(`${main} is registered`);
  return tradingGateOf(totals).open;
}

async function faults() {
  return (await ledger.verify(main)).accounts[0]?.faults;
}

const open = async (run: number, id = `${main}/${run}`) =>
  ledger.openIntervention({ account: main, interventionId: id, reasons: [reasonOf(run)] });

describe('an intervention is due from the transaction of the calling run on', () => {
  it('until the intervention is recorded, and the trading gate is closed without a break until both sides agree again', async () => {
    await ledger.recordVerdict(verdict(1, { startedAt: runAt(1) }, main));
    expect(await tradingGateIsOpen()).toBe(true);
    const answer = await ledger.recordVerdict(verdict(2, { startedAt: runAt(2), confirmed: [openedOutside()] }, main));
    expect(answer.calls).toEqual([{ action: 'POSITION_OPENED_EXTERNALLY', text: openedOutside().description }]);
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([true, false]);
    expect(await faults()).toEqual([]);
    await open(2);
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([false, false]);
    await ledger.acknowledgeIntervention({ interventionId: `${main}/2`, by: 'ada', note: 'taken over' });
    // An acknowledgement ends the reminders. The difference is still open.
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([false, false]);
    await ledger.recordVerdict(verdict(3, { startedAt: runAt(3), agreed: [openedOutside().identity] }, main));
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([false, true]);
    expect(await faults()).toEqual([]);
  });

  it('also where an intervention is open already, and an acknowledgement of the old reasons does not end it', async () => {
    await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main));
    await open(1);
    await ledger.recordVerdict(
      verdict(2, { startedAt: runAt(2), confirmed: [openedOutside(), orderPlaced('17')] }, main),
    );
    await ledger.acknowledgeIntervention({ interventionId: `${main}/1`, by: 'ada', note: 'the position' });
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([true, false]);
    await open(2);
    expect(await isDue()).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it('until the reason is added to the intervention that is open', async () => {
    await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main));
    await open(1);
    await ledger.recordVerdict(
      verdict(2, { startedAt: runAt(2), confirmed: [openedOutside(), orderPlaced('17')] }, main),
    );
    const id = `${main}/1`;
    await ledger.addInterventionReason({ interventionId: id, requestId: 'late', reason: reasonOf(1) });
    expect(await isDue()).toBe(true);
    await ledger.addInterventionReason({ interventionId: id, requestId: 'new', reason: reasonOf(2) });
    expect(await isDue()).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it('also where its reason comes to an intervention that was acknowledged meanwhile: nobody has seen it', async () => {
    await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main));
    await open(1);
    await ledger.recordVerdict(
      verdict(2, { startedAt: runAt(2), confirmed: [openedOutside(), orderPlaced('17')] }, main),
    );
    const id = `${main}/1`;
    await ledger.acknowledgeIntervention({ interventionId: id, by: 'ada', note: 'the position' });
    await ledger.addInterventionReason({ interventionId: id, requestId: 'late', reason: reasonOf(2) });
    expect([await isDue(), await tradingGateIsOpen()]).toEqual([true, false]);
    expect((await ledger.interventions({ account: main }))[0]?.reasons).toEqual([reasonOf(1)]);
    await ledger.openIntervention({ account: main, interventionId: `${main}/2`, reasons: [reasonOf(2)] });
    expect(await isDue()).toBe(false);
    expect(await faults()).toEqual([]);
  });

  const moving = { identity: `position|${BTC}`, type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };
  it('where a key stayed unconfirmed up to the threshold, once', async () => {
    await register(ledger, main, { unsettledThreshold: 2 });
    const answers = [];
    for (const run of [1, 2, 3]) {
      answers.push(await ledger.recordVerdict(verdict(run, { startedAt: runAt(run), unconfirmed: [moving] }, main)));
      expect(await isDue()).toBe(run === 2);
      if (run === 2) await open(2);
    }
    expect(answers.map(({ calls }) => calls.map(({ action }) => action))).toEqual([[], ['UNSETTLED'], []]);
    expect(await faults()).toEqual([]);
  });

  it('where the threshold is lowered below what a key has stood unconfirmed for, and not again where it is raised', async () => {
    const reported = async (run: number): Promise<string[]> => {
      const record = verdict(run, { startedAt: runAt(run), unconfirmed: [moving] }, main);
      return (await ledger.recordVerdict(record)).calls.map(({ action }) => action);
    };
    await register(ledger, main, { unsettledThreshold: 10 });
    for (const run of [1, 2, 3, 4, 5]) expect(await reported(run)).toEqual([]);
    await register(ledger, main, { unsettledThreshold: 3 });
    expect(await reported(6)).toEqual(['UNSETTLED']);
    await register(ledger, main, { unsettledThreshold: 5 });
    for (const run of [7, 8, 9]) expect(await reported(run)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('where failures in a row reach the threshold, and only then', async () => {
    const first = await ledger.recordFailure(failed(1, { startedAt: runAt(1), threshold: 2 }, main));
    expect([first.calls, await isDue()]).toEqual([[], false]);
    const second = await ledger.recordFailure(
      failed(2, { startedAt: runAt(2), consecutiveFailures: 2, threshold: 2, thresholdReached: true }, main),
    );
    expect(second.calls).toEqual([
      {
        action: 'RECONCILIATION_FAILURE_THRESHOLD',
        text: `2 runs in a row failed (threshold 2): ${NO_ANSWER.message}`,
        sharedCause: 'failure:exchange:binanceusdm:exchange_down',
      },
    ]);
    expect(await isDue()).toBe(true);
    expect(await faults()).toEqual([]);
  });

  it('only for the types that call a human by the policy of the account', async () => {
    await register(ledger, main, { interveneOn: ['POSITION_SIZE_CHANGED'] });
    const quiet = await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main));
    expect([quiet.calls, await isDue(), await tradingGateIsOpen()]).toEqual([[], false, true]);
    const turned = await ledger.recordVerdict(verdict(2, { startedAt: runAt(2), confirmed: [sizeChanged()] }, main));
    expect(turned.calls.map(({ action }) => action)).toEqual(['POSITION_SIZE_CHANGED']);
    expect(await isDue()).toBe(true);
    await open(2);
    const moved = await ledger.recordVerdict(verdict(3, { startedAt: runAt(3), confirmed: [sizeChanged('9')] }, main));
    expect([moved.calls, await isDue()]).toEqual([[], false]);
    expect(await faults()).toEqual([]);
  });

  it('for at most 20 described ones, however many discrepancies open', async () => {
    const many = Array.from({ length: 30 }, (_, index) => orderPlaced(String(index)));
    const { calls } = await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: many }, main));
    expect(calls).toHaveLength(20);
    expect(calls.at(-1)?.text).toMatch(/and more: `plumbline discrepancies`/);
  });

  it('and a second delivery neither makes it due again nor changes the answer', async () => {
    const record = verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main);
    const first = await ledger.recordVerdict(record);
    await open(1);
    expect(await ledger.recordVerdict(record)).toEqual(first);
    expect((await ledger.loadRun(record.key)).recorded).toEqual(first);
    expect(await isDue()).toBe(false);
  });
});

describe('a failed run that the ledger learns of late, for it was away', () => {
  const late = (run: number) =>
    failed(run, { startedAt: runAt(run), endedAt: runAt(run), consecutiveFailures: 3, thresholdReached: true }, main);

  it('calls nobody again where the intervention was recorded before it, open or acknowledged', async () => {
    await open(3);
    await ledger.recordFailure(late(3));
    expect(await isDue()).toBe(false);
    await ledger.acknowledgeIntervention({ interventionId: `${main}/3`, by: 'ada', note: 'exchange was down' });
    await ledger.recordFailure(late(2));
    expect([await isDue(), (await ledger.account(main))?.openInterventions]).toEqual([false, 0]);
    expect(await faults()).toEqual([]);
  });

  it('is due for the moment until the intervention is recorded too', async () => {
    await ledger.recordFailure(late(3));
    expect(await isDue()).toBe(true);
    await open(3);
    expect(await isDue()).toBe(false);
  });

  it('an intervention that comes before the account is registered is tried again, not refused', async () => {
    await expect(
      ledger.openIntervention({ account: 'nobody', interventionId: 'x', reasons: [reasonOf(1)] }),
    ).rejects.toMatchObject({ failure: { kind: 'ledger' } });
  });
});

describe('in every order of arrival', () => {
  /** Two runs that call a human, and the interventions that follow from them. */
  const records: Record<string, () => Promise<unknown>> = {
    'run 1': async () => ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main)),
    'run 3': async () =>
      ledger.recordFailure(failed(3, { startedAt: runAt(3), thresholdReached: true, endedAt: runAt(3) }, main)),
    'call 1, acknowledged': async () => {
      await open(1);
      await ledger.acknowledgeIntervention({ interventionId: `${main}/1`, by: 'ada', note: 'seen' });
    },
    'call 3': async () => open(3),
  };
  const names = Object.keys(records);

  it.each(permutations(names).map((order) => [order.join(', '), order] as const))('%s', async (_title, order) => {
    const recorded = new Set<string>();
    for (const name of order) {
      await records[name]?.();
      recorded.add(name);
      const wanted =
        (recorded.has('run 3') && !recorded.has('call 3')) ||
        (recorded.has('run 1') && !recorded.has('call 1, acknowledged') && !recorded.has('call 3'));
      expect([name, await isDue()]).toEqual([name, wanted]);
    }
    expect(await isDue()).toBe(false);
    expect(await faults()).toEqual([]);
  });

  it('and for any number of deliveries, only the newest calling run and the newest reason decide', () => {
    const call: InterventionCall = { action: 'UNSETTLED', text: 'x' };
    const step = fc.record({ isRun: fc.boolean(), calls: fc.boolean(), at: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state: CallState = { callDue: null, calledAt: null };
        for (const { isRun, calls, at } of steps) {
          const time = new Date(NOON + at);
          state = isRun
            ? afterRun(state, { startedAt: time, calls: calls ? [call] : [] }, time)
            : afterReasons(state, [{ ...call, at: time.toISOString() }]);
        }
        const newestCalling = Math.max(-1, ...steps.filter((s) => s.isRun && s.calls).map(({ at }) => at));
        const newestReason = Math.max(-1, ...steps.filter((s) => !s.isRun).map(({ at }) => at));
        expect(state.callDue !== null).toBe(newestCalling > newestReason);
      }),
    );
  });
});

describe('a call that got lost between the verdict and the intervention', () => {
  it('is reported again with the answer to a later run, until an intervention reports it', async () => {
    await ledger.recordVerdict(verdict(1, { startedAt: runAt(1), confirmed: [openedOutside()] }, main));
    const soon = await ledger.recordVerdict(verdict(2, { startedAt: runAt(2), confirmed: [openedOutside()] }, main));
    expect(soon.calls).toEqual([]);
    await under.query(
      `UPDATE plumbline.account
       SET call_due = regexp_replace(call_due::text, '"since":"....', '"since":"2000')::json WHERE account = $1`,
      [main],
    );
    const later = await ledger.recordVerdict(verdict(3, { startedAt: runAt(3), confirmed: [openedOutside()] }, main));
    expect(later.calls).toEqual([{ action: 'POSITION_OPENED_EXTERNALLY', text: openedOutside().description }]);
    const failure = await ledger.recordFailure(failed(4, { startedAt: runAt(4) }, main));
    expect(failure.calls).toEqual(later.calls);
    await open(4);
    const answered = await ledger.recordVerdict(
      verdict(5, { startedAt: runAt(5), confirmed: [openedOutside()] }, main),
    );
    expect([answered.calls, await isDue()]).toEqual([[], false]);
    expect(await faults()).toEqual([]);
  });

  it.each([
    ['not while the intervention may still be on its way', 4 * 60_000 + 59_999, 1],
    ['after five minutes', 5 * 60_000, 2],
  ])('%s', (_when, age, calls) => {
    const call: InterventionCall = { action: 'UNSETTLED', text: 'x' };
    const since = new Date(NOON).toISOString();
    const made = callsToMake({ runStartedAt: since, since, calls: [call] }, [call], new Date(NOON + age));
    expect(made).toHaveLength(calls);
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
