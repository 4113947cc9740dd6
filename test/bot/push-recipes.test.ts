import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { makeToken, startServe } from '../http/api-client.js';
import { Listening } from '../support/listening.js';
import { repository } from '../support/packages.js';
import { createTestDatabase } from '../support/postgres.js';

const run = promisify(execFile);
const accounts = ['passivbot', 'octobot', 'lean'] as const;
const bot = makeToken('bots', 'push', [...accounts]);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: Ledger;
let served: Awaited<ReturnType<typeof startServe>>;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrateLedger(database.url);
  ledger = createLedger(database.url);
  const pushes = new Map(accounts.map((account) => [account, { maxBytes: 10_000, runEverySeconds: null }]));
  served = await startServe({ ledger, tokens: [bot.known], pushes });
  folder = await mkdtemp(join(tmpdir(), 'plumbline-recipes-'));
}, 60_000);
afterAll(async () => {
  await served.close();
  await ledger.close();
  await database.drop();
  await rm(folder, { recursive: true });
});
const servers = new Listening();
afterEach(async () => servers.end());

/** Runs a recipe once; the document that it pushed, or what it said instead. */
async function push(
  account: (typeof accounts)[number],
  args: string[],
  env: Record<string, string> = {},
): Promise<unknown> {
  const script = join(repository, 'examples/push', `${account}.py`);
  const bots = join(repository, 'packages/bot-python');
  const own = {
    PLUMBLINE: served.url,
    ACCOUNT: account,
    TOKEN: bot.token,
    PYTHONPATH: bots,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  try {
    await run('python3', [script, ...args, '--once'], { env: { ...process.env, ...own, ...env }, timeout: 20_000 });
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? error;
  }
  return JSON.parse(Buffer.from((await ledger.pushedState(account))?.document ?? []).toString());
}

const json = async (answers: Record<string, unknown>, seen: IncomingMessage[] = []): Promise<string> =>
  servers.serve((request, response) => {
    seen.push(request);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[request.url ?? '']));
  });

describe('the recipe for Passivbot', () => {
  // The form of `_build_monitor_snapshot` (src/passivbot_monitor.py, enarjord/passivbot 2026-08-22), with the fields that are read.
  const at = Date.now() - 2_000;
  const snapshot = {
    meta: {
      exchange: 'bybit',
      user: 'bybit_01',
      quote: 'USDT',
      pid: 7,
      current_cycle_ts_ms: at,
      snapshot_ts_ms: at,
      seq: 3,
    },
    account: { balance_raw: 1000.5, balance_snapped: 1000, equity: 1001 },
    positions: {
      'BTC/USDT:USDT': { long: { size: 0.003, price: 60_000.1 }, short: { size: 0, price: 0 } },
      'ETH/USDT:USDT': { long: { size: 0, price: 0 }, short: { size: -0.07, price: 3000 } },
    },
    open_orders: {
      'BTC/USDT:USDT': [
        { id: '1', custom_id: '0x0004-x', side: 'buy', position_side: 'long', qty: 0.001, price: 59_000 },
      ],
    },
    schema_version: 1,
  };
  const write = async (content: unknown): Promise<string> => {
    const path = join(folder, 'state.latest.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('pushes its positions with the time of its cycle', async () => {
    expect(await push('passivbot', [await write(snapshot)])).toMatchObject({
      version: 1,
      position_mode: 'hedge',
      scopes: ['positions'],
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.003' },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '0.07' },
      ],
    });
    const { as_of: asOf } = JSON.parse(
      Buffer.from((await ledger.pushedState('passivbot'))?.document ?? []).toString(),
    ) as { as_of: string };
    expect(Date.parse(asOf)).toBe(at);
  }, 30_000);

  it('pushes nothing if the file is not whole, or has no positions', async () => {
    expect(await push('passivbot', [await write('{"meta":')])).toContain('JSONDecodeError');
    expect(await push('passivbot', [await write({ meta: snapshot.meta })])).toContain("KeyError: 'positions'");
  }, 30_000);
});

