import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import { ladderOf } from '../domain/lifecycle/ladder-state.js';
import type { Intervention } from './intervention.js';
import { intervening } from './proxies.js';

const DEFAULT_REMINDER_MINUTES = 60;

/**
 * Calls a human if no channel is configured: the worker writes a line to its log, and repeats it as a reminder. Returns when the
 * intervention is acknowledged, in the ledger too.
 *
 * If channels are configured later, the workflow continues as new with the ladder.
 */
export async function callByLog(intervention: Intervention): Promise<void> {
  // If the ledger refuses the acknowledgement, the intervention is not acknowledged and the loop goes on.
  do await waitForAnswer(intervention);
  while (intervention.answer === null);
}

/** Notifies and reminds until an acknowledgement is accepted and everything is recorded. */
async function waitForAnswer(intervention: Intervention): Promise<void> {
  const { clock, records } = intervention;
  while (intervention.answer === null) {
    intervention.takeFreshReasons();
    if (hasLadder(intervention)) await beginLadder(intervention);
    else if (intervention.snoozedUntil === null) await notify(intervention);
    if (workflowInfo().continueAsNewSuggested) await carryOn(intervention);
    if (isAnswered(intervention)) break;
    const seen = intervention.snoozedUntil;
    const woken = await condition(
      () =>
        intervention.answer !== null ||
        intervention.fresh.length > 0 ||
        intervention.snoozedUntil !== seen ||
        hasLadder(intervention),
      msToNextReminder(intervention),
      { summary: seen === null ? `reminder ${intervention.notifiedTimes}` : `snoozed until ${seen}` },
    );
    // The timer, never the clock, decides that a snooze has ended; see `Clock`.
    if (!woken && seen !== null) {
      clock.passed(Date.parse(seen));
      intervention.endSnooze();
    }
  }

  await condition(allHandlersFinished);
  await records.written();
}

async function notify(intervention: Intervention): Promise<void> {
  const { account, id: interventionId, reasons, input } = intervention;
  const count = intervention.notifiedTimes + 1;
  const summary = count === 1 ? 'call a human' : `remind, ${count}th call`;
  const answer = await intervening.notifyHuman.executeWithOptions({ summary }, [
    { account, exchange: input.exchange, interventionId, count, reasons },
  ]);
  if (answer?.acknowledgedBy) {
    intervention.answer ??= { by: answer.acknowledgedBy, note: null };
    return;
  }
  intervention.notified();
  intervention.publish();
}

async function carryOn(intervention: Intervention): Promise<void> {
  intervention.takeOverflow();
  await intervention.records.written();
  const { overflow, fresh, answer } = intervention;
  if (overflow !== null || fresh.length > 0 || answer !== null || !allHandlersFinished()) return;
  await intervention.continueAsNew({ carried: intervention.carried() });
}

function hasLadder({ moved, rules }: Intervention): boolean {
  return moved.rules && rules !== null && ladderOf(rules) !== null;
}

/** Returns only if the intervention has been acknowledged. Does not wait for the ledger. */
async function beginLadder(intervention: Intervention): Promise<void> {
  await condition(allHandlersFinished);
  if (intervention.answer !== null) return;
  intervention.takeFreshReasons();
  const unrecorded = [...intervention.records.waiting];
  await intervention.continueAsNew({ carried: { ...intervention.carried(), unrecorded } });
}

/** A function, because the compiler does not see that handlers change the field. */
function isAnswered({ answer }: Intervention): boolean {
  return answer !== null;
}

function msToNextReminder({ snoozedUntil, clock, notifiedTimes, input, rules }: Intervention): number {
  if (snoozedUntil !== null) return Math.max(Date.parse(snoozedUntil) - clock.nowMs(), 1);
  const reminderMinutes = rules?.reminderMinutes ?? input.reminderMinutes;
  const minutes = reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1] ?? DEFAULT_REMINDER_MINUTES;
  return minutes * 60_000;
}
