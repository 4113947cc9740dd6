import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SimulatedAccount } from './simulated-world.js';

const script = fileURLToPath(new URL('./crashing-worker-process.mjs', import.meta.url));
const built = fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url));

/** The point at which a worker process kills itself. */
export interface CrashPoint {
  when: 'before' | 'after';
  /** An activity, the ledger's storing of what was read, or the commit of a transaction: unsent, or its reply never read. */
  what: 'observe' | 'putSnapshots' | 'record' | 'commit of recordVerdict' | 'commit of recordFailure';
  /** The first observation of the run in which it may die, for `observe` and `putSnapshots`; default 1. */
  look?: number;
}

export interface CrashingWorker {
  /** The work's result; rejects if the worker dies first. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
  /** Waits until it kills itself, and returns where; rejects if it ends otherwise. */
  death(): Promise<string>;
  kill(): void;
}

/** Starts a worker process for one account that dies at this point of this run. Waits until it is ready. */
export async function startCrashingWorker(
  { configPath, env }: SimulatedAccount,
  temporal: { address: string; namespace: string },
  runNumber: number,
  point: CrashPoint,
  onStart: (worker: CrashingWorker) => void,
): Promise<CrashingWorker> {
  await access(built).catch(() => {
    throw new Error('dist/ is missing: this worker runs what is built. Run npm test, or npm run build first.');
  });
  const child = spawn(process.execPath, [script, configPath, String(runNumber), JSON.stringify(point)], {
    env: {
      PATH: process.env['PATH'],
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [ready, end] = watch(child);
  const worker: CrashingWorker = {
    async whileAlive(work) {
      const tooSoon = async (): Promise<never> => {
        const { signal, said } = await end;
        throw new Error(`the worker ended too soon (${signal ?? 'by itself'}):\n${said}`);
      };
      return Promise.race([work, tooSoon()]);
    },
    async death() {
      const { signal, said, died } = await end;
      if (signal !== 'SIGKILL' || died === undefined) {
        throw new Error(`the worker did not kill itself (${signal ?? 'it ended by itself'}):\n${said}`);
      }
      return died;
    },
    kill: () => void child.kill('SIGKILL'),
  };
  onStart(worker);
  await worker.whileAlive(ready);
  return worker;
}

interface End {
  signal: NodeJS.Signals | null;
  said: string;
  died: string | undefined;
}

function watch(child: ChildProcess): [ready: Promise<void>, end: Promise<End>] {
  let said = '';
  const ready = new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/^ready$/m.test(said)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
  });
  const end = once(child, 'close').then((): End => {
    const [, died] = /^died (.*)$/m.exec(said) ?? [];
    return { signal: child.signalCode, said: said.slice(-4_000), died };
  });
  return [ready, end];
}
