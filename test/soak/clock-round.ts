import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { PlumblineClient } from '../../src/client.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy/policy.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { reconciliationWorkflowId, statusQuery } from '../../src/workflows/messages.js';
import { staggerMs } from '../../src/workflows/schedule.js';
import { eventually } from '../integration/support/world.js';
import { failedTasks } from '../support/failed-tasks.js';
import { firedFrom, firstTickOf, type FiredTick } from './clock-histories.js';
import { note, nothing, type SoakResult } from './clock-result.js';
import { startSoakWorker, type SoakWorker } from './soak-worker-process.js';
import type { SoakWorkerOptions } from './soak-worker.js';

/**
 * When the queries arrive relative to the timers. `late`: the timers fire while no worker runs, and the queries wait
 * for the worker together with the timers' workflow tasks. `meeting`: queries already wait when the timers fire, and
 * the worker starts in the middle. `storm`: a worker with a small cache runs, and the queries continue while the timers
 * fire.
 */
export type RoundKind = 'late' | 'meeting' | 'storm';

/** When the timers are due, relative to the start. The first runs must have ended before. */
export interface DueWindow {
  fromMs: number;
  toMs: number;
}

export interface RoundOptions {
  client: Client;
  ledger: Ledger;
  workflows: number;
  window: DueWindow;
  kind: RoundKind;
  endsBy: 'SIGTERM' | 'SIGKILL';
  worker: Omit<SoakWorkerOptions, 'taskQueue' | 'maxCachedWorkflows'>;
}

/** The shortest interval that a policy allows. */
const POLICY: Policy = { ...DEFAULT_POLICY, intervalMinutes: 5, settleSeconds: 1, graceSeconds: 0, retrySeconds: 0 };

/**
 * A run must begin within this time of its timer, or of the worker's start if none was running. A starting worker
 * serves all at once.
 */
const promptMs = (workflows: number): number => 10_000 + workflows * 100;

/** Far above the duration of the first runs. If they last into the window, fewer ticks count. */
const FIRST_RUNS_MS = 180_000;
/** The time by which a due timer has fired. */
const FIRING_MS = 3_000;
/** The start time of a worker process. */
const WORKER_START_MS = 5_000;
const STORM_PAUSE_MS = 100;
/** How long a workflow is queried before and after its timer is due, and after the worker started. */
const STORM_AROUND_MS = 4_000;
/** The first queries wait for a worker process that is still starting. */
const QUERY_DEADLINE_MS = 60_000;
/** The cache holds one of this many workflows, so most queries and timers meet an uncached one. */
const WORKFLOWS_PER_CACHE_PLACE = 5;
const LARGE_CACHE = 1_000;

/** The machine is too busy for the window: a later one is needed. */
export class TooBusy extends Error {}

/** One restart of a worker around the ticks of its workflows. */
export class ClockRound {
  private readonly taskQueue = `soak-${randomUUID()}`;
  private readonly accounts: string[];
  private readonly queries: Promise<void>[] = [];
  /** When each account's tick is due, for the ticks after the first worker's end. */
  private due = new Map<string, number>();
  private failedQueries = 0;
  private worker: SoakWorker | null = null;

  constructor(private readonly options: RoundOptions) {
    this.accounts = accountsDueWithin(this.taskQueue, options.workflows, options.window);
  }

  async play(): Promise<SoakResult> {
    const { kind, endsBy } = this.options;
    try {
      this.worker = await this.startWorker(LARGE_CACHE);
      await this.startWorkflows();
      await this.runsOf(this.accounts, 1, FIRST_RUNS_MS);
      await this.worker.end(endsBy);
      this.due = await this.dueFrom(Date.now());
      await until(this.workerStartsAt());
      for (const account of this.due.keys()) void this.ask(account);
      const places = Math.ceil(this.accounts.length / WORKFLOWS_PER_CACHE_PLACE);
      this.worker = await this.startWorker(kind === 'storm' ? places : LARGE_CACHE);
      const upAtMs = Date.now();
      await this.storm(upAtMs);
      await this.runsOf([...this.due.keys()], 2, promptMs(this.accounts.length)).catch(() => undefined);
      await Promise.all(this.queries);
      return await this.judge(upAtMs);
    } finally {
      await this.worker?.end('SIGKILL');
      await this.terminateAll();
    }
  }

  private workerStartsAt(): number {
    const ticks = [...this.due.values()];
    const [first, last] = [Math.min(...ticks), Math.max(...ticks)];
    switch (this.options.kind) {
      case 'late':
        return last + FIRING_MS;
      case 'meeting':
        return (first + last) / 2 - WORKER_START_MS;
      case 'storm':
        return first - WORKER_START_MS;
    }
  }

