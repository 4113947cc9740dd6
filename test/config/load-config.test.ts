import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, parseConfig, type ConfigProblem } from '../../src/config/load-config.js';
import type { PlumblineConfig } from '../../src/config/config.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { LIMITS, type LimitName } from '../../src/domain/limits/limits.js';
import { cpuMs } from '../support/cpu-time.js';

const SMALLEST = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: BINANCE_KEY, secret_env: BINANCE_SECRET }
    internal: { kind: http, url: "http://127.0.0.1:8080/state" }
`;
const FOLDER = resolve('/etc/plumbline');
const PATH = join(FOLDER, 'plumbline.yaml');
const parse = (text: string): PlumblineConfig => parseConfig(text, PATH);

function catching(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return new Error('nothing was thrown');
}

function errorOf(text: string): ConfigError {
  const error = catching(() => parse(text));
  if (error instanceof ConfigError) return error;
  throw error;
}

const problemsOf = (text: string): readonly ConfigProblem[] => errorOf(text).problems;
const account = (exchange: string, internal: string, rest = ''): string =>
  `accounts:\n  main:\n    exchange: ${exchange}\n    internal: ${internal}\n${rest}`;
const EXCHANGE = '{ id: binanceusdm, api_key_env: K, secret_env: S }';
const INTERNAL = '{ kind: file, path: state.json }';

describe('a configuration', () => {
  it('of one account is filled in with the defaults', () => {
    expect(parse(SMALLEST)).toEqual({
      path: PATH,
      accounts: [
        {
          name: 'main',
          enabled: true,
          exchange: {
            id: 'binanceusdm',
            credentials: { apiKey: { env: 'BINANCE_KEY' }, secret: { env: 'BINANCE_SECRET' } },
            baseUrl: null,
            deadlineSeconds: 10,
            weightPerMinute: null,
          },
          internal: [
            {
              name: null,
              source: {
                kind: 'http',
                url: 'http://127.0.0.1:8080/state',
                token: null,
                deadlineSeconds: 10,
                maxBytes: 33_554_432,
              },
              amounts: 'base',
              rows: 'positions',
              maxAgeSeconds: null,
            },
          ],
          aliases: { symbols: {}, currencies: {} },
          policy: DEFAULT_POLICY,
        },
      ],
      encryption: null,
      ledger: { url: { env: 'PLUMBLINE_DATABASE_URL' }, keepCleanEvidenceDays: 30 },
      serve: {
        host: '127.0.0.1',
        port: 9400,
        allowedHosts: [],
        tokens: [],
        metricsWithoutToken: false,
        readWithoutToken: false,
        publicUrl: null,
        linkSecret: null,
        gateWebhooks: [],
      },
      tracing: null,
      versioning: null,
      watch: { command: null },
      notify: { channels: [] },
      worker: { taskQueue: 'plumbline', metricsHost: '127.0.0.1', metricsPort: 9401, metricsAllowedHosts: [] },
    });
  });

  it('may set everything', () => {
    const text = `
reconciliation:
  enabled: false
  interval_minutes: 60
  failure_threshold: 5
  confirmations: 3
  confirm_interval_seconds: 5
  grace_seconds: 15
  max_observations: 8
  max_internal_age_seconds: 120
  retry_seconds: 0
  tolerance: { "*": 0.00000010, BTC/USDT:USDT: 1e-3, ETH/USDT: "0.50", BNB: { amount: 0.0010, percent: 0.20 } }
  aliases: { symbols: { A/B: C/B }, currencies: { XBT: XXX } }
  compare_balances: true
  ignore:
    symbols: [DOGE/USDT:USDT]
    client_order_id_prefixes: [x-]
    only_client_order_id_prefixes: [bot-]
    orders_without_client_id: true
    types: [ORDER_FILL_MISSED]
  intervene_on: [POSITION_OPENED_EXTERNALLY]
  unconfirmed_threshold: 4
  reminder_minutes: [5, 10]
  gate_max_age_minutes: 130
