import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandEnvironment } from '../../src/config/command-environment.js';
import { parseConfig } from '../../src/config/load-config.js';
import { eventually } from '../cli/test-io.js';
import { channelOf, SECRET } from './channel-of.js';
import { delivered, messageOf } from './sent.js';

describe('a channel of kind command', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-command-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  const running = (script: string, more = '', ...args: string[]) =>
    channelOf(`{ kind: command, command: ${JSON.stringify(['sh', '-c', script, 'sh', ...args])}${more} }`);

  it('gives the program the message as one JSON document, and its arguments as they are written', async () => {
    const channel = running(
      `cat > ${file('in')}; printf '%s|' "$@" > ${file('args')}`,
      '',
      'a b',
      '$(touch x)',
      '; rm -rf /',
    );
    expect(await delivered(channel)).toEqual({ id: null, thread: null });
    expect(JSON.parse(await readFile(file('in'), 'utf8'))).toEqual({
      key: 'main-call-7-called-1',
      thread: 'main-call-7',
      occasion: 'called',
      severity: 'page',
      accounts: ['main'],
      subject: messageOf().subject,
      text: messageOf().text,
      link: { url: 'https://plumbline.example/i/abc', label: 'See and act' },
      since: '2026-11-29T02:00:00.000Z',
      can_acknowledge: true,
    });
    expect(await readFile(file('args'), 'utf8')).toBe('a b|$(touch x)|; rm -rf /|');
  });

  it('has delivered if the program ends with 0, whatever it reads and writes', async () => {
    expect(await delivered(running('exec <&-; yes | head -c 300000 >&2'))).toEqual({ id: null, thread: null });
    const text = `${'x'.repeat(100)}\n`.repeat(3_000);
    expect(await delivered(running('sleep 0.05'), messageOf({ text }))).toEqual({ id: null, thread: null });
  });

  it('quotes what the program wrote on stderr last, too, in one bounded line', async () => {
    const failure = await delivered(running(`printf 'no \\033[31mcredit\\n left' >&2; exit 3`));
    expect(failure).toMatchObject({
      kind: 'unreadable',
      retryable: true,
      message: 'sh ended with 3: no \\u001b[31mcredit left',
    });
    const flooded = await delivered(running('yes spam | head -c 300000 >&2; exit 1'));
    expect('message' in flooded && flooded.message.length).toBeLessThan(600);
  });

  it('kills the program and all its processes when its time is over', async () => {
    const started = `while :; do echo tick >> ${file('ticks')}; sleep 0.05; done`;
    const channel = running(`(${started}) & sleep 60`, ', deadline_seconds: 1');
    const began = performance.now();
    expect(await delivered(channel)).toMatchObject({
      kind: 'timeout',
      retryable: true,
      message: 'sh ran for more than 1 s and was killed',
    });
    expect(performance.now() - began).toBeLessThan(40_000);
    expect((await stat(file('ticks'))).size).toBeGreaterThan(0);
    // What it started writes no more.
    let size = -1;
    await eventually(
      async () => {
        const before = size;
        await delay(300);
        ({ size } = await stat(file('ticks')));
        return size === before;
      },
      (isStill) => isStill,
    );
  });

  it('does not wait for processes that the program left behind', async () => {
    const began = performance.now();
    expect(await delivered(running('sleep 50 & exit 0'))).toEqual({ id: null, thread: null });
    expect(performance.now() - began).toBeLessThan(45_000);
  });

  it('ends with the reason of the caller who cancels it', async () => {
    const caller = new AbortController();
    const cancelled = new Error('cancelled');
    const delivery = running('sleep 30').deliver(messageOf(), { signal: caller.signal, previousThread: null });
    setTimeout(() => caller.abort(cancelled), 50);
    await expect(delivery).rejects.toBe(cancelled);
  });
});

describe('the environment of a program', () => {
  it('has no variable that the configuration names as a secret', () => {
    const config = parseConfig(
      `
reconciliation: { heartbeat: { url_env: PING } }
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_file: secret }
    internal: { kind: http, url: "http://127.0.0.1:1/", token_env: BOT }
ledger: { url_env: LEDGER }
notify:
  channels:
    phone: { kind: pagerduty, routing_key_env: PD }
    own: { kind: command, command: [call] }
`,
      '/etc/plumbline/plumbline.yaml',
    );
    const env = { PATH: '/bin', SMS_TOKEN: 'kept', KEY: SECRET, BOT: SECRET, LEDGER: SECRET, PD: SECRET, PING: SECRET };
    expect(commandEnvironment(config, { ...env, PLUMBLINE_DATABASE_URL: SECRET })).toEqual({
      PATH: '/bin',
      SMS_TOKEN: 'kept',
    });
  });
});