  private async startWorker(maxCachedWorkflows: number): Promise<SoakWorker> {
    return startSoakWorker({ ...this.options.worker, taskQueue: this.taskQueue, maxCachedWorkflows });
  }

  private async startWorkflows(): Promise<void> {
    const client = new PlumblineClient(this.options.client, this.taskQueue);
    const start = async (account: string): Promise<void> =>
      client.start({ account, exchange: 'scripted', policy: POLICY }, 'soak');
    await Promise.all(this.accounts.map(start));
  }

  private async runsOf(accounts: readonly string[], runs: number, timeoutMs: number): Promise<void> {
    const wanted = new Set(accounts);
    await eventually(
      async () => {
        const rows = (await this.options.ledger.accounts()).filter(({ account }) => wanted.has(account));
        return rows.filter(({ lastRunNumber }) => lastRunNumber >= runs).length;
      },
      (count) => count === wanted.size,
      timeoutMs,
    );
  }

  /** The ticks from this time on, read from the histories: querying the workflows would need a worker. */
  private async dueFrom(fromMs: number): Promise<Map<string, number>> {
    const due = new Map<string, number>();
    for (const { account, events } of await this.histories()) {
      const tickMs = firstTickOf(events, staggerMs(account, POLICY.intervalMinutes));
      if (tickMs !== null && tickMs > fromMs) due.set(account, tickMs);
    }
    if (due.size < this.accounts.length / 2) throw new TooBusy('The first runs took until after most ticks.');
    return due;
  }

  private async histories() {
    const one = async (account: string) => {
      const workflowId = reconciliationWorkflowId(account);
      const history = await this.options.client.workflow.getHandle(workflowId).fetchHistory();
      return { account, workflowId, history, events: history.events ?? [] };
    };
    return Promise.all(this.accounts.map(one));
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

  /** Queries each workflow around its tick. All ticks before the worker's start are due when it starts. */
  private async storm(upAtMs: number): Promise<void> {
    const endMs = Math.max(upAtMs, ...this.due.values()) + STORM_AROUND_MS;
    const unanswered = new Set<string>();
    while (Date.now() < endMs) {
      for (const [account, tickMs] of this.due) {
        const isNear = Math.abs(Math.max(tickMs, upAtMs) - Date.now()) < STORM_AROUND_MS;
        if (!isNear || unanswered.has(account)) continue;
        unanswered.add(account);
        void this.ask(account).then(() => unanswered.delete(account));
      }
      await delay(STORM_PAUSE_MS);
    }
  }

  private async judge(upAtMs: number): Promise<SoakResult> {
    const result = nothing();
    result.queries = this.queries.length;
    result.failedQueries = this.failedQueries;
    const histories = await this.histories();
    result.histories = histories.length;
    for (const { account, events } of histories) {
      const tickMs = this.due.get(account);
      const tick = tickMs === undefined ? null : firedFrom(events, tickMs);
      const failed = failedTasks(events);
      result.failedTasks += failed.length;
      if (tick !== null) {
        result.ticks += 1;
        if (tick.sleptAgain) result.sleptAgain += 1;
        if (this.isLate(tick, upAtMs)) {
          result.late += 1;
          note(result, `late ${account}: ${JSON.stringify(tick)}`);
        }
      }
      if (failed[0] !== undefined) note(result, `task ${account}: ${failed[0]}`);
    }
    const { codePath } = this.options.worker;
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
      if (error === undefined) continue;
      result.failedReplays += 1;
      note(result, `replay ${workflowId}: ${error.message}`);
    }
    return result;
  }

  private isLate({ firedAtMs, runAtMs, sleptAgain }: FiredTick, upAtMs: number): boolean {
    if (sleptAgain || runAtMs === null) return true;
    return runAtMs - Math.max(firedAtMs, upAtMs) > promptMs(this.accounts.length);
  }

  private async terminateAll(): Promise<void> {
    const { workflow } = this.options.client;
    const ids = this.accounts.map(reconciliationWorkflowId);
    await Promise.allSettled(ids.map(async (id) => workflow.getHandle(id).terminate('the soak ended')));
  }
}

async function until(timeMs: number): Promise<void> {
  await delay(Math.max(timeMs - Date.now(), 0));
}

/** Names whose first scheduled run after the initial one is due within the window after the start. */
function accountsDueWithin(prefix: string, count: number, { fromMs, toMs }: DueWindow): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count; n++) {
    const name = `${prefix}-${n}`;
    const dueMs = staggerMs(name, POLICY.intervalMinutes);
    if (dueMs >= fromMs && dueMs <= toMs) names.push(name);
  }
  return names;
}