accounts:
  wallet_1:
    exchange: { id: hyperliquid, wallet_address_env: W, private_key_file: keys/pk, base_url: "http://127.0.0.1:9300/hyperliquid", deadline_seconds: 3 }
    internal: { kind: file, path: ../state.json, max_bytes: 1000 }
    reconciliation:
      enabled: true
      interval_minutes: 5
      gate_max_age_minutes: 7
      tolerance: { BTC/USDT:USDT: 0.1 }
      ignore: { symbols: [] }
  b:
    exchange: { id: okx, api_key_env: A, secret_env: B, password_file: /run/pw, uid_env: U, weight_per_minute: 600 }
    internal: { kind: http, url: "https://bot/state", token_file: token, deadline_seconds: 2, max_bytes: 5 }
    reconciliation:
      aliases: { currencies: { XBT: BTC, bitcoin: BTC } }
      baseline: { positions: { BTC/USDT:USDT: -0.50 }, balances: { XRP: 100.0 } }
      at_least: [USDT]
ledger: { url_file: db-url, keep_clean_evidence_days: 7 }
serve: { host: 0.0.0.0, port: 80, allowed_hosts: [serve, gate.example] }
watch: { command: [./notify, --team, ops] }
worker: { task_queue: q, metrics_host: 0.0.0.0, metrics_port: 0, metrics_allowed_hosts: [worker] }
`;
    const config = parse(text);
    expect(config).toMatchObject({
      ledger: { url: { file: join(FOLDER, 'db-url') }, keepCleanEvidenceDays: 7 },
      serve: { host: '0.0.0.0', port: 80, allowedHosts: ['serve', 'gate.example'] },
      notify: { channels: [] },
      watch: { command: ['/etc/plumbline/notify', '--team', 'ops'] },
      worker: { taskQueue: 'q', metricsHost: '0.0.0.0', metricsPort: 0, metricsAllowedHosts: ['worker'] },
    });
    const [first, second] = config.accounts;
    expect(second).toEqual({
      name: 'b',
      enabled: false,
      exchange: {
        id: 'okx',
        credentials: {
          apiKey: { env: 'A' },
          secret: { env: 'B' },
          password: { file: resolve('/run/pw') },
          uid: { env: 'U' },
        },
        baseUrl: null,
        deadlineSeconds: 10,
        weightPerMinute: 600,
      },
      internal: [
        {
          name: null,
          source: {
            kind: 'http',
            url: 'https://bot/state',
            token: { file: join(FOLDER, 'token') },
            deadlineSeconds: 2,
            maxBytes: 5,
          },
          amounts: 'base',
          rows: 'positions',
          maxAgeSeconds: null,
        },
      ],
      aliases: { symbols: { 'A/B': 'C/B' }, currencies: { XBT: 'BTC', bitcoin: 'BTC' } },
      policy: {
        intervalMinutes: 60,
        failureThreshold: 5,
        confirmations: 3,
        settleSeconds: 5,
        graceSeconds: 15,
        maxLooks: 8,
        maxInternalAgeSeconds: 120,
        retrySeconds: 0,
        tolerance: { '*': '0.00000010', 'BTC/USDT:USDT': '1e-3', 'ETH/USDT': '0.50', BNB: '0.0010+0.20%' },
        compareBalances: true,
        atLeast: ['USDT'],
        ignore: {
          symbols: ['DOGE/USDT:USDT'],
          clientOrderIdPrefixes: ['x-'],
          onlyClientOrderIdPrefixes: ['bot-'],
          ordersWithoutClientId: true,
          types: ['ORDER_FILL_MISSED'],
        },
        baseline: { positions: { 'BTC/USDT:USDT': '-0.50' }, balances: { XRP: '100.0' } },
        interveneOn: ['POSITION_OPENED_EXTERNALLY'],
        interveneOnNotCompared: [],
        unsettledThreshold: 4,
        reminderMinutes: [5, 10],
        gateMaxAgeMinutes: 130,
      },
    });
    expect(first).toMatchObject({
      enabled: true,
      exchange: {
        credentials: { walletAddress: { env: 'W' }, privateKey: { file: join(FOLDER, 'keys/pk') } },
        baseUrl: 'http://127.0.0.1:9300/hyperliquid',
        deadlineSeconds: 3,
      },
      internal: [{ source: { kind: 'file', path: resolve('/etc/state.json'), maxBytes: 1000 } }],
      policy: {
        intervalMinutes: 5,
        failureThreshold: 5,
        tolerance: { '*': '0.00000010', 'BTC/USDT:USDT': '0.1', 'ETH/USDT': '0.50', BNB: '0.0010+0.20%' },
        ignore: {
          symbols: [],
          clientOrderIdPrefixes: ['x-'],
          onlyClientOrderIdPrefixes: ['bot-'],
          types: ['ORDER_FILL_MISSED'],
        },
        gateMaxAgeMinutes: 7,
      },
    });
  });

  it.each([
    [5, 60],
    [30, 90],
    [1440, 4320],
  ])(
    'with an interval of %s minutes closes the trading gate after %s, where nothing else is said',
    (interval, gate) => {
      const text = `reconciliation: { interval_minutes: ${interval} }\n${SMALLEST}`;
      expect(parse(text).accounts[0]?.policy.gateMaxAgeMinutes).toBe(gate);
    },
  );

  it('may use anchors, aliases and merge keys', () => {
    const text = `
