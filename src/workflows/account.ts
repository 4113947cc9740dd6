import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Display, RecordRequest } from '../activities/activity-messages.js';
import type { KnownAccount, Pause } from '../domain/lifecycle/known-account.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RecordedRun, RunTrigger } from '../domain/lifecycle/run.js';
import type { ActWay } from '../domain/lifecycle/way.js';
import { showState, stateOf } from './account-state.js';
import { emptyState, type Carried } from './carried.js';
import { Clock } from './clock.js';
import { isLink, rulesOf, type InterventionRules } from './intervention-rules.js';
import type { Phase, ReconciliationStatus, RunProgress } from './messages.js';
import { Outbox } from './outbox.js';
import { renderReport } from './report.js';
import { RunWatch } from './run-watch.js';
import { nextTick } from './schedule.js';
import { EXCHANGE, PAUSED } from './search-attributes.js';

/** How many requesters of one run are named. */
const MAX_REQUESTERS = 20;

/**
 * The state of one account's workflow, and how it is shown. Does no I/O.
 *
 * Invariant: handlers change only what the loop reads between two runs, and issue no commands; `takeNotice` issues them, at
 * one place of the loop. So the order of a signal and an activity result does not affect a run in progress.
 */
export class Account {
  readonly clock = new Clock();
  readonly outbox: Outbox;
  readonly state: Carried;
  /** The value of `isCurrent`, which only one place of the loop asks. */
  current = false;
  /** The value of `observesAtOnce`, which the same place in the loop asks. */
  observesAtOnce = false;
  /** The value of `tellsInterventions`, which the same place in the loop asks. */
  tells = false;
  phase: Phase = 'waiting';
  running = false;
  /** Only for the answer to a query: no rule reads it. */
  progress: RunProgress | null = null;
  /** Whether the schedule's grid has changed since the loop last read it. */
  gridMoved = false;
  /** Whether the records that are set aside must be offered again. */
  retryRequested = false;
  /** The interventions for which the news that they are resolved is being sent. */
  readonly beingTold = new Set<string>();
  stopRequestedBy: string | null = null;
  stopWay: ActWay = {};
  stopped = false;
  /** Runs begun in this execution. `finished` has the answers of the last ones by this count, for updates that wait. */
  begun = 0;
  readonly finished = new Map<number, RecordedRun>();
  watch = new RunWatch();
  /** The value that the search attribute shows. */
  shownFailures: number;
  private shownPaused: boolean;
  private shownExchange: string;
  private requests = 0;

  constructor(
    readonly name: string,
    public exchange: string,
    public policy: Policy,
    started: { by: string } & ActWay,
    carried: Partial<Carried> | undefined,
  ) {
    this.state = carried === undefined ? this.firstState(started) : { ...emptyState(true), ...carried };
    this.shownFailures = this.state.consecutiveFailures;
    this.shownPaused = this.state.paused !== null;
    this.shownExchange = exchange;
    const { outbox, inbox, setAside } = this.state;
    this.outbox = new Outbox(outbox, inbox, setAside, () => this.registration('plumbline'));
  }

  /** When the next scheduled run is due, milliseconds. */
  nextTickMs(): number {
    const { anchorMs, servedTickMs, plannedTickMs } = this.state;
    const tick = nextTick(this.name, anchorMs, this.policy.intervalMinutes, servedTickMs);
    return plannedTickMs === null ? tick : Math.min(tick, plannedTickMs);
  }

  /** When the next run is due, as the ledger records it: ISO 8601; null while the account is paused. */
  nextRunAt(): string | null {
    if (this.state.paused !== null) return null;
    const now = this.clock.nowMs();
    if (this.state.due || !this.state.hasRun) return new Date(now).toISOString();
    return new Date(Math.max(this.nextTickMs(), now)).toISOString();
  }

  registration(by: string, way: ActWay = {}): RecordRequest {
    const { name: account, exchange, policy } = this;
    return { kind: 'register', account, exchange, policy, by, ...way };
  }

  /** A new idempotency key for a request to the ledger. */
  requestId(): string {
    return `${workflowInfo().runId}/${++this.requests}`;
  }

  /** Whether a handler has left work for `takeNotice` or changed the schedule. */
  hasNews(): boolean {
    return (
      this.outbox.inbox.length > 0 ||
      this.state.interventionSaid !== null ||
      this.gridMoved ||
      this.retryRequested ||
      (this.tells && this.state.rulesMoved)
    );
  }

  /** Applies what handlers have left. Only to be called between two runs. */
  takeNotice(): void {
    const { state, outbox } = this;
    outbox.collect();
    if (this.retryRequested) outbox.offerSetAside();
    this.retryRequested = false;
    if (state.interventionSaid !== null) state.interventionOpen = state.interventionSaid === 'opened';
    state.interventionSaid = null;
    this.showSettings();
    this.showState();
  }

