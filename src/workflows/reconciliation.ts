import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RecordRequest } from '../activities/activity-messages.js';
import { FAILURE_TYPE } from '../domain/failure-type.js';
import type { Failure } from '../domain/failure.js';
import type { Call, InterventionReason } from '../domain/intervention.js';
import type { Policy } from '../domain/policy.js';
import type { RecordedRun, RunKey, RunTrigger } from '../domain/run.js';
import { failureOf } from './activity-failure.js';
import { callForHuman } from './call-for-human.js';
import * as messages from './messages.js';
import type { Phase, ReconciliationStatus } from './messages.js';
import { judge, lookAtBothSides } from './look.js';
import { Outbox } from './outbox.js';
import { renderReport } from './report.js';
import { nextTick } from './schedule.js';
import * as attributes from './search-attributes.js';
import { policyProblem } from './validate.js';

/** All that outlives continue-as-new. Every field is carried, and every field is JSON. */
interface Carried {
  /** Where the schedule's grid begins: the first start, milliseconds. */
  anchorMs: number;
  /** The last tick that was served or skipped. */
  servedTickMs: number;
  runNumber: number;
  hasRun: boolean;
  consecutiveFailures: number;
  /** Whether this streak has called a human already: once per streak. */
  streakReported: boolean;
  paused: { by: string; reason: string; since: string } | null;
  forced: RunTrigger | null;
  lastRun: ReconciliationStatus['lastRun'];
  lastSuccessAt: string | null;
  interventionOpen: boolean;
  /** What the ledger must still learn, in order. */
  outbox: RecordRequest[];
}

export interface ReconciliationInput {
  account: string;
  exchange: string;
  policy: Policy;
  /** Only set by continue-as-new. */
  carried?: Carried;
}

/** Answers kept for updates that wait for them: each waits for one of the next two runs. */
const KEPT_ANSWERS = 10;

/** While the ledger cannot be reached: how long to wait before what it must learn is offered again. */
const OUTBOX_RETRY_MS = 30_000;