accounts:
  a: &a { exchange: &e { id: bybit, api_key_env: K, secret_env: S }, internal: ${INTERNAL} }
  b: { <<: *a, internal: { kind: file, path: b.json } }
`;
    expect(parse(text).accounts.map(({ name, exchange }) => [name, exchange.id])).toEqual([
      ['a', 'bybit'],
      ['b', 'bybit'],
    ]);
  });

  it('is read from a file, whose example is a good one', () => {
    const path = fileURLToPath(new URL('../../examples/plumbline.yaml', import.meta.url));
    const config = loadConfig(path);
    expect(config.path).toBe(path);
    expect(
      config.accounts.map(({ name, exchange, internal }) => [name, exchange.id, internal[0]?.source.kind]),
    ).toEqual([
      ['futures-main', 'binanceusdm', 'http'],
      ['grid-bybit', 'bybit', 'file'],
    ]);
  });
});

describe('a problem names path, line, value and remedy', () => {
  it.each<[string, string, Partial<ConfigProblem>]>([
    [
      'an interval below 5',
      `reconciliation: { interval_minutes: 4 }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minutes', line: 1, value: '4', remedy: 'set interval_minutes to 5 or more' },
    ],
    [
      'an interval above 1440',
      `reconciliation: { interval_minutes: 1441 }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minutes', value: '1441' },
    ],
    [
      'half a minute',
      `reconciliation: { interval_minutes: 5.5 }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minutes', value: '5.5' },
    ],
    [
      'an interval in words',
      `reconciliation: { interval_minutes: "30" }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minutes', value: '"30"' },
    ],
    [
      'an interval of nothing',
      `reconciliation: { interval_minutes: }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minutes', value: 'null' },
    ],
    [
      'a threshold of 0',
      `reconciliation: { failure_threshold: 0 }\n${SMALLEST}`,
      { path: 'reconciliation.failure_threshold', value: '0' },
    ],
    ['one observation', `reconciliation: { confirmations: 1 }\n${SMALLEST}`, { path: 'reconciliation.confirmations' }],
    [
      'an unknown type',
      `reconciliation: { intervene_on: [ORDER_LOST] }\n${SMALLEST}`,
      { path: 'reconciliation.intervene_on[0]', value: '"ORDER_LOST"' },
    ],
    [
      'no reminders',
      `reconciliation: { reminder_minutes: [] }\n${SMALLEST}`,
      { path: 'reconciliation.reminder_minutes' },
    ],
    [
      'a negative tolerance',
      `reconciliation: { tolerance: { X: -1 } }\n${SMALLEST}`,
      { path: 'reconciliation.tolerance.X', value: '"-1"' },
    ],
    [
      'an infinite tolerance',
      `reconciliation: { tolerance: { X: .inf } }\n${SMALLEST}`,
      { path: 'reconciliation.tolerance.X' },
    ],
    [
      'an exchange that ccxt does not have',
      account('{ id: binanceusdt, api_key_env: K }', INTERNAL),
      { path: 'accounts.main.exchange.id', line: 3, value: '"binanceusdt"', remedy: 'did you mean "binanceusdm"?' },
    ],
    [
      'no exchange id',
      account('{ api_key_env: K }', INTERNAL),
      { path: 'accounts.main.exchange.id', value: null, remedy: 'add id' },
    ],
    ['no credentials', account('{ id: bybit }', INTERNAL), { path: 'accounts.main.exchange' }],
    [
      'two places of a secret',
      account('{ id: bybit, secret_env: A, secret_file: B }', INTERNAL),
      { path: 'accounts.main.exchange.secret_file', remedy: 'keep one of the two' },
    ],
    [
      'no address',
      account('{ id: bybit, secret_env: A, base_url: localhost }', INTERNAL),
      { path: 'accounts.main.exchange.base_url' },
    ],
    [
      'an address of another kind',
      account(EXCHANGE, '{ kind: http, url: "ftp://bot/state" }'),
      { path: 'accounts.main.internal.url' },
    ],
    [
      'an unknown kind',
      account(EXCHANGE, '{ kind: ftp, url: x }'),
      {
        path: 'accounts.main.internal.kind',
        value: '"ftp"',
        remedy: expect.stringMatching(/^set kind to one of "http", "file", "freqtrade", "push", "sql"/) as never,
      },
    ],
    [
      'no internal state',
      'accounts: { main: { exchange: { id: bybit, secret_env: A } } }',
      { path: 'accounts.main.internal', value: null },
    ],
    [
      'a key of another kind',
      account(EXCHANGE, '{ kind: file, path: a, url: b }'),
      {
        path: 'accounts.main.internal.url',
        remedy: expect.stringMatching(/^remove it, or use one of kind, name, path, max_bytes/) as never,
      },
    ],
    [
      'internal state that is a text',
      account(EXCHANGE, 'state.json'),
      {
        path: 'accounts.main.internal',
        remedy: expect.stringMatching(/kind: http, kind: file, kind: freqtrade, kind: push/) as never,
      },
    ],
    [
      'a wrong source of several',
      account(EXCHANGE, '[{ kind: file, name: a, path: a }, { kind: file, name: b, path: b, amounts: lots }]'),
      {
        path: 'accounts.main.internal[1].amounts',
        value: '"lots"',
        remedy: 'set amounts to one of "base", "contracts"',
      },
    ],
    [
      'a mistyped key of a source',
      account(EXCHANGE, '[{ kind: file, name: a, path: a, row: trades }]'),
      { path: 'accounts.main.internal[0].row', remedy: 'did you mean rows?' },
    ],
    [
      'several sources without names',
      account(EXCHANGE, '[{ kind: file, name: a, path: a }, { kind: file, path: b }]'),
      { path: 'accounts.main.internal[1]', line: 4, message: 'it has no name, and there are several sources' },
    ],
    [
      'two sources of one name',
      account(EXCHANGE, '[{ kind: file, name: a, path: a }, { kind: file, name: a, path: b }]'),
      { path: 'accounts.main.internal[1].name', message: 'the name is that of source 1' },
    ],
    [
      'a secret in the address of a second source',
      account(EXCHANGE, '[{ kind: file, name: a, path: a }, { kind: http, name: b, url: "https://u:pw@h/" }]'),
      { path: 'accounts.main.internal[1].url', value: '[redacted]' },
    ],
    [
      "a source that may be older than the account's state",
      account(EXCHANGE, '{ kind: file, path: a, max_internal_age_seconds: 301 }'),
      { path: 'accounts.main.internal.max_internal_age_seconds', remedy: expect.stringMatching(/to 301$/) as never },
    ],
    [
      'a tolerance of both forms with a percentage in its amount',
      `reconciliation: { tolerance: { BTC: { amount: "1%", percent: 1 } } }\n${SMALLEST}`,
      { path: 'reconciliation.tolerance.BTC.amount' },
    ],
    [
      'a baseline that is no number',
      `reconciliation: { baseline: { balances: { XRP: lots } } }\n${SMALLEST}`,
      { path: 'reconciliation.baseline.balances.XRP', value: '"lots"' },
    ],
    [
      'a mistyped key',
      `reconciliation: { interval_minute: 30 }\n${SMALLEST}`,
      { path: 'reconciliation.interval_minute', value: '30', remedy: 'did you mean interval_minutes?' },
    ],
    [
      'a key in another style',
      `reconciliation: { intervalMinutes: 30 }\n${SMALLEST}`,
      { path: 'reconciliation.intervalMinutes', remedy: 'did you mean interval_minutes?' },
    ],
    [
      'a key of an earlier version',
      `${SMALLEST}reconciliation: { settle_seconds: 30 }`,
      {
        path: 'reconciliation.settle_seconds',
        value: '30',
        remedy: 'it is now called confirm_interval_seconds: rename it and keep its value',
      },
    ],
    [
      'a mistyped section',
      `reconcilation: {}\n${SMALLEST}`,
      { path: 'reconcilation', remedy: 'did you mean reconciliation?' },
    ],
    [
      'a rule in the wrong place',
      account(EXCHANGE, INTERNAL, '    failure_threshold: 3'),
      { path: 'accounts.main.failure_threshold', line: 5, remedy: 'write it under accounts.main.reconciliation' },
    ],
    [
      "Temporal's connection",
      `temporal: { address: x }\n${SMALLEST}`,
      { path: 'temporal.address', remedy: expect.stringContaining('TEMPORAL_ADDRESS') as never },
    ],
    [
      'a name in capitals',
      SMALLEST.replace('main:', 'Main Account:'),
      { path: 'accounts["Main Account"]', remedy: 'rename it, for example to main-account' },
    ],
    [
      'a name that is too long',
      SMALLEST.replace('main:', `${'a'.repeat(64)}:`),
      { path: `accounts.${'a'.repeat(64)}` },
    ],
    ['a name with a meaning of its own', SMALLEST.replace('main:', '__proto__:'), { path: 'accounts.__proto__' }],
    ['no accounts', 'reconciliation: {}', { path: 'accounts', value: null }],
    ['an empty list of accounts', 'accounts: {}', { path: 'accounts' }],
    ['nothing at all', '# nothing yet', { path: 'accounts' }],
    ['a list', '- a', { path: '' }],
    ['a port that is none', `serve: { port: 70000 }\n${SMALLEST}`, { path: 'serve.port', value: '70000' }],
    ['the same port twice', `serve: { port: 9401 }\n${SMALLEST}`, { path: 'serve.port' }],
    [
      'more confirmations than observations',
      `reconciliation: { confirmations: 7 }\n${SMALLEST}`,
      { path: 'reconciliation.confirmations' },
    ],
    [
      'observations beyond the interval',
      `reconciliation: { interval_minutes: 5, max_observations: 31 }\n${SMALLEST}`,
      { path: 'reconciliation.max_observations' },
    ],
    [
      'observations within the grace',
      `reconciliation: { grace_seconds: 60 }\n${SMALLEST}`,
      { path: 'reconciliation.grace_seconds' },
    ],
    [
      'retries beyond the interval',
      `reconciliation: { interval_minutes: 5, retry_seconds: 300 }\n${SMALLEST}`,
      { path: 'reconciliation.retry_seconds' },
    ],
    [
      'a trading gate that closes between runs',
      `reconciliation: { gate_max_age_minutes: 30 }\n${SMALLEST}`,
      { path: 'reconciliation.gate_max_age_minutes' },
    ],
    [
      "a relation that the account's own rules break",
      account(EXCHANGE, INTERNAL, '    reconciliation: { interval_minutes: 5, confirm_interval_seconds: 60 }'),
      { path: 'accounts.main.reconciliation.confirm_interval_seconds' },
    ],
  ])('%s', (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(expected);
    expect(problems[0]?.message).not.toBe('');
    expect(problems[0]?.remedy).not.toBe('');
  });

  it('and all problems are reported at once, in the order of the file', () => {
    const text = `
reconciliation:
  interval_minutes: 1
  max_look: 3
accounts:
  a:
    exchange: { id: nope-nope, api_key_env: K }
    internal: { kind: file }
  B: {}
  c:
    exchange: { id: bybit, api_key_env: K, secret: hunter2hunter2 }
    internal: { kind: http, url: "http://u:pw@h/", extra: 1 }
    reconciliation: { retry_seconds: 3600, gate_max_age_minutes: 1 }
serve: { port: -1 }
nonsense: 1
`;
    const error = errorOf(text);
    expect(error.problems.map(({ path }) => path)).toEqual([
      'reconciliation.interval_minutes',
      'reconciliation.max_look',
      'accounts.a.exchange.id',
      'accounts.a.internal.path',
      'accounts.B.exchange',
      'accounts.B.internal',
      'accounts.B',
      'accounts.c.exchange.secret',
      'accounts.c.internal.extra',
      'accounts.c.internal.url',
      'serve.port',
      'nonsense',
    ]);
    expect(error.message).toContain(
      `${PATH} has 12 problems:\n  - reconciliation.interval_minutes (line 3): it is 1, expected 5 or more\n    remedy: set interval_minutes to 5 or more\n`,
    );
    expect(error.remedy).toContain(PATH);
  });

  it('relations are reported although another part of the file is wrong', () => {
    const text = `reconciliation: { gate_max_age_minutes: 10 }\nserve: { port: x }\n${SMALLEST}`;
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['reconciliation.gate_max_age_minutes', 'serve.port']);
  });
});

