import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const KEY = Buffer.alloc(32, 7).toString('base64');

let folder: string;
let child: ChildProcess | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-encryption-'));
  await chmod(folder, 0o711);
});
afterAll(async () => {
  await end();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function end(): Promise<void> {
  if (child === null || child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

const environment = (): NodeJS.ProcessEnv => {
  const hidden = ['TEMPORAL_ADDRESS', 'PLUMBLINE_CONFIG', 'PLUMBLINE_STATE', 'NODE_OPTIONS'];
  const kept = Object.entries(process.env).filter(([name]) => !hidden.includes(name));
  return { ...Object.fromEntries(kept), PAYLOAD_KEY: KEY };
};

async function startStack(): Promise<void> {
  const file = join(folder, 'plumbline.yaml');
  await writeFile(
    file,
    `accounts:
  main:
    exchange: { id: binanceusdm, base_url: "http://127.0.0.1:9", api_key_env: GREPME_KEY, secret_env: GREPME_SECRET }
    internal: { kind: file, path: grepme-state.json }
    reconciliation: { ignore: { symbols: [GREPME/USDT:USDT] } }
temporal: { encryption: { keys: [{ id: k1, key_env: PAYLOAD_KEY }] } }
serve: { port: 0 }
worker: { metrics_port: 0 }
`,
  );
  const args = [commandLine, 'dev', '--state', join(folder, 'state'), '--config', file];
  child = spawn(process.execPath, args, { env: environment(), cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('runs until Ctrl-C')) resolve();
    };
    child?.stdout?.on('data', take);
    child?.stderr?.on('data', take);
    child?.once('close', () => reject(new Error(output)));
  });
}

async function plumbline(...args: string[]): Promise<{ code: number; output: string }> {
  const words = [commandLine, ...args, '--state', join(folder, 'state')];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env: environment(), cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

describe('an account whose payloads are encrypted', () => {
  it('works as usual, and leaves nothing readable in the database of Temporal but ids and search attributes', async () => {
    await startStack();
    const failed = await plumbline('run', 'main', '--by', 'grepme-runner');
    // The key of the exchange is not set, so the run fails with a text that names it.
    expect(failed).toMatchObject({ code: 2, output: expect.stringContaining('GREPME_KEY is not set') });
    const paused = await plumbline('pause', 'main', '--by', 'grepme-author', '--reason', 'grepme reason');
    expect(paused).toMatchObject({ code: 0, output: expect.stringContaining('paused') });
    expect((await plumbline('status', 'main')).output).toContain('grepme reason');
    // A refusal is a failure with a text, which would be stored in the clear without the failure converter.
    expect((await plumbline('snooze', 'main', '--for', '2h', '--note', 'grepme note')).code).toBe(2);
    await end();
    const stored = join(folder, 'state', 'temporal');
    const files = (await readdir(stored)).filter((name) => name.startsWith('temporal.db'));
    const bytes = Buffer.concat(await Promise.all(files.map(async (name) => readFile(join(stored, name)))));
    expect(bytes.includes('plumbline/main') || bytes.includes('main')).toBe(true);
    expect(bytes.includes('binary/encrypted')).toBe(true);
    for (const word of ['grepme', 'GREPME', '127.0.0.1:9', 'intervalMinutes', 'is not set']) {
      expect({ word, found: bytes.includes(word) }).toEqual({ word, found: false });
    }
  }, 120_000);
});
