import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const LOADER = new URL('../../../scripts/typescript-loader.mjs', import.meta.url).href;

/** `plumbline worker` in a separate process, from the sources. */
export interface WorkerProcess {
  /** Where its metrics are. */
  metricsUrl: string;
  /** Its output so far, on both streams. */
  said(): string;
  crash(): Promise<{ code: number | null }>;
  /** Waits until it has ended. */
  ended(): Promise<{ code: number | null }>;
  kill(): void;
  /** Asks it to finish its current work and to end. */
  terminate(): void;
}

const readyLine = z.object({ msg: z.literal('Worker ready'), metrics: z.string() });

/** Starts it with a preloaded module, and waits until it polls. */
export async function startWorkerProcess(
  configPath: string,
  env: Record<string, string>,
  preloaded: string,
): Promise<WorkerProcess> {
  const args = [
    '--import',
    LOADER,
    '--import',
    new URL(preloaded, import.meta.url).href,
    path('../../../src/cli/main.ts'),
  ];
  const child = spawn(process.execPath, [...args, 'worker', '--config', configPath], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const metricsUrl = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said += chunk.toString();
      for (const line of said.split('\n')) {
        const ready = readyLine.safeParse(jsonOf(line)).data;
        if (ready !== undefined) resolve(ready.metrics);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', (code) => reject(new Error(`the worker ended with ${code} before it was ready:\n${said}`)));
  });
  const end = once(child, 'close');
  const ended = async (): Promise<{ code: number | null }> => {
    await end;
    return { code: child.exitCode };
  };
  return {
    metricsUrl,
    said: () => said,
    async crash() {
      child.kill('SIGUSR2');
      return ended();
    },
    ended,
    kill: () => void child.kill('SIGKILL'),
    terminate: () => void child.kill('SIGTERM'),
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
