// Compiles src/ and each package to its dist/ and bundles the workflows, so that a worker does not
// have to do it at every start.
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { digestOf, inRoot, readText, root } from './checkout.mjs';
import { run, step, StepFailed } from './steps.mjs';

const stamp = inRoot('dist', '.stamp');
const bundle = inRoot('dist', 'workflow-bundle.js');
/** The style sheet and the script of the status page: from, to. */
const PAGE_FILES = ['src/http/pages/assets', 'dist/http/pages/assets'];
/** Each after those that it imports. The client is made of files of src/. */
const projects = [
  'packages/primitives',
  'packages/exchange-simulator',
  'packages/dev-stack',
  'packages/bot',
  'packages/tracing',
  '.',
  'packages/client',
];
const inputs = [
  'src',
  'packages/primitives/src',
  'packages/primitives/tsconfig.build.json',
  'packages/exchange-simulator/src',
  'packages/exchange-simulator/tsconfig.build.json',
  'packages/dev-stack/src',
  'packages/dev-stack/tsconfig.build.json',
  'packages/bot/src',
  'packages/bot/tsconfig.build.json',
  'packages/tracing/src',
  'packages/tracing/tsconfig.build.json',
  'packages/client/tsconfig.build.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
];

/** Whether every dist/ was built from exactly these sources. */
export function isBuilt() {
  return readText(stamp) === digestOf(inputs) && projects.every((project) => existsSync(inRoot(project, 'dist')));
}

/** @throws StepFailed with the compiler's output */
export async function build() {
  const digest = digestOf(inputs);
  const compiler = inRoot('node_modules', 'typescript', 'bin', 'tsc');
  for (const project of projects) {
    rmSync(inRoot(project, 'dist'), { recursive: true, force: true });
    await run(process.execPath, [compiler, '-p', join(project, 'tsconfig.build.json')], { cwd: root });
  }
  // Each package is published on its own, so each carries the licence.
  for (const project of projects.filter((path) => path !== '.'))
    copyFileSync(inRoot('LICENSE'), inRoot(project, 'LICENSE'));
  // The compiler copies no other files.
  cpSync(inRoot(PAGE_FILES[0]), inRoot(PAGE_FILES[1]), { recursive: true });
  await bundleWorkflows();
  const { scripts } = JSON.parse(readText(inRoot('package.json')));
  if (scripts.schemas !== undefined) await run('npm', ['run', '--silent', 'schemas'], { cwd: root });
  // Written last: an interrupted build has no stamp.
  writeFileSync(stamp, digest);
}

/**
 * The bundle must be made with the worker's exact version of the SDK, so it belongs to the build and not to the
 * sources.
 */
async function bundleWorkflows() {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const trouble = [];
  const log = (level) => (message) => void (level === 'error' || level === 'warn' ? trouble.push(message) : undefined);
  const logger = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, log(level)]));
  logger.log = (level, message) => log(level.toLowerCase())(message);
  try {
    const { workflowBundleOptions } = await import(inRoot('dist', 'worker-options.js'));
    const parts = workflowBundleOptions((name) => inRoot('dist', 'workflows', `${name}.js`));
    const { code } = await bundleWorkflowCode({ ...parts, logger });
    mkdirSync(dirname(bundle), { recursive: true });
    writeFileSync(bundle, code);
  } catch (error) {
    throw new StepFailed(`The workflows could not be bundled: ${[error.message, ...trouble].join('\n')}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    // Before packing: a package without its dist/ would be published without an error.
    if (!process.argv.includes('--if-stale') || !isBuilt()) await step('Building', build);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.exitCode = 1;
  }
}
