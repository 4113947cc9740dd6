import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FAILURE_KINDS } from '../../src/domain/failure/failure.js';
import { covers, marketPath } from '../../src/domain/snapshot/scope.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { profileOf, VERIFIED } from '../../src/exchange/exchanges.js';
import type { ExchangeCall } from '../../src/exchange/exchange-reader.js';
import { EXCHANGES } from './exchanges.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

it('holds for every exchange that has a profile', () => {
  expect(EXCHANGES.map(({ id }) => id)).toEqual(VERIFIED.map(({ id }) => id));
  for (const { id } of VERIFIED) expect(profileOf(id).verified).toBe(true);
  expect(profileOf('coinex').verified).toBe(false);
});

describe.each(EXCHANGES)('the profile of $id', ({ id }) => {
  const profile = profileOf(id);

  it('keeps its own codes apart from what is not there', () => {
    for (const kind of Object.values(profile.codes)) expect(FAILURE_KINDS).toContain(kind);
    for (const document of [null, '', '0', [], {}, true]) expect(profile.codeOf(document)).toBeNull();
    const known = Object.keys(profile.limits).filter((name) => !name.startsWith('HTTP '));
    for (const code of known) expect(profile.codes[code] ?? 'rate_limited').toBe('rate_limited');
    expect(profile.limits).toHaveProperty(['HTTP 429']);
  });

  it('says in which order a missing order is asked for, and how long the exchange remembers', () => {
    const { sources, memory } = profile.missingOrders;
    expect(sources.length).toBeGreaterThan(1);
    for (const { name } of sources) expect(name).toMatch(/^[a-z ]+$/);
    expect(memory).toBeDefined();
  });

  it('reads no usage and no wait from headers without them', () => {
    expect(profile.usageOf?.(new Headers()) ?? null).toBeNull();
    expect(profile.retryAfterMs?.(new Headers()) ?? null).toBeNull();
  });
});

