import { randomUUID } from 'node:crypto';
import type { InterventionRecord, RecordRequest } from '../../activities/activity-messages.js';
import { interventionWorkflowId, reconciliationWorkflowId, type PlumblineClient } from '../../client.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { AccountTotals, Ledger } from '../../ledger/contract/ledger.js';
import { lastPollOf } from '../../runtime/task-queue-workers.js';
import { describeExecution, isFailing, taskFailure, type Execution } from '../../watch/execution.js';
import { asSeenBy } from '../../watch/ownership.js';
import { stepsOf, type Found, type RepairPlan } from './plan.js';
import { recordAll } from './record.js';
import { unrecordedIn, type PendingSignal } from './unrecorded.js';

export interface RepairRequest {
  account: string;
  by: string;
  client: PlumblineClient;
  ledger: Ledger;
  /** Used for an account that the ledger does not know. */
  configured: { exchange: string; policy: Policy } | null;
}

const NOTHING = { records: [], signals: [] };
/** Number of newest events that are searched for the reasons of an intervention that is due. */
const CALL_EVENTS = 200;

/** Finds out what is wrong. Changes nothing. */
export async function investigate({ account, client, ledger }: RepairRequest): Promise<Found> {
  const { temporal } = client;
  const [id, interventionId] = [reconciliationWorkflowId(account), interventionWorkflowId(account)];
  const [own, totals, open, described, intervention] = await Promise.all([
    ledger.deploymentId(),
    ledger.account(account),
    ledger.openInterventionOf(account),
    describeExecution(temporal, id),
    describeExecution(temporal, interventionId),
  ]);
  const workflow = asSeenBy(account, described, { own, knows: () => totals !== null });
  const owed = needsReading(workflow)
    ? await unrecordedIn(temporal, { workflowId: id, runId: workflow.runId }, 'record', carriedOutbox)
    : NOTHING;
  const owedByIntervention = needsReading(intervention)
    ? await unrecordedIn(temporal, { workflowId: interventionId, runId: intervention.runId }, 'recordIntervention')
    : NOTHING;
  return {
    account,
    totals,
    workflow,
    taskFailure:
      workflow.kind === 'running' && isFailing(workflow) ? await taskFailure(temporal, id, workflow.runId) : null,
    setAside: workflow.kind === 'running' && !isFailing(workflow) ? await setAsideBy(client, account) : 0,
    records: owed.records.filter(hasKind) as RecordRequest[],
    signals: owed.signals,
    open,
    intervention,
    interventionRecords: owedByIntervention.records.filter(hasKind) as InterventionRecord[],
    interventionSignals: owedByIntervention.signals,
  };
}

/** A healthy workflow needs no repair, so its history need not be read. */
function needsReading(execution: Execution): execution is Exclude<Execution, { kind: 'not_found' }> {
  return execution.kind === 'ended' || isFailing(execution);
}

function hasKind(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'kind' in item && typeof item.kind === 'string';
}

