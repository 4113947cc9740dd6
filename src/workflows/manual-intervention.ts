import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { InterventionRecord } from '../activities/activity-messages.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import { Clock } from './clock.js';
import { renderIntervention } from './intervention-report.js';
import {
  acknowledgeUpdate,
  addReasonSignal,
  interventionClosedSignal,
  interventionOpenedSignal,
  interventionStatusQuery,
  interventionWorkflowId,
  reconciliationWorkflowId,
  snoozeUpdate,
  type InterventionStatus,
} from './messages.js';
import { intervening } from './proxies.js';
import { isCurrent } from './release.js';
import * as validate from './validate.js';

export interface InterventionInput {
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
  /** Set by continue-as-new of an open intervention, and when a lost one is restarted from the ledger. */
  carried?: { interventionId: string; openedAt: string; notifiedTimes: number; snoozedUntil: string | null };
  /** Set by continue-as-new if reasons came after an acknowledgement. */
  again?: {
    interventionId: string;
    /** Whether the account's workflow assumes that no intervention is open, and must be told about this one. */
    late: boolean;
  };
}

/** How many reasons are kept in full and recorded one by one; further ones are counted. */
const MAX_REASONS = LIMITS.reasons.value;
const DEFAULT_REMINDER_MINUTES = 60;

/**
 * One open intervention. It stays open, and sends reminders, until a named human acknowledges it with a note. A cancellation
 * does not end it. If a human acknowledged it in the ledger while this workflow did not answer, the answer to the next
 * record says so.
 *
 * @throws ApplicationFailure (Refused) for invalid arguments, and for a workflow id that is not the account's
 */
export async function manualIntervention(input: InterventionInput): Promise<void> {
  if (workflowInfo().continuedFromExecutionRunId === undefined && isCurrent()) refuseWrongStart(input);
  await CancellationScope.nonCancellable(async () => intervene(input));
}

