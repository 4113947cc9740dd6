// npm test: everything that must hold. npm test -- <jest arguments>: only those tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, readText, root } from './checkout.mjs';
import { setup } from './setup.mjs';
import { run, say, step, StepFailed } from './steps.mjs';

const chosen = process.argv.slice(2);
const failed = [];

const binary = (name, path) => inRoot('node_modules', name, path);
const checks = [
  { title: 'Format (prettier)', args: [binary('prettier', 'bin/prettier.cjs'), '--check', '.'] },
  { title: 'Lint (oxlint, with types)', args: [binary('oxlint', 'bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { title: 'Types (tsc)', args: [binary('typescript', 'bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
];

/** Runs a step; a failure is remembered, and the next step still runs: one look shows all that is wrong. */
async function attempt(title, work) {
  try {
    await step(title, work);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    failed.push(title);
  }
}

/**
 * Tests that only compute, or serve themselves: they take all cores there are. All others share one Temporal server and one
 * PostgreSQL, and wait for most of their time: two at a time, on any machine.
 */
const ALONE = [
  'activities',
  'config',
  'domain',
  'exchange',
  'internal',
  'net',
  'simulation',
  'simulator',
  'supply',
  'workflows',
];
const ALONE_PATTERN = `/test/(${ALONE.join('|')})/`;
const parts = [
  { title: 'Tests of parts (jest)', args: ['--maxWorkers=100%', ALONE_PATTERN] },
  {
    title: 'Tests with servers (jest)',
    args: ['--maxWorkers=2', '--testPathIgnorePatterns', '/node_modules/', ALONE_PATTERN],
  },
];

/** Jest shows its own progress; its totals come from its own report. */
async function jest(title, jestArguments) {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-jest-'));
  const report = join(folder, 'report.json');
  // Jest runs ES modules in Node's vm modules, which are behind a flag.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const env = { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') };
  say(`… ${title}`);
  const start = performance.now();
  try {
    const code = await new Promise((resolve, reject) => {
      const args = [binary('jest', 'bin/jest.js'), '--json', '--outputFile', report, ...jestArguments];
      // With --json, jest prints the report to stdout too; its words for people go to stderr.
      const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['inherit', 'ignore', 'inherit'] });
      // A terminal's Ctrl-C reaches jest as well: it cleans up, and we wait for it.
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

/** `N passed, N failed`, alone on the last line. A test file that could not even be loaded counts as one failure. */
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
if (chosen.length === 0) {
  for (const { title, args } of checks) await attempt(title, () => run(process.execPath, args, { cwd: root }));
  for (const { title, args } of parts) reports.push(await jest(title, args));
} else reports.push(await jest('Tests (jest)', chosen));
if (failed.length > 0) say(`Failed: ${failed.join(', ')}`);
process.stdout.write(`${closingLine(reports)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
