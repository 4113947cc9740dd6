import { ApplicationFailure, isCancellation, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RecordRequest } from '../activities/activity-messages.js';
import { boundedRun } from '../domain/lifecycle/bounded.js';
import { FAILURE_TYPE } from '../domain/failure/failure-type.js';
import { sharedCauseOf } from '../domain/failure/shared-cause.js';
import type { Failure } from '../domain/failure/failure.js';
import type { InterventionCall } from '../domain/lifecycle/intervention.js';
import type { OpenIntervention, Streak } from '../domain/lifecycle/known-account.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Way } from '../domain/lifecycle/way.js';
import type { RecordedRun, RunKey, RunTrigger } from '../domain/lifecycle/run.js';
import type { Account } from './account.js';
import { failureOf } from './activity-failure.js';
import { requestIntervention, restoreIntervention } from './request-intervention.js';
import { judge, observeAndJudge, observeBothSides } from './observe.js';
import * as attributes from './search-attributes.js';

/** How many answers are kept for updates that wait. An update waits for one of the next two runs. */
const KEPT_ANSWERS = 10;
/** The length of workflow history, in events, at which a run without a verdict fails. Temporal's limit is 51,200. */
const MAX_HISTORY_EVENTS = 20_000;

interface RunInProgress {
  key: RunKey;
  trigger: RunTrigger;
  startedAt: string;
  requestedBy: string[];
  requestedVia: (Way | 'unknown')[];
  /** The policy at the start of the run applies to the whole run. */
  policy: Policy;
  observations: number;
}

/** Makes one run, from the first read to the intervention that its verdict requires. Throws only if it is cancelled. */
export async function runOnce(account: Account, trigger: RunTrigger): Promise<void> {
  const { state, outbox } = account;
  account.running = true;
  account.begun += 1;
  // A workflow that was started again continues the ledger's numbers.
  state.runNumber = (state.hasRun ? state.runNumber : Math.max(state.runNumber, outbox.lastRunNumber ?? 0)) + 1;
  state.hasRun = true;
  const run: RunInProgress = {
    key: { account: account.name, workflowRunId: workflowInfo().runId, runNumber: state.runNumber },
    trigger,
    startedAt: account.clock.nowText(),
    requestedBy: state.forcedBy.splice(0),
    requestedVia: state.forcedVia.splice(0),
    policy: account.policy,
    observations: 0,
  };
  account.watch.began({ key: run.key, exchange: account.exchange, trigger, startedAt: run.startedAt });
  let result: RecordedRun | null = null;
  try {
    result = await makeRun(account, run);
  } finally {
    account.watch.ended(result);
  }
}

/** Makes the run, and requests the intervention that its result requires. */
async function makeRun(account: Account, run: RunInProgress): Promise<RecordedRun> {
  const { outbox } = account;
  let result: RecordedRun;
  let lost: OpenIntervention | null = null;
  try {
    ({ run: result, lost } = await observeUntilJudged(account, run));
  } catch (error) {
    if (isCancellation(error)) throw error;
    result = await fail(account, run, failureOf(error));
    lost = outbox.takeLostIntervention();
  }
  account.running = false;
  account.progress = null;
  conclude(account, result, run.startedAt);
  if (lost !== null) await restoreIntervention(account, lost);
  await callHumanFor(account, result.calls);
  return result;
}

async function observeUntilJudged(
  account: Account,
  run: RunInProgress,
): Promise<{ run: RecordedRun; lost: OpenIntervention | null }> {
  const { outbox } = account;
  const { key, trigger, startedAt, requestedBy, requestedVia, policy } = run;
  for (;;) {
    const observation = ++run.observations;
    account.phase = 'looking';
    account.progress = { runNumber: key.runNumber, observation, observesAt: null };
    const request = { key, look: observation, trigger, startedAt, policy, requestedBy, requestedVia };
    const answer =
      account.observesAtOnce && outbox.size === 0
        ? await observeAndJudge({ ...request, nextRunAt: account.nextRunAt() })
        : await observeThenJudge(account, request);
    if (answer.kind === 'recorded') {
      // This answer is newer than that of a flush in this run.
      outbox.takeLostIntervention();
      account.learnDisplay(answer.display);
      return { run: boundedRun(answer.run), lost: answer.lostIntervention ?? null };
    }
    if (workflowInfo().historyLength > MAX_HISTORY_EVENTS) throw endless(observation);
    account.phase = 'settling';
    const observesAt = new Date(account.clock.nowMs() + answer.inSeconds * 1000).toISOString();
    account.progress = { runNumber: key.runNumber, observation, observesAt };
    account.publish();
    await sleep(answer.inSeconds * 1000, { summary: `wait before observation ${observation + 1}` });
  }
}

