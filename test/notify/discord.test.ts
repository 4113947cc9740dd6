import { afterEach, describe, expect, it } from '@jest/globals';
import { Listening } from '../support/listening.js';
import { channelOf, deliver, failureOf, jsonOf, lastOf, recordingService, type Answer } from './service.js';

// https://docs.discord.com/developers/resources/webhook#execute-webhook

const servers = new Listening();
afterEach(async () => servers.end());

const HOOK = '/api/webhooks/123456789012345678/qW8eRt6yUi4oPa2sDf0gHj-KlZxCv_BnM';
const STORED = { body: { id: '1444000000000000001', channel_id: '1', type: 0, content: 'x' } };

async function send(message = {}, answer: Answer = STORED) {
  const service = await recordingService(servers, () => answer);
  const channel = channelOf({ fields: 'kind: discord, url_env: U', secrets: { U: service.url + HOOK } });
  return { service, delivery: deliver(channel, message) };
}

interface Embed {
  description: string;
  color: number;
  timestamp: string;
}

const embedOf = (body: Record<string, unknown>): Embed => (body['embeds'] as [Embed])[0];

describe('a webhook of Discord', () => {
  it('receives the subject as content and the text as an embed, and gives the id', async () => {
    const { service, delivery } = await send();
    expect(await delivery).toEqual({ id: '1444000000000000001', thread: null });
    const request = lastOf(service);
    // Without wait=true there is no id, and an unsaved message is no error.
    expect(request).toMatchObject({ method: 'POST', path: `${HOOK}?wait=true` });
    expect(request.headers['content-type']).toBe('application/json');
    expect(request.headers['user-agent']).toMatch(/^DiscordBot \(https:\/\/\S+, \S+\)$/);
    expect(jsonOf(request)).toEqual({
      content: 'main: BTC/USDT:USDT position differs',
      embeds: [
        {
          description:
            'The exchange has 0.5 BTC long, the bot has none \\<since 02:00\\>.\nGate: CLOSED & waiting.\n\n' +
            'See the state: https://plumbline.example/c/17',
          color: 0xd92d20,
          timestamp: '2026-11-29T01:59:30.000Z',
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  it('keeps the thread of a webhook in a forum, and other parameters', async () => {
    const service = await recordingService(servers, () => STORED);
    const secrets = { U: `${service.url}${HOOK}?thread_id=42` };
    await deliver(channelOf({ fields: 'kind: discord, url_env: U', secrets }));
    expect(lastOf(service).path).toBe(`${HOOK}?thread_id=42&wait=true`);
  });

  it('stays within its limits, and formats and mentions nothing', async () => {
    const { service, delivery } = await send({
      subject: '@everyone <@&1> **x**',
      text: `[x](https://evil.example) ${'*'.repeat(3_400)}`,
    });
    await delivery;
    const body = jsonOf(lastOf(service));
    // https://docs.discord.com/developers/resources/message#embed-object-embed-limits
    expect(String(body['content']).length).toBeLessThanOrEqual(2_000);
    expect(embedOf(body).description.length).toBeLessThanOrEqual(4_096);
    expect(embedOf(body).description).toMatch(/See the state: https:\/\/plumbline\.example\/c\/17$/);
    expect(body['content']).toBe('@everyone \\<@&1\\> \\*\\*x\\*\\*');
    expect(body['allowed_mentions']).toEqual({ parse: [] });
    expect(embedOf(body).description).toMatch(/^\\\[x\\\]\(/);
  });

  it.each([
    [{ occasion: 'called', severity: 'page' }, 0xd92d20],
    [{ occasion: 'reminder', severity: 'notify' }, 0xf79009],
    [{ occasion: 'resolved', severity: 'page' }, 0x12b76a],
  ])('shows %j by its colour', async (message, color) => {
    const { service, delivery } = await send(message);
    await delivery;
    expect(embedOf(jsonOf(lastOf(service))).color).toBe(color);
  });

  // https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
  it.each([
    [404, { message: 'Unknown Webhook', code: 10015 }, 'configuration'],
    [401, { message: 'Invalid Webhook Token', code: 50027 }, 'authentication'],
    [400, { embeds: ['0'], code: 50035, message: 'Invalid Form Body' }, 'configuration'],
  ])('that answers HTTP %s is quoted', async (status, body, kind) => {
    const { delivery } = await send({}, { status, body });
    const failure = await failureOf(delivery);
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(body.message) });
    expect(failure.remedy).toContain('notify.channels.it.');
  });
});
