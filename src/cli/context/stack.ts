import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { errorCode } from '../../runtime/error-shape.js';

/** The state folder of `plumbline dev` with the user's own configuration, and that of the demo. */
export const OWN_STATE = '.plumbline';
export const DEMO_STATE = '.plumbline-demo';

const stackSchema = z.object({
  pid: z.number().int().positive(),
  /** Distinguishes the process from a later one with the same id; absent in files of older versions. */
  identity: z.string().optional(),
  configPath: z.string(),
  /** Environment variables with which a command reaches the stack's Temporal and ledger. */
  env: z.record(z.string(), z.string()),
});

/** What commands need to know about a running `plumbline dev`: a part of its `stack.json`. */
export type EmbeddedStack = z.infer<typeof stackSchema>;

/** The stack that runs in this state folder, or null. */
export async function stackIn(folder: string): Promise<EmbeddedStack | null> {
  const stack = await readStack(join(folder, 'stack.json'));
  return stack !== null && (await isAlive(stack)) ? stack : null;
}

/**
 * The running stacks if no state folder is named, in this order: the one next to the requested configuration, the one
 * of this folder, the one of this checkout; each before the demo beside it.
 */
export async function findEmbeddedStacks(cwd: string, askedConfig: string | null): Promise<EmbeddedStack[]> {
  const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
  const folders = [
    ...(askedConfig === null ? [] : [dirname(resolve(cwd, askedConfig))]),
    ...[cwd, packageRoot].flatMap((folder) => [join(folder, OWN_STATE), join(folder, DEMO_STATE)]),
  ];
  const stacks = await Promise.all([...new Set(folders)].map(stackIn));
  return stacks.filter((stack) => stack !== null);
}

/** A file that is missing, incomplete or of another version counts as no stack. */
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
    // The process exists but belongs to another user.
    if (errorCode(error) !== 'EPERM') return false;
  }
  // After a crash, another process may have got the same id.
  return identity === undefined || ((await processIdentity(pid)) ?? '') === identity;
}
