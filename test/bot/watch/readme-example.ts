import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TRADING_CREDENTIALS } from '../../../packages/exchange-simulator/src/simulator.js';
import { readRepositoryFile } from '../../deploy/compose-file.js';
import { differ, WIRES } from './trading-day.js';

/** The first example of a page in a language. */
export function exampleOf(page: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readRepositoryFile(page))?.[1] ?? '';
}

export interface Example {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

const PATIENCE_MS = 30_000;

/** Runs the example until it has exported, kills it, runs it again, and returns what Plumbline says each time. */
export async function playExample(
  { command, args, env }: Example,
  simulatorUrl: string,
  folder: string,
): Promise<string[]> {
  const outcomes: string[] = [];
  const secrets = { KEY: DEMO_TRADING_CREDENTIALS.apiKey, SECRET: DEMO_TRADING_CREDENTIALS.secret };
  const diff = await differ(WIRES[0]!, simulatorUrl, folder);
  for (const orders of [1, 2]) {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...env, ...secrets, SIMULATOR: `${simulatorUrl}/binanceusdm` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await exported(join(folder, 'state.json'), orders, () => complaints);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    outcomes.push(await diff());
  }
  return outcomes;
}

async function exported(path: string, orders: number, complaints: () => string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    if (!(await stat(path).catch(() => null))) continue;
    const document = JSON.parse(await readFile(path, 'utf8')) as { orders: unknown[] };
    if (document.orders.length === orders) return;
  }
  throw new Error(`no state with ${orders} orders came: ${complaints()}`);
}
