import { Context } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { InternalConnectionOptionsSymbol, type InternalConnectionOptions } from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Activities } from '../../../src/activities/activities.js';
import { indexedSearchAttributes } from '../../../src/client.js';
import { timeSkippingServerPath } from '../../support/temporal.js';
import { workflowBundle } from '../../integration/support/workflows.js';
import { ScriptedAccount } from './scripted-account.js';

const TASK_QUEUE = 'stage';
/** Real time that a state may take to come; a busy machine is slow. */
const PATIENCE_MS = 30_000;
/** A skip while nothing runs takes milliseconds; on a busy machine a second. */
const STUCK_MS = 3_000;
/** Real time for an activity that is under way to end. */
const ENDING_MS = 1_000;
const STEP_MS = 2_000;

/** A server that skips time, and a worker whose activities are scripted by account. One per test file. */
export interface Stage {
  client: Client;
  taskQueue: string;
  /** An account whose workflow was not started yet. */
  account(options?: Parameters<typeof ScriptedAccount.prototype.use>[0]): ScriptedAccount;
  /** The server's clock, milliseconds. */
  now(): Promise<number>;
  /** Lets so much of the server's time pass, at once. */
  skip(ms: number): Promise<void>;
  /** Waits, in real time, for a state; the server's clock does not skip. */
  until<T>(ask: () => T | Promise<T>, wanted?: (answer: T) => boolean): Promise<T>;
  /** Skips in steps of seconds until a state is there. */
  skipUntil(reached: () => boolean | Promise<boolean>, atMostMs: number): Promise<void>;
  /** Ends all workflows of the accounts so far: they share the clock with the next test. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  // Workflows and activities fail here on purpose.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = await timeSkippingServerPath();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // The skipping server hangs up on who pings as often as the environment's own connection does, calls under way and all.
  const options: InternalConnectionOptions = {
    address: env.address,
    channelArgs: { 'grpc.keepalive_time_ms': 3_600_000, 'grpc.keepalive_permit_without_calls': 0 },
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  const connection = await Connection.connect(options);
  const { testService } = connection;
  if (testService === undefined) throw new Error('the connection knows no time skipping');
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: indexedSearchAttributes(),
  });
  const client = new Client({ connection });
  const accounts = new Map<string, ScriptedAccount>();
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: await workflowBundle(),
    // A test that failed may hold an activity.
    shutdownForceTime: '2 seconds',
    activities: scriptedActivities((name) => {
      const account = accounts.get(name);
      if (account === undefined) throw new Error(`no script for ${name}`);
      return account;
    }),
  });
  const running = worker.run();

  let isClosed = false;
  /** A test that ran out of its time may still be waiting. */
  const refuseClosed = (): void => {
    if (isClosed) throw new Error('the stage is closed');
  };
  const now = async (): Promise<number> => tsToMs((await testService.getCurrentTime({})).time);
  /** The skipping server may keep a lock on its clock at a continue-as-new; that one lock is taken back. */
  const skip = async (ms: number): Promise<void> => {
    const slept = testService.unlockTimeSkippingWithSleep({ duration: msToTs(ms) });
    const isStuck = await Promise.race([slept.then(() => false), delay(STUCK_MS, true, { ref: false })]);
    if (isStuck) await testService.unlockTimeSkipping({});
    await slept;
  };
  const until: Stage['until'] = async (ask, wanted = Boolean) => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      refuseClosed();
      const answer = await ask();
      if (wanted(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`It did not come; the last answer was ${JSON.stringify(answer)}`);
      await delay(5);
    }
  };

  const stage: Stage = {
    client,
    taskQueue: TASK_QUEUE,
    account(use = {}) {
      const account = new ScriptedAccount(stage).use(use);
      accounts.set(account.name, account);
      return account;
    },
    now,
    skip,
    until,
    async skipUntil(reached, atMostMs) {
      for (let skipped = 0; !(await reached()); skipped += STEP_MS) {
        if (skipped > atMostMs) break;
        refuseClosed();
        await skip(STEP_MS);
        await delay(5);
      }
      // The server's time stands at the limit now. On a busy machine the worker may still have to do what was due by then.
      await until(reached).catch((error: unknown) => {
        throw new Error(`It did not come within ${atMostMs} ms of the server's time`, { cause: error });
      });
    },
    async clear() {
      const handles = [...accounts.values()].flatMap(({ workflow, interventionWorkflow }) => [
        workflow,
        interventionWorkflow,
      ]);
      accounts.clear();
      await Promise.all(handles.map(async (handle) => end(handle).catch(() => {})));
      // Nothing runs now, so a skip that takes long meets a lock that an ended workflow left.
      await skip(2 * STUCK_MS);
    },
    async close() {
      isClosed = true;
      await stage.clear();
      worker.shutdown();
      await running;
      await connection.close();
      await env.teardown();
    },
  };
  return stage;
}

