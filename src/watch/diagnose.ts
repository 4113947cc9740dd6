import { isFailing, type Execution } from './execution.js';
import type { Finding } from './finding.js';

/** What was seen of one account, from the ledger and from Temporal. */
export interface Seen {
  account: string;
  /** Whether the ledger says that the account is paused. Null: the ledger does not know the account. */
  paused: boolean | null;
  /** Null: Temporal was not asked, or did not answer. */
  workflow: Execution | null;
  /** Null: no intervention is open in the ledger, or Temporal did not answer. */
  intervention: Execution | null;
  /** Since when no worker has polled the task queue; null while one does. */
  noWorkerSince: Date | null;
  taskQueue: string;
  /** Why its workflow task fails, where that is known. */
  taskFailure: string | null;
  /** Since when the ledger waits for a sign of life. */
  overdue: Finding | null;
  at: Date;
}

/** What stops the account from being checked, the cause before its effect; null: nothing. Pure. */
export function diagnose(seen: Seen): Finding | null {
  return workflowGone(seen) ?? workerGone(seen) ?? taskFailing(seen) ?? seen.overdue ?? interventionLost(seen);
}

function workflowGone({ account, workflow, at }: Seen): Finding | null {
  if (workflow === null || workflow.kind === 'running') return null;
  if (workflow.kind === 'not_found' && workflow.heldBy !== undefined) {
    const text = `the account is not checked: its workflow ${endOf(workflow)}`;
    return { kind: 'no_workflow', since: at, text, remedy: OTHER_DEPLOYMENT_REMEDY };
  }
  return {
    kind: 'no_workflow',
    since: (workflow.kind === 'ended' ? workflow.at : null) ?? at,
    text: `the account is not checked: its workflow ${endOf(workflow)}`,
    remedy: `\`plumbline repair ${account}\` starts it again with the ledger's state`,
  };
}

function workerGone({ account, workflow, paused, noWorkerSince, taskQueue }: Seen): Finding | null {
  // A paused account asks nothing of a worker; one of another deployment has a worker of its own.
  if (noWorkerSince === null || paused === true) return null;
  if (workflow?.kind !== 'running' || workflow.taskQueue !== taskQueue) return null;
  return {
    kind: 'no_worker',
    since: noWorkerSince,
    text: `the account is not checked: no worker polls the task queue "${taskQueue}"`,
    remedy: `start \`plumbline worker\`, or see why it ended; ${account} goes on by itself then`,
  };
}

function taskFailing({ account, workflow, taskFailure, at }: Seen): Finding | null {
  if (workflow?.kind !== 'running' || !isFailing(workflow)) return null;
  return {
    kind: 'task_failing',
    since: workflow.taskSince ?? at,
    text: `the account is not checked: its workflow task fails (attempt ${workflow.taskAttempt}): ${taskFailure ?? 'see the log of the worker'}`,
    remedy: `\`plumbline repair ${account}\` says what it would do and starts it again with the ledger's state`,
  };
}

function interventionLost({ account, intervention, at }: Seen): Finding | null {
  if (intervention === null || (intervention.kind === 'running' && !isFailing(intervention))) return null;
  const what = intervention.kind === 'running' ? 'fails its task' : endOf(intervention);
  return {
    kind: 'intervention_lost',
    since: (intervention.kind === 'ended' ? intervention.at : null) ?? at,
    text: `nobody is reminded of the open intervention: its workflow ${what}`,
    remedy: `\`plumbline repair ${account}\` starts it again; \`plumbline acknowledge ${account}\` works without it`,
  };
}

export const OTHER_DEPLOYMENT_REMEDY =
  'give the account another name, or each deployment a Temporal namespace of its own (TEMPORAL_NAMESPACE)';

export function endOf(execution: Exclude<Execution, { kind: 'running' }>): string {
  if (execution.kind === 'not_found') {
    if (execution.heldBy === undefined) return 'does not exist';
    const { deployment, taskQueue } = execution.heldBy;
    return `is another deployment's (${deployment ?? `not in this ledger, on task queue "${taskQueue}"`})`;
  }
  const how = execution.status === 'completed' ? 'has ended' : `was ${execution.status.replaceAll('_', ' ')}`;
  return execution.at === null ? how : `${how} at ${execution.at.toISOString()}`;
}
