import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { commandEnvironment } from '../../src/config/command-environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { parseSource, problemsOfSource } from './source-config.js';

const POSTGRES = 'postgres: { url_env: NAUTILUS_DATABASE_URL }';
const REDIS = 'redis: { url_env: NAUTILUS_REDIS_URL }';
const HEARTBEAT = 'heartbeat_stream: trader-TESTER-001:stream:health:heartbeat';
const TRADER = 'trader_id: TESTER-001';

const parse = (fields: readonly string[]) => parseSource('nautilus', fields);
const problemsOf = (fields: readonly string[]) => problemsOfSource('nautilus', fields);

describe('internal state of kind nautilus', () => {
  it('is read with its defaults', () => {
    const [source] = parse([REDIS, TRADER, HEARTBEAT]).accounts[0]?.internal ?? [];
    expect(source).toEqual({
      name: null,
      source: {
        kind: 'nautilus',
        database: { kind: 'redis', url: { env: 'NAUTILUS_REDIS_URL' } },
        traderId: 'TESTER-001',
        prefix: 'trader-TESTER-001',
        encoding: 'msgpack',
        asOf: { heartbeatStream: 'trader-TESTER-001:stream:health:heartbeat' },
        venue: null,
        accountId: null,
        exchange: 'okx',
        positionMode: 'one-way',
        amounts: 'instrument',
        deadlineSeconds: 10,
        maxBytes: 33_554_432,
      },
      amounts: 'base',
      // Each strategy has a row of a position.
      rows: 'trades',
      maxAgeSeconds: null,
    });
  });

  it('may set everything', () => {
    const [source] =
      parse([
        'postgres: { url_file: secrets/url }',
        TRADER,
        'as_of: newest_event',
        'venue: OKX',
        'account_id: OKX-001',
        'position_mode: hedge',
        'amounts: contracts',
        'deadline_seconds: 3',
        'max_bytes: 1000',
      ]).accounts[0]?.internal ?? [];
    expect(source).toMatchObject({
      source: {
        database: { kind: 'postgres', url: { file: '/etc/plumbline/secrets/url' } },
        asOf: 'newest_event',
        venue: 'OKX',
        accountId: 'OKX-001',
        positionMode: 'hedge',
        maxBytes: 1000,
      },
      amounts: 'contracts',
    });
    const [prefixed] =
      parse([REDIS, TRADER, HEARTBEAT, 'key_prefix: TESTER-001', 'encoding: json']).accounts[0]?.internal ?? [];
    expect(prefixed?.source).toMatchObject({ prefix: 'TESTER-001', encoding: 'json' });
  });

  it.each([
    ['no database', [TRADER, HEARTBEAT], { path: 'accounts.main.internal', message: 'it names no database' }],
    ['two databases', [REDIS, POSTGRES, TRADER, 'as_of: read'], { message: 'it names two databases' }],
    ['no URL', ['redis: {}', TRADER, HEARTBEAT], { path: 'accounts.main.internal.redis.url_env' }],
    [
      'no time',
      [REDIS, TRADER],
      { path: 'accounts.main.internal.as_of', message: expect.stringContaining('time of its state') },
    ],
    ['two times', [REDIS, TRADER, HEARTBEAT, 'as_of: read'], { message: 'it names two times of its state' }],
    ['no trader', [REDIS, HEARTBEAT], { path: 'accounts.main.internal.trader_id' }],
    ['a stream of PostgreSQL', [POSTGRES, TRADER, HEARTBEAT], { path: 'accounts.main.internal.heartbeat_stream' }],
    [
      'an encoding of PostgreSQL',
      [POSTGRES, TRADER, 'as_of: read', 'encoding: json'],
      { path: 'accounts.main.internal.encoding' },
    ],
    [
      'a URL in the file',
      ['redis: { url: "redis://x", url_env: R }', TRADER, HEARTBEAT],
      { path: 'accounts.main.internal.redis.url' },
    ],
  ])('is refused with %s', (_, fields, expected) => {
    expect(problemsOf(fields)).toMatchObject([expected]);
  });

  it('has a secret that commands do not inherit', () => {
    const config = parse([REDIS, TRADER, HEARTBEAT]);
    expect(commandEnvironment(config, { NAUTILUS_REDIS_URL: 'x', PATH: '/bin' })).toEqual({ PATH: '/bin' });
  });
});

it.each(['nautilus', 'hummingbot'])('examples/%s.yaml is a configuration of two accounts', (kind) => {
  const path = fileURLToPath(new URL(`../../examples/${kind}.yaml`, import.meta.url));
  const kinds = loadConfig(path).accounts.map(({ internal }) => internal[0]?.source.kind);
  expect(kinds).toEqual([kind, kind]);
});