describe('a secret in the file is refused and not reported', () => {
  const SECRET = 'Zx9-hunter2-Qk';
  it.each([
    [
      'api_key',
      account(`{ id: bybit, api_key: ${SECRET}, secret_env: S }`, INTERNAL),
      'accounts.main.exchange.api_key',
      'api_key_env: MAIN_API_KEY',
    ],
    [
      'apiKey',
      account(`{ id: bybit, apiKey: ${SECRET}, secret_env: S }`, INTERNAL),
      'accounts.main.exchange.apiKey',
      'api_key_env: MAIN_API_KEY',
    ],
    [
      'secret',
      account(`{ id: bybit, secret: ${SECRET}, api_key_env: S }`, INTERNAL),
      'accounts.main.exchange.secret',
      'secret_env: MAIN_SECRET',
    ],
    [
      'password',
      account(`{ id: okx, password: ${SECRET}, api_key_env: S }`, INTERNAL),
      'accounts.main.exchange.password',
      'password_env: MAIN_PASSWORD',
    ],
    [
      'passphrase',
      account(`{ id: okx, passphrase: ${SECRET}, api_key_env: S }`, INTERNAL),
      'accounts.main.exchange.passphrase',
      'name an environment variable or a file',
    ],
    [
      'private_key',
      account(`{ id: hyperliquid, private_key: ${SECRET} }`, INTERNAL),
      'accounts.main.exchange.private_key',
      'private_key_env',
    ],
    [
      'privateKey of several lines',
      account(`\n      id: hyperliquid\n      private_key: |\n        ${SECRET}\n        ${SECRET}`, INTERNAL),
      'accounts.main.exchange.private_key',
      'private_key_env',
    ],
    [
      'uid',
      account('{ id: bitget, uid: 9876543210123, api_key_env: S }', INTERNAL),
      'accounts.main.exchange.uid',
      'uid_env',
    ],
    [
      'token',
      account(EXCHANGE, `{ kind: http, url: "http://h/", token: ${SECRET} }`),
      'accounts.main.internal.token',
      'token_env: MAIN_TOKEN',
    ],
    [
      'bearer_token',
      account(EXCHANGE, `{ kind: http, url: "http://h/", bearer_token: ${SECRET} }`),
      'accounts.main.internal.bearer_token',
      'token_env',
    ],
    [
      'authorization',
      account(EXCHANGE, `{ kind: http, url: "http://h/", authorization: Bearer ${SECRET} }`),
      'accounts.main.internal.authorization',
      'name an environment variable or a file',
    ],
    [
      'a password in the internal address',
      account(EXCHANGE, `{ kind: http, url: "http://u:${SECRET}@h/" }`),
      'accounts.main.internal.url',
      'token_env',
    ],
    [
      'a token in the internal address',
      account(EXCHANGE, `{ kind: http, url: "http://h/?access_token=${SECRET}" }`),
      'accounts.main.internal.url',
      'token_env',
    ],
    [
      'a password in the base address',
      account(`{ id: bybit, api_key_env: A, base_url: "http://u:${SECRET}@h/" }`, INTERNAL),
      'accounts.main.exchange.base_url',
      'api_key_env',
    ],
    [
      'the ledger',
      `${SMALLEST}ledger: { url: "postgres://u:${SECRET}@h/db" }`,
      'ledger.url',
      'url_env: PLUMBLINE_DATABASE_URL',
    ],
    [
      'the ledger under another name',
      `${SMALLEST}ledger: { database_url: "postgres://u:${SECRET}@h/db" }`,
      'ledger.database_url',
      'url_env',
    ],
    ['an unknown key with an address', `${SMALLEST}webhook: "https://u:${SECRET}@h/"`, 'webhook', ''],
    [
      'an unknown key that speaks of a secret',
      `${SMALLEST}slack_token: ${SECRET}`,
      'slack_token',
      'name an environment variable or a file',
    ],
    [
      'a key in the wrong place',
      account('vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv', INTERNAL),
      'accounts.main.exchange',
      'set exchange to a map',
    ],
    ['a key under an unknown name', `${SMALLEST}x: vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv`, 'x', 'use one of'],
    [
      'the secret as the name of a variable',
      account(`{ id: bybit, api_key_env: ${SECRET}, secret_env: S }`, INTERNAL),
      'accounts.main.exchange.api_key_env',
      'such as MAIN_API_KEY',
    ],
    [
      'a key of letters and digits as the name of a variable',
      account('{ id: bybit, api_key_env: vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv, secret_env: S }', INTERNAL),
      'accounts.main.exchange.api_key_env',
      'such as MAIN_API_KEY',
    ],
  ])('%s', (_, text, path, remedy) => {
    const error = errorOf(text);
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]).toMatchObject({ path, value: '[redacted]', remedy: expect.stringContaining(remedy) });
    const reported = JSON.stringify([error.problems, error.message, error.stack]);
    expect(reported).not.toMatch(/hunter2|9876543210123|vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv/);
  });

  it.each([
    ['an alias', 'accounts: { main: { exchange: { secret: *Zx9hunter2Qk } } }'],
    ['a tag', 'accounts: { main: { exchange: { secret: !Zx9hunter2Qk x } } }'],
    ['an open quote', 'accounts:\n  main:\n    exchange: { secret: "Zx9hunter2Qk\n'],
    ['a bad indentation', 'accounts:\n  secret: Zx9hunter2Qk\n more: Zx9hunter2Qk\n'],
    ['a reserved character', 'accounts:\n  secret: @Zx9hunter2Qk\n'],
    ['a bad escape', 'secret: "\\Zx9hunter2Qk"'],
    ['a percent', 'secret: %Zx9hunter2Qk'],
    ['a colon too much', 'secret: a: Zx9hunter2Qk'],
  ])('nor where the YAML is broken by %s', (_, text) => {
    const error = errorOf(text);
    expect(error.problems[0]?.line).toBeGreaterThan(0);
    expect(error.problems[0]?.column).toBeGreaterThan(0);
    expect(JSON.stringify([error.problems, error.message])).not.toContain('hunter2');
  });
});

