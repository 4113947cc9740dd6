import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Acts } from '../../src/acts/acts.js';
import { ACT_BODIES } from '../../src/http/act-bodies.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { PlumblineError } from '../../src/client.js';
import { eventually } from '../cli/test-io.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { makeToken, send, startServe, type Answer, type SendOptions } from './api-client.js';

type Json = Record<string, unknown>;
interface Described {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Json }> }> }>>;
  components: { schemas: Record<string, Json> };
}

const ada = makeToken('ada', 'operator');
const bot = makeToken('bot', 'gate-only');
const pusher = makeToken('pushing bot', 'push');
const tokens = [ada.known, bot.known, pusher.known];
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

/** Refuses fields that the description does not name. Clients may not, so the description itself allows them. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Json = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, strict(part)]));
  const isObject = copy['type'] === 'object' && copy['properties'] !== undefined;
  return isObject && copy['additionalProperties'] === undefined ? { ...copy, additionalProperties: false } : copy;
}

/** Every route, in its success and in its errors, on real Temporal and PostgreSQL. */
describe('the description of the HTTP API', () => {
  let world: World;
  let exchange: ScriptedSide;
  let served: Awaited<ReturnType<typeof startServe>>;
  let away: Awaited<ReturnType<typeof startServe>>;
  let described: Described;
  let ajv: Ajv2020;
  /** "GET /v1/accounts 200" */
  const seen = new Set<string>();

  const check = (path: string, method: string, { status, body, text }: Answer): void => {
    const operation = described.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${method} ${path} is not described`);
    const response = operation.responses[String(status)];
    if (response === undefined) throw new Error(`${method} ${path} ${status} is not described: ${text}`);
    seen.add(`${method} ${path} ${status}`);
    const schema = response.content?.['application/json']?.schema;
    if (schema === undefined && text === '') return;
    if (schema === undefined) throw new Error(`${method} ${path} ${status} has a body: ${text}`);
    const validate = ajv.compile({ ...(strict(schema) as Json), components: strict(described.components) });
    if (!validate(body)) throw new Error(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}\n${text}`);
  };
  const ask = async (
    path: string,
    options: SendOptions & { at?: string; search?: string; account?: string } = {},
  ): Promise<Answer> => {
    const { at = served.url, search = '', account = world.account, method = 'GET' } = options;
    const answer = await send(at + path.replace('{account}', account) + search, { token: ada.token, ...options });
    check(path, method, answer);
    return answer;
  };
  const OF = '/v1/accounts/{account}';
  const act = async (name: string, body: unknown, options: SendOptions & { account?: string; at?: string } = {}) =>
    ask(`${OF}/${name}`, { method: 'POST', body, ...options });

  beforeAll(async () => {
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    world = await startWorld({ sides: scripted.sides });
    const acts = new Acts({ client: async () => world.client, ledger: async () => world.ledger });
    const pushes = new Map([[world.account, { maxBytes: 10_000, runEverySeconds: null }]]);
    served = await startServe({ ledger: world.ledger, acts, tokens, pushes });
    const noClient = async () => {
      throw new PlumblineError('no Temporal server answers', 'start it');
    };
    const gone = createLedger('postgres://plumbline@127.0.0.1:1/nowhere');
    away = await startServe({
      ledger: gone,
      acts: new Acts({ client: noClient, ledger: async () => gone }),
      tokens,
      pushes,
    });
    described = (await send(`${served.url}/v1/openapi.json`, { token: bot.token })).body as unknown as Described;
    ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    await world.start();
    await world.client.runNow(world.account, 'test');
  }, 120_000);
  afterAll(async () => {
    await away.close();
    await served.close();
    await world.stop();
  });

  it('is OpenAPI 3.1, and every reference exists', () => {
    expect(described.openapi).toBe('3.1.0');
    const references = JSON.stringify(described).match(/#\/components\/schemas\/\w+/g) ?? [];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      expect(Object.keys(described.components.schemas)).toContain(reference.split('/').at(-1));
    }
    expect(JSON.stringify(described)).not.toContain('$defs');
  });

  it('says what the reads answer', async () => {
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.client.runNow(world.account, 'test');
    await eventually(
      async () => world.ledger.openInterventionOf(world.account),
      (open) => open !== null,
    );
    expect((await ask('/v1/openapi.json')).status).toBe(200);
    const limited: number[] = [];
    for (const path of [
      '/v1/accounts',
      OF,
      `${OF}/runs`,
      `${OF}/events`,
      `${OF}/discrepancies`,
      `${OF}/interventions`,
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 200]);
      expect((await ask(path, { token: bot.token })).status).toBe(403);
      expect((await ask(path, { token: 'plb_wrong' })).status).toBe(401);
      expect((await ask(path, { at: away.url })).status).toBe(503);
      if (!path.includes('{account}')) continue;
      expect((await ask(path, { account: 'mian' })).status).toBe(404);
      if (path !== OF) limited.push((await ask(path, { search: '?limit=0' })).status);
    }
    expect(limited).toEqual([400, 400, 400, 400]);
  }, 60_000);

  it('says what the gate answers', async () => {
    const path = `${OF}/gate`;
    expect((await ask(path)).status).toBe(423);
    expect((await ask(path, { account: 'mian' })).status).toBe(404);
    expect((await ask(path, { token: 'plb_wrong' })).status).toBe(401);
    expect((await ask(path, { search: '?wait=x' })).status).toBe(400);
    expect((await ask(path, { at: away.url })).status).toBe(503);
  });

  it('says what the acts answer', async () => {
    expect((await act('pause', { reason: 'maintenance' })).status).toBe(200);
    expect((await act('resume', {})).status).toBe(200);
    expect((await act('run', {})).status).toBe(202);
    expect((await act('snooze', { note: 'later', until: inAnHour() })).status).toBe(200);
    expect((await act('accept', { note: 'known', until: inAnHour() })).status).toBe(200);
    const gate = await eventually(
      async () => ask(`${OF}/gate`),
      ({ status }) => status === 200,
    );
    const headers = { 'if-none-match': gate.headers.get('etag') ?? '' };
    expect((await ask(`${OF}/gate`, { headers })).status).toBe(304);
    expect((await ask(`${OF}/discrepancies`)).status).toBe(200);
    expect((await ask(`${OF}/interventions`)).status).toBe(200);
    exchange.positions = [long('BTC/USDT:USDT', '0.7')];
    await world.client.runNow(world.account, 'test');
    await eventually(
      async () => world.ledger.openInterventionOf(world.account),
      (open) => open !== null,
    );
    const key = { headers: { 'idempotency-key': 'k' } };
    expect((await act('acknowledge', { note: 'I have it' }, key)).status).toBe(200);
    expect((await act('acknowledge', { note: 'I have it' }, key)).body).toMatchObject({ repeated: true });
    expect((await act('acknowledge', { note: 'x' })).status).toBe(409);
    expect((await act('snooze', { note: 'x', until: '2020-01-01T00:00:00Z' })).status).toBe(422);
    expect((await act('accept', { note: 'x', until: '2020-01-01T00:00:00Z' })).status).toBe(422);
    const runs = await ask(`${OF}/runs`);
    expect(runs.status).toBe(200);
    expect((await ask(`${OF}/events`)).status).toBe(200);
  }, 60_000);

  it.each(Object.keys(ACT_BODIES))('says how %s is refused', async (name) => {
    expect((await act(name, { wrong: 1 })).status).toBe(400);
    expect((await act(name, '{')).status).toBe(400);
    expect((await act(name, '{}', { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await act(name, { note: 'x'.repeat(200_000) })).status).toBe(413);
    expect((await act(name, {}, { token: 'plb_wrong' })).status).toBe(401);
    expect((await act(name, {}, { token: bot.token })).status).toBe(403);
    expect((await act(name, {}, { account: 'mian' })).status).toBe(404);
    expect((await act(name, {}, { at: away.url })).status).toBe(503);
  });

  it('says what a push answers', async () => {
    const state = (changes: Json = {}) => ({
      version: 1,
      as_of: new Date().toISOString(),
      scopes: ['positions'],
      positions: [],
      ...changes,
    });
    const push = async (body: unknown, options: SendOptions & { account?: string; at?: string } = {}) =>
      (await ask(`${OF}/state`, { method: 'PUT', token: pusher.token, body, ...options })).status;
    expect(await push(state())).toBe(204);
    expect(await push(state({ positions: [{ symbol: 'BTC/USDT:USDT', amount: 'much' }] }))).toBe(200);
    expect(await push(state({ as_of: '2026-01-01T00:00:00Z' }))).toBe(409);
    expect(await push('{')).toBe(400);
    expect(await push(state({ version: 2, scopes: ['x'] }))).toBe(422);
    expect(await push(state({ mine: 'x'.repeat(20_000) }))).toBe(413);
    expect(await push(state(), { headers: { 'content-type': 'text/plain' } })).toBe(415);
    expect(await push(state(), { token: 'plb_wrong' })).toBe(401);
    expect(await push(state(), { token: ada.token })).toBe(403);
    expect(await push(state(), { account: 'mian' })).toBe(404);
    expect(await push(state(), { at: away.url })).toBe(503);
  });

  it('says what the stream answers', async () => {
    expect((await ask('/v1/stream', { token: 'plb_wrong' })).status).toBe(401);
    expect((await ask('/v1/stream', { token: bot.token })).status).toBe(403);
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${ada.token}` };
    const { status, headers: answered } = await fetch(`${served.url}/v1/stream`, { headers, signal: gone.signal });
    expect([status, answered.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    seen.add('GET /v1/stream 200');
    gone.abort();
  });

  it('describes every route, and no other', async () => {
    const index = (await send(`${served.url}/`)).text.split('\n').filter((line) => line.includes('/v1/'));
    const routes = index.map((line) => {
      const [, method = 'GET', path = ''] = /^(?:(POST|PUT) )?(.*)$/.exec(line) ?? [];
      return `${method} ${path.replace(':account', '{account}').split('?')[0]}`;
    });
    const paths = Object.entries(described.paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) => (method === 'parameters' ? [] : `${method.toUpperCase()} ${path}`)),
    );
    expect(paths.toSorted()).toEqual(routes.toSorted());
    for (const route of routes) {
      const answered = [...seen].filter((one) => one.startsWith(`${route} `)).map((one) => one.slice(route.length + 1));
      expect([route, answered.some((status) => status.startsWith('2')), answered.includes('401')]).toEqual([
        route,
        true,
        route !== 'GET /v1/openapi.json',
      ]);
    }
  });
});
