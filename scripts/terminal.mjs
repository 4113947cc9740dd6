// Runs a command in a real terminal of a fixed size, for recordings and pictures. Needs python3: Node.js has no pseudo-terminal.
import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

const TERMINAL =
  'import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))))';

/**
 * @param command program and arguments
 * @param until Ctrl-C is typed when the output matches it; what is printed afterwards is left out
 * @returns {Promise<[number, string][]>} what the terminal received: seconds since the start, text
 */
export async function inTerminal(command, { cwd, columns, rows, until = null }) {
  const { CI: _, NO_COLOR: __, ...env } = process.env;
  const sized = ['sh', '-c', `stty cols ${columns} rows ${rows} && exec "$0" "$@"`, ...command];
  const child = spawn('python3', ['-c', TERMINAL, ...sized], {
    cwd,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const decoder = new StringDecoder('utf8');
  const events = [];
  const started = performance.now();
  let text = '';
  let isOver = false;
  child.stdout.on('data', (bytes) => {
    if (isOver) return;
    const received = decoder.write(bytes);
    text += received;
    events.push([(performance.now() - started) / 1000, received]);
    isOver = until?.test(text) === true;
    if (isOver) child.stdin.end('\u0003');
  });
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return events;
}
