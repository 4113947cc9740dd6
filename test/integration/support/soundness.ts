import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import {
  interventionStatusQuery,
  interventionWorkflowId,
  reconciliationWorkflowId,
} from '../../../src/workflows/messages.js';
import { failedTasks } from '../../support/failed-tasks.js';
import type { World } from './world.js';

const ANSWER_MS = 60_000;
const POLL_MS = 300;
/**
 * A workflow task or an activity with this many attempts counts as failing permanently: the test breaks nothing
 * outside.
 */
const TRIES = 4;

/** A client that accepts histories of any size: gRPC's own limit is 4 MiB, which a few large messages exceed. */
export async function roomyClient(temporal: { address: string; namespace: string }): Promise<Client> {
  const channelArgs = { 'grpc.max_receive_message_length': -1 };
  return new Client({
    connection: await Connection.connect({ address: temporal.address, channelArgs }),
    namespace: temporal.namespace,
  });
}

/** The faults of an account after all that was sent to it; empty if there are none. Requests a run. */
export async function faultsOfAccount(
  world: World,
  client: Client,
  account: string,
  answerMs = ANSWER_MS,
): Promise<string[]> {
  const handle = client.workflow.getHandle(reconciliationWorkflowId(account));
  const run = await unlessFailing(handle, world.client.runNow(account, 'ada'), answerMs);
  if (run instanceof Error) return [...(await faultsOfExecution(handle)), `no run: ${run.message}`];
  const faults: string[] = [];
  if (run.outcome !== 'matched') faults.push(`the run is ${run.outcome}: ${run.failure?.message ?? 'no failure'}`);
  if (run.lastEvent === null) faults.push('the run is not in the ledger');
  const status = await unlessFailing(handle, world.client.status(account));
  if (status instanceof Error) faults.push(`no status: ${status.message}`);
  else if (status.unrecordedRuns > 0) faults.push(`${status.unrecordedRuns} runs wait for the ledger`);
  const { accounts } = await world.ledger.verify(account);
  for (const { faults: found } of accounts) faults.push(...found.map(({ fault }) => `the ledger: ${fault}`));
  return [...faults, ...(await faultsOfExecution(handle))];
}

/** The same for the account's open intervention: it must answer, and what is sent to it must reach the ledger. */
export async function faultsOfIntervention(world: World, client: Client, account: string): Promise<string[]> {
  const handle = client.workflow.getHandle(interventionWorkflowId(account));
  const text = `a good reason at ${Date.now()}`;
  await handle.signal('addReason', { action: 'AFTER', text, at: new Date().toISOString() });
  const deadline = Date.now() + ANSWER_MS;
  const recorded = async (): Promise<boolean> => {
    while (Date.now() < deadline) {
      const rows = await world.ledger.interventions({ account, limit: 100 });
      if (rows.some(({ reasons }) => reasons.some((reason) => reason.text === text))) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`not within ${ANSWER_MS} ms`);
  };
  const faults: string[] = [];
  const isRecorded = await unlessFailing(handle, recorded());
  if (isRecorded instanceof Error) faults.push(`a good reason after it is not in the ledger: ${isRecorded.message}`);
  const status = await unlessFailing(handle, handle.query(interventionStatusQuery));
  if (status instanceof Error) faults.push(`no status: ${status.message}`);
  return [...(await faultsOfExecution(handle)), ...faults];
}

/** Failed workflow tasks, past and present, and activities that keep failing; each once. */
export async function faultsOfExecution(handle: WorkflowHandle): Promise<string[]> {
  const { raw } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const faults = failedTasks(events ?? []);
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  // On a busy machine a task that takes ten seconds gets a second attempt; a failing one soon has more.
  if (attempt >= TRIES && faults.length === 0) faults.push(`its workflow task is at attempt ${attempt}`);
  for (const { activityType, attempt: tries, lastFailure } of raw.pendingActivities ?? []) {
    if ((tries ?? 1) < TRIES) continue;
    faults.push(`activity ${activityType?.name}, attempt ${tries}: ${lastFailure?.message ?? 'no message'}`);
  }
  return [...new Set(faults.map((fault) => fault.slice(0, 200)))];
}

/** The answer, or why there is none: it took too long, or the workflow or one of its activities keeps failing. */
async function unlessFailing<T>(handle: WorkflowHandle, answer: Promise<T>, answerMs = ANSWER_MS): Promise<T | Error> {
  let isOver = false;
  const failing = async (): Promise<Error> => {
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const { raw } = await handle.describe();
      if ((raw.pendingWorkflowTask?.attempt ?? 1) >= TRIES) return new Error('its workflow task keeps failing');
      const stuck = raw.pendingActivities?.find(({ attempt }) => (attempt ?? 1) >= TRIES);
      if (stuck !== undefined) return new Error(`activity ${stuck.activityType?.name} keeps failing`);
    }
    return new Error('over');
  };
  try {
    return await within(answerMs, Promise.race([answer, failing()]));
  } finally {
    isOver = true;
  }
}

/** The answer, or why there is none. */
export async function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T | Error> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([answer.catch((error: unknown) => toError(error)), late]);
  } finally {
    clearTimeout(timer);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
