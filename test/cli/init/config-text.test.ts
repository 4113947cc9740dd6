import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { fileOf, type Answers } from '../../../src/cli/init/answers.js';
import { checkedText, configText, refusalOf } from '../../../src/cli/init/config-text.js';
import { EXAMPLE_QUERIES, freqtradeQueries } from '../../../src/cli/init/sql-queries.js';
import type { AccountConfig } from '../../../src/config/config.js';
import { ConfigError } from '../../../src/config/config-error.js';
import { parseConfig } from '../../../src/config/load-config.js';

const KEYS = { api_key_env: 'KEY', secret_env: 'SECRET' };
const answers = (part: Partial<Answers> = {}): Answers => ({
  account: 'main',
  exchange: { id: 'binanceusdm', ...KEYS },
  internal: { kind: 'push' },
  reconciliation: {},
  channel: null,
  ...part,
});

const HOSTILE = [
  'a: b',
  '# no comment',
  '- item',
  '*alias',
  '&anchor',
  '!tag',
  '{a: b}',
  '"',
  "'",
  'x\n  enabled: false',
  'x\r\ny: z',
  '---\n',
  '...',
  '<<',
  'null',
  'true',
  '1e3',
  '~',
  '\u2028',
  '\u001b[31m',
  '\u0000',
  '\ud800',
  '%YAML',
  ' lead',
  'trail ',
  '',
  '__proto__',
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 60 }));

/** The account as every command loads it, or why it is refused. */
function loadedOf(any: Answers): AccountConfig | ConfigError {
  try {
    const [account] = parseConfig(checkedText(any, 'plumbline.yaml'), 'plumbline.yaml').accounts;
    if (account === undefined) throw new Error('a configuration without an account');
    return account;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

describe('the configuration that is written', () => {
  it('loads, and has a comment where a reader needs one', () => {
    const written = checkedText(
      answers({
        internal: {
          kind: 'freqtrade',
          url: 'http://127.0.0.1:8080',
          username_env: 'U',
          password_env: 'P',
          bot_name: 'a',
        },
        reconciliation: { at_least: ['*'] },
        channel: { name: 'people', fields: { kind: 'ntfy', topic_env: 'TOPIC' } },
      }),
      '/elsewhere/plumbline.yaml',
    );
    expect(written).toMatch(/^# yaml-language-server: \$schema=file:\/\/\S+\/plumbline-config.schema.json\n/);
    expect(written).toContain("api_key_env: KEY # a key of its own that can only read, not the bot's\n");
    expect(
      Math.max(
        ...written
          .split('\n')
          .slice(1)
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(120);
  });

  it("names this installation's schema, also from a folder in which it is installed", () => {
    const own = fileURLToPath(new URL('../../../schema/plumbline-config.schema.json', import.meta.url));
    const first = (path: string): string => configText(answers(), path).split('\n', 1)[0]!.split('$schema=')[1]!;
    expect(first(resolve(own, '../../plumbline.yaml'))).toBe('schema/plumbline-config.schema.json');
    expect(fileURLToPath(first('/elsewhere/plumbline.yaml'))).toBe(own);
  });

  it('holds what was answered, whatever the texts are', () => {
    fc.assert(
      fc.property(text, text, text, (name, url, chat) => {
        const any = answers({
          internal: { kind: 'freqtrade', url, username_env: name, password_env: chat, bot_name: name },
          channel: { name: 'people', fields: { kind: 'telegram', token_env: url, chat_id: chat } },
        });
        expect(parse(configText(any, '/x/plumbline.yaml'))).toEqual(fileOf(any));
      }),
    );
  });

  it('loads, or is refused with the names of the fields, for any answers', () => {
    const section = fc.dictionary(
      fc.constantFrom(
        'kind',
        'id',
        'url',
        'path',
        'base_url',
        'api_key_env',
        'token_env',
        'bot_name',
        'topic',
        'username_env',
      ),
      fc.oneof(text, fc.constantFrom('http', 'file', 'push', 'freqtrade', 'okx', 'ntfy', 'http://127.0.0.1:1', 'NAME')),
    );
    fc.assert(
      fc.property(text, section, section, section, (account, exchange, internal, channel) => {
        const any = answers({
          account: account === '' ? 'main' : account,
          exchange: { id: 'okx', ...KEYS, ...exchange },
          internal: { kind: 'http', ...internal },
          channel: { name: 'people', fields: { kind: 'log', ...channel } },
        });
        const loaded = loadedOf(any);
        expect(
          loaded instanceof ConfigError
            ? loaded.problems.map(({ message, remedy }) => message !== '' && remedy !== '')
            : [loaded.name === any.account && loaded.enabled && loaded.exchange.id === any.exchange['id']],
        ).not.toContain(false);
      }),
    );
  });

  it('says why a single answer is refused', () => {
    expect(refusalOf({ exchange: { id: 'binanse', ...KEYS } })).toMatch(/did you mean "binance"/);
    expect(refusalOf({ exchange: { id: 'okx', api_key_env: 'abcdefghij0123456789XYZ' } })).toMatch(
      /the name of an environment variable/,
    );
    expect(refusalOf({ exchange: { id: 'okx', api_key_env: 'abcdefghij0123456789XYZ' } })).not.toContain('abcdefghij');
    expect(refusalOf({ internal: { kind: 'http', url: 'http://example.com', token_env: 'T' } })).toMatch(/https:\/\//);
    expect(refusalOf({ exchange: { id: 'okx', ...KEYS } })).toBeNull();
  });
});

describe('queries that are written', () => {
  it('are those of the documentation', async () => {
    const page = await readFile(new URL('../../../docs/sql-recipes.md', import.meta.url), 'utf8');
    const words = (sql: unknown): string => String(sql).replaceAll(/\s+/g, ' ').trim();
    const documented = words(page);
    const { as_of, positions, orders } = freqtradeQueries('futures');
    for (const query of [as_of, positions, orders]) expect(documented).toContain(words(query));
    for (const query of Object.values(EXAMPLE_QUERIES)) expect(documented).toContain(words(query));
  });

  it.each(['futures', 'spot'] as const)('load for a Freqtrade that trades %s', (mode) => {
    expect(refusalOf({ internal: { kind: 'sql', path: 'tradesv3.sqlite', ...freqtradeQueries(mode) } })).toBeNull();
  });
});
