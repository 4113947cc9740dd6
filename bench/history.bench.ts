import { setTimeout as delay } from 'node:timers/promises';
import { reconciliationWorkflowId } from '../src/workflows/messages.js';
import type { Measurement } from './compare.bench.js';
import { tradingBot, withAccounts, type BenchAccount } from './support/accounts.js';

const MAX_EVENTS = 12;
const MAX_BYTES = 4_096;
const ORDERS = [6, 5_000];
const RUNS = 5;
const POLL_MS = 20;
const PATIENCE_MS = 60_000;

interface History {
  events: number;
  bytes: number;
}

/**
 * The history events of a clean run, as the server counts them: the maximum of a few runs, because the count depends on
 * what meets in one workflow task. The runs are forced by a signal, which costs as many events as a timer.
 */
export async function run(): Promise<Measurement[]> {
  return withAccounts(ORDERS.map(tradingBot), async (accounts) => {
    const rows: Measurement[] = [];
    for (const [index, account] of accounts.entries()) {
      const { events, bytes } = await largestRun(account);
      const name = `history of a clean run, ${ORDERS[index] ?? 0} orders`;
      rows.push({ name, value: events, unit: 'events', limit: MAX_EVENTS, ok: events <= MAX_EVENTS });
      rows.push({ name, value: bytes, unit: 'bytes', limit: MAX_BYTES, ok: bytes <= MAX_BYTES });
    }
    return rows;
  });
}

async function largestRun(account: BenchAccount): Promise<History> {
  const runs: History[] = [];
  let before = await whenWaiting(account, 0);
  for (let round = 0; round < RUNS; round++) {
    await account.client.forceRun(account.name, 'bench');
    const after = await whenWaiting(account, before.events);
    runs.push({ events: after.events - before.events, bytes: after.bytes - before.bytes });
    before = after;
  }
  const status = await account.client.status(account.name);
  if (status.lastRun?.outcome !== 'matched') throw new Error(`${account.name}: ${JSON.stringify(status.lastRun)}`);
  return {
    events: Math.max(...runs.map(({ events }) => events)),
    bytes: Math.max(...runs.map(({ bytes }) => bytes)),
  };
}

/** The history while the workflow waits; during a run its length changes. */
async function whenWaiting({ client, name }: BenchAccount, longerThan: number): Promise<History> {
  const handle = client.temporal.workflow.getHandle(reconciliationWorkflowId(name));
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { historyLength, historySize, raw } = await handle.describe();
    const isBusy = (raw.pendingActivities ?? []).length > 0 || (raw.pendingWorkflowTask ?? null) !== null;
    if (historyLength > longerThan && !isBusy) {
      if (historySize === undefined) throw new Error('the server does not report the size of a history');
      return { events: historyLength, bytes: historySize };
    }
    if (performance.now() > deadline) throw new Error(`${name} did not come to rest in ${PATIENCE_MS} ms`);
    await delay(POLL_MS);
  }
}
