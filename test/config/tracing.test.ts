import { describe, expect, it } from '@jest/globals';
import type { PlumblineConfig } from '../../src/config/config.js';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';
import { headersOf } from '../../src/config/tracing-config.js';

const ACCOUNTS = `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: s.json }
`;
const parse = (tracing: string): PlumblineConfig =>
  parseConfig(`${ACCOUNTS}tracing: ${tracing}\n`, '/etc/plumbline/plumbline.yaml');

function problemsOf(tracing: string): string[] {
  try {
    parse(tracing);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('tracing', () => {
  it('is off unless it is configured', () => {
    expect(parseConfig(ACCOUNTS, 'plumbline.yaml').tracing).toBeNull();
  });

  it('needs an address only', () => {
    expect(parse('{ otlp_url: "http://127.0.0.1:4318" }').tracing).toEqual({
      otlpUrl: 'http://127.0.0.1:4318/v1/traces',
      token: null,
      headers: {},
      sample: 1,
      serviceName: 'plumbline',
    });
  });

  it('names secrets of headers, and keeps the path of an address', () => {
    const fields =
      '{ otlp_url: "https://otlp.example/otlp/v1/traces", token_env: T, headers: { X-Team: { value_file: team } }, sample: 0.25, service_name: audit }';
    expect(parse(fields).tracing).toEqual({
      otlpUrl: 'https://otlp.example/otlp/v1/traces',
      token: { env: 'T' },
      headers: { 'x-team': { file: '/etc/plumbline/team' } },
      sample: 0.25,
      serviceName: 'audit',
    });
  });

  const local = 'otlp_url: "http://127.0.0.1:4318"';
  it.each([
    ['no address', '{}', /otlp_url/],
    ['an address of another kind', '{ otlp_url: "grpc://127.0.0.1:4317" }', /otlp_url: .*http/],
    ['a password in the address', '{ otlp_url: "https://ada:pw@otlp.example" }', /user name, a password or a token/],
    ['an unknown field', `{ ${local}, otlp_uri: x }`, /otlp_uri/],
    ['a sample above 1', `{ ${local}, sample: 10 }`, /sample/],
    ['the secret itself', `{ ${local}, headers: { x-team: abc } }`, /x-team/],
    ['a header without a value', `{ ${local}, headers: { x-team: {} } }`, /x-team: it names no value/],
    [
      'two values',
      `{ ${local}, headers: { x-team: { value_env: A, value_file: b } } }`,
      /both value_env and value_file/,
    ],
    ['a header twice', `{ ${local}, headers: { X-A: { value_env: A }, x-a: { value_env: A } } }`, /named twice/],
    [
      'a header of the format',
      `{ ${local}, headers: { Content-Type: { value_env: A } } }`,
      /belongs to the connection/,
    ],
    ['a name that is none', `{ ${local}, headers: { "a b": { value_env: A } } }`, /headers/],
    [
      'the token twice',
      `{ ${local}, token_env: T, headers: { Authorization: { value_env: A } } }`,
      /the token is sent in the same header/,
    ],
    [
      'a token over http:// to another host',
      '{ otlp_url: "http://collector:4318", token_env: T }',
      /otlp_url: the token would go to collector unencrypted/,
    ],
    [
      'a header over http:// to another host',
      '{ otlp_url: "http://collector:4318", headers: { x-team: { value_env: A } } }',
      /otlp_url: the header x-team would go to collector unencrypted/,
    ],
  ])('is refused with %s', (_, fields, problem) => {
    expect(problemsOf(fields)).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    '{ otlp_url: "http://collector:4318" }',
    '{ otlp_url: "http://collector:4318", token_env: T, allow_plain_http: true }',
    '{ otlp_url: "http://127.0.0.1:4318", token_env: T, headers: { x-team: { value_env: A } } }',
  ])('is accepted: %s', (fields) => {
    expect(problemsOf(fields)).toEqual([]);
  });

  it('refuses a secret that no header may contain, without showing it', () => {
    const { tracing } = parse(`{ ${local}, token_env: T }`);
    if (tracing === null) throw new Error('it is missing');
    expect(headersOf(tracing, () => 'abc')).toEqual({ authorization: 'Bearer abc' });
    expect(() => headersOf(tracing, () => 'abc\r\nx: y')).toThrow(/tracing\.token: .*printable/);
    expect(() => headersOf(tracing, () => 'abc\r\nx: y')).not.toThrow(/abc/);
  });
});
