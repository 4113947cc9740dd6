import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const databases: TestDatabase[] = [];
const children: ChildProcess[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-queue-'));
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(databases.map(async (database) => database.drop()));
  await rm(folder, { recursive: true });
});

async function newLedger(): Promise<string> {
  const database = await createLedgerDatabase();
  databases.push(database);
  return database.url;
}

it('a worker does not poll the task queue of another deployment, and does poll that of its own', async () => {
  const { address, namespace } = await testTemporal();
  const config = join(folder, 'plumbline.yaml');
  await writeFile(
    config,
    `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${uniqueTaskQueue()}, metrics_port: 0 }
`,
  );
  /** The output until it is ready, or until it ends, with its exit code. */
  const startWorker = async (ledgerUrl: string): Promise<{ ready: boolean; code: number | null; said: string }> => {
    const loader = join(root, 'scripts/typescript-loader.mjs');
    const args = ['--import', loader, join(root, 'src/cli/main.ts'), 'worker', '--config', config];
    const child = spawn(process.execPath, args, {
      env: {
        PATH: process.env['PATH'] ?? '',
        LEDGER_URL: ledgerUrl,
        KEY: 'k',
        SECRET: 's',
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let said = '';
    const ready = new Promise<boolean>((resolve) => {
      const take = (chunk: Buffer): void => {
        said += chunk.toString();
        if (said.includes('Worker ready')) resolve(true);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
    });
    const ended = once(child, 'close').then(() => false);
    return { ready: await Promise.race([ready, ended]), code: child.exitCode, said };
  };

  const [first, second] = [await newLedger(), await newLedger()];
  expect(await startWorker(first)).toMatchObject({ ready: true });
  const refused = await startWorker(second);
  expect(refused).toMatchObject({ ready: false, code: 2 });
  expect(refused.said).toMatch(
    /workers of another deployment \([0-9a-f-]{36}\) poll the task queue[^]*worker\.task_queue/,
  );
  expect(await startWorker(first)).toMatchObject({ ready: true });
}, 120_000);
