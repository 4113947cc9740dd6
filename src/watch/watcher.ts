import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging/logger.js';
import type { AccountTotals, Ledger } from '../ledger/contract/ledger.js';
import { diagnose } from './diagnose.js';
import type { SilenceFinding } from '../domain/gate/silence-finding.js';
import type { WatchView } from './finding.js';
import { PollWatch } from './poll-watch.js';
import { silenceOf } from '../domain/gate/silence.js';
import type { TemporalView } from './temporal-view.js';

/** The limits of a watcher. Together they ensure that an alarm comes within two minutes. */
export const WATCH_LIMITS = {
  everyMs: 20_000,
  /** More than a minute, because an idle worker polls once a minute (Temporal's long poll). */
  workerGoneMs: 70_000,
  /** The time of one call to Temporal. */
  callMs: 5_000,
  concurrency: 8,
  /** How many accounts Temporal is asked about in a second. */
  perSecond: 100,
};

/** An account became silent, is silent for another reason, or is checked again (`finding` is null). */
export interface WatchChange {
  account: string;
  finding: SilenceFinding | null;
  at: Date;
}

export interface WatcherDependencies {
  ledger: Pick<Ledger, 'accounts'>;
  /** Asks Temporal about these accounts; throws while it cannot be reached. */
  temporal: (active: ReadonlyMap<string, AccountTotals>, limits: typeof WATCH_LIMITS) => Promise<TemporalView>;
  log: Pick<Logger, 'error' | 'info' | 'warn'>;
  notify: (change: WatchChange) => void;
  limits?: Partial<typeof WATCH_LIMITS>;
}

/**
 * Finds accounts that should be checked and are not: in the ledger (late signs of life) and in Temporal (workflows that are
 * gone or fail their tasks, task queues that no worker polls). It asks no workflow, so it needs no worker and also finds
 * workflows that do not answer.
 *
 * A finding from Temporal counts only after two consecutive passes, so that a start, a restart or a repair in progress
 * raises no alarm. If a part does not answer, its findings stay until a later pass shows that they are gone.
 */
export class Watcher implements WatchView {
  private readonly limits: typeof WATCH_LIMITS;
  private readonly findings = new Map<string, SilenceFinding>();
  /** Accounts for which the last pass with an answer of Temporal found a problem there. */
  private suspects = new Set<string>();
  private readonly polls: PollWatch;
  private up: boolean | null = null;
  private ledgerUp = true;

  constructor(private readonly deps: WatcherDependencies) {
    this.limits = { ...WATCH_LIMITS, ...deps.limits };
    this.polls = new PollWatch(this.limits.workerGoneMs);
  }

  findingOf(account: string): SilenceFinding | null {
    return this.findings.get(account) ?? null;
  }

  temporalUp(): boolean | null {
    return this.up;
  }

  /** Runs passes until the signal aborts, without waiting for a pass in progress. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      const began = performance.now();
      const pass = this.pass(signal).catch((error: unknown) =>
        this.deps.log.error({ error }, 'A pass of the watcher failed'),
      );
      await Promise.race([pass, ended]);
      const restMs = Math.max(0, this.limits.everyMs - (performance.now() - began));
      await delay(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async pass(signal?: AbortSignal): Promise<void> {
    const accounts = await this.readLedger(signal);
    if (accounts === null) return;
    const temporal = await this.readTemporal(accounts, signal);
    if (signal?.aborted === true) return;
    const at = new Date();
    const noWorkerSince = temporal === null ? null : this.polls.noWorkerSince(temporal.lastPoll, at, performance.now());
    const suspects = new Set<string>();
    for (const account of new Set([...accounts.keys(), ...(temporal?.accounts.keys() ?? [])])) {
      const totals = accounts.get(account);
      // Temporal's list lags: an account that is only in the list and has ended was stopped.
      if (totals === undefined && temporal?.accounts.get(account)?.workflow.kind !== 'running') continue;
      const overdue = totals === undefined ? null : silenceOf(totals);
      const view = temporal?.accounts.get(account);
      if (temporal === null || view === undefined) {
        if (this.suspects.has(account)) suspects.add(account);
        this.conclude(account, this.lastFinding(account) ?? overdue, at);
        continue;
      }
      const { taskQueue, routing } = temporal;
      const paused = totals?.paused ?? null;
      const found = diagnose({ account, paused, ...view, taskQueue, routing, noWorkerSince, overdue, at });
      const fromTemporal = found !== null && found.kind !== 'overdue';
      if (fromTemporal) suspects.add(account);
      // A late sign of life counts at once, because `silenceOf` already allows a delay.
      const certain = !fromTemporal || this.suspects.has(account);
      this.conclude(account, certain ? found : (this.lastFinding(account) ?? overdue), at);
    }
    this.suspects = suspects;
    this.forgetAccountsBut(accounts, temporal, at);
  }

  /** The last finding from Temporal. Not `overdue`, because the ledger gives a newer one in every pass. */
  private lastFinding(account: string): SilenceFinding | null {
    const before = this.findings.get(account) ?? null;
    return before?.kind === 'overdue' ? null : before;
  }

  /** The active accounts; null while the ledger does not answer. */
  private async readLedger(signal?: AbortSignal): Promise<Map<string, AccountTotals> | null> {
    try {
      const accounts = await this.deps.ledger.accounts();
      if (!this.ledgerUp) this.deps.log.info('The watcher reads the ledger again');
      this.ledgerUp = true;
      return new Map(accounts.filter(({ active }) => active).map((totals) => [totals.account, totals]));
    } catch (error) {
      // The process is ending and has closed the connections.
      if (signal?.aborted === true) return null;
      if (this.ledgerUp) this.deps.log.error({ error }, 'The watcher cannot read the ledger; its findings stay');
      this.ledgerUp = false;
      return null;
    }
  }

  /** Null while Temporal cannot be reached. */
  private async readTemporal(
    accounts: ReadonlyMap<string, AccountTotals>,
    signal?: AbortSignal,
  ): Promise<TemporalView | null> {
    try {
      const view = await this.deps.temporal(accounts, this.limits);
      if (this.up === false) this.deps.log.info('The watcher reaches Temporal again');
      this.up = true;
      return view;
    } catch (error) {
      if (signal?.aborted === true) return null;
      if (this.up !== false) {
        this.deps.log.error(
          { error },
          'The watcher cannot reach Temporal; until it can, only the ledger shows silent accounts',
        );
      }
      this.up = false;
      return null;
    }
  }

  /** Removes findings of accounts that were stopped, or that are in neither the ledger nor Temporal. */
  private forgetAccountsBut(
    accounts: ReadonlyMap<string, AccountTotals>,
    temporal: TemporalView | null,
    at: Date,
  ): void {
    for (const account of this.findings.keys()) {
      if (accounts.has(account) || temporal === null) continue;
      if (temporal.accounts.get(account)?.workflow.kind === 'running') continue;
      this.conclude(account, null, at);
    }
  }

  private conclude(account: string, finding: SilenceFinding | null, at: Date): void {
    const before = this.findings.get(account) ?? null;
    if (finding === null) this.findings.delete(account);
    else this.findings.set(account, finding);
    if (before?.kind === finding?.kind) return;
    const change = { account, finding, at };
    if (finding === null) this.deps.log.info({ account }, `${account} is checked again`);
    else this.deps.log.error({ account, ...finding }, finding.text);
    this.deps.notify(change);
  }
}
