import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Message } from '../../src/notify/channel.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { long, scriptedSides } from '../integration/support/scripted.js';
import { eventually, startWorld, type World, type WorldOptions } from '../integration/support/world.js';
import { HISTORIES } from './histories.js';

// Not a test: `npm run record-histories` plays these and stores what Temporal kept. Do it once for a new way through a
// workflow, under a new name; a stored history is never recorded anew, for running accounts have it behind them.

let world: World;

afterEach(async () => world.stop(), 60_000);

async function begin(options: Partial<WorldOptions> = {}) {
  const script = scriptedSides();
  world = await startWorld({ sides: script.sides, ...options });
  return script;
}

const firstRun = async () =>
  eventually(
    async () => world.client.status(world.account),
    ({ lastRun }) => lastRun !== null,
  );

async function store(name: string, workflowId: string, runId?: string): Promise<void> {
  const history = await world.client.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  await mkdir(HISTORIES, { recursive: true });
  await writeFile(
    new URL(`${name}.json`, HISTORIES),
    `${JSON.stringify(JSON.parse(historyToJSON(history), nameless), null, 1)}\n`,
  );
}

/** Leaves out what only reports where it was recorded: stack traces, and the name of the worker's process. */
function nameless(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' ? value.replaceAll(/\b\d+@[\w.]+/g, 'worker') : value;
}

