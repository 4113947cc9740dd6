// npm run mutate [-- --only REGEX] [--list] [--jobs 2]: removes or inverts one rule of the product at a time, in a
// private copy of this checkout, and runs the fast tests that should detect it. Prints a table; exits with 1 if a
// mutant survives, and with 2 if the list does not fit the code or the tests fail without any mutant.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSync } from '@swc/core';
import { inRoot, readText, root } from './checkout.mjs';

/** Longer than any of the tests takes. A mutant that makes them hang counts as detected. */
const TEST_LIMIT_MS = 300_000;
/** Not copied: large, or created by builds. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', '.plumbline', '.plumbline-demo', 'coverage']);

const { values } = parseArgs({
  options: { only: { type: 'string' }, list: { type: 'boolean' }, jobs: { type: 'string', default: '2' } },
});
const only = new RegExp(values.only ?? '', 'i');

const running = new Set();
const folder = mkdtempSync(join(tmpdir(), 'plumbline-mutate-'));
process.on('exit', () => {
  for (const child of running) endGroup(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const mutants = (await allMutants()).filter(({ what, file, test }) => only.test(`${what} ${file} ${test}`));
const unfit = mutants.flatMap(problemsOf);
if (unfit.length > 0) {
  console.error(`The list does not fit the code:\n${unfit.join('\n')}`);
  process.exit(2);
}
if (values.list) {
  for (const { what, file, test } of mutants) console.log(`${file.padEnd(40)}${what}  [${test}]`);
  console.log(`${mutants.length} mutants`);
  process.exit(0);
}
process.exitCode = await main();

async function main() {
  const lanes = Array.from({ length: Number(values.jobs) }, (_, index) => makeCopy(join(folder, `${index}`)));
  const tests = [...new Set(mutants.map(({ test }) => test))];
  console.log(`${mutants.length} mutants; first the ${tests.length} sets of tests without any`);
  const baseline = await inLanes(lanes, tests, async (lane, test) => ({ test, ...(await runTests(lane, test)) }));
  const red = baseline.filter(({ outcome }) => outcome !== 'green');
  for (const { test, outcome, how } of red) console.log(`RED without a mutant (${outcome}): ${test}: ${how}`);
  if (red.length > 0) return 2;

  console.log(`${'file'.padEnd(34)}${'mutant'.padEnd(74)}${'caught'.padEnd(8)}${'s'.padStart(5)}  by`);
  const results = await inLanes(lanes, mutants, async (lane, mutant) => {
    const result = await tryMutant(lane, mutant);
    const file = mutant.file.replace(/^src\//, '').padEnd(34);
    const caught = { red: 'yes', green: 'NO', broken: 'BROKEN' }[result.outcome];
    console.log(
      `${file}${mutant.what.padEnd(74)}${caught.padEnd(8)}${result.seconds.toFixed(0).padStart(5)}  ${result.how}`,
    );
    return { ...mutant, ...result };
  });
  const missed = results.filter(({ outcome }) => outcome !== 'red');
  console.log(`${results.length - missed.length} of ${results.length} caught`);
  for (const { what, file, outcome } of missed)
    console.log(`${outcome === 'green' ? 'SURVIVED' : 'BROKEN'}: ${file}: ${what}`);
  return missed.length === 0 ? 0 : 1;
}

async function allMutants() {
  const names = readdirSync(inRoot('test', 'mutations')).filter((name) => name.endsWith('.mjs'));
  const lists = await Promise.all(names.toSorted().map((name) => import(inRoot('test', 'mutations', name))));
  return lists.flatMap(({ MUTANTS }) => MUTANTS);
}

/** Why the mutant cannot be used: every text must occur exactly once, and the result must be TypeScript. */
function problemsOf(mutant) {
  const source = readText(inRoot(mutant.file));
  if (source === null) return [`${mutant.file} is not there (${mutant.what})`];
  const wrong = mutant.edits.filter(([from]) => source.split(from).length !== 2);
  if (wrong.length > 0)
    return wrong.map(([from]) => `${mutant.file} does not hold exactly once (${mutant.what}): ${from}`);
  try {
    parseSync(mutated(source, mutant), { syntax: 'typescript', target: 'es2022' });
    return [];
  } catch (error) {
    return [`${mutant.file}: ${mutant.what} is no TypeScript: ${String(error).slice(0, 300)}`];
  }
}

function mutated(source, { edits }) {
  return edits.reduce((text, [from, to]) => text.replace(from, () => to), source);
}

function makeCopy(lane) {
  for (const name of readdirSync(root)) {
    if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(lane, name), { recursive: true });
  }
  // The packages of the checkout must be the lane's own, which can hold a mutant.
  const ours = '@plumbline';
  const modules = join(lane, 'node_modules');
  mkdirSync(join(modules, ours), { recursive: true });
  for (const name of readdirSync(inRoot('node_modules')))
    if (name !== ours) symlinkSync(inRoot('node_modules', name), join(modules, name));
  for (const name of readdirSync(inRoot('node_modules', ours)))
    symlinkSync(join(lane, 'packages', name), join(modules, ours, name));
  return lane;
}

async function tryMutant(lane, mutant) {
  const path = join(lane, mutant.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(source, mutant));
  try {
    return await runTests(lane, mutant.test);
  } finally {
    writeFileSync(path, source);
  }
}

/** Green, red, or broken if no test could start. */
async function runTests(lane, test) {
  const report = join(lane, 'report.json');
  rmSync(report, { force: true });
  const start = performance.now();
  const args = [
    join('node_modules', 'jest', 'bin', 'jest.js'),
    '--runInBand',
    '--silent',
    '--watchman=false',
    '--json',
    `--outputFile=${report}`,
    `--testEnvironment=${join(lane, 'scripts', 'first-failure-environment.mjs')}`,
    ...test.split(' '),
  ];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // A separate process group: servers that a test started end with it.
  const child = spawn(process.execPath, args, {
    cwd: lane,
    // A share of the cases might miss the mutant.
    env: { ...process.env, NODE_OPTIONS: flags.join(' '), PLUMBLINE_THOROUGH: '1' },
    stdio: 'ignore',
    detached: true,
  });
  running.add(child);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child, 'SIGKILL');
  }, TEST_LIMIT_MS);
  await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  endGroup(child, 'SIGKILL');
  running.delete(child);
  const verdict = isLate
    ? { outcome: 'red', how: `(did not end within ${TEST_LIMIT_MS / 1000} s)` }
    : verdictOf(JSON.parse(readText(report) ?? 'null'));
  return { seconds: (performance.now() - start) / 1000, ...verdict };
}

function verdictOf(report) {
  if (report === null) return { outcome: 'broken', how: 'jest wrote no report' };
  const failed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  if (failed.length > 0) return { outcome: 'red', how: failed[0].fullName.slice(0, 110) };
  if (report.success && report.numPassedTests > 0) return { outcome: 'green', how: '' };
  const [message = 'no test ran'] = report.testResults.map(({ message }) => message).filter(Boolean);
  return { outcome: 'broken', how: message.replaceAll(/\s+/g, ' ').slice(0, 200) };
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** Runs the work for each item, one at a time per lane. The results are in the order of the items. */
async function inLanes(lanes, items, work) {
  const answers = [];
  let next = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < items.length) {
        const index = next++;
        answers[index] = await work(lane, items[index]);
      }
    }),
  );
  return answers;
}