async function intervene(input: InterventionInput): Promise<void> {
  const { account, exchange, reminderMinutes } = input;
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const clock = new Clock();
  const interventionId = input.carried?.interventionId ?? input.again?.interventionId ?? ownId();
  const openedAt = input.carried?.openedAt ?? clock.nowText();
  const reasons = [...input.reasons];
  /** Reasons that arrived and were neither notified nor recorded yet. */
  const fresh: InterventionReason[] = [];
  /** Reasons beyond the limit, until they are recorded as one. */
  let overflow: { count: number; newest: InterventionReason } | null = null;
  let notifiedTimes = input.carried?.notifiedTimes ?? 0;
  let snoozedUntil = input.carried?.snoozedUntil ?? null;
  let acknowledgedBy: string | null = null;
  let refused: string | null = null;
  let recordedReasons = 0;
  /**
   * The chain of records. It is in order and not awaited before a notification, because an unavailable database must not
   * delay the notification of a human.
   */
  let recorded: Promise<void> = Promise.resolve();

  if (!isContinued || input.carried === undefined) {
    // Before the handlers are set: an acknowledgement may have arrived already, and the ledger must have the intervention
    // that it acknowledges. For a restarted intervention the ledger keeps what it has.
    void record({ kind: 'opened', account, interventionId, reasons: input.reasons });
  }
  setHandler(interventionStatusQuery, status, { description: 'Why a human is called, and what became of it' });
  setHandler(
    addReasonSignal,
    (payload: unknown) => {
      const checked = validate.checkReason(payload);
      if (!checked.ok) refused = `a reason from ${validate.senderOf(payload)} was refused: ${checked.problem}`;
      else if ((acknowledgedBy === null ? reasons.length : 0) + fresh.length < MAX_REASONS) fresh.push(checked.value);
      else overflow = { count: (overflow?.count ?? 0) + 1, newest: checked.value };
      publish();
    },
    { description: 'Sent by the account\'s workflow. {"action": "...", "text": "...", "at": "2026-11-22T15:00:00Z"}' },
  );
  setHandler(
    acknowledgeUpdate,
    uncancelled(async (payload) => {
      const { by, note } = valueOf(validate.checkAcknowledge(payload));
      // A second acknowledgement may come while the first is being recorded. The ledger keeps the first.
      acknowledgedBy ??= by;
      takeOverflow();
      try {
        await record({ kind: 'acknowledged', account, interventionId, by, note });
      } catch (error) {
        acknowledgedBy = null;
        throw error;
      }
      publish();
      return status();
    }),
    {
      validator: (...payloads: unknown[]) => {
        refuseUnanswerable(payloads);
        valueOf(validate.checkAcknowledge(payloads[0]));
      },
      description: 'Ends the reminders: "I have it". Payload: {"by": "ada", "note": "closed the position by hand"}',
    },
  );
  setHandler(
    snoozeUpdate,
    uncancelled(async (payload) => {
      const { by, until, note } = valueOf(validate.checkSnooze(payload, null));
      snoozedUntil = until;
      await record({ kind: 'snoozed', account, interventionId, by, until, note });
      publish();
      return status();
    }),
    {
      validator: (...payloads: unknown[]) => {
        refuseUnanswerable(payloads);
        valueOf(validate.checkSnooze(payloads[0], clock.nowMs()));
      },
      description: 'No reminders until then. Payload: {"by": "ada", "until": "2026-11-22T18:00:00Z", "note": "on it"}',
    },
  );

  publish();
  if (input.again?.late === true) await reportToParent('opened');

  // If the ledger refuses the acknowledgement, the intervention is not acknowledged and the loop goes on.
  do await waitForAnswer();
  while (!isAnswered());
  keepOverflow();
  // The person who acknowledged has not seen a reason that came later, so it opens a new intervention.
  if (fresh.length > 0) await openAnew(false);
  await reportToParent('closed');
  // The same for a reason that came during that signal. Nothing may be awaited between this check and the end.
  keepOverflow();
  if (isCurrent() && fresh.length > 0) await openAnew(true);

  /** Notifies and reminds until an acknowledgement is accepted and everything is recorded. */
  async function waitForAnswer(): Promise<void> {
    while (acknowledgedBy === null) {
      takeFreshReasons();
      if (!isSnoozed()) await notify();
      if (workflowInfo().continueAsNewSuggested) await carryOn();
      if (isAnswered()) break;
      const seen = snoozedUntil;
      const woken = await condition(
        () => acknowledgedBy !== null || fresh.length > 0 || snoozedUntil !== seen,
        msToNextReminder(),
        { summary: isSnoozed() ? `snoozed until ${snoozedUntil}` : `reminder ${notifiedTimes}` },
      );
      // The timer, never the clock, decides that a snooze has ended; see `Clock`.
      if (!woken && seen !== null) {
        clock.passed(Date.parse(seen));
        snoozedUntil = null;
      }
    }

    await condition(allHandlersFinished);
    await recorded;
  }

  function keepOverflow(): void {
    if (overflow !== null) fresh.push(overflow.newest);
    overflow = null;
  }

  async function openAnew(late: boolean): Promise<void> {
    const again = { interventionId: uuid4(), late };
    await makeContinueAsNewFunc<typeof manualIntervention>()({
      account,
      exchange,
      reminderMinutes,
      reasons: fresh,
      again,
    });
  }

  function record(request: InterventionRecord): Promise<void> {
    const recording = recordAfter(recorded, request);
    recorded = recording.catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      log.error('The ledger refused a record of the intervention', { kind: request.kind, error });
    });
    return recording;
  }

  async function recordAfter(earlier: Promise<void>, request: InterventionRecord): Promise<void> {
    await earlier;
    const answer = await intervening.recordIntervention(request);
    const answeredBy = answer?.acknowledgedBy ?? null;
    if (request.kind === 'acknowledged' || answeredBy === null) return;
    // Somebody acknowledged in the ledger while this workflow did not answer.
    acknowledgedBy ??= answeredBy;
    // That person has not seen this reason, so it opens a new intervention.
    if (request.kind === 'reason') fresh.push(request.reason);
  }

  function takeFreshReasons(): void {
    for (const reason of fresh.splice(0)) {
      const requestId = `${workflowInfo().runId}/reason/${++recordedReasons}`;
      void recordQuietly({ kind: 'reason', account, interventionId, requestId, reason });
      reasons.push(reason);
    }
    takeOverflow();
  }

  /** Writes at most one record per reminder, however many reasons come. */
  function takeOverflow(): void {
    if (overflow === null) return;
    const { count, newest } = overflow;
    overflow = null;
    const requestId = `${workflowInfo().runId}/reason/${++recordedReasons}`;
    const reason = { ...newest, text: `${count} more reasons; the newest: ${newest.text}` };
    void recordQuietly({ kind: 'reason', account, interventionId, requestId, reason });
  }

  async function notify(): Promise<void> {
    const count = notifiedTimes + 1;
    const requestId = `${workflowInfo().runId}/notification/${count}`;
    const summary = count === 1 ? 'call a human' : `remind, ${count}th call`;
    const answer = await intervening.notifyHuman.executeWithOptions({ summary }, [
      { account, exchange, interventionId, count, reasons },
    ]);
    if (answer?.acknowledgedBy) {
      acknowledgedBy ??= answer.acknowledgedBy;
      return;
    }
    notifiedTimes = count;
    void recordQuietly({ kind: 'notified', account, interventionId, requestId });
    publish();
  }

  /** Ignores the error, because `record` logs what the ledger refuses. */
  function recordQuietly(request: InterventionRecord): Promise<void> {
    return record(request).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
  }

  async function reportToParent(what: 'opened' | 'closed'): Promise<void> {
    const signal = what === 'opened' ? interventionOpenedSignal : interventionClosedSignal;
    try {
      await getExternalWorkflowHandle(reconciliationWorkflowId(account)).signal(signal, { interventionId });
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The account was stopped meanwhile, so no workflow receives the signal.
    }
  }

  async function carryOn(): Promise<void> {
    takeOverflow();
    await recorded;
    if (overflow !== null || fresh.length > 0 || acknowledgedBy !== null || !allHandlersFinished()) return;
    const carried = { interventionId, openedAt, notifiedTimes, snoozedUntil };
    await makeContinueAsNewFunc<typeof manualIntervention>()({ account, exchange, reminderMinutes, reasons, carried });
  }

  /** A function, because the compiler does not see that handlers change the variable. */
  function isAnswered(): boolean {
    return acknowledgedBy !== null;
  }

  function isSnoozed(): boolean {
    return snoozedUntil !== null;
  }

  function msToNextReminder(): number {
    if (snoozedUntil !== null) return Math.max(Date.parse(snoozedUntil) - clock.nowMs(), 1);
    const minutes = reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1] ?? DEFAULT_REMINDER_MINUTES;
    return minutes * 60_000;
  }

  function status(): InterventionStatus {
    const state = acknowledgedBy === null ? (isSnoozed() ? 'snoozed' : 'open') : 'acknowledged';
    return {
      account,
      interventionId,
      state,
      openedAt,
      reasons: [...reasons, ...fresh],
      notifiedTimes,
      snoozedUntil,
      acknowledgedBy,
    };
  }

  function publish(): void {
    setCurrentDetails(renderIntervention(status(), { uncounted: overflow?.count ?? 0, refused }));
  }

  function refuseUnanswerable(payloads: readonly unknown[]): void {
    const problem = validate.payloadsProblem(payloads);
    if (problem !== null) refuse(problem);
    if (acknowledgedBy !== null) refuse(`it was acknowledged by ${acknowledgedBy} already`);
  }

  function valueOf<T>(checked: validate.Checked<T>): T {
    return checked.ok ? checked.value : refuse(checked.problem);
  }

  function refuse(why: string): never {
    throw ApplicationFailure.nonRetryable(`The call for ${account} cannot be changed: ${why}`, 'Refused');
  }
}

