import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { InterventionFact } from '../activities/activity-messages.js';
import type { InterventionReason } from '../domain/intervention.js';
import {
  acknowledgeUpdate,
  addReasonSignal,
  interventionClosedSignal,
  interventionStatusQuery,
  reconciliationWorkflowId,
  snoozeUpdate,
  type InterventionStatus,
} from './messages.js';
import { intervening } from './proxies.js';

export interface InterventionInput {
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
  /** Only set by continue-as-new of an open intervention. */
  carried?: { interventionId: string; openedAt: string; notifiedTimes: number; snoozedUntil: string | null };
}

/** Reasons kept in full; a call that nobody answers for months must not outgrow its limits. */
const MAX_REASONS = 100;

/** One open call for a human. It stays open, and reminds, until a named human acknowledges it with a note. */
export async function manualIntervention(input: InterventionInput): Promise<void> {
  const { account, exchange, reminderMinutes } = input;
  const interventionId = input.carried?.interventionId ?? workflowInfo().runId;
  const openedAt = input.carried?.openedAt ?? new Date().toISOString();
  const reasons = [...input.reasons];
  /** Reasons that came and are not yet told to a human and the ledger. */
  const fresh: InterventionReason[] = [];
  let notifiedTimes = input.carried?.notifiedTimes ?? 0;
  let snoozedUntil = input.carried?.snoozedUntil ?? null;
  let acknowledgedBy: string | null = null;
  let recordedReasons = 0;
  /** The ledger learns in order and in its own time: a database that is away must not keep a human from being called. */
  let told: Promise<void> = Promise.resolve();

  setHandler(interventionStatusQuery, status);
  setHandler(addReasonSignal, (reason) => {
    fresh.push(reason);
    publish();
  });
  setHandler(
    acknowledgeUpdate,
    async ({ by, note }) => {
      // Guards a second acknowledge that comes while the first is being recorded: the ledger keeps the first.
      acknowledgedBy ??= by;
      await tell({ kind: 'acknowledged', interventionId, by, note });
      publish();
      return status();
    },
    {
      validator: ({ by, note }) => {
        if (acknowledgedBy !== null) refuse(`it was acknowledged by ${acknowledgedBy} already`);
        if (by.trim() === '') refuse('say who acknowledges (by)');
        if (note.trim() === '') refuse('say in a note what was found and done');
      },
    },
  );
  setHandler(
    snoozeUpdate,
    async ({ by, until, note }) => {
      snoozedUntil = new Date(until).toISOString();
      await tell({ kind: 'snoozed', interventionId, by, until: snoozedUntil, note });
      publish();
      return status();
    },
    {
      validator: ({ by, until, note }) => {
        if (acknowledgedBy !== null) refuse(`it was acknowledged by ${acknowledgedBy} already`);
        if (by.trim() === '') refuse('say who snoozes (by)');
        if (note.trim() === '') refuse('say in a note why it can wait');
        if (!(Date.parse(until) > Date.now())) refuse(`"${until}" is not a time in the future (ISO 8601)`);
      },
    },
  );

  publish();
  if (input.carried === undefined) {
    void tell({ kind: 'opened', interventionId, reasons: input.reasons });
  }

  while (acknowledgedBy === null) {
    takeFreshReasons();
    if (!isSnoozed()) {
      await notify();
    }
    if (workflowInfo().continueAsNewSuggested) await carryOn();
    const seen = snoozedUntil;
    await condition(() => acknowledgedBy !== null || fresh.length > 0 || snoozedUntil !== seen, msToNextReminder(), {
      summary: isSnoozed() ? `snoozed until ${snoozedUntil}` : `reminder ${notifiedTimes}`,
    });
  }

  await condition(allHandlersFinished);
  await told;
  // A reason that came after the acknowledgement was not seen by who acknowledged: it opens a call of its own.
  if (fresh.length > 0) {
    await makeContinueAsNewFunc<typeof manualIntervention>()({ account, exchange, reminderMinutes, reasons: fresh });
  }
  await tellParent();

  function tell(record: InterventionFact): Promise<void> {
    const recorded = told.then(() => intervening.recordIntervention({ ...record, account }));
    told = recorded.catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      log.error('The ledger refused a record of the intervention', { kind: record.kind, error });
    });
    return recorded;
  }

  function takeFreshReasons(): void {
    for (const reason of fresh.splice(0)) {
      const requestId = `${workflowInfo().runId}/reason/${++recordedReasons}`;
      void tell({ kind: 'reason', interventionId, requestId, reason });
      if (reasons.length < MAX_REASONS) reasons.push(reason);
    }
  }

  async function notify(): Promise<void> {
    notifiedTimes += 1;
    const requestId = `${workflowInfo().runId}/notification/${notifiedTimes}`;
    const summary = notifiedTimes === 1 ? 'call a human' : `remind, ${notifiedTimes}th call`;
    await intervening.notifyHuman.executeWithOptions({ summary }, [
      { account, exchange, interventionId, count: notifiedTimes, reasons },
    ]);
    void tell({ kind: 'notified', interventionId, requestId });
    publish();
  }

  async function tellParent(): Promise<void> {
    try {
      await getExternalWorkflowHandle(reconciliationWorkflowId(account)).signal(interventionClosedSignal, {
        interventionId,
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The account was stopped meanwhile: there is nobody to tell.
    }
  }

  async function carryOn(): Promise<void> {
    await told;
    if (fresh.length > 0 || acknowledgedBy !== null || !allHandlersFinished()) return;
    const carried = { interventionId, openedAt, notifiedTimes, snoozedUntil };
    await makeContinueAsNewFunc<typeof manualIntervention>()({ account, exchange, reminderMinutes, reasons, carried });
  }

  function isSnoozed(): boolean {
    return snoozedUntil !== null && Date.parse(snoozedUntil) > Date.now();
  }

  function msToNextReminder(): number {
    if (isSnoozed()) return Date.parse(snoozedUntil as string) - Date.now();
    const minutes = reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1] ?? 60;
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
    setCurrentDetails(renderIntervention(status()));
  }

  function refuse(why: string): never {
    throw ApplicationFailure.nonRetryable(`The call for ${account} cannot be changed: ${why}`, 'Refused');
  }
}

function renderIntervention(status: InterventionStatus): string {
  const answered =
    status.acknowledgedBy === null
      ? `called ${status.notifiedTimes} time(s)`
      : `acknowledged by ${status.acknowledgedBy}`;
  const reasons = status.reasons.map(({ at, action, text }) => `- ${at} \`${action}\` ${text}`);
  return [`**${status.account}: ${status.state}**, open since ${status.openedAt}, ${answered}`, '', ...reasons].join(
    '\n',
  );
}
