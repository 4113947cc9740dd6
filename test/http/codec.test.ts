import { afterEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { defaultPayloadConverter } from '@temporalio/common';
import { codecRoute } from '../../src/http/codec-route.js';
import type { Identity } from '../../src/http/tokens.js';
import { createPayloadCodec } from '../../src/runtime/payload-codec.js';

const codec = createPayloadCodec([{ id: 'k1', bytes: Buffer.alloc(32, 1) }]);
const UI = 'http://127.0.0.1:8233';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (app) => app.close()));
});

async function server(bearer: Identity | null = null): Promise<string> {
  const app = Fastify();
  open.push(app);
  app.decorateRequest('bearer', null);
  app.addHook('onRequest', async (request) => void (request.bearer = bearer));
  codecRoute(app, { codec, origins: [UI] });
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/codec/decode`;
}

const post = async (url: string, body: unknown, origin = UI): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function hidden(): Promise<{ metadata: Record<string, string>; data: string }> {
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload('BTC differs')]);
  const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  const metadata = Object.fromEntries(
    Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, text(value)]),
  );
  return { metadata, data: text(payload?.data) };
}

describe('the codec endpoint', () => {
  it('decrypts for the Web UI, and lets only pages of its origin read the answer', async () => {
    const payloads = [await hidden()];
    const url = await server();
    const answer = await post(url, { payloads });
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
    const { payloads: shown } = (await answer.json()) as { payloads: { data: string }[] };
    expect(Buffer.from(shown[0]?.data ?? '', 'base64').toString()).toBe('"BTC differs"');
    const other = await post(url, { payloads }, 'https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers the question of a browser before the request', async () => {
    const answer = await fetch(await server(), { method: 'OPTIONS', headers: { origin: UI } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toContain('x-namespace');
  });

  it.each([
    ['a body of another form', { payload: 1 }, 400],
    ['data that is no base64', { payloads: [{ data: '%' }] }, 400],
    [
      'a key that is missing',
      { payloads: [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==', 'encryption-key-id': 'azI=' }, data: '' }] },
      422,
    ],
  ])('refuses %s', async (_, payload, status) => {
    const answer = await post(await server(), payload);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { message: expect.any(String), remedy: expect.any(String) } });
  });

  it('refuses a token that is for some accounts only', async () => {
    const bearer = { name: 'ada', role: 'viewer', accounts: new Set(['main']) } as unknown as Identity;
    const answer = await post(await server(bearer), { payloads: [] });
    expect(answer.status).toBe(403);
  });
});
