import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import {
  addReasonSignal,
  interventionWorkflowId,
  pauseUpdate,
  reconciliationWorkflowId,
  resumeUpdate,
} from '../../src/workflows/messages.js';
import type { Random } from '../simulation/random.js';
import type { ChaosAccount } from './accounts.js';
import { DeadlineError, pause, within } from './deadline.js';
import type { AckRequest, OutsideRecord, PauseChange, SentReason } from './record.js';
import type { Stage } from './stage.js';
import type { Watcher } from './watcher.js';

const NAMES = ['ada', 'grace', 'linus', 'margaret', 'edsger', 'barbara'] as const;
const ANSWER_MS = 30_000;
const RUN_NOW_MS = 120_000;
const MOST_RUN_NOW = 6;
/** Signalled reasons are dated before the first run, so that they cannot be confused with the call of a run. */
const REASON_AGE_MS = 3_600_000;

interface PausedUpdate {
  paused: boolean;
  by: string;
  reason: string;
}

export type Outcome = 'accepted' | 'refused' | 'unknown';

/** People with names who steer accounts. Each request is recorded with its answer. */
export class People {
  private requests = 0;
  private runNows = 0;
  /** Interventions that were acknowledged according to the answers. */
  private readonly answered = new Set<string>();
  private readonly busy = new Set<string>();
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly stage: Stage,
    private readonly record: OutsideRecord,
    private readonly watcher: Watcher,
    private readonly random: Random,
    private readonly forcedRunsPerSecond: number,
  ) {}

  async forceRuns(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause((1_000 / this.forcedRunsPerSecond) * (0.5 + this.random.next()), signal);
      const account = this.random.pick(this.loud());
      if (account !== null && !signal.aborted) this.inBackground(this.forceRun(account.name));
    }
  }

  async askForRuns(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.random.between(500, 3_000), signal);
      const account = this.random.pick(this.loud());
      if (account === null || signal.aborted || this.runNows >= MOST_RUN_NOW) continue;
      this.inBackground(this.runNow(account.name));
    }
  }

  async pauseAndResume(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.random.between(1_000, 6_000), signal);
      const account = this.random.pick(this.loud());
      if (account === null || signal.aborted || this.busy.has(account.name)) continue;
      this.inBackground(this.pauseFor(account.name, this.random.between(1_000, 20_000), signal));
    }
  }

  async answerCalls(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.random.between(1_000, 4_000), signal);
      // An intervention that was just acknowledged may still be open in the watcher's last reading.
      const calls = this.watcher.openInterventions.filter(({ id }) => !this.answered.has(id));
      const call = this.random.pick(calls);
      if (call === null || signal.aborted) continue;
      if (this.random.chance(0.15)) this.inBackground(this.snooze(call.account));
      else if (this.random.chance(0.3)) this.inBackground(this.sendReason(call.account));
      else this.inBackground(this.acknowledgeInACrowd(call.account));
    }
  }

  /** Waits at most this long for pending requests. */
  async settle(ms: number): Promise<void> {
    await within(ms, 'requests under way', Promise.allSettled(this.pending)).catch(() => {});
  }

  async acknowledge(account: string): Promise<AckRequest> {
    const by = this.someone();
    const note = `looked into it (${by})`;
    const request: AckRequest = { account, by, note, outcome: 'unknown', interventionId: null, acknowledgedBy: null };
    this.record.acks.push(request);
    request.outcome = await this.outcomeOf('acknowledge', account, async () => {
      const status = await this.stage.client.acknowledge(account, { by, note });
      request.interventionId = status.interventionId;
      request.acknowledgedBy = status.acknowledgedBy;
      this.answered.add(status.interventionId);
    });
    return request;
  }

  async setPaused(account: string, paused: boolean): Promise<PauseChange> {
    const by = this.someone();
    const change: PauseChange = { account, paused, by, outcome: 'unknown' };
    // Added before it is sent: the order of the list is the order of the signals.
    this.record.pauses.push(change);
    const { client } = this.stage;
    change.outcome = await this.outcomeOf(paused ? 'pause' : 'resume', account, async () => {
      const reason = `because ${by} wants it`;
      // As from the Web UI, where a pause may be an update.
      if (this.random.chance(0.5)) await this.updatePaused(account, { paused, by, reason });
      else if (paused) await client.pause(account, { by, reason });
      else await client.resume(account, by);
    });
    return change;
  }

  private async updatePaused(account: string, { paused, by, reason }: PausedUpdate): Promise<void> {
    const handle = this.stage.client.temporal.workflow.getHandle(reconciliationWorkflowId(account));
    if (paused) await handle.executeUpdate(pauseUpdate, { args: [{ by, reason }] });
    else await handle.executeUpdate(resumeUpdate, { args: [{ by }] });
  }

  async runNow(account: string, ms = RUN_NOW_MS): Promise<Outcome> {
    const by = this.someone();
    const askedAt = Date.now();
    this.runNows += 1;
    try {
      return await this.outcomeOf(
        'run-now',
        account,
        async () => {
          const run = await this.stage.client.runNow(account, by);
          this.record.answers.push({ account, by, askedAt, run });
          this.record.count(`run-now answered ${run.outcome}`);
        },
        ms,
      );
    } finally {
      this.runNows -= 1;
    }
  }

  private async forceRun(account: string): Promise<void> {
    await this.outcomeOf('force-run', account, async () => this.stage.client.forceRun(account, this.someone()));
  }

  private async pauseFor(account: string, ms: number, signal: AbortSignal): Promise<void> {
    this.busy.add(account);
    try {
      await this.setPaused(account, true);
      if (this.random.chance(0.2)) await this.setPaused(account, true);
      await pause(ms, signal);
      await this.setPaused(account, false);
      if (this.random.chance(0.1)) await this.setPaused(account, false);
    } finally {
      this.busy.delete(account);
    }
  }

  /** One or two people acknowledge at once; often a reason arrives meanwhile or just after the answer. */
  private async acknowledgeInACrowd(account: string): Promise<void> {
    const crowd: Promise<unknown>[] = [this.acknowledge(account)];
    if (this.random.chance(0.15)) crowd.push(this.acknowledge(account));
    const dice = this.random.next();
    if (dice < 0.3) {
      await sleep(this.random.between(0, 60));
      crowd.push(this.sendReason(account));
    } else if (dice < 0.7) {
      await crowd[0];
      await sleep(this.random.between(0, 5));
      crowd.push(this.sendReason(account));
    }
    await Promise.all(crowd);
  }

  private async sendReason(account: string): Promise<void> {
    const text = `chaos reason ${++this.requests}`;
    const sent: SentReason = { account, text, outcome: 'unknown' };
    this.record.reasons.push(sent);
    const at = new Date(Date.now() - REASON_AGE_MS).toISOString();
    const open = this.stage.client.temporal.workflow.getHandle(interventionWorkflowId(account));
    sent.outcome = await this.outcomeOf('add reason', account, async () =>
      open.signal(addReasonSignal, { action: 'POSITION_SIZE_CHANGED', text, at }),
    );
  }

  private async snooze(account: string): Promise<void> {
    const until = new Date(Date.now() + this.random.between(3_000, 15_000));
    const by = this.someone();
    await this.outcomeOf('snooze', account, async () => {
      await this.stage.client.snooze(account, { by, until, note: `later (${by})` });
    });
  }

  /** The result of a request. `refused` only if it is certain that nothing was done. */
  private async outcomeOf(what: string, account: string, ask: () => Promise<void>, ms = ANSWER_MS): Promise<Outcome> {
    try {
      await within(ms, what, ask());
      this.record.note(`${what} accepted`, { account });
      return 'accepted';
    } catch (error) {
      const outcome = isRefusal(error) ? 'refused' : 'unknown';
      this.record.note(`${what} ${outcome}`, { account, error: String(error).slice(0, 300) });
      return outcome;
    }
  }

  private someone(): string {
    return `${this.random.pick(NAMES)} (request ${++this.requests})`;
  }

  private loud(): ChaosAccount[] {
    return this.stage.accounts.filter(({ quiet }) => !quiet);
  }

  private inBackground(work: Promise<unknown>): void {
    const tracked = (async () => {
      try {
        await work;
      } catch (error) {
        this.record.note('request failed', { error: String(error) });
      }
    })();
    this.pending.add(tracked);
    void tracked.finally(() => this.pending.delete(tracked));
  }
}

/** The workflow itself refused, or does not exist. After any other error the request may have succeeded. */
function isRefusal(error: unknown): boolean {
  if (error instanceof DeadlineError || !(error instanceof Error)) return false;
  const reason = error.cause ?? error;
  return reason instanceof WorkflowNotFoundError || reason instanceof WorkflowUpdateFailedError;
}
