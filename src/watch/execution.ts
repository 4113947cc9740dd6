import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { DEPLOYMENT_MEMO, deploymentIn, reconciliationWorkflowId, type PlumblineClient } from '../client.js';

// The package is CommonJS, so Node cannot import names from it.
const { EventType } = proto.temporal.api.enums.v1;

/** A workflow as the Temporal server describes it. This needs no worker, so it works even if the workflow does not answer. */
export type Execution =
  | {
      kind: 'running';
      runId: string;
      taskQueue: string;
      /** The attempt of its current workflow task; 1 if none has failed, 0 without a task. */
      taskAttempt: number;
      taskSince: Date | null;
      /** Types of the pending activities. */
      activities: string[];
      /** The deployment that started it; null if the memo does not have it. */
      deployment: string | null;
    }
  | { kind: 'ended'; runId: string; taskQueue: string; status: string; at: Date | null; deployment: string | null }
  | {
      kind: 'not_found';
      /** The other deployment that has the workflow of this name, if there is one. */
      heldBy?: { deployment: string | null; taskQueue: string };
    };

/** @throws the error of the connection if Temporal cannot be reached */
export async function describeExecution(temporal: Client, workflowId: string): Promise<Execution> {
  try {
    const { runId, taskQueue, status, closeTime, raw, memo } = await temporal.workflow.getHandle(workflowId).describe();
    const deployment = deploymentIn(memo);
    if (status.name !== 'RUNNING') {
      return { kind: 'ended', runId, taskQueue, status: status.name.toLowerCase(), at: closeTime ?? null, deployment };
    }
    const task = raw.pendingWorkflowTask;
    return {
      kind: 'running',
      runId,
      taskQueue,
      taskAttempt: task?.attempt ?? 0,
      taskSince: dateOf(task?.originalScheduledTime ?? task?.scheduledTime),
      activities: (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '?'),
      deployment,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'not_found' };
    throw error;
  }
}

/** A pending activity, as the server describes it. */
export interface PendingWork {
  /** The activity's type. */
  name: string;
  attempt: number;
  /** Why the previous attempt failed; null on the first. */
  failure: string | null;
  /** The current step that a long read reports; null if it has not reported one. */
  step: string | null;
}

/**
 * What the workflow waits for now. This needs no worker.
 *
 * @throws the error of the connection if Temporal cannot be reached, WorkflowNotFoundError
 */
export async function pendingWork(temporal: Client, workflowId: string): Promise<PendingWork[]> {
  const { raw } = await temporal.workflow.getHandle(workflowId).describe();
  const { loadedDataConverter } = temporal.options;
  return Promise.all(
    (raw.pendingActivities ?? []).map(async ({ activityType, attempt, lastFailure, heartbeatDetails }) => {
      const [step] = await decodeArrayFromPayloads(loadedDataConverter, heartbeatDetails?.payloads);
      const failure = await decodeOptionalFailureToOptionalError(loadedDataConverter, lastFailure);
      return {
        name: activityType?.name ?? '?',
        attempt: attempt ?? 1,
        failure: firstLine(failure?.message),
        step: typeof step === 'string' ? step : null,
      };
    }),
  );
}

/** Executions in one page of a list; Temporal's maximum. */
const PAGE = 1_000;

/**
 * The accounts whose workflow runs on the client's task queue, from Temporal's list. The list lags a little, and does not
 * show whether a workflow task fails.
 */
export async function listRunning(client: PlumblineClient): Promise<Map<string, Execution>> {
  const { temporal, taskQueue } = client;
  const { workflowService } = temporal.connection;
  const running = new Map<string, Execution>();
  const query = `WorkflowType = 'reconciliation' AND ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue.replaceAll("'", "''")}'`;
  let nextPageToken: Uint8Array = new Uint8Array();
  const deployments = new Map<string, string | null>();
  // Thousands of workflows share a few deployments, so each payload is decoded once.
  const deploymentOf = async (payload: Payload): Promise<string | null> => {
    const bytes = Buffer.from(payload.data ?? []).toString('latin1');
    const encoding = Buffer.from(payload.metadata?.['encoding'] ?? []).toString('latin1');
    const known = deployments.get(`${encoding} ${bytes}`);
    if (known !== undefined) return known;
    const [stored] = await decodeArrayFromPayloads(temporal.options.loadedDataConverter, [payload]);
    const deployment = deploymentIn({ [DEPLOYMENT_MEMO]: stored });
    deployments.set(`${encoding} ${bytes}`, deployment);
    return deployment;
  };
  do {
    const page: Awaited<ReturnType<typeof workflowService.listWorkflowExecutions>> =
      await workflowService.listWorkflowExecutions({
        namespace: temporal.options.namespace,
        pageSize: PAGE,
        nextPageToken,
        query,
      });
    for (const { execution, memo } of page.executions) {
      const account = execution?.workflowId?.slice(reconciliationWorkflowId('').length) ?? '';
      const runId = execution?.runId ?? '';
      const payload = memo?.fields?.[DEPLOYMENT_MEMO];
      const deployment = payload ? await deploymentOf(payload) : null;
      running.set(account, {
        kind: 'running',
        runId,
        taskQueue,
        taskAttempt: 0,
        taskSince: null,
        activities: [],
        deployment,
      });
    }
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  return running;
}

/** Whether the workflow's current task has failed at least once. */
export function isFailing(execution: Execution): boolean {
  return execution.kind === 'running' && execution.taskAttempt > 1;
}

/** How many events from the end of a history are searched for the failure of the current task. */
const TAIL_EVENTS = 20;

/** Why the workflow's last failed task failed, as the worker reported it; null if the history does not show it. */
export async function taskFailure(temporal: Client, workflowId: string, runId: string): Promise<string | null> {
  const { history } = await temporal.connection.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: temporal.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: TAIL_EVENTS,
  });
  for (const event of history?.events ?? []) {
    if (event.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED) {
      return firstLine(event.workflowTaskFailedEventAttributes?.failure?.message);
    }
    if (event.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT) {
      return 'a worker took it and did not answer in time';
    }
    if (event.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) return null;
  }
  return null;
}

function firstLine(message: string | null | undefined): string | null {
  const line = message?.split('\n')[0]?.trim() ?? '';
  return line === '' ? null : line.slice(0, 300);
}

type Timestamp = Parameters<typeof tsToMs>[0];

function dateOf(timestamp: Timestamp): Date | null {
  return timestamp === null || timestamp === undefined ? null : new Date(tsToMs(timestamp));
}
