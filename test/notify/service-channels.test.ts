import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Occasion } from '../../src/domain/lifecycle/occasion.js';
import { Listening } from '../support/listening.js';
import { channelOf, NOW, SECRET } from './channel-of.js';
import { delivered, messageOf, service, type Sent } from './sent.js';

const servers = new Listening();
afterEach(async () => servers.end());

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

// https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/02-Trigger-Events.md and 01-Overview.md
describe('PagerDuty, Events API v2', () => {
  const fields = (url: string): string => `{ kind: pagerduty, routing_key_env: SECRET, base_url: "${url}" }`;
  const accepted = (response: ServerResponse, { body }: Sent): void =>
    json(202, { status: 'success', message: 'Event processed', dedup_key: (body as Event).dedup_key })(response);
  interface Event {
    dedup_key: string;
    payload?: { summary: string; severity: string; source: string };
  }
  async function start(answer = accepted) {
    const { sent, handler } = service(answer);
    return { sent, channel: channelOf(fields(await servers.serve(handler))) };
  }

  it('gets a trigger with the required fields within their limits, and the call as the deduplication key', async () => {
    const { sent, channel } = await start();
    expect(await delivered(channel)).toEqual({
      id: 'main-call-7',
      thread: expect.stringMatching(/^main-call-7 [0-9a-f]{16}$/),
    });
    expect(sent).toMatchObject([
      { method: 'POST', path: '/v2/enqueue', headers: { 'content-type': 'application/json' } },
    ]);
    expect(sent[0]?.body).toEqual({
      routing_key: SECRET,
      event_action: 'trigger',
      dedup_key: 'main-call-7',
      client: 'Plumbline',
      client_url: 'https://plumbline.example/i/abc',
      links: [{ href: 'https://plumbline.example/i/abc', text: 'See and act' }],
      payload: {
        summary: 'main: the exchange holds 0.5 BTC that the bot does not know',
        source: 'main',
        severity: 'critical',
        timestamp: '2026-11-29T02:00:00.000Z',
        component: 'plumbline',
        class: 'called',
        custom_details: { text: messageOf().text, accounts: ['main'], message_key: 'main-call-7-called-1' },
      },
    });
  });

  it.each<[Occasion, string]>([
    ['called', 'trigger'],
    ['reminder', 'trigger'],
    ['reason', 'trigger'],
    ['acknowledged', 'acknowledge'],
    ['resolved', 'resolve'],
    ['test', 'trigger'],
  ])('gets %s as %s, always with the same deduplication key', async (occasion, action) => {
    const { sent, channel } = await start();
    await delivered(channel, messageOf({ occasion }));
    expect(sent[0]?.body).toMatchObject({ event_action: action, dedup_key: 'main-call-7', routing_key: SECRET });
    // A payload belongs to triggers only.
    expect(Object.hasOwn(sent[0]?.body as object, 'payload')).toBe(action === 'trigger');
  });

  it.each([
    ['page', 'called', 'critical'],
    ['notify', 'called', 'warning'],
    ['page', 'test', 'info'],
  ] as const)('gets severity %s of %s as %s', async (severity, occasion, expected) => {
    const { sent, channel } = await start();
    await delivered(channel, messageOf({ severity, occasion, link: null }));
    expect(sent[0]?.body).toMatchObject({ payload: { severity: expected } });
    expect(Object.hasOwn(sent[0]?.body as object, 'links')).toBe(false);
  });

  it.each([
    [
      json(400, { status: 'invalid event', message: 'Event object is invalid', errors: ['routing_key'] }),
      'configuration',
    ],
    [json(200, { hello: 'proxy' }), 'unreadable'],
    [(response: ServerResponse) => void response.end('<html>sign in</html>'), 'unreadable'],
  ])('has accepted the event only if its answer says so', async (answer, kind) => {
    const { channel } = await start(answer);
    expect(await delivered(channel)).toMatchObject({ kind, side: 'channel' });
  });
});

