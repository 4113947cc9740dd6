import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import ccxt from 'ccxt';
import { z } from 'zod';
import { DEMO_PASSPHRASE, DEMO_TRADING_CREDENTIALS } from '../../../packages/exchange-simulator/src/simulator.js';
import { watch, type Watched } from '../../../packages/bot/src/index.js';
import { repository } from '../../support/packages.js';
import { classesOf } from '../../../packages/bot/src/watch/errors.js';

export interface BotOptions {
  /** The ccxt id, which is the path of the simulator's wire, too. */
  exchange: string;
  simulatorUrl: string;
  /** The types of markets that ccxt loads. */
  types: readonly string[];
  record: string;
  positions: Readonly<Record<string, string>>;
}

/** A bot on a real ccxt object that is watched. */
export interface RealBot {
  /** @param method in ccxt's camel case. @returns the id of the answered order, if it is one. @throws BotError */
  call(method: string, ...args: unknown[]): Promise<string | null>;
  export(path: string): Promise<void>;
  /** Ends without a good-bye where it can, and starts again with the same record. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export class BotError extends Error {
  constructor(readonly classes: readonly string[]) {
    super(classes.join(' < '));
  }
}

export async function typescriptBot(options: BotOptions): Promise<RealBot> {
  const { exchange: id, simulatorUrl, types, record: path, positions } = options;
  let exchange: Record<string, (...args: unknown[]) => Promise<unknown>>;
  let record: Watched;
  const start = (): void => {
    const make = (ccxt as unknown as Record<string, new (config: object) => object>)[id]!;
    const made = new make({ ...CONFIG, options: { fetchMarkets: { types }, fetchMargins: false } });
    const api = made as { urls: { api: unknown } };
    api.urls.api = localUrls(api.urls.api, `${simulatorUrl}/${id}`);
    exchange = made as typeof exchange;
    record = watch(made, { record: path, positions });
  };
  start();
  return {
    async call(method, ...args) {
      try {
        return idOf(await exchange[method]!(...args.map((arg) => arg ?? undefined)));
      } catch (error) {
        throw new BotError(classesOf(error));
      }
    },
    async export(to) {
      await record.export(to);
    },
    async restart() {
      record.close();
      start();
    },
    async end() {
      record.close();
    },
  };
}

const CONFIG = {
  apiKey: DEMO_TRADING_CREDENTIALS.apiKey,
  secret: DEMO_TRADING_CREDENTIALS.secret,
  password: DEMO_PASSPHRASE,
  timeout: 5_000,
  enableRateLimit: false,
};

function idOf(answer: unknown): string | null {
  const { id } = z.looseObject({ id: z.string().nullish() }).catch({}).parse(answer);
  return id ?? null;
}

function localUrls(urls: unknown, base: string): unknown {
  if (typeof urls === 'string') return urls.replace(/^https?:\/\/[^/]+/, base);
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, localUrls(url, base)]));
}

const answerSchema = z.object({
  id: z.number(),
  order: z.string().nullable(),
  error: z.array(z.string()).nullable(),
});

/** The same in Python, in a process of its own that a restart kills. @param isAsync with ccxt's asynchronous object */
export async function pythonBot(python: string, isAsync: boolean, options: BotOptions): Promise<RealBot> {
  const start = (): PythonProcess => new PythonProcess(python, { ...options, config: CONFIG, isAsync });
  let running = start();
  const ask = async (method: string, args: unknown[]): Promise<string | null> => {
    const { order, error } = answerSchema.parse(await running.ask(method, args));
    if (error !== null) throw new BotError(error);
    return order;
  };
  return {
    call: async (method, ...args) =>
      ask(
        method.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        args,
      ),
    async export(to) {
      await ask('export', [to]);
    },
    async restart() {
      await running.kill();
      running = start();
    },
    async end() {
      await running.kill();
    },
  };
}

class PythonProcess {
  readonly #child;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #asked = 0;
  #complaints = '';

  constructor(python: string, options: object) {
    this.#child = spawn(python, [join(repository, 'test/bot/watch/watch_driver.py'), JSON.stringify(options)], {
      env: { ...process.env, PYTHONPATH: join(repository, 'packages/bot-python'), PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = z.looseObject({ id: z.number() }).parse(JSON.parse(line));
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  async ask(method: string, args: unknown[]): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      void this.#ended.then(() => reject(new Error(`the bot ended: ${this.#complaints}`)));
      this.#child.stdin.write(`${JSON.stringify({ id, method, args })}\n`);
    });
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
