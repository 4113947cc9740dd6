// npm run tarballs [-- FOLDER]: packs Plumbline and its packages as npm would publish them (default: .plumbline/tarballs), and prints
// how to install them. They are installed by file, because their names belong to other projects in npm's registry.
import { mkdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot, root } from './checkout.mjs';
import { setup } from './setup.mjs';
import { run, say, step, StepFailed } from './steps.mjs';

/** What is installed together: packages with those of ours that they need. */
export const INSTALLS = {
  'command line, worker and serve': ['@plumbline/primitives', 'plumbline'],
  'the same with `plumbline dev` and `simulate`': [
    '@plumbline/primitives',
    '@plumbline/exchange-simulator',
    '@plumbline/dev-stack',
    'plumbline',
  ],
  'the same with traces': ['@plumbline/primitives', '@plumbline/tracing', 'plumbline'],
  'the client': ['@plumbline/primitives', '@plumbline/client'],
  'the simulator alone': ['@plumbline/primitives', '@plumbline/exchange-simulator'],
};

/**
 * Packs what is built. The caller builds: `--ignore-scripts` keeps npm from building while it packs.
 *
 * @returns {Promise<Record<string, string>>} the file of each package
 * @throws StepFailed with npm's output
 */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  const args = ['--workspaces', '--include-workspace-root', '--ignore-scripts', '--json', '--loglevel=error'];
  const output = await run('npm', ['pack', ...args, '--pack-destination', folder], { cwd: root });
  const packed = Object.values(JSON.parse(output));
  return Object.fromEntries(packed.map(({ name, filename }) => [name, join(folder, basename(filename))]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const folder = process.argv[2] === undefined ? inRoot('.plumbline', 'tarballs') : resolve(process.argv[2]);
    await setup();
    const files = await step('Packing', () => packAll(folder));
    const near = relative(process.cwd(), folder);
    const shown = near.startsWith('..') ? folder : `./${near}`;
    for (const [what, names] of Object.entries(INSTALLS)) {
      const paths = names.map((name) => join(folder, basename(files[name])).replace(folder, shown));
      say(`\n${what}:\n  npm install ${paths.join(' ')}`);
    }
    say('\nThen, in that folder: npx plumbline --help');
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.exitCode = 1;
  }
}
