import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { specifiersOf } from './layout.js';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Loaded by commands that need them, and not there where only Plumbline is installed. */
const OPTIONAL = ['@plumbline/dev-stack', '@plumbline/exchange-simulator', '@plumbline/tracing'];
/** Imports an optional package at once; itself it is imported only where the package was loaded before. */
const BEHIND_OPTIONAL = ['src/cli/dev-scenario.ts'];

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
export type Manifest = z.infer<typeof manifestSchema>;

export function manifestIn(folder: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')));
}

/** "packages/client" and so on: the npm packages. */
export function packageFolders(): string[] {
  const folders = readdirSync(join(repository, 'packages')).map((name) => `packages/${name}`);
  return folders.filter((folder) => existsSync(join(repository, folder, 'package.json')));
}

/** The TypeScript files of the folder, relative to the repository. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(join(repository, folder))) return [];
  const names = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

/** The file and all files of ours that it imports, directly or through others, types included. */
export function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { specifier } of specifiersOf(textOf(file)))
    if (specifier.startsWith('.')) closureOf(targetOf(file, specifier), seen);
  return seen;
}

/** The npm packages that the files import, Node's own modules left out. */
export function packagesOf(files: Iterable<string>): Set<string> {
  const specifiers = [...files].flatMap((file) => specifiersOf(textOf(file)).map(({ specifier }) => specifier));
  return new Set(specifiers.filter((specifier) => !/^(\.|node:)/.test(specifier)).map(packageName));
}

/** Imports that leave the folder or that its package.json does not name, as sentences. */
export function packageFaults(folder: string, code: (file: string) => string = textOf): string[] {
  const { dependencies } = manifestIn(folder);
  const known = new Set(Object.keys(dependencies));
  return filesBelow(`${folder}/src`).flatMap((file) =>
    specifiersOf(code(file)).flatMap(({ specifier }) => {
      if (specifier.startsWith('node:')) return [];
      if (specifier.startsWith('.'))
        return targetOf(file, specifier).startsWith(`${folder}/src/`) ? [] : [`${file} imports ${specifier}`];
      return known.has(packageName(specifier)) ? [] : [`${file} imports ${specifier}, not in its package.json`];
    }),
  );
}

/** Imports in src/ by which an installed worker would need a package that it does not have, or reach into packages/. */
export function productFaults(files: readonly string[], code: (file: string) => string = textOf): string[] {
  return files.flatMap((file) =>
    specifiersOf(code(file)).flatMap(({ specifier, typesOnly, later }) => {
      if (specifier.startsWith('.'))
        return targetOf(file, specifier).startsWith('src/') ? [] : [`${file} imports ${specifier}`];
      if (!OPTIONAL.includes(packageName(specifier))) return [];
      if (!file.startsWith('src/cli/')) return [`${file} imports ${specifier}: only commands may`];
      return typesOnly || later || BEHIND_OPTIONAL.includes(file) ? [] : [`${file} imports ${specifier} at once`];
    }),
  );
}

function textOf(file: string): string {
  return readFileSync(join(repository, file), 'utf8');
}

function targetOf(file: string, specifier: string): string {
  return relative(repository, join(repository, dirname(file), specifier)).replace(/\.js$/, '.ts');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
