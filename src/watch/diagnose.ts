import { noWorkerText, type Routing } from '../runtime/task-queue-workers.js';
import { isFailing, type Execution } from './execution.js';
import type { SilenceFinding } from '../domain/gate/silence-finding.js';

/** What the ledger and Temporal show of one account. */
export interface Seen {
  account: string;
  /** Whether the account is paused in the ledger; null if the ledger does not know the account. */
  paused: boolean | null;
  /** Null if Temporal was not asked or did not answer. */
  workflow: Execution | null;
  /** Null if no intervention is open in the ledger, or Temporal did not answer. */
  intervention: Execution | null;
  /** Since when no worker that gets work has polled the task queue; null while one polls. */
  noWorkerSince: Date | null;
  routing: Routing;
  taskQueue: string;
  /** Why its workflow task fails; null if it does not, or the reason is not known. */
  taskFailure: string | null;
  /** The finding from the ledger that the sign of life is late; null if it is not. */
  overdue: SilenceFinding | null;
  at: Date;
}

/** What stops the account from being checked; null if nothing does. A cause takes precedence over its effects. Pure. */
export function diagnose(seen: Seen): SilenceFinding | null {
  return workflowGone(seen) ?? workerGone(seen) ?? taskFailing(seen) ?? seen.overdue ?? interventionLost(seen);
}

function workflowGone({ account, workflow, at }: Seen): SilenceFinding | null {
  if (workflow === null || workflow.kind === 'running') return null;
  if (workflow.kind === 'not_found' && workflow.heldBy !== undefined) {
    const text = `the account is not checked: its workflow ${endOf(workflow)}`;
    return { kind: 'no_workflow', since: at, text, remedy: OTHER_DEPLOYMENT_REMEDY };
  }
  return {
    kind: 'no_workflow',
    since: (workflow.kind === 'ended' ? workflow.at : null) ?? at,
    text: `the account is not checked: its workflow ${endOf(workflow)}`,
    remedy: `\`plumbline repair ${account}\` restarts it with the ledger's state`,
  };
}

function workerGone({ account, workflow, paused, noWorkerSince, taskQueue, routing }: Seen): SilenceFinding | null {
  // A paused account needs no worker. An account of another deployment has its own worker.
  if (noWorkerSince === null || paused === true) return null;
  if (workflow?.kind !== 'running' || workflow.taskQueue !== taskQueue) return null;
  const { text, remedy } = noWorkerText(taskQueue, routing);
  return {
    kind: 'no_worker',
    since: noWorkerSince,
    text: `the account is not checked: ${text}`,
    remedy: `${remedy}; then ${account} continues without further action`,
  };
}

function taskFailing({ account, workflow, taskFailure, at }: Seen): SilenceFinding | null {
  if (workflow?.kind !== 'running' || !isFailing(workflow)) return null;
  return {
    kind: 'task_failing',
    since: workflow.taskSince ?? at,
    text: `the account is not checked: its workflow task fails (attempt ${workflow.taskAttempt}): ${taskFailure ?? 'see the log of the worker'}`,
    remedy: `\`plumbline repair ${account}\` shows what it would do and restarts it with the ledger's state`,
  };
}

function interventionLost({ account, intervention, at }: Seen): SilenceFinding | null {
  if (intervention === null || (intervention.kind === 'running' && !isFailing(intervention))) return null;
  const what = intervention.kind === 'running' ? 'fails its task' : endOf(intervention);
  return {
    kind: 'intervention_lost',
    since: (intervention.kind === 'ended' ? intervention.at : null) ?? at,
    text: `nobody is reminded of the open intervention: its workflow ${what}`,
    remedy: `\`plumbline repair ${account}\` restarts it; \`plumbline acknowledge ${account}\` works without it`,
  };
}

export const OTHER_DEPLOYMENT_REMEDY =
  'give the account another name, or each deployment its own Temporal namespace (TEMPORAL_NAMESPACE)';

export function endOf(execution: Exclude<Execution, { kind: 'running' }>): string {
  if (execution.kind === 'not_found') {
    if (execution.heldBy === undefined) return 'does not exist';
    const { deployment, taskQueue } = execution.heldBy;
    return `belongs to another deployment (${deployment ?? `not in this ledger, on task queue "${taskQueue}"`})`;
  }
  const how = execution.status === 'completed' ? 'has ended' : `was ${execution.status.replaceAll('_', ' ')}`;
  return execution.at === null ? how : `${how} at ${execution.at.toISOString()}`;
}
