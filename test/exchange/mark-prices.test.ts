import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isDecimal, signOf } from '../../src/domain/decimal/decimal.js';
import { priceByValue, publicPriceOf } from '../../src/exchange/profile/mark-prices.js';
import { EXCHANGES } from './exchanges.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

/** Exchanges whose rows of positions report no price of now, and how many of the account's positions have none. */
const WITHOUT: Readonly<Record<string, number>> = { krakenfutures: 4, gate: 3, kucoin: 2 };

describe.each(EXCHANGES)('an account of $id', (exchange) => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = exchange.serve(await WireServer.start());
  });
  afterEach(() => wire.stop());
  const reader = async () => readerOf(exchange.id, wire, { credentials: exchange.credentials });

  it('has prices at which drifts are valued only where somebody asks for them', async () => {
    const one = await reader();
    const plain = await one.readState({ balances: true });
    expect(Object.values(plain.markets).filter(({ markPrice }) => markPrice !== undefined)).toEqual([]);
    const { markets, positions, balances } = await one.readState({ balances: true, prices: true });
    const prices = Object.values(markets).flatMap(({ markPrice }) => markPrice ?? []);
    for (const price of prices) expect(isDecimal(price) && signOf(price) > 0).toBe(true);
    const without = positions.filter(({ symbol }) => markets[symbol]?.markPrice === undefined);
    expect(without).toHaveLength(WITHOUT[exchange.id] ?? 0);
    const isSpot = positions.length === 0;
    const needsPrice = isSpot && balances.some(({ currency }) => currency === 'BTC');
    expect(needsPrice && markets['BTC']?.markPrice === undefined).toBe(false);
  });

  it('has them for markets and currencies of the bot, where the exchange has spot prices', async () => {
    const one = await reader();
    const { markets, balances } = await one.readState({ balances: true, prices: true });
    const [coin] = balances.filter(({ currency }) => markets[currency]?.markPrice !== undefined);
    if (coin === undefined) return;
    const facts = await one.holdingFacts([coin.currency], { prices: true });
    expect(facts[coin.currency]?.markPrice).toBe(markets[coin.currency]?.markPrice);
    expect((await one.holdingFacts([coin.currency]))[coin.currency]).not.toHaveProperty('markPrice');
  });
});

describe('a price', () => {
  it('of a position follows from its value, where that is all that is reported', () => {
    expect(priceByValue('100.5', '-0.5')).toBe('201');
    expect(priceByValue(null, '1')).toBeNull();
    expect(priceByValue('5', '0')).toBeNull();
  });

  const spot = new Map([['BTC/USDT', '60000']]);
  const contracts = new Map([['BTC/USDT:USDT', '60001']]);
  const none = new Map<string, string>();

  it('of a contract is its public mark price, or else that of its spot pair', () => {
    expect(publicPriceOf('BTC/USDT:USDT', { spot, contracts }, {})).toBe('60001');
    expect(publicPriceOf('BTC/USDT:USDT', { spot, contracts: none }, {})).toBe('60000');
    expect(publicPriceOf('1000PEPE/USDT:USDT', { spot, contracts }, {})).toBeUndefined();
  });

  it('of a spot pair values no contract where anyone may list a token of that name', () => {
    const open = { anyoneListsSpot: true } as const;
    expect(publicPriceOf('BTC/USDT', { spot, contracts: none }, open)).toBe('60000');
    expect(publicPriceOf('BTC/USDT:USDT', { spot, contracts: none }, open)).toBeUndefined();
  });
});

describe('mark prices of all contracts', () => {
  it.each([
    [
      'binanceusdm',
      '/fapi/v1/premiumIndex',
      [
        { symbol: 'ETHUSDT', markPrice: '3000.5' },
        { symbol: 'GONEUSDT', markPrice: '1' },
      ],
      'ETH/USDT:USDT',
    ],
    [
      'krakenfutures',
      '/derivatives/api/v3/tickers',
      {
        result: 'success',
        serverTime: '2026-11-22T15:00:00.000Z',
        tickers: [{ symbol: 'PF_ETHUSD', markPrice: 3000.5 }, { symbol: 'PF_XBTUSD' }],
      },
      'ETH/USD:USD',
    ],
  ])('of %s value what has no position, and are asked for once', async (id, path, answer, symbol) => {
    const exchange = EXCHANGES.find((each) => each.id === id);
    if (exchange === undefined) throw new Error(`${id} has a profile`);
    const wire = exchange.serve(await WireServer.start()).route(path, answer);
    try {
      const one = await readerOf(id, wire, { credentials: exchange.credentials });
      expect(await one.resolveMarket(symbol, { prices: true })).toMatchObject({ facts: { markPrice: '3000.5' } });
      expect(await one.resolveMarket(symbol)).not.toHaveProperty('facts.markPrice');
      await one.readState({ prices: true });
      expect(wire.requests.filter((request) => request.path === path)).toHaveLength(1);
    } finally {
      await wire.stop();
    }
  });
});
