import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkDocumentSchema } from '../../src/cli/check/check-document.js';
import { Listening } from '../support/listening.js';
import { plumbline } from './test-io.js';

const SECRET = 'hunter2-hunter2-hunter2';
const ACCOUNTS = `accounts:
  main:
    exchange: { id: binanceusdm, base_url: "http://127.0.0.1:1", api_key_env: K, secret_env: S }
    internal: { kind: file, path: none.json }
  second:
    exchange: { id: binanceusdm, base_url: "http://127.0.0.1:1", api_key_env: K, secret_env: S }
    internal: { kind: file, path: none.json }
`;

const servers = new Listening();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-notify-'));
});
afterEach(async () => servers.end());
afterAll(async () => rm(folder, { recursive: true }));

/** Services under one address that keep what they are sent: PagerDuty takes it, Opsgenie refuses its key and repeats it. */
async function services(): Promise<{ url: string; sent: Record<string, unknown>[] }> {
  const sent: Record<string, unknown>[] = [];
  const url = await servers.serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      sent.push(JSON.parse(body) as Record<string, unknown>);
      if (request.url === '/v2/enqueue') response.writeHead(202).end('{"status":"success"}');
      else response.writeHead(401).end(`not with ${request.headers.authorization}`);
    });
  });
  return { url, sent };
}
const phone = (url: string): string => `    phone: { kind: pagerduty, routing_key_env: PD, base_url: "${url}" }\n`;
const genie = (url: string): string => `    genie: { kind: opsgenie, api_key_env: OG, base_url: "${url}" }\n`;

async function run(
  notify: string,
  argv: string[],
  env: Record<string, string> = { PD: SECRET, OG: SECRET },
  accounts = ACCOUNTS,
) {
  await writeFile(
    join(folder, 'plumbline.yaml'),
    `${accounts}${notify === '' ? '' : `notify:\n  channels:\n${notify}`}`,
  );
  const { code, out, err } = await plumbline(argv, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    width: 110,
  });
  expect(`${out}${err}`).not.toContain(SECRET);
  return { code, out, err };
}

describe('plumbline notify test', () => {
  it('sends a harmless message on every channel, and ends with 0 if all took it', async () => {
    const { url, sent } = await services();
    const own = `    own: { kind: command, command: [sh, -c, "cat > ${join(folder, 'in')}"] }\n`;
    const { code, out, err } = await run(phone(url) + own, ['notify', 'test', '--by', 'anna']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/✓ phone +pagerduty: delivered in \d+ ms; receipt test-[-0-9a-f]{36}\n/);
    expect(out).toMatch(/✓ own +command: delivered in \d+ ms; it gives no receipt\n/);
    expect(sent).toMatchObject([
      {
        event_action: 'trigger',
        payload: {
          summary: 'Plumbline: test of phone, nothing is wrong',
          severity: 'info',
          custom_details: {
            text: expect.stringMatching(/^anna tests the channel phone [^]*use this channel: main, second\.$/),
          },
        },
      },
    ]);
  });

  it('says what failed on which channel and what to do, and ends with 2', async () => {
    const { url } = await services();
    const { code, out } = await run(phone(url) + genie(url), ['notify', 'test']);
    expect(code).toBe(2);
    expect(out).toContain('✓ phone');
    expect(out).toMatch(
      /✗ genie +opsgenie: authentication: Opsgenie[^]*answered HTTP 401[^]*what to do:[^]*genie\.api_key_env/,
    );
  });

  it('names one channel, and shows a failure that a worker would retry as such, to programs', async () => {
    const own = '    own: { kind: command, command: [sh, -c, "echo no credit >&2; exit 1"] }\n';
    const { code, out } = await run(phone('http://127.0.0.1:1') + own, ['notify', 'test', 'own', '-o', 'json']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      delivered: false,
      channels: [
        {
          channel: 'own',
          kind: 'command',
          delivered: false,
          duration_ms: expect.any(Number),
          receipt: null,
          failure: {
            kind: 'unreadable',
            message: 'sh ended with 1: no credit',
            where: null,
            remedy: expect.stringMatching(/\w/),
            retryable: true,
          },
        },
      ],
    });
  });

  it('gives a program no secret of the configuration', async () => {
    const own = '    own: { kind: command, command: [sh, -c, "env >&2; exit 1"] }\n';
    const { out } = await run(phone('http://127.0.0.1:1') + own, ['notify', 'test', 'own'], {
      PD: SECRET,
      SMS_SENDER: 'plumbline',
    });
    expect(out).toContain('SMS_SENDER=plumbline');
    expect(out).not.toContain('PD=');
  });

  it("can test the worker's log, which is always there", async () => {
    const { code, err } = await run('', ['notify', 'test', 'log']);
    expect(code).toBe(0);
    expect(err).toContain('test of log, nothing is wrong');
  });

  it.each([
    [
      'a channel that does not exist',
      phone('http://127.0.0.1:1'),
      ['phon'],
      /no channel "phon"[^]*did you mean "phone"/,
    ],
    ['no channel at all', '', [], /has no channel: calls are written to the worker's log only[^]*notify\.channels/],
    ['a missing secret', phone('http://127.0.0.1:1'), ['phone'], /PD is not set[^]*set PD in the environment/],
  ])('ends with 2 for %s', async (_, notify, names, message) => {
    const { code, out, err } = await run(notify, ['notify', 'test', ...names], {});
    expect(code).toBe(2);
    expect(`${out}${err}`).toMatch(message);
  });

  it('says if no account uses the channel', async () => {
    const { url, sent } = await services();
    const accounts = ACCOUNTS.replaceAll('    internal:', '    reconciliation: { enabled: false }\n    internal:');
    await run(phone(url), ['notify', 'test'], { PD: SECRET }, accounts);
    expect(JSON.stringify(sent)).toContain('No account of the configuration uses this channel');
  });
});

