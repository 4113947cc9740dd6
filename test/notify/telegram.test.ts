import { afterEach, describe, expect, it } from '@jest/globals';
import { Listening } from '../support/listening.js';
import { channelOf, deliver, failureOf, jsonOf, lastOf, recordingService, type Answer } from './service.js';

// https://core.telegram.org/bots/api#sendmessage

const servers = new Listening();
afterEach(async () => servers.end());

const TOKEN = '987654321:AAE-9x8y7z6w5v4u3t2s1r0q_ponmlkjihg';

async function telegram(answer: Answer | null = null, more = ', acknowledge_by: { 4711: anna }') {
  const service = await recordingService(
    servers,
    (_, count) => answer ?? { body: { ok: true, result: { message_id: 76 + count, date: 1, chat: { id: -1 } } } },
  );
  const fields = `kind: telegram, token_env: T, chat_id: -1001234567890, base_url: "${service.url}"${more}`;
  return { service, channel: channelOf({ fields, secrets: { T: TOKEN } }) };
}

describe('a message by Telegram', () => {
  it('is plain text with a button that acknowledges and one with the link', async () => {
    const { service, channel } = await telegram();
    expect(await deliver(channel)).toEqual({ id: '77', thread: '77' });
    const request = lastOf(service);
    expect(request).toMatchObject({ method: 'POST', path: `/bot${TOKEN}/sendMessage` });
    expect(request.headers['content-type']).toBe('application/json');
    expect(jsonOf(request)).toEqual({
      chat_id: '-1001234567890',
      text:
        'main: BTC/USDT:USDT position differs\n\n' +
        'The exchange has 0.5 BTC long, the bot has none <since 02:00>.\nGate: CLOSED & waiting.',
      link_preview_options: { is_disabled: true },
      disable_notification: false,
      reply_markup: {
        inline_keyboard: [
          [{ text: 'I have it', callback_data: 'ack:t-main-17' }],
          [{ text: 'See the state', url: 'https://plumbline.example/c/17' }],
        ],
      },
    });
  });

  it('replies to the first message of its call, and is sent without it if it was deleted', async () => {
    const { service, channel } = await telegram();
    const { thread } = await deliver(channel);
    const later = await deliver(channel, { occasion: 'resolved', canAcknowledge: false }, { previousThread: thread });
    expect(later).toEqual({ id: '78', thread: '77' });
    const body = jsonOf(lastOf(service));
    expect(body).toMatchObject({
      reply_parameters: { message_id: 77, allow_sending_without_reply: true },
      disable_notification: true,
    });
    expect(JSON.stringify(body)).not.toContain('callback_data');
  });

  it('has no button that acknowledges if nobody may press it', async () => {
    const { service, channel } = await telegram(null, '');
    await deliver(channel, { link: null });
    expect(jsonOf(lastOf(service))).not.toHaveProperty('reply_markup');
  });

  it('fits the longest thread into a button: 64 bytes', async () => {
    const { service, channel } = await telegram();
    await deliver(channel, { thread: 'x'.repeat(60) });
    expect(lastOf(service).body).toContain(`"ack:${'x'.repeat(60)}"`);
  });

  it.each([
    'http://127.0.0.1:9400/c/1',
    'http://localhost:9400/c/1',
    'http://plumbline:9400/c/1',
    'http://10.0.0.5/c/1',
  ])('has the link %s in its text, because Telegram refuses a button with it', async (url) => {
    const { service, channel } = await telegram(null, '');
    await deliver(channel, { link: { url, label: 'Look' } });
    const body = jsonOf(lastOf(service));
    expect(body).not.toHaveProperty('reply_markup');
    expect(body['text']).toMatch(new RegExp(`\n\nLook: ${url}$`));
  });

  it('has at most 4,096 characters', async () => {
    const { service, channel } = await telegram();
    await deliver(channel, { text: 'x'.repeat(5_000) });
    expect(jsonOf(lastOf(service))['text']).toHaveLength(4_096);
  });

  it.each([
    [400, 'Bad Request: chat not found', {}, 'configuration', 'chat_id', 'the bot is a member'],
    [401, 'Unauthorized', {}, 'authentication', 'token_env', 'check the value'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', {}, 'permission', 'chat_id', 'add the bot'],
    [404, 'Not Found', {}, 'authentication', 'token_env', 'check the value'],
    [
      400,
      'Bad Request: group chat was upgraded to a supergroup chat',
      { migrate_to_chat_id: -100999 },
      'configuration',
      'chat_id',
      'set notify.channels.it.chat_id to -100999',
    ],
  ])('that is answered %s %s fails with a remedy', async (code, description, parameters, kind, field, remedy) => {
    const { channel } = await telegram({
      status: code,
      body: { ok: false, error_code: code, description, parameters },
    });
    const failure = await failureOf(deliver(channel));
    expect(failure).toMatchObject({
      kind,
      message: expect.stringContaining(`HTTP ${code}: ${description}`),
      where: `notify.channels.it.${field}`,
      remedy: expect.stringContaining(remedy),
    });
  });

  it('is not sent with an invalid token', async () => {
    const service = await recordingService(servers, () => ({ body: '' }));
    const fields = `kind: telegram, token_env: T, chat_id: 1, base_url: "${service.url}"`;
    const failure = await failureOf(deliver(channelOf({ fields, secrets: { T: '../../evil' } })));
    expect(failure).toMatchObject({ kind: 'configuration', where: 'notify.channels.it.token_env' });
    expect(service.received).toEqual([]);
  });
});
