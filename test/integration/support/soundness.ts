import type { WorkflowHandle } from '@temporalio/client';
import {
  interventionStatusQuery,
  interventionWorkflowId,
  reconciliationWorkflowId,
} from '../../../src/workflows/messages.js';
import { failedTasks } from '../../support/failed-tasks.js';
import type { World } from './world.js';

const RUN_MS = 20_000;
/** An activity that was tried this often is not retried for a passing reason: the test breaks nothing outside. */
const TRIES = 4;

/** What is wrong with an account after all that was sent to it; empty where nothing is. Asks for a run. */
export async function faultsOfAccount(world: World, account: string, patienceMs = RUN_MS): Promise<string[]> {
  const run = await within(patienceMs, world.client.runNow(account, 'ada'));
  const handle = world.client.temporal.workflow.getHandle(reconciliationWorkflowId(account));
  const faults = await faultsOfExecution(handle);
  if (run instanceof Error) return [`no run: ${run.message}`, ...faults];
  if (run.outcome !== 'matched') faults.push(`the run is ${run.outcome}: ${run.failure?.message ?? 'no failure'}`);
  if (run.lastEvent === null) faults.push('the run is not in the ledger');
  const status = await within(patienceMs, world.client.status(account));
  if (status instanceof Error) return [...faults, `no status: ${status.message}`];
  if (status.unrecordedRuns > 0) faults.push(`${status.unrecordedRuns} runs wait for the ledger`);
  const { accounts } = await world.ledger.verify(account);
  for (const { faults: found } of accounts) faults.push(...found.map(({ fault }) => `the ledger: ${fault}`));
  return faults;
}

/** The same of the account's open intervention: it answers, and what is sent to it reaches the ledger. */
export async function faultsOfIntervention(world: World, account: string, patienceMs = RUN_MS): Promise<string[]> {
  const handle = world.client.temporal.workflow.getHandle(interventionWorkflowId(account));
  const text = `a good reason at ${Date.now()}`;
  await handle.signal('addReason', { action: 'AFTER', text, at: new Date().toISOString() });
  const deadline = Date.now() + patienceMs;
  const recorded = async (): Promise<boolean> =>
    (await world.ledger.interventions({ account, limit: 100 })).some(({ reasons }) =>
      reasons.some((reason) => reason.text === text),
    );
  let isRecorded = await recorded();
  while (!isRecorded && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    isRecorded = await recorded();
  }
  const faults = await faultsOfExecution(handle);
  if (!isRecorded) faults.push('a good reason after it does not reach the ledger');
  const status = await within(patienceMs, handle.query(interventionStatusQuery));
  if (status instanceof Error) faults.push(`no status: ${status.message}`);
  return faults;
}

/** Failed workflow tasks, in the history or now, and activities that fail over and over. */
export async function faultsOfExecution(handle: WorkflowHandle): Promise<string[]> {
  const { raw } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const faults = failedTasks(events ?? []);
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt > 1 && faults.length === 0) faults.push(`its workflow task is at attempt ${attempt}`);
  for (const { activityType, attempt: tries, lastFailure } of raw.pendingActivities ?? []) {
    if ((tries ?? 1) < TRIES) continue;
    faults.push(`activity ${activityType?.name}, attempt ${tries}: ${lastFailure?.message ?? 'no message'}`);
  }
  return faults.map((fault) => fault.slice(0, 200));
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
