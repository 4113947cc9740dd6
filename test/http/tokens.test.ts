import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Acts } from '../../src/acts/acts.js';
import { PlumblineError } from '../../src/client.js';
import { ACT_BODIES } from '../../src/http/act-bodies.js';
import { ACTS_PER_MINUTE, FAILURES_PER_MINUTE } from '../../src/http/guard.js';
import { bearerOf, hashToken, identify, newToken, type KnownToken } from '../../src/http/tokens.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { makeToken, send, sendRaw, startServe } from './api-client.js';
import { recordScenario } from './ledger-scenario.js';

const gate = makeToken('bot', 'gate-only');
const viewer = makeToken('grafana', 'viewer');
const operator = makeToken('ada', 'operator');
const narrow = makeToken('eve', 'operator', ['fresh']);
const pusher = makeToken('pushing bot', 'push', ['clean']);
const tokens = [gate, viewer, operator, narrow, pusher].map(({ known }) => known);
const OTHER = newToken();

describe('a token', () => {
  it('has 256 random bits, and is found among all hashes', () => {
    expect(newToken()).toMatch(/^plb_[A-Za-z0-9_-]{43}$/);
    for (const { token, known } of [gate, viewer, operator, narrow]) {
      expect(identify(token, tokens)).toEqual({ name: known.name, role: known.role, accounts: known.accounts });
    }
    for (const wrong of ['', OTHER, operator.token.slice(0, -1), `${operator.token}x`, operator.known.sha256]) {
      expect(identify(wrong, tokens)).toBeNull();
    }
    expect(
      identify('x'.repeat(1_000_000), [{ ...operator.known, sha256: hashToken('x'.repeat(1_000_000)) }]),
    ).toBeNull();
    expect(identify(operator.token, [])).toBeNull();
  });

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc  ', 'abc'],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
    [undefined, null],
  ])('in the header %j is %j', (header, token) => {
    expect(bearerOf(header)).toBe(token);
  });
});

