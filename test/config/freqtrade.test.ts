import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { commandEnvironment } from '../../src/config/command-environment.js';
import type { PlumblineConfig } from '../../src/config/config.js';
import { ConfigError, loadConfig, parseConfig } from '../../src/config/load-config.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';

const SMALLEST = "kind: freqtrade, url: 'http://127.0.0.1:8080', username_env: FT_USER, password_env: FT_PASSWORD";

function parse(internal: string, more = '', defaults = ''): PlumblineConfig {
  return parseConfig(
    `accounts:\n  main:\n    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }\n    internal: ${internal}\n${more}${defaults}`,
    '/etc/plumbline.yaml',
  );
}

function problemsOf(internal: string, more = '', defaults = ''): string[] {
  try {
    parse(internal, more, defaults);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message, remedy }) => `${path}: ${message}: ${remedy}`);
  }
}

describe('internal: {kind: freqtrade}', () => {
  it('is filled in with its defaults', () => {
    const [account] = parse(`{ ${SMALLEST} }`).accounts;
    expect(account?.internal).toEqual([
      {
        name: null,
        source: {
          kind: 'freqtrade',
          url: 'http://127.0.0.1:8080',
          username: { env: 'FT_USER' },
          password: { env: 'FT_PASSWORD' },
          bot: { botName: null, exchange: 'binanceusdm', tradingMode: null, stakeCurrency: null },
          atLeast: [],
          deadlineSeconds: 10,
          maxBytes: 33_554_432,
        },
        amounts: 'base',
        rows: 'positions',
        maxAgeSeconds: null,
      },
    ]);
  });

  it('takes which bot it is, and the currencies that the account may hold more of', () => {
    const more = '    reconciliation: { at_least: [BTC, BNB] }\n';
    const [account] = parse(`{ ${SMALLEST}, bot_name: alpha, trading_mode: spot, stake_currency: EUR }`, more).accounts;
    expect(account?.internal[0]?.source).toMatchObject({
      bot: { botName: 'alpha', tradingMode: 'spot', stakeCurrency: 'EUR' },
      atLeast: ['BTC', 'BNB'],
    });
  });

  it('keeps its secrets from programs that the configuration names', () => {
    const env = { FT_USER: 'u', FT_PASSWORD: 'p', HOME: '/root' };
    expect(commandEnvironment(parse(`{ ${SMALLEST} }`), env)).toEqual({ HOME: '/root' });
  });

  it.each([
    [
      'no password',
      SMALLEST.replace(', password_env: FT_PASSWORD', ''),
      /internal\.password_env: it is missing; Freqtrade/,
    ],
    [
      'no user name',
      SMALLEST.replace(', username_env: FT_USER', ''),
      /internal\.username_env: it is missing.*api_server\.username/,
    ],
    ['two passwords', `${SMALLEST}, password_file: pw`, /internal\.password_file: both password_env and password_file/],
    [
      'a password in the address',
      SMALLEST.replace('127', 'u:pw@127'),
      /internal\.url: .*username_env and password_env/,
    ],
    [
      'http:// to another host',
      SMALLEST.replace('127.0.0.1', 'bot'),
      /internal\.url: the password would go to bot unencrypted/,
    ],
    ['amounts', `${SMALLEST}, amounts: contracts`, /internal/],
    ['another mode', `${SMALLEST}, trading_mode: margin`, /trading_mode/],
  ])('is refused with %s', (_, internal, problem) => {
    const problems = problemsOf(`{ ${internal} }`);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('pw@');
  });

  it('may be reached over http:// where only its user sees the traffic', () => {
    expect(problemsOf(`{ ${SMALLEST.replace('127.0.0.1', 'bot')}, allow_plain_http: true }`)).toEqual([]);
  });
});

