// npm run bench [-- part of a name]: runs bench/*.bench.ts, each in a separate process so that none warms up or slows
// down the next, and prints one table. A bench exports run(): Promise<{ name, value, unit, limit, ok }[]>.
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { inRoot } from './checkout.mjs';
import { setup } from './setup.mjs';
import { step, StepFailed } from './steps.mjs';

const wanted = process.argv.slice(2);

async function measure(file) {
  const child = fork(inRoot('scripts', 'bench-one.mjs'), [inRoot('bench', file)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  let results = null;
  child.on('message', (message) => (results = message));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || results === null)
    throw new StepFailed(Buffer.concat(output).toString().trimEnd() || `exit ${code}`);
  return results;
}

function table(rows) {
  const cells = rows.map(({ name, value, unit, limit, ok }) => [
    name,
    number(value),
    unit,
    String(limit),
    ok ? 'ok' : 'TOO MUCH',
  ]);
  const all = [['what', 'measured', 'unit', 'limit', ''], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const numeric = new Set([1, 3]);
  return all
    .map((row) =>
      row
        .map((cell, column) => (numeric.has(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

try {
  await setup();
  const files = readdirSync(inRoot('bench'))
    .filter((name) => name.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
    .toSorted();
  const rows = [];
  for (const file of files) rows.push(...(await step(file, () => measure(file))));
  process.stdout.write(`${table(rows)}\n`);
  process.exitCode = rows.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exitCode = 1;
}
