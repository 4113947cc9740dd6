import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';
import { checkPolicyChannels, channelNames } from '../../src/config/notify-relations.js';
import type { ChannelConfig } from '../../src/config/channel-config.js';

const ACCOUNTS = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: state.json }
`;

const channelsOf = (lines: readonly string[]): ChannelConfig[] =>
  parseConfig(
    `${ACCOUNTS}notify:\n  channels:\n${lines.map((line) => `    ${line}\n`).join('')}`,
    '/etc/plumbline/plumbline.yaml',
  ).notify.channels;

function problemsOf(...lines: string[]): string[] {
  try {
    channelsOf(lines);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message, remedy }) => `${path}: ${message}: ${remedy}`);
  }
}

describe('a channel of each kind', () => {
  it('is read with its defaults, and with names in place of secrets', () => {
    expect(
      channelsOf([
        'own: { kind: webhook, url: "https://hooks.example/in", secret_env: HOOK_SECRET, token_file: token }',
        'chat: { kind: slack, url_env: SLACK_URL }',
        'bot: { kind: slack, token_env: SLACK_TOKEN, channel: C0123456789, deadline_seconds: 5 }',
        'guild: { kind: discord, url_file: /run/discord }',
        'tele: { kind: telegram, token_env: TG, chat_id: -1001234567890, acknowledge_by: { 4711: anna } }',
        'push: { kind: ntfy, topic: plumbline, token_env: NTFY }',
        'over: { kind: pushover, token_env: PO_TOKEN, user_env: PO_USER, retry_seconds: 30 }',
        'phone: { kind: pagerduty, routing_key_env: PD }',
        'genie: { kind: opsgenie, api_key_env: OG, teams: [trading], base_url: "https://api.eu.opsgenie.com" }',
        'prom: { kind: alertmanager, url: "http://127.0.0.1:9093", labels: { team: trading } }',
        'mail: { kind: email, host: smtp.example, username: u, password_env: MAIL, from: a@b.example, to: [c@d.example] }',
        'run: { kind: command, command: [./call, ops] }',
        'all: { kind: apprise, url: "http://127.0.0.1:8000", key_env: APPRISE, tags: [ops] }',
      ]),
    ).toEqual([
      {
        name: 'own',
        kind: 'webhook',
        settings: { url: 'https://hooks.example/in', allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { secret: { env: 'HOOK_SECRET' }, token: { file: '/etc/plumbline/token' } },
      },
      {
        name: 'chat',
        kind: 'slack',
        settings: { baseUrl: 'https://slack.com', allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { url: { env: 'SLACK_URL' } },
      },
      {
        name: 'bot',
        kind: 'slack',
        settings: { channel: 'C0123456789', baseUrl: 'https://slack.com', allowPlainHttp: false, deadlineSeconds: 5 },
        secrets: { token: { env: 'SLACK_TOKEN' } },
      },
      {
        name: 'guild',
        kind: 'discord',
        settings: { allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { url: { file: '/run/discord' } },
      },
      {
        name: 'tele',
        kind: 'telegram',
        settings: {
          chatId: '-1001234567890',
          acknowledgeBy: { '4711': 'anna' },
          baseUrl: 'https://api.telegram.org',
          allowPlainHttp: false,
          deadlineSeconds: 10,
        },
        secrets: { token: { env: 'TG' } },
      },
      {
        name: 'push',
        kind: 'ntfy',
        settings: { url: 'https://ntfy.sh', topic: 'plumbline', allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { token: { env: 'NTFY' } },
      },
      {
        name: 'over',
        kind: 'pushover',
        settings: {
          retrySeconds: 30,
          expireSeconds: 3_600,
          baseUrl: 'https://api.pushover.net',
          allowPlainHttp: false,
          deadlineSeconds: 10,
        },
        secrets: { token: { env: 'PO_TOKEN' }, user: { env: 'PO_USER' } },
      },
      {
        name: 'phone',
        kind: 'pagerduty',
        settings: { baseUrl: 'https://events.pagerduty.com', allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { routing_key: { env: 'PD' } },
      },
      {
        name: 'genie',
        kind: 'opsgenie',
        settings: {
          teams: ['trading'],
          baseUrl: 'https://api.eu.opsgenie.com',
          allowPlainHttp: false,
          deadlineSeconds: 10,
        },
        secrets: { api_key: { env: 'OG' } },
      },
      {
        name: 'prom',
        kind: 'alertmanager',
        settings: {
          url: 'http://127.0.0.1:9093',
          labels: { team: 'trading' },
          allowPlainHttp: false,
          deadlineSeconds: 10,
        },
        secrets: {},
      },
      {
        name: 'mail',
        kind: 'email',
        settings: {
          host: 'smtp.example',
          tls: 'starttls',
          username: 'u',
          from: 'a@b.example',
          to: ['c@d.example'],
          deadlineSeconds: 10,
        },
        secrets: { password: { env: 'MAIL' } },
      },
      {
        name: 'run',
        kind: 'command',
        settings: { command: ['/etc/plumbline/call', 'ops'], deadlineSeconds: 10 },
        secrets: {},
      },
      {
        name: 'all',
        kind: 'apprise',
        settings: { url: 'http://127.0.0.1:8000', tags: ['ops'], allowPlainHttp: false, deadlineSeconds: 10 },
        secrets: { key: { env: 'APPRISE' } },
      },
    ]);
  });
});

describe('a channel is refused', () => {
  it.each([
    [
      'an unknown kind',
      'a: { kind: slak, url_env: U }',
      /^notify\.channels\.a\.kind: it is "slak".*did you mean "slack"/,
    ],
    ['no kind', 'a: { url_env: U }', /^notify\.channels\.a\.kind: it is missing/],
    ['a name with capitals', 'Chat: { kind: slack, url_env: U }', /^notify\.channels\.Chat: the name .*to chat$/],
    ['a name of 41', `${'a'.repeat(41)}: { kind: slack, url_env: U }`, /at most 40 long/],
    ['the name of the log', 'log: { kind: slack, url_env: U }', /belongs to the worker's log.*rename it/],
    ['a second log', 'terminal: { kind: log }', /channels\.terminal: .*reaches nobody.*remove it/],
    [
      'an unknown field',
      'a: { kind: slack, url_env: U, chanel: x }',
      /a\.chanel: there is no such key: did you mean channel/,
    ],
    ['no secret', 'a: { kind: pagerduty }', /^notify\.channels\.a: it has no routing_key.*add routing_key_env/],
    ['neither of two', 'a: { kind: slack }', /no url and no token.*add url_env or token_env/],
    [
      'both of two',
      'a: { kind: slack, url_env: U, token_env: T, channel: C }',
      /token_env: both url_env and token_env/,
    ],
    ['variable and file', 'a: { kind: discord, url_env: U, url_file: f }', /both url_env and url_file are given/],
    ['a bot without a channel', 'a: { kind: slack, token_env: T }', /a token and no channel/],
    [
      'a webhook with a channel',
      'a: { kind: slack, url_env: T, channel: C1 }',
      /channel: an incoming webhook has its own/,
    ],
    ['a webhook without a secret', 'a: { kind: webhook, url: "https://h.example" }', /it has no secret/],
    ['a topic in the address', 'a: { kind: ntfy, url: "https://ntfy.sh/abc", topic: abc }', /url: .*without a topic/],
    ['a topic with a slash', 'a: { kind: ntfy, topic: a/b }', /topic: it is "a\/b", expected letters/],
    [
      'a user without a password',
      'a: { kind: email, host: h, from: a@b, to: [a@b], username: u }',
      /username and no password/,
    ],
    [
      'an open password',
      'a: { kind: email, host: h, from: a@b, to: [a@b], tls: none, username: u, password_env: P }',
      /tls: the password would go to h unencrypted/,
    ],
    ['no receiver', 'a: { kind: email, host: h, from: a@b, to: [] }', /a\.to: /],
    ['two lines in an address', 'a: { kind: email, host: h, from: "a@b\\nBcc: x@y", to: [a@b] }', /a\.from: /],
    ['a program without a name', 'a: { kind: command, command: [""] }', /a\.command: /],
  ])('with %s', (_, line, expected) => {
    expect(problemsOf(line)).toEqual([expect.stringMatching(expected)]);
  });

  it('if there are more than 50', () => {
    const lines = Array.from({ length: 51 }, (_, index) => `c${index}: { kind: slack, url_env: U }`);
    expect(problemsOf(...lines)).toEqual([expect.stringContaining('at most 50 channels')]);
    expect(problemsOf(...lines.slice(1))).toEqual([]);
  });
});

const SECRET = 'T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';

describe('a secret in the file', () => {
  it.each([
    [`a: { kind: slack, url: "https://hooks.slack.com/services/${SECRET}" }`, 'url_env'],
    [`a: { kind: slack, url_env: "https://hooks.slack.com/services/${SECRET}" }`, 'environment variable'],
    [`a: { kind: pagerduty, routing_key: R0123456789ABCDEF0123456789ABCDE }`, 'routing_key_env'],
    [`a: { kind: webhook, url: "https://user:0123456789ABC@h.example/", secret_env: S }`, 'url_env'],
    [`a: { kind: webhook, url: "https://h.example/?token=${SECRET}", secret_env: S }`, 'url_env'],
    [`a: { kind: alertmanager, url: "https://u:0123456789ABC@h.example/" }`, 'remove it'],
    [`a: { kind: alertmanager, url: "https://u:${SECRET}@h.example/" }`, 'an http:// or https:// address'],
  ])('is refused and not shown: %s', (line, remedy) => {
    const problems = problemsOf(line);
    expect(problems[0]).toContain(remedy);
    expect(problems.join()).not.toMatch(/XXXX|0123456789ABC/);
  });
});

describe('a secret over http:// to another host', () => {
  const plain = [
    'a: { kind: webhook, url: "http://h.example", secret_env: S, token_env: T',
    'a: { kind: slack, token_env: T, channel: C1, base_url: "http://proxy"',
    'a: { kind: telegram, token_env: T, chat_id: 1, base_url: "http://proxy"',
    'a: { kind: ntfy, url: "http://ntfy", topic: t, token_env: T',
    'a: { kind: pushover, token_env: T, user_env: U, base_url: "http://proxy"',
    'a: { kind: pagerduty, routing_key_env: T, base_url: "http://proxy"',
    'a: { kind: opsgenie, api_key_env: T, base_url: "http://proxy"',
    'a: { kind: alertmanager, url: "http://am:9093", token_env: T',
    'a: { kind: apprise, url: "http://apprise:8000", urls_env: T',
  ];
  it.each(plain)('is refused unless it is allowed: %s', (line) => {
    expect(problemsOf(`${line} }`)).toEqual([expect.stringMatching(/unencrypted.*allow_plain_http: true/)]);
    expect(problemsOf(`${line}, allow_plain_http: true }`)).toEqual([]);
  });

  it('does not concern addresses without a secret', () => {
    expect(problemsOf('a: { kind: alertmanager, url: "http://am:9093" }')).toEqual([]);
    expect(problemsOf('a: { kind: ntfy, url: "http://ntfy", topic: t }')).toEqual([]);
    expect(problemsOf('a: { kind: webhook, url: "http://h.example", secret_env: S }')).toEqual([]);
  });
});

describe('a policy that names a channel', () => {
  const known = channelNames({ channels: { chat: {}, phone: {} } });
  const check = (policy: Parameters<typeof checkPolicyChannels>[0]): unknown[] =>
    checkPolicyChannels(policy, known, (field) => ['reconciliation', field]);

  it('is refused if there is no such channel, with a suggestion', () => {
    const escalation = [
      { afterMinutes: 0, channels: ['chat', 'log'] },
      { afterMinutes: 10, channels: ['phon'] },
    ];
    expect(check({ escalation, notifyChannels: ['nobody'] })).toEqual([
      {
        at: ['reconciliation', 'escalation', 1, 'channels', 0],
        value: '"phon"',
        message: 'there is no channel "phon" in notify.channels',
        remedy: 'did you mean phone?',
      },
      {
        at: ['reconciliation', 'notify', 0],
        value: '"nobody"',
        message: 'there is no channel "nobody" in notify.channels',
        remedy: 'add it under notify.channels, or use one of log, chat, phone',
      },
    ]);
  });

  it('is refused at its place in the file, in the defaults and in an account', () => {
    const rules = (escalation: string): string =>
      `{ escalation: ${escalation}, notify: [log] }\nnotify: { channels: { chat: { kind: slack, url_env: U } } }\n`;
    const problems = (text: string): string[] => {
      try {
        parseConfig(text, '/etc/plumbline.yaml');
        return [];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return error.problems.map(({ path, line, remedy }) => `${line}: ${path}: ${remedy}`);
      }
    };
    const ladder = '[{ after: 0m, channels: [chat] }, { after: 10m, channels: [log, chatt] }]';
    expect(problems(`${ACCOUNTS}reconciliation: ${rules(ladder)}`)).toEqual([
      '6: reconciliation.escalation[1].channels[1]: did you mean chat?',
    ]);
    expect(problems(`${ACCOUNTS}    reconciliation: ${rules(ladder)}`)).toEqual([
      '6: accounts.main.reconciliation.escalation[1].channels[1]: did you mean chat?',
    ]);
    expect(problems(`${ACCOUNTS}reconciliation: ${rules(ladder.replace('chatt', 'chat'))}`)).toEqual([]);
  });

  it('may name the log without configuring it', () => {
    expect(checkPolicyChannels({ notifyChannels: ['log'] }, channelNames(undefined), () => [])).toEqual([]);
    expect(check({})).toEqual([]);
  });
});
