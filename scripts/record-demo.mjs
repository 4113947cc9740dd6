// Records `npm start` in a real terminal for the README: docs/images/demo.cast (asciicast v2, for `asciinema play`) and
// docs/images/demo.svg, which plays in a browser. Takes three minutes. `-- --draw` draws the picture again from the stored cast.
// Look at the picture before you commit it.
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, root } from './checkout.mjs';
import { castOf, COLUMNS, filmOf, ROWS } from './demo-film.mjs';
import { setup } from './setup.mjs';
import { say, step } from './steps.mjs';
import { inTerminal } from './terminal.mjs';

const [castFile, svgFile] = [inRoot('docs', 'images', 'demo.cast'), inRoot('docs', 'images', 'demo.svg')];
/** The last line of `npm start` before it waits for Ctrl-C. */
const LAST_LINE = /or, for all commands of a terminal[^\n]*\n/;

async function record(state) {
  const command = ['npm', 'start', '--silent', '--', '--demo', '--state', state];
  const events = await inTerminal(command, { cwd: root, columns: COLUMNS, rows: ROWS, until: LAST_LINE });
  const text = events.map(([, received]) => received).join('');
  if (!/\d+ acts, every verdict as expected/.test(text)) throw new Error(`The demo did not go as expected:\n${text}`);
  return events;
}

if (!process.argv.includes('--draw')) {
  await setup();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-recording-')));
  try {
    const events = await step('Playing the demo', () => record(join(folder, '.plumbline-demo')));
    const places = [folder, root].map((path) => [path, '~/plumbline']);
    await writeFile(castFile, castOf('npm start', events, places));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const { svg, seconds } = filmOf(await readFile(castFile, 'utf8'));
await writeFile(svgFile, svg);
say(`${svgFile}: ${Math.round(svg.length / 1024)} kB, ${seconds.toFixed(0)} s`);
