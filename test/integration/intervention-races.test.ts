import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import {
  acknowledgeUpdate,
  addReasonSignal,
  interventionStatusQuery,
  interventionWorkflowId,
} from '../../src/workflows/messages.js';
import { THOROUGH } from '../support/thorough.js';
import { long, scriptedSides, type ScriptedSide } from './support/scripted.js';
import { faultsOfExecution } from './support/soundness.js';
import { eventually, startWorld, type World } from './support/world.js';

/** A reason arrives 0 to 5 ms after the answer to an acknowledgement. */
const DELAYS_MS = 6;
const ROUNDS = DELAYS_MS * (THOROUGH ? 5 : 2);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

interface Scene {
  world: World;
  exchange: ScriptedSide;
  child: WorkflowHandle;
}

async function begin(positions: string[]): Promise<Scene> {
  const { exchange, sides } = scriptedSides();
  exchange.positions = positions.map((symbol) => long(symbol, '0.5'));
  const world = await startWorld({ sides });
  const child = world.client.temporal.workflow.getHandle(interventionWorkflowId(world.account));
  closing.push(async () => {
    await child.terminate('the test ended').catch(() => undefined);
    await world.stop();
  });
  await world.start();
  await eventually(
    async () => world.ledger.account(world.account),
    (account) => account?.lastRunNumber === 1,
  );
  return { world, exchange, child };
}

/** The account's only open intervention in the ledger, after a human was notified. */
async function openIntervention({ world }: Scene) {
  const rows = await eventually(
    async () => (await openRows(world)).filter(({ notifiedTimes }) => notifiedTimes > 0),
    ({ length }) => length === 1,
  );
  return rows[0] ?? { id: '', reasons: [] };
}

async function openRows({ ledger, account }: World) {
  return (await ledger.interventions({ account, limit: 500 })).filter(({ state }) => state !== 'acknowledged');
}

async function isRunning(child: WorkflowHandle): Promise<boolean> {
  return (await child.describe()).status.name === 'RUNNING';
}

describe('a reason that arrives while an acknowledgement is answered', () => {
  it(`is in the ledger, ${ROUNDS} times of ${ROUNDS}`, async () => {
    const scene = await begin([]);
    const { world, child } = scene;
    const accepted: string[] = [];
    // A machine on which every reason comes too late gets more rounds.
    for (let round = 0; round < ROUNDS || (accepted.length === 0 && round < 10 * ROUNDS); round++) {
      await startCall(scene, `first of round ${round}`);
      await child.executeUpdate(acknowledgeUpdate, { args: [{ by: 'ada', note: 'done' }] });
      await delay(round % DELAYS_MS);
      const text = `late in round ${round}`;
      // If the workflow has already ended, the sender gets an error and opens another intervention.
      await child.signal(addReasonSignal, { action: 'LATE', text, at: new Date().toISOString() }).then(
        () => accepted.push(text),
        () => undefined,
      );
      await closeAll(child);
    }
    const lost = async (): Promise<string[]> => {
      const rows = await world.ledger.interventions({ account: world.account, limit: 500 });
      const known = new Set(rows.flatMap(({ reasons }) => reasons.map(({ text }) => text)));
      return accepted.filter((text) => !known.has(text));
    };
    await eventually(lost, ({ length }) => length === 0).catch(() => undefined);
    expect(accepted.length).toBeGreaterThan(0);
    expect(await lost()).toEqual([]);
  }, 180_000);

  async function startCall(scene: Scene, text: string): Promise<void> {
    const { account, client } = scene.world;
    const reasons = [{ action: 'FIRST', text, at: new Date().toISOString() }];
    await client.temporal.workflow.start('manualIntervention', {
      workflowId: interventionWorkflowId(account),
      taskQueue: account,
      args: [{ account, exchange: 'scripted', reminderMinutes: [30], reasons }],
    });
    await openIntervention(scene);
  }

  /** Lets it end; a late reason may have opened another intervention, which is acknowledged too. */
  async function closeAll(child: WorkflowHandle): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (await isRunning(child)) {
      if (Date.now() > deadline) throw new Error('the call does not end');
      await child
        .executeUpdate(acknowledgeUpdate, { args: [{ by: 'ada', note: 'the late one too' }] })
        .catch(() => delay(20));
    }
  }
});