describe.each(EXCHANGES)('an account of $id', (exchange) => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = exchange.serve(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const reader = (settings: Parameters<typeof readerOf>[2] = {}) =>
    readerOf(exchange.id, wire, { credentials: exchange.credentials, ...settings });

  it('says what kind of account it is, where the exchange tells', async () => {
    const known = await reader();
    await known.readState();
    const silent = ['binance', 'binanceus', 'krakenfutures'];
    expect(known.accountKind ?? '').toMatch(silent.includes(exchange.id) ? /^$/ : /^[a-z]/);
  });

  it('is read whole: each row is in a scope that is claimed, and of a market that is known', async () => {
    const snapshot = await (await reader()).readState({ balances: true });
    const { scopes, gaps, positions, orders, balances, markets } = snapshot;
    expect(snapshot).toMatchObject({ side: 'exchange', asOf: exchange.serverTime });
    expect(scopes).toEqual([...new Set(scopes)].toSorted());
    const claimed = (scope: string): boolean => scopes.some((claim) => covers(claim, scope));
    expect(positions.length + balances.length).toBeGreaterThan(0);
    expect(orders.some(({ conditional }) => conditional)).toBe(true);
    expect(orders.some(({ conditional }) => !conditional)).toBe(true);
    for (const { symbol } of positions) expect(claimed(`positions:${marketPath(symbol)}`)).toBe(true);
    for (const { symbol, conditional } of orders) {
      expect(claimed(`orders:${conditional ? 'conditional' : 'regular'}:${marketPath(symbol)}`)).toBe(true);
    }
    for (const { currency } of balances) expect(claimed(`balances:${currency}`)).toBe(true);
    for (const { symbol } of [...positions, ...orders]) expect(markets).toHaveProperty([symbol]);
    for (const { scope, reason } of gaps) {
      expect(reason).not.toBe('');
      expect(scopes).not.toContain(scope);
    }
  });

  it('has amounts without a sign, and prices that are a price or none', async () => {
    const { positions, orders } = await (await reader()).readState();
    for (const { amount } of positions) expect(Number(amount)).toBeGreaterThan(0);
    const numbers = orders.flatMap(({ amount, price, triggerPrice }) => [amount, price, triggerPrice]);
    for (const number of numbers.filter((one) => one !== null)) expect(Number(number)).toBeGreaterThan(0);
    for (const { filled } of orders) expect(Number(filled)).toBeGreaterThanOrEqual(0);
    for (const { filled } of orders.filter(({ conditional }) => conditional)) expect(filled).toBe('0');
  });

  it('is the same when it is read again, with the markets loaded once', async () => {
    const one = await reader();
    const first = await one.readState({ balances: true });
    const again = await one.readState({ balances: true });
    expect({ ...again, readStartedAt: 0, readEndedAt: 0 }).toEqual({ ...first, readStartedAt: 0, readEndedAt: 0 });
    const loads = (): number => wire.paths.filter((path) => exchange.marketPaths.includes(path)).length;
    const loaded = loads();
    await (await reader({ credentials: { ...exchange.credentials } })).readState();
    expect(loads()).toBe(loaded);
  });

  it('reports each call with its weight, and asks nothing by a method that trades', async () => {
    const calls: ExchangeCall[] = [];
    await (await reader()).readState({ onCall: (call) => void calls.push(call) });
    expect(calls).toHaveLength(wire.requests.length);
    for (const { weight, failure } of calls) {
      expect(weight).toBeGreaterThan(0);
      expect(failure).toBeNull();
    }
    for (const { method, path } of wire.requests) expect(path === '/info' ? 'GET' : method).toBe('GET');
  });

  it('knows a market by its symbol and by the id of the exchange, and none by a name that objects have', async () => {
    const one = await reader();
    const { symbol, id } = exchange.market;
    const found = await one.resolveMarket(symbol);
    expect(found).toMatchObject({ kind: 'found', symbol, facts: { amountStep: expect.any(String) } });
    expect(await one.resolveMarket('constructor')).toEqual({ kind: 'unknown', near: [] });
    const byId = await one.resolveMarket(id);
    // Ambiguous where spot and contracts share an id.
    const meant = byId.kind === 'ambiguous' ? byId.candidates : byId.kind === 'found' ? [byId.symbol] : [];
    expect(meant).toContain(symbol);
    expect(Object.values(await one.countMarkets()).some((count) => count > 0)).toBe(true);
  });

  it('does not throw when a question about orders, the key or its own actions fails', async () => {
    const one = await reader();
    const { orders } = await one.readState();
    const asked = [...orders, { ...orders[0], symbol: 'NO/MARKET' } as OpenOrder];
    for (const path of new Set(wire.paths)) wire.route(path, (_, response) => void response.writeHead(500).end());
    const explained = await one.explainMissingOrders(asked);
    expect(explained).toHaveLength(asked.length);
    for (const { cause, filled } of explained) expect({ cause, filled }).toEqual({ cause: 'unknown', filled: null });
    expect(explained.at(-1)?.source).toContain('has no market NO/MARKET');
    const since = exchange.serverTime;
    expect(await one.readVenueActions({ since, symbols: [exchange.market.symbol], currencies: ['USDT'] })).toEqual([]);
    // Hyperliquid's answer needs no question.
    const known = exchange.id === 'hyperliquid' ? false : null;
    expect(await one.auditKey()).toMatchObject({ canTrade: known, canWithdraw: known });
  });

  it('explains no more than 50 missing orders in one call', async () => {
    const one = await reader();
    const [order] = (await one.readState()).orders;
    const many = Array.from({ length: 52 }, () => order as OpenOrder);
    const aborted = AbortSignal.abort();
    const explained = await one.explainMissingOrders(many, { signal: aborted });
    expect(explained.filter(({ source }) => source.startsWith('not asked: only 50'))).toHaveLength(2);
  });

  it.each(['{}', '[]', 'null', '<html>busy</html>'])('is never read from answers of %s', async (text) => {
    const one = await reader();
    await one.readState();
    const asked = [...new Set(wire.paths)].filter((path) => !exchange.marketPaths.includes(path));
    for (const path of asked) wire.route(path, (_, response) => void response.writeHead(200).end(text));
    expect((await failureOf(one.readState())).kind).toBe('unreadable');
  });

  it('needs its credentials', async () => {
    const failure = await failureOf(reader({ credentials: {} }));
    expect(failure).toMatchObject({ kind: 'configuration', side: 'exchange' });
    for (const name of Object.keys(exchange.credentials)) expect(failure.message).toContain(name);
  });
});
