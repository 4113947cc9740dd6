import { describe, expect, it } from '@jest/globals';
import { parseSource, problemsOfSource } from './source-config.js';

const parse = (fields: readonly string[]) => parseSource('hummingbot', fields).accounts[0]?.internal[0];
const problemsOf = (fields: readonly string[]) => problemsOfSource('hummingbot', fields);

const PATH = 'path: data/conf_pure_mm.sqlite';
const CONNECTOR = 'connector: okx_perpetual';

describe('internal state of kind hummingbot', () => {
  it('is read with its defaults', () => {
    expect(parse([PATH, CONNECTOR, 'as_of: read'])).toEqual({
      name: null,
      source: {
        kind: 'hummingbot',
        database: { kind: 'sqlite', path: '/etc/plumbline/data/conf_pure_mm.sqlite' },
        connector: 'okx_perpetual',
        configFile: null,
        asOf: 'read',
        positions: false,
        deadlineSeconds: 10,
        maxBytes: 33_554_432,
      },
      amounts: 'base',
      rows: 'positions',
      positionDigits: 6,
      maxAgeSeconds: null,
    });
  });

  it('may set everything', () => {
    const fields = [
      'url_env: DB',
      CONNECTOR,
      'config_file: conf_1.yml',
      'as_of: newest_event',
      'positions: from_fills',
    ];
    expect(parse(fields)?.source).toMatchObject({
      database: { kind: 'server', url: { env: 'DB' } },
      configFile: 'conf_1.yml',
      positions: true,
    });
  });

  it.each([
    ['no database', [CONNECTOR, 'as_of: read'], { message: 'it names no database' }],
    ['no time', [PATH, CONNECTOR], { path: 'accounts.main.internal.as_of' }],
    ['no connector', [PATH, 'as_of: read'], { path: 'accounts.main.internal.connector' }],
    [
      'positions on spot',
      [PATH, 'connector: okx', 'as_of: read', 'positions: from_fills'],
      { path: 'accounts.main.internal.positions' },
    ],
  ])('is refused with %s', (_, fields, expected) => {
    expect(problemsOf(fields)).toMatchObject([expected]);
  });
});
