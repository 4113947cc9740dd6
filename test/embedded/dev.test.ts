import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { waitForEnd } from '../../packages/dev-stack/src/processes.js';
import { devEnvironment, DevFolder, STAYS_UP, until, type RunningDev } from './dev-folder.js';

let folder: DevFolder;
let stack: RunningDev;
beforeAll(async () => {
  folder = await DevFolder.create();
  stack = await folder.dev(['--no-scenario'], STAYS_UP);
}, 120_000);
afterAll(async () => folder.remove(), 60_000);

/** A start takes many seconds, so these share one stack, one after the other. */
describe('plumbline dev', () => {
  it('names commands that work when they are copied, from any folder', async () => {
    const [, command = ''] = /^ {2}(.+ status .+)$/m.exec(stack.output()) ?? [];
    const [, exported = ''] = /(export PLUMBLINE_STATE=\S+)/.exec(stack.output()) ?? [];
    expect(command).toContain(folder.state());
    const elsewhere = await mkdtemp(join(tmpdir(), 'plumbline-elsewhere-'));
    try {
      const copied = (text: string): string =>
        execFileSync('/bin/sh', ['-c', text], { cwd: elsewhere, env: devEnvironment(), encoding: 'utf8' });
      expect(copied(command)).toContain('demo');
      const [program = ''] = command.split(' ');
      expect(copied(`${exported}; ${program} runs demo -o json`)).toContain('"account": "demo"');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  }, 120_000);

  it('refuses a second start in the same folder, and says what to do', async () => {
    const second = await folder.dev(['--no-scenario'], `running already, as process ${await folder.stackPid()}`);
    const [code] = second.child.exitCode === null ? await once(second.child, 'exit') : [second.child.exitCode];
    expect(code).toBe(2);
    expect(second.output()).toContain('--state');
    expect(await folder.parts()).toHaveLength(4);
  }, 120_000);

  it('starts a worker again that ended by itself, and says so', async () => {
    const before = await folder.part('worker');
    process.kill(before.pid, 'SIGKILL');
    await until(() => stack.output().includes('plumbline worker is ready again'), stack);
    expect(stack.output()).toContain(
      'plumbline worker ended with signal SIGKILL and is started again in 1 s (1 of at most 5 times',
    );
    expect((await folder.part('worker')).pid).not.toBe(before.pid);
    await folder.plumbline('run', 'demo');
  }, 120_000);

  it('leaves no process behind when it is killed, and the next start continues at once', async () => {
    const before = await folder.parts();
    expect(before).toHaveLength(4);
    const runs = await folder.plumbline('runs', 'demo', '-o', 'json');
    stack.child.kill('SIGKILL');
    await once(stack.child, 'exit');

    stack = await folder.dev(['--no-scenario'], STAYS_UP);
    const gone = await Promise.all(before.map(async ({ pid, identity }) => waitForEnd(pid, identity, 0)));
    expect(gone).toEqual([true, true, true, true]);
    expect(await folder.plumbline('runs', 'demo', '-o', 'json')).toBe(runs);
  }, 180_000);

  it('ends all of its parts when it is asked to end, and leaves no trace of running', async () => {
    const started = await folder.parts();
    expect(started).toHaveLength(4);
    stack.child.kill('SIGTERM');
    const [code] = await once(stack.child, 'exit');
    expect(code).toBe(0);
    expect(await Promise.all(started.map(async ({ pid }) => processIdentity(pid)))).toEqual([null, null, null, null]);
    expect(await readdir(folder.state())).not.toEqual(expect.arrayContaining(['stack.json']));
    expect(await readdir(folder.state())).not.toEqual(expect.arrayContaining(['lock']));
  }, 120_000);
});
