import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entryOf, environmentsOf } from '../../src/config/environments.js';
import { exchangeIds } from '../../src/config/exchange-ids.js';
import { profileOf } from '../../src/exchange/exchanges.js';
import { sharedExchange } from '../../src/exchange/shared-exchange.js';
import { loadCcxtClass } from '../../src/exchange/transport/load-ccxt.js';
import { EXCHANGES } from './exchanges.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

/** All addresses in ccxt's nested map, by path. */
function addressesIn(address: unknown, path = ''): [string, string][] {
  if (typeof address === 'string') return [[path, address]];
  if (typeof address !== 'object' || address === null) return [];
  return Object.entries(address).flatMap(([name, inner]) => addressesIn(inner, `${path}.${name}`));
}

const hostOf = (address: string): string => address.replace(/^https?:\/\/([^/]+).*$/, '$1');

it('names the test nets that ccxt knows whole, and no other', async () => {
  const whole: string[] = [];
  for (const id of exchangeIds()) {
    const { urls } = new (await loadCcxtClass(id))({}) as unknown as { urls: { api: unknown; test?: unknown } };
    const test = new Map(addressesIn(urls.test));
    const live = addressesIn(urls.api);
    const complete = live.every(
      ([path, address]) => test.has(path) && hostOf(test.get(path) ?? '') !== hostOf(address),
    );
    if (test.size > 0 && complete) whole.push(id);
  }
  // Market data and documentation of these are the same in both.
  const checked = ['alpaca', 'gemini', 'binance', 'binancecoinm', 'binanceusdm', 'gate', 'krakenfutures'];
  const foreign = ['blockchaincom', 'bybitid'];
  const expected = [...whole.filter((id) => !foreign.includes(id)), ...checked].toSorted();
  const named = [...exchangeIds()].filter((id) => environmentsOf(id).includes('testnet')).toSorted();
  expect(named).toEqual([...new Set(expected)]);
}, 120_000);

it.each([
  ['binance', 'demo', 'demo-api.binance.com'],
  ['binanceusdm', 'demo', 'demo-fapi.binance.com'],
  ['bybit', 'demo', 'api-demo.{hostname}'],
  ['binance', 'testnet', 'testnet.binance.vision'],
  ['binanceusdm', 'testnet', 'testnet.binancefuture.com'],
  ['bybit', 'testnet', 'api-testnet.{hostname}'],
  ['gate', 'testnet', 'api-testnet.gateapi.io'],
  ['hyperliquid', 'testnet', 'api.hyperliquid-testnet.xyz'],
  ['krakenfutures', 'testnet', 'demo-futures.kraken.com'],
  ['deribit', 'testnet', 'test.deribit.com'],
] as const)('%s asks %s at %s', async (id, environment, host) => {
  const profile = profileOf(id);
  const { template } = await sharedExchange(profile, { baseUrl: null, environment });
  expect(addressesIn(template.urls.api).map(([, address]) => hostOf(address))).toContain(host);
  const live = await sharedExchange(profile, { baseUrl: null });
  expect(addressesIn(live.template.urls.api).map(([, address]) => hostOf(address))).not.toContain(host);
});

it.each([...EXCHANGES.map(({ id }) => id), 'bingx', 'deribit', 'phemex'])(
  'every environment of %s can be entered',
  async (id) => {
    for (const environment of environmentsOf(id)) {
      const { template } = await sharedExchange(profileOf(id), { baseUrl: null, environment });
      expect(entryOf(id, environment)).not.toBeNull();
      for (const [path, address] of addressesIn(template.urls.api))
        expect([path, address]).toEqual([path, expect.any(String)]);
    }
  },
);

describe('on the wire', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = await WireServer.start();
  });
  afterEach(() => wire.stop());

  const tested = (id: string) => {
    const exchange = EXCHANGES.find((each) => each.id === id);
    if (exchange === undefined) throw new Error(`no fixtures of ${id}`);
    return exchange;
  };

  it.each([
    ['okx', 'x-simulated-trading', /^$/],
    // The clock, and the list of the old demo contracts (SUSDT-FUTURES), have no demo of their own.
    ['bitget', 'paptrading', /public\/time|S[A-Z]{3,4}-FUTURES/],
  ])("%s's demo trading is asked for by the header %s", async (id, header, exempt) => {
    const { serve, credentials } = tested(id);
    serve(wire);
    const reader = await readerOf(id, wire, { credentials, environment: 'demo' });
    await reader.readState();
    expect(reader.environment).toBe('demo');
    const asked = wire.requests.filter(({ path, query }) => !exempt.test(`${path}?${query.toString()}`));
    expect(asked.length).toBeGreaterThan(3);
    for (const { path, headers } of asked) expect([path, headers[header]]).toEqual([path, '1']);
    wire.requests.length = 0;
    await (await readerOf(id, wire, { credentials })).readState();
    for (const { headers } of wire.requests) expect(headers).not.toHaveProperty(header);
  });

  // Of Gate's test net ccxt lists the contracts that settle in USDT only.
  const WHOLE = EXCHANGES.filter(({ id }) => id !== 'gate');
  it.each(WHOLE.flatMap(({ id }) => environmentsOf(id).map((environment) => [id, environment] as const)))(
    'an account of %s is read in its %s as it is live',
    async (id, environment) => {
      const { serve, credentials } = tested(id);
      serve(wire);
      const rows = async (more: { environment?: 'demo' | 'testnet' }) => {
        const { positions, orders, balances } = await (await readerOf(id, wire, { credentials, ...more })).readState();
        return { positions, orders, balances };
      };
      const live = await rows({});
      expect(live.positions.length + live.balances.length).toBeGreaterThan(0);
      expect(await rows({ environment })).toEqual(live);
    },
  );

  it('carries headers and options of the file, of this account only', async () => {
    const { serve, credentials } = tested('bybit');
    serve(wire);
    const ccxt = { options: { recvWindow: 7_123 }, headers: { 'X-Desk': 'desk-1', 'user-agent': 'desk/1' } };
    await (await readerOf('bybit', wire, { credentials, ccxt })).readState();
    const signed = wire.requests.filter(({ headers }) => headers['x-bapi-api-key'] !== undefined);
    expect(signed.length).toBeGreaterThan(2);
    for (const { headers } of signed) {
      expect(headers).toMatchObject({ 'x-desk': 'desk-1', 'user-agent': 'desk/1', 'x-bapi-recv-window': '7123' });
    }
    wire.requests.length = 0;
    await (await readerOf('bybit', wire, { credentials })).readState();
    for (const { headers } of wire.requests) {
      expect(headers).not.toHaveProperty('x-desk');
      expect(headers['x-bapi-recv-window'] ?? '5000').toBe('5000');
      expect(headers['user-agent']).toMatch(/^plumbline\//);
    }
  });

  it('refuses an option that the profile sets', async () => {
    const ccxt = { options: { fetchMarkets: { types: ['spot'] } }, headers: {} };
    expect(await failureOf(readerOf('gate', wire, { ccxt }))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('fetchMarkets'),
    });
  });
});
