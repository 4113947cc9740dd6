import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLedgerDatabase } from '../support/postgres.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('plumbline as a process', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  function start(argv: string[], env: Record<string, string> = {}, preloads: string[] = []) {
    const imports = [join(root, 'scripts/typescript-loader.mjs'), ...preloads].flatMap((path) => ['--import', path]);
    const child = spawn(process.execPath, [...imports, join(root, 'src/cli/main.ts'), ...argv], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
    const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, ...output }));
    return { child, output, ended };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-process-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const CONFIG = `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
`;

  const snapshot = (orders: number): string =>
    JSON.stringify({
      version: 1,
      as_of: '2026-11-22T15:00:00.000Z',
      scopes: ['orders'],
      orders: Array.from({ length: orders }, (_, index) => ({
        id: String(index),
        symbol: 'BTC/USDT:USDT',
        side: 'buy',
        type: 'limit',
        price: '60000',
        amount: '0.01',
        filled: '0',
      })),
    });

  it('exits with the code of the verdict and writes the complete answer, even if it is larger than a pipe', async () => {
    await writeFile(join(folder, 'full.json'), snapshot(2000));
    await writeFile(join(folder, 'empty.json'), snapshot(0));
    const { code, out, err } = await start(['compare', 'full.json', 'empty.json', '-o', 'json']).ended;
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({ outcome: 'drifted' });
    expect(out.length).toBeGreaterThan(65_536);
  }, 60_000);

  it('keeps its exit code and prints no error if the reader closes stdout', async () => {
    await writeFile(join(folder, 'full.json'), snapshot(2000));
    await writeFile(join(folder, 'empty.json'), snapshot(0));
    const { child, ended } = start(['compare', 'full.json', 'empty.json']);
    child.stdout.destroy();
    const { code, signal, err } = await ended;
    expect({ code, signal, err }).toEqual({ code: 1, signal: null, err: '' });
  }, 60_000);

  it('serves until SIGTERM and then ends with 0', async () => {
    const database = await createLedgerDatabase();
    try {
      await writeFile(join(folder, 'plumbline.yaml'), CONFIG);
      const { child, output, ended } = start(['serve', '--port', '0'], { LEDGER_URL: database.url });
      const url = await new Promise<string>((resolve, reject) => {
        child.stderr.on('data', () => {
          const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.err) ?? [];
          if (found !== undefined) resolve(found);
        });
        child.once('exit', () => reject(new Error(output.err)));
      });
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0, signal: null, out: '' });
    } finally {
      await database.drop();
    }
  }, 60_000);

  it.each([
    ['serve', ['--port', '0']],
    ['worker', ['--metrics-port', '0']],
  ])(
    '%s handles SIGHUP before it has read its configuration',
    async (command, options) => {
      const database = await createLedgerDatabase();
      try {
        // The file exists only once the process listens for the signal, and then the signal comes at once.
        const config = join(folder, `hangup-${command}.yaml`);
        const preload = join(folder, `hangup-${command}.mjs`);
        await writeFile(
          preload,
          `import { writeFileSync } from 'node:fs';
process.on('newListener', (event) => {
  if (event !== 'SIGHUP') return;
  writeFileSync(${JSON.stringify(config)}, ${JSON.stringify(CONFIG)});
  queueMicrotask(() => process.kill(process.pid, 'SIGHUP'));
});
`,
        );
        const env = { LEDGER_URL: database.url, TEMPORAL_ADDRESS: '127.0.0.1:1', KEY: 'k', SECRET: 's' };
        const { child, output, ended } = start([command, ...options, '--config', config], env, [preload]);
        await new Promise<void>((resolve, reject) => {
          child.stderr.on('data', () => {
            if (output.err.includes('Configuration read again')) resolve();
          });
          child.once('exit', () => reject(new Error(output.err)));
        });
        expect(output.err).toContain('SIGHUP');
        child.kill('SIGTERM');
        expect(await ended).toMatchObject({ code: 0, signal: null });
      } finally {
        await database.drop();
      }
    },
    60_000,
  );
});
