import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { PlumblineClient } from '../../src/client.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { reconciliationWorkflowId, statusQuery } from '../../src/workflows/messages.js';
import { staggerMs } from '../../src/workflows/schedule.js';
import { eventually } from '../integration/support/world.js';
import { workflowBundle } from '../integration/support/workflows.js';
import { failedTasks } from '../support/failed-tasks.js';
import { firedTicks } from './clock-histories.js';
import { startSoakWorker, type SoakWorker } from './soak-worker-process.js';

/**
 * Where the queries meet the fired timers. `late`: the timers fire while no worker runs, and the queries wait for the worker
 * together with the timers' workflow tasks. `storm`: a worker with a cache for few workflows runs, and the queries go on
 * while the timers fire.
 */
export type RoundKind = 'late' | 'storm';

export interface SoakOptions {
  temporal: { address: string; namespace: string };
  /** A database of the soak's own, empty. */
  databaseUrl: string;
  workflows: number;
  /** Rounds until this time (milliseconds since the epoch), at least one of each kind. */
  untilMs: number;
  report: (line: string) => void;
}

/** What the histories of one or more rounds say. */
export interface SoakResult {
  /** Tick timers that fired. */
  ticks: number;
  /** Of them: those after which no run began in time, or only after another sleep. */
  late: number;
  /** Of the late ones: those whose workflow slept once more instead of running. */
  sleptAgain: number;
  histories: number;
  failedReplays: number;
  failedTasks: number;
  queries: number;
  failedQueries: number;
  /** One of each kind of fault, for people. */
  examples: string[];
}

/** The shortest interval that a policy allows. */
const POLICY: Policy = { ...DEFAULT_POLICY, intervalMinutes: 5, settleSeconds: 1, graceSeconds: 0, retrySeconds: 0 };
const INTERVAL_MS = POLICY.intervalMinutes * 60_000;

/** A run must begin within this time of its timer, or of the worker if there was none. A worker that starts serves all at once. */
const promptMs = (workflows: number): number => 10_000 + workflows * 100;
const STORM_PAUSE_MS = 100;
/** A workflow is asked this long before and after its timer is due. */
const STORM_AROUND_MS = 2_500;
/** What a worker process takes to start, on a busy machine. */
const WORKER_START_MS = 5_000;
/** Far above what the first runs take. Where they take longer than the window's begin, fewer ticks count. */
const FIRST_RUNS_MS = 180_000;
const QUERY_DEADLINE_MS = 15_000;
/** The cache holds one in so many workflows, so most queries and timers meet a cold one. */
const WORKFLOWS_PER_CACHE_PLACE = 5;

/**
 * Lets timers fire on workflows that are not cached while queries ask them, round after round, and judges the histories:
 * every tick is served by one run in time, no workflow task fails, and every history replays.
 */
