import { describe, expect, it } from '@jest/globals';
import { gateWebhooksOf } from '../../src/cli/steps/gate-webhooks.js';
import { parseConfig } from '../../src/config/load-config.js';
import { ConfigError } from '../../src/config/config-error.js';

const BASE = `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
`;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const read = (webhooks: string) => parseConfig(`${BASE}serve: { gate_webhooks: ${webhooks} }`, '/etc/p/plumbline.yaml');

describe('gate webhooks in the configuration', () => {
  it('name an address, a secret and accounts', () => {
    const text =
      '[{ url: "https://bot.example/gate", secret_env: HOOK }, ' +
      '{ url_env: ADDRESS, secret_file: hook.secret, accounts: [main] }]';
    expect(read(text).serve.gateWebhooks).toEqual([
      { url: 'https://bot.example/gate', secret: { env: 'HOOK' }, accounts: null },
      { url: { env: 'ADDRESS' }, secret: { file: '/etc/p/hook.secret' }, accounts: ['main'] },
    ]);
  });

  it.each([
    ['no address', '[{ secret_env: HOOK }]', /no address/],
    ['two addresses', '[{ url: "https://a.example", url_env: A, secret_env: HOOK }]', /two addresses/],
    ['no secret', '[{ url: "https://a.example" }]', /no secret/],
    ['two secrets', '[{ url: "https://a.example", secret_env: A, secret_file: b }]', /both/],
    ['an address with a password', '[{ url: "https://me:pw@a.example", secret_env: A }]', /password/],
    ['an unknown account', '[{ url: "https://a.example", secret_env: A, accounts: [mian] }]', /no account/],
    ['an unknown field', '[{ url: "https://a.example", secret_env: A, acounts: [main] }]', /acounts/],
    ['no web address', '[{ url: "ftp://a.example", secret_env: A }]', /http/],
  ])('are refused with %s', (_, text, message) => {
    let refusal: unknown;
    try {
      read(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ConfigError);
    expect(JSON.stringify((refusal as ConfigError).problems)).toMatch(message);
  });

  it('get the values of their secrets when serve starts', () => {
    const config = read('[{ url_env: ADDRESS, secret_env: HOOK, accounts: [main] }]');
    const values: Record<string, string> = { ADDRESS: 'https://bot.example/t0ken', HOOK: SECRET };
    const secretOf = (source: { env: string } | { file: string }) =>
      'env' in source ? (values[source.env] ?? '') : '';
    expect(gateWebhooksOf(config, secretOf)).toEqual([
      { number: 1, url: 'https://bot.example/t0ken', secret: SECRET, accounts: ['main'] },
    ]);
    for (const [name, wrong] of [
      ['HOOK', 'hunter2'],
      ['HOOK', `whsec_${Buffer.alloc(8).toString('base64')}`],
      ['ADDRESS', 'bot.example/gate'],
    ] as const) {
      const wrongOf = (source: { env: string } | { file: string }) =>
        'env' in source && source.env === name ? wrong : secretOf(source);
      expect(() => gateWebhooksOf(config, wrongOf)).toThrow(/gate_webhooks\[0\]/);
      expect(() => gateWebhooksOf(config, wrongOf)).not.toThrow(wrong);
    }
  });
});