describe('plumbline check', () => {
  async function check(notify: string, more: string[] = [], env?: Record<string, string>, accounts?: string) {
    const { code, out } = await run(notify, ['check', '-o', 'json', ...more], env, accounts);
    return { code, notify: checkDocumentSchema.parse(JSON.parse(out)).notify };
  }

  it('reports for each channel whether its secrets are set, and sends nothing', async () => {
    const { url, sent } = await services();
    const { notify } = await check(phone(url) + genie(url), [], { PD: SECRET });
    expect(notify).toMatchObject([
      { name: 'channel phone', kind: 'pagerduty', state: 'ok', text: 'pagerduty: 1 secret set', remedy: null },
      {
        name: 'channel genie',
        state: 'failed',
        text: expect.stringMatching(/OG is not set/),
        remedy: expect.any(String),
      },
    ]);
    expect(sent).toEqual([]);
  });

  it('sends a test message on each channel with --notify', async () => {
    const { url, sent } = await services();
    const { notify } = await check(phone(url) + genie(url), ['--notify', '--by', 'anna']);
    expect(notify).toMatchObject([
      { name: 'channel phone', state: 'ok', text: expect.stringMatching(/delivered in/) },
      { name: 'channel genie', state: 'failed', text: expect.stringMatching(/HTTP 401/) },
    ]);
    expect(sent).toHaveLength(2);
  });

  it("reports each account's dead man's switch without a ping, and two that share one", async () => {
    const { url, sent } = await services();
    const heartbeat = 'reconciliation: { heartbeat: { kind: healthchecks, url_env: PING } }\n';
    const shared = await check('', [], { PING: `${url}/${SECRET}` }, heartbeat + ACCOUNTS);
    expect(shared.notify).toMatchObject([
      { name: 'heartbeat of main', kind: 'healthchecks', state: 'ok' },
      { name: 'heartbeat of second', state: 'warning', text: expect.stringMatching(/same address as main/) },
    ]);
    const own = await check('', [], { PING: `${url}/${SECRET}/{account}` }, heartbeat + ACCOUNTS);
    expect(own.notify.map(({ state }) => state)).toEqual(['ok', 'ok']);
    const missing = await check('', [], {}, heartbeat + ACCOUNTS);
    expect(missing.notify.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(sent).toEqual([]);
  });

  it('lists them for people under the accounts', async () => {
    const { out, code } = await run(phone('http://127.0.0.1:1'), ['check'], {});
    expect(code).toBe(1);
    expect(out).toMatch(/✗ channel phone +configuration: [^]*PD is not set[^]*what to do:/);
  });
});
