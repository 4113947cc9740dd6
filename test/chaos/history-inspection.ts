import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('inspect-histories.ts', import.meta.url));
const LOADER = new URL('../../scripts/typescript-loader.mjs', import.meta.url).href;
/** Replaying one history of the maximum size takes seconds. */
const ONE_MS = 120_000;
const MAX_REPLAYS = 100;
/** Characters of the process's error output that are kept. */
const LAST_WORDS = 2_000;

export interface Execution {
  workflowId: string;
  runId: string;
}

export interface Inspected extends Execution {
  events: number;
  /** Activities that name another account. */
  foreign: string[];
  /** Workflow tasks that a worker failed, except those that the server itself asks to repeat. */
  failedTasks: string[];
  /** Null if today's workflows replay it. */
  replayError: string | null;
}

/**
 * Fetches, scans and replays the histories one after the other in a separate process. Histories without a result by the
 * deadline are missing from the answer. Those with a fault, and those of `suspects`, are written to `out/histories`.
 */
export async function inspectHistories(
  executions: readonly Execution[],
  { address, namespace }: { address: string; namespace: string },
  { out, suspects, deadlineMs }: { out: string; suspects: readonly string[]; deadlineMs: number },
): Promise<Inspected[]> {
  const inspected: Inspected[] = [];
  const end = performance.now() + deadlineMs;
  const queue = [...executions];
  // If the process dies or hangs on a history, only that history is lost.
  while (queue.length > 0 && performance.now() < end) {
    const child = spawn(
      process.execPath,
      ['--import', LOADER, SCRIPT, address, namespace, join(out, 'histories'), suspects.join(',')],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      },
    );
    let lastWords = '';
    child.stderr.on('data', (text: Buffer) => (lastWords = `${lastWords}${text.toString()}`.slice(-LAST_WORDS)));
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      // The SDK keeps memory of every replay, so the number of replays per process is limited.
      for (let count = 0; count < MAX_REPLAYS; count++) {
        const execution = queue.shift();
        if (execution === undefined) break;
        child.stdin.write(`${JSON.stringify(execution)}\n`);
        const left = end - performance.now();
        const answer = await Promise.race([answers.next(), after(Math.min(ONE_MS, Math.max(left, 1)))]);
        if (answer !== null && answer.done !== true) {
          inspected.push(answerOf(answer.value, execution));
          continue;
        }
        if (performance.now() < end) {
          const what = answer === null ? `no answer within ${ONE_MS / 1_000} s` : 'the process ended in its replay';
          const replayError = `${what}: ${lastWords}`;
          inspected.push({ ...execution, events: 0, foreign: [], failedTasks: [], replayError });
        }
        break;
      }
    } finally {
      child.kill('SIGKILL');
    }
  }
  return inspected;
}

/**
 * A line that is not an answer was written by other code: the following answers would be assigned to the wrong
 * histories.
 */
function answerOf(line: string, execution: Execution): Inspected {
  try {
    return JSON.parse(line) as Inspected;
  } catch {
    throw new Error(`the replay of ${execution.workflowId} answered ${line.slice(0, 200)}`);
  }
}

async function after(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
