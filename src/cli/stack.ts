import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const stackSchema = z.object({
  pid: z.number().int().positive(),
  temporalAddress: z.string(),
  namespace: z.string(),
  databaseUrl: z.string(),
  serveUrl: z.string(),
  configPath: z.string(),
  env: z.record(z.string(), z.string()),
});

/** What a running `plumbline dev` says of itself in `.plumbline/stack.json`. */
export type EmbeddedStack = z.infer<typeof stackSchema>;

/** The running embedded stack of this folder, else of this checkout; null where none runs. */
export async function findEmbeddedStack(cwd: string): Promise<EmbeddedStack | null> {
  const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
  for (const folder of new Set([cwd, packageRoot])) {
    const stack = await readStack(join(folder, '.plumbline', 'stack.json'));
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
