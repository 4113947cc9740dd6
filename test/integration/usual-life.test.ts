import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { temporal } from '@temporalio/proto';
import type { Message } from '../../src/notify/channel.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { startTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { searchAttributeTypes } from '../support/search-attributes.js';
import { long, scriptedSides } from './support/scripted.js';
import { eventually, startWorld, type World } from './support/world.js';

let world: World | null = null;
afterEach(async () => {
  const ids = world === null ? [] : [interventionWorkflowId(world.account), reconciliationWorkflowId(world.account)];
  for (const id of ids)
    await world?.client.temporal.workflow
      .getHandle(id)
      .terminate('test')
      .catch(() => undefined);
  await world?.stop();
  world = null;
}, 60_000);

/** The failures and time-outs in the histories of all executions under this id, by the names of their events. */
async function redBars({ client }: World, workflowId: string): Promise<string[]> {
  const names: string[] = [];
  const { workflow } = client.temporal;
  for await (const { runId } of workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? []) names.push(...failuresOf(event));
  }
  return names;
}

function failuresOf(event: temporal.api.history.v1.IHistoryEvent): string[] {
  const isFailure = ([name, value]: [string, unknown]): boolean =>
    /(?:Failed|TimedOut|Terminated|Canceled)EventAttributes$/.test(name) &&
    !name.startsWith('timer') &&
    (value ?? null) !== null;
  return Object.entries(event)
    .filter(isFailure)
    .map(([name]) => name);
}

describe.each([
  { with: 'channels', escalation: [{ afterMinutes: 0, channels: ['chat'] }] },
  { with: 'the log alone', escalation: undefined },
])('the usual life of an account with $with', ({ escalation }) => {
  it('has no failed event: drift, a second one while the call is open, acknowledged, a new one, resolved', async () => {
    const { exchange, internal, sides } = scriptedSides();
    const sent: Message[] = [];
    const chat = {
      name: 'chat',
      kind: 'test',
      deliver: async (message: Message) => {
        sent.push(message);
        return { id: null, thread: null };
      },
    };
    const own = await startWorld({ sides, channels: [chat], policy: escalation === undefined ? {} : { escalation } });
    world = own;
    const { account, client } = own;
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await own.start();
    const called = async (reasons: number): Promise<void> => {
      await eventually(
        async () => client.intervention(account),
        (call) => call !== null && call.notifiedTimes > 0 && call.reasons.length === reasons,
      );
    };
    const acknowledged = async (note: string): Promise<void> => {
      await client.acknowledge(account, { by: 'ada', note });
      await eventually(
        async () => client.intervention(account),
        (call) => call === null,
      );
    };
    await called(1);
    exchange.positions = [...exchange.positions, long('ETH/USDT:USDT', '2')];
    await client.runNow(account, 'ada');
    await called(2);
    await eventually(
      async () => sent.length,
      (count) => count === (escalation === undefined ? 0 : 2),
    );
    await acknowledged('taken over');
    exchange.positions = [...exchange.positions, long('SOL/USDT:USDT', '9')];
    await client.runNow(account, 'ada');
    await called(1);
    internal.positions = exchange.positions;
    await client.runNow(account, 'ada');
    await acknowledged('done');
    await client.runNow(account, 'ada');

    expect(await redBars(own, reconciliationWorkflowId(account))).toEqual([]);
    expect(await redBars(own, interventionWorkflowId(account))).toEqual([]);
    // Both calls are over: the acknowledged one and the open one.
    const withChannels = ['called', 'reason', 'acknowledged', 'called', 'resolved', 'resolved', 'acknowledged'];
    const expected = escalation === undefined ? [] : withChannels;
    await eventually(
      async () => sent.length,
      (count) => count >= expected.length,
    );
    expect(sent.map(({ occasion }) => occasion)).toEqual(expected);
    const { status } = await client.temporal.workflow.getHandle(reconciliationWorkflowId(account)).describe();
    expect(status.name).toBe('RUNNING');
  }, 90_000);
});

it('a namespace of an earlier version, without the attributes of the state, stops no account, and `migrate` adds them', async () => {
  const { PlumblineState: _, PlumblineStateSince: __, ...earlier } = searchAttributeTypes;
  const stateDirectory = await mkdtemp(join(tmpdir(), 'plumbline-earlier-'));
  await chmod(stateDirectory, 0o711);
  const server = await startTemporal({ stateDirectory, headless: true, searchAttributes: earlier });
  try {
    const { exchange, sides } = scriptedSides();
    const own = await startWorld({ sides, temporal: server });
    world = own;
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await own.start();
    expect(await own.client.runNow(own.account, 'ada')).toMatchObject({ outcome: 'drifted' });
    expect(await redBars(own, reconciliationWorkflowId(own.account))).toEqual([]);
    expect(await own.client.registerSearchAttributes()).toEqual({ added: ['PlumblineState', 'PlumblineStateSince'] });
    expect(await own.client.runNow(own.account, 'ada')).toMatchObject({ outcome: 'drifted' });
    await own.stop();
    world = null;
  } finally {
    await server.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}, 120_000);

it("an account's state and since when are search attributes, written when it changes", async () => {
  const { exchange, internal, sides } = scriptedSides();
  const own = await startWorld({ sides });
  world = own;
  const { account, client } = own;
  const shown = async (): Promise<unknown> => {
    const { searchAttributes } = await client.temporal.workflow.getHandle(reconciliationWorkflowId(account)).describe();
    // oxlint-disable-next-line typescript/no-deprecated -- what a list shows, by name
    return [searchAttributes['PlumblineState']?.[0], searchAttributes['PlumblineStateSince']?.[0] instanceof Date];
  };
  const states: string[] = [];
  const becomes = async (state: string): Promise<void> => {
    await eventually(shown, (each) => JSON.stringify(each) === JSON.stringify([state, true]));
    states.push(state);
  };
  await own.start();
  await becomes('matched');
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await client.runNow(account, 'ada');
  await becomes('drifted');
  exchange.failures = { kind: 'unreadable', times: 1 };
  await client.runNow(account, 'ada');
  await becomes('failing');
  await client.pause(account, { by: 'ada', reason: 'maintenance' });
  await becomes('paused');
  await client.resume(account, 'ada');
  internal.positions = exchange.positions;
  await client.runNow(account, 'ada');
  await becomes('call open');
  await client.acknowledge(account, { by: 'ada', note: 'done' });
  await becomes('matched');
  expect(states).toEqual(['matched', 'drifted', 'failing', 'paused', 'call open', 'matched']);
}, 90_000);