/**
 * Reads and judges in separate activities. Runs are recorded in order, so waiting records go to the ledger between the
 * reads and the verdict; while the ledger is unavailable, the account is still observed.
 */
async function observeThenJudge(
  account: Account,
  request: Omit<Parameters<typeof judge>[0], 'nextRunAt'>,
): ReturnType<typeof judge> {
  const { outbox } = account;
  await observeBothSides(request.key, request.look, request.policy);
  if (outbox.size > 0) {
    if (!(await outbox.flush(account.current))) throw ledgerAway();
    if (account.current) await learn(account);
  }
  account.phase = 'judging';
  return judge({ ...request, nextRunAt: account.nextRunAt() }, account.current);
}

async function fail(account: Account, run: RunInProgress, failure: Failure): Promise<RecordedRun> {
  const { state, outbox } = account;
  account.phase = 'recording';
  // The ledger's answers to earlier runs may end the streak: it may hold a verdict whose answer was lost.
  if (account.current && outbox.size > 0) {
    await outbox.flush(account.current);
    await learn(account);
  }
  const { failureThreshold: threshold } = run.policy;
  const consecutiveFailures = state.consecutiveFailures + 1;
  const item: Extract<RecordRequest, { kind: 'failure' }> = {
    kind: 'failure',
    key: run.key,
    trigger: run.trigger,
    startedAt: run.startedAt,
    endedAt: account.clock.nowText(),
    looks: run.observations,
    failure,
    consecutiveFailures,
    threshold,
    thresholdReached: consecutiveFailures >= threshold && !state.streakReported,
    requestedBy: run.requestedBy,
    requestedVia: run.requestedVia,
    nextRunAt: account.nextRunAt(),
  };
  outbox.push(item);
  await outbox.flush(account.current);
  // The ledger's answer takes precedence: it may hold a verdict whose answer was lost, and then the run has not failed.
  const answers = outbox.takeAnswers();
  const own = answers.find((answer) => answer.run.runNumber === run.key.runNumber);
  const others = answers.filter((answer) => answer !== own);
  if (account.current) await learn(account, others);
  if (own !== undefined) {
    const counted = { failures: consecutiveFailures, called: state.streakReported || item.thresholdReached };
    applyStreak(account, own.streak ?? (own.run.outcome === 'failed' ? counted : NO_STREAK));
    return own.run;
  }
  // The ledger is unavailable, so the workflow's own count requests the intervention, once per streak.
  if (others.length === 0) state.consecutiveFailures = consecutiveFailures;
  item.thresholdReached = state.consecutiveFailures >= threshold && !state.streakReported;
  state.streakReported ||= item.thresholdReached;
  const text = `${state.consecutiveFailures} runs in a row failed (threshold ${threshold}): ${failure.message}`;
  const sharedCause = sharedCauseOf(failure, account.exchange);
  const call = { action: 'RECONCILIATION_FAILURE_THRESHOLD', text, ...(sharedCause !== undefined && { sharedCause }) };
  const calls = item.thresholdReached ? [call] : [];
  return unrecordedFailure(run, failure, state.lastRun, calls);
}

const NO_STREAK = { failures: 0, called: false };

function applyStreak({ state }: Account, { failures, called }: Streak): void {
  state.consecutiveFailures = failures;
  state.streakReported = called;
}

/**
 * Applies the ledger's answers for runs that ended while it was unavailable. If the ledger has a verdict of such a run, the
 * verdict, its streak and its calls replace the failure.
 */
