import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { PATIENT } from '../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { isTaken, SHARE } from '../support/thorough.js';
import { atMost } from '../support/at-most.js';
import { badFields, badForAny, badPolicies, json, texts, type BadMessage } from './support/bad-payloads.js';
import { RawMessages } from './support/raw-messages.js';
import { scriptedSides } from './support/scripted.js';
import { faultsOfAccount, faultsOfExecution, roomyClient, within } from './support/soundness.js';
import { eventually, startWorld, TEST_POLICY, type World } from './support/world.js';

const END_MS = 60_000;
const AT_ONCE = 40;
const PATIENCE_MS = 300_000;
/** `npm test` tries one of so many arguments. */
const ONE_OF = 3;

let world: World;
let temporal: Client;
let messages: RawMessages;

beforeAll(async () => {
  world = await startWorld({ sides: scriptedSides().sides, ledger: PATIENT });
  temporal = await roomyClient(await testTemporal());
  messages = new RawMessages(temporal);
}, 90_000);

afterAll(async () => {
  await world.stop();
  await temporal.connection.close();
}, 60_000);

interface Start {
  name: string;
  type: 'reconciliation' | 'manualIntervention';
  workflowId: string;
  account: string;
  payloads: BadMessage['payloads'];
}

/** Variants of the valid arguments, each for its own account, so that the ledger shows the effect of each. */
function startsOf(
  type: Start['type'],
  goodFor: (account: string) => Record<string, unknown>,
  bad: (good: Record<string, unknown>) => BadMessage[],
): Start[] {
  const idOf = type === 'reconciliation' ? reconciliationWorkflowId : interventionWorkflowId;
  const numbers = [...bad(goodFor('none')).keys()].filter((number) => isTaken(number, ONE_OF));
  return numbers
    .map((index) => {
      const account = uniqueTaskQueue('start');
      const { name, payloads } = bad(goodFor(account))[index] ?? { name: '', payloads: [] };
      return { name, type, workflowId: idOf(account), account, payloads };
    })
    .filter(({ name }) => name !== 'two good arguments');
}

/** Why a manual start does not end as required: failed, with a message for people, and with nothing in the ledger. */
async function faultsOfStart(start: Start): Promise<string[]> {
  const runId = await messages.start({ ...start, taskQueue: world.account }, start.payloads);
  // Too large for the server.
  if (runId === null) return [];
  const handle = temporal.workflow.getHandle(start.workflowId, runId);
  const end = await within<unknown>(END_MS, handle.result());
  const faults = await faultsOfExecution(handle);
  if (end instanceof WorkflowFailedError) faults.push(...faultsOfMessage(end.cause?.message ?? ''));
  else faults.push(end instanceof Error ? `it did not end: ${end.message}` : 'it completed');
  await handle.terminate('tried').catch(() => undefined);
  return faults;
}

/** The names of the accounts of which the ledger knows something. Read once for all, so that it does not compete with the worker. */
async function known(): Promise<Set<string>> {
  const accounts = await world.ledger.accounts();
  const called = await world.ledger.interventions({ limit: 10_000 });
  return new Set([...accounts, ...called].map(({ account }) => account));
}

function faultsOfMessage(message: string): string[] {
  const isForPeople =
    message.length > 10 && !/^Cannot (read|destructure|convert)|is not a function|is not iterable/.test(message);
  return isForPeople ? [] : [`it failed with "${message}"`];
}

async function faultsOfAll(starts: readonly Start[]): Promise<string[]> {
  const faults: string[] = [];
  await atMost(AT_ONCE, starts, async (start) => {
    const found = await faultsOfStart(start);
    if (found.length > 0) faults.push(`${start.type}, ${start.name}: ${found.slice(0, 3).join('; ')}`);
  });
  const inLedger = await known();
  for (const { type, name, account } of starts) {
    if (inLedger.has(account)) faults.push(`${type}, ${name}: the ledger knows the account`);
  }
  return faults;
}

const goodRun = (account: string) => ({ account, exchange: 'scripted', policy: { ...TEST_POLICY } });
const reason = { action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC', at: '2026-11-01T00:00:00.000Z' };
const goodCall = (account: string) => ({ account, exchange: 'scripted', reminderMinutes: [30], reasons: [reason] });

const listOf = (...values: unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value) => [JSON.stringify(value) ?? 'absent', value]));

