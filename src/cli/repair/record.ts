import type { InterventionRecord, RecordRequest } from '../../activities/activity-messages.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { Ledger } from '../../ledger/contract/ledger.js';

/** The result of recording the items that a workflow had not recorded. */
export interface Recorded {
  /** The interventions that follow from recorded runs. */
  calls: InterventionCall[];
  /** Items that the ledger refused permanently, and why. */
  refused: string[];
}

/**
 * Records the items that a workflow had not recorded, in order. Idempotent: each item is recorded once.
 *
 * @throws FailureError of kind `ledger` while the ledger is unreachable; nothing is lost then, because the items stay
 * in the history
 */
export async function recordAll(
  ledger: Ledger,
  reconciliation: readonly RecordRequest[],
  intervention: readonly InterventionRecord[],
): Promise<Recorded> {
  const recorded: Recorded = { calls: [], refused: [] };
  for (const item of reconciliation) {
    await tryRecord(recorded, item.kind, async () => recordItem(ledger, item, recorded));
  }
  for (const item of intervention) await tryRecord(recorded, item.kind, async () => recordIntervention(ledger, item));
  return recorded;
}

async function tryRecord(recorded: Recorded, kind: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FailureError && error.failure.kind === 'ledger') throw error;
    recorded.refused.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function recordItem(ledger: Ledger, item: RecordRequest, recorded: Recorded): Promise<void> {
  switch (item.kind) {
    case 'register': {
      const { account, exchange, policy, by = 'unknown', via } = item;
      await ledger.registerAccount({ account, exchange, policy, by, ...(via && { via }) });
      return;
    }
    case 'deactivate':
      return ledger.deactivateAccount(item.account, item.by, item.via);
    case 'cancelled':
      return ledger.recordCancellation(item);
    case 'pause': {
      const { account, paused, by, reason, requestId } = item;
      return ledger.recordPause({ account, paused, by, reason, requestId });
    }
    case 'refused':
      return ledger.recordRefusal(item);
    case 'failure': {
      const { nextRunAt: _unknownByNow, ...failure } = item;
      const { calls } = await ledger.recordFailure({
        ...failure,
        startedAt: new Date(item.startedAt),
        endedAt: new Date(item.endedAt),
      });
      recorded.calls.push(...calls);
    }
  }
}

async function recordIntervention(ledger: Ledger, item: InterventionRecord): Promise<void> {
  switch (item.kind) {
    case 'opened':
      return ledger.openIntervention(item);
    case 'reason':
      return ledger.addInterventionReason(item);
    case 'notified':
      return ledger.recordNotification(item);
    case 'receipt':
      return ledger.recordDelivery(item.batch, item.receipt);
    case 'snoozed':
      return ledger.snoozeIntervention({ ...item, until: new Date(item.until) });
    case 'acknowledged':
      return ledger.acknowledgeIntervention(item);
  }
}
