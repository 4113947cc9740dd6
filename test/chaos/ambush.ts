import { reconciliationWorkflowId, statusQuery } from '../../src/workflows/messages.js';
import { pause, within } from './deadline.js';
import type { OutsideRecord } from './record.js';
import type { Stage } from './stage.js';

/** How long before the herd is due workers are killed, and how long after it they return. */
const BEFORE_MS = 2_500;
const AFTER_MS = 2_000;
/** A worker that is never killed is stopped instead, for less than the limit of workflow scripts. */
const FREEZE_MS = 2_400;
const QUERY_MS = 15_000;
const QUERIES_MS = 5_000;
const QUERY_EVERY_MS = 300;

/**
 * In every interval, when the herd is due: no worker is running when the timers fire, and queries wait together with
 * the timers' tasks for workers that return with empty caches.
 */
export async function ambush(stage: Stage, record: OutsideRecord, signal: AbortSignal): Promise<void> {
  const herd = stage.accounts.filter((account) => account.herd).map(({ name }) => name);
  const { fleet } = stage;
  while (!signal.aborted) {
    const dueAt = await nextDue(stage, herd);
    const wait = dueAt === null ? -1 : dueAt - BEFORE_MS - Date.now();
    if (wait < 0 || wait > 30_000) {
      await pause(wait < 0 ? 2_000 : 15_000, signal);
      continue;
    }
    await pause(wait, signal);
    if (signal.aborted) return;
    record.note('ambush: no worker as the herd is due', { accounts: herd.length });
    for (const slot of fleet.slots.filter(({ kept }) => !kept)) fleet.kill(slot, BEFORE_MS + AFTER_MS);
    await pause(BEFORE_MS - 400, signal);
    const frozen = fleet.slots.filter(({ kept }) => kept).map(async (slot) => fleet.freeze(slot, FREEZE_MS));
    await Promise.all([...frozen, queries(stage, record, herd, signal)]);
  }
}

async function queries(stage: Stage, record: OutsideRecord, herd: string[], signal: AbortSignal): Promise<void> {
  const asked: Promise<void>[] = [];
  const end = Date.now() + QUERIES_MS;
  while (Date.now() < end && !signal.aborted) {
    asked.push(...herd.map(async (name) => query(stage, record, name)));
    await pause(QUERY_EVERY_MS, signal);
  }
  await Promise.all(asked);
}

async function query({ client }: Stage, record: OutsideRecord, name: string): Promise<void> {
  const handle = client.temporal.workflow.getHandle(reconciliationWorkflowId(name));
  await within(QUERY_MS, 'status', handle.query(statusQuery)).then(
    () => record.count('status answered in an ambush'),
    () => record.count('status failed in an ambush'),
  );
}

/** When the next account of the herd is due according to its workflow; null if none answers. */
async function nextDue({ client }: Stage, herd: readonly string[]): Promise<number | null> {
  for (const name of herd.slice(0, 3)) {
    try {
      const handle = client.temporal.workflow.getHandle(reconciliationWorkflowId(name));
      const { nextRunAt } = await within(5_000, 'status', handle.query(statusQuery));
      if (nextRunAt !== null) return Date.parse(nextRunAt);
    } catch {
      // The next workflow may answer.
    }
  }
  return null;
}