describe('the recipe for OctoBot', () => {
  // The form of `_dump_position` (web_interface/models/trading.py, Drakkar-Software/OctoBot 2026-08-06).
  const row = (fields: object): object => ({
    symbol: 'BTC/USDT:USDT',
    side: 'long',
    contract: 'BTC/USDT:USDT | x3 | isolated',
    amount: '0.003',
    value: '180',
    market: 'USDT',
    entry_price: '60000',
    exchange: 'bybit',
    SoR: 'Real',
    ...fields,
  });

  it('pushes its real positions on one exchange', async () => {
    const rows = [
      row({}),
      row({ symbol: 'ETH/USDT:USDT', side: 'short', amount: '-0.07' }),
      row({ symbol: 'SOL/USDT:USDT', side: 'both', amount: -1.5 }),
      row({ symbol: 'XRP/USDT:USDT', SoR: 'Simulated' }),
      row({ symbol: 'ADA/USDT:USDT', exchange: 'okx' }),
    ];
    const url = await json({ '/api/positions': rows });
    expect(await push('octobot', [url, 'bybit'])).toMatchObject({
      scopes: ['positions'],
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.003' },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '0.07' },
        { symbol: 'SOL/USDT:USDT', amount: '-1.5' },
      ],
    });
  }, 30_000);

  it('pushes nothing if a row has no side, or a page answers', async () => {
    const url = await json({ '/api/positions': [row({ side: 'unknown' })] });
    expect(await push('octobot', [url, 'bybit'])).toContain('a position of BTC/USDT:USDT has the side unknown');
    const page = await servers.serve((_, response) => void response.end('<html>login</html>'));
    expect(await push('octobot', [page, 'bybit'])).toContain('JSONDecodeError');
  }, 30_000);
});

describe('the recipe for LEAN', () => {
  // The form of LivePortfolioResponse (QuantConnect's API reference, Live Management, Portfolio State).
  const answer = {
    portfolio: {
      holdings: {
        'BTCUSDT 18N': { a: 60_000, q: 0.003, p: 61_000, v: 183, u: 3, up: 1.6 },
        'ETHUSDT 18N': { a: 3000, q: -0.07, p: 3000, v: -210, u: 0, up: 0 },
        'SOLUSDT 18N': { a: 0, q: 0, p: 150, v: 0, u: 0, up: 0 },
      },
      cash: {
        USDT: { symbol: 'USDT', amount: 1000.5, conversionRate: 1 },
        BTC: { symbol: 'BTC', amount: 0.25, conversionRate: 61_000 },
      },
    },
    success: true,
    errors: [],
  };
  const lean = async (
    live: object,
    portfolio: unknown,
    args: string[] = [],
    seen: IncomingMessage[] = [],
  ): Promise<unknown> => {
    const url = await json({ '/live/read': live, '/live/portfolio/read': portfolio }, seen);
    return push('lean', args, { QC_API: url, QC_USER_ID: '17', QC_TOKEN: 'qc-token', QC_PROJECT_ID: '4' });
  };

  it('pushes its holdings, as old as they may be', async () => {
    const seen: IncomingMessage[] = [];
    const pushed = await lean({ status: 'Running' }, answer, [], seen);
    expect(pushed).toMatchObject({
      position_mode: 'one-way',
      positions: [
        { symbol: 'BTCUSDT', amount: '0.003' },
        { symbol: 'ETHUSDT', amount: '-0.07' },
      ],
    });
    const age = Date.now() - Date.parse((pushed as { as_of: string }).as_of);
    expect(age).toBeGreaterThanOrEqual(600_000);
    expect(age).toBeLessThan(630_000);
    expect(seen.map(({ url, headers }) => [url, headers.authorization?.slice(0, 6)])).toEqual([
      ['/live/read', 'Basic '],
      ['/live/portfolio/read', 'Basic '],
    ]);
  }, 30_000);

  it('pushes its cash as balances', async () => {
    expect(await lean({ status: 'Running' }, answer, ['--cash'])).toMatchObject({
      scopes: ['balances'],
      balances: [
        { currency: 'USDT', total: '1000.5' },
        { currency: 'BTC', total: '0.25' },
      ],
    });
  }, 30_000);

  it('pushes nothing of an algorithm that is stopped, or of an answer that failed', async () => {
    expect(await lean({ status: 'Stopped' }, answer)).toContain('the algorithm is Stopped, not Running');
    expect(await lean({ status: 'Running' }, { success: false, errors: ['no such project'] })).toContain(
      'no such project',
    );
  }, 30_000);
});