// https://docs.opsgenie.com/docs/alert-api
describe('Opsgenie, Alert API v2', () => {
  async function start(more = '', answer: (response: ServerResponse) => void = accepted) {
    const { sent, handler } = service(answer);
    const url = await servers.serve(handler);
    return { sent, channel: channelOf(`{ kind: opsgenie, api_key_env: SECRET, base_url: "${url}/jsm/"${more} }`) };
  }
  const accepted = json(202, { result: 'Request will be processed', took: 0.3, requestId: '43a29c5c-3dbf-4fa4' });

  it('gets an alert with the call as its alias, for the named teams', async () => {
    const { sent, channel } = await start(', teams: [trading]');
    expect(await delivered(channel)).toEqual({
      id: '43a29c5c-3dbf-4fa4',
      thread: expect.stringMatching(/^main-call-7 [0-9a-f]{16}$/),
    });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: '/jsm/v2/alerts',
      headers: { authorization: `GenieKey ${SECRET}`, 'content-type': 'application/json' },
      body: {
        message: 'main: the exchange holds 0.5 BTC that the bot does not know',
        alias: 'main-call-7',
        description: `${messageOf().text}\n\nSee and act: https://plumbline.example/i/abc`,
        priority: 'P1',
        entity: 'main',
        source: 'Plumbline',
        tags: ['plumbline', 'called'],
        responders: [{ type: 'team', name: 'trading' }],
        // All values of details are texts.
        details: {
          since: '2026-11-29T02:00:00.000Z',
          key: 'main-call-7-called-1',
          link: 'https://plumbline.example/i/abc',
        },
      },
    });
  });

  it.each<[Occasion, string, string | null]>([
    ['reminder', '/jsm/v2/alerts', 'P1'],
    ['reason', '/jsm/v2/alerts', 'P1'],
    ['test', '/jsm/v2/alerts', 'P5'],
    ['acknowledged', '/jsm/v2/alerts/main-call-7/acknowledge?identifierType=alias', null],
    ['resolved', '/jsm/v2/alerts/main-call-7/close?identifierType=alias', null],
  ])('gets %s at %s', async (occasion, path, priority) => {
    const { sent, channel } = await start();
    await delivered(channel, messageOf({ occasion }));
    expect(sent[0]?.path).toBe(path);
    const expected =
      priority === null ? { note: messageOf().text, source: 'Plumbline' } : { priority, alias: 'main-call-7' };
    expect(sent[0]?.body).toMatchObject(expected);
  });

  it('keeps within the limits of fields for forty accounts', async () => {
    const { sent, channel } = await start();
    const accounts = Array.from({ length: 40 }, (_, index) => `account-with-a-long-name-${index}`);
    await delivered(channel, messageOf({ accounts, subject: 's'.repeat(120) }));
    const body = sent[0]?.body as { message: string; entity: string };
    expect(body.message.length).toBeLessThanOrEqual(130);
    expect(body.entity.length).toBeLessThanOrEqual(512);
  });

  it('is asked again after the period that it names if it throttles', async () => {
    const { channel } = await start('', json(429, { message: 'throttled' }, { 'x-ratelimit-period-in-sec': '60' }));
    expect(await delivered(channel)).toMatchObject({ kind: 'rate_limited', retryAfterMs: 60_000 });
  });
});

// https://prometheus.io/docs/alerting/latest/alerts_api/ and prometheus/alertmanager, api/v2/openapi.yaml
describe('Alertmanager, API v2', () => {
  interface Alert {
    labels: Record<string, string>;
    annotations: Record<string, string>;
    startsAt: string;
    endsAt: string;
    generatorURL?: string;
  }
  async function start(more = '') {
    const { sent, handler } = service((response) => void response.writeHead(200).end());
    const url = await servers.serve(handler);
    const channel = channelOf(`{ kind: alertmanager, url: "${url}"${more} }`);
    const alerts = async (overrides: Parameters<typeof messageOf>[0] = {}): Promise<Alert[]> => {
      expect(await delivered(channel, messageOf(overrides))).toEqual({ id: null, thread: null });
      return sent.at(-1)?.body as Alert[];
    };
    return { sent, alerts };
  }
  const isFiring = ({ endsAt }: Alert): boolean => Date.parse(endsAt) > NOW;

  it('gets one alert for each account, which fires until it is ended', async () => {
    const { sent, alerts } = await start(', labels: { team: trading }');
    const [first, second, ...more] = await alerts({ accounts: ['main', 'second'] });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: '/api/v2/alerts',
      headers: { 'content-type': 'application/json' },
    });
    expect(first).toEqual({
      labels: { alertname: 'PlumblineNeedsHuman', account: 'main', severity: 'critical', team: 'trading' },
      annotations: {
        summary: messageOf().subject,
        description: messageOf().text,
        occasion: 'called',
        link: 'https://plumbline.example/i/abc',
      },
      startsAt: '2026-11-29T02:00:00.000Z',
      endsAt: '2026-11-30T03:10:00.000Z',
      generatorURL: 'https://plumbline.example/i/abc',
    });
    expect(second?.labels['account']).toBe('second');
    expect(more).toEqual([]);
  });

  it('gets the same labels each time, because they are the identity of the alert', async () => {
    const { alerts } = await start();
    const [called] = await alerts();
    for (const occasion of ['reminder', 'reason'] as const) {
      const firing = (await alerts({ occasion, key: 'other', subject: 'other' })).filter(isFiring);
      expect(firing.map(({ labels }) => labels)).toEqual([called?.labels]);
    }
  });

  it.each(['acknowledged', 'resolved'] as const)(
    'ends the alerts of both severities when the call is %s',
    async (occasion) => {
      const { alerts } = await start();
      const ended = await alerts({ occasion, severity: 'notify' });
      expect(ended.map(({ labels }) => labels['severity'])).toEqual(['warning', 'critical']);
      expect(ended.filter(isFiring)).toEqual([]);
    },
  );

  it('ends the alert of the lower severity when a call becomes urgent', async () => {
    const { alerts } = await start();
    const both = await alerts({ occasion: 'reason', severity: 'page' });
    expect(both.map((alert) => [alert.labels['severity'], isFiring(alert)])).toEqual([
      ['warning', false],
      ['critical', true],
    ]);
  });

  it('never gets an alert that ends before it starts, which it refuses', async () => {
    const { alerts } = await start();
    const since = new Date(NOW + 3_000).toISOString();
    for (const { startsAt, endsAt } of await alerts({ occasion: 'resolved', since })) {
      expect(Date.parse(startsAt)).toBeLessThanOrEqual(Date.parse(endsAt));
    }
  });

  it('keeps a test apart from calls, and lets it end soon', async () => {
    const { alerts } = await start();
    const [test, ...more] = await alerts({ occasion: 'test' });
    expect(test).toMatchObject({ labels: { alertname: 'PlumblineTest' }, endsAt: '2026-11-29T02:15:00.000Z' });
    expect(more).toEqual([]);
  });

  it.each([
    ['', undefined],
    [', token_env: SECRET', `Bearer ${SECRET}`],
    [', username: ops, password_env: SECRET', `Basic ${Buffer.from(`ops:${SECRET}`).toString('base64')}`],
  ])('is asked with the credentials of "%s"', async (more, authorization) => {
    const { sent, alerts } = await start(more);
    await alerts();
    expect(sent[0]?.headers.authorization).toBe(authorization);
  });
});

