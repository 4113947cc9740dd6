import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError, WorkflowUpdateFailedError, WorkflowUpdateStage } from '@temporalio/client';
import type { RecordRequest } from '../../src/activities/activity-messages.js';
import { reconciliationWorkflowId, type PauseAnswer } from '../../src/workflows/messages.js';
import { failedTasks } from '../support/failed-tasks.js';
import { known, ledgerAway } from './support/answers.js';
import { POLICY, type ScriptedAccount } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

type Refused = Extract<RecordRequest, { kind: 'refused' }>;

function refusals({ recorded }: ScriptedAccount): Refused[] {
  return recorded.filter((each) => each.kind === 'refused');
}

/** Sends updates until the workflow has taken all signals before them. */
async function taken(account: ScriptedAccount): Promise<void> {
  await account.update('retrySetAside', { by: 'test' });
}

/** Why the update was refused. */
async function refusalOf(update: Promise<unknown>): Promise<string> {
  try {
    await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? error.message;
    throw error;
  }
  throw new Error('it was taken');
}

async function tasksThatFailed({ workflow }: ScriptedAccount): Promise<string[]> {
  return failedTasks((await workflow.fetchHistory()).events ?? []);
}

const BAD: [what: string, payload: unknown][] = [
  ['a text', 'now'],
  ['a list', []],
  ['a number', 12345],
  ['a name that is a number', { by: 7 }],
  ['a name of 300 characters', { by: 'x'.repeat(300) }],
];

describe('a signal that cannot be taken', () => {
  it.each(BAD)('(%s) is refused, recorded and shown, and runs go on', async (_, payload) => {
    const account = await stage.account().start();
    for (const name of ['pause', 'resume', 'forceRun']) await account.signal(name, payload);
    await taken(account);
    expect(refusals(account).map(({ message, by }) => [message, by])).toEqual([
      ['pause', 'unknown (Web UI)'],
      ['resume', 'unknown (Web UI)'],
      ['forceRun', 'unknown (Web UI)'],
    ]);
    const { refused, paused, runNumber } = await account.status();
    expect(refused).toMatchObject({ message: 'forceRun', reason: refusals(account)[2]?.reason });
    expect(refused?.reason.length).toBeGreaterThan(10);
    expect([paused, runNumber]).toEqual([null, 1]);
    expect((await account.runNow()).runNumber).toBe(2);
    expect(await tasksThatFailed(account)).toEqual([]);
  });

  it('counts once with the others of its kind while the ledger is away', async () => {
    const account = await stage.account().start();
    let isAway = true;
    const { record } = account.script;
    account.use({
      record: (request) => {
        if (isAway) throw ledgerAway();
        return record(request);
      },
    });
    for (let sent = 1; sent <= 30; sent++) await account.signal('pause', { by: `ada-${sent}`, reason: 7 });
    await account.signal('resume', 'please');
    await stage.until(async () => (await account.status()).refused?.message === 'resume');
    isAway = false;
    await stage.skipUntil(() => refusals(account).some(({ message }) => message === 'resume'), 120_000);
    const pauses = refusals(account).filter(({ message }) => message === 'pause');
    // The first may be under way when the others come.
    expect(pauses.length).toBeLessThanOrEqual(2);
    expect(pauses.reduce((sum, { count }) => sum + count, 0)).toBe(30);
    const last = pauses.find(({ by }) => by === 'ada-30');
    expect(last?.reason).toContain('reason is 7');
    expect(Date.parse(last?.firstAt ?? '')).toBeLessThanOrEqual(Date.parse(last?.lastAt ?? ''));
    expect(new Set(refusals(account).map(({ requestId }) => requestId)).size).toBe(refusals(account).length);
  });
});

describe('a signal without a name', () => {
  it.each([[undefined], [null], [{}], [{ by: null }], [{ by: ' \u200b ' }]])(
    '(%j) is from unknown (Web UI)',
    async (payload) => {
      const account = await stage.account().start();
      await account.signal('pause', payload);
      await taken(account);
      expect((await account.status()).paused).toMatchObject({ by: 'unknown (Web UI)', reason: 'no reason given' });
      await account.signal('resume', payload);
      await account.signal('forceRun', payload);
      await account.ran(2);
      expect(account.recorded.filter(({ kind }) => kind === 'pause')).toMatchObject([
        { paused: true, by: 'unknown (Web UI)', reason: 'no reason given' },
        { paused: false, by: 'unknown (Web UI)', reason: null },
      ]);
      expect(account.judged[1]?.requestedBy).toEqual(['unknown (Web UI)']);
    },
  );

  it('and without any argument is taken as well', async () => {
    const account = await stage.account().start();
    await account.signal('pause');
    await account.signal('forceRun');
    expect(await account.ran(2)).toMatchObject({ paused: { by: 'unknown (Web UI)' } });
    expect(await tasksThatFailed(account)).toEqual([]);
  });
});

