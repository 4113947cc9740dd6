import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Gate, GateClosed, type GateAnswer } from '../../packages/bot/src/index.js';
import { repository } from '../support/packages.js';

export interface Options {
  token?: string;
  maxAge?: number;
  timeout?: number;
}

/** What a bot's order function met. */
export interface Held {
  called: boolean;
  /** Why it was held back; null if it was called. */
  closed: { reasons: readonly string[]; text: string } | null;
}

export interface Watched {
  changes: Pick<GateAnswer, 'open' | 'reasons' | 'accepted'>[];
  now(): Promise<Held>;
  close(): Promise<void>;
}

/** One of the two clients of the trading gate, as a test uses it. */
export interface BotClient {
  name: string;
  ask(url: string, account: string, options?: Options): Promise<Held>;
  watch(url: string, account: string, options?: Options): Promise<Watched>;
  end(): Promise<void>;
}

export function typescriptClient(): BotClient {
  const holdWith = async (gate: Gate): Promise<Held> => {
    let called = false;
    try {
      await gate.hold(() => (called = true));
      return { called, closed: null };
    } catch (error) {
      if (!(error instanceof GateClosed)) throw error;
      return { called, closed: { reasons: error.reasons, text: error.message } };
    }
  };
  return {
    name: 'the TypeScript client',
    ask: async (url, account, options) => holdWith(new Gate({ url, account, ...options })),
    async watch(url, account, options) {
      const gate = new Gate({ url, account, ...options });
      const changes: GateAnswer[] = [];
      gate.watch((answer) => changes.push(answer));
      return { changes, now: async () => holdWith(gate), close: async () => gate.close() };
    },
    end: async () => {},
  };
}

const answerSchema = z.object({ open: z.boolean(), reasons: z.array(z.string()), accepted: z.number() });
const lineSchema = z.object({
  id: z.number().optional(),
  called: z.boolean().default(false),
  closed: z
    .object({ reasons: z.array(z.string()), text: z.string() })
    .nullable()
    .default(null),
  watch: z.number().optional(),
  changed: answerSchema.optional(),
});

/** Runs the Python client in a process of its own. @throws Error if there is no Python that can run it */
export function pythonClient(): BotClient {
  requirePython();
  const child = spawn('python3', [join(repository, 'test/bot/driver.py')], {
    env: { ...process.env, PYTHONPATH: join(repository, 'packages/bot-python'), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const waiting = new Map<number, (held: Held) => void>();
  const changesOf = new Map<number, Watched['changes']>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, watch, changed, called, closed } = lineSchema.parse(JSON.parse(line));
    if (id !== undefined) waiting.get(id)?.({ called, closed });
    if (watch !== undefined && changed !== undefined) changesOf.get(watch)?.push(changed);
  });
  let ids = 0;
  const command = async (what: Record<string, unknown>): Promise<Held> => {
    const id = ++ids;
    return new Promise((resolve, reject) => {
      waiting.set(id, resolve);
      if (what['do'] === 'watch') changesOf.set(id, []);
      void ended.then(() => reject(new Error(`python3 ended: ${complaints}`)));
      child.stdin.write(`${JSON.stringify({ id, ...what })}\n`);
    });
  };
  const inPython = ({ maxAge, ...rest }: Options = {}) => ({
    ...rest,
    ...(maxAge !== undefined && { max_age: maxAge }),
  });
  return {
    name: 'the Python client',
    ask: async (url, account, options) => command({ do: 'ask', url, account, options: inPython(options) }),
    async watch(url, account, options) {
      const key = ids + 1;
      await command({ do: 'watch', url, account, options: inPython(options) });
      return {
        changes: changesOf.get(key) ?? [],
        now: async () => command({ do: 'now', watch: key }),
        close: async () => void (await command({ do: 'close', watch: key })),
      };
    },
    async end() {
      child.stdin.end();
      child.kill();
      await ended;
    },
  };
}

function requirePython(): void {
  const check = 'import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)';
  try {
    execFileSync('python3', ['-c', check], { stdio: 'ignore' });
  } catch (error) {
    throw new Error('python3 (3.9 or newer) is needed to test packages/bot-python: install it and put it on PATH', {
      cause: error,
    });
  }
}