describe('an open intervention whose workflow', () => {
  const ends: { how: string; end: (scene: Scene) => Promise<unknown> }[] = [
    { how: 'was cancelled', end: async ({ child }) => child.cancel() },
    { how: 'was terminated', end: async ({ child }) => child.terminate('by mistake') },
    { how: 'was reset to its first task', end: resetToFirstTask },
  ];

  it.each(ends)(
    '$how is served after the next run, with its id and its reasons',
    async ({ how, end }) => {
      const scene = await begin(['BTC/USDT:USDT']);
      const { world, child } = scene;
      const call = await openIntervention(scene);
      await end(scene);
      if (how !== 'was reset to its first task') {
        // A cancelled workflow may continue: an intervention stays open.
        await eventually(
          async () => isRunning(child),
          (running) => !running || how === 'was cancelled',
        );
      }
      await world.client.runNow(world.account, 'ada');
      await eventually(
        async () => isRunning(child),
        (running) => running,
      );
      const status = await eventually(
        // A query that comes with newer events is refused.
        async () => child.query(interventionStatusQuery).catch(() => null),
        (answer) => answer !== null,
      );
      expect(status).toMatchObject({ interventionId: call.id, state: 'open' });
      expect(status?.reasons.map(({ text }) => text)).toEqual(
        expect.arrayContaining(call.reasons.map(({ text }) => text)),
      );
      expect((await openRows(world)).map(({ id }) => id)).toEqual([call.id]);
      // It works: it can be acknowledged, and the ledger's intervention is the one that closes.
      await world.client.acknowledge(world.account, { by: 'ada', note: 'done' });
      await eventually(
        async () => openRows(world),
        ({ length }) => length === 0,
      );
      expect(await faultsOfExecution(child)).toEqual([]);
    },
    60_000,
  );

  async function resetToFirstTask({ world, child }: Scene): Promise<void> {
    const { events } = await child.fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes: task }) => (task ?? null) !== null);
    const { temporal } = world.client;
    await temporal.workflowService.resetWorkflowExecution({
      namespace: temporal.options.namespace,
      workflowExecution: { workflowId: child.workflowId, runId: (await child.describe()).runId },
      reason: 'by mistake',
      workflowTaskFinishEventId: first?.eventId ?? null,
      requestId: randomUUID(),
    });
  }
});

describe('further calls while an intervention is open', () => {
  it('reach it, and leave no failed start in the history of the account', async () => {
    const scene = await begin(['BTC/USDT:USDT']);
    const { world, exchange } = scene;
    const call = await openIntervention(scene);
    const symbols = ['ETH/USDT:USDT', 'SOL/USDT:USDT', 'XRP/USDT:USDT'];
    for (const symbol of symbols) {
      exchange.positions = [...exchange.positions, long(symbol, '1')];
      await world.client.runNow(world.account, 'ada');
    }
    const [row] = await eventually(
      async () => openRows(world),
      (rows) => rows[0]?.reasons.length === 1 + symbols.length,
    );
    expect(row?.id).toBe(call.id);
    const failedStarts = (await world.historyEvents()).filter(
      (event) => 'startChildWorkflowExecutionFailedEventAttributes' in event && isSet(event),
    );
    expect(failedStarts).toHaveLength(0);
  }, 60_000);

  function isSet(event: { startChildWorkflowExecutionFailedEventAttributes: unknown }): boolean {
    return (event.startChildWorkflowExecutionFailedEventAttributes ?? null) !== null;
  }
});
