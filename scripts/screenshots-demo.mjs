// Takes the pictures of a real `plumbline dev` for the README and docs/operating.md: Temporal's Web UI with the workflows of an account
// that differs (web-ui*.png), and the output of `plumbline status` (status.svg). Look at what it writes before you commit it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './typescript-loader.mjs';
import { inRoot } from './checkout.mjs';
import { COLUMNS, pictureOf, ROWS } from './demo-film.mjs';
import { setup } from './setup.mjs';
import { say } from './steps.mjs';
import { inTerminal } from './terminal.mjs';

const { setTheScene } = await import('../packages/dev-stack/src/scenario.ts');
const { SimulatorHand } = await import('../packages/dev-stack/src/scenario-world.ts');
const { startChromium } = await import('../test/support/chromium.ts');

const target = process.argv[2] ?? inRoot('docs', 'images');
const program = inRoot('bin', 'plumbline');
const OPERATOR = 'ann';
/** Written by the workflow itself. */
const TAB = 'User Metadata';
/** The page asks the worker, and shows its text in a frame that answers no script. */
const SETTLE_MS = 6_000;

await setup();
await mkdir(target, { recursive: true });
const folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-screenshots-')));
const state = join(folder, '.plumbline-demo');
const options = ['dev', '--demo', '--no-scenario', '--state', state];
const stack = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  await ready();
  const { uiUrl, simulatorUrl } = JSON.parse(await readFile(join(state, 'stack.json'), 'utf8'));
  const hand = new SimulatorHand(simulatorUrl);
  await setTheScene({ simulator: hand });
  await plumbline('run', 'demo', '--by', OPERATOR);
  const [btc, eth] = [{ symbol: 'BTC/USDT:USDT' }, { symbol: 'ETH/USDT:USDT' }];
  await hand.post('/sim/orders', { actor: 'manual', ...btc, side: 'buy', type: 'market', amount: '0.2' });
  await hand.post('/sim/orders', { actor: 'manual', ...eth, side: 'sell', type: 'limit', price: '3300', amount: '1' });
  await plumbline('run', 'demo', '--by', OPERATOR);
  const status = await plumbline('status', 'demo');
  await writeFile(join(target, 'status.svg'), pictureOf('plumbline status demo', status));
  say(join(target, 'status.svg'));
  await webUi(uiUrl);
} finally {
  stack.kill('SIGINT');
  if (stack.exitCode === null) await once(stack, 'exit');
  await rm(folder, { recursive: true, force: true });
}

async function ready() {
  let output = '';
  await new Promise((resolve, reject) => {
    stack.once('exit', () => reject(new Error(`plumbline dev ended:\n${output}`)));
    stack.stdout.on('data', (chunk) => {
      output += chunk.toString();
      if (output.includes('PLUMBLINE_STATE=')) resolve();
    });
  });
}

/** What the terminal showed. */
async function plumbline(...args) {
  const command = [program, ...args, '--state', state];
  const events = await inTerminal(command, { cwd: folder, columns: COLUMNS, rows: ROWS });
  const text = events.map(([, received]) => received).join('');
  return text.replaceAll(` --state ${state}`, '').replaceAll(program, 'plumbline');
}

async function webUi(uiUrl) {
  const browser = await startChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, colorScheme: 'light' });
    const page = await context.newPage();
    const shots = [
      ['web-ui', 'reconciliation/demo'],
      ['web-ui-intervention', 'manual-intervention/demo'],
    ];
    for (const [name, workflow] of shots) {
      await page.goto(`${uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflow)}`);
      await page.getByText(TAB, { exact: true }).first().click();
      await page.waitForTimeout(SETTLE_MS);
      const file = join(target, `${name}.png`);
      await page.screenshot({ path: file });
      say(`${file} ${Math.round((await stat(file)).size / 1024)} kB`);
    }
  } finally {
    await browser.close();
  }
}