export async function learn(account: Account, answers = account.outbox.takeAnswers()): Promise<void> {
  const { state, outbox } = account;
  // Before the runs, because the same flush may also have recorded a registration.
  if (outbox.known !== null) account.adopt(outbox.known);
  account.learnDisplay(outbox.display);
  for (const { run, streak, called } of answers) {
    const isVerdict = run.outcome !== 'failed';
    if (streak !== null) {
      const waiting = outbox.items.filter((item) => item.kind === 'failure');
      const calledLater = waiting.some((item) => item.thresholdReached);
      applyStreak(account, { failures: streak.failures + waiting.length, called: streak.called || calledLater });
    }
    if (state.lastRun?.runNumber === run.runNumber) {
      if (isVerdict) state.lastSuccessAt = state.lastRun.endedAt;
      show(account, { ...state.lastRun, ...run });
    }
    // If the workflow itself requested the intervention of a failed run while the ledger was unavailable, do not repeat it.
    await callHumanFor(account, called && !isVerdict ? [] : run.calls);
  }
}

/** Stores the result as the account's last run. */
function conclude(account: Account, result: RecordedRun, startedAt: string): void {
  const { state } = account;
  const endedAt = account.clock.nowText();
  if (result.outcome !== 'failed') {
    state.consecutiveFailures = 0;
    state.streakReported = false;
    state.lastSuccessAt = endedAt;
  }
  account.finished.set(account.begun, result);
  account.finished.delete(account.begun - KEPT_ANSWERS);
  account.phase = 'waiting';
  show(account, { ...result, startedAt, endedAt });
}

/** Writes only changed search attributes, so a clean run after a clean run adds nothing to the history. */
function show(account: Account, lastRun: NonNullable<Account['state']['lastRun']>): void {
  const { state } = account;
  const before = state.lastRun;
  state.lastRun = lastRun;
  const changes = [];
  if (before?.outcome !== lastRun.outcome) changes.push({ key: attributes.OUTCOME, value: lastRun.outcome });
  if (account.shownFailures !== state.consecutiveFailures || before === null) {
    changes.push({ key: attributes.CONSECUTIVE_FAILURES, value: state.consecutiveFailures });
    account.shownFailures = state.consecutiveFailures;
  }
  if (before?.openDiscrepancies !== lastRun.openDiscrepancies) {
    changes.push({ key: attributes.OPEN_DISCREPANCIES, value: lastRun.openDiscrepancies });
  }
  if (changes.length > 0) upsertSearchAttributes(changes);
  account.publish();
}

async function callHumanFor(account: Account, calls: readonly InterventionCall[]): Promise<void> {
  // The ledger decided on the calls in the run's transaction, which also closed the trading gate. Without the ledger only
  // the streak gives a call.
  const at = account.clock.nowText();
  const reasons = calls.map((call) => ({ ...call, at }));
  if (reasons.length === 0) return;
  await requestIntervention(account, reasons);
}

/** The answer to a failed run while the ledger is unavailable, from what the workflow knows. */
function unrecordedFailure(
  { key, observations }: RunInProgress,
  failure: Failure,
  before: RecordedRun | null,
  calls: InterventionCall[],
): RecordedRun {
  return {
    outcome: 'failed',
    runNumber: key.runNumber,
    looks: observations,
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
  return failed({
    kind: 'ledger',
    side: 'ledger',
    message: 'the ledger did not take earlier records, so no verdict can be recorded after them',
    where: null,
    remedy: 'Bring the ledger database back; what it missed is recorded then.',
    retryAfterMs: null,
  });
}

function endless(observations: number): ApplicationFailure {
  return failed({
    kind: 'incomplete',
    side: 'plumbline',
    message: `the workflow's history is full after ${observations} observations without a verdict`,
    where: null,
    remedy: 'Lower max_observations, or find who sends so many signals. The next run starts a new history.',
    retryAfterMs: null,
  });
}

function failed(failure: Failure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(failure.message, FAILURE_TYPE, failure);
}
