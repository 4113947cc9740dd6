import { describe, expect, it } from '@jest/globals';
import { allowed, arrowsOf, faultsOf, folderCircles, sourceFiles } from './support/layout.js';

/** Those with code; the client is built from src/. */
const PACKAGES = ['primitives', 'exchange-simulator', 'dev-stack', 'bot'].map((name) => `packages/${name}/src`);

describe('the layout', () => {
  it('has arrows that point down only', () => {
    const files = sourceFiles();
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(arrowsOf).length).toBeGreaterThan(50);
    expect(faultsOf(files)).toEqual([]);
  });

  it.each(['src', ...PACKAGES])('has no folders that import each other in %s', (root) => {
    const files = sourceFiles(root);
    expect(files.length).toBeGreaterThan(2);
    expect(folderCircles(files)).toEqual([]);
  });

  it('is itself free of circles', () => {
    const reaches = (part: string, seen = new Set<string>()): Set<string> => {
      for (const next of allowed[part] ?? []) {
        if (next === '*' || seen.has(next)) continue;
        seen.add(next);
        reaches(next, seen);
      }
      return seen;
    };
    for (const part of Object.keys(allowed)) expect([...reaches(part)]).not.toContain(part);
  });
});

describe('the check of the layout', () => {
  it.each([
    ['domain imports our code', 'domain/observation.ts', `import { x } from '../config/config.js';`],
    ['domain imports types of ours', 'domain/observation.ts', `import type { X } from '../ledger/ledger.js';`],
    ['domain does I/O', 'domain/observation.ts', `import { readFile } from 'node:fs/promises';`],
    ['a lower part imports a higher one', 'ledger/store.ts', `export { y } from '../activities/judge.js';`],
    ['a sibling imports a sibling', 'internal/http.ts', `export * from '../exchange/reader.js';`],
    ['a workflow imports an activity', 'workflows/loop.ts', `import { judge } from '../activities/judge.js';`],
    [
      'a workflow imports one type and one value',
      'workflows/loop.ts',
      `import { type A, b } from '../activities/a.js';`,
    ],
    ['a workflow reaches the file system', 'workflows/loop.ts', `import fs from 'node:fs';`],
    ['an import hides in an expression', 'ledger/store.ts', `const later = async () => import('../client.js');`],
    ['an import hides in a type', 'config/config.ts', `let x: import('../ledger/ledger.js').Ledger;`],
    ['a folder is unknown', 'helpers/strings.ts', `import { x } from '../domain/observation.js';`],
  ])('finds that %s', (_, path, code) => {
    expect(faultsOf([{ path, code }])).toHaveLength(1);
  });

  it('finds folders that import each other, through a third one and by a type', () => {
    const files = [
      { path: 'ledger/read/runs.ts', code: `import { x } from '../write/runs.js';` },
      { path: 'ledger/write/runs.ts', code: `import { x } from '../verify/runs.js';` },
      { path: 'ledger/verify/runs.ts', code: `import type { X } from '../read/runs.js';` },
      { path: 'cli/commands/runs.ts', code: `import { x } from '../../ledger/read/runs.js';` },
    ];
    expect(folderCircles(files)).toEqual(['ledger/read <-> ledger/verify <-> ledger/write']);
    expect(folderCircles(files.slice(1))).toEqual([]);
  });

  it.each([
    ['its own folder', 'domain/observation.ts', `import { x } from './scope.js';`],
    ['a lower part', 'activities/judge.ts', `import { x } from '../ledger/ledger.js';`],
    ['types of activities in a workflow', 'workflows/loop.ts', `import type { A } from '../activities/activities.js';`],
    ['only types, one by one', 'workflows/loop.ts', `import { type A, type B } from '../activities/activities.js';`],
    ['anything in the command line', 'cli/dev.ts', `import { x } from '../ledger/ledger.js';`],
    ['the version', 'exchange/transport.ts', `import { version } from '../runtime/version.js';`],
  ])('allows %s', (_, path, code) => {
    expect(faultsOf([{ path, code }])).toEqual([]);
  });
});
