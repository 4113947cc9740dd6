import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { waitForEnd } from '../../packages/dev-stack/src/processes.js';

const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const staysUp = 'runs until Ctrl-C';

let folder: string;
const state = (...parts: string[]): string => join(folder, '.plumbline', ...parts);
const running: ChildProcess[] = [];

beforeAll(async () => {
  await access(commandLine).catch(() => {
    throw new Error('dist/ is missing: these tests run what is built. Run npm test, or npm run build first.');
  });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-dev-'));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
  await rm(folder, { recursive: true, force: true });
}, 60_000);
const environment = (): NodeJS.ProcessEnv => {
  const hidden = ['TEMPORAL_ADDRESS', 'PLUMBLINE_CONFIG', 'PLUMBLINE_STATE', 'NODE_OPTIONS'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.includes(name)));
};

/** Starts `plumbline dev` and waits for the text, or its end. */
async function dev(args: string[], until: string): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(process.execPath, [commandLine, 'dev', '--state', state(), ...args], {
    env: environment(),
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let output = '';
  await new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes(until)) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', () => resolve());
  });
  if (!output.includes(until)) throw new Error(`plumbline dev ended without "${until}":\n${output}`);
  return { child, output: () => output };
}

const pidFileSchema = z.object({ child: z.object({ pid: z.number(), identity: z.string() }) });
const stackSchema = z.object({ pid: z.number() });

/** The processes that the stack of the folder has started. */
async function parts(): Promise<{ pid: number; identity: string }[]> {
  const files = await readdir(state(), { recursive: true });
  const pidFiles = files.filter((file) => file.endsWith('.pid.json'));
  return Promise.all(
    pidFiles.map(async (file) => pidFileSchema.parse(JSON.parse(await readFile(state(file), 'utf8'))).child),
  );
}

async function partOf(name: 'worker' | 'serve'): Promise<{ pid: number; identity: string }> {
  return pidFileSchema.parse(JSON.parse(await readFile(state(`${name}.pid.json`), 'utf8'))).child;
}

async function until(holds: () => boolean, output: () => string): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it does not come to that:\n${output()}`);
    await sleep(20);
  }
}

async function stackPid(): Promise<number> {
  return stackSchema.parse(JSON.parse(await readFile(state('stack.json'), 'utf8'))).pid;
}

async function plumbline(...args: string[]): Promise<string> {
  const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
    execFile(process.execPath, [commandLine, ...args], { env: environment(), cwd: folder }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout });
      else reject(new Error(`${args.join(' ')}: ${stdout}${stderr}`));
    });
  });
  return stdout;
}

describe('plumbline dev', () => {
  it('plays its scenario, and every verdict is the right one', async () => {
    const { child, output } = await dev(['--once'], 'every verdict as expected');
    const [code] = await once(child, 'exit');
    expect({ code, output: output() }).toEqual({ code: 0, output: expect.not.stringContaining('✗ wrong') });
  }, 300_000);

  it('ends all of its parts when it is asked to end, and leaves no trace of running', async () => {
    const { child } = await dev(['--no-scenario'], staysUp);
    const started = await parts();
    expect(started).toHaveLength(4);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(await Promise.all(started.map(async ({ pid }) => processIdentity(pid)))).toEqual([null, null, null, null]);
    expect(await readdir(state())).not.toEqual(expect.arrayContaining(['stack.json']));
    expect(await readdir(state())).not.toEqual(expect.arrayContaining(['lock']));
  }, 120_000);

  it('names commands that work when they are copied, from any folder', async () => {
    const { output } = await dev(['--no-scenario'], 'export PLUMBLINE_STATE');
    const [, command = ''] = /^ {2}(.+ status .+)$/m.exec(output()) ?? [];
    const [, exported = ''] = /(export PLUMBLINE_STATE=\S+)/.exec(output()) ?? [];
    expect(command).toContain(state());
    const elsewhere = await mkdtemp(join(tmpdir(), 'plumbline-elsewhere-'));
    try {
      const copied = (text: string): string =>
        execFileSync('/bin/sh', ['-c', text], { cwd: elsewhere, env: environment(), encoding: 'utf8' });
      expect(copied(command)).toContain('demo');
      const [program = ''] = command.split(' ');
      expect(copied(`${exported}; ${program} runs demo -o json`)).toContain('"account": "demo"');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  }, 120_000);

  it('leaves no process behind when it is killed, and the next start continues at once', async () => {
    const { child } = await dev(['--no-scenario'], staysUp);
    const before = await parts();
    await plumbline('run', 'demo');
    const runs = await plumbline('runs', 'demo', '-o', 'json');
    child.kill('SIGKILL');
    await once(child, 'exit');

    await dev(['--no-scenario'], staysUp);
    const gone = await Promise.all(before.map(async ({ pid, identity }) => waitForEnd(pid, identity, 0)));
    expect(gone).toEqual([true, true, true, true]);
    expect(await plumbline('runs', 'demo', '-o', 'json')).toBe(runs);
  }, 180_000);

  it('starts a worker again that ended by itself, and says so', async () => {
    const { child, output } = await dev(['--no-scenario'], staysUp);
    const before = await partOf('worker');
    process.kill(before.pid, 'SIGKILL');
    await until(() => output().includes('plumbline worker is ready again'), output);
    expect(output()).toContain(
      'plumbline worker ended with signal SIGKILL and is started again in 1 s (1 of at most 5 times',
    );
    expect((await partOf('worker')).pid).not.toBe(before.pid);
    await plumbline('run', 'demo');

    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(await processIdentity((await partOf('worker').catch(() => before)).pid)).toBeNull();
  }, 120_000);

  it('ends when a part ends again and again, and says which', async () => {
    const { child, output } = await dev(['--no-scenario'], staysUp);
    const ended = once(child, 'exit');
    for (let kills = 1; child.exitCode === null; kills++) {
      process.kill((await partOf('serve')).pid, 'SIGKILL');
      const again = `${kills} of at most 5 times`;
      await until(() => output().includes(again) || child.exitCode !== null, output);
      // Killed also before it is ready.
      await until(() => child.exitCode !== null || existsSync(state('serve.pid.json')), output);
    }
    const [code] = await ended;
    expect(code).toBe(2);
    expect(output()).toMatch(/plumbline serve ended with signal SIGKILL[^]*for the 6th time in 10 minutes/);
  }, 180_000);

  it('refuses a second start in the same folder, and says what to do', async () => {
    await dev(['--no-scenario'], staysUp);
    const second = await dev(['--no-scenario'], `running already, as process ${await stackPid()}`);
    const [code] = second.child.exitCode === null ? await once(second.child, 'exit') : [second.child.exitCode];
    expect(code).toBe(2);
    expect(second.output()).toContain('--state');
    expect(await parts()).toHaveLength(4);
  }, 120_000);
});
