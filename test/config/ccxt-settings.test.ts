import { describe, expect, it } from '@jest/globals';
import type { ExchangeConfig } from '../../src/config/config.js';
import { ConfigError, parseConfig, type ConfigProblem } from '../../src/config/load-config.js';
import { redactCredentials } from '../../src/redaction/credential-patterns.js';

const KEY = 'a1B2c3D4e5F6g7H8i9J0kLmN';

function textOf(exchange: object): string {
  return JSON.stringify({
    accounts: {
      main: {
        exchange: { id: 'okx', api_key_env: 'K', secret_env: 'S', password_env: 'P', ...exchange },
        internal: { kind: 'file', path: 'state.json' },
      },
    },
  });
}

function exchangeOf(exchange: object): ExchangeConfig {
  const [account] = parseConfig(textOf(exchange), '/etc/plumbline.yaml').accounts;
  if (account === undefined) throw new Error('no account');
  return account.exchange;
}

function problemsOf(exchange: object): readonly ConfigProblem[] {
  try {
    exchangeOf(exchange);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment of an exchange', () => {
  it('is the live one unless the file says otherwise', () => {
    expect(exchangeOf({})).not.toHaveProperty('environment');
    expect(exchangeOf({ demo: false, testnet: false })).not.toHaveProperty('environment');
    expect(exchangeOf({ demo: true })).toMatchObject({ environment: 'demo' });
    expect(exchangeOf({ id: 'hyperliquid', testnet: true })).toMatchObject({ environment: 'testnet' });
  });

  it.each([
    ['okx', 'testnet', /knows no test net of okx/, 'use demo: true'],
    ['krakenfutures', 'demo', /knows no demo trading of krakenfutures/, 'use testnet: true'],
    ['kucoin', 'testnet', /knows no test net of kucoin/, 'remove it: only the live exchange can be read'],
    // ccxt's class inherits the demo of another site, which would receive this site's key.
    ['binanceus', 'demo', /knows no demo trading of binanceus/, 'remove it: only the live exchange can be read'],
    ['coinbase', 'testnet', /knows no test net of coinbase/, 'remove it: only the live exchange can be read'],
  ])('of %s is refused where ccxt has no %s', (id, environment, message, remedy) => {
    expect(problemsOf({ id, [environment]: true })).toEqual([
      expect.objectContaining({
        path: `accounts.main.exchange.${environment}`,
        message: expect.stringMatching(message),
        remedy,
      }),
    ]);
  });

  it('is one', () => {
    expect(problemsOf({ id: 'bybit', demo: true, testnet: true })).toEqual([
      expect.objectContaining({ path: 'accounts.main.exchange.testnet', remedy: 'keep one of the two' }),
    ]);
  });
});