export async function soakClock(options: SoakOptions): Promise<SoakResult> {
  await migrateLedger(options.databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-soak-'));
  const connection = await Connection.connect({ address: options.temporal.address });
  const ledger = createLedger(options.databaseUrl);
  try {
    const codePath = join(folder, 'workflow-bundle.js');
    await writeFile(codePath, (await workflowBundle()).code);
    const client = new Client({ connection, namespace: options.temporal.namespace });
    const kinds: RoundKind[] = ['late', 'storm'];
    let total = NOTHING;
    for (let round = 0; round < kinds.length || Date.now() < options.untilMs; round++) {
      const kind = kinds[round % kinds.length] ?? 'late';
      const result = await new Round({ ...options, client, ledger, codePath, round, kind }).play();
      total = sum(total, result);
      options.report(`round ${round + 1} (${kind}): ${tell(result)}`);
    }
    return total;
  } finally {
    await ledger.close();
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export function tell(result: SoakResult): string {
  const { late, sleptAgain, ticks, failedReplays, histories, failedTasks: tasks, queries, failedQueries } = result;
  return (
    `late ${late} of ${ticks} (${sleptAgain} slept again), failed replays ${failedReplays} of ${histories}, failed workflow tasks ${tasks}, ` +
    `queries ${queries} (${failedQueries} without an answer)`
  );
}

interface RoundOptions extends SoakOptions {
  client: Client;
  ledger: Ledger;
  codePath: string;
  round: number;
  kind: RoundKind;
}

class Round {
  private readonly taskQueue: string;
  private readonly accounts: string[];
  private readonly window: { fromMs: number; toMs: number };
  private readonly queries: Promise<void>[] = [];
  private failedQueries = 0;
  private worker: SoakWorker | null = null;

  constructor(private readonly options: RoundOptions) {
    const { workflows, round } = options;
    // Long enough after the start for the first runs to end, and wide enough for the server to fire them one by one.
    const fromMs = 10_000 + workflows * 200;
    this.window = { fromMs, toMs: fromMs + 5_000 + workflows * 50 };
    this.taskQueue = `soak-${process.pid}-${Date.now()}-${round}`;
    this.accounts = accountsDueWithin(this.taskQueue, workflows, this.window);
  }

  async play(): Promise<SoakResult> {
    const { kind, round } = this.options;
    try {
      this.worker = await this.startWorker(1_000);
      const startedAtMs = Date.now();
      await this.startWorkflows();
      await this.runsOfAll(1, FIRST_RUNS_MS);
      // A killed worker leaves its tasks to time-outs; one that ends in order gives them back.
      await this.worker.end(round % 4 < 2 ? 'SIGTERM' : 'SIGKILL');
      const lateMs = kind === 'late' ? this.window.toMs + 4_000 : this.window.fromMs - WORKER_START_MS;
      await delay(Math.max(startedAtMs + lateMs - Date.now(), 0));
      this.askAll();
      this.worker = await this.startWorker(
        kind === 'late' ? 1_000 : Math.ceil(this.accounts.length / WORKFLOWS_PER_CACHE_PLACE),
      );
      const upAtMs = Date.now();
      const lastTickMs = startedAtMs + this.window.toMs + 4_000;
      await this.storm(startedAtMs, Math.max(lastTickMs, upAtMs) + 4_000);
      await this.runsOfAll(2, promptMs(this.accounts.length)).catch(() => undefined);
      await Promise.all(this.queries);
      return await this.judge(upAtMs);
    } finally {
      await this.worker?.end('SIGKILL');
      await this.terminateAll();
    }
  }

  private async startWorker(maxCachedWorkflows: number): Promise<SoakWorker> {
    const { temporal, databaseUrl: ledgerUrl, codePath } = this.options;
    return startSoakWorker({ ...temporal, taskQueue: this.taskQueue, ledgerUrl, codePath, maxCachedWorkflows });
  }

  private async startWorkflows(): Promise<void> {
    const client = new PlumblineClient(this.options.client, this.taskQueue);
    const start = async (account: string): Promise<void> =>
      client.start({ account, exchange: 'scripted', policy: POLICY }, 'soak');
    await Promise.all(this.accounts.map(start));
  }

  private async runsOfAll(runs: number, timeoutMs: number): Promise<void> {
    const mine = new Set(this.accounts);
    await eventually(
      async () => {
        const rows = (await this.options.ledger.accounts()).filter(({ account }) => mine.has(account));
        return rows.filter(({ lastRunNumber }) => lastRunNumber >= runs).length;
      },
      (count) => count === mine.size,
      timeoutMs,
    );
  }

  private askAll(): void {
    for (const account of this.accounts) void this.ask(account);
  }

  private async ask(account: string): Promise<void> {
    const handle = this.options.client.workflow.getHandle(reconciliationWorkflowId(account));
    const answered = this.options.client.connection
      .withDeadline(Date.now() + QUERY_DEADLINE_MS, async () => handle.query(statusQuery))
      .then(
        () => undefined,
        () => void (this.failedQueries += 1),
      );
    this.queries.push(answered);
    return answered;
  }

  /** Asks each workflow around its tick; in a late round, where all ticks have passed, all of them. */
  private async storm(startedAtMs: number, untilMs: number): Promise<void> {
    const isNear = (account: string): boolean =>
      this.options.kind === 'late' ||
      Math.abs(startedAtMs + staggerMs(account, POLICY.intervalMinutes) - Date.now()) < STORM_AROUND_MS;
    const unanswered = new Set<string>();
    while (Date.now() < untilMs) {
      for (const account of this.accounts.filter((name) => isNear(name) && !unanswered.has(name))) {
        unanswered.add(account);
        void this.ask(account).then(() => unanswered.delete(account));
      }
      await delay(STORM_PAUSE_MS);
    }
  }

  private async judge(upAtMs: number): Promise<SoakResult> {
    const result: SoakResult = {
      ...NOTHING,
      examples: [],
      queries: this.queries.length,
      failedQueries: this.failedQueries,
    };
    const { client } = this.options;
    const histories = await Promise.all(
      this.accounts.map(async (account) => {
        const workflowId = reconciliationWorkflowId(account);
        return { account, workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
      }),
    );
    for (const { account, history } of histories) {
      const events = history.events ?? [];
      const ticks = firedTicks(events, staggerMs(account, POLICY.intervalMinutes), INTERVAL_MS);
      const late = ticks.filter(
        ({ firedAtMs, runAtMs, sleptAgain }) =>
          sleptAgain || runAtMs === null || runAtMs - Math.max(firedAtMs, upAtMs) > promptMs(this.accounts.length),
      );
      const failed = failedTasks(events);
      result.ticks += ticks.length;
      result.late += late.length;
      result.sleptAgain += late.filter(({ sleptAgain }) => sleptAgain).length;
      result.failedTasks += failed.length;
      if (late[0] !== undefined) note(result, 'late', `${account}: ${JSON.stringify(late[0])}`);
      if (failed[0] !== undefined) note(result, 'task', `${account}: ${failed[0]}`);
    }
    result.histories = histories.length;
    const replays = Worker.runReplayHistories({ workflowBundle: { codePath: this.options.codePath } }, histories);
    for await (const { workflowId, error } of replays) {
      if (error === undefined) continue;
      result.failedReplays += 1;
      note(result, 'replay', `${workflowId}: ${error.message}`);
    }
    return result;
  }

  private async terminateAll(): Promise<void> {
    const { workflow } = this.options.client;
    const ids = this.accounts.map(reconciliationWorkflowId);
    await Promise.allSettled(ids.map(async (id) => workflow.getHandle(id).terminate('the soak ended')));
  }
}

const NOTHING: SoakResult = {
  ticks: 0,
  late: 0,
  sleptAgain: 0,
  histories: 0,
  failedReplays: 0,
  failedTasks: 0,
  queries: 0,
  failedQueries: 0,
  examples: [],
};

function sum(a: SoakResult, b: SoakResult): SoakResult {
  const kindOf = (text: string): string => text.split(' ', 1)[0] ?? '';
  const known = new Set(a.examples.map(kindOf));
  return {
    ticks: a.ticks + b.ticks,
    late: a.late + b.late,
    sleptAgain: a.sleptAgain + b.sleptAgain,
    histories: a.histories + b.histories,
    failedReplays: a.failedReplays + b.failedReplays,
    failedTasks: a.failedTasks + b.failedTasks,
    queries: a.queries + b.queries,
    failedQueries: a.failedQueries + b.failedQueries,
    examples: [...a.examples, ...b.examples.filter((text) => !known.has(kindOf(text)))],
  };
}

function note(result: SoakResult, kind: string, text: string): void {
  if (result.examples.some((example) => example.startsWith(`${kind} `))) return;
  result.examples.push(`${kind} ${text.slice(0, 400)}`);
}

/** Names whose first scheduled run after the one at the start is due within the window after the start. */
function accountsDueWithin(
  prefix: string,
  count: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count; n++) {
    const name = `${prefix}-${n}`;
    const dueMs = staggerMs(name, POLICY.intervalMinutes);
    if (dueMs >= fromMs && dueMs <= toMs) names.push(name);
  }
  return names;
}