/** Ends a workflow, if possible while nothing of it is under way: the server would keep a lock on its clock. */
async function end(handle: WorkflowHandle): Promise<void> {
  let quiet = 0;
  for (const deadline = Date.now() + ENDING_MS; quiet < 3 && Date.now() < deadline; await delay(10)) {
    const { status, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return;
    const isQuiet = (raw.pendingActivities ?? []).length === 0 && (raw.pendingWorkflowTask ?? null) === null;
    quiet = isQuiet ? quiet + 1 : 0;
  }
  await handle.terminate();
}

/** The server's clock at which an activity was asked: it skips, the machine's does not. */
function askedAt(): number {
  return Context.current().info.currentAttemptScheduledTimestampMs;
}

function scriptedActivities(of: (account: string) => ScriptedAccount): Activities {
  return {
    async fetchExchangeState(request) {
      const account = of(request.key.account);
      account.exchangeReads.push({ ...request, at: askedAt() });
      return account.script.fetchExchange(request);
    },
    async fetchInternalState(request) {
      const account = of(request.key.account);
      account.internalReads.push({ ...request, at: askedAt() });
      return account.script.fetchInternal(request);
    },
    async observe(request) {
      const account = of(request.key.account);
      const { key, look, retryBudgetMs, policy } = request;
      const { compareBalances: balances, maxInternalAgeSeconds, ignore } = policy;
      const at = askedAt();
      const exchange = { key, look, retryBudgetMs, balances };
      const internal = { key, look, retryBudgetMs, maxInternalAgeSeconds, ignoredSymbols: ignore.symbols };
      account.exchangeReads.push({ ...exchange, at });
      account.internalReads.push({ ...internal, at });
      const { fetchExchange, fetchInternal } = account.script;
      const reads = await Promise.allSettled([
        (async () => fetchExchange(exchange))(),
        (async () => fetchInternal(internal))(),
      ]);
      for (const read of reads) if (read.status === 'rejected') throw read.reason;
      account.judged.push({ ...request, explain: true, at });
      return account.script.judge({ ...request, explain: true });
    },
    async judge(request) {
      const account = of(request.key.account);
      account.judged.push({ ...request, at: askedAt() });
      return account.script.judge(request);
    },
    async record(request) {
      const account = of(request.kind === 'failure' ? request.key.account : request.account);
      account.offered.push({ ...request, at: askedAt() });
      const answer = await account.script.record(request);
      account.recorded.push({ ...request, at: askedAt() });
      return { ...answer, askedAtMs: askedAt() };
    },
    async notifyHuman(request) {
      const account = of(request.account);
      account.notified.push({ ...request, at: askedAt() });
      return account.script.notify(request);
    },
    async deliver(request) {
      const account = of(request.account);
      account.delivered.push({ ...request, at: askedAt() });
      return account.script.deliver(request);
    },
    async servesIntervention({ account }) {
      return of(account).script.serves();
    },
    async recordIntervention(record) {
      const account = of(record.account ?? '');
      const answer = await account.script.intervene(record);
      account.interventions.push({ ...record, at: askedAt() });
      return answer;
    },
  };
}
