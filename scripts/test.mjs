// npm test: all checks. npm test -- <jest arguments>: only those tests. npm test -- --changed [COMMIT]: format, lint,
// types, and the tests of the rooms that differ from the commit (default: HEAD, or the last commit if nothing differs).
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { changedFiles, testsOf } from './changed.mjs';
import { inRoot, readText, root } from './checkout.mjs';
import { setup } from './setup.mjs';
import { run, say, step, StepFailed } from './steps.mjs';

const chosen = process.argv.slice(2);
const failed = [];

const binary = (name, path) => inRoot('node_modules', name, path);
/** @param files to format and lint; types are always checked for the whole project */
const checksOf = (files) => [
  {
    title: 'Format (prettier)',
    args: [binary('prettier', 'bin/prettier.cjs'), '--check', '--ignore-unknown', ...files],
  },
  {
    title: 'Lint (oxlint, with types)',
    args: [
      binary('oxlint', 'bin/oxlint'),
      '--type-aware',
      '--deny-warnings',
      ...files.filter((file) => file === '.' || /\.m?[jt]s$/.test(file)),
    ],
  },
  { title: 'Types (tsc)', args: [binary('typescript', 'bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
];

/** Runs a step. A failure is recorded and the next step still runs, so that one run shows everything that fails. */
async function attempt(title, work) {
  try {
    await step(title, work);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    failed.push(title);
  }
}

/**
 * Tests that only compute, or that serve themselves, use all cores, and one test more for the time that a test waits. All
 * others share one Temporal server and one PostgreSQL, so they run three at a time on any machine.
 */
const ALONE = [
  'activities',
  'config',
  'domain',
  'exchange',
  'internal',
  'logging',
  'net',
  'redaction',
  'scripts',
  'simulation',
  'simulator',
  'supply',
  'workflows',
];
const ALONE_PATTERN = `/test/(${ALONE.join('|')})/`;
const parts = [
  { title: 'Tests of parts (jest)', args: [`--maxWorkers=${availableParallelism() + 1}`, ALONE_PATTERN] },
  {
    title: 'Tests with servers (jest)',
    args: ['--maxWorkers=3', '--testPathIgnorePatterns', '/node_modules/', ALONE_PATTERN],
  },
];

// Jest runs ES modules in Node's vm modules, which need a flag.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const seed = process.env.PLUMBLINE_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const jestEnvironment = {
  ...process.env,
  PLUMBLINE_TEST_SEED: seed,
  NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' '),
};

/** Jest shows its own progress; the totals come from its report. */
async function jest(title, jestArguments) {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-jest-'));
  const report = join(folder, 'report.json');
  say(`… ${title}`);
  const start = performance.now();
  try {
    const code = await new Promise((resolve, reject) => {
      const args = [binary('jest', 'bin/jest.js'), '--json', '--outputFile', report, ...jestArguments];
      // With --json, jest prints the report to stdout too; its messages for people go to stderr.
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: jestEnvironment,
        stdio: ['inherit', 'ignore', 'inherit'],
      });
      // A terminal's Ctrl-C reaches jest as well: it cleans up, and this process waits for it.
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
      child.once('error', reject);
      child.once('exit', (exitCode) => resolve(exitCode ?? 1));
    });
    say(`${code === 0 ? '✓' : '✗'} ${title} ${((performance.now() - start) / 1000).toFixed(1)} s`);
    if (code !== 0) failed.push(title);
    return JSON.parse(readText(report) ?? 'null');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Absolute paths of the tests that import one of the files, as jest sees the imports. */
function relatedTests(files) {
  if (files.length === 0) return [];
  const args = [binary('jest', 'bin/jest.js'), '--listTests', '--json', '--findRelatedTests', ...files];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, env: jestEnvironment, encoding: 'utf8' }));
}

/** Prints the slowest files, if the run takes long enough. */
function slowest(reports, count) {
  const files = reports.flatMap((report) => report?.testResults ?? []);
  if (files.length <= count) return;
  const seconds = ({ startTime, endTime }) => (endTime - startTime) / 1000;
  say(`The ${count} slowest files:`);
  for (const file of files.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, count))
    say(`${seconds(file).toFixed(0).padStart(6)} s  ${relative(root, file.name)}`);
}

/** `N passed, N failed`, alone on the last line. A test file that could not be loaded counts as one failure. */
function closingLine(reports) {
  const sum = (field) => reports.reduce((total, report) => total + (report?.[field] ?? 0), 0);
  const unreported = reports.filter((report) => report === null).length;
  const failures = sum('numFailedTests') + sum('numRuntimeErrorTestSuites') + unreported;
  const skipped = sum('numPendingTests') + sum('numTodoTests');
  return `${sum('numPassedTests')} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

try {
  await setup();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stdout.write(`${closingLine([null])}\n`);
  process.exit(1);
}
const reports = [];
/** Prettier uses one core, so it runs while the others do, and is shown after them. */
const check = async (files) => {
  const start = ({ args }) => run(process.execPath, args, { cwd: root });
  const [format, ...others] = checksOf(files);
  const formatting = start(format);
  formatting.catch(() => {}); // Reported by its step.
  for (const each of others) await attempt(each.title, () => start(each));
  await attempt(format.title, () => formatting);
};
if (chosen[0] === '--changed') {
  const files = changedFiles(chosen[1]);
  if (files.length > 0) await check(files);
  const tests = testsOf(files, relatedTests(files));
  say(`${files.length} files changed; ${tests.length} test files belong to their rooms`);
  if (tests.length > 0) reports.push(await jest('Tests (jest)', ['--runTestsByPath', ...tests]));
} else if (chosen.length === 0) {
  await check(['.']);
  for (const { title, args } of parts) reports.push(await jest(title, args));
} else reports.push(await jest('Tests (jest)', chosen));
slowest(reports, 10);
if (failed.length > 0) say(`Failed: ${failed.join(', ')}. PLUMBLINE_TEST_SEED=${seed} takes the same cases again.`);
process.stdout.write(`${closingLine(reports)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
