import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FreqtradeBot } from '../../../src/config/config.js';
import { compare } from '../../../src/domain/compare/compare.js';
import { DEFAULT_POLICY } from '../../../src/domain/policy/policy.js';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { checkFreshness } from '../../../src/internal/freshness.js';
import { LAST_PROCESS_MS, order, trade } from './answers.js';
import { BASIC, failureOf, freqtrade, json, servers, sourceOf } from './bot-server.js';

afterEach(async () => servers.end());

describe('a Freqtrade that trades', () => {
  it('is asked with three GETs, the time before the trades, and read exactly', async () => {
    const seen: IncomingMessage[] = [];
    const stop = order({ ft_order_side: 'stoploss', order_type: 'market', safe_price: 44_100, order_id: '9' });
    const url = await freqtrade({ trades: [trade({ orders: [stop] })] }, {}, seen);
    const snapshot = await sourceOf(url).readState();
    expect(seen.map(({ method, url: path, headers }) => [method, path, headers.authorization])).toEqual(
      ['show_config', 'health', 'status'].map((name) => ['GET', `/api/v1/${name}`, BASIC]),
    );
    expect(snapshot).toEqual({
      side: 'internal',
      readStartedAt: 7,
      readEndedAt: 7,
      asOf: LAST_PROCESS_MS,
      positionMode: 'one-way',
      scopes: ['positions', 'orders'],
      gaps: [],
      positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.04', changedAt: null }],
      orders: [
        expect.objectContaining({ id: '9', side: 'sell', conditional: true, price: null, triggerPrice: '44100' }),
      ],
      balances: [],
      markets: {},
      bots: [{ kind: 'freqtrade', trades: { 'BTC/USDT:USDT': { ids: ['7'], count: 1 } } }],
    });
  });

  it('without trades holds nothing', async () => {
    const { positions, orders, scopes } = await sourceOf(await freqtrade({})).readState();
    expect({ positions, orders, scopes }).toEqual({ positions: [], orders: [], scopes: ['positions', 'orders'] });
  });

  it.each(['/', '/api/v1', '/api/v1/'])('may be named with the path %s', async (path) => {
    await expect(sourceOf(`${await freqtrade({})}${path}`).readState()).resolves.toMatchObject({ positions: [] });
  });

  it('may lie behind a path of a proxy', async () => {
    const paths: (string | undefined)[] = [];
    const url = await servers.serve((request, response) => {
      paths.push(request.url);
      json(response, {}, 404);
    });
    await failureOf(sourceOf(`${url}/bots/alpha/`));
    expect(paths).toEqual(['/bots/alpha/api/v1/show_config']);
  });

  it.each(['paused', 'reload_config'])('also while it is %s, because its last loop tells its age', async (state) => {
    await expect(sourceOf(await freqtrade({ config: { state } })).readState()).resolves.toMatchObject({
      asOf: LAST_PROCESS_MS,
    });
  });

  it('is stale when its loop stands', async () => {
    const snapshot = await sourceOf(await freqtrade({})).readState();
    expect(checkFreshness(snapshot, LAST_PROCESS_MS + 300_000, 300)).toBeNull();
    expect(checkFreshness(snapshot, LAST_PROCESS_MS + 301_000, 300)).toMatchObject({ kind: 'internal_stale' });
  });

  it.each<Partial<FreqtradeBot>>([
    { botName: 'alpha' },
    { tradingMode: 'futures' },
    { stakeCurrency: 'USDT' },
    { botName: 'alpha', tradingMode: 'futures', stakeCurrency: 'USDT' },
  ])('is the bot of the account: %j', async (bot) => {
    await expect(sourceOf(await freqtrade({}), { bot }).readState()).resolves.toMatchObject({ positions: [] });
  });

  it.each([
    ['binance', 'spot', 'binance'],
    ['bybiteu', 'futures', 'bybit'],
    ['myokx', 'futures', 'okx'],
    ['gate', 'futures', 'gateio'],
    ['gateio', 'spot', 'gate'],
    ['krakenfutures', 'futures', 'krakenfutures'],
    ['okx', 'spot', 'okx'],
  ])('is the bot of an account on %s: %s on %s', async (id, trading_mode, exchange) => {
    const url = await freqtrade({ config: { exchange, trading_mode } });
    await expect(sourceOf(url, { bot: { exchange: id } }).readState()).resolves.toMatchObject({ orders: [] });
  });

  it('is described without secrets', () => {
    expect(sourceOf('http://127.0.0.1:1').description).toBe('freqtrade http://127.0.0.1:1');
  });
});

