import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CheckDocument } from '../../src/cli/check/check-document.js';
import { checkDocumentSchema } from '../../src/cli/check/check-document.js';
import type { Simulator } from '../../packages/exchange-simulator/src/simulator.js';
import { addressOfAccount } from '../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';
import {
  DEMO_ACCOUNT,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
} from '../../packages/exchange-simulator/src/simulator.js';
import { plumbline } from './test-io.js';

const SECRETS = {
  KEY: DEMO_CREDENTIALS.apiKey,
  SECRET: DEMO_CREDENTIALS.secret,
  TRADING_KEY: DEMO_TRADING_CREDENTIALS.apiKey,
  TRADING_SECRET: DEMO_TRADING_CREDENTIALS.secret,
  TOKEN: DEMO_BOT_TOKEN,
};

describe('plumbline check, against the simulator', () => {
  let folder: string;
  let simulator: Simulator;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-check-'));
    simulator = await startSimulator({ port: 0 });
    const account = (key: string): string =>
      `    exchange: { id: binanceusdm, base_url: "${simulator.url}/binanceusdm", api_key_env: ${key}KEY, secret_env: ${key}SECRET }
    internal: { kind: http, url: "${simulator.url}/bot/state", token_env: TOKEN }
`;
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts:
  demo:
${account('')}  trading:
${account('TRADING_')}  off:
    reconciliation: { enabled: false }
${account('')}  file:
    reconciliation: { enabled: false }
    exchange: { id: binanceusdm, base_url: "${simulator.url}/binanceusdm", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: books.json }
  practice:
    reconciliation: { enabled: false }
    exchange: { id: binanceusdm, demo: true, base_url: "${simulator.url}/binanceusdm", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: http, url: "${simulator.url}/bot/state", token_env: TOKEN }
  wallet:
    reconciliation: { enabled: false }
    exchange: { id: hyperliquid, base_url: "${simulator.url}/hyperliquid", wallet_address_env: WALLET }
    internal: { kind: http, url: "${simulator.url}/bot/state", token_env: TOKEN }
  generic:
    reconciliation: { enabled: false }
    exchange: { id: coinex, base_url: "${simulator.url}/coinex", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: http, url: "${simulator.url}/bot/state", token_env: TOKEN }
`,
    );
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

  async function check(...argv: string[]) {
    return plumbline(['check', ...argv], { cwd: folder, env: { ...SECRETS }, width: 120 });
  }

  async function checkJson(account: string, env: Record<string, string> = { ...SECRETS }) {
    const { code, out } = await plumbline(['check', account, '-o', 'json'], { cwd: folder, env });
    const document: CheckDocument = checkDocumentSchema.parse(JSON.parse(out));
    const [reported] = document.accounts;
    if (reported === undefined || document.accounts.length !== 1) throw new Error(`not one account: ${out}`);
    const states = Object.fromEntries(reported.checks.map((each) => [each.check, each.state]));
    const failed = reported.checks.filter(({ state }) => state === 'failed');
    return { code, document, told: reported, states, failed };
  }

  const order = (actor: 'bot' | 'manual') => ({
    actor,
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'market',
    amount: '0.5',
  });

  it('exits with 0 after every call that a run makes, and reports content and cost of each scope', async () => {
    await sim('/orders', order('bot'));
    const { code, document, told, states } = await checkJson('demo');
    expect({ code, ready: document.ready, told: told.ready }).toEqual({ code: 0, ready: true, told: true });
    expect(states).toEqual({
      configuration: 'ok',
      profile: 'ok',
      exchange: 'ok',
      clock: 'ok',
      key: 'ok',
      account: 'ok',
      'position mode': 'ok',
      markets: 'ok',
      scopes: 'ok',
      'internal state': 'ok',
      proof: 'ok',
      symbols: 'ok',
      coverage: 'ok',
    });
    expect(told).toMatchObject({
      verified_profile: true,
      key: { answer: 'told', can_trade: false, can_withdraw: false, ip_restricted: true },
      position_mode: 'one-way',
      markets: { spot: 0, inverse: 0 },
      internal: { kind: 'http', positions: 1, unknown_symbols: [] },
      coverage: { compared: ['orders:conditional:linear', 'orders:regular:linear', 'positions:linear'] },
      differences: 0,
    });
    const { cost } = told;
    // The weights that Binance documents for these calls; positions are read twice.
    expect(cost?.parts).toEqual([
      { scopes: [], found: 0, calls: 1, weight: 1 },
      { scopes: ['orders:conditional:linear'], found: 0, calls: 2, weight: 40.1 },
      { scopes: ['orders:regular:linear'], found: 0, calls: 1, weight: 40 },
      { scopes: ['positions:linear'], found: 1, calls: 2, weight: 10 },
    ]);
    expect(cost).toMatchObject({ calls: 6, weight: 91.1 });
    expect(cost?.share_of_a_minute).toBeCloseTo(91.1 / (cost?.budget_per_minute ?? 0), 4);
  }, 60_000);

  it('checks all enabled accounts if none is named, and prints a table for people', async () => {
    await sim('/orders', order('bot'));
    const { code, out, err } = await check();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^demo {2}binanceusdm {2}✓ a run would succeed$/m);
    expect(out).toMatch(/^trading {2}binanceusdm {2}✓ a run would succeed$/m);
    expect(out).not.toMatch(/^off /m);
    expect(out).toMatch(
      /SCOPES +FOUND +CALLS +WEIGHT\n +clock, mode[^]*positions:linear +1 +2 +10\n +one observation: 6 calls, weight 91\.1,/,
    );
    expect(out).toContain('- ledger  not asked: ledger.url: PLUMBLINE_DATABASE_URL is not set');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  }, 60_000);

  it('warns of a key that can trade, and of one without an IP limit; a run would still succeed', async () => {
    const { code, told, states } = await checkJson('trading');
    expect({ code, state: states['key'] }).toEqual({ code: 0, state: 'warning' });
    expect(told.key).toMatchObject({ answer: 'told', can_trade: true, can_withdraw: false, ip_restricted: false });
    const key = told.checks.find(({ check: name }) => name === 'key');
    expect(key?.text).toMatch(/it can trade; .*enableFutures.*no IP limit/);
    expect(key?.remedy).toMatch(/can only read/);
  }, 60_000);

  it('reports differences of the one observation, and confirms none', async () => {
    await sim('/orders', order('manual'));
    const { code, told, states } = await checkJson('demo');
    expect({ code, state: states['coverage'], differences: told.differences }).toEqual({
      code: 0,
      state: 'note',
      differences: 1,
    });
  }, 60_000);

  it('says that an account is not read live', async () => {
    const { told } = await checkJson('practice');
    expect(told).toMatchObject({ environment: 'demo', verified_profile: true, account_kind: 'futures account' });
    const { out } = await check('practice');
    expect(out).toMatch(/^practice {2}binanceusdm \(demo\) {2}✓ a run would succeed$/m);
    expect(out).toMatch(/profile +verified for binanceusdm; demo, not the live exchange$/m);
  }, 60_000);

  it('says what kind of account it is, and what of it is not read', async () => {
    const { told, states } = await checkJson('wallet', {
      ...SECRETS,
      WALLET: addressOfAccount({ id: DEMO_ACCOUNT, keys: [] }),
    });
    expect(states).toMatchObject({ profile: 'ok', account: 'ok', scopes: 'ok' });
    expect(told).toMatchObject({ environment: 'live', account_kind: 'master account, unified account' });
    expect(told.gaps.map(({ scope }) => scope)).toContain('balances:staking');
  }, 60_000);

  it('says that a profile is not verified', async () => {
    const { told, states } = await checkJson('generic');
    expect(states).toMatchObject({ configuration: 'ok', profile: 'note' });
    expect(told).toMatchObject({ verified_profile: false });
  }, 60_000);

  it.each([
    ['/fapi/v1/openOrders', 'empty', 'scopes', /^unreadable: .*\/fapi\/v1\/openOrders \(orders:regular:linear\)/],
    ['/fapi/v1/openAlgoOrders', 'truncated', 'scopes', /^unreadable: .*\(orders:conditional:linear\)/],
    ['/fapi/v3/positionRisk', 'rate_limit', 'scopes', /^rate_limited: .*\(positions:linear\)/],
    ['/fapi/v1/time', 'reset', 'scopes', /^network: .*\/fapi\/v1\/time/],
    ['/bot/state', 'html', 'internal state', /^unreadable: /],
  ] as const)(
    'fails with 1 where %s answers with %s, and reports the rest',
    async (endpoint, kind, check_, text) => {
      await sim('/faults', { endpoint, kind, times: 1, ...(kind === 'rate_limit' && { retry_after_seconds: 0 }) });
      const { code, document, failed, states } = await checkJson('demo');
      expect({ code, ready: document.ready }).toEqual({ code: 1, ready: false });
      expect(failed).toEqual([
        { check: check_, state: 'failed', text: expect.stringMatching(text), remedy: expect.any(String) },
      ]);
      expect(states).toMatchObject({ configuration: 'ok', key: 'ok', markets: 'ok', coverage: 'skipped' });
    },
    60_000,
  );

  it('treats a failed key audit neither as a clean key nor as a reason to fail', async () => {
    await sim('/faults', { endpoint: '/sapi/v1/account/apiRestrictions', kind: 'empty', times: 1 });
    const { code, told, states } = await checkJson('demo');
    expect({ code, state: states['key'], key: told.key }).toMatchObject({
      code: 0,
      state: 'note',
      key: { answer: 'failed', can_trade: null, can_withdraw: null, ip_restricted: null },
    });
  }, 60_000);

  it('reports all unknown symbols, and state that is too old', async () => {
    const internalState = (asOf: Date, ...symbols: string[]): string =>
      JSON.stringify({
        version: 1,
        as_of: asOf.toISOString(),
        scopes: ['positions'],
        positions: symbols.map((symbol) => ({ symbol, side: 'long', amount: '1' })),
      });
    await writeFile(join(folder, 'books.json'), internalState(new Date(), 'NOPE/USDT:USDT', 'BTCUSDT', 'NEVERUSDT'));
    const unknown = await checkJson('file');
    expect(unknown).toMatchObject({ code: 0, states: { symbols: 'warning', coverage: 'note' } });
    expect(unknown.told.internal?.unknown_symbols).toEqual(['NOPE/USDT:USDT', 'NEVERUSDT']);
    expect(unknown.told.coverage.not_compared).toEqual([
      'orders:conditional:linear',
      'orders:regular:linear',
      'positions NEVERUSDT',
      'positions:linear:USDT NOPE/USDT:USDT',
    ]);
    const symbols = unknown.told.checks.find(({ check: name }) => name === 'symbols');
    expect(symbols?.text).toMatch(/no market "NOPE\/USDT:USDT": renamed, delisted or expired.*no market "NEVERUSDT"/);
    expect(symbols?.remedy).toMatch(/aliases\.symbols.*ignore\.symbols/);

    await writeFile(join(folder, 'books.json'), internalState(new Date(Date.now() - 3_600_000)));
    const stale = await checkJson('file');
    expect({ code: stale.code, states: stale.states }).toMatchObject({
      code: 1,
      states: { 'internal state': 'failed', symbols: 'skipped', scopes: 'ok' },
    });
    expect(stale.told.internal?.age_seconds).toBeGreaterThanOrEqual(3_600);
  }, 60_000);

  it('fails with 1 if a secret is missing, names it, and still checks the internal state', async () => {
    const { SECRET: _secret, ...env } = SECRETS;
    const { code, failed, states, document } = await checkJson('demo', env);
    expect(code).toBe(1);
    expect(failed).toMatchObject([{ check: 'configuration', text: expect.stringContaining('SECRET is not set') }]);
    expect(states).toMatchObject({ 'internal state': 'ok', exchange: 'skipped', symbols: 'skipped' });
    expect(JSON.stringify(document)).not.toContain(SECRETS.KEY);
  }, 60_000);

  it('fails with 1 if the ledger of this environment does not answer', async () => {
    const env = { ...SECRETS, PLUMBLINE_DATABASE_URL: 'postgres://ada:hidden-word@127.0.0.1:1/nowhere' };
    const { code, document, told } = await checkJson('demo', env);
    expect({ code, ready: told.ready, ledger: document.ledger.state }).toEqual({
      code: 1,
      ready: true,
      ledger: 'failed',
    });
    expect(JSON.stringify(document)).not.toContain('hidden-word');
  }, 60_000);

  it('exits with 2 if there is nothing to check', async () => {
    const unknown = await check('dmeo');
    expect({ code: unknown.code, err: unknown.err }).toMatchObject({ code: 2, err: expect.stringContaining('"demo"') });
    const nowhere = await plumbline(['check'], { cwd: join(folder, 'nowhere'), env: {} });
    expect(nowhere.code).toBe(2);
  }, 60_000);
});
