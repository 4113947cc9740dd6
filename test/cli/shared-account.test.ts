import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Simulator } from '../../packages/exchange-simulator/src/simulator.js';
import { DEMO_CREDENTIALS, DEMO_PASSPHRASE, startSimulator } from '../../packages/exchange-simulator/src/simulator.js';
import { plumbline } from './test-io.js';

const SECRETS = { KEY: DEMO_CREDENTIALS.apiKey, SECRET: DEMO_CREDENTIALS.secret, PHRASE: DEMO_PASSPHRASE };

describe('an account that several bots and their owner trade, against the simulator', () => {
  let folder: string;
  let simulator: Simulator;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-shared-'));
    simulator = await startSimulator({ port: 0 });
  }, 60_000);
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => sim('/reset', {}));

  async function sim(path: string, body: unknown): Promise<void> {
    const response = await fetch(`${simulator.url}/sim${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  const buy = async (amount: string, more: object = {}): Promise<void> =>
    sim('/orders', { actor: 'manual', symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount, ...more });

  async function configure(internal: string, reconciliation = '{}', exchange = 'binanceusdm'): Promise<void> {
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts:
  main:
    exchange: { id: ${exchange}, base_url: "${simulator.url}/${exchange}", api_key_env: KEY, secret_env: SECRET, password_env: PHRASE }
    internal: ${internal}
    reconciliation: ${reconciliation}
`,
    );
  }
  async function bot(file: string, positions: [symbol: string, amount: string][], more: object = {}): Promise<void> {
    const rows = positions.map(([symbol, amount]) => ({ symbol, amount }));
    const base = { version: 1, as_of: new Date().toISOString(), position_mode: 'one-way', scopes: ['positions'] };
    await writeFile(join(folder, file), JSON.stringify({ ...base, positions: rows, ...more }));
  }
  const run = async (...argv: string[]) => plumbline(argv, { cwd: folder, env: { ...SECRETS }, width: 200 });
  const json = async (...argv: string[]) => {
    const { code, out } = await run(...argv, '-o', 'json');
    return { code, answer: JSON.parse(out) as Record<string, unknown> };
  };

  it('compares the sum of their states, and names the source that fails', async () => {
    await configure('[{ kind: file, name: grid, path: grid.json }, { kind: file, name: trend, path: trend.json }]');
    await buy('0.5');
    await bot('grid.json', [['BTC/USDT:USDT', '0.7']]);
    await bot('trend.json', [['BTCUSDT', '-0.2']]);
    const { code, answer } = await json('diff', 'main');
    expect({ code, answer }).toMatchObject({
      code: 0,
      answer: {
        outcome: 'matched',
        internal: {
          kind: 'several',
          positions: 1,
          clocks: [{ name: 'grid' }, { name: 'trend' }],
          sources: [
            { name: 'grid', kind: 'file' },
            { name: 'trend', kind: 'file' },
          ],
        },
      },
    });
    const check = await run('check', 'main');
    expect(check.code).toBe(0);
    expect(check.out).toMatch(/internal state +source "grid": file .*; source "trend": file /);

    await bot('trend.json', [], { as_of: new Date(Date.now() - 3600_000 * 5).toISOString() });
    const late = await json('diff', 'main');
    expect(late).toMatchObject({
      code: 2,
      answer: {
        failure: {
          kind: 'internal_stale',
          message: expect.stringMatching(/^source "trend": .*, 5 h behind: local time written as UTC\?/),
        },
      },
    });
    expect((await run('check', 'main')).out).toMatch(/source "grid": file .*; source "trend": internal_stale: /);
  }, 60_000);

  it('adds what the owner holds, and shows it', async () => {
    await configure('{ kind: file, path: state.json }', '{ baseline: { positions: { BTC/USDT:USDT: 0.4 } } }');
    await buy('0.5');
    await bot('state.json', [['BTC/USDT:USDT', '0.1']]);
    const { code, out } = await run('diff', 'main');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining("beside the bot's: 0.4 BTC/USDT:USDT long"),
    });
    expect((await run('check', 'main')).out).toContain("beside the bot's: 0.4 BTC/USDT:USDT long");
    await buy('0.2');
    expect((await json('diff', 'main')).answer).toMatchObject({
      differences: [
        {
          internal: { amount: '0.5' },
          remedy: expect.stringMatching(/: change 0\.1 BTC long in the bot's state to 0\.3 BTC long/),
        },
      ],
    });
  }, 60_000);

  it('reads amounts in contracts, with the contract size of the exchange', async () => {
    await configure('{ kind: file, path: state.json, amounts: contracts }', '{}', 'okx');
    await buy('0.5');
    // OKX counts contracts of 0.01 BTC.
    await bot('state.json', [['BTC/USDT:USDT', '50']]);
    expect((await run('diff', 'main')).code).toBe(0);
    await configure('{ kind: file, path: state.json }', '{}', 'okx');
    expect((await run('diff', 'main')).code).toBe(1);
  }, 60_000);

  it('sums rows that are trades, and says how where it was not told to', async () => {
    await configure('{ kind: file, path: state.json, rows: trades }');
    await buy('0.5');
    const trades: [string, string][] = [
      ['BTC/USDT:USDT', '0.6'],
      ['BTC/USDT:USDT', '-0.1'],
    ];
    await bot('state.json', trades);
    expect((await run('diff', 'main')).code).toBe(0);
    await configure('{ kind: file, path: state.json }');
    const { code, out } = await run('diff', 'main');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/not compared.*set "rows: trades"/s) });
  }, 60_000);

  it('compares the rest beside a symbol that is gone, until an alias names it', async () => {
    await configure('{ kind: file, path: state.json }');
    await buy('0.5');
    await bot('state.json', [
      ['FTM/USDT:USDT', '100'],
      ['BTC/USDT:USDT', '0.3'],
    ]);
    const drifted = await json('diff', 'main');
    expect(drifted).toMatchObject({
      code: 1,
      answer: {
        differences: [{ type: 'POSITION_SIZE_CHANGED', symbol: 'BTC/USDT:USDT' }],
        coverage: { not_compared: expect.arrayContaining(['positions:linear:USDT FTM/USDT:USDT']) },
      },
    });
    await buy('5', { symbol: 'ETH/USDT:USDT' });
    await configure(
      '{ kind: file, path: state.json, rows: positions }',
      '{ aliases: { symbols: { FTM/USDT:USDT: ETH/USDT:USDT } }, ignore: { symbols: [BTC/USDT:USDT] }, tolerance: { ETH/USDT:USDT: 95 } }',
    );
    const cured = await json('diff', 'main');
    expect(cured).toMatchObject({
      code: 0,
      answer: { coverage: { not_compared: expect.not.arrayContaining(['FTM']) } },
    });
  }, 60_000);

  it('warns of position modes that differ while both are flat', async () => {
    await configure('{ kind: file, path: state.json }');
    await sim('/position-mode', { mode: 'hedge' });
    await bot('state.json', []);
    const { code, out } = await run('check', 'main');
    expect(code).toBe(0);
    expect(out).toMatch(/! position mode +the exchange is in hedge mode, internal state says one-way/);
    const diff = await run('diff', 'main');
    expect(diff).toMatchObject({
      code: 0,
      out: expect.stringContaining('position modes differ: the exchange is in hedge'),
    });
  }, 60_000);
});
