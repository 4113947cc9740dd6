import { access, realpath } from 'node:fs/promises';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../terminal/io.js';

/** A folder that npm adds to PATH. */
const OF_NPM = /[/\\]node_modules[/\\]\.bin[/\\]?$/;
const PACKAGE_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A command line to copy: it works in a shell in this folder, and with `state` finds that stack from any folder. */
export async function ownCommand(io: Io, args: readonly string[], state: string | null = null): Promise<string> {
  const words = [...(await nameOf(io)), ...args, ...(state === null ? [] : ['--state', state])];
  return words.map(quoted).join(' ');
}

/** Makes command lines like `ownCommand`, for several at once. */
export async function ownCommands(io: Io): Promise<(...args: string[]) => string> {
  const name = await nameOf(io);
  return (...args) => [...name, ...args].map(quoted).join(' ');
}

/**
 * `plumbline` if the shell finds this program under that name; `npx plumbline` in the folder in which it is installed; otherwise its
 * path. Elsewhere `npx plumbline` would run the package of another project, which has that name in npm's registry.
 */
async function nameOf({ env, cwd }: Io): Promise<string[]> {
  const own = await realPath(join(PACKAGE_ROOT, 'bin', 'plumbline'));
  // A container image has its own starter.
  if (own === null) return ['plumbline'];
  // npx and npm's scripts add folders to PATH that the person's shell does not have.
  const isOfNpm = env['npm_command'] !== undefined;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    if (isOfNpm && OF_NPM.test(folder)) continue;
    const found = await realPath(join(folder, 'plumbline'));
    if (found !== null) return [found === own ? 'plumbline' : own];
  }
  if ((await realPath(join(cwd, 'node_modules', '.bin', 'plumbline'))) === own) return ['npx', 'plumbline'];
  const near = relative(cwd, own);
  return [near.startsWith('..') || !near.includes('/') ? own : near];
}

async function realPath(path: string): Promise<string | null> {
  try {
    await access(path);
    return await realpath(path);
  } catch {
    return null;
  }
}

/** Quotes the word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
