import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const stackSchema = z.object({
  pid: z.number().int().positive(),
  configPath: z.string(),
  /** What a command needs in its environment to reach the stack's Temporal and ledger. */
  env: z.record(z.string(), z.string()),
});

/** What commands need to know of a running `plumbline dev`: part of what it writes to its `stack.json`. */
export type EmbeddedStack = z.infer<typeof stackSchema>;

/**
 * The running embedded stack: the one beside the configuration that was asked for, else that of this folder, else of this
 * checkout. Null where none runs.
 */
export async function findEmbeddedStack(cwd: string, askedConfig: string | null): Promise<EmbeddedStack | null> {
  const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
  const folders = [
    ...(askedConfig === null ? [] : [dirname(resolve(cwd, askedConfig))]),
    join(cwd, '.plumbline'),
    join(packageRoot, '.plumbline'),
  ];
  for (const folder of new Set(folders)) {
    const stack = await readStack(join(folder, 'stack.json'));
    if (stack !== null && isAlive(stack.pid)) return stack;
  }
  return null;
}

/** A file that is missing, half written or of another version is no stack. */
async function readStack(path: string): Promise<EmbeddedStack | null> {
  try {
    return stackSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