describe('the database of a Freqtrade', () => {
  it.each([
    ['{ path: user_data/tradesv3.sqlite }', { kind: 'sqlite', path: '/etc/user_data/tradesv3.sqlite' }],
    ['{ url_env: FT_DB }', { kind: 'server', url: { env: 'FT_DB' } }],
    ['{ url_file: db }', { kind: 'server', url: { file: '/etc/db' } }],
  ])('is %s', (database, expected) => {
    const [account] = parse(`{ ${SMALLEST}, database: ${database} }`).accounts;
    expect(account?.internal[0]?.source).toMatchObject({ database: expected });
  });

  it('keeps its URL from programs that the configuration names', () => {
    const env = { FT_USER: 'u', FT_PASSWORD: 'p', FT_DB: 'postgres://u:p@h/d', HOME: '/root' };
    expect(commandEnvironment(parse(`{ ${SMALLEST}, database: { url_env: FT_DB } }`), env)).toEqual({ HOME: '/root' });
  });

  it.each([
    ['{}', /internal\.database: it names no database/],
    ['{ path: a, url_env: B }', /internal\.database: it names the URL of a server and a SQLite file/],
    ['{ url_env: A, url_file: b }', /internal\.database\.url_file: both url_env and url_file/],
    [
      '{ path: user_data/tradesv3.dryrun.sqlite }',
      /internal\.database\.path: it is the database of a dry run, .*: name the database of the live bot: db_url/,
    ],
    ['{ url: postgres://u:pw@h/d }', /internal/],
  ])('is refused: %s', (database, problem) => {
    const problems = problemsOf(`{ ${SMALLEST}, database: ${database} }`);
    expect(problems).toContainEqual(expect.stringMatching(problem));
    expect(problems.join()).not.toContain('pw@');
  });
});

describe('the grace of an account whose bot is a Freqtrade', () => {
  const graceOf = (internal: string, more = '', defaults = ''): unknown => {
    const { graceSeconds, maxLooks } = parse(internal, more, defaults).accounts[0]?.policy ?? DEFAULT_POLICY;
    return [graceSeconds, maxLooks];
  };
  const own = '    reconciliation: { grace_seconds: 40 }\n';
  const all = 'reconciliation: { grace_seconds: 45 }\n';

  it.each<[string, string, string, string, [number, number]]>([
    ['is 60 s, with the observations for it', `{ ${SMALLEST} }`, '', '', [60, 8]],
    ['also beside another bot', `[{ ${SMALLEST}, name: a }, { kind: file, name: b, path: b }]`, '', '', [60, 8]],
    ['is what the account says', `{ ${SMALLEST} }`, own, '', [40, 8]],
    ['is what the defaults say', `{ ${SMALLEST} }`, '', all, [45, 8]],
    ['of other bots is not changed', '{ kind: file, path: a }', '', '', [30, 6]],
  ])('%s', (_, internal, more, defaults, expected) => {
    expect(graceOf(internal, more, defaults)).toEqual(expected);
  });

  it('needs observations for as long, also if an account before it needs less', () => {
    const accounts = `accounts:
  plain:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: a }
  bot:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { ${SMALLEST} }
reconciliation: { max_observations: 5 }
`;
    expect(() => parseConfig(accounts, '/etc/plumbline.yaml')).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ message: expect.stringContaining('less than grace_seconds (60)') })],
      }),
    );
  });
});

it('record: mirror is kept, and is no setting of a Freqtrade', () => {
  expect(parse('{ kind: file, path: a, record: mirror }').accounts[0]?.internal).toMatchObject([{ record: 'mirror' }]);
  expect(parse('{ kind: file, path: a }').accounts[0]?.internal[0]).not.toHaveProperty('record');
  expect(problemsOf(`{ ${SMALLEST}, record: mirror }`)).toHaveLength(1);
});

it('examples/freqtrade.yaml is a configuration of two bots', () => {
  const path = fileURLToPath(new URL('../../examples/freqtrade.yaml', import.meta.url));
  const { accounts } = loadConfig(path);
  expect(accounts.map(({ name, policy }) => [name, policy.graceSeconds, policy.atLeast])).toEqual([
    ['alpha', 60, []],
    ['beta', 60, ['*']],
  ]);
});
