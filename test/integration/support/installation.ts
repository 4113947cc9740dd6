import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * A copy of this checkout's built code with one change, in a folder of its own; it shares what is installed. Its workflows are
 * bundled anew.
 */
export async function installationWith(change: {
  file: string;
  from: string;
  to: string;
  /** Statements that the change needs at the head of the file. */
  imports?: string;
}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-build-'));
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  await rm(join(folder, 'dist/workflow-bundle.js'));
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const part of ['node_modules', 'migrations']) await symlink(join(ROOT, part), join(folder, part));
  const path = join(folder, change.file);
  const code = await readFile(path, 'utf8');
  if (!code.includes(change.from)) throw new Error(`${change.file} does not have ${change.from}`);
  await writeFile(path, `${change.imports ?? ''}${code.replace(change.from, change.to)}`);
  return folder;
}

/** The checkout under test. */
export const THIS_INSTALLATION = ROOT;

export interface InstalledWorker {
  /** Null: it has none. */
  version: string | null;
  /** Its log so far. */
  said(): string;
  /** Waits until the log matches. */
  says(pattern: RegExp): Promise<void>;
  /** Ends it with this signal, and waits for its end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const readyLine = z.object({ msg: z.literal('Worker ready'), version: z.string().optional() });
const PATIENCE_MS = 300_000;

/** `plumbline worker` of an installation; returns when it is ready. */
export async function startInstalledWorker(
  installation: string,
  { config, env, args = [] }: { config: string; env: Record<string, string>; args?: string[] },
): Promise<InstalledWorker> {
  const main = join(installation, 'dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'worker', '--config', config, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  let heard = (): void => {};
  const take = (chunk: Buffer): void => {
    said += chunk.toString();
    heard();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const says = async (isSaid: () => boolean, what: string): Promise<void> => {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (!isSaid()) {
      const next = new Promise<void>((resolve) => (heard = resolve));
      const late = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([next, late, ended]);
      if (isSaid()) return;
      if (deadline.aborted || child.exitCode !== null) throw new Error(`the worker has not said ${what}:\n${said}`);
    }
  };
  const ready = () =>
    said
      .split('\n')
      .map(jsonOf)
      .flatMap((line) => readyLine.safeParse(line).data ?? [])[0];
  await says(() => ready() !== undefined, '"Worker ready"');
  return {
    version: ready()?.version ?? null,
    said: () => said,
    says: async (pattern) => says(() => pattern.test(said), String(pattern)),
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