describe('a spot bot', () => {
  const spot = { exchange: 'binance', trading_mode: 'spot' };
  const trades = [
    trade({ pair: 'BTC/USDT', fee_open_currency: 'USDT' }),
    trade({ pair: 'ETH/USDT', base_currency: 'ETH' }),
  ];
  const read = async (atLeast: string[]): Promise<Snapshot> =>
    sourceOf(await freqtrade({ config: spot, trades }), { bot: { exchange: 'binance' }, atLeast }).readState();

  it('covers orders, and says why not balances', async () => {
    const { scopes, gaps, balances, positions, positionMode } = await read([]);
    expect({ scopes, balances, positions, positionMode }).toEqual({
      scopes: ['orders'],
      balances: [],
      positions: [],
      positionMode: null,
    });
    expect(gaps).toEqual([{ scope: 'balances', reason: expect.stringContaining('at_least') }]);
  });

  it('covers balances where the exchange may hold more of all', async () => {
    expect(await read(['*'])).toMatchObject({
      scopes: ['orders', 'balances'],
      gaps: [],
      balances: [
        { currency: 'BTC', total: '0.04' },
        { currency: 'ETH', total: '0.04' },
      ],
    });
  });

  it('covers the currencies that the exchange may hold more of, also without a trade in them', async () => {
    expect(await read(['BTC', 'BNB'])).toMatchObject({
      scopes: ['orders', 'balances:BTC', 'balances:BNB'],
      balances: [{ currency: 'BTC', total: '0.04' }],
    });
  });

  it.each([
    ['more, and coins of the owner', '1.04', []],
    ['exactly its trades', '0.04', []],
    ['less', '0.03', ['BALANCE_CHANGED_EXTERNALLY']],
  ])('agrees with a wallet that holds %s: %s BTC', async (_, total, types) => {
    const internal = await read(['*']);
    const exchange: Snapshot = {
      ...internal,
      side: 'exchange',
      balances: [
        { currency: 'BTC', total },
        { currency: 'ETH', total: '0.04' },
        { currency: 'USDT', total: '99000.4' },
      ],
    };
    const { differences } = compare(exchange, internal, { ...DEFAULT_POLICY, atLeast: ['*'] });
    expect(differences.map(({ type }) => type)).toEqual(types);
  });
});

it('an unreadable trade costs its own symbol, and the others are compared', async () => {
  const broken = trade({ trade_id: 8, pair: 'ETH/USDT:USDT', orders: [order({ filled: null, amount: null })] });
  const internal = await sourceOf(await freqtrade({ trades: [trade(), broken] })).readState();
  const exchange: Snapshot = { ...internal, side: 'exchange', positions: [], unread: [] };
  const { differences, notCompared } = compare(exchange, internal, DEFAULT_POLICY);
  expect(differences.map(({ type, symbol }) => [type, symbol])).toEqual([
    ['POSITION_CLOSED_EXTERNALLY', 'BTC/USDT:USDT'],
  ]);
  expect(notCompared.map(({ scope, symbol, code }) => [scope, symbol, code])).toEqual([
    ['orders', 'ETH/USDT:USDT', 'ROW_UNREADABLE'],
    ['positions:linear:USDT', 'ETH/USDT:USDT', 'ROW_UNREADABLE'],
  ]);
});
