import { WAYS, type ActWay } from '../domain/lifecycle/way.js';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunTrigger } from '../domain/lifecycle/run.js';
import { Account } from './account.js';
import type { Carried } from './carried.js';
import { restoreIntervention } from './request-intervention.js';
import { tellIntervention } from './tell-intervention.js';
import { setHandlers } from './handlers.js';
import { reconciliationWorkflowId, type StartRequest } from './messages.js';
import { isCurrent, observesAtOnce, tellsInterventions } from './release.js';
import { learn, runOnce } from './run.js';
import { RunWatch } from './run-watch.js';
import { checkStart } from './validate.js';

export interface ReconciliationInput extends StartRequest {
  /** Set only by continue-as-new. */
  carried?: Partial<Carried>;
}

/** How long to wait before records are offered again while the ledger cannot be reached. */
const OUTBOX_RETRY_MS = 30_000;
/** The longest such wait in a workflow that is stopped; the wait doubles up to it. */
const LEAVE_RETRY_MS = 600_000;

/**
 * Reconciles one account until it is stopped.
 *
 * Level-triggered: each run judges the current state of both sides, whatever happened before. The account's state holds
 * what must not be lost: the streak, the schedule, and records that the ledger does not have yet. Temporal keeps this
 * state, and a newly started workflow gets it from the ledger.
 *
 * @param watch set by an interceptor; any other value, such as a second argument of the starter, is ignored
 * @throws ApplicationFailure (Refused) for invalid arguments, and for a workflow id that is not the account's
 */