/** The items that the workflow's previous execution handed over because it could not record them either. */
function carriedOutbox(argument: unknown): unknown[] {
  const { carried } = (argument ?? {}) as { carried?: { outbox?: unknown; inbox?: unknown; setAside?: unknown } };
  const setAside = listOf(carried?.setAside).map((entry) => (entry as { item?: unknown } | null)?.item);
  return [...setAside, ...listOf(carried?.outbox), ...listOf(carried?.inbox)];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * How long a workflow may take to report its set-aside records; if it does not answer, it is treated as having none.
 */
const ANSWER_MS = 3_000;

async function setAsideBy(client: PlumblineClient, account: string): Promise<number> {
  if (lastPollOf(await client.workers()) === null) return 0;
  try {
    return (await client.within(ANSWER_MS, async () => client.status(account))).setAside;
  } catch {
    return 0;
  }
}

/**
 * Carries out the plan. Each step is idempotent, so an interrupted repair can simply be repeated.
 *
 * @returns what was done and what the ledger refused, one line each
 * @throws FailureError while the ledger is unreachable; nothing is terminated then
 */
export async function carryOut(request: RepairRequest, found: Found, plan: RepairPlan): Promise<string[]> {
  const { account, by, client, ledger } = request;
  const { temporal } = client;
  const reason = `plumbline repair by ${by}: ${plan.found.join('; ')}`.slice(0, 1_000);
  const actions = stepsOf(plan, found.totals);
  const recorded = await recordAll(ledger, plan.record, plan.recordIntervention);
  actions.push(...recorded.refused.map((refused) => `the ledger refused ${refused}`));

  if (plan.retrySetAside) {
    const left = await client.retrySetAside(account, by);
    if (left > 0) actions.push(`the ledger refused ${left} of them again`);
  }
  if (plan.terminate) await terminate(reconciliationWorkflowId(account), found.workflow);
  if (plan.terminateIntervention) await terminate(interventionWorkflowId(account), found.intervention);
  const totals = await ledger.account(account);
  const registration = totals ?? request.configured;
  if (plan.start && registration !== null) {
    const { exchange, policy } = registration;
    await client.start({ account, exchange, policy }, by, { via: 'cli' }).catch(unlessItRuns);
    await resend(reconciliationWorkflowId(account), plan.resend);
  }
  if (plan.startIntervention && registration !== null) await startIntervention(registration, totals, recorded.calls);
  if (totals !== null) {
    const requestId = `repair/${randomUUID()}`;
    await ledger.recordRepair({ account, by, via: 'cli', requestId, found: plan.found.join('; '), actions });
  }
  return actions;

  async function terminate(workflowId: string, execution: Execution): Promise<void> {
    if (execution.kind !== 'running') return;
    await temporal.workflow.getHandle(workflowId, execution.runId).terminate(reason);
  }

  async function resend(workflowId: string, signals: readonly PendingSignal[]): Promise<void> {
    const handle = temporal.workflow.getHandle(workflowId);
    for (const { name, args } of signals) await handle.signal(name, ...args);
  }

  async function startIntervention(
    { exchange, policy }: { exchange: string; policy: Policy },
    known: AccountTotals | null,
    calls: readonly { action: string; text: string }[],
  ): Promise<void> {
    const open = await ledger.openInterventionOf(account);
    const at = new Date().toISOString();
    const due = calls.length > 0 ? calls.map((call) => ({ ...call, at })) : await reasonsDue(ledger, account, known);
    const reasons = open?.reasons ?? due;
    if (reasons.length === 0) return;
    const input = { account, exchange, reminderMinutes: policy.reminderMinutes, reasons };
    const carried =
      open === null
        ? {}
        : {
            carried: {
              interventionId: open.interventionId,
              openedAt: open.openedAt,
              notifiedTimes: open.notifiedTimes,
              snoozedUntil: open.snoozedUntil,
            },
          };
    const workflowId = interventionWorkflowId(account);
    await temporal.workflow
      .start('manualIntervention', {
        workflowId,
        taskQueue: client.taskQueue,
        args: [{ ...input, ...carried }],
        staticSummary: `A human is called for ${account}`,
      })
      .catch(unlessItRuns);
    const missed = open === null ? [] : due.map((call) => ({ name: 'addReason', args: [call] }));
    await resend(workflowId, [...plan.resendIntervention, ...missed]);
  }
}

/** Another repair was faster, or the account's new workflow started it: the wanted workflow already runs. */
function unlessItRuns(error: unknown): void {
  const names = error instanceof Error ? [error.name, error.cause instanceof Error ? error.cause.name : ''] : [];
  if (!names.includes('WorkflowExecutionAlreadyStartedError')) throw error;
}

/** The reasons of an intervention that is due according to the ledger, read from its events. */
async function reasonsDue(
  ledger: Ledger,
  account: string,
  totals: AccountTotals | null,
): Promise<InterventionReason[]> {
  const since = totals?.callDueSince ?? null;
  if (since === null) return [];
  const events = await ledger.events(account, { limit: CALL_EVENTS });
  return events
    .filter(({ type, at }) => type === 'MANUAL_INTERVENTION' && at.getTime() >= since.getTime())
    .map(({ payload, at }) => {
      const texts = [payload['description'], payload['text'], payload['reason'], payload['action']];
      const text = texts.find((value): value is string => typeof value === 'string') ?? 'see its events';
      return { action: String(payload['action']), text, at: at.toISOString() };
    });
}
