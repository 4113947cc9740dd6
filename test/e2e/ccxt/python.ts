// npm run e2e:ccxt-python: a watched bot in Python, with ccxt from PyPI on the simulator, sync and async, killed and restarted.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { pythonBot, type BotOptions } from '../../bot/watch/real-bot.js';
import { exampleOf, playExample } from '../../bot/watch/readme-example.js';
import { playDay, WIRES } from '../../bot/watch/trading-day.js';
import { repository } from '../../support/packages.js';

const run = promisify(execFile);
const INSTALL_LIMIT_MS = 10 * 60_000;

/** The Python of a virtual environment with the ccxt of the version that Plumbline has, made once. */
async function pythonWithCcxt(): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(repository, 'node_modules/ccxt/package.json'), 'utf8')));
  const venv = join(repository, '.plumbline', `ccxt-${version}`);
  const python = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, 'installed'))) {
    await mkdir(join(repository, '.plumbline'), { recursive: true });
    await run('python3', ['-m', 'venv', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ccxt==${version}`]);
    await mkdir(join(venv, 'installed'));
  }
  return python;
}

describe('a watched bot in Python, with ccxt on the simulator', () => {
  let folder: string;
  let simulator: Simulator;
  let python: string;
  beforeAll(async () => {
    python = await pythonWithCcxt();
    folder = await mkdtemp(join(tmpdir(), 'plumbline-watched-'));
    simulator = await startSimulator({ port: 0 });
  }, INSTALL_LIMIT_MS);
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  it(
    'installs as a wheel in an empty environment, with its types, and runs the example of its README',
    async () => {
      const source = join(folder, 'source');
      await cp(join(repository, 'packages/bot-python'), source, { recursive: true });
      await run(python, ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', folder, source]);
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      await run('python3', ['-m', 'venv', join(folder, 'empty')]);
      const empty = join(folder, 'empty', 'bin', 'python');
      await run(empty, ['-m', 'pip', 'install', '--quiet', '--no-index', join(folder, wheel ?? '')]);
      const code =
        'import os, plumbline_bot as p; print(p.watch, p.export, p.Pusher, p.Gate, os.listdir(os.path.dirname(p.__file__)))';
      expect((await run(empty, ['-I', '-c', code])).stdout).toContain("'py.typed'");

      const site = join(folder, 'site');
      await run(python, ['-m', 'pip', 'install', '--quiet', '--no-index', '--target', site, join(folder, wheel ?? '')]);
      await writeFile(join(folder, 'bot.py'), exampleOf('packages/bot-python/README.md', 'python'));
      const args = [join(repository, 'test/bot/watch/redirect.py'), 'bot.py'];
      const outcomes = await playExample({ command: python, args, env: { PYTHONPATH: site } }, simulator.url, folder);
      expect(outcomes).toEqual(['matched', 'matched']);
    },
    INSTALL_LIMIT_MS,
  );

  const days = WIRES.flatMap((wire) => [
    [wire.exchange, 'sync', wire] as const,
    [wire.exchange, 'async', wire] as const,
  ]);
  it.each(days)(
    'writes what is true on %s, %s, all day',
    async (_, kind, wire) => {
      const start = async (options: BotOptions) => pythonBot(python, kind === 'async', options);
      expect(await playDay(wire, { simulator, folder, start })).toBeGreaterThan(9);
      await rm(join(folder, `${wire.exchange}.record`));
    },
    120_000,
  );
});