describe('a second pause', () => {
  it('changes nothing: the signal is refused and recorded, and the update returns it', async () => {
    const account = await stage.account().start();
    await account.signal('pause', { by: 'ada', reason: 'maintenance' });
    await account.signal('pause', { by: 'bob', reason: 'other' });
    await taken(account);
    expect((await account.status()).paused).toMatchObject({ by: 'ada', reason: 'maintenance' });
    expect(refusals(account)).toMatchObject([
      { message: 'pause', by: 'bob', count: 1, reason: expect.stringMatching(/paused already, by ada since 20/) },
    ]);
    const answer = await account.update<PauseAnswer>('pause', { by: 'eve', reason: 'third' });
    expect(answer).toMatchObject({ changed: false, paused: { by: 'ada' } });
    expect(account.recorded.filter(({ kind }) => kind === 'pause')).toHaveLength(1);
  });

  it('has its counterpart: a resume of what is not paused', async () => {
    const account = await stage.account().start();
    await account.signal('resume', { by: 'bob' });
    await taken(account);
    expect(refusals(account)).toMatchObject([{ message: 'resume', by: 'bob', reason: 'it is not paused' }]);
    expect(await account.update<PauseAnswer>('resume', { by: 'eve' })).toEqual({ changed: false, paused: null });
  });
});

describe('a pause', () => {
  it('and its end are recorded, with when the account is to be observed next', async () => {
    const account = await stage.account().start();
    const answer = await account.update<PauseAnswer>('pause', { by: 'ada', reason: 'maintenance' });
    expect(answer).toMatchObject({ changed: true, paused: { by: 'ada', reason: 'maintenance' } });
    expect(await account.update<PauseAnswer>('resume', { by: 'bob' })).toEqual({ changed: true, paused: null });
    await taken(account);
    const pauses = account.recorded.filter((each) => each.kind === 'pause');
    expect(pauses).toMatchObject([
      { paused: true, by: 'ada', reason: 'maintenance', nextRunAt: null },
      { paused: false, by: 'bob', reason: null, nextRunAt: expect.stringMatching(/^20/) },
    ]);
    expect(pauses[0]?.requestId).not.toBe(pauses[1]?.requestId);
  });
});

describe('an update that cannot be taken', () => {
  it('answers its caller why, and changes nothing', async () => {
    const account = await stage.account().start();
    const { length } = account.offered;
    for (const name of ['pause', 'resume', 'runNow', 'reconfigure', 'stop', 'retrySetAside']) {
      expect(await refusalOf(account.update(name, 'now'))).toMatch(/the payload is "now"; it must be an object/);
    }
    expect(await refusalOf(account.update('stop', {}))).toBe('say who stops it (by)');
    const policy = { ...POLICY, confirmations: 1 };
    expect(await refusalOf(account.update('reconfigure', { by: 'ada', exchange: 'x', policy }))).toMatch(
      /confirmations/,
    );
    expect(await refusalOf(account.update('reconfigure', { by: 'ada', exchange: null, policy: POLICY }))).toMatch(
      /exchange is null/,
    );
    expect(await account.status()).toMatchObject({ exchange: 'scripted', paused: null, runNumber: 1 });
    expect(account.offered).toHaveLength(length);
    expect(await tasksThatFailed(account)).toEqual([]);
  });
});

