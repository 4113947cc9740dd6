// npm run soak-pauses [-- --pauses 200 --workers 4 --accounts 5 --stopped 5.5]: checks whether a worker that is stopped
// during a workflow task ever writes one account's commands into another account's history. Workers under bursts of
// signals are repeatedly stopped (SIGSTOP) and continued. Then every history is searched for commands of another account,
// and replayed. Prints one line of figures; exits with 1 if a command is foreign, a history does not replay, or too few
// pauses met a task.
// -- --sdk-defaults: without Plumbline's settings, with the defaults of the Temporal SDK: foreign commands appear.
// -- --stop-only: with the SDK's script timeout of 5 s; the worker still ends when it fires, and is started again.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setup } from './setup.mjs';
import { say } from './steps.mjs';

const { values } = parseArgs({
  options: {
    pauses: { type: 'string', default: '200' },
    workers: { type: 'string', default: '4' },
    accounts: { type: 'string', default: '5' },
    /** How long a worker is stopped, in seconds. */
    stopped: { type: 'string', default: '5.5' },
    /** Maximum time that it runs between two pauses, in seconds; at least a fifth of a second. */
    running: { type: 'string', default: '1' },
    /** Signals that are sent to an account at once. */
    burst: { type: 'string', default: '25' },
    /** Stops workers at any moment, not only while a workflow handles a burst. */
    blind: { type: 'boolean', default: false },
    /** The SDK's script timeout for the two modes below, as "300ms"; with a shorter one shorter pauses suffice. */
    'script-timeout': { type: 'string', default: '5s' },
    'sdk-defaults': { type: 'boolean', default: false },
    'stop-only': { type: 'boolean', default: false },
  },
});
const setting = values['sdk-defaults'] ? 'sdk-defaults' : values['stop-only'] ? 'stop-only' : 'product';
/** The share of the pauses that must occur during a task. */
const LEAST_IN_BURSTS = 0.25;
const pauses = Number(values.pauses);
const preloaded = new URL('./soak-worker.mjs', import.meta.url).href;

await setup();
const { addAccounts, startWorker, withWorld } = await import('./soak-world.mjs');
const { judgeHistories } = await import('./soak-histories.mjs');

const total = { pauses: 0, inBursts: 0, deaths: 0, scriptTimeouts: 0, signals: 0 };
const begun = performance.now();

/**
 * Repeatedly wakes an account's workflow with many signals in one task. The first signal wakes the workflow's loop,
 * whose next step (an activity) then waits in V8's queue while the other signals are handled: an interruption at this
 * point is the dangerous one.
 */
async function burst(client, account, signal) {
  const { connection, workflow } = client.temporal;
  const handle = workflow.getHandle(`reconciliation/${account}`);
  for (let turn = 0; !signal.aborted; turn += 1) {
    // After its answer the loop soon waits again. An answer can be lost with its worker.
    const run = () => connection.withDeadline(Date.now() + 20_000, () => client.runNow(account, 'soak'));
    await connection.withAbortSignal(signal, run).catch(() => {});
    await sleep(200);
    const wake = turn % 2 === 0 ? 'pause' : 'resume';
    const send = (index) => handle.signal(index === 0 ? wake : 'forceRun', { by: 'soak', reason: 'soak' });
    await Promise.all(Array.from({ length: Number(values.burst) }, (_, index) => send(index)));
    total.signals += Number(values.burst);
  }
}

/** Stops and continues one worker until all pauses are made; restarts it if it ended. */
async function pauseWorker(world, number) {
  const taskQueue = `soak-${number}`;
  const accounts = Array.from({ length: Number(values.accounts) }, (_, index) => `soak-${number}-${index}`);
  const { configPath, client } = await addAccounts(world, taskQueue, accounts);
  const env = { PLUMBLINE_SOAK_SETTING: setting, PLUMBLINE_SOAK_SCRIPT_TIMEOUT: values['script-timeout'] };
  const start = () => startWorker(world, configPath, preloaded, env);
  let worker = await start();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // One for each pending request.
  const working = Promise.all(accounts.map((account) => burst(client, account, ending.signal)));
  working.catch(() => {}); // Awaited below.
  const leave = async () => {
    total.scriptTimeouts += worker.scriptTimeouts;
    await worker.kill();
  };
  try {
    while (total.pauses < pauses) {
      total.pauses += 1;
      await sleep(200 + Math.random() * (Number(values.running) * 1000 - 200));
      if (values.blind) worker.child.kill('SIGSTOP');
      else if (await worker.stopInBurst()) total.inBursts += 1;
      await sleep(Number(values.stopped) * 1000);
      worker.child.kill('SIGCONT');
      await sleep(500);
      if (total.pauses % 20 === 0) say(`${total.pauses} pauses, ${total.deaths} deaths, ${total.signals} signals`);
      if (!worker.hasEnded()) continue;
      total.deaths += 1;
      say(`A worker ended (${worker.child.exitCode ?? worker.child.signalCode}): ${lastLine(worker.lastWords)}`);
      await leave();
      worker = await start();
    }
  } finally {
    ending.abort();
    await working;
    await sleep(3000); // Pending work ends, so that the last tasks are checked too.
    await leave();
  }
}

function lastLine(words) {
  return words.trimEnd().split('\n').at(-1).slice(0, 400);
}

await withWorld(async (world) => {
  await Promise.all(Array.from({ length: Number(values.workers) }, (_, number) => pauseWorker(world, number)));
  const pausedSeconds = Math.round((performance.now() - begun) / 1000);
  say(`${total.pauses} pauses in ${pausedSeconds} s; reading and replaying every history`);
  const { PlumblineClient } = await import('../dist/client.js');
  const client = await PlumblineClient.connect(world.temporal);
  const found = await judgeHistories(client.temporal);
  await client.close();
  for (const line of [...found.foreign.slice(0, 10), ...found.unreplayable.slice(0, 10)]) say(line);
  const figures = {
    setting,
    ...total,
    ...found,
    foreign: found.foreign.length,
    unreplayable: found.unreplayable.length,
    seconds: Math.round((performance.now() - begun) / 1000),
  };
  console.log(
    Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  const missed = !values.blind && total.inBursts < total.pauses * LEAST_IN_BURSTS;
  if (missed)
    say(
      `Only ${total.inBursts} of ${total.pauses} pauses occurred during a task, which is too few to prove anything: use fewer --workers`,
    );
  if (missed || found.foreign.length > 0 || found.unreplayable.length > 0) process.exitCode = 1;
});
