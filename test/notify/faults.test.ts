import { createServer } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@plumbline/primitives/free-port';
import { FailureError, isRetryable, type Failure } from '../../src/domain/failure/failure.js';
import { Listening } from '../support/listening.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { HTTP_KINDS, type HttpKind } from './kinds.js';
import { channelOf, deliver, failureOf, recordingService, type Answer, type Configured } from './service.js';

const servers = new Listening();
afterEach(async () => servers.end());

/** For services that never end their answer. All others have the default deadline, which a busy machine does not reach. */
const hurried = ({ fields, secrets }: Configured): Configured => ({
  fields: `${fields}, deadline_seconds: 1`,
  secrets,
});

/** No text that leaves the channel has a secret, or a part of one. */
function expectNoSecret(failure: Failure, { configured }: HttpKind, url: string): void {
  const text = JSON.stringify(failure);
  const secrets = Object.values(configured(url).secrets).flatMap((secret) => secret.replace(url, '').split(/[/:]/));
  const long = secrets.filter((part) => part.length >= 8);
  expect(long.length).toBeGreaterThan(0);
  for (const part of long) expect(text).not.toContain(part);
}

/** The failure if the service answers each request like this. Its words repeat everything that it received. */
async function failureWith(kind: HttpKind, answer: (echo: string) => Answer): Promise<Failure> {
  const service = await recordingService(servers, ({ path, headers, body }) =>
    answer(`${path} ${headers.authorization ?? ''} ${decodeURIComponent(body)}`),
  );
  const failure = await failureOf(deliver(channelOf(kind.configured(service.url))));
  expect(failure.side).toBe('channel');
  expectNoSecret(failure, kind, service.url);
  // One attempt: the caller repeats it.
  expect(service.received).toHaveLength(1);
  return failure;
}

