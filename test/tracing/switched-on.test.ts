import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { startTracing } from '../../packages/tracing/src/index.js';
import { traceIdOf } from '../../src/domain/lifecycle/trace-id.js';
import type { RunTracing } from '../../src/worker-tracing.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { postingChannel } from '../integration/support/posting-channel.js';
import { long, scriptedSides } from '../integration/support/scripted.js';
import { tracedWorkflowBundle, workflowBundle } from '../integration/support/workflows.js';
import { eventually, startWorld, type World } from '../integration/support/world.js';
import { Listening } from '../support/listening.js';
import { Receiver } from './receiver.js';

const PATIENCE_MS = 240_000;

let receiver: Receiver;
let url: string;
let world: World | null = null;
let tracing: RunTracing | null = null;
const listening = new Listening();

beforeAll(async () => {
  ({ receiver, url } = await Receiver.start());
}, PATIENCE_MS);
afterEach(async () => {
  await world?.stop();
  await tracing?.close();
  world = null;
  tracing = null;
}, PATIENCE_MS);
afterAll(async () => {
  await receiver.end();
  await listening.end();
});

function traced(): RunTracing {
  return (tracing = startTracing({
    url: `${url}/v1/traces`,
    headers: {},
    serviceName: 'test',
    serviceVersion: '0',
    sample: 1,
    redact: (text) => text.replaceAll('scripted', '[redacted]'),
    count: () => {},
    warn: () => {},
  }));
}

async function replays(workflowId: string): Promise<void> {
  const sinks = { exporter: { export: { fn: () => {} } } };
  const history = await world?.client.temporal.workflow.getHandle(workflowId).fetchHistory();
  for (const bundle of [await workflowBundle(), await tracedWorkflowBundle()]) {
    await Worker.runReplayHistory({ workflowBundle: bundle, sinks }, history, workflowId);
  }
}

it(
  'is switched on, off and on in the middle of a workflow, whose history is replayed both ways',
  async () => {
    const { sides } = scriptedSides();
    world = await startWorld({ sides, policy: { intervalMinutes: 30 } });
    const { account, client } = world;
    await world.start();
    const untraced = await client.runNow(account, 'ada');
    await world.stopWorker();

    await world.startWorker(await tracedWorkflowBundle(), traced());
    const first = await client.runNow(account, 'ada');
    await world.stopWorker();
    await tracing?.close();

    await world.startWorker();
    await client.runNow(account, 'ada');
    await world.stopWorker();

    await world.startWorker(await tracedWorkflowBundle(), traced());
    const last = await client.runNow(account, 'ada');
    await world.stopWorker();
    await tracing?.close();

    const { runId: workflowRunId } = await client.temporal.workflow
      .getHandle(reconciliationWorkflowId(account))
      .describe();
    const numbers = receiver.named('run').map((span) => span.attributes['plumbline.run.number']);
    expect(numbers).toEqual(expect.arrayContaining([first.runNumber, last.runNumber]));
    expect(numbers).not.toContain(untraced.runNumber);
    expect(receiver.named('run').map(({ traceId }) => traceId)).toContain(
      traceIdOf({ workflowRunId, runNumber: last.runNumber }),
    );
    expect(receiver.named('RunActivity:observe').length).toBeGreaterThan(0);
    await expect(replays(reconciliationWorkflowId(account))).resolves.toBeUndefined();
  },
  PATIENCE_MS,
);

it(
  'links a call to a person, which is a trace of its own, to the run that called',
  async () => {
    const posted = await listening.serve((_request, response) => void response.end('1'));
    const { exchange, sides } = scriptedSides();
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    world = await startWorld({
      sides,
      channels: [postingChannel('chat', posted)],
      policy: { escalation: [{ afterMinutes: 0, channels: ['chat'] }] },
      bundle: await tracedWorkflowBundle(),
    });
    // The first worker has no spans; this one takes its place before the account starts.
    await world.stopWorker();
    await world.startWorker(await tracedWorkflowBundle(), traced());
    const { account, client } = world;
    await world.start();
    await eventually(
      async () => client.intervention(account),
      (call) => call !== null && call.notifiedTimes > 0,
      60_000,
    );
    exchange.positions = [long('BTC/USDT:USDT', '0.5'), long('ETH/USDT:USDT', '2')];
    await client.runNow(account, 'ada');
    const calls = await eventually(
      async () => receiver.named('call').filter((span) => span.attributes['plumbline.account'] === account),
      (found) => found.length >= 2,
      60_000,
    );
    await world.stopWorker();
    await tracing?.close();

    const runs = receiver.named('run').filter((span) => span.attributes['plumbline.account'] === account);
    const drifted = runs.filter((span) => span.attributes['plumbline.run.outcome'] === 'drifted');
    const linked = calls.map(({ links }) => links[0]?.traceId);
    // The first call by the run that opened the intervention, the second by the one that added a reason.
    expect(linked.slice(0, 2)).toEqual(drifted.slice(0, 2).map(({ traceId }) => traceId));
    const [call] = calls;
    expect(call?.attributes).toMatchObject({ 'plumbline.channel': 'chat', 'plumbline.answer': 'delivered' });
    expect(call?.traceId).not.toBe(linked[0]);
    const delivery = receiver.named('RunActivity:deliver').find(({ traceId }) => traceId === call?.traceId);
    expect(delivery?.parentSpanId).toBe(call?.spanId);
    expect(receiver.named('StartChildWorkflow:manualIntervention').map(({ traceId }) => traceId)).toContain(linked[0]);
    expect(receiver.spans.flatMap(({ name }) => name)).toContain('bot ([redacted])');
    await expect(replays(reconciliationWorkflowId(account))).resolves.toBeUndefined();
    await expect(replays(interventionWorkflowId(account))).resolves.toBeUndefined();
  },
  PATIENCE_MS,
);
