import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_CREDENTIALS, startSimulator, type Simulator } from '../../packages/exchange-simulator/src/simulator.js';
import { checkDocumentSchema } from '../../src/cli/check/check-document.js';
import { order, trade, type Fields } from '../internal/freqtrade/answers.js';
import { freqtrade, SECRETS, servers, type Bot } from '../internal/freqtrade/bot-server.js';
import { plumbline } from './test-io.js';

const ENV = { ...SECRETS, KEY: DEMO_CREDENTIALS.apiKey, SECRET: DEMO_CREDENTIALS.secret };

describe('an account whose bot is a Freqtrade, against the simulator', () => {
  let folder: string;
  let simulator: Simulator;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-freqtrade-'));
    simulator = await startSimulator({ port: 0 });
  }, 60_000);
  afterEach(async () => servers.end());
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  async function run(command: string[], bot: Bot, rules = '{}') {
    const url = await freqtrade({ health: { last_process: new Date().toISOString() }, ...bot });
    const exchange = `{ id: binanceusdm, base_url: "${simulator.url}/binanceusdm", api_key_env: KEY, secret_env: SECRET }`;
    const internal = `{ kind: freqtrade, url: "${url}", username_env: FT_USERNAME, password_env: FT_PASSWORD, bot_name: alpha }`;
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts: { ft: { exchange: ${exchange}, internal: ${internal}, reconciliation: ${rules} } }\n`,
    );
    return plumbline(command, { cwd: folder, env: ENV, width: 400 });
  }

  async function placed(fields: Fields): Promise<string> {
    const response = await fetch(`${simulator.url}/sim/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ actor: 'bot', symbol: 'BTC/USDT:USDT', type: 'limit', ...fields }),
    });
    const placedOrder = (await response.json()) as { order: { id: string } };
    return placedOrder.order.id;
  }

  it('check says what a match proves, and which grace fits its loop', async () => {
    const { code, out } = await run(['check', 'ft', '-o', 'json'], {});
    const [reported] = checkDocumentSchema.parse(JSON.parse(out)).accounts;
    expect({ code, ready: reported?.ready }).toEqual({ code: 0, ready: true });
    expect(reported?.internal).toMatchObject({
      kind: 'freqtrade',
      sources: [{ name: null, kind: 'freqtrade', record: 'own' }],
      scopes: ['positions', 'orders'],
    });
    expect(reported?.checks.find(({ check }) => check === 'proof')).toMatchObject({
      state: 'ok',
      text: expect.stringMatching(/own record .* older than 60 s \(grace_seconds\)/),
      remedy: null,
    });
  });

  it('check warns of a grace that is shorter than its loop after an error', async () => {
    const { code, out } = await run(['check', 'ft'], {}, '{ grace_seconds: 30 }');
    expect(code).toBe(0);
    expect(out).toMatch(/! proof .*30 s \(grace_seconds\)[^✓]*what to do: set grace_seconds to 60 or more/);
  });

  it('check fails for a dry run, and says what to do', async () => {
    const { code, out } = await run(['check', 'ft'], { config: { dry_run: true } });
    expect(code).toBe(1);
    expect(out).toMatch(/✗ internal state .*dry_run is true.*\n +what to do: set dry_run: false/);
  });

  it('diff matches while an entry is partly filled, and finds what was done by hand', async () => {
    const id = await placed({ side: 'buy', price: '49000', amount: '0.04' });
    await fetch(`${simulator.url}/sim/fill`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ order_id: id, amount: '0.015', price: '48990' }),
    });
    const entry = order({ order_id: id, amount: 0.04, filled: 0.015, safe_price: 48_990.0 });
    const bot = { trades: [trade({ amount: 0, orders: [entry] })] };
    expect((await run(['diff', 'ft'], bot)).out).toContain('matched');
    await placed({ actor: 'manual', side: 'buy', type: 'market', amount: '0.02' });
    const { code, out } = await run(['diff', 'ft'], bot);
    expect(code).toBe(1);
    expect(out).toContain('the exchange holds 0.035 BTC long, the bot has 0.015 BTC long');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'to 0.035 BTC long (in Freqtrade: `/reload_trade 7` in Telegram, or `POST /api/v1/trades/7/reload`), or close 0.02 BTC of it on the exchange',
    );
  });
});