  /** Stores what a worker reports about the namespace and the configuration. */
  learnDisplay(display: Display | undefined): void {
    if (display === undefined) return;
    const { indexed, statusUrl } = display;
    // An intervention with an address that it refuses would not start.
    this.state.display = { indexed, statusUrl: isLink(statusUrl) ? statusUrl : null };
  }

  /** The part of the policy that an intervention needs. */
  rules(policy = this.policy): InterventionRules {
    return rulesOf(policy, this.state.display?.statusUrl ?? null);
  }

  /** Marks a new intervention as open, and forgets what was sent to an earlier one. */
  opened(): void {
    const { state } = this;
    state.interventionOpen = true;
    state.interventionSaid = null;
    state.toldStanding = true;
    this.publish();
  }

  /** Marks this tick and all earlier ones as served or due. */
  passTick(tickMs: number): void {
    this.state.servedTickMs = tickMs;
    this.state.plannedTickMs = null;
  }

  reconfigure(by: string, exchange: string, policy: Policy, way: ActWay): void {
    if (this.current) this.state.plannedTickMs = this.nextTickMs();
    this.state.rulesMoved ||= JSON.stringify(this.rules()) !== JSON.stringify(this.rules(policy));
    this.exchange = exchange;
    this.policy = policy;
    this.keep(this.registration(by, way));
    // The new grid may have a tick just after the last served one. Ticks up to now must not be served twice.
    this.state.servedTickMs = Math.max(this.state.servedTickMs, this.clock.nowMs());
    this.gridMoved = true;
    if (!this.current) this.show({ key: EXCHANGE, value: exchange });
    this.publish();
  }

  /** @returns whether anything changed */
  pause(by: string, reason: string, way: ActWay): boolean {
    if (this.state.paused !== null) return false;
    this.setPaused({ by, reason, since: this.clock.nowText() });
    this.keepPause(by, reason, way);
    return true;
  }

  /** @returns whether anything changed */
  resume(by: string, way: ActWay): boolean {
    if (this.state.paused === null) return false;
    this.setPaused(null);
    this.keepPause(by, null, way);
    return true;
  }

  force(trigger: RunTrigger, by: string, { via = 'temporal' }: ActWay): void {
    this.state.forced ??= trigger;
    const { forcedBy, forcedVia } = this.state;
    if (forcedBy.length >= MAX_REQUESTERS || forcedBy.includes(by)) return;
    // A version without ways has carried names alone.
    while (forcedVia.length < forcedBy.length) forcedVia.push('unknown');
    forcedBy.push(by);
    forcedVia.push(via);
  }

  /** Records and shows a request that was refused. */
  refuse(message: string, by: string, reason: string): void {
    const at = this.clock.nowText();
    this.state.refused = { message, by, reason, at };
    const requestId = this.requestId();
    const times = { count: 1, firstAt: at, lastAt: at };
    this.keep({ kind: 'refused', account: this.name, requestId, message, by, reason, ...times });
    this.publish();
  }

  /** Adopts what the ledger knows in a newly started workflow, so that nothing that was recorded is lost. */
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
      // A resume shows at once, although the loop wakes later.
      phase: this.phase === 'paused' && state.paused === null ? 'waiting' : this.phase,
      run: this.progress,
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
    setCurrentDetails(renderReport(this.status(), this.state.display?.statusUrl ?? null));
  }

  private setPaused(paused: Pause | null): void {
    this.state.paused = paused;
    this.state.pauseTouched = true;
    if (!this.current) this.show({ key: PAUSED, value: paused !== null });
    this.publish();
  }

  private keepPause(by: string, reason: string | null, way: ActWay): void {
    const paused = this.state.paused !== null;
    const requestId = this.requestId();
    const nextRunAt = this.nextRunAt();
    this.keep({ kind: 'pause', account: this.name, paused, by, reason, requestId, nextRunAt, ...way });
  }

  /** Keeps a handler's record for the ledger. Executions of earlier versions put it directly into the outbox. */
  private keep(item: RecordRequest): void {
    if (this.current) this.outbox.post(item);
    else this.outbox.push(item);
  }

  private showState(): void {
    const { state } = this;
    const now = stateOf(this.status());
    if (state.display?.indexed !== true || now === null || now === state.shownState) return;
    state.shownState = now;
    showState(now, new Date(this.clock.nowMs()));
  }

  /** Writes only changed values to the history. */
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

  private firstState({ by, ...way }: { by: string } & ActWay): Carried {
    return { ...emptyState(false), outbox: [this.registration(by, way)] };
  }
}
