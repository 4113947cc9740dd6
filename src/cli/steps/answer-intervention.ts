import type { InterventionStatus, PlumblineClient } from '../../client.js';
import type { OpenIntervention } from '../../domain/lifecycle/known-account.js';
import type { Ledger } from '../../ledger/contract/ledger.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf } from '../context/errors.js';

/** How long the intervention's workflow may take to answer. */
const ANSWER_MS = 5_000;

export interface AnsweredCall {
  status: InterventionStatus;
  /** Null if the workflow took the answer; otherwise why it could not, so that the ledger took the answer instead. */
  withoutWorkflow: string | null;
}

/**
 * Answers the open intervention through its workflow. If no workflow answers, the ledger takes the answer, because a
 * human must be able to answer whatever else is broken. A workflow that comes back later reads the answer from the
 * ledger.
 *
 * @throws the workflow's refusal, or CommandError if no intervention is open
 */
export async function answerCall(
  context: CommandContext,
  account: string,
  ways: {
    workflow: (client: PlumblineClient) => Promise<InterventionStatus>;
    ledger: (ledger: Ledger, open: OpenIntervention) => Promise<void>;
  },
): Promise<AnsweredCall> {
  try {
    const client = await context.client();
    return { status: await client.within(ANSWER_MS, async () => ways.workflow(client)), withoutWorkflow: null };
  } catch (error) {
    if (isRefusal(error)) throw error;
    const ledger = await context.ledger();
    const open = await ledger.openInterventionOf(account);
    if (open === null) {
      throw new CommandError(`There is no open intervention for ${account}`, 'see `plumbline interventions`', {
        cause: error,
      });
    }
    await ways.ledger(ledger, open);
    return { status: await statusIn(ledger, account, open), withoutWorkflow: reportOf(error).message };
  }
}

/** The workflow received the request and refused it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return false;
  return error.cause.name === 'WorkflowUpdateFailedError';
}

async function statusIn(ledger: Ledger, account: string, open: OpenIntervention): Promise<InterventionStatus> {
  const rows = await ledger.interventions({ account, limit: 100 });
  const row = rows.find(({ id }) => id === open.interventionId);
  return {
    account,
    interventionId: open.interventionId,
    state: row?.state ?? 'open',
    openedAt: open.openedAt,
    reasons: open.reasons,
    notifiedTimes: open.notifiedTimes,
    snoozedUntil: row?.snoozedUntil?.toISOString() ?? null,
    acknowledgedBy: row?.acknowledgedBy ?? null,
  };
}