export async function reconciliation(input: ReconciliationInput, watch?: RunWatch): Promise<void> {
  // `carried` is ignored unless this is a continue-as-new.
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  if (!isContinued && isCurrent()) refuseWrongStart(input);
  const started = startOf(workflowInfo().memo);
  const carried = isContinued ? input.carried : undefined;
  const account = new Account(input.account, input.exchange, input.policy, started, carried);
  if (watch instanceof RunWatch) account.watch = watch;
  const { state, outbox } = account;
  let tickTimer: CancellationScope | null = null;

  // Before the first await, because Temporal rejects an update without a handler.
  setHandlers(account);
  try {
    while (account.stopRequestedBy === null) {
      account.current = isCurrent();
      account.observesAtOnce = observesAtOnce();
      account.tells = tellsInterventions();
      const trigger = await (account.current ? nextTrigger() : nextTriggerByClock());
      if (trigger !== null) await runOnce(account, trigger);
      if (workflowInfo().continueAsNewSuggested && account.stopRequestedBy === null) await continueAsNew();
    }
    outbox.collect();
    outbox.push({ kind: 'deactivate', account: account.name, by: account.stopRequestedBy, ...account.stopWay });
    await leave();
  } catch (error) {
    // Cancelled from outside (Web UI, CLI). The account stays active in the ledger, so that its silence raises an alarm.
    if (isCancellation(error)) {
      outbox.collect();
      outbox.push({ kind: 'cancelled', account: account.name, requestId: account.requestId() });
      await CancellationScope.nonCancellable(leave);
    }
    throw error;
  }

  /**
   * Waits until a run is due. Returns null if something else woke the workflow; the caller asks again.
   *
   * The tick's own timer, never the clock, decides whether a scheduled run is due; see `Clock`.
   */
  async function nextTrigger(): Promise<RunTrigger | null> {
    if (account.gridMoved) stopTickTimer();
    // First, so that the order of commands does not depend on when a signal arrives.
    if (!state.due) startTickTimer();
    account.takeNotice();
    if (account.tells) await tellIntervention(account);
    if (outbox.size > 0) await flush();
    if (state.forced !== null) return takeForced();
    if (state.paused === null && (state.due || !state.hasRun)) {
      state.due = false;
      // This run replaces all ticks that were missed during a pause or an outage.
      account.passTick(Math.max(state.servedTickMs, account.clock.nowMs()));
      return 'schedule';
    }
    account.phase = state.paused === null ? 'waiting' : 'paused';
    account.publish();
    const woken = (): boolean =>
      account.stopRequestedBy !== null ||
      state.forced !== null ||
      (state.due && state.paused === null) ||
      account.hasNews() ||
      // A burst of signals can fill the history while no run is in progress.
      workflowInfo().continueAsNewSuggested;
    if (outbox.size > 0) await condition(woken, OUTBOX_RETRY_MS, { summary: 'offer the ledger again what it missed' });
    else await condition(woken);
    return null;
  }

  /** Starts one timer per tick. It continues during pauses and forced runs; one run replaces the ticks that pass meanwhile. */
  function startTickTimer(): void {
    if (tickTimer !== null) return;
    const tick = account.nextTickMs();
    const waitMs = Math.max(tick - account.clock.nowMs(), 1);
    const scope = new CancellationScope();
    tickTimer = scope;
    void waitForTick(scope, tick, waitMs);
  }

  async function waitForTick(scope: CancellationScope, tick: number, waitMs: number): Promise<void> {
    const summary = `next run ${new Date(tick).toISOString().slice(0, 16)}Z`;
    try {
      await scope.run(async () => sleep(waitMs, { summary }));
    } catch (error) {
      // Cancelled, because the grid changed or the workflow ends.
      if (isCancellation(error)) return;
      throw error;
    }
    tickTimer = null;
    state.due = true;
    account.watch.fired(tick);
    account.clock.passed(tick);
    account.passTick(tick);
  }

  function stopTickTimer(): void {
    account.gridMoved = false;
    tickTimer?.cancel();
    tickTimer = null;
  }

  /** How executions of earlier versions waited. Used only to replay their histories. */
  async function nextTriggerByClock(): Promise<RunTrigger | null> {
    if (outbox.size > 0) await outbox.flush(account.current);
    const now = Date.now();
    const tick = account.nextTickMs();
    if (state.forced !== null) return takeForced();
    if (state.paused === null && (!state.hasRun || tick <= now)) {
      state.servedTickMs = now;
      return 'schedule';
    }
    account.phase = state.paused === null ? 'waiting' : 'paused';
    account.publish();
    const before = { paused: state.paused, policy: account.policy, outbox: outbox.size };
    const woken = (): boolean =>
      account.stopRequestedBy !== null ||
      state.forced !== null ||
      state.paused !== before.paused ||
      account.policy !== before.policy ||
      outbox.size > before.outbox;
    const untilTick = state.paused === null ? Math.max(tick - now, 1) : null;
    const wait = outbox.size > 0 ? Math.min(untilTick ?? Infinity, OUTBOX_RETRY_MS) : untilTick;
    if (wait === null) await condition(woken);
    else await condition(woken, wait, { summary: `next run ${new Date(tick).toISOString().slice(0, 16)}Z` });
    return null;
  }

  async function flush(): Promise<void> {
    await outbox.flush(account.current);
    account.clock.passed(outbox.answeredAtMs);
    await learn(account);
    const lost = outbox.takeLostIntervention();
    if (lost !== null) await restoreIntervention(account, lost);
  }

  function takeForced(): RunTrigger {
    const trigger = state.forced ?? 'forced';
    state.forced = null;
    return trigger;
  }

  async function leave(): Promise<void> {
    stopTickTimer();
    let isRecorded = await outbox.flush(account.current);
    account.phase = 'stopped';
    account.stopped = true;
    account.publish();
    // The caller of stop has its answer. The records that the ledger missed are still delivered.
    for (let waitMs = OUTBOX_RETRY_MS; account.current && !isRecorded; waitMs = Math.min(2 * waitMs, LEAVE_RETRY_MS)) {
      await sleep(waitMs, { summary: 'offer the ledger again what it missed' });
      outbox.collect();
      isRecorded = await outbox.flush(true);
    }
    await condition(allHandlersFinished);
  }

  async function continueAsNew(): Promise<void> {
    // If a caller waits for a run, the execution that accepted the request makes it. A run that was requested by a signal
    // is carried over, because a stream of signals must not let the history grow without limit.
    if (state.forced !== null && !(account.current && allHandlersFinished())) return;
    await condition(
      () =>
        allHandlersFinished() ||
        state.forced !== null ||
        account.stopRequestedBy !== null ||
        account.hasNews() ||
        (state.due && state.paused === null),
    );
    if (!allHandlersFinished()) return;
    const { name, exchange, policy } = account;
    await makeContinueAsNewFunc<typeof reconciliation>({ memo: workflowInfo().memo ?? {} })({
      account: name,
      exchange,
      policy,
      carried: state,
    });
  }
}

/** Anybody may start this workflow with any arguments. It ends with the reason instead of failing its workflow task. */
function refuseWrongStart(input: unknown): void {
  const checked = checkStart(input);
  const problem = checked.ok ? wrongId(checked.value.account) : checked.problem;
  if (problem !== null) throw ApplicationFailure.nonRetryable(`This workflow was not started: ${problem}`, 'Refused');
}

function wrongId(account: string): string | null {
  const id = reconciliationWorkflowId(account);
  const { workflowId } = workflowInfo();
  return workflowId === id ? null : `${account} is reconciled under the workflow id ${id}, not ${workflowId}`;
}

/** Who started the workflow, and how, by the memo of the client that started it. */
function startOf(memo: Readonly<Record<string, unknown>> | undefined): { by: string } & ActWay {
  const by = memo?.['startedBy'];
  const via = WAYS.find((way) => way === memo?.['startedVia']);
  return {
    by: typeof by === 'string' && by !== '' ? by.slice(0, 200) : 'unknown',
    ...(via !== undefined && { via }),
  };
}
