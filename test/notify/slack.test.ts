import { afterEach, describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../src/domain/failure/failure.js';
import { Listening } from '../support/listening.js';
import { channelOf, deliver, failureOf, jsonOf, lastOf, recordingService, type Answer } from './service.js';

const servers = new Listening();
afterEach(async () => servers.end());

const HOOK = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';
const TOKEN = 'xoxb-111111111111-222222222222-abcdefghijklmnopqrstuvwx';

interface Block {
  type: string;
  text: { type: string; text: string; verbatim?: boolean; emoji?: boolean };
}

const blocksOf = (body: Record<string, unknown>): Block[] => body['blocks'] as Block[];

/** What Slack checks: https://docs.slack.dev/reference/block-kit/blocks */
function expectValid(body: Record<string, unknown>): void {
  const blocks = blocksOf(body);
  expect(blocks.length).toBeLessThanOrEqual(50);
  const [header, ...sections] = blocks;
  expect(header).toMatchObject({ type: 'header', text: { type: 'plain_text' } });
  expect(header?.text.text.length).toBeLessThanOrEqual(150);
  for (const { type, text } of sections) {
    expect(type).toBe('section');
    expect(text.text.length).toBeGreaterThan(0);
    expect(text.text.length).toBeLessThanOrEqual(3_000);
    expect(text.text).not.toMatch(/&(?!amp;|lt;|gt;)/);
  }
  // https://docs.slack.dev/reference/methods/chat.postMessage#truncating: longer ones are cut.
  expect(String(body['text']).length).toBeLessThan(40_000);
}

describe('an incoming webhook of Slack', () => {
  // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
  const send = async (message = {}): Promise<{ request: ReturnType<typeof lastOf>; body: Record<string, unknown> }> => {
    const service = await recordingService(servers, () => ({ body: 'ok' }));
    const channel = channelOf({ fields: 'kind: slack, url_env: U', secrets: { U: service.url + HOOK } });
    expect(await deliver(channel, message)).toEqual({ id: null, thread: null });
    const body = jsonOf(lastOf(service));
    expectValid(body);
    return { request: lastOf(service), body };
  };

  it('receives blocks, and the same as text for notifications', async () => {
    const { request, body } = await send();
    expect(request).toMatchObject({ method: 'POST', path: HOOK });
    expect(request.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(body).toEqual({
      text:
        'main: BTC/USDT:USDT position differs\n' +
        'The exchange has 0.5 BTC long, the bot has none &lt;since 02:00&gt;.\nGate: CLOSED &amp; waiting.',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'main: BTC/USDT:USDT position differs', emoji: false } },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: 'The exchange has 0.5 BTC long, the bot has none &lt;since 02:00&gt;.\nGate: CLOSED &amp; waiting.',
            verbatim: true,
          },
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '<https://plumbline.example/c/17|See the state>', verbatim: true },
        },
      ],
      unfurl_links: false,
    });
  });

  it('mentions nobody, whatever the text says', async () => {
    const { body } = await send({ subject: '<!channel> <@U1>', text: '<!here> <https://evil.example|click>' });
    expect(body['text']).not.toMatch(/<[!@h]/);
    const [header, ...sections] = blocksOf(body);
    // Slack interprets nothing in plain_text.
    expect(header?.text).toMatchObject({ type: 'plain_text', text: '<!channel> <@U1>' });
    expect(JSON.stringify(sections)).not.toMatch(/<[!@]|<https:..evil/);
  });

  it('receives a long text in several blocks, and no block cuts an escape', async () => {
    const text = '&'.repeat(3_500);
    const { body } = await send({ text, link: null });
    const sections = blocksOf(body).slice(1);
    expect(sections.length).toBeGreaterThan(5);
    expect(sections.map(({ text: { text: piece } }) => piece).join('')).toBe('&amp;'.repeat(3_500));
    const lines = `${'line '.repeat(20)}\n`.repeat(34);
    const pieces = blocksOf((await send({ text: lines, link: null })).body).slice(1);
    expect(pieces).toHaveLength(2);
    for (const piece of pieces) expect(piece.text.text).toMatch(/^line [^]*\n$/);
  });

  it('may have no link', async () => {
    expect(blocksOf((await send({ link: null })).body)).toHaveLength(2);
  });

  // https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
  it.each<[number, string, FailureKind]>([
    [400, 'invalid_payload', 'configuration'],
    [403, 'action_prohibited', 'permission'],
    [404, 'no_service', 'configuration'],
    [410, 'channel_is_archived', 'configuration'],
    [500, 'rollup_error', 'maintenance'],
  ])('that answers HTTP %s %s fails as %s', async (status, body, kind) => {
    const service = await recordingService(servers, () => ({ status, body }));
    const channel = channelOf({ fields: 'kind: slack, url_env: U', secrets: { U: service.url + HOOK } });
    const failure = await failureOf(deliver(channel));
    expect(failure).toMatchObject({ kind, message: `Slack (${service.url}) answered HTTP ${status}: ${body}` });
  });
});

