import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RecordRequest } from '../activities/activity-messages.js';
import type { KnownAccount, Pause } from '../domain/lifecycle/known-account.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RecordedRun, RunTrigger } from '../domain/lifecycle/run.js';
import { Clock } from './clock.js';
import type { Phase, ReconciliationStatus, RefusedMessage } from './messages.js';
import { Outbox, type SetAside } from './outbox.js';
import { renderReport } from './report.js';
import { nextTick } from './schedule.js';
import { EXCHANGE, PAUSED } from './search-attributes.js';

/** All that outlives continue-as-new. Every field is carried, and every field is JSON. */
export interface Carried {
  /** Where the schedule's grid begins: the first start, milliseconds. */
  anchorMs: number;
  /** The last tick that was served or skipped. */
  servedTickMs: number;
  /** The tick that was next when the rules changed, until it has passed: new rules never postpone a run. */
  plannedTickMs: number | null;
  /** Whether a tick's timer has fired and its run has not begun. */
  due: boolean;
  runNumber: number;
  hasRun: boolean;
  consecutiveFailures: number;
  /** Whether this streak has called a human already: once per streak. */
  streakReported: boolean;
  paused: Pause | null;
  forced: RunTrigger | null;
  /** Who asked for the forced run. */
  forcedBy: string[];
  lastRun: ReconciliationStatus['lastRun'];
  lastSuccessAt: string | null;
  interventionOpen: boolean;
  /** What the account's intervention said of itself since the loop took notice. */
  interventionSaid: 'opened' | 'closed' | null;
  /** Whether the ledger's state was taken over. True from the start for a continued workflow. */
  adopted: boolean;
  /** Whether somebody paused or resumed here, which counts more than the ledger's state. */
  pauseTouched: boolean;
  /** The newest request that was refused. */
  refused: RefusedMessage | null;
  /** What the ledger must still learn, in order. */
  outbox: RecordRequest[];
  /** What handlers recorded since the loop took notice. */
  inbox: RecordRequest[];
  /** What the ledger refused for good. */
  setAside: SetAside[];
}

/** Requesters of one run that are named. */
const MAX_REQUESTERS = 20;

/**
 * The state of one account's workflow, and what is shown of it. Does no I/O.
 *
 * Invariant: handlers change only what the loop reads between two runs, and issue no commands (`takeNotice` does, at one
 * place of the loop). Where a signal comes next to an activity's result must not change a run in progress.
 */
export class Account {
  readonly clock = new Clock();
  readonly outbox: Outbox;
  readonly state: Carried;
  /** As `isCurrent`, asked at one place of the loop. */
  current = false;
  phase: Phase = 'waiting';
  running = false;
  /** Whether the schedule's grid moved since the loop took notice. */
  gridMoved = false;
  /** Whether what is set aside is to be offered again. */
  retryRequested = false;
  stopRequestedBy: string | null = null;
  stopped = false;
  /** Runs begun in this execution, and the answers of the last of them by that count, for updates that wait for one. */
  begun = 0;
  readonly finished = new Map<number, RecordedRun>();
  /** What the search attributes show. */
  shownFailures: number;
  private shownPaused: boolean;
  private shownExchange: string;
  private requests = 0;

  constructor(
    readonly name: string,
    public exchange: string,
    public policy: Policy,
    startedBy: string,
    carried: Partial<Carried> | undefined,
  ) {
    this.state = carried === undefined ? this.firstState(startedBy) : { ...this.emptyState(true), ...carried };
    this.shownFailures = this.state.consecutiveFailures;
    this.shownPaused = this.state.paused !== null;
    this.shownExchange = exchange;
    const { outbox, inbox, setAside } = this.state;
    this.outbox = new Outbox(outbox, inbox, setAside, () => this.registration('plumbline'));
  }

  /** When the next scheduled run begins, milliseconds. */
  nextTickMs(): number {
    const { anchorMs, servedTickMs, plannedTickMs } = this.state;
    const tick = nextTick(this.name, anchorMs, this.policy.intervalMinutes, servedTickMs);
    return plannedTickMs === null ? tick : Math.min(tick, plannedTickMs);
  }

  /** When the account is to be observed next, for the ledger: ISO 8601; null while it is paused. */
  nextRunAt(): string | null {
    if (this.state.paused !== null) return null;
    const now = this.clock.nowMs();
    if (this.state.due || !this.state.hasRun) return new Date(now).toISOString();
    return new Date(Math.max(this.nextTickMs(), now)).toISOString();
  }

  registration(by: string): RecordRequest {
    const { name: account, exchange, policy } = this;
    return { kind: 'register', account, exchange, policy, by };
  }

  /** Identifies a request to the ledger, so that it counts once. */
  requestId(): string {
    return `${workflowInfo().runId}/${++this.requests}`;
  }

  /** Whether a handler left something that the loop must take notice of. */
  hasNews(): boolean {
    return (
      this.outbox.inbox.length > 0 || this.state.interventionSaid !== null || this.gridMoved || this.retryRequested
    );
  }

  /** Takes notice of what handlers left. Between two runs only. */
  takeNotice(): void {
    const { state, outbox } = this;
    outbox.collect();
    if (this.retryRequested) outbox.offerSetAside();
    this.retryRequested = false;
    if (state.interventionSaid !== null) state.interventionOpen = state.interventionSaid === 'opened';
    state.interventionSaid = null;
    this.showSettings();
  }

