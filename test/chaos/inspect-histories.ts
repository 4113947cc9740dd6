import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { Inspected } from './history-inspection.js';

// Runs as a separate process (see history-inspection.ts): replays take memory and time, and one that hangs must not
// hang the driver. Reads one JSON line per execution on stdin and writes one answer each on stdout. Arguments: address,
// namespace, the folder for histories with a fault, and the accounts whose histories are always kept, separated by
// commas.

const [, , address = '', namespace = '', folder = '', suspects = ''] = process.argv;
const suspected = new Set(suspects.split(','));
const CODE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
/** The server asks to repeat such a task; no worker was at fault. */
const BENIGN = /UNHANDLED_COMMAND|RESET_STICKY|FORCE_CLOSE_COMMAND/;

// The native core would write its own lines to stdout, between the answers.
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { forward: {} } } });
const connection = await Connection.connect({ address });
const client = new Client({ connection, namespace });

for await (const line of createInterface({ input: process.stdin })) {
  const { workflowId, runId } = JSON.parse(line) as { workflowId: string; runId: string };
  const answer = await inspect(workflowId, runId).catch((error: unknown): Inspected => ({
    workflowId,
    runId,
    events: 0,
    foreign: [],
    failedTasks: [],
    replayError: `the history could not be read: ${String(error).slice(0, 400)}`,
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await connection.close();
process.exit(0);

async function inspect(workflowId: string, runId: string): Promise<Inspected> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const events = history.events ?? [];
  const account = workflowId.slice(workflowId.indexOf('/') + 1);
  const foreign: string[] = [];
  const failedTasks: string[] = [];
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const input = Buffer.from(scheduled?.input?.payloads?.[0]?.data ?? '').toString('utf8', 0, 4_000);
    const [, named] = /"account":"([^"]+)"/.exec(input) ?? [];
    if (named !== undefined && named !== account) {
      foreign.push(`event ${String(event.eventId)}: ${scheduled?.activityType?.name} of ${named}`);
    }
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed !== null && failed !== undefined) {
      const message = failed.failure?.message ?? '';
      const text = `${causeName(failed.cause)}: ${message.slice(0, 160)}`;
      if (!BENIGN.test(text)) failedTasks.push(text);
    }
  }
  // Written before the replay, because a replay may end this process.
  const file = join(folder, `${workflowId.replaceAll('/', '_')}-${runId}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, historyToJSON(history));
  let replayError: string | null = null;
  try {
    await Worker.runReplayHistory({ workflowBundle: { codePath: CODE } }, history, workflowId);
  } catch (error) {
    replayError = String(error).slice(0, 600);
  }
  if (replayError === null && foreign.length === 0 && !suspected.has(account)) await rm(file);
  return { workflowId, runId, events: events.length, foreign, failedTasks, replayError };
}

/** Causes are numbers here; this names the relevant ones. */
function causeName(cause: unknown): string {
  const names: Record<string, string> = {
    '1': 'UNHANDLED_COMMAND',
    '13': 'RESET_STICKY_TASK_QUEUE',
    '14': 'WORKFLOW_WORKER_UNHANDLED_FAILURE',
    '17': 'FORCE_CLOSE_COMMAND',
    '24': 'NON_DETERMINISTIC_ERROR',
  };
  return names[String(cause)] ?? `cause ${String(cause)}`;
}
