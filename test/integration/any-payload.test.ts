import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { addReasonSignal, interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { isTaken, SHARE } from '../support/thorough.js';
import {
  ABOVE_LIMIT,
  BAD_TIMES,
  badFields,
  badForAny,
  badPolicies,
  json,
  texts,
  type BadMessage,
} from './support/bad-payloads.js';
import { RawMessages, type Fate } from './support/raw-messages.js';
import { atMost } from '../support/at-most.js';
import { long, scriptedSides } from './support/scripted.js';
import { faultsOfAccount, faultsOfExecution, faultsOfIntervention, roomyClient } from './support/soundness.js';
import { eventually, startWorld, TEST_POLICY, type World } from './support/world.js';

/** `PLUMBLINE_BURST=10000`: as many as the server accepts for one execution. */
const BURST = Number(process.env['PLUMBLINE_BURST'] ?? 300);
const ANSWER_MS = 15_000;
/** `npm test` sends one of so many invalid payloads. */
const ONE_OF = 3;
const UPDATES_AT_ONCE = 5;
/** Far above the normal duration: on a failure each message is tried alone, to name those that cause it. */
const PATIENCE_MS = 900_000;
/** How many messages are tried alone in parallel after a batch has failed. */
const ALONE_AT_ONCE = 6;

/** Both sides agree. */
let world: World;
/** The bot does not know a position, so each account's first run calls a human. */
let drifted: World;
let temporal: Client;
let messages: RawMessages;
const drift = scriptedSides();
let drifts = 0;

beforeAll(async () => {
  const agreeing = scriptedSides();
  world = await startWorld({ sides: agreeing.sides });
  drift.exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  drifted = await startWorld({ sides: drift.sides });
  temporal = await roomyClient(await testTemporal());
  messages = new RawMessages(temporal);
}, 90_000);

afterAll(async () => {
  for (const each of [world, drifted]) {
    const accounts = await each.client.accounts();
    const ids = accounts.flatMap((account) => [reconciliationWorkflowId(account), interventionWorkflowId(account)]);
    await Promise.allSettled(ids.map(async (id) => temporal.workflow.getHandle(id).terminate('test')));
    await each.stop();
  }
  await temporal.connection.close();
}, 90_000);

/** One kind of message, with its invalid payloads. */
interface Kind {
  kind: 'signal' | 'update' | 'query';
  name: string;
  bad: BadMessage[];
}

const by = { by: 'ada' };
const policy = { ...TEST_POLICY };
const good = {
  pause: { by: 'ada', reason: 'maintenance' },
  interventionClosed: { interventionId: 'e2f7bd5e-0000-4000-8000-000000000000' },
  reconfigure: { by: 'ada', exchange: 'scripted', policy },
  addReason: { action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC', at: '2026-11-01T00:00:00.000Z' },
  changeRules: { reminderMinutes: [30], snoozeMaxHours: 24, link: 'https://plumbline.example/v1/accounts/main' },
  discrepancies: { standing: true },
  acknowledge: { by: 'ada', note: 'found and done' },
  snooze: { by: 'ada', until: '2999-01-01T00:00:00.000Z', note: 'it can wait' },
};

/**
 * The SDK answers an update with the complete request, so a payload above the limit cannot be answered at all: see
 * below.
 */
const badForUpdate = (message: object): BadMessage[] => badForAny(message).filter(({ name }) => name !== ABOVE_LIMIT);

const forReconciliation: Kind[] = [
  { kind: 'signal', name: 'pause', bad: [...badForAny(good.pause), ...badFields(good.pause, texts('by', 'reason'))] },
  { kind: 'signal', name: 'resume', bad: [...badForAny(by), ...badFields(by, texts('by'))] },
  { kind: 'signal', name: 'forceRun', bad: [...badForAny(by), ...badFields(by, texts('by'))] },
  {
    kind: 'signal',
    name: 'interventionClosed',
    bad: [...badForAny(good.interventionClosed), ...badFields(good.interventionClosed, texts('interventionId'))],
  },
  { kind: 'signal', name: 'noSuchSignal', bad: badForAny(by) },
  { kind: 'update', name: 'runNow', bad: [...badForUpdate(by), ...badFields(by, texts('by'))] },
  {
    kind: 'update',
    name: 'reconfigure',
    bad: [
      ...badForUpdate(good.reconfigure),
      ...badFields(good.reconfigure, texts('by', 'exchange')),
      ...badPolicies(good.reconfigure, policy),
    ],
  },
  { kind: 'update', name: 'noSuchUpdate', bad: badForUpdate(by) },
  { kind: 'query', name: 'status', bad: badForAny(by) },
  { kind: 'query', name: 'noSuchQuery', bad: badForAny(by) },
];

const forIntervention: Kind[] = [
  {
    kind: 'signal',
    name: 'addReason',
    bad: [...badForAny(good.addReason), ...badFields(good.addReason, { ...texts('action', 'text'), at: BAD_TIMES })],
  },
  {
    kind: 'signal',
    name: 'changeRules',
    bad: [
      ...badForAny(good.changeRules),
      ...badFields(good.changeRules, { ...texts('link'), escalation: BAD_TIMES, snoozeMaxHours: BAD_TIMES }),
    ],
  },
  { kind: 'signal', name: 'discrepancies', bad: badForAny(good.discrepancies) },
  {
    kind: 'update',
    name: 'acknowledge',
    bad: [...badForUpdate(good.acknowledge), ...badFields(good.acknowledge, texts('by', 'note'))],
  },
  {
    kind: 'update',
    name: 'snooze',
    bad: [...badForUpdate(good.snooze), ...badFields(good.snooze, { ...texts('by', 'note'), until: BAD_TIMES })],
  },
  { kind: 'query', name: 'interventionStatus', bad: badForAny(by) },
];

/** Starts a new account and waits for its first run. */
async function freshAccount(): Promise<string> {
  const account = uniqueTaskQueue('any');
  await world.client.start({ account, exchange: 'scripted', policy }, 'test');
  return account;
}

/** An account whose open intervention was made by a run. */
async function calledAccount(): Promise<string> {
  const account = uniqueTaskQueue('called');
  await drifted.client.start({ account, exchange: 'scripted', policy }, 'test');
  await isCalled(account);
  return account;
}

async function isCalled(account: string): Promise<void> {
  await eventually(
    async () => drifted.ledger.account(account),
    (row) => (row?.openInterventions ?? 0) > 0,
    60_000,
  );
}

async function send({ kind, name }: Kind, workflowId: string, { payloads }: BadMessage): Promise<Fate> {
  switch (kind) {
    case 'signal':
      return messages.signal(workflowId, name, payloads);
    case 'update':
      return messages.update(workflowId, name, payloads, ANSWER_MS);
    case 'query':
      return messages.query(workflowId, name, payloads, ANSWER_MS);
  }
}

/** Sends all of them to one workflow: signals in order, updates a few at a time. */
async function sendAll(kind: Kind, workflowId: string): Promise<string[]> {
  const faults: string[] = [];
  await atMost(kind.kind === 'signal' ? 1 : UPDATES_AT_ONCE, kind.bad, async (bad) => {
    // A workflow that no longer answers gets no further messages: the batch has failed.
    if (faults.some((fault) => fault.endsWith('no answer'))) return;
    const fate = await send(kind, workflowId, bad);
    if (fate === 'too late') faults.push(`${bad.name}: no answer`);
    if (fate === 'taken' && bad.mustRefuse) faults.push(`${bad.name}: was taken`);
  });
  return faults;
}

/** A workflow for testing one message. */
interface Trial {
  workflowId: string;
  faults(fate: Fate): Promise<string[]>;
  end(): Promise<unknown>;
}

/** Sends each message alone to its own workflow, to find which of them do harm, and what. */
async function alone(kind: Kind, begin: () => Promise<Trial>): Promise<string[]> {
  const culprits: string[] = [];
  await atMost(ALONE_AT_ONCE, kind.bad, async (bad) => {
    const trial = await begin();
    const fate = await send(kind, trial.workflowId, bad);
    const found = await trial.faults(fate).catch((error: unknown) => [String(error)]);
    if (fate === 'too late') found.unshift('no answer');
    if (fate === 'taken' && bad.mustRefuse) found.unshift('was taken');
    if (found.length > 0) culprits.push(`${kind.name}, ${bad.name}: ${found.slice(0, 2).join('; ')}`);
    await trial.end().catch(() => undefined);
  });
  return culprits;
}

async function accountTrial(): Promise<Trial> {
  const account = await freshAccount();
  const workflowId = reconciliationWorkflowId(account);
  return {
    workflowId,
    faults: async () => faultsOfAccount(world, temporal, account),
    end: async () => temporal.workflow.getHandle(workflowId).terminate('tried'),
  };
}

async function interventionTrial(kind: Kind): Promise<Trial> {
  const account = await calledAccount();
  const workflowId = interventionWorkflowId(account);
  return {
    workflowId,
    faults: async (fate) =>
      // Acknowledged: there is nothing left to answer.
      kind.name === 'acknowledge' && fate === 'taken'
        ? faultsOfExecution(temporal.workflow.getHandle(workflowId))
        : faultsOfIntervention(drifted, temporal, account),
    end: async () =>
      Promise.allSettled(
        [workflowId, reconciliationWorkflowId(account)].map(async (id) =>
          temporal.workflow.getHandle(id).terminate('tried'),
        ),
      ),
  };
}

const shareOf = (kinds: Kind[]): Kind[] =>
  kinds.map((kind) => ({ ...kind, bad: kind.bad.filter((_, number) => isTaken(number, ONE_OF)) }));

describe(`a reconciliation (${SHARE})`, () => {
  it.each(shareOf(forReconciliation))(
    'takes or refuses every $kind $name, and runs after it',
    async (kind) => {
      const account = await freshAccount();
      const workflowId = reconciliationWorkflowId(account);
      const faults = [...(await sendAll(kind, workflowId)), ...(await faultsOfAccount(world, temporal, account))];
      if (faults.length > 0) {
        await temporal.workflow.getHandle(workflowId).terminate('it failed');
        faults.push(...(await alone(kind, accountTrial)));
      }
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    `takes ${BURST} signals at once`,
    async () => {
      const account = await freshAccount();
      const workflowId = reconciliationWorkflowId(account);
      const signals: [name: string, argument: unknown][] = [
        ['pause', good.pause],
        ['resume', by],
        ['forceRun', by],
        ['pause', null],
        ['noSuchSignal', by],
        ['forceRun', { by: 5 }],
      ];
      const burst = Array.from({ length: BURST }, (_, index) => signals[index % signals.length]);
      await atMost(50, burst, async (signal) => {
        if (signal !== undefined) await messages.signal(workflowId, signal[0], [json(signal[1])]);
      });
      expect(await faultsOfAccount(world, temporal, account, 90_000 + BURST * 30)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'takes or refuses every stop: it ends, or runs after it',
    async () => {
      const faults: string[] = [];
      const bad = [...badForUpdate(by), ...badFields(by, texts('by'))];
      const stop = { kind: 'update' as const, name: 'stop', bad: bad.filter((_, number) => isTaken(number, ONE_OF)) };
      await atMost(UPDATES_AT_ONCE, stop.bad, async (bad) => {
        const account = await freshAccount();
        const handle = temporal.workflow.getHandle(reconciliationWorkflowId(account));
        const fate = await send(stop, handle.workflowId, bad);
        const found =
          fate === 'taken' ? await faultsOfExecution(handle) : await faultsOfAccount(world, temporal, account);
        if (fate === 'taken' && (await handle.describe()).status.name === 'RUNNING') found.push('it still runs');
        if (fate === 'too late') found.unshift('no answer');
        if (found.length > 0) faults.push(`stop, ${bad.name}: ${found.slice(0, 2).join('; ')}`);
        await handle.terminate('tried').catch(() => undefined);
      });
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});

describe('an update above the limit', () => {
  it('holds the account up only as long as its sender waits', async () => {
    const account = await freshAccount();
    const above = badForAny(by).find(({ name }) => name === ABOVE_LIMIT);
    const fate = await messages.update(reconciliationWorkflowId(account), 'runNow', above?.payloads ?? [], 3_000);
    expect(fate).not.toBe('taken');
    const run = await eventually(
      async () => world.client.runNow(account, 'ada').catch(() => null),
      (answer) => answer !== null,
      60_000,
    );
    expect(run).toMatchObject({ outcome: 'matched' });
  }, 120_000);
});

describe(`an intervention (${SHARE})`, () => {
  it.each(shareOf(forIntervention))(
    'takes or refuses every $kind $name, and serves after it',
    async (kind) => {
      const account = await calledAccount();
      const faults = await sendAllReopening(kind, account);
      faults.push(...(await faultsOfIntervention(drifted, temporal, account)));
      if (faults.length > 0) {
        faults.push(...(await alone(kind, async () => interventionTrial(kind))));
      }
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  /** An acknowledgement that takes effect ends the intervention, so another drift opens the next one. */
  async function sendAllReopening(kind: Kind, account: string): Promise<string[]> {
    if (kind.name !== 'acknowledge') return sendAll(kind, interventionWorkflowId(account));
    const faults: string[] = [];
    for (const bad of kind.bad) {
      const fate = await send(kind, interventionWorkflowId(account), bad);
      if (fate === 'too late') return [...faults, `${bad.name}: no answer`];
      if (fate === 'taken') await anotherCall(account);
    }
    return faults;
  }

  async function anotherCall(account: string): Promise<void> {
    drifts += 1;
    drift.exchange.positions = [long('BTC/USDT:USDT', '0.5'), long(`X${drifts}/USDT:USDT`, '1')];
    await drifted.client.runNow(account, 'ada');
    await isCalled(account);
  }

  it('is acknowledged after all of it', async () => {
    const account = await calledAccount();
    await temporal.workflow.getHandle(interventionWorkflowId(account)).signal(addReasonSignal, good.addReason);
    await expect(drifted.client.acknowledge(account, good.acknowledge)).resolves.toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'ada',
    });
  }, 60_000);
});
