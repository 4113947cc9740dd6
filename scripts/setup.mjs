// Prepares a checkout to run: installs dependencies, builds the sources. Does nothing if nothing changed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, isBuilt } from './build.mjs';
import { inRoot, readText, root } from './checkout.mjs';
import { say, step, StepFailed, run } from './steps.mjs';

const lockFile = inRoot('.plumbline', 'setup.lock');
const minimumNode = [20, 19];

/** @throws StepFailed if a step failed; its output has been shown */
export async function setup() {
  checkNode();
  if (isInstalled() && isBuilt()) return;
  await withLock(async () => {
    if (!isInstalled()) await step('Installing dependencies (npm ci)', install);
    if (!isBuilt()) await step('Building', build);
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  say(
    `Plumbline needs Node ${minimumNode.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org`,
  );
  throw new StepFailed('Node is too old');
}

async function install() {
  // The npm that started this process, else the one on PATH. The compiler is a development dependency, so NODE_ENV must
  // not exclude those.
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  await run(command, [...first, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], { cwd: root });
}

/** Whether node_modules contains what the lock file requires; npm keeps its own record of what it installed. */
function isInstalled() {
  const wanted = packagesOf(inRoot('package-lock.json'));
  const present = packagesOf(inRoot('node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link === true) return true;
    // Optional packages for other platforms are left out.
    return present[path] === undefined ? optional === true : present[path].version === version;
  });
}

function packagesOf(path) {
  const text = readText(path);
  try {
    return text === null ? null : JSON.parse(text).packages;
  } catch {
    return null;
  }
}

/** `npm start` in one terminal and `npm test` in another must not install into the same folder at the same time. */
async function withLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true, mode: 0o711 });
  let waited = false;
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readText(lockFile));
    if (!isAlive(owner)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!waited) say(`Waiting for process ${owner}, which is setting up this checkout`);
    waited = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await setup();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.exitCode = 1;
  }
}
