import { afterEach, describe, expect, it } from '@jest/globals';
import { Listening } from '../support/listening.js';
import {
  channelOf,
  deliver,
  failureOf,
  lastOf,
  MESSAGE,
  recordingService,
  type Answer,
  type Received,
} from './service.js';

// https://pushover.net/api

const servers = new Listening();
afterEach(async () => servers.end());

const TOKEN = 'azGDORePK8gMaC0QOYAMyEEuzJnyUi';
const USER = 'uQiRzpo4DXghDmr9QzzfQu27cmVRsG';
const SENT: Answer = { body: { status: 1, request: '647d2300-702c-4b38-8b2f-d56326ae460b', receipt: 'r' } };

async function pushover(answer: (request: Received) => Answer = () => SENT) {
  const service = await recordingService(servers, answer);
  const fields = `kind: pushover, token_env: T, user_env: U, base_url: "${service.url}", retry_seconds: 90, expire_seconds: 1800`;
  return { service, channel: channelOf({ fields, secrets: { T: TOKEN, U: USER } }) };
}

const formOf = ({ body }: Received): Record<string, string> => Object.fromEntries(new URLSearchParams(body));

describe('a message by Pushover', () => {
  it('is an emergency if it is a page, repeated until it is confirmed', async () => {
    const { service, channel } = await pushover();
    expect(await deliver(channel)).toEqual({ id: '647d2300-702c-4b38-8b2f-d56326ae460b', thread: 'emergency' });
    const request = lastOf(service);
    expect(request).toMatchObject({ method: 'POST', path: '/1/messages.json' });
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(formOf(request)).toEqual({
      token: TOKEN,
      user: USER,
      title: MESSAGE.subject,
      message: MESSAGE.text,
      url: 'https://plumbline.example/c/17',
      url_title: 'See the state',
      priority: '2',
      retry: '90',
      expire: '1800',
      tags: 't-main-17',
    });
  });

  it.each([
    { occasion: 'called', severity: 'notify' },
    { occasion: 'resolved', severity: 'page' },
    { occasion: 'test', severity: 'page' },
  ] as const)('is an ordinary one for %j', async (message) => {
    const { service, channel } = await pushover();
    expect(await deliver(channel, message)).toMatchObject({ thread: null });
    expect(formOf(lastOf(service))).toMatchObject({ priority: '0' });
    expect(formOf(lastOf(service))).not.toHaveProperty('retry');
  });

  it.each(['acknowledged', 'resolved'] as const)('stops the alarms of its call when it is %s', async (occasion) => {
    const { service, channel } = await pushover();
    const { thread } = await deliver(channel);
    await deliver(channel, { occasion }, { previousThread: thread });
    const [, cancel, news] = service.received;
    // https://pushover.net/api/receipts#cancel
    expect(cancel).toMatchObject({ method: 'POST', path: '/1/receipts/cancel_by_tag/t-main-17.json' });
    expect(cancel && formOf(cancel)).toEqual({ token: TOKEN });
    expect(news && formOf(news)).toMatchObject({ priority: '0' });
  });

  it('has at most 1,024 characters, 250 in its title, and a link of at most 512', async () => {
    const { service, channel } = await pushover();
    const url = `https://plumbline.example/${'x'.repeat(500)}`;
    await deliver(channel, { subject: '€'.repeat(300), text: '𝄞'.repeat(1_100), link: { url, label: 'l' } });
    const { title = '', message = '', ...rest } = formOf(lastOf(service));
    expect(Array.from(title)).toHaveLength(250);
    expect(Array.from(message)).toHaveLength(1_024);
    expect(message.startsWith(url)).toBe(true);
    expect(rest).not.toHaveProperty('url');
  });

  it.each([
    [400, { token: 'invalid', errors: ['application token is invalid'] }, 'authentication', 'token_env'],
    [400, { user: 'invalid', errors: ['user identifier is not a valid user'] }, 'authentication', 'user_env'],
    [400, { message: 'cannot be blank', errors: ['message cannot be blank'] }, 'configuration', null],
    [429, { errors: ['application over its monthly quota'] }, 'rate_limited', null],
    [500, { errors: ['internal server error'] }, 'maintenance', null],
  ])('that is answered HTTP %s %j fails as %s', async (status, body, kind, field) => {
    const { channel } = await pushover(() => ({ status, body: { ...body, status: 0, request: 'x' } }));
    expect(await failureOf(deliver(channel))).toMatchObject({
      kind,
      message: expect.stringContaining(`HTTP ${status}: ${body.errors[0]}`),
      where: field === null ? null : `notify.channels.it.${field}`,
    });
  });
});
