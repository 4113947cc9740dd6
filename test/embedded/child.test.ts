import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { startChild, type Child, type ChildOptions } from '../../packages/dev-stack/src/child.js';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { waitForEnd } from '../../packages/dev-stack/src/processes.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

let folder: string;
const children: Child[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-child-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(async (child) => child.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function startScript(script: string, more: Partial<ChildOptions> = {}): Promise<Child> {
  const child = await startChild({
    name: 'test child',
    command: 'sh',
    args: ['-c', script, 'child', folder],
    logFile: join(folder, 'child.log'),
    pidFile: join(folder, 'child.pid.json'),
    stopSeconds: 20,
    ...more,
  });
  children.push(child);
  return child;
}

const untilItIsThere = async (file: string): Promise<void> => {
  const started = performance.now();
  while (
    !(await access(file).then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() - started > 40_000) throw new Error(`${file} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Says when it is ready, and notes that it was asked to end. */
const polite = `trap 'touch "$1/asked"; exit 7' TERM; touch "$1/ready"; while :; do sleep 0.05; done`;
const deaf = `trap '' TERM; touch "$1/ready"; while :; do sleep 0.05; done`;

describe('a child', () => {
  it('ends when it is asked to, with its own exit code', async () => {
    const child = await startScript(polite);
    await untilItIsThere(join(folder, 'ready'));
    expect(await child.stop()).toEqual({ code: 7, signal: null });
    expect(child.exit).toEqual({ code: 7, signal: null });
    expect(await child.stop()).toEqual({ code: 7, signal: null });
  });

  it('is killed when it does not listen', async () => {
    const child = await startScript(deaf, { stopSeconds: 1 });
    await untilItIsThere(join(folder, 'ready'));
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('leads a session of its own, so that Ctrl-C does not reach it', async () => {
    const child = await startScript(polite);
    expect(process.kill(-child.pid, 0)).toBe(true);
  });

  it('writes to its log, and its last words are those of this start', async () => {
    const first = await startScript('echo one');
    await first.exited;
    const second = await startScript('echo two; echo three >&2; exit 3');
    expect(await second.exited).toEqual({ code: 3, signal: null });
    expect(await second.lastWords()).toBe('two\nthree');
    expect(await second.lastWords(1)).toBe('three');
    expect(await readFile(join(folder, 'child.log'), 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it('that cannot be started says why', async () => {
    const child = await startScript('', { command: join(folder, 'no-such-program'), args: [] });
    expect(await child.exited).toEqual({ code: 127, signal: null });
    expect(await child.lastWords()).toContain('no-such-program');
  });

  it('does not take the pipe that watches over it for an input', async () => {
    const child = await startScript('( : <&3 ) 2>/dev/null && echo open || echo closed');
    await child.exited;
    expect(await child.lastWords()).toBe('closed');
  });
});

describe('the child of a parent that is killed', () => {
  async function killedParent(script: string, stopSeconds: number): Promise<{ pid: number; identity: string }> {
    const parent = spawn(
      process.execPath,
      [
        '--import',
        path('../../scripts/typescript-loader.mjs'),
        path('./fixtures/parent.ts'),
        folder,
        script,
        String(stopSeconds),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const pid = Number(line);
    const identity = await processIdentity(pid);
    if (identity === null) throw new Error('the child has ended already');
    await untilItIsThere(join(folder, 'ready'));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return { pid, identity };
  }

  it('is asked to end', async () => {
    const { pid, identity } = await killedParent(polite, 20);
    expect(await waitForEnd(pid, identity, 40)).toBe(true);
    await expect(access(join(folder, 'asked'))).resolves.toBeUndefined();
  });

  it('is killed when it does not listen', async () => {
    const { pid, identity } = await killedParent(deaf, 1);
    expect(await waitForEnd(pid, identity, 40)).toBe(true);
  });

  it('is waited for, or ended, by the next start', async () => {
    const { pid, identity } = await killedParent(deaf, 1);
    await startScript(polite);
    expect(await processIdentity(pid)).not.toBe(identity);
  });
});

describe('a pid file', () => {
  /** As if its watcher had been killed too. */
  async function orphan(identityOf: (identity: string) => string): Promise<{ pid: number; identity: string }> {
    const sleeper = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const pid = sleeper.pid ?? 0;
    const identity = (await processIdentity(pid)) ?? '';
    const content = { child: { pid, identity: identityOf(identity) }, owner: { pid, identity: 'gone' } };
    await writeFile(join(folder, 'child.pid.json'), JSON.stringify(content));
    return { pid, identity };
  }

  it('leads to a leftover, which is ended', async () => {
    const { pid } = await orphan((identity) => identity);
    await startScript(polite);
    expect(await processIdentity(pid)).toBeNull();
  });

  it('does not lead to another process that got the same number', async () => {
    const { pid, identity } = await orphan(() => 'another start');
    await startScript(polite);
    expect(await processIdentity(pid)).toBe(identity);
    process.kill(pid, 'SIGKILL');
  });

  it('protects the child of a living parent', async () => {
    const child = await startScript(polite);
    await expect(startScript(polite)).rejects.toThrow(`kept by the running process ${process.pid}`);
    expect(child.exit).toBeNull();
  });

  it('that is damaged is no obstacle', async () => {
    await writeFile(join(folder, 'child.pid.json'), '{"child":');
    const child = await startScript('exit 0');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
