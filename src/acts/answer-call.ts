import type { InterventionStatus, PlumblineClient } from '../client.js';
import { PlumblineError } from '../client.js';
import { severityOf } from '../domain/lifecycle/intervention.js';
import type { OpenIntervention } from '../domain/lifecycle/known-account.js';
import type { Ledger } from '../ledger/contract/ledger.js';

/** How long the intervention's workflow may take to answer. */
const ANSWER_MS = 5_000;

export interface AnsweredCall {
  status: InterventionStatus;
  /** Null if the workflow recorded the answer. Otherwise why it could not; the ledger recorded the answer instead. */
  withoutWorkflow: string | null;
}

export interface CallParts<L> {
  client: () => Promise<PlumblineClient>;
  ledger: () => Promise<L>;
}

/**
 * Answers the open intervention through its workflow. If no workflow responds, the answer is recorded in the ledger, because
 * a human must be able to answer even if everything else is broken. A workflow that runs again later reads it there.
 *
 * @throws the workflow's refusal, or PlumblineError (`absent`) if no intervention is open
 */
export async function answerCall<L extends Pick<Ledger, 'openInterventionOf' | 'interventions'>>(
  parts: CallParts<L>,
  account: string,
  ways: {
    workflow: (client: PlumblineClient) => Promise<InterventionStatus>;
    ledger: (ledger: L, open: OpenIntervention) => Promise<void>;
  },
): Promise<AnsweredCall> {
  try {
    const client = await parts.client();
    return { status: await client.within(ANSWER_MS, async () => ways.workflow(client)), withoutWorkflow: null };
  } catch (error) {
    if (error instanceof PlumblineError && (error.reason === 'refused' || error.reason === 'invalid')) throw error;
    const ledger = await parts.ledger();
    const open = await ledger.openInterventionOf(account);
    if (open === null) throw noneOpen(account, error);
    await ways.ledger(ledger, open);
    const withoutWorkflow = error instanceof Error ? error.message : String(error);
    return { status: await statusIn(ledger, account, open), withoutWorkflow };
  }
}

export function noneOpen(account: string, cause?: unknown): PlumblineError {
  return new PlumblineError(`There is no open intervention for ${account}`, 'see `plumbline interventions`', {
    reason: 'absent',
    cause,
  });
}

async function statusIn(
  ledger: Pick<Ledger, 'interventions'>,
  account: string,
  open: OpenIntervention,
): Promise<InterventionStatus> {
  const rows = await ledger.interventions({ account, limit: 100 });
  const row = rows.find(({ id }) => id === open.interventionId);
  return {
    account,
    interventionId: open.interventionId,
    state: row?.state ?? 'open',
    openedAt: open.openedAt,
    severity: severityOf(open.reasons),
    reasons: open.reasons,
    notifiedTimes: open.notifiedTimes,
    channels: [],
    standing: true,
    snoozedUntil: row?.snoozedUntil?.toISOString() ?? null,
    snoozedBy: row?.snoozedBy ?? null,
    snoozeNote: row?.snoozeNote ?? null,
    acknowledgedBy: row?.acknowledgedBy ?? null,
  };
}