/**
 * Reconciles one account for ever.
 *
 * Level-triggered: each run judges what both sides say now, whatever happened before it. What must not be lost (the
 * streak, the schedule, what the ledger has not learned yet) lives in this function's state, which Temporal keeps.
 */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  const { account } = input;
  let { exchange, policy } = input;
  const state: Carried = input.carried ?? firstState(account, exchange, policy);
  const outbox = new Outbox(state.outbox);
  let phase: Phase = 'waiting';
  let running = false;
  let stopRequestedBy: string | null = null;
  let stopped = false;
  let requests = 0;
  /** Runs begun in this execution, and the answers of the last of them by that count, for who waits for one. */
  let begun = 0;
  const finished = new Map<number, RecordedRun>();

  // Handlers come before the first await: an update without one is rejected.
  setHandler(messages.statusQuery, status);
  setHandler(messages.pauseSignal, ({ by, reason }) => {
    if (state.paused !== null) return;
    state.paused = { by, reason, since: new Date().toISOString() };
    outbox.push({ kind: 'pause', account, paused: true, by, reason, requestId: requestId() });
    upsertSearchAttributes([{ key: attributes.PAUSED, value: true }]);
    publish();
  });
  setHandler(messages.resumeSignal, ({ by }) => {
    if (state.paused === null) return;
    state.paused = null;
    outbox.push({ kind: 'pause', account, paused: false, by, reason: null, requestId: requestId() });
    upsertSearchAttributes([{ key: attributes.PAUSED, value: false }]);
    publish();
  });
  setHandler(messages.forceRunSignal, () => {
    state.forced ??= 'forced';
  });
  setHandler(messages.interventionClosedSignal, () => {
    state.interventionOpen = false;
    publish();
  });
  setHandler(
    messages.runNowUpdate,
    async (_request) => {
      // A run that is under way began before this was asked: the answer is the run after it.
      const wanted = begun + 1;
      state.forced ??= 'run_now';
      await condition(() => finished.has(wanted) || stopped);
      const run = finished.get(wanted);
      if (run === undefined)
        throw ApplicationFailure.nonRetryable(`${account} was stopped before the run began`, 'Stopped');
      return run;
    },
    { validator: (_request) => refuseWhenStopping('runNow') },
  );
  setHandler(
    messages.reconfigureUpdate,
    (request) => {
      exchange = request.exchange;
      policy = request.policy;
      outbox.push({ kind: 'register', account, exchange, policy });
      // The grid may have moved under the last tick; what is due now must not be served twice.
      state.servedTickMs = Date.now();
      upsertSearchAttributes([{ key: attributes.EXCHANGE, value: exchange }]);
      publish();
    },
    {
      validator: (request) => {
        refuseWhenStopping('reconfigure');
        const problem = policyProblem(request.policy);
        if (problem !== null) throw ApplicationFailure.nonRetryable(problem, 'InvalidPolicy');
      },
    },
  );
  setHandler(messages.stopUpdate, async ({ by }) => {
    stopRequestedBy ??= by;
    await condition(() => stopped);
  });

  try {
    while (stopRequestedBy === null) {
      const trigger = await nextTrigger();
      if (trigger !== null) await run(trigger);
      if (workflowInfo().continueAsNewSuggested && stopRequestedBy === null) await continueAsNew();
    }
    await leave();
  } catch (error) {
    // Cancelled from outside (the Web UI, the CLI): leave as tidily as by `stop`.
    if (isCancellation(error)) await CancellationScope.nonCancellable(leave);
    throw error;
  }

  /** Waits until there is something to run. Null: something else woke it, ask again. */
  async function nextTrigger(): Promise<RunTrigger | null> {
    if (outbox.size > 0) await outbox.flush();
    const now = Date.now();
    const tick = nextTick(account, state.anchorMs, policy.intervalMinutes, state.servedTickMs);
    if (state.forced !== null) return takeForced();
    if (state.paused === null && (!state.hasRun || tick <= now)) {
      // Ticks missed in a run, a pause or an outage collapse into this one.
      state.servedTickMs = now;
      return 'schedule';
    }
    phase = state.paused === null ? 'waiting' : 'paused';
    publish();
    const awaited = { paused: state.paused, policy, outbox: outbox.size };
    const woken = (): boolean =>
      stopRequestedBy !== null ||
      state.forced !== null ||
      state.paused !== awaited.paused ||
      policy !== awaited.policy ||
      outbox.size > awaited.outbox;
    const untilTick = state.paused === null ? Math.max(tick - now, 1) : null;
    const wait = outbox.size > 0 ? Math.min(untilTick ?? Infinity, OUTBOX_RETRY_MS) : untilTick;
    if (wait === null) await condition(woken);
    else await condition(woken, wait, { summary: `next run ${new Date(tick).toISOString().slice(0, 16)}Z` });
    return null;
  }

  function takeForced(): RunTrigger {
    const trigger = state.forced ?? 'forced';
    state.forced = null;
    return trigger;
  }

  async function run(trigger: RunTrigger): Promise<void> {
    running = true;
    begun += 1;
    // Started again after a stop: the ledger's numbers go on.
    state.runNumber = (state.hasRun ? state.runNumber : Math.max(state.runNumber, outbox.lastRunNumber ?? 0)) + 1;
    state.hasRun = true;
    const key: RunKey = { account, workflowRunId: workflowInfo().runId, runNumber: state.runNumber };
    const startedAt = new Date().toISOString();
    let looks = 0;
    let result: RecordedRun;
    try {
      result = await lookUntilJudged(key, trigger, startedAt, (look) => (looks = look));
    } catch (error) {
      if (isCancellation(error)) throw error;
      result = await fail(key, trigger, startedAt, looks, failureOf(error));
    }
    running = false;
    settle(result, startedAt);
    await callHumanFor(result);
  }

  async function lookUntilJudged(
    key: RunKey,
    trigger: RunTrigger,
    startedAt: string,
    beginLook: (look: number) => void,
  ): Promise<RecordedRun> {
    // The policy of the run's first look judges all of it: rules do not change in the middle of a verdict.
    const runPolicy = policy;
    for (let look = 1; ; look++) {
      beginLook(look);
      phase = 'looking';
      await lookAtBothSides(key, look, runPolicy);
      // Runs are recorded in their order: what the ledger has not learned yet comes before this verdict.
      if (outbox.size > 0 && !(await outbox.flush())) throw ledgerAway();
      phase = 'judging';
      const answer = await judge({ key, look, trigger, startedAt, policy: runPolicy });
      if (answer.kind === 'recorded') return answer.run;
      phase = 'settling';
      publish();
      await sleep(answer.inSeconds * 1000, { summary: `settle before look ${look + 1}` });
    }
  }

  async function fail(
    key: RunKey,
    trigger: RunTrigger,
    startedAt: string,
    looks: number,
    failure: Failure,
  ): Promise<RecordedRun> {
    phase = 'recording';
    const consecutiveFailures = state.consecutiveFailures + 1;
    const thresholdReached = consecutiveFailures >= policy.failureThreshold && !state.streakReported;
    const threshold = policy.failureThreshold;
    const text = `${consecutiveFailures} runs in a row could not tell (threshold ${threshold}): ${failure.message}`;
    const calls = thresholdReached ? [{ action: 'RECONCILIATION_FAILURE_THRESHOLD', text }] : [];
    // Once per streak; a verdict that the ledger turns out to have ends the streak, and this with it.
    state.streakReported ||= thresholdReached;
    outbox.push({
      kind: 'failure',
      key,
      trigger,
      startedAt,
      endedAt: new Date().toISOString(),
      looks,
      failure,
      consecutiveFailures,
      threshold,
      thresholdReached,
    });
    // The ledger's answer counts: a verdict whose reply was lost is in the ledger already, and is no failure.
    await outbox.flush();
    return outbox.takeAnswer(key.runNumber) ?? unrecordedFailure(key, looks, failure, state.lastRun, calls);
  }

  function settle(result: RecordedRun, startedAt: string): void {
    const endedAt = new Date().toISOString();
    const before = state.lastRun;
    const streakBefore = state.consecutiveFailures;
    if (result.outcome === 'failed') {
      state.consecutiveFailures += 1;
    } else {
      state.consecutiveFailures = 0;
      state.streakReported = false;
      state.lastSuccessAt = endedAt;
    }
    state.lastRun = { ...result, startedAt, endedAt };
    finished.set(begun, result);
    finished.delete(begun - KEPT_ANSWERS);
    phase = 'waiting';
    // Only what changed is written: a clean run after a clean run adds nothing to the history.
    const changes = [];
    if (before?.outcome !== result.outcome) changes.push({ key: attributes.OUTCOME, value: result.outcome });
    if (streakBefore !== state.consecutiveFailures || before === null) {
      changes.push({ key: attributes.CONSECUTIVE_FAILURES, value: state.consecutiveFailures });
    }
    if (before?.openDiscrepancies !== result.openDiscrepancies) {
      changes.push({ key: attributes.OPEN_DISCREPANCIES, value: result.openDiscrepancies });
    }
    if (changes.length > 0) upsertSearchAttributes(changes);
    publish();
  }

  async function callHumanFor(result: RecordedRun): Promise<void> {
    // The ledger decided the calls in the run's transaction, where the gate closed; without it the streak alone calls.
    const at = new Date().toISOString();
    const reasons: InterventionReason[] = result.calls.map((call) => ({ ...call, at }));
    if (reasons.length === 0) return;
    await callForHuman({ account, exchange, reminderMinutes: policy.reminderMinutes, reasons });
    state.interventionOpen = true;
    publish();
  }

  async function leave(): Promise<void> {
    outbox.push({ kind: 'deactivate', account });
    await outbox.flush();
    phase = 'stopped';
    stopped = true;
    publish();
    await condition(allHandlersFinished);
  }

  async function continueAsNew(): Promise<void> {
    if (state.forced !== null) return;
    // A request for a run may arrive while waiting: it is served here, by the execution that took it.
    await condition(() => allHandlersFinished() || state.forced !== null || stopRequestedBy !== null);
    if (!allHandlersFinished()) return;
    await makeContinueAsNewFunc<typeof reconciliation>({ memo: workflowInfo().memo ?? {} })({
      account,
      exchange,
      policy,
      carried: state,
    });
  }

  function status(): ReconciliationStatus {
    const tick = nextTick(account, state.anchorMs, policy.intervalMinutes, state.servedTickMs);
    return {
      account,
      exchange,
      // A resume is taken at once, though the loop only wakes after it.
      phase: phase === 'paused' && state.paused === null ? 'waiting' : phase,
      paused: state.paused,
      policy,
      runNumber: state.runNumber,
      consecutiveFailures: state.consecutiveFailures,
      nextRunAt: state.paused !== null || running || stopped ? null : new Date(tick).toISOString(),
      lastRun: state.lastRun,
      lastSuccessAt: state.lastSuccessAt,
      interventionOpen: state.interventionOpen,
      unrecordedRuns: outbox.unrecordedRuns(),
    };
  }

  function publish(): void {
    setCurrentDetails(renderReport(status()));
  }

  function refuseWhenStopping(what: string): void {
    if (stopRequestedBy === null) return;
    throw ApplicationFailure.nonRetryable(`${what} came too late: ${stopRequestedBy} stopped ${account}`, 'Stopped');
  }

  function requestId(): string {
    return `${workflowInfo().runId}/${++requests}`;
  }
}

