import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Simulator } from '../../packages/exchange-simulator/src/simulator.js';
import { DEMO_BOT_TOKEN, DEMO_CREDENTIALS, startSimulator } from '../../packages/exchange-simulator/src/simulator.js';
import { plumbline } from './test-io.js';

const SECRETS = {
  KEY: DEMO_CREDENTIALS.apiKey,
  SECRET: DEMO_CREDENTIALS.secret,
  TOKEN: DEMO_BOT_TOKEN,
};

describe('plumbline diff, against the simulator', () => {
  let folder: string;
  let simulator: Simulator;
  const diff = async (...options: string[]) =>
    plumbline(['diff', 'demo', ...options], { cwd: folder, env: { ...SECRETS } });
  const diffJson = async (...options: string[]) => {
    const { code, out, err } = await diff('-o', 'json', ...options);
    return { code, err, answer: JSON.parse(out) as unknown };
  };
  const sim = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${simulator.url}/sim${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  const order = (actor: 'bot' | 'manual') => ({
    actor,
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'market',
    amount: '0.5',
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-diff-'));
    simulator = await startSimulator({ port: 0 });
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts:
  demo:
    exchange: { id: binanceusdm, base_url: "${simulator.url}/binanceusdm", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: http, url: "${simulator.url}/bot/state", token_env: TOKEN }
`,
    );
  }, 30_000);
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => sim('/reset', {}));

  it('answers matched with 0, and what each side reports about itself', async () => {
    await sim('/orders', order('bot'));
    const { code, err, answer } = await diffJson();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(answer).toMatchObject({
      account: 'demo',
      outcome: 'matched',
      differences: [],
      exchange: { id: 'binanceusdm', positions: 1, orders: 0, as_of: expect.stringMatching(/Z$/) },
      internal: { kind: 'http', positions: 1 },
    });
  }, 30_000);

  it('answers drifted with 1 and says that one observation never confirms', async () => {
    await sim('/orders', order('manual'));
    const { code, answer } = await diffJson();
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      outcome: 'drifted',
      differences: [{ type: 'POSITION_OPENED_EXTERNALLY', exchange: { side: 'long', amount: '0.5' }, internal: null }],
    });
    const { out } = await diff();
    expect(out).toMatch(/✗ drifted[^]*to fix it:[^]*compared +orders:[^]*One observation never confirms/);
  });

  it('asks what became of a missing order', async () => {
    const limit = { ...order('bot'), type: 'limit', price: '10000', client_order_id: 'bot-1' };
    await sim('/orders', limit);
    await sim('/bot', { freeze: true });
    await sim('/cancel', { actor: 'manual', client_order_id: 'bot-1' });
    const { answer } = await diffJson();
    expect(answer).toMatchObject({
      differences: [
        { type: 'ORDER_MISSING_ON_EXCHANGE', client_order_id: 'bot-1', explanation: { cause: 'canceled' } },
      ],
    });
  });

  it('fails with 2, the kind and what to do when a side cannot answer', async () => {
    await sim('/faults', { endpoint: '/fapi/v1/openOrders', kind: 'empty', times: 1 });
    const { code, answer, err } = await diffJson();
    expect(code).toBe(2);
    expect(answer).toMatchObject({
      account: 'demo',
      outcome: 'failed',
      failure: { kind: 'unreadable', remedy: expect.stringMatching(/\w/) },
    });
    expect(err).toContain('what to do:');
  });

  it('makes each call once', async () => {
    await sim('/faults', { endpoint: '/fapi/v1/openOrders', kind: 'empty', times: 1 });
    expect((await diff()).code).toBe(2);
    expect((await diff()).code).toBe(0);
  });

  it('gives up at its deadline', async () => {
    await sim('/faults', { endpoint: '/fapi/v1/openOrders', kind: 'stall', times: 1 });
    const before = Date.now();
    const { code, answer } = await diffJson('--deadline', '1s');
    expect(code).toBe(2);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'timeout' } });
    expect(Date.now() - before).toBeLessThan(5000);
  });

  it('suggests the account that was meant', async () => {
    const { code, err } = await plumbline(['diff', 'dmeo'], { cwd: folder, env: { ...SECRETS } });
    expect(code).toBe(2);
    expect(err).toContain('did you mean "demo"?');
  });

  it('names the secret that is missing, and shows none', async () => {
    const { code, out, err } = await plumbline(['diff', 'demo'], {
      cwd: folder,
      env: { KEY: SECRETS.KEY, TOKEN: 'wrong' },
    });
    expect(code).toBe(2);
    expect(err).toContain('SECRET');
    expect(out + err).not.toContain(SECRETS.KEY);
  });
});
