import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import { freePort } from '@plumbline/primitives/free-port';

const run = promisify(execFile);
const PROGRAM = 'redis-server';
const INSTALL_MS = 300_000;

export type RedisClient = Awaited<ReturnType<typeof connect>>;

/** A real Redis of a test, in memory only, on its own port of the loopback interface. */
export interface TestRedis {
  host: string;
  url: string;
  client: RedisClient;
  stop(): Promise<void>;
}

/** Starts the `redis-server` of the system. Installs Debian's package if there is none: allow the `beforeAll` 5 min. */
export async function startRedis(...settings: string[]): Promise<TestRedis> {
  await requireProgram();
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-redis-'));
  const port = await freePort();
  const memoryOnly = ['--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(PROGRAM, ['--bind', '127.0.0.1', '--port', String(port), ...memoryOnly, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const output: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    output.push(line);
    if (line.includes('Ready to accept connections')) break;
  }
  child.stdout.resume();
  if (child.exitCode !== null) throw new Error(`${PROGRAM} did not start:\n${output.join('\n')}`);
  const client = await connect(`redis://127.0.0.1:${port}`);
  return {
    host: `127.0.0.1:${port}`,
    url: `redis://127.0.0.1:${port}`,
    client,
    stop: async () => {
      client.destroy();
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connect(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  return client.connect();
}

async function requireProgram(): Promise<void> {
  if (await isInstalled()) return;
  if (process.getuid?.() !== 0) throw new Error(MISSING);
  const install = ['-o', 'DPkg::Lock::Timeout=240', 'install', '-y', '-q', '--no-install-recommends', PROGRAM];
  // Debian's package would start a server of its own; `start` and `stop` of services do nothing while this is set.
  const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };
  try {
    await run('apt-get', ['update', '-q'], options).catch(() => {});
    await run('apt-get', install, options);
  } catch (error) {
    throw new Error(MISSING, { cause: error });
  }
  if (!(await isInstalled())) throw new Error(MISSING);
}

const MISSING = `these tests need a real Redis, and there is no program "${PROGRAM}": install it (apt-get install redis-server, brew install redis)`;

async function isInstalled(): Promise<boolean> {
  return run(PROGRAM, ['--version']).then(
    () => true,
    () => false,
  );
}