it('clean runs, a pause, a forced run, new rules, a stop', async () => {
  await begin();
  await world.start();
  await firstRun();
  await world.client.runNow(world.account, 'ada');
  await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
  await world.client.runNow(world.account, 'ada');
  await world.client.resume(world.account, 'ada');
  const policy = { ...world.policy, intervalMinutes: 5 };
  await world.client.reconfigure({ account: world.account, exchange: 'scripted', policy }, 'ada');
  await world.client.runNow(world.account, 'ada');
  await world.client.stop(world.account, 'ada');
  await expect(store('steered-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

it('drift, a missing order explained, an intervention answered, all resolved', async () => {
  const { exchange, internal } = await begin();
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  internal.orders = [
    {
      id: '17',
      clientOrderId: 'bot-17',
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      price: '60000',
      triggerPrice: null,
      amount: '0.01',
      filled: '0',
      conditional: false,
      changedAt: 1_000,
    },
  ];
  await world.start();
  await firstRun();
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call !== null && call.notifiedTimes > 0,
  );
  const until = new Date(Date.now() + 3_600_000);
  await world.client.snooze(world.account, { by: 'ada', until, note: 'on it' });
  exchange.positions = [long('BTC/USDT:USDT', '0.5'), long('ETH/USDT:USDT', '2')];
  await world.client.runNow(world.account, 'ada');
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => (call?.reasons.length ?? 0) >= 3,
  );
  await world.client.acknowledge(world.account, { by: 'ada', note: 'taken over' });
  internal.positions = exchange.positions;
  internal.orders = [];
  await world.client.runNow(world.account, 'ada');
  await expect(store('drifted-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
  await expect(store('intervention-2026-12', interventionWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

it('a streak over the threshold, and its end', async () => {
  const { exchange } = await begin({ policy: { failureThreshold: 2 } });
  exchange.failures = { kind: 'unreadable', times: 3 };
  await world.start();
  await firstRun();
  await world.client.runNow(world.account, 'ada');
  await world.client.runNow(world.account, 'ada');
  await world.client.runNow(world.account, 'ada');
  await expect(store('failing-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

it('a workflow that starts anew after a termination, refused requests, a late reason', async () => {
  const { exchange, internal } = await begin();
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.start();
  await firstRun();
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call !== null && call.notifiedTimes > 0,
  );
  await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
  await eventually(
    async () => world.ledger.account(world.account),
    (account) => account?.paused === true,
  );
  const handles = [reconciliationWorkflowId(world.account), interventionWorkflowId(world.account)].map((id) =>
    world.client.temporal.workflow.getHandle(id),
  );
  for (const handle of handles) await handle.terminate('by mistake');
  await world.start();
  await eventually(
    async () => world.client.status(world.account),
    ({ paused, interventionOpen }) => paused !== null && interventionOpen,
  );
  const { workflow } = world.client.temporal;
  const signalled = workflow.getHandle(reconciliationWorkflowId(world.account));
  await signalled.signal('pause', 5);
  await signalled.signal('forceRun');
  await eventually(
    async () => world.client.status(world.account),
    ({ runNumber, lastRun, phase }) => runNumber === 2 && lastRun !== null && phase === 'paused',
  );
  await world.client.resume(world.account, 'ada');
  const call = workflow.getHandle(interventionWorkflowId(world.account));
  await world.client.acknowledge(world.account, { by: 'ada', note: 'taken over' });
  await call.signal('addReason', { action: 'LATE', text: 'late', at: new Date().toISOString() }).catch(() => undefined);
  internal.positions = exchange.positions;
  await world.client.runNow(world.account, 'ada');
  await expect(store('restarted-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
  await expect(store('restored-intervention-2026-12', interventionWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

it('one activity for each observation', async () => {
  const { exchange } = await begin();
  await world.start();
  await firstRun();
  await world.client.runNow(world.account, 'ada');
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.client.runNow(world.account, 'ada');
  exchange.positions = [];
  exchange.failures = { kind: 'unreadable', times: 1 };
  await world.client.runNow(world.account, 'ada');
  await world.client.runNow(world.account, 'ada');
  await world.client.stop(world.account, 'ada');
  await expect(store('one-activity-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

it('a call on the channels of a ladder: refused, told of reasons, rules and the end, acknowledged', async () => {
  const sent: string[] = [];
  const channels = ['chat', 'phone'].map((name) => ({
    name,
    kind: 'test',
    deliver: async ({ occasion }: Message) => {
      sent.push(`${name} ${occasion}`);
      if (name === 'phone' && occasion === 'called') throw new Error('no such phone');
      return { id: null, thread: null };
    },
  }));
  const heard = async (what: string): Promise<unknown> =>
    eventually(
      async () => sent,
      (all) => all.includes(what),
    );
  const { exchange, internal } = await begin({
    channels,
    policy: {
      escalation: [
        { afterMinutes: 0, channels: ['phone'] },
        { afterMinutes: 10, channels: ['chat'] },
      ],
    },
  });
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.start();
  await heard('chat called');
  const policy = { ...world.policy, escalation: [{ afterMinutes: 0, channels: ['chat'] }] };
  await world.client.reconfigure({ account: world.account, exchange: 'scripted', policy }, 'ada');
  exchange.positions = [...exchange.positions, long('ETH/USDT:USDT', '2')];
  await world.client.runNow(world.account, 'ada');
  await heard('chat reason');
  const until = new Date(Date.now() + 3_600_000);
  await world.client.snooze(world.account, { by: 'ada', until, note: 'on it' });
  internal.positions = exchange.positions;
  await world.client.runNow(world.account, 'ada');
  await heard('chat resolved');
  await world.client.acknowledge(world.account, { by: 'ada', note: 'taken over' });
  await heard('chat acknowledged');
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call === null,
  );
  exchange.positions = [...exchange.positions, long('SOL/USDT:USDT', '9')];
  await world.client.runNow(world.account, 'ada');
  await expect(store('calling-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
  const [first] = await world.ledger.interventions({ account: world.account, limit: 5 }).then((rows) => rows.slice(-1));
  await expect(
    store('laddered-intervention-2026-12', interventionWorkflowId(world.account), first?.id),
  ).resolves.toBeUndefined();
}, 120_000);

it('a call on the log that gets channels', async () => {
  const sent: string[] = [];
  const chat = {
    name: 'chat',
    kind: 'test',
    deliver: async ({ occasion }: Message) => {
      sent.push(occasion);
      return { id: null, thread: null };
    },
  };
  const { exchange } = await begin({ channels: [chat] });
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.start();
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call !== null && call.notifiedTimes > 0,
  );
  const { raw } = await world.client.temporal.workflow.getHandle(interventionWorkflowId(world.account)).describe();
  const policy = { ...world.policy, escalation: [{ afterMinutes: 0, channels: ['chat'] }] };
  await world.client.reconfigure({ account: world.account, exchange: 'scripted', policy }, 'ada');
  await eventually(
    async () => sent,
    (all) => all.includes('called'),
  );
  const runId = raw.workflowExecutionInfo?.execution?.runId ?? '';
  await expect(
    store('switched-intervention-2026-12', interventionWorkflowId(world.account), runId),
  ).resolves.toBeUndefined();
  await expect(store('switched-to-channels-2026-12', interventionWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);

/** The built workflows of an earlier version, such as `dist/workflow-bundle.js` of its checkout. */
const earlier = process.env['PLUMBLINE_EARLIER_BUNDLE'];

it('an execution of an earlier version that goes on under one activity for each observation', async () => {
  if (earlier === undefined) return;
  const { exchange } = await begin({ bundle: { codePath: earlier } });
  await world.start();
  await firstRun();
  await world.client.runNow(world.account, 'ada');
  await world.stopWorker();
  await world.startWorker();
  await world.client.runNow(world.account, 'ada');
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.client.runNow(world.account, 'ada');
  await world.client.runNow(world.account, 'ada');
  await expect(
    store('upgraded-one-activity-2026-12', reconciliationWorkflowId(world.account)),
  ).resolves.toBeUndefined();
}, 120_000);

it('a call of an earlier version that gets channels under this one', async () => {
  if (earlier === undefined) return;
  const sent: string[] = [];
  const chat = {
    name: 'chat',
    kind: 'test',
    deliver: async ({ occasion }: Message) => {
      sent.push(occasion);
      return { id: null, thread: null };
    },
  };
  const { exchange } = await begin({ bundle: { codePath: earlier }, channels: [chat] });
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.start();
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call !== null && call.notifiedTimes > 0,
  );
  const { raw } = await world.client.temporal.workflow.getHandle(interventionWorkflowId(world.account)).describe();
  await world.stopWorker();
  await world.startWorker();
  exchange.positions = [...exchange.positions, long('ETH/USDT:USDT', '2')];
  await world.client.runNow(world.account, 'ada');
  const policy = { ...world.policy, escalation: [{ afterMinutes: 0, channels: ['chat'] }] };
  await world.client.reconfigure({ account: world.account, exchange: 'scripted', policy }, 'ada');
  await eventually(
    async () => sent,
    (all) => all.includes('called'),
  );
  await world.client.runNow(world.account, 'ada');
  const runId = raw.workflowExecutionInfo?.execution?.runId ?? '';
  const intervention = interventionWorkflowId(world.account);
  await expect(store('upgraded-calling-2026-12', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
  await expect(store('upgraded-to-channels-2026-12', intervention, runId)).resolves.toBeUndefined();
}, 120_000);

it('an execution of an earlier version that goes on under this one', async () => {
  if (earlier === undefined) return;
  const { exchange, internal } = await begin({ bundle: { codePath: earlier } });
  await world.start();
  await firstRun();
  await world.client.runNow(world.account, 'ada');
  await world.client.forceRun(world.account, 'ada');
  await eventually(
    async () => world.client.status(world.account),
    ({ runNumber, phase }) => runNumber === 3 && phase === 'waiting',
  );
  exchange.positions = [long('BTC/USDT:USDT', '0.5')];
  await world.client.runNow(world.account, 'ada');
  await eventually(
    async () => world.client.intervention(world.account),
    (call) => call !== null && call.notifiedTimes > 0,
  );
  await world.stopWorker();
  await world.startWorker();
  await world.client.runNow(world.account, 'ada');
  exchange.positions = [...exchange.positions, long('ETH/USDT:USDT', '2')];
  await world.client.runNow(world.account, 'ada');
  await world.client.acknowledge(world.account, { by: 'ada', note: 'taken over' });
  await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
  await world.client.pause(world.account, { by: 'bob', reason: 'again' });
  await world.client.resume(world.account, 'ada');
  internal.positions = exchange.positions;
  await world.client.runNow(world.account, 'ada');
  await expect(store('upgraded', reconciliationWorkflowId(world.account))).resolves.toBeUndefined();
  await expect(store('upgraded-intervention', interventionWorkflowId(world.account))).resolves.toBeUndefined();
}, 120_000);