function firstState(account: string, exchange: string, policy: Policy): Carried {
  const now = Date.now();
  return {
    anchorMs: now,
    servedTickMs: now,
    runNumber: 0,
    hasRun: false,
    consecutiveFailures: 0,
    streakReported: false,
    paused: null,
    forced: null,
    lastRun: null,
    lastSuccessAt: null,
    interventionOpen: false,
    outbox: [{ kind: 'register', account, exchange, policy }],
  };
}

/** The answer to a failed run while the ledger is away: what is known without it. */
function unrecordedFailure(
  key: RunKey,
  looks: number,
  failure: Failure,
  before: RecordedRun | null,
  calls: Call[],
): RecordedRun {
  return {
    outcome: 'failed',
    runNumber: key.runNumber,
    looks,
    discrepancies: 0,
    byType: {},
    opened: [],
    resolved: 0,
    openDiscrepancies: before?.openDiscrepancies ?? 0,
    unsettled: 0,
    unsettledRunsInARow: 0,
    compared: 0,
    notCompared: [],
    failure,
    calls,
    lastEvent: null,
  };
}

function ledgerAway(): ApplicationFailure {
  const failure: Failure = {
    kind: 'ledger',
    side: 'ledger',
    message: 'the ledger did not take earlier records, so no verdict can be recorded after them',
    where: null,
    remedy: 'Bring the ledger database back; what it missed is recorded then.',
    retryAfterMs: null,
  };
  return ApplicationFailure.nonRetryable(failure.message, FAILURE_TYPE, failure);
}
