import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('inspect-histories.ts', import.meta.url));
const LOADER = new URL('../../scripts/typescript-loader.mjs', import.meta.url).href;
/** One history of the largest size takes seconds. */
const ONE_MS = 120_000;
const MAX_REPLAYS = 100;
/** Characters of the process' errors that are kept. */
const LAST_WORDS = 2_000;

export interface Execution {
  workflowId: string;
  runId: string;
}

export interface Inspected extends Execution {
  events: number;
  /** Activities that name another account. */
  foreign: string[];
  /** Workflow tasks that a worker failed, but for those that the server itself asks to be done again. */
  failedTasks: string[];
  /** Null: today's workflows replay it. */
  replayError: string | null;
}

/**
 * Fetches, scans and replays the histories, one after the other, in a process of its own. Those that are not answered by
 * the deadline are missing from the answer. Those with a fault, and those of `suspects`, are written to `out/histories`.
 */
export async function inspectHistories(
  executions: readonly Execution[],
  { address, namespace }: { address: string; namespace: string },
  { out, suspects, deadlineMs }: { out: string; suspects: readonly string[]; deadlineMs: number },
): Promise<Inspected[]> {
  const inspected: Inspected[] = [];
  const end = performance.now() + deadlineMs;
  const queue = [...executions];
  // A history on which the process dies or hangs costs that one alone.
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
      // The SDK keeps something of every replay: no process replays too many.
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

/** A line that is no answer was written by something else: the answers that follow would be taken for others' too. */
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
