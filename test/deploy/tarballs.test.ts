import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { INSTALLS, packAll } from '../../scripts/tarballs.mjs';
import { repository } from '../support/packages.js';

const run = promisify(execFile);
const lockSchema = z.object({ packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional() })) });
const WITH_DEV = INSTALLS['the same with `plumbline dev` and `simulate`']!;

/** What the packed files hold, as npm would install it in an empty folder. `npm run try-tarballs` installs it with npm. */
describe('Plumbline from its tarballs', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-tarballs-')));
    await chmod(folder, 0o711);
    const modules = join(folder, 'node_modules');
    await linkDependencies(modules);
    const files = await packAll(join(folder, 'packed'));
    for (const name of WITH_DEV) {
      const target = join(modules, name);
      await mkdir(target, { recursive: true });
      await run('tar', ['xzf', files[name]!, '-C', target, '--strip-components=1']);
    }
    await mkdir(join(modules, '.bin'));
    await symlink('../plumbline/bin/plumbline', join(modules, '.bin', 'plumbline'));
    const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
    // Without a registry npx can only run what is there.
    const { PATH } = process.env;
    env = { PATH, HOME: join(folder, 'home'), XDG_CACHE_HOME: cache, npm_config_offline: 'true' };
    await mkdir(join(folder, 'home'));
  }, 120_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function shell(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
    try {
      return { code: 0, ...(await run('/bin/sh', ['-c', command], { cwd: folder, env })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  }

  it('`npx plumbline` shows its commands', async () => {
    const { code, stdout } = await shell('npx plumbline --help');
    expect(code).toBe(0);
    for (const command of ['init', 'check', 'dev', 'worker', 'serve']) expect(stdout).toContain(command);
  }, 60_000);

  it('`init` writes a configuration and names commands that work in this folder', async () => {
    const bot = '--exchange binanceusdm --bot http --bot-url http://127.0.0.1:1/state --yes';
    const { code, stdout, stderr } = await shell(`npx plumbline init ${bot}`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, 'plumbline.yaml'), 'utf8')).toContain('id: binanceusdm');
    expect(stdout).toContain('npx plumbline dev --config plumbline.yaml');
    const [check = ''] = /npx plumbline check .*/.exec(stdout) ?? [];
    const checked = await shell(check);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toMatch(/BINANCE_KEY is\s+not set/);
  }, 60_000);

  it('brings the documents that its messages name', () => {
    for (const page of ['deploying', 'internal-state', 'notifying'])
      expect(existsSync(join(folder, 'node_modules', 'plumbline', 'docs', `${page}.md`))).toBe(true);
  });

  it('`dev` runs the demo, and its status is a command to copy', async () => {
    const dev = spawn('npx', ['plumbline', 'dev', '--demo', '--no-scenario'], { cwd: folder, env, detached: true });
    const ended = once(dev, 'close');
    let output = '';
    try {
      await new Promise<void>((resolve) => {
        const take = (chunk: Buffer): void => {
          output += chunk.toString();
          if (output.includes('PLUMBLINE_STATE=')) resolve();
        };
        dev.stdout.on('data', take);
        dev.stderr.on('data', take);
        void ended.then(() => resolve());
      });
      const [, status = ''] = /^ {2}(npx plumbline status .+)$/m.exec(output) ?? [output];
      expect((await shell(status)).stdout).toContain('demo');
    } finally {
      // As Ctrl-C does, to npx and what it started.
      if (dev.exitCode === null) process.kill(-dev.pid!, 'SIGINT');
      await ended;
    }
  }, 180_000);
});

/** Links to what npm would install beside the tarballs: packages for development are not among it. */
async function linkDependencies(modules: string): Promise<void> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')));
  const names = Object.entries(packages)
    .filter(([path, { dev }]) => /^node_modules\/(?!plumbline-bot|@plumbline\/)/.test(path) && dev !== true)
    .map(([path]) => path.slice('node_modules/'.length))
    .filter((name) => !name.includes('node_modules/') && existsSync(join(repository, 'node_modules', name)));
  for (const name of names) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repository, 'node_modules', name), join(modules, name));
  }
}
