// npm run try-tarballs [-- --sizes]: installs Plumbline's tarballs with npm, each time in an empty folder with an empty cache, and prints
// what an install takes. Without `--sizes` it also runs `npx plumbline` there: --help, init, check, and the demo with all its acts.
// Needs npm's registry; ten minutes.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readText } from './checkout.mjs';
import { setup } from './setup.mjs';
import { run, say, step, StepFailed } from './steps.mjs';
import { INSTALLS, packAll } from './tarballs.mjs';

const onlySizes = process.argv.includes('--sizes');
const MB = 1e6;
const WITH_DEV = 'the same with `plumbline dev` and `simulate`';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plumbline-try-')));
chmodSync(folder, 0o711);

try {
  await setup();
  const files = await step('Packing', () => packAll(join(folder, 'tarballs')));
  const rows = [];
  for (const [index, [what, names]] of Object.entries(INSTALLS).entries()) {
    const place = emptyPlace(String(index));
    const tarballs = names.map((name) => files[name]);
    const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs];
    await step(`Installing ${what}`, () => run('npm', install, place));
    rows.push([what, packagesIn(join(place.cwd, 'node_modules')), bytesIn(join(place.cwd, 'node_modules')) / MB]);
    if (what === WITH_DEV && !onlySizes) await use(place);
  }
  for (const [what, packages, size] of rows)
    say(`${String(Math.round(size)).padStart(5)} MB, ${packages} packages: ${what}`);
  if (!onlySizes) await useWithoutInstall(files);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function useWithoutInstall(files) {
  const place = emptyPlace('npx');
  const packages = INSTALLS['command line, worker and serve'].map((name) => `--package=${files[name]}`);
  const command = ['npx', '--yes', ...packages, 'plumbline', '--version'].join(' ');
  await step('npx without an install', async () => expect(await shell(place, command), 0, /^\d+\.\d+\.\d+$/m));
}

/** Commands as a person types them who has just installed it. */
async function use(place) {
  const init = 'npx plumbline init --exchange binanceusdm --bot http --bot-url http://127.0.0.1:1/state --yes';
  const tries = [
    ['npx plumbline --help', 0, /^ {2}init .*^ {2}check /ms],
    [init, 0, /npx plumbline dev --config plumbline\.yaml/],
    ['npx plumbline check', 1, /BINANCE_KEY is\s+not set/],
    ['npx plumbline dev --demo --once', 0, /\d+ acts, every verdict as expected/],
  ];
  for (const [command, code, output] of tries)
    await step(command, async () => expect(await shell(place, command), code, output));
}

/** A folder, and an environment in which npm, pip and Plumbline have nothing kept. */
function emptyPlace(name) {
  const [cwd, home] = [join(folder, name), join(folder, `${name}-home`)];
  for (const path of [cwd, home]) mkdirSync(path);
  // Neither what `npm run` sets nor a configuration of this machine.
  const given = Object.entries(process.env).filter(
    ([key]) => !/^(npm_|PLUMBLINE_|TEMPORAL_|NODE_OPTIONS)/.test(key) || /^npm_config_(registry|cafile)$/.test(key),
  );
  const own = { HOME: home, XDG_CACHE_HOME: join(home, '.cache'), npm_config_cache: join(home, '.npm') };
  const env = { ...Object.fromEntries(given), ...own };
  return { cwd, env };
}

async function shell({ cwd, env }, command) {
  const child = spawn('/bin/sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { command, code, output };
}

function expect({ command, code, output }, expectedCode, expectedOutput) {
  if (code === expectedCode && expectedOutput.test(output)) return;
  throw new StepFailed(`${command}: ended with ${code}, expected ${expectedCode} and ${expectedOutput}:\n${output}`);
}

/** As `du` counts: the space on the disk. */
function bytesIn(path) {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isSymbolicLink())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0);
}

function packagesIn(modules) {
  return Object.keys(JSON.parse(readText(join(modules, '.package-lock.json'))).packages).length;
}