describe.each(HTTP_KINDS)('a message by $kind', (kind) => {
  it.each<[number, Failure['kind']]>([
    [400, 'configuration'],
    [408, 'timeout'],
    [410, 'configuration'],
    [413, 'too_large'],
    [500, 'maintenance'],
    [502, 'network'],
    [503, 'maintenance'],
    [504, 'timeout'],
  ])('fails with HTTP %s as %s', async (status, expected) => {
    const failure = await failureWith(kind, (echo) => ({ status, body: `No. You sent ${echo}` }));
    expect(failure).toMatchObject({
      kind: expected,
      message: expect.stringMatching(`answered HTTP ${status}: No\\. You sent `),
    });
    expect(isRetryable(failure.kind)).toBe(status === 408 || status >= 500);
    expect(failure.retryAfterMs).toBeNull();
  });

  it('fails with HTTP 401 as authentication, and names the setting', async () => {
    const failure = await failureWith(kind, (echo) => ({ status: 401, body: echo }));
    expect(failure).toMatchObject({ kind: 'authentication', where: `notify.channels.it.${kind.secret}` });
    expect(failure.remedy).toContain(`notify.channels.it.${kind.secret}`);
    expect(isRetryable(failure.kind)).toBe(false);
  });

  it.each<[Record<string, string>, number | null]>([
    [{ 'retry-after': '17' }, 17_000],
    [{ 'retry-after': 'Sun, 29 Nov 2026 02:01:00 GMT', date: 'Sun, 29 Nov 2026 02:00:00 GMT' }, 60_000],
    [{ 'retry-after': '86400' }, 3_600_000],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('waits with HTTP 429 and %j for %s ms', async (headers, retryAfterMs) => {
    const failure = await failureWith(kind, (echo) => ({ status: 429, headers, body: echo }));
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs });
  });

  it('waits as long as a body asks that is more exact than the header', async () => {
    if (kind.tooMany === undefined) return;
    const told = { ...kind.tooMany, headers: { 'retry-after': '1' } };
    const { kind: failed, retryAfterMs } = await failureWith(kind, () => told);
    expect(failed).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(16_000);
    expect(retryAfterMs).toBeLessThanOrEqual(17_000);
  });

  it.each([301, 302, 307, 308])('follows no redirect (HTTP %s)', async (status) => {
    const other = await recordingService(servers, () => kind.success);
    const failure = await failureWith(kind, () => ({ status, headers: { location: `${other.url}/` }, body: '' }));
    expect(failure.kind).toBe('configuration');
    expect(other.received).toEqual([]);
  });

  it('fails as timeout if the service does not answer in time', async () => {
    const url = await servers.serve(() => {});
    const failure = await failureOf(deliver(channelOf(hurried(kind.configured(url)))));
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 1 s') });
    expectNoSecret(failure, kind, url);
  });

  it('fails as timeout if the answer trickles', async () => {
    const url = await servers.serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(deliver(channelOf(hurried(kind.configured(url)))))).toMatchObject({ kind: 'timeout' });
  });

  it('fails as network if the connection breaks before the answer', async () => {
    const url = await servers.serve((request) => request.socket.destroy());
    const failure = await failureOf(deliver(channelOf(kind.configured(url))));
    expect(failure.kind).toBe('network');
    expectNoSecret(failure, kind, url);
  });

  it('fails as network if the connection breaks within the answer', async () => {
    const url = await servers.serve((request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failureOf(deliver(channelOf(kind.configured(url))))).toMatchObject({ kind: 'network' });
  });

  it('fails as network if nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const failure = await failureOf(deliver(channelOf(kind.configured(url))));
    expect(failure).toMatchObject({ kind: 'network', message: expect.stringContaining('ECONNREFUSED') });
    expectNoSecret(failure, kind, url);
  });

  it('is sent to no server with a wrong certificate', async () => {
    let received = 0;
    const plain = await servers.listen(
      createServer(SELF_SIGNED, (_, response) => {
        received += 1;
        response.end('ok');
      }),
    );
    const url = plain.replace('http:', 'https:');
    const failure = await failureOf(deliver(channelOf(kind.configured(url))));
    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('certificate') });
    expectNoSecret(failure, kind, url);
    expect(received).toBe(0);
  });

  it('is not delivered by an endless error; only its beginning is read', async () => {
    let written = 0;
    const url = await servers.serve((_, response) => {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) written += 10_000;
      };
      response.on('drain', more);
      more();
    });
    const failure = await failureOf(deliver(channelOf(kind.configured(url))));
    expect(failure.kind).toBe('maintenance');
    expect(failure.message.length).toBeLessThan(400);
    expect(written).toBeLessThan(20_000_000);
  });

  it.each([
    ['a page', '<html><body>Please log in</body></html>'],
    ['nothing', ''],
    ['another document', '{"status":"fine"}'],
    ['more than the limit', ' '.repeat(70_000)],
  ])('is accepted or not if a success brings %s', async (_, body) => {
    const service = await recordingService(servers, () => ({ body }));
    const delivery = deliver(channelOf(kind.configured(service.url)));
    const outcome = await delivery.then(
      () => 'delivered',
      (error: unknown) => (error instanceof FailureError ? error.failure.kind : error),
    );
    expect(outcome).toBe(kind.garbage);
  });

  it('is delivered after a failure, with the same content', async () => {
    const service = await recordingService(servers, (_, count) =>
      count === 1 ? { status: 503, body: 'busy' } : kind.success,
    );
    const channel = channelOf(kind.configured(service.url));
    expect((await failureOf(deliver(channel))).kind).toBe('maintenance');
    await deliver(channel);
    const [first, second] = service.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });

  it('fails with a name for each secret that is missing, and sends nothing', async () => {
    const service = await recordingService(servers, () => kind.success);
    const { fields, secrets } = kind.configured(service.url);
    for (const missing of Object.keys(secrets)) {
      const others = Object.fromEntries(Object.entries(secrets).filter(([name]) => name !== missing));
      const failure = await failureOf(deliver(channelOf({ fields, secrets: others })));
      expect(failure).toMatchObject({ kind: 'configuration', side: 'channel' });
      expect(failure.message).toContain(`${missing} is not set`);
      expect(failure.where).toMatch(/^notify\.channels\.it\.\w+_env$/);
    }
    expect(service.received).toEqual([]);
  });

  it('is cancelled by its caller, which is no failure of the service', async () => {
    const url = await servers.serve(() => {});
    const caller = new AbortController();
    const reason = new Error('the worker ends');
    setTimeout(() => caller.abort(reason), 50);
    await expect(deliver(channelOf(kind.configured(url)), {}, { signal: caller.signal })).rejects.toBe(reason);
    await expect(deliver(channelOf(kind.configured(url)), {}, { signal: caller.signal })).rejects.toBe(reason);
  });
});
