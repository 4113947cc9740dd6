import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { InboxMessage } from '../../packages/dev-stack/src/inbox-message.js';
import { startInbox, type Inbox } from '../../packages/dev-stack/src/inbox.js';
import { freePort } from '../../packages/dev-stack/src/ports.js';

const MESSAGE = {
  subject: 'main: BTC/USDT:USDT position differs',
  text: 'exchange 0.5 long\nbot     none',
  occasion: 'called',
  severity: 'page',
  accounts: ['main'],
  link: { url: 'https://plumbline.example/a/x' },
};

let folder: string;
let inbox: Inbox;
let told: InboxMessage[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-inbox-'));
  await start();
});
afterEach(async () => {
  await inbox.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  told = [];
  const stateFile = join(folder, 'inbox.json');
  inbox = await startInbox({
    port: await freePort(),
    stateFile,
    save: async (text) => writeFile(stateFile, text),
    onMessage: (message) => told.push(message),
  });
}

interface Sender {
  id?: string;
  secret?: string;
}

async function post(body: unknown, sender: Sender = {}): Promise<number> {
  const { id = randomUUID(), secret = inbox.secret } = sender;
  const text = JSON.stringify({ type: 'intervention.called', data: body });
  const at = new Date();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, text),
  };
  return (await fetch(inbox.webhookUrl, { method: 'POST', body: text, headers })).status;
}

const page = async (): Promise<string> => (await fetch(inbox.url)).text();

describe('the inbox', () => {
  it('shows a signed message, once, and keeps it over a restart', async () => {
    expect(await page()).toContain('No message yet.');
    expect(await post(MESSAGE, { id: 'one' })).toBe(204);
    expect(await post(MESSAGE, { id: 'one' })).toBe(204);
    expect(told).toHaveLength(1);
    const { secret } = inbox;
    await inbox.close();
    await start();
    expect(inbox.secret).toBe(secret);
    const shown = await page();
    expect(shown.match(/<article/g)).toHaveLength(1);
    expect(shown).toContain(MESSAGE.subject);
    expect(shown).toContain('href="https://plumbline.example/a/x"');
  });

  it('refuses what is not signed with its secret, what is no message, and what is too large', async () => {
    expect(await post(MESSAGE, { secret: `whsec_${Buffer.from('another secret!!').toString('base64')}` })).toBe(401);
    expect(await post({ subject: 'x' })).toBe(422);
    expect(await post({ ...MESSAGE, text: 'x'.repeat(70_000) })).toBe(413);
    expect((await fetch(inbox.webhookUrl, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(told).toEqual([]);
  });

  it('shows hostile texts as text', async () => {
    const link = { url: 'javascript:alert(1)' };
    await post({ ...MESSAGE, subject: '<script>alert(1)</script>', occasion: '"><img src=x>', link });
    const shown = await page();
    expect(shown).not.toMatch(/<script>|<img|javascript:/);
    expect(shown).toContain('&lt;script&gt;');
  });

  it('answers no page of another host', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request(inbox.url, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  it('starts with a damaged file', async () => {
    await inbox.close();
    await writeFile(join(folder, 'inbox.json'), '{"secret":');
    await start();
    expect(await post(MESSAGE)).toBe(204);
    expect(JSON.parse(await readFile(join(folder, 'inbox.json'), 'utf8'))).toMatchObject({ messages: [{}] });
  });
});
