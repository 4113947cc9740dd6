import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const markdown = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const INDEX = 'docs/README.md';
const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
const PAGES = ['.', 'docs', ...packages].flatMap(markdown);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));

/** Commands of npm itself. */
const NPM = ['test', 'start', 'ci', 'sbom'];

/** A path of this repository in code marks, such as `src/domain/confirm/confirm.ts`. Those with a placeholder or a pattern are none. */
const PATH = /`((?:src|test|docs|scripts|deploy|migrations|schema|examples|bench|bin|packages|\.github)\/[\w./-]*)`/g;

/** Made by a user, and ignored by git. */
const MADE_LATER = 'deploy/secrets/';

function missingPaths(page: string): string[] {
  const named = [...read(page).matchAll(PATH)].map(([, path = '']) => path);
  return named.filter(
    (path) => !path.startsWith(MADE_LATER) && !['.', dirname(page)].some((from) => existsSync(join(root, from, path))),
  );
}

function missingTargets(page: string): string[] {
  const targets = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(file).has(anchor);
  });
}

/** As forges make them of headings: lower case, spaces as hyphens, all else but letters, digits and underscores dropped. */
function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links of the page to files of the repository. */
function targetsOf(page: string): string[] {
  const targets = [...read(page).matchAll(/\]\(([^)\s#:]+)[^)\s:]*\)/g)].map(([, target = '']) => target);
  return targets.map((target) => join(dirname(page), target));
}

describe('the index of the documents', () => {
  it('lists every page, and the README leads to it', () => {
    const listed = targetsOf(INDEX);
    expect(markdown('docs').filter((page) => page !== INDEX && !listed.includes(page))).toEqual([]);
    expect(targetsOf('README.md')).toContain(INDEX);
  });

  it('has no picture in docs/images that no page shows', () => {
    const linked = new Set(PAGES.flatMap(targetsOf));
    const pictures = readdirSync(join(root, 'docs/images')).map((name) => `docs/images/${name}`);
    expect(pictures.filter((picture) => !linked.has(picture))).toEqual([]);
  });
});

/** Commands that fetch a package by a name that is not Plumbline's in npm's registry. */
const BY_NAME =
  /(?:npm (?:install|i|exec)|npx)(?: -\S+)* (?:@plumbline\/\S+|plumbline@\S+)|npm (?:install|i)(?: -\S+)* plumbline\b(?!\S*\.tgz)/g;

describe.each(PAGES)('%s', (page) => {
  it('installs Plumbline by file: its names belong to others in the registry', () => {
    expect(read(page).match(BY_NAME)).toBeNull();
  });

  it('names files that exist', () => {
    expect(missingPaths(page)).toEqual([]);
  });

  it('links to pages and headings that exist', () => {
    expect(missingTargets(page)).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined && !NPM.includes(name))).toEqual([]);
  });
});