describe('serve with tokens', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  const startWith = async (known: KnownToken[], options: { metricsWithoutToken?: boolean } = {}) => {
    const client = async () => {
      throw new PlumblineError('no Temporal server answers', 'start it');
    };
    const acts = new Acts({ client, ledger: async () => ledger });
    return startServe({ ledger, acts, tokens: known, ...options });
  };
  let served: Awaited<ReturnType<typeof startWith>>;

  beforeAll(async () => {
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    await recordScenario(ledger);
    served = await startWith(tokens);
  }, 60_000);
  afterAll(async () => {
    await served.close();
    await ledger.close();
    await database.drop();
  });

  const reads = [
    '/v1/accounts',
    '/v1/accounts/clean',
    '/v1/accounts/clean/runs',
    '/v1/accounts/clean/events',
    '/v1/accounts/clean/discrepancies',
    '/v1/accounts/clean/interventions',
    '/metrics',
  ];
  const acting = Object.keys(ACT_BODIES).map((act) => `/v1/accounts/clean/${act}`);
  const OPEN = ['/', '/healthz', '/readyz'];

  it.each([...reads, '/v1/accounts/clean/gate', '/v1/openapi.json', '/v1/accounts/mian', '/v1/nothing'])(
    'answers GET %s to nobody without a token, and not to a wrong one',
    async (path) => {
      const none = await send(served.url + path);
      expect(none.status).toBe(401);
      expect(none.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(none.body).toMatchObject({ error: { remedy: expect.stringContaining('plumbline token new') } });
      const wrong = await send(served.url + path, { token: OTHER });
      expect(wrong.status).toBe(401);
      expect(wrong.text).not.toContain(OTHER);
    },
  );

  it.each(OPEN)('answers GET %s to everyone', async (path) => {
    expect((await send(served.url + path)).status).toBe(200);
    expect((await send(served.url + path, { token: gate.token })).status).toBe(200);
  });

  const TABLE: [role: string, token: string, gate: number, read: number, act: number][] = [
    ['gate-only', gate.token, 200, 403, 403],
    ['viewer', viewer.token, 200, 200, 403],
    // 400: the token is right, and the body is not.
    ['operator', operator.token, 200, 200, 400],
    ['operator of another account', narrow.token, 403, 403, 403],
    ['push', pusher.token, 403, 403, 403],
  ];
  it.each(TABLE)('gives a token with the role %s its routes and no other', async (role, token, gated, read, act) => {
    const status = async (path: string, method = 'GET', body?: unknown) =>
      (await send(served.url + path, { token, method, body })).status;
    expect(await status('/v1/accounts/clean/gate')).toBe(gated);
    for (const path of reads.filter((each) => each.includes('clean')))
      expect([path, await status(path)]).toEqual([path, read]);
    for (const path of acting) expect([path, await status(path, 'POST', { wrong: 1 })]).toEqual([path, act]);
    for (const path of ['/metrics', '/v1/accounts']) {
      expect([path, await status(path)]).toEqual([path, role === 'gate-only' || role === 'push' ? 403 : 200]);
    }
  });

  it('shows a token only its own accounts, also in the list and in the metrics', async () => {
    const { body } = await send(`${served.url}/v1/accounts`, { token: narrow.token });
    expect(body).toMatchObject({ accounts: [{ account: 'fresh' }] });
    const { text } = await send(`${served.url}/metrics`, { token: narrow.token });
    expect(text).toContain('account="fresh"');
    expect(text).not.toContain('account="clean"');
    // Whether the account exists makes no difference.
    for (const account of ['clean', 'mian']) {
      const refused = await send(`${served.url}/v1/accounts/${account}`, { token: narrow.token });
      expect(refused).toMatchObject({ status: 403, body: { error: { message: expect.stringContaining('operator') } } });
    }
  });

  it('keeps the gate closed in every refusal', async () => {
    for (const token of [undefined, OTHER, narrow.token]) {
      const { body } = await send(`${served.url}/v1/accounts/clean/gate`, token === undefined ? {} : { token });
      expect(body).toMatchObject({ open: false, reasons: [expect.any(String)] });
    }
  });

  it('leaves the metrics open if the configuration says so', async () => {
    const open = await startWith(tokens, { metricsWithoutToken: true });
    try {
      expect((await send(`${open.url}/metrics`)).status).toBe(200);
      expect((await send(`${open.url}/v1/accounts`)).status).toBe(401);
    } finally {
      await open.close();
    }
  });

  it.each([
    '//v1/accounts',
    '/v1//accounts',
    '/v1/./accounts',
    '/v1/accounts/../accounts',
    '/healthz/../v1/accounts',
    '/%76%31/accounts',
    '/v1%2faccounts',
    '/v1/accounts/',
    '/V1/accounts',
    '/v1/accounts?x=/healthz',
    '/v1/accounts;/healthz',
    '/v1/accounts/clean%2fgate',
    '/a/../v1/accounts',
  ])('gives the path %s nothing without a token', async (path) => {
    expect([401, 404]).toContain(await sendRaw(served.url, path));
    expect([401, 404]).toContain(await sendRaw(served.url, path, { method: 'HEAD' }));
    expect([401, 404]).toContain(await sendRaw(served.url, path, { headers: { 'x-original-url': '/healthz' } }));
  });

  it('stays closed to DNS rebinding, and to pages of other sites, with the right token', async () => {
    const authorization = `Bearer ${operator.token}`;
    expect(await sendRaw(served.url, '/v1/accounts', { headers: { host: 'rebound.example', authorization } })).toBe(
      421,
    );
    const origin = 'https://evil.example';
    expect(await sendRaw(served.url, '/v1/accounts', { headers: { origin, authorization } })).toBe(403);
    expect(await sendRaw(served.url, '/v1/accounts', { headers: { authorization } })).toBe(200);
  });

  it('refuses bodies that are no JSON, too long, or have unknown fields, and says what to do', async () => {
    const post = async (body: string, type = 'application/json') =>
      send(`${served.url}/v1/accounts/clean/pause`, {
        method: 'POST',
        token: operator.token,
        body,
        headers: { 'content-type': type },
      });
    expect(await post('{"reason":"x"}', 'text/plain')).toMatchObject({ status: 415 });
    expect(await post('reason=x', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
    for (const wrong of [
      '{',
      '[]',
      '7',
      'null',
      '{"reason":7}',
      '{"reason":" "}',
      '{"reason":"x","more":1}',
      '{"__proto__":{}}',
    ]) {
      const { status, body } = await post(wrong);
      expect([wrong, status]).toEqual([wrong, 400]);
      expect(body).toMatchObject({ error: { message: expect.any(String), remedy: expect.any(String) } });
    }
    expect(await post(JSON.stringify({ reason: 'x'.repeat(2_001) }))).toMatchObject({ status: 400 });
    expect(await post(JSON.stringify({ reason: 'x'.repeat(200_000) }))).toMatchObject({ status: 413 });
    const unknown = await send(`${served.url}/v1/accounts/mian/pause`, {
      method: 'POST',
      token: operator.token,
      body: { reason: 'x' },
    });
    expect(unknown.status).toBe(404);
  });

  it('says 503 and what to do while Temporal cannot be reached', async () => {
    for (const [act, body] of [
      ['pause', { reason: 'x' }],
      ['resume', {}],
      ['run', {}],
    ] as const) {
      const answer = await send(`${served.url}/v1/accounts/clean/${act}`, {
        method: 'POST',
        token: operator.token,
        body,
      });
      expect(answer).toMatchObject({
        status: 503,
        body: { error: { message: 'no Temporal server answers', remedy: 'start it' } },
      });
    }
    // Nothing is open, so there is nothing to acknowledge.
    const answer = await send(`${served.url}/v1/accounts/clean/acknowledge`, {
      method: 'POST',
      token: operator.token,
      body: { note: 'x' },
    });
    expect(answer).toMatchObject({ status: 409, body: { error: { message: expect.stringMatching(/no open/) } } });
  });

  it('counts wrong tokens of an address, and does not lock out the right ones', async () => {
    const own = await startWith(tokens);
    try {
      const path = `${own.url}/v1/accounts`;
      for (let count = 0; count < FAILURES_PER_MINUTE; count++) {
        expect((await send(path, { token: OTHER })).status).toBe(401);
      }
      const limited = await send(path, { token: OTHER });
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await send(path)).status).toBe(401);
      expect((await send(path, { token: viewer.token })).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  it('limits the acts of a token, not those of another and not its reads', async () => {
    const own = await startWith(tokens);
    try {
      const act = async (token: string, account = 'clean') =>
        send(`${own.url}/v1/accounts/${account}/pause`, { method: 'POST', token, body: {} });
      for (let count = 0; count < ACTS_PER_MINUTE; count++) expect((await act(operator.token)).status).toBe(400);
      const limited = await act(operator.token);
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await act(narrow.token, 'fresh')).status).toBe(400);
      expect((await send(`${own.url}/v1/accounts`, { token: operator.token })).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  it('never logs a token', async () => {
    await send(`${served.url}/v1/accounts?token=${operator.token}&limit=x`, { token: operator.token });
    await send(`${served.url}/v1/accounts/clean/runs?limit=${operator.token}`, { token: operator.token });
    const away = createLedger('postgres://plumbline@127.0.0.1:1/nowhere');
    const broken = await startServe({ ledger: away, tokens });
    try {
      await send(`${broken.url}/v1/accounts?x=${operator.token}`, { token: operator.token });
      expect(broken.lines.join('\n')).toContain('/v1/accounts?x=plb_...');
      for (const { token } of [operator]) expect([...broken.lines, ...served.lines].join('\n')).not.toContain(token);
    } finally {
      await broken.close();
      await away.close();
    }
  });
});