describe('a file that is no YAML', () => {
  it('is reported with line and column', () => {
    const [problem] = problemsOf('accounts:\n  main:\n    exchange: { id: bybit\n    internal: 1\n');
    expect(problem).toMatchObject({ path: '', line: 4, message: expect.stringMatching(/^line 4, column \d+: /) });
  });

  it('with a repeated key is refused', () => {
    expect(problemsOf(`${SMALLEST}serve: {}\nserve: {}\n`)[0]).toMatchObject({
      line: 7,
      message: expect.stringContaining('twice'),
    });
  });

  it.each([
    ['a number and a text', '1: a\n"1": b\n', 2],
    ['a truth value and a text', 'true: a\n"true": b\n', 2],
    ['two numbers', '16: a\n0x10: b\n', 2],
    ['two empty keys', '~: a\nnull: b\n', 2],
    ['a quoted key', "serve: {}\n'serve': {}\n", 2],
    ['a key with an anchor', '&x serve: {}\nserve: {}\n', 2],
    ['an alias of a key', 'name: &x main\naccounts:\n  *x : {}\n  main: {}\n', 4],
    ['a nested map', 'accounts: { main: { exchange: 1, exchange: 2 } }\n', 1],
    ['a quoted <<', '"<<": {}\n"<<": {}\n', 2],
  ])('with a key repeated as %s is refused', (_, text, line) => {
    expect(problemsOf(text)).toMatchObject([{ line, message: expect.stringContaining('the same key twice') }]);
  });

  it('may merge two maps, and override what it merges', () => {
    const merged = `x: &a { bot: 1 }\ny: &b { bot: 2 }\nz: { <<: *a, <<: *b, bot: 3 }\n`;
    expect(problemsOf(merged).map(({ message }) => message)).not.toContainEqual(expect.stringContaining('twice'));
  });

  it('that explodes by aliases is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`),
    ];
    expect(problemsOf(bomb.join('\n'))).toHaveLength(1);
  });
});

