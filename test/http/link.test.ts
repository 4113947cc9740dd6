import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Acts } from '../../src/acts/acts.js';
import type { LedgerEvent } from '../../src/ledger/contract/ledger.js';
import { FAILURES_PER_MINUTE } from '../../src/http/guard.js';
import { signLink, type LinkClaims } from '../../src/notify/link.js';
import { eventually } from '../cli/test-io.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { makeToken, send, startServe, type Answer } from './api-client.js';

const SECRET = 'a secret of at least 32 bytes, for tests';
const PUBLIC = 'https://ops.example';
const NAME = `Ada <script>alert("1")</script> & 'co'`;

/** The page that a person opens from a message, on real Temporal, PostgreSQL and workflows. */
describe('a one-time link', () => {
  let world: World;
  let exchange: ScriptedSide;
  let served: Awaited<ReturnType<typeof startServe>>;
  let amount = 0;
  let nonces = 0;
  let interventionId: string;

  const linkOf = (changes: Partial<LinkClaims> = {}, secret = SECRET): string => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const claims = {
      account: world.account,
      interventionId,
      channel: 'phone',
      expiresAt,
      nonce: `n${++nonces}`,
      ...changes,
    };
    return `${served.url}/a/${signLink(claims, secret)}`;
  };
  const press = async (
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    send(url, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    });
  const acts = async (): Promise<LedgerEvent[]> =>
    (await world.events()).filter(({ type }) => /ACKNOWLEDGED|SNOOZED/.test(type));

  beforeAll(async () => {
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    world = await startWorld({ sides: scripted.sides });
    await world.start();
  }, 120_000);
  afterAll(async () => {
    await world.stop();
  });

  /** A new call for each test, and a new count of failures. */
  beforeEach(async () => {
    served = await startServe({
      ledger: world.ledger,
      acts: new Acts({ client: async () => world.client, ledger: async () => world.ledger }),
      links: { secret: SECRET, publicUrl: PUBLIC },
      tokens: [makeToken('bot', 'gate-only').known],
      allowedHosts: ['ops.example'],
    });
    if ((await world.ledger.openInterventionOf(world.account)) === null) {
      exchange.positions = [long('BTC/USDT:USDT', String(++amount))];
      await world.client.runNow(world.account, 'test');
    }
    const open = await eventually(
      async () => world.ledger.openInterventionOf(world.account),
      (found) => found !== null,
    );
    interventionId = open?.interventionId ?? '';
  }, 60_000);
  afterEach(async () => {
    await served.close();
  });

  it('refuses a body with other values than texts', async () => {
    const body = JSON.stringify({ name: { x: 1 }, note: [5], act: 'acknowledge' });
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const { status, text } = await send(linkOf(), { method: 'POST', body, headers });
    expect([status, text]).toEqual([400, expect.stringContaining('Nothing was done: type your name')]);
  });

  it('shows the present state, and does nothing by itself', async () => {
    const before = await acts();
    const url = linkOf();
    for (const method of ['GET', 'HEAD', 'GET']) expect((await send(url, { method })).status).toBe(200);
    const { text, headers } = await send(url);
    expect(text).toContain(world.account);
    expect(text).toMatch(/Trading gate: CLOSED/);
    expect(text).toMatch(/<li>BTC\/USDT:USDT[^<]*1 BTC long/);
    expect(text).toMatch(/Nothing has been done yet/);
    expect(text.match(/<button/g)).toHaveLength(2);
    expect(text).not.toMatch(/<script|<img|<link|https?:\/\//);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('x-robots-tag')).toMatch(/noindex/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(await acts()).toEqual(before);
  });

  it('acknowledges once, under the name that was typed, with way and channel', async () => {
    const url = linkOf();
    const done = await press(url, { name: NAME, note: '<b>on it</b>', act: 'acknowledge' });
    expect(done.status).toBe(200);
    expect(done.text).toMatch(/Acknowledged by Ada &lt;script&gt;/);
    expect(done.text).toMatch(/Trading gate: CLOSED/);
    expect(done.text).not.toMatch(/<script|<b>|<form/);
    const [last] = (await acts()).slice(-1);
    expect(last).toMatchObject({
      type: 'MANUAL_REVIEW_ACKNOWLEDGED',
      payload: { by: NAME, note: '<b>on it</b>', via: 'link', channel: 'phone', intervention_id: interventionId },
    });
    const count = (await acts()).length;
    const again = await press(url, { name: 'eve', note: 'x', act: 'snooze' });
    expect(again.status).toBe(410);
    expect(again.text).toMatch(/This link was used by Ada &lt;script&gt;[^]*Trading gate: CLOSED/);
    expect((await send(url)).status).toBe(410);
    // Another link of the same call has nothing to do either.
    const other = await send(linkOf());
    expect(other).toMatchObject({ status: 410, text: expect.stringMatching(/has acknowledged it: &lt;b&gt;on it/) });
    expect(other.text).not.toContain('<form');
    expect(await acts()).toHaveLength(count);
    expect((await world.ledger.account(world.account))?.blockingDiscrepancies).toBe(1);
  }, 60_000);

  it('snoozes once, also if the button is pressed twice at the same time', async () => {
    const url = linkOf();
    const before = (await acts()).length;
    const fields = { name: 'ada', note: 'on the train', act: 'snooze' };
    const answers = await Promise.all([press(url, fields), press(url, fields)]);
    for (const { status } of answers) expect([200, 410]).toContain(status);
    expect(answers.some(({ text }) => text.includes('Snoozed by ada until'))).toBe(true);
    expect((await press(url, { ...fields, act: 'acknowledge' })).status).toBe(410);
    const after = (await acts()).slice(before);
    expect(after).toMatchObject([
      { type: 'INTERVENTION_SNOOZED', payload: { by: 'ada', via: 'link', channel: 'phone' } },
    ]);
    expect((await world.ledger.interventions({ account: world.account, limit: 1 }))[0]).toMatchObject({
      state: 'snoozed',
      snoozedBy: 'ada',
      snoozeNote: 'on the train',
    });
  }, 60_000);

  it('that has expired shows what is true now and acts no more; later it shows nothing', async () => {
    const before = await acts();
    const expired = linkOf({ expiresAt: new Date(Date.now() - 1_000) });
    for (const answer of [await send(expired), await press(expired, { name: 'a', note: 'b', act: 'acknowledge' })]) {
      expect(answer.status).toBe(410);
      expect(answer.text).toMatch(/has expired[^]*Trading gate: CLOSED/);
      expect(answer.text).not.toContain('<form');
    }
    const old = await send(linkOf({ expiresAt: new Date(Date.now() - 8 * 24 * 3_600_000) }));
    expect(old.status).toBe(410);
    expect(old.text).not.toMatch(/Trading gate|BTC/);
    expect(await acts()).toEqual(before);
  });

  it('of another call or another secret does nothing', async () => {
    const before = await acts();
    const fields = { name: 'eve', note: 'x', act: 'acknowledge' };
    expect((await press(linkOf({ interventionId: 'another' }), fields)).status).toBe(410);
    const forged = await press(linkOf({}, 'another secret of at least 32 bytes ...'), fields);
    expect(forged.status).toBe(404);
    expect(forged.text).not.toMatch(/Trading gate|BTC/);
    expect((await send(`${served.url}/a/`)).status).toBe(404);
    expect((await send(`${served.url}/a/x/y`)).status).toBe(404);
    expect(await acts()).toEqual(before);
  });

  it('asks again for a missing name or note, and keeps what was typed', async () => {
    const before = await acts();
    const url = linkOf();
    const name = '"><script>alert(1)</script>';
    const refused = await press(url, { name, note: ' ', act: 'acknowledge' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(refused.text).not.toContain('<script');
    expect((await press(url, { name: 'a', note: 'x'.repeat(501), act: 'acknowledge' })).status).toBe(400);
    expect((await press(url, { name: 'a', note: 'b', act: 'delete' })).status).toBe(400);
    expect((await press(url, { name: 'a', note: 'x'.repeat(20_000), act: 'snooze' })).status).toBe(413);
    expect((await send(url, { method: 'POST' })).status).toBe(400);
    expect(await acts()).toEqual(before);
  });

  it('refuses a form of another page', async () => {
    const before = await acts();
    const fields = { name: 'eve', note: 'x', act: 'acknowledge' };
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
    ]) {
      expect((await press(linkOf(), fields, headers)).status).toBe(403);
    }
    expect(await acts()).toEqual(before);
    const own = await press(linkOf(), { ...fields, act: 'x' }, { origin: PUBLIC });
    expect(own.status).toBe(400);
  });

  it('limits wrong links of an address, and logs none', async () => {
    const url = linkOf();
    const wrong = `${url.slice(0, -3)}aaa`;
    for (let count = 0; count < FAILURES_PER_MINUTE; count++) expect((await send(wrong)).status).toBe(404);
    expect((await send(wrong)).status).toBe(429);
    expect((await send(url)).status).toBe(200);
    expect(served.lines.join('\n')).not.toContain('/a/');
  });

  it('says so while the ledger does not answer', async () => {
    const acting = new Acts({
      client: async () => world.client,
      ledger: async () => {
        throw new Error('away');
      },
    });
    const own = await startServe({
      ledger: world.ledger,
      acts: acting,
      links: { secret: SECRET, publicUrl: PUBLIC },
    });
    try {
      const url = linkOf().replace(served.url, own.url);
      const answer = await press(url, { name: 'ada', note: 'x', act: 'acknowledge' });
      expect(answer).toMatchObject({ status: 503, text: expect.stringMatching(/ledger does not answer/) });
    } finally {
      await own.close();
    }
  });
});
