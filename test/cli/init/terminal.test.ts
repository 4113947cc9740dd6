import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { quoted } from '../../../src/cli/context/own-command.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Of util-linux: a part of every Debian. It runs a command on a pseudo-terminal. */
const SCRIPT = '/usr/bin/script';
const isHere = process.platform === 'linux' && existsSync(SCRIPT);

(isHere ? describe : describe.skip)('plumbline init on a real terminal', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-init-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  /** Types each answer when its question stands on the screen. */
  async function type(answers: readonly (readonly [question: string, answer: string])[]) {
    const loader = join(root, 'scripts/typescript-loader.mjs');
    const words = [process.execPath, '--import', loader, join(root, 'src/cli/main.ts'), 'init', '--ports', ''];
    const command = `${words.map(quoted).join(' ')}; echo "exit $?"; stty -a | grep -o -- '-\\?icanon'`;
    const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    let screen = '';
    const left = [...answers];
    let from = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      const [next] = left;
      if (next === undefined || !screen.slice(from).includes(next[0])) return;
      left.shift();
      from = screen.length;
      child.stdin.write(next[1]);
    });
    await once(child, 'close');
    return { screen, left };
  }

  it('writes the file after the last answer, and gives the terminal back', async () => {
    const { screen, left } = await type([
      ['Number or name:', 'pusg\u007fh\r'],
      ['Exchange:', 'okx\r'],
      ['Other names?', '\r'],
      ['Number or name [1]:', '\r'],
      ['Name of the account', '\r'],
      ['Also write plumbline.env', 'y\r'],
      ['Write plumbline.yaml?', '\r'],
    ]);
    expect(left).toEqual([]);
    expect(screen).toMatch(/exit 0\r\nicanon/);
    expect(await readFile(join(folder, 'plumbline.yaml'), 'utf8')).toContain('id: okx');
    expect((await readdir(folder)).toSorted()).toEqual(['plumbline.env', 'plumbline.yaml']);
  }, 60_000);

  it('leaves nothing behind after Ctrl-C, and gives the terminal back', async () => {
    const { screen } = await type([
      ['Number or name:', 'push\r'],
      ['Exchange:', 'okx\u0003'],
    ]);
    expect(screen).toMatch(/nothing was written\r\n[^]*exit 2\r\nicanon/);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);
});
