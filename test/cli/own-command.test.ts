import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ownCommand, quoted } from '../../src/cli/context/own-command.js';
import { testIo } from './test-io.js';

const own = fileURLToPath(new URL('../../bin/plumbline', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a command to copy', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "plumbline it's ")));
    await mkdir(join(folder, 'bin'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const command = async (cwd: string, path: string, env: Record<string, string> = {}): Promise<string> =>
    ownCommand(testIo({ cwd, env: { ...env, PATH: path } }), ['status', 'demo'], '/s');

  it('uses the name under which the shell finds this program', async () => {
    expect(await command(root, '/usr/bin')).toBe('bin/plumbline status demo --state /s');
    expect(await command(folder, '/usr/bin')).toBe(`${own} status demo --state /s`);
    await symlink(own, join(folder, 'bin', 'plumbline'));
    expect(await command(folder, join(folder, 'bin'))).toBe('plumbline status demo --state /s');
  });

  it('uses its path if the shell would find another program', async () => {
    await writeFile(join(folder, 'bin', 'plumbline'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await command(root, join(folder, 'bin'))).toBe(`${own} status demo --state /s`);
  });

  it('ignores folders that npm adds to PATH: it uses npx where Plumbline is installed, and its path elsewhere', async () => {
    const links = join(folder, 'node_modules', '.bin');
    await mkdir(links, { recursive: true });
    await symlink(own, join(links, 'plumbline'));
    const npm = { npm_command: 'exec' };
    expect(await command(folder, links, npm)).toBe('npx plumbline status demo --state /s');
    expect(await command(join(folder, 'bin'), links, npm)).toBe(`${own} status demo --state /s`);
    // A person's own PATH may contain it.
    expect(await command(join(folder, 'bin'), links)).toBe('plumbline status demo --state /s');
    expect(await command(folder, '/usr/bin')).toBe('npx plumbline status demo --state /s');
    await symlink(own, join(folder, 'bin', 'plumbline'));
    expect(await command(folder, join(folder, 'bin'), npm)).toBe('plumbline status demo --state /s');
  });

  it.each(['plain/path-1', "it's a folder", 'a"b$c', 'star*', ''])('keeps %j one word in a shell', (word) => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' })).toBe(word);
  });
});
