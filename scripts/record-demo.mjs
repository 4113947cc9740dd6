// Records `npm start` in a real terminal for the README: docs/images/demo.cast (asciicast v2, for `asciinema play`) and
// docs/images/demo.svg, which plays in a browser. Takes three minutes. `-- --draw` draws the picture again from the stored cast.
// Look at the picture before you commit it.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { inRoot, root } from './checkout.mjs';
import { castOf, COLUMNS, filmOf, ROWS } from './demo-film.mjs';
import { setup } from './setup.mjs';
import { say, step } from './steps.mjs';

const [castFile, svgFile] = [inRoot('docs', 'images', 'demo.cast'), inRoot('docs', 'images', 'demo.svg')];
const COMMAND = 'npm start';
/** The last line of `npm start` before it waits for Ctrl-C. */
const LAST_LINE = /or, for all commands of a terminal[^\n]*\n/;
/** Node.js has no pseudo-terminal, Python has one. */
const TERMINAL =
  'import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))))';

/** @returns what the terminal received, as [seconds since the start, text] */
async function record(state) {
  const command = `stty cols ${COLUMNS} rows ${ROWS} && exec npm start --silent -- --demo --state "$0"`;
  const { CI: _, NO_COLOR: __, ...env } = process.env;
  const child = spawn('python3', ['-c', TERMINAL, 'sh', '-c', command, state], {
    cwd: root,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const decoder = new StringDecoder('utf8');
  const events = [];
  const started = performance.now();
  let text = '';
  let isOver = false;
  child.stdout.on('data', (bytes) => {
    // What is printed after Ctrl-C is not part of the recording.
    if (isOver) return;
    const received = decoder.write(bytes);
    text += received;
    events.push([(performance.now() - started) / 1000, received]);
    isOver = LAST_LINE.test(text);
    // Ctrl-C, as a person types it.
    if (isOver) child.stdin.end('\u0003');
  });
  await new Promise((resolve) => child.on('close', resolve));
  if (!/\d+ acts, every verdict as expected/.test(text)) throw new Error(`The demo did not go as expected:\n${text}`);
  return events;
}

if (!process.argv.includes('--draw')) {
  await setup();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-recording-')));
  try {
    const events = await step('Playing the demo', () => record(join(folder, '.plumbline-demo')));
    const places = [
      [folder, '~/plumbline'],
      [root.replace(/\/$/, ''), '~/plumbline'],
    ];
    await writeFile(castFile, castOf(COMMAND, events, places));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const { svg, seconds } = filmOf(await readFile(castFile, 'utf8'));
await writeFile(svgFile, svg);
say(`${svgFile}: ${Math.round(svg.length / 1024)} kB, ${seconds.toFixed(0)} s`);
