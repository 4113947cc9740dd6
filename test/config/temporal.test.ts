import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';
import { payloadKeysOf } from '../../src/config/temporal-config.js';
import type { PlumblineConfig } from '../../src/config/config.js';

const ACCOUNTS = `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: s.json }
`;
const parse = (encryption: string): PlumblineConfig =>
  parseConfig(`${ACCOUNTS}temporal:\n  encryption: ${encryption}\n`, '/etc/plumbline/plumbline.yaml');

function problemsOf(encryption: string): string[] {
  try {
    parse(encryption);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('temporal.encryption', () => {
  it('names keys, and origins of the Web UI', () => {
    const { encryption } = parse(
      '{ keys: [{ id: b, key_env: B }, { id: a, key_file: a.key }], web_ui_origins: ["http://127.0.0.1:8233"] }',
    );
    expect(encryption).toEqual({
      keys: [
        { id: 'b', key: { env: 'B' } },
        { id: 'a', key: { file: '/etc/plumbline/a.key' } },
      ],
      webUiOrigins: ['http://127.0.0.1:8233'],
    });
    expect(parseConfig(ACCOUNTS, 'plumbline.yaml').encryption).toBeNull();
  });

  it.each([
    ['no key', '{ keys: [] }', /keys/],
    ['a key without a source', '{ keys: [{ id: a }] }', /keys\[0\]: it names no key/],
    ['two sources', '{ keys: [{ id: a, key_env: A, key_file: b }] }', /both key_env and key_file/],
    [
      'the same id twice',
      '{ keys: [{ id: a, key_env: A }, { id: a, key_env: B }] }',
      /keys\[1\]\.id: another key has the same id/,
    ],
    ['an id with a blank', '{ keys: [{ id: "a b", key_env: A }] }', /id/],
    ['a path after the origin', '{ keys: [{ id: a, key_env: A }], web_ui_origins: ["http://x/ui"] }', /origin/],
  ])('is refused with %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  it('refuses a key that does not have 32 bytes, without showing it', () => {
    const { encryption } = parse('{ keys: [{ id: a, key_env: A }] }');
    if (encryption === null) throw new Error('it is missing');
    expect(payloadKeysOf(encryption, () => Buffer.alloc(32).toString('base64'))).toHaveLength(1);
    expect(() => payloadKeysOf(encryption, () => 'too-short')).toThrow(/temporal\.encryption\.keys \(a\): .*32 bytes/);
    expect(() => payloadKeysOf(encryption, () => 'too-short')).not.toThrow(/too-short/);
  });
});
