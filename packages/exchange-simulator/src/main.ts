import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { placesOf } from './places.js';
import { DEFAULT_PORT, startSimulator } from './simulator.js';

const USAGE = `exchange-simulator [--port ${DEFAULT_PORT}] [--state FILE]

Serves eight exchanges, a bot that trades and their control on 127.0.0.1. Ends with Ctrl-C.

  --port PORT   where to listen; 0 takes a free port (default ${DEFAULT_PORT})
  --state FILE  keep the state here from one start to the next
  --help        show this
`;

const MAX_PORT = 65_535;
/** EX_USAGE of BSD's sysexits, as `plumbline` uses it. */
const EXIT_USAGE = 64;

/** The command line. Resolves with the exit code once a signal has ended the simulator. */
export async function main(argv: readonly string[]): Promise<number> {
  let options: { port: number; uniqueIds: true; stateFile?: string };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { port: { type: 'string' }, state: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      process.stdout.write(USAGE);
      return 0;
    }
    const port = portOf(values.port ?? String(DEFAULT_PORT));
    options = { port, uniqueIds: true, ...(values.state !== undefined && { stateFile: resolve(values.state) }) };
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  try {
    const simulator = await startSimulator(options);
    const places = placesOf(simulator.url);
    const width = Math.max(...places.map(([name]) => name.length));
    const lines = places.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
    process.stdout.write(`the simulator listens on ${simulator.url}\n${lines.join('\n')}\n`);
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    });
    await simulator.close();
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n${remedyOf(error)}`);
    return 2;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= MAX_PORT) return port;
  throw new Error(`--port ${text}: a port is a whole number from 0 to ${MAX_PORT}`);
}

function remedyOf(error: unknown): string {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : null;
  return typeof remedy === 'string' ? `what to do: ${remedy}\n` : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
