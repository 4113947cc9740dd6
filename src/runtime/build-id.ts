import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from './version.js';

const DIGITS = 12;
/** Code is neither a source map, nor a type declaration, nor the stamp of the build. */
const CODE = /\.(?:js|mjs|cjs|ts|json)$/;
const NO_CODE = /\.d\.ts$/;

/**
 * Identifies the code that runs here: the package's version, and a digest of its files, of those of `@plumbline/primitives`, and of
 * `package.json`, which names exact versions of dependencies, and `package-lock.json` if it exists. Two builds of one version have
 * different ids. One build has the same id in every process and on every machine.
 */
export function buildIdOfThisCode(): string {
  const own = fileURLToPath(new URL('..', import.meta.url));
  const root = join(own, '..');
  const primitives = fileURLToPath(new URL('.', import.meta.resolve('@plumbline/primitives/free-port')));
  return buildIdOf(version, [own, primitives], [join(root, 'package.json'), join(root, 'package-lock.json')]);
}

/** @param folders whose code counts @param files that count if they exist */
export function buildIdOf(packageVersion: string, folders: readonly string[], files: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (name: string, path: string): void => {
    hash.update(`${name}\0`);
    hash.update(readFileSync(path));
    hash.update('\0');
  };
  folders.forEach((folder, index) => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => CODE.test(name) && !NO_CODE.test(name),
    );
    for (const name of names.toSorted()) {
      add(`${index}/${name.replaceAll(sep, '/')}`, join(folder, name));
    }
  });
  files.forEach((path, index) => {
    if (existsSync(path)) add(`file ${index}`, path);
  });
  return `${packageVersion}-${hash.digest('hex').slice(0, DIGITS)}`;
}
