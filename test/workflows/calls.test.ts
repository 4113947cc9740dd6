import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import type { InterventionCall } from '../../src/domain/lifecycle/intervention.js';
import type { OpenIntervention } from '../../src/domain/lifecycle/known-account.js';
import { recordedRun, unreadable } from './support/answers.js';
import type { ScriptedAccount } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

const { PARENT_CLOSE_POLICY_ABANDON } = proto.temporal.api.enums.v1.ParentClosePolicy;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

/** Runs of which these call a human. */
function calling(calls: ReadonlyMap<number, InterventionCall[]>): ScriptedAccount {
  return stage.account({
    judge: ({ key: { runNumber } }) => ({
      kind: 'recorded',
      run: recordedRun(runNumber, { outcome: 'drifted', calls: calls.get(runNumber) ?? [] }),
    }),
  });
}

const drift = (text: string): InterventionCall => ({ action: 'POSITION_OPENED_EXTERNALLY', text });

/** What of the account's history has to do with its interventions. */
async function starts(account: ScriptedAccount) {
  const events = (await account.workflow.fetchHistory()).events ?? [];
  return {
    initiated: events.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: each }) => each ?? []),
    failed: events.filter(({ startChildWorkflowExecutionFailedEventAttributes: each }) => (each ?? null) !== null)
      .length,
  };
}

describe('an intervention', () => {
  it('opens an intervention, and while it is open gives it further reasons without a failed start', async () => {
    const account = await calling(
      new Map([
        [1, [drift('one'), drift('two')]],
        [2, [drift('three')]],
      ]),
    ).start();
    await stage.until(() => account.notified.length === 1);
    expect(account.notified[0]).toMatchObject({
      account: account.name,
      exchange: 'scripted',
      count: 1,
      reasons: [drift('one'), drift('two')],
    });
    expect(await account.status()).toMatchObject({ interventionOpen: true });
    await account.runNow();
    await stage.until(async () => (await account.intervention()).reasons.length === 3);
    const { initiated, failed } = await starts(account);
    expect([initiated.length, failed]).toEqual([1, 0]);
  });

  it('gives only valid reasons, whatever an activity answered', async () => {
    const account = await calling(new Map([[1, [drift('x'.repeat(100_000)), drift(' '), drift('a\u0007b')]]])).start();
    await stage.until(() => account.notified.length === 1);
    const texts = account.notified[0]?.reasons.map(({ text }) => text) ?? [];
    expect(texts).toEqual([expect.stringMatching(/^x{500,1999}…$/), '-', expect.stringMatching(/^a.?b$/)]);
  });

  it('outlives the stop of its account', async () => {
    const account = await calling(new Map([[1, [drift('one')]]])).start();
    await stage.until(() => account.notified.length === 1);
    await account.update('stop', { by: 'ada' });
    await account.workflow.result();
    await stage.skip(31 * 60_000);
    await stage.until(() => account.notified.length === 2);
    expect(await account.intervention()).toMatchObject({ state: 'open' });
    // This server leaves children alone whatever the policy. Others follow it.
    const { initiated } = await starts(account);
    expect(initiated.map(({ parentClosePolicy }) => parentClosePolicy)).toEqual([PARENT_CLOSE_POLICY_ABANDON]);
  });

  it('opens a new intervention after the last one was acknowledged', async () => {
    const account = await calling(
      new Map([
        [1, [drift('one')]],
        [2, [drift('two')]],
      ]),
    ).start();
    await stage.until(() => account.notified.length === 1);
    const { interventionId } = await account.intervention();
    await account.interventionWorkflow.executeUpdate('acknowledge', { args: [{ by: 'ada', note: 'closed it' }] });
    await stage.until(async () => !(await account.status()).interventionOpen);
    await account.runNow();
    await stage.until(() => account.notified.length === 2);
    expect((await account.intervention()).interventionId).not.toBe(interventionId);
    expect((await starts(account)).failed).toBe(0);
  });

  it('opens a new one even if the last one ended without a signal', async () => {
    const account = await calling(
      new Map([
        [1, [drift('one')]],
        [2, [drift('two')]],
      ]),
    ).start();
    await stage.until(() => account.notified.length === 1);
    await account.interventionWorkflow.terminate('a test');
    expect(await account.status()).toMatchObject({ interventionOpen: true });
    await account.signal('forceRun', { by: 'ada' });
    await stage.skipUntil(() => account.notified.length === 2, 60_000);
    expect(account.notified[1]?.reasons).toMatchObject([drift('two')]);
  });

  it('finds the intervention that is open though its workflow does not know of it', async () => {
    const account = calling(new Map([[1, [drift('two')]]]));
    const reasons = [{ ...drift('one'), at: '2026-11-22T15:00:00.000Z' }];
    await account.launchIntervention({ account: account.name, exchange: 'scripted', reminderMinutes: [30], reasons });
    await stage.until(() => account.notified.length === 1);
    await account.start();
    await stage.until(async () => (await account.intervention()).reasons.length === 2);
    expect(await account.status()).toMatchObject({ interventionOpen: true });
  });

  it('carries texts of any length, cut', async () => {
    const account = await calling(
      new Map([[1, [{ action: 'A'.repeat(900), text: `${'x'.repeat(9_000)}\n` }]]]),
    ).start();
    await stage.until(() => account.notified.length === 1);
    const [reason] = account.notified[0]?.reasons ?? [];
    expect([reason?.action.length, reason?.text.length]).toEqual([200, 1_000]);
    expect(reason?.text).toMatch(/^x+…$/);
  });
});