// https://github.com/caronc/apprise-api#api-details
describe('Apprise, HTTP API', () => {
  async function start(
    more: string,
    answer: (response: ServerResponse) => void = json(200, { error: null, details: [] }),
  ) {
    const { sent, handler } = service(answer);
    const url = await servers.serve(handler);
    return { sent, channel: channelOf(`{ kind: apprise, url: "${url}", ${more} }`) };
  }

  it('gets a notification for the services that it keeps under a key, chosen by tags', async () => {
    const { sent, channel } = await start('key_env: SECRET, tags: [ops, night]');
    expect(await delivered(channel)).toEqual({ id: null, thread: null });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: `/notify/${SECRET}`,
      headers: { accept: 'application/json' },
    });
    expect(sent[0]?.body).toEqual({
      title: messageOf().subject,
      body: `${messageOf().text}\n\nSee and act: https://plumbline.example/i/abc`,
      type: 'failure',
      format: 'text',
      tag: 'ops,night',
    });
  });

  it('gets the addresses of the services if it keeps none', async () => {
    const { sent, channel } = await start('urls_env: SECRET');
    await delivered(channel, messageOf({ link: null }));
    expect(sent[0]).toMatchObject({ path: '/notify/', body: { urls: SECRET, body: messageOf().text } });
    expect(Object.hasOwn(sent[0]?.body as object, 'tag')).toBe(false);
  });

  it.each([
    ['called', 'page', 'failure'],
    ['reminder', 'notify', 'warning'],
    ['reason', 'page', 'failure'],
    ['acknowledged', 'page', 'info'],
    ['resolved', 'page', 'success'],
    ['test', 'page', 'info'],
  ] as const)('gets %s of severity %s as type %s', async (occasion, severity, type) => {
    const { sent, channel } = await start('key_env: SECRET');
    await delivered(channel, messageOf({ occasion, severity }));
    expect(sent[0]?.body).toMatchObject({ type });
  });

  it.each([
    [
      'has nothing under the key',
      (response: ServerResponse) => void response.writeHead(204).end(),
      'configuration',
      /nobody was notified/,
    ],
    [
      'could not reach one of its services',
      json(424, { error: 'One or more', details: [['x', 'slack://T0k/en']] }),
      'network',
      /Apprise's log/,
    ],
  ])('says when it %s, without what it knows of the services', async (_, answer, kind, remedy) => {
    const { channel } = await start('key_env: SECRET', answer);
    const failure = await delivered(channel);
    expect(failure).toMatchObject({ kind, remedy: expect.stringMatching(remedy) });
    expect(JSON.stringify(failure)).not.toMatch(/slack:|hunter2/);
  });
});