  /** Learns that this tick, and every one before it, is served or due. */
  passTick(tickMs: number): void {
    this.state.servedTickMs = tickMs;
    this.state.plannedTickMs = null;
  }

  reconfigure(by: string, exchange: string, policy: Policy): void {
    if (this.current) this.state.plannedTickMs = this.nextTickMs();
    this.exchange = exchange;
    this.policy = policy;
    this.keep(this.registration(by));
    // The grid may have moved under the last tick; what is due now must not be served twice.
    this.state.servedTickMs = Math.max(this.state.servedTickMs, this.clock.nowMs());
    this.gridMoved = true;
    if (!this.current) this.show({ key: EXCHANGE, value: exchange });
    this.publish();
  }

  /** @returns whether anything changed */
  pause(by: string, reason: string): boolean {
    if (this.state.paused !== null) return false;
    this.setPaused({ by, reason, since: this.clock.nowText() });
    this.keepPause(by, reason);
    return true;
  }

  /** @returns whether anything changed */
  resume(by: string): boolean {
    if (this.state.paused === null) return false;
    this.setPaused(null);
    this.keepPause(by, null);
    return true;
  }

  force(trigger: RunTrigger, by: string): void {
    this.state.forced ??= trigger;
    const { forcedBy } = this.state;
    if (forcedBy.length < MAX_REQUESTERS && !forcedBy.includes(by)) forcedBy.push(by);
  }

  /** Records and shows a request that cannot be taken. */
  refuse(message: string, by: string, reason: string): void {
    const at = this.clock.nowText();
    this.state.refused = { message, by, reason, at };
    const requestId = this.requestId();
    const times = { count: 1, firstAt: at, lastAt: at };
    this.keep({ kind: 'refused', account: this.name, requestId, message, by, reason, ...times });
    this.publish();
  }

  /** Takes over what the ledger knows, in a workflow that was started anew: nothing that was recorded is lost. */
  adopt(known: KnownAccount): void {
    const { state } = this;
    if (state.adopted) return;
    state.adopted = true;
    state.runNumber = Math.max(state.runNumber, known.lastRunNumber);
    if (state.lastSuccessAt === null) {
      state.consecutiveFailures += known.streak.failures;
      state.streakReported ||= known.streak.called;
      state.lastSuccessAt = known.lastSuccessAt;
    }
    state.interventionOpen ||= known.openIntervention !== null;
    if (known.paused !== null && !state.pauseTouched) {
      state.paused = known.paused;
      this.showSettings();
    }
    this.publish();
  }

  status(): ReconciliationStatus {
    const { state } = this;
    const isWaiting = state.paused === null && !this.running && !this.stopped;
    return {
      account: this.name,
      exchange: this.exchange,
      // A resume is taken at once, though the loop only wakes after it.
      phase: this.phase === 'paused' && state.paused === null ? 'waiting' : this.phase,
      paused: state.paused,
      policy: this.policy,
      runNumber: state.runNumber,
      consecutiveFailures: state.consecutiveFailures,
      nextRunAt: isWaiting ? new Date(this.nextTickMs()).toISOString() : null,
      lastRun: state.lastRun,
      lastSuccessAt: state.lastSuccessAt,
      interventionOpen: state.interventionSaid === null ? state.interventionOpen : state.interventionSaid === 'opened',
      unrecordedRuns: this.outbox.unrecordedRuns(),
      setAside: state.setAside.length,
      refused: state.refused,
    };
  }

  publish(): void {
    setCurrentDetails(renderReport(this.status()));
  }

  private setPaused(paused: Pause | null): void {
    this.state.paused = paused;
    this.state.pauseTouched = true;
    if (!this.current) this.show({ key: PAUSED, value: paused !== null });
    this.publish();
  }

  private keepPause(by: string, reason: string | null): void {
    const paused = this.state.paused !== null;
    const requestId = this.requestId();
    const nextRunAt = this.nextRunAt();
    this.keep({ kind: 'pause', account: this.name, paused, by, reason, requestId, nextRunAt });
  }

  /** Keeps a handler's record for the ledger. An execution of an earlier version put it into the outbox at once. */
  private keep(item: RecordRequest): void {
    if (this.current) this.outbox.post(item);
    else this.outbox.push(item);
  }

  /** Only what changed is written to the history. */
  private showSettings(): void {
    const isPaused = this.state.paused !== null;
    const pauseMoved = isPaused !== this.shownPaused;
    const exchangeMoved = this.exchange !== this.shownExchange;
    if (pauseMoved) this.show({ key: PAUSED, value: isPaused });
    if (exchangeMoved) this.show({ key: EXCHANGE, value: this.exchange });
  }

  private show(attribute: SearchAttributeUpdatePair): void {
    this.shownPaused = this.state.paused !== null;
    this.shownExchange = this.exchange;
    upsertSearchAttributes([attribute]);
  }

  private firstState(startedBy: string): Carried {
    return { ...this.emptyState(false), outbox: [this.registration(startedBy)] };
  }

  private emptyState(adopted: boolean): Carried {
    const now = Date.now();
    return {
      anchorMs: now,
      servedTickMs: now,
      plannedTickMs: null,
      due: false,
      runNumber: 0,
      hasRun: false,
      consecutiveFailures: 0,
      streakReported: false,
      paused: null,
      forced: null,
      forcedBy: [],
      lastRun: null,
      lastSuccessAt: null,
      interventionOpen: false,
      interventionSaid: null,
      adopted,
      pauseTouched: false,
      refused: null,
      outbox: [],
      inbox: [],
      setAside: [],
    };
  }
}
