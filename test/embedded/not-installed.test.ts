import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What is built, in a folder in which only the packages are installed that the product brings. */
describe('plumbline without the packages of dev and simulate', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-bare-')));
    for (const part of ['dist', 'package.json', 'migrations'])
      await cp(join(repository, part), join(folder, part), { recursive: true });
    const [from, to] = [join(repository, 'node_modules'), join(folder, 'node_modules')];
    await mkdir(join(to, '@plumbline'), { recursive: true });
    const names = (await readdir(from)).filter((name) => name !== '@plumbline');
    for (const name of [...names, '@plumbline/primitives']) await symlink(join(from, name), join(to, name));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function plumbline(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    try {
      const command = [join(folder, 'dist', 'cli', 'main.js'), ...args];
      return { code: 0, ...(await promisify(execFile)(process.execPath, command, { cwd: folder })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  }

  it.each([
    ['dev', '@plumbline/dev-stack'],
    ['simulate', '@plumbline/exchange-simulator'],
  ])(
    '%s says to install %s',
    async (command, name) => {
      const { code, stdout, stderr } = await plumbline(command);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`needs the package ${name}, which is not installed`);
      expect(stderr).toContain(`npm install ./${name.slice(1).replace('/', '-')}-`);
    },
    60_000,
  );

  it('has all other commands', async () => {
    expect(await plumbline('--version')).toMatchObject({ code: 0 });
    const { code, stderr } = await plumbline('worker', '--config', 'none.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('none.yaml');
  }, 60_000);
});
