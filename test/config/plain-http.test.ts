import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';

const EXCHANGE = '{ id: binanceusdm, api_key_env: K, secret_env: S }';
const FILE = '{ kind: file, path: state.json }';

function problemsOf(exchange: string, internal: string): string[] {
  try {
    parseConfig(`accounts:\n  main:\n    exchange: ${exchange}\n    internal: ${internal}\n`, '/etc/plumbline.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message, remedy }) => `${path}: ${message}: ${remedy}`);
  }
}

const exchangeAt = (address: string, more = 'api_key_env: K, secret_env: S'): string[] =>
  problemsOf(`{ id: binanceusdm, ${more}, base_url: "${address}" }`, FILE);
const botAt = (address: string, more = ', token_env: T'): string[] =>
  problemsOf(EXCHANGE, `{ kind: http, url: "${address}"${more} }`);

describe('a key or token over http:// to another host', () => {
  it.each([
    'http://exchange.example/',
    'http://10.0.0.5:8080/',
    // Names of services are hosts like any other: only the user knows who sees the traffic.
    'http://bot:8080/state',
    'http://host.docker.internal:8080/state',
    'HTTP://Bot.Example/state',
    'http://127.0.0.1.example/state',
    'http://0.0.0.0:8080/state',
  ])('to %s is refused, with what to do', (address) => {
    expect(botAt(address)).toEqual([
      expect.stringMatching(/^accounts\.main\.internal\.url: the token would go to .* unencrypted/),
    ]);
    expect(botAt(address)[0]).toContain('allow_plain_http: true');
    expect(exchangeAt(address)).toEqual([
      expect.stringMatching(/^accounts\.main\.exchange\.base_url: the api_key would go to/),
    ]);
    expect(exchangeAt(address, 'password_file: /run/pw')).toEqual([expect.stringContaining('the password would go')]);
  });

  it.each(['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]:1/', 'http://127.1/', 'https://bot.example/'])(
    'does not happen with %s',
    (address) => {
      expect([...botAt(address), ...exchangeAt(address)]).toEqual([]);
    },
  );

  it('is allowed if the configuration says so, for that address only', () => {
    expect(botAt('http://bot:8080/state', ', token_env: T, allow_plain_http: true')).toEqual([]);
    expect(botAt('http://bot:8080/state', ', token_env: T, allow_plain_http: false')).toHaveLength(1);
    expect(exchangeAt('http://proxy/', 'api_key_env: K, secret_env: S, allow_plain_http: true')).toEqual([]);
    const both = problemsOf(
      `{ id: binanceusdm, api_key_env: K, secret_env: S, base_url: "http://proxy/" }`,
      `{ kind: http, url: "http://bot/", token_env: T, allow_plain_http: true }`,
    );
    expect(both).toEqual([expect.stringContaining('accounts.main.exchange.base_url')]);
  });

  it('concerns no request without a secret', () => {
    expect(botAt('http://bot:8080/state', '')).toEqual([]);
    expect(exchangeAt('http://proxy/', 'wallet_address_env: W')).toEqual([]);
  });
});

describe('the hosts under which serve answers', () => {
  const withHosts = (hosts: string): string[] => {
    try {
      const text = `accounts:\n  main: { exchange: ${EXCHANGE}, internal: ${FILE} }\nserve: { allowed_hosts: ${hosts} }\n`;
      return parseConfig(text, '/etc/plumbline.yaml').serve.allowedHosts;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ path }) => path);
    }
  };

  it('are names without scheme and port', () => {
    expect(withHosts('[serve, gate.example]')).toEqual(['serve', 'gate.example']);
    for (const wrong of ['http://serve', 'serve:9400', 'a b', 'serve/x', '']) {
      expect(withHosts(`["${wrong}"]`)).toEqual(['serve.allowed_hosts[0]']);
    }
  });
});
