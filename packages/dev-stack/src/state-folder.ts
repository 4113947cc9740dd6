import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from './child.js';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { InUseError, StackError } from './stack-error.js';

const processSchema = z.object({ pid: z.number().int().positive(), identity: z.string() });

const stackSchema = z.object({
  pid: z.number().int().positive(),
  /** Distinguishes the process from a later one with the same id. */
  identity: z.string(),
  startedAt: z.string(),
  temporalAddress: z.string(),
  namespace: z.string(),
  uiUrl: z.string().nullable(),
  databaseUrl: z.string().nullable(),
  simulatorUrl: z.string().nullable(),
  /** Absent in files of earlier versions. */
  inboxUrl: z.string().nullable().default(null),
  serveUrl: z.string(),
  workerMetricsUrl: z.string(),
  configPath: z.string(),
  /**
   * What other commands of this user need in their environment to reach the stack. Contains the database's password.
   */
  env: z.record(z.string(), z.string()),
});

/** How a running stack is reached; other `plumbline` commands read it from the state folder. */
export type StackDescription = z.infer<typeof stackSchema>;

/** The one folder in which an embedded stack keeps all its state; one stack at a time may hold it. */
export class StateFolder {
  private constructor(readonly path: string) {}

  /**
   * Takes the folder for this process, creating it if necessary. A lock of a process that is gone is taken over.
   *
   * @throws InUseError if another living process holds it; Error if this user cannot write to it
   */
  static async take(path: string): Promise<StateFolder> {
    const folder = new StateFolder(path);
    try {
      // Others may enter but not read it: PostgreSQL may have to run as another user.
      await mkdir(folder.file('logs'), { recursive: true, mode: 0o711 });
      await folder.lock();
    } catch (error) {
      if (error instanceof InUseError) throw error;
      throw new StackError(
        `The state folder ${path} cannot be used: ${messageOf(error)}`,
        'If it belongs to another user (root?), run as that user, remove it, or choose another one with --state.',
        { cause: error },
      );
    }
    // The file of a stack that was killed must not mislead other commands while this one starts.
    await rm(folder.file('stack.json'), { force: true });
    return folder;
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  async describe(stack: StackDescription): Promise<void> {
    await this.write('stack.json', `${JSON.stringify(stack, null, 2)}\n`);
  }

  /** Writes the file atomically, readable by this user only. */
  async write(name: string, text: string): Promise<string> {
    const path = this.file(name);
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return path;
  }

  async release(): Promise<void> {
    await rm(this.file('stack.json'), { force: true });
    await rm(this.file('lock'), { force: true });
  }

  private async lock(): Promise<void> {
    const identity = (await processIdentity(process.pid)) ?? '';
    const own = `${JSON.stringify({ pid: process.pid, identity })}\n`;
    for (;;) {
      try {
        await writeFile(this.file('lock'), own, { flag: 'wx', mode: 0o600 });
        return;
      } catch (error) {
        if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = await readJson(this.file('lock'), processSchema);
      if (holder !== null && (await processIdentity(holder.pid)) === holder.identity) {
        throw await this.alreadyRunning(holder.pid);
      }
      await rm(this.file('lock'), { force: true });
    }
  }

  private async alreadyRunning(pid: number): Promise<InUseError> {
    const stack = await readJson(this.file('stack.json'), stackSchema);
    const places =
      stack === null
        ? ' and is still coming up'
        : `: status ${stack.serveUrl}, Temporal ${stack.uiUrl ?? stack.temporalAddress}`;
    return new InUseError(
      `The stack in ${this.path} is running already, as process ${pid}${places}`,
      `Use it as it is (plumbline status --state ${this.path}), stop it with: kill ${pid}, or start another one with --state FOLDER.`,
    );
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