describe('the section ccxt', () => {
  it('keeps options and headers as they are written', () => {
    const ccxt = {
      options: { recvWindow: 7000, fetchBalance: { type: 'spot' }, networks: { TRC20: 'TRX' }, list: ['a', 1, true] },
      headers: { 'X-Broker': 'desk-1', referer_id: 'p-1' },
    };
    expect(exchangeOf({ ccxt }).ccxt).toEqual(ccxt);
    expect(exchangeOf({ ccxt: {} }).ccxt).toEqual({ options: {}, headers: {} });
    expect(exchangeOf({})).not.toHaveProperty('ccxt');
  });

  it.each([
    ['Authorization', 'x'],
    ['Proxy-Authorization', 'x'],
    ['Cookie', 'a'],
    ['X-MBX-APIKEY', 'x'],
    ['OK-ACCESS-KEY', 'x'],
    ['OK-ACCESS-SIGN', 'x'],
    ['OK-ACCESS-PASSPHRASE', 'x'],
    ['X-Session', 'x'],
    ['X-Access-Token', 'x'],
    ['KC-API-SIGN', 'x'],
    ['secret', 'x'],
    ['Password', 'x'],
    ['privateKey', 'x'],
    ['walletAddress', 'x'],
    ['X-Ok', KEY],
    ['X-Ok', `Bearer ${KEY}`],
    ['X-Ok', `signature=${KEY}`],
    ['X-Ok', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
    ['X-Ok', `-----BEGIN EC PRIVATE KEY-----${KEY}`],
  ])('cannot carry a secret: %s with %s', (name, value) => {
    for (const ccxt of [
      { headers: { [name]: value } },
      { options: { [name]: value } },
      { options: { a: { [name]: value } } },
    ]) {
      const problems = problemsOf({ ccxt });
      expect(problems).toHaveLength(1);
      // Neither the value nor a part of it may stand in the report.
      expect(problems[0]?.value).toBe('[redacted]');
      expect(JSON.stringify(problems)).not.toContain(value.length > 1 ? value.slice(-8) : '"x"');
    }
  });

  it.each([
    'url',
    'apiUrl',
    'urls',
    'hostname',
    'host',
    'httpProxy',
    'proxies',
    'socksProxy',
    'sandbox',
    'sandboxMode',
    'testnet',
    'enableDemoTrading',
  ])('cannot move requests by the option %s', (name) => {
    for (const options of [{ [name]: 'x' }, { deep: { [name]: 'x' } }]) {
      expect(problemsOf({ ccxt: { options } })).toEqual([
        expect.objectContaining({ message: 'it could send requests to another address' }),
      ]);
    }
  });

  it('cannot move requests by a value', () => {
    expect(problemsOf({ ccxt: { options: { ref: 'https://example.com/x' } } })).toHaveLength(1);
    expect(problemsOf({ ccxt: { headers: { 'X-Ref': 'https://example.com/x' } } })).toHaveLength(1);
  });

  it.each(['paginate', 'timeDifference', 'adjustForTimeDifference', '__proto__', 'constructor', 'toString', 'a b', ''])(
    'refuses the option "%s"',
    (name) => {
      // JSON.stringify leaves out a literal __proto__, so the text is written by hand.
      const text = textOf({ ccxt: { options: { NAME: { x: 1 } } } }).replace('NAME', name);
      expect(() => parseConfig(text, '/etc/plumbline.yaml')).toThrow(ConfigError);
    },
  );

  it.each([
    'Host',
    'content-length',
    'Content-Type',
    'Connection',
    'Transfer-Encoding',
    'x-forwarded-for',
    'Accept-Encoding',
  ])('leaves the header %s to the connection', (name) => {
    expect(problemsOf({ ccxt: { headers: { [name]: 'x' } } })).toHaveLength(1);
  });

  it.each(['x-simulated-trading', 'PAPTRADING'])('leaves the header %s to demo: true', (name) => {
    expect(problemsOf({ ccxt: { headers: { [name]: '1' } } })).toEqual([
      expect.objectContaining({ remedy: expect.stringContaining('demo: true') }),
    ]);
  });

  it.each([
    ['a header with a line end', { headers: { 'X-A': 'a\r\nX-B: b' } }],
    ['a header that is not ASCII', { headers: { 'X-A': 'ä' } }],
    ['a name with a space', { headers: { 'X A': 'a' } }],
    ['one header in two spellings', { headers: { 'X-A': 'a', 'x-a': 'b' } }],
    ['21 headers', { headers: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`X-${at}`, 'a'])) }],
    ['51 options', { options: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`o${at}`, at])) }],
    ['51 options in a list', { options: { list: Array.from({ length: 51 }, () => 1) } }],
    ['a text of 201 characters', { options: { text: 'word '.repeat(41) } }],
    ['five levels', { options: { a: { b: { c: { d: { e: 1 } } } } } }],
    ['another section', { options: {}, urls: {} }],
    ['a header that is a number', { headers: { 'X-A': 1 } }],
  ])('refuses %s', (_, ccxt) => {
    expect(problemsOf({ ccxt }).length).toBeGreaterThan(0);
  });

  it('leaves nothing for the redactor to mask in what it accepts', () => {
    const text = textOf({ ccxt: { options: { recvWindow: 7000, broker: 'desk' }, headers: { 'X-Broker': 'desk-1' } } });
    expect(redactCredentials(text)).toBe(text);
  });
});
