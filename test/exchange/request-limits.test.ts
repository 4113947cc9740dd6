import { describe, expect, it } from '@jest/globals';
import { Bans } from '../../src/exchange/transport/bans.js';
import { keyIdentity } from '../../src/exchange/transport/key-identity.js';
import { profileOf } from '../../src/exchange/exchanges.js';
import { limitOf, type Limit } from '../../src/exchange/transport/request-limits.js';
import { parseRetryAfter } from '../../src/domain/failure/retry-after.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function meant(id: string, refusal: Partial<Parameters<typeof limitOf>[1]>): Limit {
  const { limits } = profileOf(id);
  return limitOf(limits, { status: 200, code: null, signed: true, reportedMs: null, saysBan: false, ...refusal });
}

describe('whom a refusal for too many requests stops', () => {
  it.each<[string, number, string | null, 'key' | 'address', 'key' | 'address']>([
    // exchange, status, code, of a question with a key, of a public question
    ['binance', 429, '-1003', 'address', 'address'],
    ['binance', 418, '-1003', 'address', 'address'],
    ['binance', 429, '-1015', 'key', 'address'],
    ['binance', 503, '-1008', 'address', 'address'],
    ['binanceusdm', 429, '-1003', 'address', 'address'],
    ['binanceusdm', 418, null, 'address', 'address'],
    ['binanceusdm', 429, '-1015', 'key', 'address'],
    ['bybit', 200, '10006', 'key', 'address'],
    ['bybit', 200, '10018', 'address', 'address'],
    ['bybit', 200, '10429', 'address', 'address'],
    ['bybit', 403, null, 'address', 'address'],
    ['bybit', 429, null, 'address', 'address'],
    ['okx', 200, '50011', 'key', 'address'],
    ['okx', 429, '50011', 'key', 'address'],
    ['okx', 429, '50061', 'key', 'address'],
    ['okx', 200, '50040', 'key', 'address'],
    ['okx', 429, null, 'address', 'address'],
    ['bitget', 429, '429', 'key', 'address'],
    ['bitget', 429, null, 'key', 'address'],
    ['bitget', 200, '30007', 'key', 'address'],
    ['bitget', 418, null, 'address', 'address'],
    ['gate', 429, 'TOO_MANY_REQUESTS', 'key', 'address'],
    ['gate', 400, 'TOO_FAST', 'key', 'address'],
    ['gate', 429, null, 'address', 'address'],
    ['krakenfutures', 200, 'apiLimitExceeded', 'key', 'address'],
    ['krakenfutures', 429, null, 'address', 'address'],
    ['hyperliquid', 429, null, 'address', 'address'],
    ['kucoin', 429, null, 'address', 'address'],
    ['bybit', 200, 'constructor', 'address', 'address'],
    ['bitget', 429, 'constructor', 'key', 'address'],
  ])('%s: HTTP %s with %s stops the %s, asked without a key the %s', (id, status, code, signed, unsigned) => {
    expect(meant(id, { status, code }).stops).toBe(signed);
    expect(meant(id, { status, code, signed: false }).stops).toBe(unsigned);
  });
});

describe('how long a refusal is believed', () => {
  it.each<[string, Parameters<typeof meant>[1], number | null, number | null]>([
    ['a rate limit as reported', { status: 429, reportedMs: 7_000 }, 7_000, null],
    ['a rate limit of ten minutes', { status: 429, reportedMs: 10 * MINUTE_MS }, 10 * MINUTE_MS, null],
    ['a rate limit of a day', { status: 429, reportedMs: DAY_MS }, 10 * MINUTE_MS, DAY_MS],
    ['a ban of two hours', { status: 418, reportedMs: 120 * MINUTE_MS }, 120 * MINUTE_MS, null],
    [
      'a 429 that calls itself a ban',
      { status: 429, reportedMs: 120 * MINUTE_MS, saysBan: true },
      120 * MINUTE_MS,
      null,
    ],
    ['a ban of 30 years', { status: 418, reportedMs: 1e12 }, DAY_MS, 1e12],
    ['a ban without end', { status: 418, reportedMs: Infinity }, DAY_MS, Infinity],
    ['a rate limit that says nothing', { status: 429 }, null, null],
    ['a ban that says nothing, by the documentation', { status: 418 }, 2 * MINUTE_MS, null],
    ['the same with a code', { status: 418, code: '-1003' }, 2 * MINUTE_MS, null],
  ])('%s', (_name, refusal, waitMs, disbelievedMs) => {
    expect(meant('binance', refusal)).toMatchObject({ waitMs, disbelievedMs });
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');

  it.each([
    ['0', 0],
    ['7', 7_000],
    ['0.2', 200],
    [' 30 ', 30_000],
    ['1000000000', 1e12],
    ['Tue, 24 Nov 2026 12:00:09 GMT', 9_000],
    ['Tuesday, 24-Nov-26 12:00:09 GMT', 9_000],
    ['Tue Nov 24 12:00:09 2026 GMT', 9_000],
    ['2026-11-24T12:00:09Z', 9_000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.parse('9999-12-31T23:59:59Z') - now],
    ['-5', null],
    ['1e9', null],
    ['soon', null],
    ['in 3000', null],
    ['Tue, 99 Nov 2026 99:00:09 GMT', null],
    ['', null],
    [null, null],
  ])('of %j is %s ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});

describe('bans', () => {
  it('of a key concern that key alone, of the address all and public questions too', () => {
    let now = 0;
    const bans = new Bans(() => now);
    bans.banKey('a', 5_000);
    expect(bans.met('a')).toEqual({ stops: 'key', remainingMs: 5_000 });
    expect([bans.met('b'), bans.met(null)]).toEqual([null, null]);
    bans.banAddress(3_000);
    expect(bans.met('a')).toEqual({ stops: 'key', remainingMs: 5_000 });
    expect(bans.met('b')).toEqual({ stops: 'address', remainingMs: 3_000 });
    expect(bans.met(null)).toEqual({ stops: 'address', remainingMs: 3_000 });
    now = 3_000;
    expect(bans.met(null)).toBeNull();
    now = 5_000;
    expect(bans.met('a')).toBeNull();
  });

  it('are not shortened by a later, shorter one', () => {
    const bans = new Bans(() => 0);
    bans.banKey('a', 5_000);
    bans.banKey('a', 1_000);
    bans.banAddress(4_000);
    bans.banAddress(1_000);
    expect([bans.met('a')?.remainingMs, bans.met(null)?.remainingMs]).toEqual([5_000, 4_000]);
  });

  it('name a key by what shows nothing of it, and the same key by the same name', () => {
    const credentials = { apiKey: 'key-Planted+1$', secret: 'secret-Planted/2==' };
    const name = keyIdentity(credentials);
    expect(name).toBe(keyIdentity({ secret: credentials.secret, apiKey: credentials.apiKey }));
    expect(name).not.toBe(keyIdentity({ ...credentials, apiKey: 'another' }));
    // The fields are distinguished: what is key and what is secret cannot be moved between them.
    expect(keyIdentity({ apiKey: 'ab', secret: 'c' })).not.toBe(keyIdentity({ apiKey: 'a', secret: 'bc' }));
    for (const secret of Object.values(credentials)) expect(name).not.toContain(secret);
  });
});
