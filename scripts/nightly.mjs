// npm run nightly [-- --only REGEX] [--list]: everything that takes too long for npm test, one after the other; hours. Shows the
// output of a part that failed; exits with 1 if one did. CONTRIBUTING.md says what each part adds to npm test.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { inRoot, root } from './checkout.mjs';
import { setup } from './setup.mjs';
import { run, say, step, StepFailed } from './steps.mjs';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, list: { type: 'boolean' } } });
const only = new RegExp(values.only, 'i');
const cores = String(availableParallelism());

const script = (name, ...args) => [process.execPath, [inRoot('scripts', name), ...args]];
const npm = (name) => ['npm', ['run', '--silent', name]];
const parts = [
  { title: 'Every case of npm test', command: script('test.mjs', '--maxWorkers=3') },
  {
    title: 'Simulated trading in 68,000 worlds',
    command: script('simulate-trading.mjs', '--seeds', '68000', '--processes', cores),
  },
  {
    title: 'Chaos for 10 minutes',
    command: script('chaos.mjs', '--minutes', '10', '--out', inRoot('.plumbline', 'chaos')),
  },
  { title: 'A night of an operator', command: script('night.mjs') },
  { title: 'A real Freqtrade', command: script('e2e-freqtrade.mjs') },
  { title: 'Installed from tarballs', command: script('try-tarballs.mjs') },
  { title: 'A bot with ccxt for Python', command: npm('e2e:ccxt-python') },
  { title: 'Clocks of two machines', command: script('soak-clock.mjs') },
  { title: 'Workers that pause', command: script('soak-pauses.mjs') },
].filter(({ title }) => only.test(title));

const seed = process.env.PLUMBLINE_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
// Property tests and simulations have more rounds, tables all their cases.
const env = {
  ...process.env,
  PLUMBLINE_TEST_SEED: seed,
  PLUMBLINE_THOROUGH: '1',
  PLUMBLINE_REMEDY_WORLDS: '5000',
  PLUMBLINE_ORACLE_CASES: '10000',
  PLUMBLINE_BURST: '10000',
};

if (values.list) {
  for (const { title, command } of parts) console.log(`${title}: ${command.flat().join(' ')}`);
  process.exit(0);
}
const failed = [];
try {
  await setup();
  for (const { title, command } of parts) {
    try {
      await step(title, () => run(...command, { cwd: root, env }));
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      failed.push(title);
    }
  }
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  failed.push('setup');
}
say(
  failed.length === 0
    ? `All ${parts.length} parts passed.`
    : `Failed: ${failed.join(', ')}. PLUMBLINE_TEST_SEED=${seed}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