/** Runs a handler in a non-cancellable scope, because the workflow's own scope may be cancelled. */
function uncancelled<Request, Answer>(handler: (request: Request) => Promise<Answer>) {
  return async (request: Request): Promise<Answer> => CancellationScope.nonCancellable(async () => handler(request));
}

/** The id of a new intervention. It stays the same if the workflow is reset. */
function ownId(): string {
  const { continuedFromExecutionRunId, firstExecutionRunId, runId } = workflowInfo();
  return continuedFromExecutionRunId === undefined ? firstExecutionRunId : runId;
}

/** Anybody may start this workflow with any arguments. It ends with the reason instead of failing its workflow task. */
function refuseWrongStart(input: InterventionInput): void {
  const problem = startProblem(input);
  if (problem !== null) throw ApplicationFailure.nonRetryable(`No intervention was opened: ${problem}`, 'Refused');
}

function startProblem(input: unknown): string | null {
  const checked = validate.checkInterventionStart(input);
  if (!checked.ok) return checked.problem;
  const id = interventionWorkflowId(checked.value.account);
  const { workflowId } = workflowInfo();
  if (workflowId !== id)
    return `${checked.value.account} has its interventions under the workflow id ${id}, not ${workflowId}`;
  const { again, carried } = input as InterventionInput;
  if (again !== undefined) return 'again is set by continue-as-new only';
  if (carried === undefined) return null;
  const checkedCarried = validate.checkCarriedIntervention(carried);
  return checkedCarried.ok ? null : checkedCarried.problem;
}