describe('a file beyond a limit', () => {
  const nested = (depth: number): string => `a: ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}`;
  const blocks = (depth: number): string =>
    Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
  it.each<[string, string, LimitName]>([
    ['that nests in brackets', nested(LIMITS.configDepth.value + 1), 'configDepth'],
    ['that nests in blocks', blocks(LIMITS.configDepth.value + 1), 'configDepth'],
    ['that nests in dashes', `a: 1\nb:\n  ${'- '.repeat(21)}x`, 'configDepth'],
    ['that nests without end', '['.repeat(1_000_000), 'configDepth'],
    ['that nests without end in maps', '{a: '.repeat(1_000_000), 'configDepth'],
    ['that nests without end in dashes', '- '.repeat(1_000_000), 'configDepth'],
    ['that nests without end in questions', '? '.repeat(1_000_000), 'configDepth'],
    ['that nests without end over lines', '[\n'.repeat(1_000_000), 'configDepth'],
    ['with a long text', `a: ${'x'.repeat(LIMITS.configTextLength.value + 1)}`, 'configTextLength'],
    ['with a long key', `? ${'x'.repeat(LIMITS.configTextLength.value + 1)}\n: 1`, 'configTextLength'],
    [
      'that unfolds by aliases',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`),
      ].join('\n'),
      'configAliases',
    ],
    [
      'with too many accounts',
      `accounts:\n${Array.from({ length: LIMITS.accounts.value + 1 }, (_, i) => `  a${i}: 1\n`).join('')}`,
      'accounts',
    ],
  ])('%s is too large', (_, text, limit) => {
    const began = cpuMs();
    const error = errorOf(text);
    expect(cpuMs() - began).toBeLessThan(10_000);
    expect(error.kind).toBe('too_large');
    expect(error.problems.map((problem) => problem.limit)).toContain(limit);
    const problem = error.problems.find((each) => each.limit === limit);
    expect(problem?.message).toContain(String(LIMITS[limit].value === 100 ? 'aliases' : LIMITS[limit].value));
    expect(problem?.remedy).toBe(LIMITS[limit].remedy);
  });

  it('within it is read', () => {
    expect(problemsOf(nested(LIMITS.configDepth.value)).some(({ limit }) => limit !== undefined)).toBe(false);
    expect(problemsOf(blocks(LIMITS.configDepth.value)).some(({ limit }) => limit !== undefined)).toBe(false);
    const text = `a: ${'x'.repeat(LIMITS.configTextLength.value)}`;
    expect(problemsOf(text).some(({ limit }) => limit !== undefined)).toBe(false);
  });

  it('is one document only', () => {
    for (const more of ['---\naccounts: {}\n', '...\n---\n', '--- x']) {
      expect(problemsOf(`${SMALLEST}${more}`)).toMatchObject([
        { message: expect.stringContaining('a second document') },
      ]);
    }
    expect(parse(`---\n${SMALLEST}...\n`).accounts).toHaveLength(1);
  });
});

describe('a file that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['missing', join(folder, 'none.yaml'), /no such file/, /--config or PLUMBLINE_CONFIG/],
    ['a directory', folder, /is a directory/, /YAML file/],
  ])('because it is %s is reported with a remedy', (_, path, message, remedy) => {
    const problem = { message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) };
    expect(catching(() => loadConfig(path))).toMatchObject({ name: 'ConfigError', path, problems: [problem] });
  });

  it('because it is too large, or a device, is not read on', () => {
    const path = join(folder, 'large.yaml');
    writeFileSync(path, `#${' '.repeat(LIMITS.configBytes.value)}`);
    expect(catching(() => loadConfig(path))).toMatchObject({ kind: 'too_large', problems: [{ limit: 'configBytes' }] });
    expect(catching(() => loadConfig('/dev/zero'))).toMatchObject({
      kind: 'configuration',
      problems: [{ message: 'it is a pipe, a socket or a device' }],
    });
  });

  it('and one that can be is', () => {
    writeFileSync(join(folder, 'plumbline.yaml'), SMALLEST);
    expect(loadConfig(join(folder, 'plumbline.yaml')).accounts).toHaveLength(1);
  });
});
