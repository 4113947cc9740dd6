// Finds the changed files and the tests that belong to them, for `npm test -- --changed`.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { inRoot, root } from './checkout.mjs';

/** Tests in another folder that also guard a room. */
const GUARDS = { domain: ['replay'], workflows: ['replay'], primitives: ['domain', 'net'], http: ['bot'] };
/** Packages whose tests lie in a folder of another name. */
const TESTS_OF_PACKAGES = { 'exchange-simulator': 'simulator', 'dev-stack': 'embedded' };

/**
 * Files that differ from the commit, including untracked ones. If none differ from HEAD, the files of the last commit.
 * Relative to the root; deleted files are left out.
 */
export function changedFiles(reference) {
  const lines = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  const since = (commit) => [
    ...lines('diff', '--name-only', '--relative', commit, '--'),
    ...lines('ls-files', '--others', '--exclude-standard'),
  ];
  const files = since(reference ?? 'HEAD');
  return (files.length === 0 && reference === undefined ? since('HEAD~1') : files).filter((file) =>
    existsSync(inRoot(file)),
  );
}

/**
 * The tests of the changed rooms that import a changed file, directly or indirectly. A room is a folder of src/ and the
 * folder of the same name in test/, or a package and its tests. Tests of other rooms are left to the full run.
 *
 * @param related absolute paths of the tests that import any of the files
 */
export function testsOf(files, related) {
  const rooms = new Set(files.map(roomOf).flatMap((room) => [room, ...(GUARDS[room] ?? [])]));
  const chosen = related
    .map((path) => relative(root, path))
    .filter((path) => files.includes(path) || rooms.has(roomOf(path)));
  // No test imports it: they run it.
  if (files.some((file) => file.startsWith('packages/bot-python/'))) {
    chosen.push('test/bot/clients.test.ts', 'test/bot/hostile.test.ts', 'test/bot/watch/cases.test.ts');
  }
  if (files.some(isCode)) chosen.push('test/layout.test.ts', 'test/packages.test.ts');
  // Documents name files, and each other.
  if (files.some((file) => file.endsWith('.md') || isCode(file))) chosen.push('test/scripts/documents.test.ts');
  return [...new Set(chosen)];
}

const isCode = (file) => file.startsWith('src/') || file.startsWith('packages/');

/**
 * "domain" for src/domain/compare/compare.ts and test/domain/compare.test.ts; "worker" for src/worker.ts and
 * test/worker.test.ts.
 */
function roomOf(file) {
  const [top, second = ''] = file.split('/');
  if (top === 'packages') return TESTS_OF_PACKAGES[second] ?? second;
  return top === 'src' || top === 'test' ? second.replace(/(?:\.test)?\.ts$/, '') : '';
}
