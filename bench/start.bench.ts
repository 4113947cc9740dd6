import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, startSimulator, writeDemoConfiguration } from '../packages/dev-stack/src/index.js';
import type { Measurement } from './compare.bench.js';
import { BUILT_PLUMBLINE } from './support/built-plumbline.js';

const startSeconds = 10;
const workerSeconds = 2;
const rounds = 3;

/**
 * The times that a user waits: from the command line to the first verdict of the demo on an empty state folder, and
 * from a worker's start until it polls. Uses the build; each value is the best of a few, because the machine may have
 * other load.
 */
export async function run(): Promise<Measurement[]> {
  const [first, worker] = [await best(firstVerdict), await best(workerReady)];
  return [
    measurement('plumbline dev, from nothing to the first verdict', first, startSeconds),
    measurement('worker from cold to ready', worker, workerSeconds),
  ];
}

function measurement(name: string, value: number, limit: number): Measurement {
  return { name, value, unit: 's', limit, ok: value < limit };
}

async function best(measure: (folder: string) => Promise<number>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
    await chmod(folder, 0o711);
    try {
      seconds.push(await measure(folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return Math.min(...seconds);
}

async function firstVerdict(folder: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [BUILT_PLUMBLINE.commandLine, 'dev', '--state', join(folder, 'state')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = new Promise<number>((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('matched')) resolve((performance.now() - begin) / 1000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', () => reject(new Error(`plumbline dev ended without a verdict:\n${output}`)));
  });
  try {
    return await seconds;
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  }
}

async function workerReady(folder: string): Promise<number> {
  const stack = await startStack({
    stateDirectory: join(folder, 'state'),
    searchAttributes: {},
    plumbline: BUILT_PLUMBLINE,
    simulator: startSimulator,
    configuration: writeDemoConfiguration,
    report: () => {},
  });
  try {
    await stack.killWorker('SIGKILL');
    const begin = performance.now();
    await stack.startWorker();
    return (performance.now() - begin) / 1000;
  } finally {
    await stack.stop();
  }
}
