// Runs the steps of a script and shows the current one: an animated line on a terminal, plain lines elsewhere.
import { spawn } from 'node:child_process';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const terminal = process.stderr.isTTY && process.env.TERM !== 'dumb' && !process.env.CI;
const colour = terminal && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** A step that failed; its output has been shown. */
export class StepFailed extends Error {}

/**
 * Runs `work` under a title and prints how long it took. An exception is a failure; the message of a StepFailed is
 * shown.
 */
export async function step(title, work) {
  const start = performance.now();
  const stopSpinner = spin(title);
  try {
    const result = await work();
    stopSpinner();
    say(`${paint(32, '✓')} ${title} ${paint(2, seconds(start))}`);
    return result;
  } catch (error) {
    stopSpinner();
    say(`${paint(31, '✗')} ${title} ${paint(2, seconds(start))}`);
    if (!(error instanceof StepFailed)) throw error;
    say(error.message);
    throw error;
  }
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a program without output; if it fails, its whole output becomes the StepFailed's message. */
export async function run(command, args, options = {}) {
  const { code, output } = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (exitCode, signal) =>
      resolve({ code: exitCode ?? signal, output: Buffer.concat(chunks).toString() }),
    );
  }).catch((error) => ({ code: error.code, output: error.message }));
  if (code === 0) return output;
  throw new StepFailed(`${[command, ...args].join(' ')} failed (${code}):\n${output.trimEnd()}`);
}

/** Shows the title while the step runs; if the output is not a terminal, once at the start. */
function spin(title) {
  if (!terminal) {
    say(`… ${title}`);
    return () => {};
  }
  let frame = 0;
  const start = performance.now();
  const draw = () => {
    const glyph = frames[frame++ % frames.length];
    process.stderr.write(`\r\u001b[2K${paint(36, glyph)} ${title} ${paint(2, seconds(start))}`);
  };
  draw();
  const timer = setInterval(draw, frameMs);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\u001b[2K');
  };
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
