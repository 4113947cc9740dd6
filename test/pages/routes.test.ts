import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Acts } from '../../src/acts/acts.js';
import { FAILURES_PER_MINUTE } from '../../src/http/guard.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { makeToken, send, startServe, type Answer, type SendOptions } from '../http/api-client.js';
import { createTestDatabase } from '../support/postgres.js';
import { recordPages } from './page-scenario.js';

const operator = makeToken('ada', 'operator');
const viewer = makeToken('vic', 'viewer');
const narrow = makeToken('nia', 'operator', ['trend']);
const gate = makeToken('bot', 'gate-only');
const PAGE = { accept: 'text/html,application/xhtml+xml' };
const OWN = { ...PAGE, 'sec-fetch-site': 'same-origin' };

const PATHS = ['/', '/accounts/called', '/accounts/called/runs', '/accounts/called/runs/1500'];

describe('the routes of the pages', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let ledger: Ledger;
  let served: Awaited<ReturnType<typeof startServe>>;
  let open: Awaited<ReturnType<typeof startServe>>;
  const acted: [act: string, account: string, request: unknown][] = [];
  const record = (act: string) => async (account: string, request: unknown) => {
    acted.push([act, account, request]);
    return { changed: true, keptOpen: null };
  };
  const acts = {
    earlier: async () => null,
    forceRun: record('run'),
    pause: record('pause'),
    resume: record('resume'),
    acknowledge: record('acknowledge'),
    snooze: record('snooze'),
    accept: record('accept'),
  } as unknown as Acts;

  const get = async (path: string, options: SendOptions = {}): Promise<Answer> =>
    send(served.url + path, { ...options, headers: { ...PAGE, ...options.headers } });
  const post = async (
    path: string,
    fields: [string, string][],
    headers: Record<string, string> = OWN,
  ): Promise<Answer> =>
    send(served.url + path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const logIn = async (token: string): Promise<string> => {
    const { headers } = await post('/login', [['token', token]]);
    return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  };
  const KEY: [string, string] = ['key', 'k'.repeat(36)];

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateLedger(database.url);
    ledger = createLedger(database.url);
    await recordPages(ledger, database.url, { history: false });
    served = await startServe({ ledger, acts, tokens: [operator, viewer, narrow, gate].map(({ known }) => known) });
    open = await startServe({ ledger, acts });
  }, 60_000);
  afterAll(async () => {
    await open.close();
    await served.close();
    await ledger.close();
    await database.drop();
  });

  it('answers programs at / with the list of paths, and browsers with the page', async () => {
    const program = await send(`${open.url}/`);
    expect([program.headers.get('content-type'), program.headers.get('vary')]).toEqual(['text/plain', 'accept']);
    expect(program.text).toContain('/v1/accounts');
    const { status, text } = await send(`${open.url}/`, { headers: PAGE });
    expect([status, text.includes('<h1')]).toEqual([200, true]);
  });

  it.each(PATHS)('shows %s to nobody without a token, and asks for one', async (path) => {
    const none = await get(path);
    expect([none.status, none.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8']);
    expect(none.text).toContain('name="token"');
    expect(none.text).not.toContain('binanceusdm');
    expect((await get(path, { token: 'plb_wrong' })).status).toBe(401);
    expect(
      (await get(path, { headers: { cookie: `plumbline_session_${new URL(served.url).port}=wrong` } })).status,
    ).toBe(401);
    expect((await get(path, { token: gate.token })).status).toBe(403);
    expect((await get(path, { token: viewer.token })).status).toBe(200);
    expect((await get(path, { token: narrow.token })).status).toBe(path === '/' ? 200 : 403);
  });

  it('shows a token only its own accounts', async () => {
    const { text } = await get('/', { token: narrow.token });
    expect([...text.matchAll(/data-account="([^"]+)"/g)].map(([, name]) => name)).toEqual(['trend']);
    expect(text).not.toContain('called');
    // Whether the account exists makes no difference.
    expect((await get('/accounts/nobody', { token: narrow.token })).status).toBe(403);
  });

  it('has a strict policy, and nothing inline', async () => {
    for (const path of [...PATHS, '/login', '/accounts/nobody']) {
      const { text, headers } = await get(path, { token: operator.token });
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/<style|<script(?! src="[./]*assets\/page\.js" type="module"><\/script>)/);
      const tags = (text.match(/<[a-z][^>]*>/g) ?? []).join('\n');
      expect(tags).not.toMatch(/ style=| on\w+=|(?:href|src|action)="(?:https?:)?\/\//);
    }
  });

  it.each([
    ['page.css', 'text/css; charset=utf-8'],
    ['page.js', 'text/javascript; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
  ])('serves its own %s', async (name, type) => {
    const { status, headers } = await send(`${served.url}/assets/${name}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect((await send(`${served.url}/assets/..%2fpage-routes.ts`)).status).toBe(404);
  });

  it('answers 404 to what is not there', async () => {
    for (const path of [
      '/accounts/nobody',
      '/accounts/nobody/runs',
      '/accounts/called/runs/9',
      '/accounts/called/runs/x',
      '/accounts/called/runs/1e3',
      '/accounts/%00',
    ]) {
      const { status, text } = await get(path, { token: operator.token });
      expect([path, status, text.startsWith('<!doctype html>')]).toEqual([path, 404, true]);
    }
  });

  it.each(['?page=0', '?page=x', '?show=%00', `?q=${'x'.repeat(200)}`, '?q[]=a', '?page=9999'])(
    'takes any query: %s',
    async (query) => {
      expect((await get(`/${query}`, { token: operator.token })).status).toBe(200);
      expect(
        (await get(`/accounts/called?range=year&did=__proto__${query.replace('?', '&')}`, { token: operator.token }))
          .status,
      ).toBe(200);
      expect((await get('/accounts/called/runs?before=-1', { token: operator.token })).status).toBe(200);
    },
  );

  describe('a server that everyone may read', () => {
    let readable: Awaited<ReturnType<typeof startServe>>;
    beforeAll(async () => {
      readable = await startServe({ ledger, acts, tokens: [operator.known], readWithoutToken: true });
    });
    afterAll(async () => readable.close());

    it('shows pages and answers the API without a token, and offers to log in', async () => {
      for (const path of PATHS) {
        const { status, text } = await send(readable.url + path, { headers: PAGE });
        expect([path, status]).toEqual([path, 200]);
        expect(text).toMatch(/<a href="[./]*login">Log in<\/a>/);
      }
      for (const path of ['/metrics', '/v1/accounts', '/v1/accounts/called/gate', '/v1/openapi.json'])
        expect([200, 423]).toContain((await send(readable.url + path)).status);
      expect((await send(`${readable.url}/v1/accounts`, { token: 'plb_wrong' })).status).toBe(401);
    });

    it('acts only for a person who has logged in', async () => {
      const form = async (path: string, fields: [string, string][], headers: Record<string, string> = OWN) =>
        send(readable.url + path, {
          method: 'POST',
          body: new URLSearchParams(fields).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        });
      const before = acted.length;
      const run: [string, string][] = [['act', 'run'], KEY];
      expect((await form('/accounts/matched', run)).status).toBe(401);
      expect((await send(`${readable.url}/v1/accounts/matched/run`, { method: 'POST', body: '{}' })).status).toBe(401);
      expect(acted).toHaveLength(before);
      const { headers } = await form('/login', [['token', operator.token]]);
      const cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      expect((await form('/accounts/matched', run, { ...OWN, cookie })).status).toBe(303);
      expect(acted.at(-1)?.slice(0, 2)).toEqual(['run', 'matched']);
    });

    it('does not listen where others can reach it', async () => {
      const options = { ledger, acts, tokens: [operator.known], readWithoutToken: true };
      const refusal = 'read_without_token lets everyone read';
      await expect(startServe({ ...options, host: '0.0.0.0' })).rejects.toThrow(refusal);
      // A proxy in front makes it reachable for others.
      for (const proxied of [{ publicUrl: 'https://plumbline.example.com' }, { allowedHosts: ['plumbline.internal'] }])
        await expect(startServe({ ...options, ...proxied })).rejects.toThrow(refusal);
      const local = { publicUrl: 'http://localhost:8080', allowedHosts: ['status.localhost'] };
      await (await startServe({ ...options, ...local })).close();
    });
  });

  describe('a session', () => {
    it('begins with a token, is no token, and ends', async () => {
      const { status, headers } = await post('/login', [
        ['token', ` ${operator.token} `],
        ['next', 'accounts/called'],
      ]);
      const set = headers.get('set-cookie') ?? '';
      expect([status, headers.get('location')]).toEqual([303, './accounts/called']);
      expect(set).toMatch(/^plumbline_session_\d+=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
      expect(set).not.toContain(operator.token);
      const cookie = set.split(';')[0] ?? '';
      expect((await get('/accounts/called', { headers: { cookie } })).status).toBe(200);
      // Of the API it opens only the stream.
      expect((await send(`${served.url}/v1/accounts`, { headers: { cookie } })).status).toBe(401);
      const left = await post('/logout', [], { ...OWN, cookie });
      expect(left.headers.get('set-cookie')).toContain('Max-Age=0');
      expect((await get('/accounts/called', { headers: { cookie } })).status).toBe(401);
    });

    it('is kept from other sites behind TLS', async () => {
      const { headers } = await post('/login', [['token', viewer.token]], { ...OWN, 'x-forwarded-proto': 'https' });
      expect(headers.get('set-cookie')).toContain('; Secure');
    });

    it.each([
      ['a wrong token', 'plb_wrong', 401],
      ['no token', '', 401],
      ['a token of a bot', gate.token, 403],
    ])('is refused for %s', async (_name, token, status) => {
      const answer = await post('/login', [['token', token]]);
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([status, null]);
      expect(answer.text).not.toContain('plb_wrong');
    });

    it('is refused to a form of another page', async () => {
      for (const headers of [
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'http://127.0.0.1:1' },
        {},
      ]) {
        const answer = await post('/login', [['token', operator.token]], { ...PAGE, ...headers });
        expect([headers, answer.status, answer.headers.get('set-cookie')]).toEqual([headers, 403, null]);
      }
    });

    it('cannot be guessed: wrong tokens of an address are counted', async () => {
      const other = await startServe({ ledger, acts, tokens: [operator.known] });
      const attempt = async (token: string): Promise<number> =>
        (
          await send(`${other.url}/login`, {
            method: 'POST',
            body: `token=${token}`,
            headers: { ...OWN, 'content-type': 'application/x-www-form-urlencoded' },
          })
        ).status;
      for (let count = 0; count < FAILURES_PER_MINUTE; count++) expect(await attempt('plb_no')).toBe(401);
      expect(await attempt('plb_no')).toBe(429);
      expect(await attempt(operator.token)).toBe(303);
      await other.close();
    });
  });

  describe('an act', () => {
    it.each<[string, [string, string][], string, object]>([
      ['run', [], 'run', { by: 'ada', via: 'http' }],
      ['resume', [], 'resumed', { by: 'ada' }],
      ['pause', [['reason', 'maintenance']], 'paused', { by: 'ada', reason: 'maintenance' }],
      [
        'acknowledge',
        [['note', ' I have it ']],
        'acknowledged',
        { by: 'ada', note: 'I have it', requestId: expect.stringMatching(/^page\//) },
      ],
      [
        'snooze',
        [
          ['note', 'later'],
          ['hours', '4'],
        ],
        'snoozed',
        { note: 'later', until: expect.any(Date) },
      ],
      [
        'accept',
        [
          ['note', 'known'],
          ['hours', '24'],
          ['discrepancy', '00000000-0000-4000-8000-000000000001'],
          ['discrepancy', '00000000-0000-4000-8000-000000000002'],
        ],
        'accepted',
        { discrepancyIds: ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] },
      ],
    ])('%s is carried out in the name of the token', async (act, fields, did, request) => {
      const cookie = await logIn(operator.token);
      const { status, headers } = await post('/accounts/called', [['act', act], KEY, ...fields], { ...OWN, cookie });
      expect([status, headers.get('location')]).toEqual([303, `../accounts/called?did=${did}`]);
      expect(acted.at(-1)).toEqual([act, 'called', expect.objectContaining(request)]);
    });

    it('is refused to another page, a viewer, another account, and without a session', async () => {
      const before = acted.length;
      const [ada, vic, nia] = [await logIn(operator.token), await logIn(viewer.token), await logIn(narrow.token)];
      const fields: [string, string][] = [['act', 'run'], KEY];
      expect(
        (await post('/accounts/called', fields, { ...OWN, 'sec-fetch-site': 'same-site', cookie: ada })).status,
      ).toBe(403);
      expect(
        (await post('/accounts/called', fields, { ...PAGE, origin: 'http://127.0.0.1:5000', cookie: ada })).status,
      ).toBe(403);
      expect((await post('/accounts/called', fields, { ...PAGE, cookie: ada })).status).toBe(403);
      expect((await post('/accounts/called', fields, { ...OWN, cookie: vic })).status).toBe(403);
      expect((await post('/accounts/called', fields, { ...OWN, cookie: nia })).status).toBe(403);
      expect((await post('/accounts/called', fields)).status).toBe(401);
      expect((await post('/accounts/nobody', [['act', 'x'], KEY], { ...OWN, cookie: ada })).status).toBe(404);
      expect(acted).toHaveLength(before);
      const noTokens = await send(`${open.url}/accounts/called`, {
        method: 'POST',
        body: 'act=run',
        headers: { ...OWN, 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([noTokens.status, noTokens.text.includes('plumbline token new')]).toEqual([403, true]);
    });

    it.each<[string, [string, string][]]>([
      ['no note', [['act', 'acknowledge'], KEY]],
      ['no key', [['act', 'run']]],
      ['another act', [['act', 'stop'], KEY]],
      ['too many hours', [['act', 'snooze'], KEY, ['note', 'x'], ['hours', '9999']]],
      ['an act twice', [['act', 'run'], ['act', 'pause'], KEY]],
    ])('with %s is refused, and what was typed is kept', async (_name, fields) => {
      const cookie = await logIn(operator.token);
      const before = acted.length;
      const { status, text } = await post('/accounts/called', [...fields, ['reason', '<typed>']], { ...OWN, cookie });
      expect([status, text.includes('Nothing was done')]).toEqual([400, true]);
      expect(acted).toHaveLength(before);
    });
  });

  it('draws the timeline from the runs that the ledger has', async () => {
    const from = new Date(Date.now() - 3_600_000);
    const spans = async (account: string, maxRuns = 10) =>
      ledger.timeline(account, { from, spanSeconds: 7_200, maxRuns });
    const none = { matched: 0, matchedWithGaps: 0, drifted: 0, failed: 0 };
    expect(await spans('gaps')).toEqual({
      spans: [{ index: 0, ...none, matched: 1, matchedWithGaps: 1, worstRun: 1_500 }],
      cutAt: null,
    });
    expect(await spans('failing')).toMatchObject({ spans: [{ ...none, failed: 1, worstRun: 1_500 }] });
    expect(await spans('called')).toMatchObject({ spans: [{ ...none, drifted: 1 }] });
    expect(await spans('fresh')).toEqual({ spans: [], cutAt: null });
    expect((await spans('gaps', 1)).cutAt).toBeInstanceOf(Date);
    expect(
      await ledger.timeline('gaps', { from: new Date(Date.now() + 60_000), spanSeconds: 60, maxRuns: 10 }),
    ).toEqual({
      spans: [],
      cutAt: null,
    });
  });

  it('says that nothing is known while the ledger does not answer', async () => {
    const gone = createLedger('postgres://plumbline@127.0.0.1:1/nowhere');
    const away = await startServe({ ledger: gone, tokens: [operator.known] });
    for (const path of PATHS) {
      const { status, text } = await send(away.url + path, { token: operator.token, headers: PAGE });
      expect([path, status, text.includes('Nothing is known')]).toEqual([path, 503, true]);
    }
    await away.close();
    await gone.close();
  });

  it('streams changes to a session, and only those of its accounts', async () => {
    const cookie = await logIn(narrow.token);
    const gone = new AbortController();
    const response = await fetch(`${served.url}/v1/stream`, { headers: { cookie }, signal: gone.signal });
    expect(response.status).toBe(200);
    const texts: string[] = [];
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const part of response.body ?? []) {
        texts.push(decoder.decode(part as Uint8Array));
        if (texts.join('').includes('event: accounts')) return;
      }
    })();
    for (const account of ['called', 'trend']) {
      await ledger.recordPause({
        account,
        paused: true,
        by: 'ada',
        reason: 'x',
        requestId: `s-${account}`,
        nextRunAt: null,
      });
    }
    await reading;
    gone.abort();
    const text = texts.join('');
    expect(text).toContain('"account":"trend","verdict":"paused"');
    expect(text).not.toContain('called');
    expect(text).toMatch(/: beat\nevent: beat\ndata: {"ledger":(?:true|false)/);
    expect((await send(`${served.url}/v1/stream`)).status).toBe(401);
  }, 30_000);
});