const LOST: OpenIntervention = {
  interventionId: 'lost-1',
  openedAt: '2026-11-22T15:00:00.000Z',
  reasons: [{ ...drift('a while ago'), at: '2026-11-22T15:00:00.000Z' }],
  notifiedTimes: 3,
  snoozedUntil: null,
};

describe('an intervention that is open in the ledger while no workflow serves it', () => {
  /** What of the lost intervention is there again. */
  async function restored(account: ScriptedAccount) {
    await stage.until(() => account.notified.length === 1);
    const [notified] = account.notified;
    const { interventionId, openedAt } = await account.intervention();
    const { interventionOpen } = await account.status();
    // The ledger keeps what it has under an id.
    const recordedUnder = [...new Set(account.interventions.map((record) => record.interventionId))];
    return {
      interventionId,
      openedAt,
      interventionOpen,
      recordedUnder,
      count: notified?.count,
      reasons: notified?.reasons,
    };
  }
  const RESTORED = {
    interventionId: 'lost-1',
    openedAt: LOST.openedAt,
    interventionOpen: true,
    recordedUnder: ['lost-1'],
    count: 4,
    reasons: LOST.reasons,
  };

  it('is started again by the next verdict, under its own id', async () => {
    const account = stage.account({
      judge: ({ key }) => ({
        kind: 'recorded',
        run: recordedRun(key.runNumber),
        lostIntervention: key.runNumber === 2 ? LOST : null,
      }),
    });
    await account.start();
    await account.runNow();
    expect(await restored(account)).toEqual(RESTORED);
  });

  it('is started again by the next failed run', async () => {
    const account = stage.account();
    const { record } = account.script;
    account.use({
      fetchExchange: () => {
        throw unreadable();
      },
      record: async (request) => ({
        ...(await record(request)),
        lostIntervention: request.kind === 'failure' ? LOST : null,
      }),
    });
    await account.start();
    expect(await restored(account)).toEqual(RESTORED);
  });

  it('is started again by the registration', async () => {
    const account = stage.account();
    const { record } = account.script;
    account.use({
      record: async (request) => ({
        ...(await record(request)),
        lostIntervention: request.kind === 'register' ? LOST : null,
      }),
    });
    await account.launch();
    expect(await restored(account)).toEqual(RESTORED);
  });

  it('keeps its snooze', async () => {
    const account = stage.account();
    const snoozedUntil = new Date((await stage.now()) + 3_600_000).toISOString();
    account.use({
      judge: ({ key }) => ({
        kind: 'recorded',
        run: recordedRun(key.runNumber),
        lostIntervention: key.runNumber === 1 ? { ...LOST, snoozedUntil } : null,
      }),
    });
    await account.start();
    await stage.until(async () => (await account.intervention().catch(() => null))?.state === 'snoozed');
    await stage.skip(59 * 60_000);
    expect(account.notified).toEqual([]);
    await stage.skip(60_000 + 1_000);
    await stage.until(() => account.notified.length === 1);
  });
});
