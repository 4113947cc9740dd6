import { describe, expect, it } from '@jest/globals';
import type { InternalConfig } from '../../src/config/config.js';
import { proofOf } from '../../src/internal/proof.js';

const FILE: InternalConfig = { kind: 'file', path: '/state.json', maxBytes: 1 };
const FREQTRADE: InternalConfig = {
  kind: 'freqtrade',
  url: 'http://127.0.0.1:8080',
  username: { env: 'U' },
  password: { env: 'P' },
  bot: { botName: null, exchange: 'okx', tradingMode: null, stakeCurrency: null },
  atLeast: [],
  deadlineSeconds: 1,
  maxBytes: 1,
};

describe('what a match proves', () => {
  it('with the own record of a bot is that both agree', () => {
    const proof = { record: 'own', text: expect.stringContaining('a match proves that bot and exchange agree') };
    expect(proofOf([{ name: null, source: FILE }])).toEqual(proof);
    expect(proofOf([{ name: null, source: FILE, record: 'own' }])).toEqual(proof);
  });

  it('with a copy of the exchange is only that it is fresh', () => {
    const text = expect.stringContaining('proves only that the copy is fresh');
    expect(proofOf([{ name: null, source: FILE, record: 'mirror' }])).toEqual({ record: 'mirror', text });
  });

  it('with a Freqtrade differs between its trades and the terms of its orders', () => {
    const { record, text } = proofOf([{ name: null, source: FREQTRADE }]);
    expect(record).toBe('own');
    expect(text).toMatch(/its trades are .* own record .*adopts their price, amount and status .* in every loop/);
  });

  it('with a NautilusTrader leaves out what it adopted', () => {
    const source: InternalConfig = {
      kind: 'nautilus',
      database: { kind: 'redis', url: { env: 'R' } },
      traderId: 'TESTER-001',
      prefix: 'trader-TESTER-001',
      encoding: 'msgpack',
      asOf: 'read',
      venue: null,
      accountId: null,
      exchange: null,
      positionMode: 'one-way',
      amounts: 'instrument',
      deadlineSeconds: 1,
      maxBytes: 1,
    };
    expect(proofOf([{ name: null, source }])).toEqual({
      record: 'own',
      text: expect.stringMatching(/EXTERNAL.* left out/),
    });
  });

  it('with a Hummingbot is about orders, and about positions only with whole fills', () => {
    const source = {
      kind: 'hummingbot',
      database: { kind: 'sqlite', path: '/bot.sqlite' },
      connector: 'okx_perpetual',
      configFile: null,
      asOf: 'read',
      deadlineSeconds: 1,
      maxBytes: 1,
    } as const;
    const textWith = (positions: boolean): string => proofOf([{ name: null, source: { ...source, positions } }]).text;
    expect(textWith(false)).toMatch(/^its orders are Hummingbot's own record/);
    expect(textWith(false)).not.toContain('positions');
    expect(textWith(true)).toContain('no fill is missing');
  });

  it('is said of each kind of source, and is that of a mirror if one of them is one', () => {
    const { record, text } = proofOf([
      { name: 'a', source: FILE },
      { name: 'b', source: FILE },
      { name: 'c', source: FILE, record: 'mirror' },
    ]);
    expect(record).toBe('mirror');
    expect(text).toMatch(/^"a", "b": the bot's own record.*; "c": a copy/);
  });
});