describe('a stop', () => {
  it('records by whom, and ends the workflow', async () => {
    const account = await stage.account().start();
    await account.update('stop', { by: 'ada' });
    await account.workflow.result();
    expect(account.recorded.at(-1)).toMatchObject({ kind: 'deactivate', account: account.name, by: 'ada' });
    expect(account.recorded.filter(({ kind }) => kind === 'cancelled')).toEqual([]);
  });

  it('waits for the current run, and refuses later requests', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = await stage.account().start();
    const { fetchInternal } = account.script;
    account.use({
      fetchInternal: async (request) => {
        await held;
        return fetchInternal(request);
      },
    });
    await account.signal('forceRun', { by: 'bob' });
    await stage.until(() => account.internalReads.length === 2);
    const stopping = await account.workflow.startUpdate('stop', {
      args: [{ by: 'ada' }],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    const refusal = await refusalOf(account.update('pause', { by: 'bob', reason: 'late' }));
    expect(refusal).toBe(`pause came too late: ada stopped ${account.name}`);
    release();
    await stopping.result();
    await account.workflow.result();
    expect(account.recorded.at(-1)).toMatchObject({ kind: 'deactivate', by: 'ada' });
  });
});

describe('a cancellation from outside', () => {
  it('is recorded as such, and the account stays active', async () => {
    const account = await stage.account().start();
    await account.workflow.cancel();
    await expect(account.workflow.result()).rejects.toThrow(WorkflowFailedError);
    expect(account.recorded.at(-1)).toMatchObject({ kind: 'cancelled', account: account.name });
    expect(account.recorded.filter(({ kind }) => kind === 'deactivate')).toEqual([]);
  });
});

describe('a workflow started by hand', () => {
  const WRONG: [what: string, input: Record<string, unknown>, says: RegExp][] = [
    ['without an exchange', { exchange: null }, /exchange is null/],
    ['with a name that is none', { account: '../etc' }, /account is "\.\.\/etc"/],
    ['with a policy that confirms nothing', { policy: { ...POLICY, confirmations: 1 } }, /confirmations is 1/],
    ['without a policy', { policy: undefined }, /policy is missing/],
    ['with reminders that never wait', { policy: { ...POLICY, reminderMinutes: [0] } }, /reminderMinutes is 0/],
  ];
  it.each(WRONG)('%s ends with the reason, without a failed task', async (_, input, says) => {
    const account = await stage.account().launch({ input });
    const error: unknown = await account.workflow.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause?.message).toMatch(says);
    expect(await tasksThatFailed(account)).toEqual([]);
    expect(account.offered).toEqual([]);
  });

  it("under an id that is not its account's ends, and reads nothing", async () => {
    const account = stage.account();
    const workflowId = reconciliationWorkflowId(`${account.name}-2`);
    await account.launch({ workflowId });
    const result = stage.client.workflow.getHandle(workflowId).result();
    const error: unknown = await result.catch((reason: unknown) => reason);
    expect((error as WorkflowFailedError).cause?.message).toMatch(/is reconciled under the workflow id/);
    expect([account.offered, account.exchangeReads]).toEqual([[], []]);
  });

  it('with carried state begins without it', async () => {
    const account = stage.account();
    const carried = {
      runNumber: 900,
      hasRun: true,
      consecutiveFailures: 4,
      paused: { by: 'eve', reason: '', since: '' },
    };
    await account.start({ input: { carried } });
    expect(await account.status()).toMatchObject({ runNumber: 1, consecutiveFailures: 0, paused: null });
    expect(account.recorded[0]).toMatchObject({ kind: 'register', by: 'test' });
  });
});

describe('a workflow that is started anew', () => {
  it('takes over from the ledger: run number, streak, pause and open intervention', async () => {
    const paused = { by: 'ada', reason: 'maintenance', since: '2026-11-20T00:00:00.000Z' };
    const openIntervention = {
      interventionId: 'i-1',
      openedAt: '2026-11-20T00:00:00.000Z',
      reasons: [],
      notifiedTimes: 1,
      snoozedUntil: null,
    };
    const lastSuccessAt = '2026-11-19T00:00:00.000Z';
    const account = stage.account();
    const { record } = account.script;
    account.use({
      record: async (request) => ({
        ...(await record(request)),
        known: known({
          lastRunNumber: 41,
          streak: { failures: 2, called: true },
          paused,
          openIntervention,
          lastSuccessAt,
        }),
        lastRunNumber: 41,
      }),
    });
    await account.launch();
    await stage.until(async () => (await account.status()).phase === 'paused');
    expect(await account.status()).toMatchObject({
      runNumber: 41,
      consecutiveFailures: 2,
      paused,
      interventionOpen: true,
      lastSuccessAt,
    });
    expect(account.runTimes()).toEqual([]);
    expect((await account.runNow()).runNumber).toBe(42);
    expect(await account.status()).toMatchObject({ consecutiveFailures: 0 });
    // Once: what the ledger answers later does not bring the pause back.
    await account.update('resume', { by: 'ada' });
    await account.update('reconfigure', { by: 'ada', exchange: 'scripted', policy: account.policy });
    await taken(account);
    expect(await account.status()).toMatchObject({ paused: null, consecutiveFailures: 0 });
    await account.signal('interventionClosed', { interventionId: 'i-1' });
    await account.update('reconfigure', { by: 'bob', exchange: 'scripted', policy: account.policy });
    await taken(account);
    expect(await account.status()).toMatchObject({ interventionOpen: false });
  });

  it('keeps a resume that came before the ledger answered', async () => {
    const account = stage.account();
    const { record } = account.script;
    let isAway = true;
    account.use({
      record: async (request) => {
        if (isAway) throw ledgerAway();
        const paused = { by: 'old', reason: 'old', since: '2026-11-20T00:00:00.000Z' };
        return request.kind === 'register' ? { ...(await record(request)), known: known({ paused }) } : record(request);
      },
    });
    await account.launch();
    await account.update('pause', { by: 'ada', reason: 'new' });
    await account.update('resume', { by: 'ada' });
    isAway = false;
    await stage.skipUntil(() => account.recorded.some(({ kind }) => kind === 'register'), 120_000);
    await taken(account);
    expect((await account.status()).paused).toBeNull();
  });
});
