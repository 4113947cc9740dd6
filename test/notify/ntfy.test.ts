import { afterEach, describe, expect, it } from '@jest/globals';
import { Listening } from '../support/listening.js';
import { channelOf, deliver, failureOf, jsonOf, lastOf, MESSAGE, recordingService, type Answer } from './service.js';

// https://docs.ntfy.sh/publish/#publish-as-json

const servers = new Listening();
afterEach(async () => servers.end());

const STORED = { body: { id: 'hwQ2YpKdmg', time: 1764381600, expires: 1764424800, event: 'message', topic: 'ops' } };

async function send(message = {}, answer: Answer = STORED, more = '') {
  const service = await recordingService(servers, () => answer);
  const channel = channelOf({
    fields: `kind: ntfy, url: "${service.url}", topic: ops${more}`,
    secrets: { T: 'tk_abc' },
  });
  return { service, delivery: deliver(channel, message) };
}

describe('a topic of ntfy', () => {
  it('receives JSON at the root of the server', async () => {
    const { service, delivery } = await send();
    expect(await delivery).toEqual({ id: 'hwQ2YpKdmg', thread: null });
    expect(lastOf(service)).toMatchObject({ method: 'POST', path: '/' });
    expect(lastOf(service).headers['content-type']).toBe('application/json');
    expect(lastOf(service).headers.authorization).toBeUndefined();
    expect(jsonOf(lastOf(service))).toEqual({
      topic: 'ops',
      title: MESSAGE.subject,
      message: MESSAGE.text,
      priority: 5,
      tags: ['rotating_light'],
      click: 'https://plumbline.example/c/17',
      actions: [{ action: 'view', label: 'See the state', url: 'https://plumbline.example/c/17' }],
    });
  });

  it('receives an access token', async () => {
    const { service, delivery } = await send({}, STORED, ', token_env: T');
    await delivery;
    // https://docs.ntfy.sh/publish/#access-tokens
    expect(lastOf(service).headers.authorization).toBe('Bearer tk_abc');
  });

  it.each([
    [{ occasion: 'reminder', severity: 'page' }, 5, 'rotating_light'],
    [{ occasion: 'called', severity: 'notify' }, 3, 'warning'],
    [{ occasion: 'acknowledged', severity: 'page' }, 2, 'eyes'],
    [{ occasion: 'resolved', severity: 'page' }, 2, 'white_check_mark'],
    [{ occasion: 'test', severity: 'page' }, 3, 'white_check_mark'],
  ])('shows %j with its priority and tag', async (message, priority, tag) => {
    const { service, delivery } = await send(message);
    await delivery;
    expect(jsonOf(lastOf(service))).toMatchObject({ priority, tags: [tag] });
  });

  it('receives no attachment: a longer message is cut at 4,096 bytes', async () => {
    const { service, delivery } = await send({ text: 'ß€𝄞'.repeat(600), link: null });
    await delivery;
    const body = jsonOf(lastOf(service));
    const text = String(body['message']);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
    expect(Buffer.byteLength(text)).toBeGreaterThan(4_080);
    expect(text).toMatch(/^(?:ß€𝄞)+ß?€?…$/u);
    expect(body).not.toHaveProperty('click');
    expect(body).not.toHaveProperty('actions');
  });

  // https://github.com/binwiederhier/ntfy/blob/main/server/errors.go
  it.each([
    [
      401,
      { code: 40101, http: 401, error: 'unauthorized' },
      'authentication',
      'unauthorized',
      'notify.channels.it.token_env',
    ],
    [403, { code: 40301, http: 403, error: 'forbidden' }, 'permission', 'forbidden', 'notify.channels.it.token_env'],
    [
      429,
      { code: 42901, http: 429, error: 'limit reached: too many requests' },
      'rate_limited',
      'limit reached',
      'wait',
    ],
    [
      507,
      { code: 50701, http: 507, error: 'cannot publish to UnifiedPush topic' },
      'maintenance',
      'cannot publish',
      'status page',
    ],
  ])('that answers HTTP %s is quoted', async (status, body, kind, words, remedy) => {
    const { delivery } = await send({}, { status, body });
    const failure = await failureOf(delivery);
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(`HTTP ${status}: ${words}`) });
    expect(failure.remedy).toContain(remedy);
  });

  it('may be secret, and must have the form of a topic', async () => {
    const service = await recordingService(servers, () => STORED);
    const fields = `kind: ntfy, url: "${service.url}", topic_env: T`;
    await deliver(channelOf({ fields, secrets: { T: 'a-topic_that-nobody-guesses' } }));
    expect(jsonOf(lastOf(service))).toMatchObject({ topic: 'a-topic_that-nobody-guesses' });
    const failure = await failureOf(deliver(channelOf({ fields, secrets: { T: 'https://ntfy.sh/abc' } })));
    expect(failure).toMatchObject({ kind: 'configuration', where: 'notify.channels.it.topic_env' });
    expect(JSON.stringify(failure)).not.toContain('abc');
  });
});
