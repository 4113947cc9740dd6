import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { processIdentity } from '../../embedded/processes.js';
import { errorCode } from '../../runtime/error-shape.js';

const stackSchema = z.object({
  pid: z.number().int().positive(),
  /** Distinguishes the process from a later one with the same id; absent in files of older versions. */
  identity: z.string().optional(),
  configPath: z.string(),
  /** What a command needs in its environment to reach the stack's Temporal and ledger. */
  env: z.record(z.string(), z.string()),
});

/** What commands need to know of a running `plumbline dev`: part of what it writes to its `stack.json`. */
export type EmbeddedStack = z.infer<typeof stackSchema>;

/** The stack that runs in this state folder, or null. */
export async function stackIn(folder: string): Promise<EmbeddedStack | null> {
  const stack = await readStack(join(folder, 'stack.json'));
  return stack !== null && (await isAlive(stack)) ? stack : null;
}

/**
 * The running stacks where nobody names a state folder: the one beside the configuration that was asked for, that of this
 * folder, that of this checkout; in this order.
 */
export async function findEmbeddedStacks(cwd: string, askedConfig: string | null): Promise<EmbeddedStack[]> {
  const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
  const folders = [
    ...(askedConfig === null ? [] : [dirname(resolve(cwd, askedConfig))]),
    join(cwd, '.plumbline'),
    join(packageRoot, '.plumbline'),
  ];
  const stacks = await Promise.all([...new Set(folders)].map(stackIn));
  return stacks.filter((stack) => stack !== null);
}

/** A file that is missing, half written or of another version is no stack. */
async function readStack(path: string): Promise<EmbeddedStack | null> {
  try {
    return stackSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function isAlive({ pid, identity }: EmbeddedStack): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It lives, but belongs to another user.
    if (errorCode(error) !== 'EPERM') return false;
  }
  // After a crash another process may have got its id.
  return identity === undefined || ((await processIdentity(pid)) ?? '') === identity;
}
