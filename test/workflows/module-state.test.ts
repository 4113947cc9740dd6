import { describe, expect, it } from '@jest/globals';
import { sourceFiles } from '../support/layout.js';
import { changeableStateOf } from '../support/module-state.js';

describe('modules that all workflows of a worker share', () => {
  it.each(['workflows', 'domain'])('%s keep nothing that could pass from one account to another', (room) => {
    const modules = sourceFiles().filter(({ path }) => path.startsWith(`${room}/`));
    expect(modules.length).toBeGreaterThan(15);
    expect(modules.flatMap(({ path, code }) => changeableStateOf(code).map((what) => `${path}: ${what}`))).toEqual([]);
  });

  it.each([
    ['let last = 0;', ['let last']],
    ['export let last = 0;', ['let last']],
    ['const seen = new Map<string, number>();', ['seen, a Map that is not typed as read-only']],
    ['export const seen = new Set();', ['seen, a Set that is not typed as read-only']],
    ['const texts = new WeakMap<object, string>();', []],
    ['const names: ReadonlySet<string> = new Set(["a"]);', []],
    ['function count() { let last = 0; const seen = new Map(); return [last, seen]; }', []],
  ])('%s', (code, faults) => {
    expect(changeableStateOf(code)).toEqual(faults);
  });
});
