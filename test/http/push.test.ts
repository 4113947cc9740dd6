import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Acts } from '../../src/acts/acts.js';
import type { PushConfig } from '../../src/config/config.js';
import { PUSHES_PER_MINUTE } from '../../src/http/guard.js';
import { onlySource } from '../../src/internal/account-source.js';
import { createPushSource } from '../../src/internal/push-source.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { AccountSides } from '../../src/observe/account-sides.js';
import { eventually } from '../cli/test-io.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { makeToken, send, startServe, type Answer, type SendOptions } from './api-client.js';

const MAX_BYTES = 20_000;
const bot = makeToken('bot', 'push', ['main']);
const foreign = makeToken('other bot', 'push', ['other']);
const ada = makeToken('ada', 'operator');
const tokens = [bot, foreign, ada].map(({ known }) => known);

let second = 0;
/** Each is later than the one before. */
const nextTime = (): string => new Date(Date.UTC(2026, 0, 1) + 1000 * second++).toISOString();
const stateOf = (fields: Record<string, unknown> = {}) => ({
  version: 1,
  as_of: nextTime(),
  scopes: ['positions', 'orders'],
  positions: [],
  orders: [],
  ...fields,
});

describe('PUT /v1/accounts/:account/state', () => {
  let world: World;
  let served: Awaited<ReturnType<typeof startServe>>;
  const push = async (body: unknown, { account = 'main', ...options }: SendOptions & { account?: string } = {}) =>
    send(`${served.url}/v1/accounts/${account}/state`, { method: 'PUT', token: bot.token, body, ...options });
  const stored = async (): Promise<string> =>
    Buffer.from((await world.ledger.pushedState('main'))?.document ?? []).toString();
  const problemsOf = ({ body }: Answer) => (body['error'] as { fields: { path: string }[] }).fields;

  beforeAll(async () => {
    world = await startWorld({ sides: scriptedSides().sides });
    served = await startServe({
      ledger: world.ledger,
      tokens,
      pushes: new Map([['main', { maxBytes: MAX_BYTES, runEverySeconds: null }]]),
    });
  }, 60_000);
  afterAll(async () => {
    await served.close();
    await world.stop();
  });

  it('stores the document as it came, and answers 204', async () => {
    const text = `{"version": 1, "as_of": "${nextTime()}", "scopes": ["positions"],
      "positions": [{"symbol": "BTC/USDT:USDT", "amount": 0.1000000000000000055}], "mine": "é"}`;
    expect(await push(text)).toMatchObject({ status: 204, text: '' });
    expect(await stored()).toBe(text);
  });

  it('answers 200 and names the rows that it could not read', async () => {
    const positions = [
      { symbol: 'BTC/USDT:USDT', amount: '0.5' },
      { symbol: 'ETH/USDT:USDT', amount: 'much' },
    ];
    const state = stateOf({ positions });
    const answer = await push(state);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        account: 'main',
        as_of: state.as_of,
        unread_count: 1,
        unread: [{ symbol: 'ETH/USDT:USDT', reason: expect.stringContaining('positions[1]') }],
      },
    });
    expect(await stored()).toBe(JSON.stringify(state));
  });

  it('answers 422 with the path of each wrong field, and keeps the stored state', async () => {
    const before = await stored();
    const wrong = await push({ version: 1, as_of: 'today', scopes: ['positions', 'odrers'], positions: [] });
    expect(wrong).toMatchObject({ status: 422, body: { error: { remedy: expect.any(String) } } });
    expect(problemsOf(wrong).map(({ path }) => path)).toEqual(['as_of', 'scopes[1]']);
    const missing = await push(stateOf({ scopes: ['balances'] }));
    expect([missing.status, problemsOf(missing).map(({ path }) => path)]).toEqual([422, ['balances']]);
    const row = await push(stateOf({ positions: [{ symbol: 'BTC/USDT:USDT', amount: '1' }, 'x'] }));
    expect([row.status, problemsOf(row).map(({ path }) => path)]).toEqual([422, ['positions[1]']]);
    expect(await push([])).toMatchObject({ status: 422 });
    expect(await push(stateOf({ version: 2 }))).toMatchObject({ status: 422 });
    const ahead = await push(stateOf({ as_of: new Date(Date.now() + 600_000).toISOString() }));
    expect([ahead.status, problemsOf(ahead).map(({ path }) => path)]).toEqual([422, ['as_of']]);
    expect(await stored()).toBe(before);
  });

  it.each([['{'], [''], ['positions: []'], ['<html></html>'], ['\u0000']])('answers 400 to %j', async (body) => {
    expect(await push(body)).toMatchObject({ status: 400, body: { error: { remedy: expect.any(String) } } });
  });

  it('answers 409 to a state that is not newer, with both times, and 204 to the same one again', async () => {
    const [older, newer] = [stateOf(), stateOf()];
    expect((await push(newer)).status).toBe(204);
    const late = await push(older);
    expect(late).toMatchObject({ status: 409, body: { error: { remedy: expect.stringContaining('later as_of') } } });
    const { message } = late.body['error'] as { message: string };
    expect(message).toContain(older.as_of);
    expect(message).toContain(newer.as_of);
    expect(await push({ ...newer, positions: [{ symbol: 'BTC/USDT:USDT', amount: '1' }] })).toMatchObject({
      status: 409,
    });
    expect((await push(newer)).status).toBe(204);
    expect(await stored()).toBe(JSON.stringify(newer));
  });

  it('is for a push token of the account alone, and such a token opens nothing else', async () => {
    expect((await push(stateOf(), { token: 'plb_wrong' })).status).toBe(401);
    expect((await push(stateOf(), { token: foreign.token })).status).toBe(403);
    expect((await push(stateOf(), { token: ada.token })).status).toBe(403);
    for (const path of [
      '/v1/accounts',
      '/v1/accounts/main',
      '/v1/accounts/main/gate',
      '/metrics',
      '/v1/openapi.json',
    ]) {
      expect([path, (await send(served.url + path, { token: bot.token })).status]).toEqual([path, 403]);
    }
    for (const act of ['pause', 'run', 'acknowledge', 'state']) {
      const url = `${served.url}/v1/accounts/main/${act}`;
      expect((await send(url, { method: 'POST', token: bot.token, body: {} })).status).toBe(403);
    }
  });

  it('answers 404 for an account whose bot does not push, before it reads the body', async () => {
    const answer = await push('x'.repeat(100_000), { account: 'other', token: foreign.token });
    expect(answer).toMatchObject({ status: 404, body: { error: { remedy: expect.stringContaining('kind: push') } } });
  });

  it('answers 413 to a body that is too long, and 415 to one that is no JSON by its type', async () => {
    expect((await push(stateOf({ mine: 'x'.repeat(MAX_BYTES) }))).status).toBe(413);
    expect((await push(stateOf(), { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  it('takes none without tokens, so nobody can speak for the bot', async () => {
    const open = await startServe({
      ledger: world.ledger,
      pushes: new Map([['main', { maxBytes: MAX_BYTES, runEverySeconds: null }]]),
    });
    try {
      const url = `${open.url}/v1/accounts/main/state`;
      expect(await send(url, { method: 'PUT', body: stateOf() })).toMatchObject({
        status: 401,
        body: { error: { message: expect.stringContaining('nobody can push') } },
      });
    } finally {
      await open.close();
    }
  });

  it('answers 503 with Retry-After while the ledger is away', async () => {
    const gone = createLedger('postgres://plumbline@127.0.0.1:1/nowhere');
    const away = await startServe({
      ledger: gone,
      tokens,
      pushes: new Map([['main', { maxBytes: MAX_BYTES, runEverySeconds: null }]]),
    });
    try {
      const url = `${away.url}/v1/accounts/main/state`;
      const answer = await send(url, { method: 'PUT', token: bot.token, body: stateOf() });
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await away.close();
      await gone.close();
    }
  });

  it('answers 429 with Retry-After to more pushes than a loop makes', async () => {
    const statuses: number[] = [];
    let last: Answer | null = null;
    // Twice as many: earlier pushes count, and their minute may end meanwhile.
    for (let count = 0; count <= 2 * PUSHES_PER_MINUTE && last?.status !== 429; count++) {
      last = await push('{');
      statuses.push(last.status);
    }
    expect(statuses).toContain(429);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  }, 60_000);
});

/** A bot that pushes, on real Temporal, PostgreSQL and workflows. */
describe('a bot that pushes', () => {
  let world: World;
  let exchange: ScriptedSide;
  let served: Awaited<ReturnType<typeof startServe>>;
  let token: string;
  const push = async (amount: string | null): Promise<number> => {
    const positions = amount === null ? [] : [{ symbol: 'BTC/USDT:USDT', amount }];
    const body = stateOf({ as_of: new Date().toISOString(), position_mode: 'one-way', positions });
    return (await send(`${served.url}/v1/accounts/${world.account}/state`, { method: 'PUT', token, body })).status;
  };
  const newestRun = async () => (await world.ledger.runs(world.account, { limit: 1 }))[0];
  /** Pushes as a loop does, until the newest run is as wanted. */
  const pushUntil = async (amount: string | null, outcome: string) => {
    for (const deadline = Date.now() + 45_000; ;) {
      expect(await push(amount)).toBe(204);
      const run = await newestRun();
      if (run?.outcome === outcome) return run;
      if (Date.now() > deadline) throw new Error(`the newest run is ${run?.outcome ?? 'none'}, not ${outcome}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };

  beforeAll(async () => {
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    const config: PushConfig = {
      kind: 'push',
      account: '',
      maxSilenceSeconds: 60,
      runEverySeconds: 1,
      maxBytes: MAX_BYTES,
    };
    const source = createPushSource(config, {
      pushed: async () => world.ledger.pushedState(world.account),
      now: Date.now,
    });
    const sides: AccountSides = { ...scripted.sides, internal: onlySource(source) };
    world = await startWorld({ sides, policy: { intervalMinutes: 60 } });
    const known = makeToken('bot', 'push', [world.account]);
    ({ token } = known);
    served = await startServe({
      ledger: world.ledger,
      tokens: [known.known],
      acts: new Acts({ client: async () => world.client, ledger: async () => world.ledger }),
      pushes: new Map([[world.account, config]]),
    });
  }, 60_000);
  afterAll(async () => {
    await served.close();
    await world.stop();
  });

  it('before its first push has a run that fails and says why', async () => {
    await world.start();
    const run = await world.client.runNow(world.account, 'test');
    expect(run.outcome).toBe('failed');
    expect((await newestRun())?.failure).toMatchObject({
      kind: 'internal_stale',
      message: expect.stringContaining('pushed no state yet'),
    });
  }, 60_000);

  it('with run_on_push has its drift found in seconds, an hour before the next scheduled run', async () => {
    await pushUntil(null, 'matched');
    const began = Date.now();
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    const run = await pushUntil(null, 'drifted');
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(run).toMatchObject({ trigger: 'forced', discrepancies: 1 });
    const completed = (await world.events()).findLast(({ type }) => type === 'RECONCILIATION_COMPLETED');
    expect(completed?.payload).toMatchObject({ requested_by: ['bot'], requested_via: ['http'] });
    await pushUntil('0.5', 'matched');
  }, 150_000);

  it('does not end a pause', async () => {
    await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
    await eventually(
      async () => (await world.ledger.account(world.account))?.paused,
      (paused) => paused === true,
    );
    // Runs that pushes before the pause have requested come first, one in each second.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await world.client.runNow(world.account, 'test');
    const before = (await newestRun())?.runNumber;
    for (let count = 0; count < 6; count++) {
      expect(await push('0.5')).toBe(204);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect((await newestRun())?.runNumber).toBe(before);
  }, 60_000);
});
