import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SoakWorkerOptions } from './soak-worker.js';

const script = fileURLToPath(new URL('./soak-worker.ts', import.meta.url));
const LOADER = new URL('../../scripts/typescript-loader.mjs', import.meta.url).href;

export interface SoakWorker {
  /** Ends it and waits for its end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Its complete output. */
  said(): string;
}

/** Starts a worker process and waits until it polls. */
export async function startSoakWorker(options: SoakWorkerOptions): Promise<SoakWorker> {
  const child = spawn(process.execPath, ['--import', LOADER, script, JSON.stringify(options)], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/^ready$/m.test(said)) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', (code) => reject(new Error(`the worker ended with ${code} before it was ready:\n${said}`)));
  });
  return {
    said: () => said,
    async end(signal) {
      child.kill(signal);
      await closed;
    },
  };
}
