import { boundedIntervention } from '../domain/lifecycle/bounded.js';
import { FailureError } from '../domain/failure/failure.js';
import type { OpenIntervention } from '../domain/lifecycle/known-account.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { InterventionAnswer, InterventionRecord } from './activity-messages.js';

/** Whether the account's intervention has a workflow that runs and whose tasks do not fail. */
export type ServesIntervention = (account: string) => Promise<boolean>;

/**
 * Returns an intervention that is open in the ledger and has no working workflow (cancelled, terminated, reset, stuck).
 * Null if there is none, or if Temporal or the ledger does not answer; the next run asks again.
 */
export async function lostIntervention(
  ledger: Pick<Ledger, 'openInterventionOf'>,
  isServed: ServesIntervention,
  account: string,
): Promise<OpenIntervention | null> {
  try {
    const open = await ledger.openInterventionOf(account);
    return open === null || (await isServed(account)) ? null : boundedIntervention(open);
  } catch {
    return null;
  }
}

/** Records one step of an intervention, and returns whether somebody has acknowledged it meanwhile. */
export async function recordIntervention(ledger: Ledger, record: InterventionRecord): Promise<InterventionAnswer> {
  try {
    await write(ledger, record);
  } catch (error) {
    if (record.account === undefined || record.kind === 'opened' || !isUnknown(error, record.interventionId))
      throw error;
    // The database was restored from a backup older than the intervention, which is still open.
    const at = new Date().toISOString();
    const reasons = [{ action: 'RESTORED', text: 'the ledger did not know this open intervention', at }];
    await ledger.openIntervention({ account: record.account, interventionId: record.interventionId, reasons });
    await write(ledger, record);
  }
  return { acknowledgedBy: await ledger.acknowledgedBy(record.interventionId) };
}

async function write(ledger: Ledger, record: InterventionRecord): Promise<void> {
  switch (record.kind) {
    case 'opened':
      return ledger.openIntervention(record);
    case 'reason':
      return ledger.addInterventionReason(record);
    case 'notified':
      return ledger.recordNotification(record);
    case 'receipt':
      return ledger.recordDelivery(record.batch, record.receipt);
    case 'snoozed':
      return ledger.snoozeIntervention({ ...record, until: new Date(record.until) });
    case 'acknowledged':
      return ledger.acknowledgeIntervention(record);
  }
}

function isUnknown(error: unknown, interventionId: string): boolean {
  return error instanceof FailureError && error.failure.kind === 'ledger' && error.failure.where === interventionId;
}