/** When the first run of the account is in the ledger. */
async function firstRun(account: string): Promise<unknown> {
  return eventually(
    async () => world.ledger.account(account),
    (row) => (row?.lastOutcome ?? null) !== null,
    END_MS,
  );
}

describe(`a workflow started by hand (${SHARE})`, () => {
  it(
    'fails with a message where its arguments are bad, and leaves nothing in the ledger',
    async () => {
      const starts = [
        ...startsOf('reconciliation', goodRun, (good) => [
          ...badForAny(good),
          ...badFields(good, texts('account', 'exchange')),
          ...badPolicies(good, TEST_POLICY),
        ]),
        ...startsOf('manualIntervention', goodCall, (good) => [
          ...badForAny(good),
          ...badFields(good, {
            ...texts('account', 'exchange'),
            reminderMinutes: listOf(null, 'x', 30, {}, [0], [-1], [null], ['30'], [1e308]),
            reasons: listOf(null, 'x', 5, {}, [null], [5], [{}], [{ ...reason, text: null }], [{ ...reason, at: 5 }]),
          }),
        ]),
      ];
      expect(await faultsOfAll(starts)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'fails under an id that is not its account',
    async () => {
      const running = uniqueTaskQueue('start');
      await world.client.start(goodRun(running), 'test');
      await world.client.runNow(running, 'ada');
      const before = await world.ledger.runs(running);
      const ids: [workflowId: (account: string) => string, name: string][] = [
        [(account) => account, 'the bare name'],
        [(account) => `reconciliation/${account}/x`, 'a longer id'],
        [(account) => `Reconciliation/${account}`, 'another case'],
        [(account) => `reconciliation/ ${account}`, 'a space'],
        [(account) => `manual-intervention/x-${account}`, 'the id of another call'],
      ];
      const starts = ids.flatMap(([idOf, name]): Start[] => {
        const [account, other] = [uniqueTaskQueue('start'), uniqueTaskQueue('start')];
        return [
          { name, type: 'reconciliation', workflowId: idOf(account), account, payloads: [json(goodRun(account))] },
          {
            name,
            type: 'manualIntervention',
            workflowId: idOf(other),
            account: other,
            payloads: [json(goodCall(other))],
          },
        ];
      });
      const faults = await faultsOfAll(starts);

      // For an account that has a workflow: its ledger records must stay unaffected.
      const foreign = reconciliationWorkflowId(uniqueTaskQueue('start'));
      const runId = await messages.start({ workflowId: foreign, type: 'reconciliation', taskQueue: world.account }, [
        json(goodRun(running)),
      ]);
      const handle = temporal.workflow.getHandle(foreign, runId ?? undefined);
      const end = await within<unknown>(END_MS, handle.result());
      if (!(end instanceof WorkflowFailedError)) faults.push(`a second workflow of ${running} did not fail`);
      await handle.terminate('tried').catch(() => undefined);
      const after = await world.ledger.runs(running);
      if (after.length !== before.length)
        faults.push(`a second workflow recorded ${after.length - before.length} runs`);
      faults.push(...(await faultsOfAccount(world, temporal, running)));
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'fails or runs soundly with the state of another one',
    async () => {
      const carried = listOf(
        null,
        'x',
        5,
        [],
        {},
        { runNumber: -1, outbox: [{ kind: 'no such record' }] },
        { outbox: null },
      );
      const faults: string[] = [];
      await atMost(AT_ONCE, Object.entries(carried), async ([name, value]) => {
        const account = uniqueTaskQueue('start');
        const workflowId = reconciliationWorkflowId(account);
        const payloads = [json({ ...goodRun(account), carried: value })];
        await messages.start({ workflowId, type: 'reconciliation', taskQueue: world.account }, payloads);
        const handle = temporal.workflow.getHandle(workflowId);
        const end = await within<unknown>(END_MS, Promise.race([handle.result(), firstRun(account)]));
        const found =
          end instanceof WorkflowFailedError
            ? [...(await faultsOfExecution(handle)), ...faultsOfMessage(end.cause?.message ?? '')]
            : await faultsOfAccount(world, temporal, account);
        if (found.length > 0) faults.push(`carried ${name}: ${found.slice(0, 3).join('; ')}`);
        await handle.terminate('tried').catch(() => undefined);
      });
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});
