import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Listening } from '../support/listening.js';
import {
  channelOf,
  configsOf,
  deliver,
  failureOf,
  jsonOf,
  lastOf,
  MESSAGE,
  NOW,
  partsOf,
  recordingService,
} from './service.js';
import { createChannels } from '../../src/notify/channels/create-channels.js';

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

const servers = new Listening();
afterEach(async () => servers.end());

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const accept = async (): ReturnType<typeof recordingService> =>
  recordingService(servers, () => ({ status: 204, body: '' }));

describe('a webhook', () => {
  it('is a POST of JSON with what the message says', async () => {
    const service = await accept();
    const channel = channelOf({
      fields: `kind: webhook, url: "${service.url}/in?a=1", secret_env: S`,
      secrets: { S: SECRET },
    });
    expect(await deliver(channel)).toEqual({ id: null, thread: null });
    const request = lastOf(service);
    expect(request).toMatchObject({ method: 'POST', path: '/in?a=1' });
    expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'n-0001' });
    expect(request.headers['user-agent']).toMatch(/^plumbline\//);
    expect(request.headers.authorization).toBeUndefined();
    const { link, canAcknowledge, ...same } = MESSAGE;
    expect(jsonOf(request)).toEqual({
      type: 'intervention.called',
      data: { ...same, link, can_acknowledge: canAcknowledge },
    });
  });

  it('is signed so that the reference library verifies it, and nothing else', async () => {
    const service = await accept();
    const fields = `kind: webhook, url: "${service.url}", secret_env: S`;
    const parts = { ...partsOf({ S: SECRET }), now: Date.now };
    const [, channel] = createChannels(configsOf(fields), parts);
    if (channel === undefined) throw new Error('no channel');
    await deliver(channel);
    const { body, headers } = lastOf(service);
    const signed = {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    };
    expect(new Webhook(SECRET).verify(body, signed)).toMatchObject({ type: 'intervention.called' });
    expect(() => new Webhook(SECRET).verify(`${body} `, signed)).toThrow('No matching signature');
    expect(() => new Webhook(SECRET).verify(body, { ...signed, 'webhook-id': 'n-0002' })).toThrow('No matching');
    expect(() => new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(body, signed)).toThrow('No matching');
  });

  it('has the id and the body of its message in every attempt, and the time of the attempt', async () => {
    const service = await accept();
    let now = NOW;
    const fields = `kind: webhook, url: "${service.url}", secret_env: S`;
    const [, channel] = createChannels(configsOf(fields), { ...partsOf({ S: SECRET }), now: () => now });
    if (channel === undefined) throw new Error('no channel');
    await deliver(channel);
    now += 90_000;
    await deliver(channel);
    await deliver(channel, { key: 'n-0002' });
    const [first, second, third] = service.received.map(({ headers, body }) => ({
      id: headers['webhook-id'],
      at: headers['webhook-timestamp'],
      body,
    }));
    expect(first).toMatchObject({ id: 'n-0001', at: String(NOW / 1000) });
    expect(second).toEqual({ id: 'n-0001', at: String(NOW / 1000 + 90), body: first?.body });
    expect(third?.id).toBe('n-0002');
  });

  it('brings a bearer token if one is configured', async () => {
    const service = await accept();
    const fields = `kind: webhook, url: "${service.url}", secret_env: S, token_env: T`;
    await deliver(channelOf({ fields, secrets: { S: SECRET, T: 'abc-123' } }));
    expect(lastOf(service).headers.authorization).toBe('Bearer abc-123');
    const failure = await failureOf(deliver(channelOf({ fields, secrets: { S: SECRET, T: 'abc 123\r\nx' } })));
    expect(failure).toMatchObject({ kind: 'configuration', where: 'notify.channels.it.token_env' });
    expect(JSON.stringify(failure)).not.toContain('123');
  });

  it.each(['', 'whsec_', 'whsec_not base64 at all!'])('is not sent with %j as its secret', async (secret) => {
    const service = await accept();
    const channel = channelOf({
      fields: `kind: webhook, url: "${service.url}", secret_env: S`,
      secrets: { S: secret },
    });
    expect(await failureOf(deliver(channel))).toMatchObject({
      kind: 'configuration',
      where: 'notify.channels.it.secret_env',
    });
    expect(service.received).toEqual([]);
  });

  it.each([
    ['http://hooks.example/x', 'not encrypted'],
    ['hooks.example/x', 'not an http:// or https:// address'],
    ['ftp://hooks.example/x', 'not an http:// or https:// address'],
  ])('is not sent to the secret address %s', async (address, message) => {
    const channel = channelOf({
      fields: 'kind: webhook, url_env: U, secret_env: S',
      secrets: { U: address, S: SECRET },
    });
    expect(await failureOf(deliver(channel))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(message),
      where: 'notify.channels.it.url_env',
    });
  });
});