describe('a bot of Slack', () => {
  // https://docs.slack.dev/reference/methods/chat.postMessage
  const bot = async (answer: (count: number) => Answer) => {
    const service = await recordingService(servers, (_, count) => answer(count));
    const fields = `kind: slack, token_env: T, channel: C0123456789, base_url: "${service.url}"`;
    return { service, channel: channelOf({ fields, secrets: { T: TOKEN } }) };
  };
  const posted = (ts: string): Answer => ({ body: { ok: true, channel: 'C0123456789', ts, message: {} } });

  it('writes to the channel, and keeps the later messages in the thread of the first', async () => {
    const { service, channel } = await bot((count) => posted(`1764381600.00010${count}`));
    const first = await deliver(channel);
    expect(first).toEqual({ id: '1764381600.000101', thread: '1764381600.000101' });
    expect(lastOf(service)).toMatchObject({ method: 'POST', path: '/api/chat.postMessage' });
    expect(lastOf(service).headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json; charset=utf-8',
    });
    const body = jsonOf(lastOf(service));
    expectValid(body);
    expect(body).toMatchObject({ channel: 'C0123456789', unfurl_links: false, unfurl_media: false });
    expect(body).not.toHaveProperty('thread_ts');

    const reminder = await deliver(channel, { key: 'n-2', occasion: 'reminder' }, { previousThread: first.thread });
    expect(reminder).toEqual({ id: '1764381600.000102', thread: '1764381600.000101' });
    expect(jsonOf(lastOf(service))).toMatchObject({ thread_ts: '1764381600.000101', reply_broadcast: true });

    await deliver(channel, { key: 'n-3', occasion: 'resolved' }, { previousThread: first.thread });
    expect(jsonOf(lastOf(service))).toMatchObject({ thread_ts: '1764381600.000101', reply_broadcast: false });
  });

  it('marks a message with its key, so that a duplicate is recognised', async () => {
    const { service, channel } = await bot(() => posted('1.1'));
    await deliver(channel);
    await deliver(channel);
    // https://docs.slack.dev/messaging/message-metadata
    const marks = service.received.map((request) => jsonOf(request)['metadata']);
    expect(marks[0]).toEqual({
      event_type: 'plumbline_message',
      event_payload: { key: 'n-0001', thread: 't-main-17' },
    });
    expect(marks[1]).toEqual(marks[0]);
  });

  it('may be reached by a proxy below a path', async () => {
    const service = await recordingService(servers, () => posted('1.1'));
    const fields = `kind: slack, token_env: T, channel: C1, base_url: "${service.url}/slack/"`;
    await deliver(channelOf({ fields, secrets: { T: TOKEN } }));
    expect(lastOf(service).path).toBe('/slack/api/chat.postMessage');
  });

  it('begins a new thread if the first message is gone', async () => {
    const { service, channel } = await bot((count) =>
      count === 1 ? { body: { ok: false, error: 'thread_not_found' } } : posted('2.2'),
    );
    expect(await deliver(channel, {}, { previousThread: '1.1' })).toEqual({ id: '2.2', thread: '2.2' });
    expect(service.received.map((request) => jsonOf(request)['thread_ts'])).toEqual(['1.1', undefined]);
  });

  it.each<[string, FailureKind, string | null]>([
    ['invalid_auth', 'authentication', 'token_env'],
    ['token_revoked', 'authentication', 'token_env'],
    ['not_in_channel', 'permission', 'token_env'],
    ['missing_scope', 'permission', 'token_env'],
    ['channel_not_found', 'configuration', 'channel'],
    ['is_archived', 'configuration', 'channel'],
    ['something_new', 'configuration', 'channel'],
    ['ratelimited', 'rate_limited', null],
    ['internal_error', 'maintenance', null],
    ['request_timeout', 'timeout', null],
  ])('that is answered ok: false, %s fails as %s', async (error, kind, field) => {
    const { channel } = await bot(() => ({ body: { ok: false, error }, headers: { 'retry-after': '30' } }));
    expect(await failureOf(deliver(channel))).toMatchObject({
      kind,
      message: expect.stringMatching(`answered HTTP 200: ${error}$`),
      where: field === null ? null : `notify.channels.it.${field}`,
      retryAfterMs: 30_000,
    });
  });
});
