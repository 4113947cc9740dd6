import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from '@plumbline/primitives/free-port';
import { API_PASSWORD, API_USER, freqtradeConfig, type TestedWire } from './wires.js';

const strategies = fileURLToPath(new URL('strategies', import.meta.url));
const BASIC = `Basic ${Buffer.from(`${API_USER}:${API_PASSWORD}`).toString('base64')}`;
const START_LIMIT_MS = 180_000;
const REQUEST_LIMIT_MS = 30_000;

const healthShape = z.object({ last_process: z.string().nullable() });
const tradesShape = z.array(z.looseObject({ trade_id: z.number(), pair: z.string() }));

interface Request {
  method: 'GET' | 'POST';
  body?: string;
}

/** What Freqtrade's API answers, as it answers it. */
export interface ApiAnswers {
  show_config: unknown;
  health: unknown;
  status: unknown;
}

/** An unmodified Freqtrade in its own process. Its REST API takes the orders to trade. */
export class FreqtradeBot {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly wire: TestedWire,
    private readonly program: string,
    private readonly folder: string,
    readonly url: string,
  ) {}

  /** Writes its configuration. It does not run yet. */
  static async make(
    wire: TestedWire,
    places: { program: string; folder: string; simulatorUrl: string },
  ): Promise<FreqtradeBot> {
    const folder = join(places.folder, wire.id);
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const config = freqtradeConfig(wire, { url: places.simulatorUrl, port, database: join(folder, 'trades.sqlite') });
    await writeFile(join(folder, 'config.json'), JSON.stringify(config, null, 2));
    return new FreqtradeBot(wire, places.program, folder, `http://127.0.0.1:${port}`);
  }

  /** Resolves when its first loop has ended. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'freqtrade.log'), 'a');
    const config = join(this.folder, 'config.json');
    const args = ['trade', '-c', config, '--userdir', this.folder];
    // Variables such as FREQTRADE__DRY_RUN would change the configuration.
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('FREQTRADE_'));
    this.child = spawn(this.program, [...args, '--strategy', this.wire.strategy, '--strategy-path', strategies], {
      stdio: ['ignore', log, log],
      cwd: this.folder,
      env: Object.fromEntries(kept),
    });
    closeSync(log);
    const deadline = Date.now() + START_LIMIT_MS;
    while ((await this.lastLoop().catch(() => null)) === null) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Freqtrade on ${this.wire.name} does not start:\n${await this.logEnd()}`);
      }
      await sleep(250);
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** When its last loop ended, milliseconds; null before its first one. */
  async lastLoop(): Promise<number | null> {
    const { last_process: at } = healthShape.parse(await this.get('health'));
    return at === null ? null : Date.parse(at);
  }

  /** Waits for a loop that began after now. */
  async untilNextLoop(): Promise<void> {
    const asked = Date.now();
    const first = await this.nextLoopAfter(asked);
    await this.nextLoopAfter(first);
  }

  private async nextLoopAfter(time: number): Promise<number> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
      const at = await this.lastLoop();
      if (at !== null && at > time) return at;
    }
    throw new Error(`Freqtrade on ${this.wire.name} has ended no loop in 60 s:\n${await this.logEnd()}`);
  }

  async trades(): Promise<z.output<typeof tradesShape>> {
    return tradesShape.parse(await this.get('status'));
  }

  /** In the order in which Plumbline asks. */
  async answers(): Promise<ApiAnswers> {
    return {
      show_config: await this.get('show_config'),
      health: await this.get('health'),
      status: await this.get('status'),
    };
  }

  /** Enters with a limit order at this price. */
  async enter(pair: string, side: 'long' | 'short', price: string): Promise<void> {
    const leverage = this.wire.mode === 'futures' ? { leverage: 2 } : {};
    await this.post('forceenter', { pair, side, price: Number(price), ordertype: 'limit', ...leverage });
  }

  /** Exits with a limit order at this price. */
  async exit(tradeId: number, price: string): Promise<void> {
    await this.post('forceexit', { tradeid: String(tradeId), ordertype: 'limit', price: Number(price) });
  }

  /** Makes the bot ask the exchange for orders that it does not know. */
  async reload(tradeId: number): Promise<void> {
    await this.post(`trades/${tradeId}/reload`, {});
  }

  async logEnd(): Promise<string> {
    const text = await readFile(join(this.folder, 'freqtrade.log'), 'utf8').catch(() => '');
    return text.split('\n').slice(-25).join('\n');
  }

  private async get(path: string): Promise<unknown> {
    return this.ask(path, { method: 'GET' });
  }

  private async post(path: string, body: object): Promise<unknown> {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) });
  }

  private async ask(path: string, request: Request): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      ...request,
      headers: { authorization: BASIC, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.wire.name}: ${request.method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
