import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import type { Market } from '../../src/exchange/profile/markets.js';
import {
  explainMissingOrder,
  REMEMBERS_ALL,
  type Memory,
  type OrderQuestion,
  type OrderSource,
  type SourceAnswer,
} from '../../src/exchange/profile/missing-orders.js';
import { noSuchOrder, orderSource, tradeSource, type OrderRow } from '../../src/exchange/profile/order-sources.js';
import type { ReadSession } from '../../src/exchange/profile/read-session.js';
import { get } from '../../src/exchange/transport/endpoint.js';
import { ExchangeFailure } from '../../src/exchange/transport/error-kinds.js';

const NOW = 1_764_000_000_000;
const HOUR = 3_600_000;
const MARKET: Market = {
  id: 'BTCUSDT',
  symbol: 'BTC/USDT:USDT',
  kind: 'linear',
  contractSize: '0.01',
  amountStep: '0.01',
  minAmount: null,
  settleId: 'USDT',
  minCost: null,
  base: 'BTC',
  quote: 'USDT',
};
const ORDER: OpenOrder = {
  id: '1',
  clientOrderId: 'bot-1',
  symbol: MARKET.symbol,
  side: 'buy',
  type: 'limit',
  price: '60000',
  triggerPrice: null,
  amount: '0.1',
  filled: '0',
  conditional: false,
  changedAt: null,
};
const FILLED = { end: 'filled', filled: '10', averagePrice: '60000', at: NOW } as const;
const FORGETS: Memory = { ms: 24 * HOUR, says: 'it forgets after a day' };

/** A session that has only a clock and one answer. */
function sessionOf(answer?: (params: unknown) => unknown): ReadSession {
  const failure = (kind: string, _endpoint: unknown, what: string) => new Error(`${kind}: ${what}`);
  return { exchangeTime: () => NOW, failure, ask: async (_: unknown, params: unknown) => answer?.(params) } as never;
}

function question(fields: Partial<OpenOrder> = {}, session = sessionOf()): OrderQuestion {
  return { session, order: { ...ORDER, ...fields }, market: MARKET };
}

/** A source that answers what it is given, and remembers whom it was asked about. */
function source(name: string, answer: SourceAnswer, when?: OrderSource['when']) {
  const asked: (string | null)[] = [];
  const ask = async ({ order }: OrderQuestion): Promise<SourceAnswer> => {
    asked.push(order.id);
    return answer;
  };
  return { name, when, ask, asked };
}

describe('what became of a missing order', () => {
  it('is said by the first source that knows it; no other is asked', async () => {
    const sources = [source('order query', null), source('closed orders', FILLED), source('own trades', null)];
    expect(await explainMissingOrder({ sources, memory: FORGETS }, question())).toEqual({
      cause: 'filled',
      filled: '0.1',
      averagePrice: '60000',
      at: NOW,
      source: 'closed orders',
    });
    expect(sources.map(({ asked }) => asked.length)).toEqual([1, 1, 0]);
  });

  it('is not asked of a source that cannot be asked about it', async () => {
    const never = source('own trades', FILLED, () => false);
    const explained = await explainMissingOrder({ sources: [never], memory: REMEMBERS_ALL }, question());
    expect(explained.cause).toBe('never_seen');
    expect(never.asked).toEqual([]);
  });

  it('is open again, or undecided, as the source says', async () => {
    const open = { ...FILLED, end: 'open' } as const;
    const plan = (answer: SourceAnswer) => ({ sources: [source('order query', answer)], memory: FORGETS });
    expect(await explainMissingOrder(plan(open), question())).toMatchObject({ cause: 'unknown', stillOpen: true });
    expect(await explainMissingOrder(plan({ undecided: 'a part failed' }), question())).toMatchObject({
      cause: 'unknown',
      source: 'a part failed',
    });
  });

  it.each<[string, Partial<OpenOrder>, Memory, string, string]>([
    ['young', { changedAt: NOW - HOUR }, FORGETS, 'never_seen', 'not known to order query and closed orders'],
    ['old', { changedAt: NOW - 25 * HOUR }, FORGETS, 'unknown', 'it forgets after a day, and this order is older'],
    ['of unknown age', {}, FORGETS, 'unknown', 'it forgets after a day, and this order is of unknown age'],
    ['never acknowledged', { id: null }, FORGETS, 'never_seen', 'not known to'],
    ['of an exchange that forgets nothing', {}, REMEMBERS_ALL, 'never_seen', 'not known to'],
    [
      'of an exchange that does not say',
      { changedAt: NOW },
      { ms: null, says: 'no word of it' },
      'unknown',
      'no word of it',
    ],
    ['shown to be young', {}, { ...FORGETS, isYoung: async () => true }, 'never_seen', 'not known to'],
    ['not shown to be young', {}, { ...FORGETS, isYoung: async () => false }, 'unknown', 'of unknown age'],
  ])('that no source knows, and that is %s', async (_name, fields, memory, cause, said) => {
    const sources = [source('order query', null), source('closed orders', null), source('closed orders', null)];
    const explained = await explainMissingOrder({ sources, memory }, question(fields));
    expect(explained).toMatchObject({ cause, source: expect.stringContaining(said) });
  });

  it('is unknown where a history was not read to its end, whatever is remembered', async () => {
    const sources = [source('closed orders', 'unread'), source('own trades', null)];
    expect(await explainMissingOrder({ sources, memory: REMEMBERS_ALL }, question())).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('too long to decide'),
    });
  });

  it.each<[string, SourceAnswer, object]>([
    ['filled', FILLED, { cause: 'filled', source: 'order query of 9, which it became when it triggered' }],
    ['open', { ...FILLED, end: 'open' }, { cause: 'triggered', becameOpen: '9', source: 'trigger query' }],
    ['not known', null, { cause: 'unknown', source: 'triggered as order 9: the order query does not know it' }],
  ])('that triggered is followed to the order that it became, which is %s', async (_name, answer, expected) => {
    const after = source('order query', answer);
    const plan = {
      sources: [source('trigger query', { became: '9' })],
      afterTrigger: [after],
      memory: FORGETS,
    };
    const explained = await explainMissingOrder(plan, question({ conditional: true }));
    expect(explained).toMatchObject(expected);
    expect(explained).not.toHaveProperty('stillOpen');
    expect(after.asked).toEqual(['9']);
  });

  it.each([
    ['10', false, { cause: 'filled', filled: '0.1' }],
    ['4', false, { cause: 'unknown', filled: '0.04' }],
    ['4', true, { cause: 'liquidated', filled: '0.04' }],
  ])('is read from trades of %s contracts (liquidated: %s)', async (amount, liquidated, expected) => {
    const trades = source('own trades', { trades: [{ price: '60000', amount, at: NOW }], liquidated });
    expect(await explainMissingOrder({ sources: [trades], memory: FORGETS }, question())).toMatchObject(expected);
  });

  it('has the price at which all was traded: of inverse contracts by worth, unless amounts are in base units', async () => {
    const trades = [
      { price: '100', amount: '1', at: 1 },
      { price: '400', amount: '1', at: 2 },
    ];
    const inverse = { ...question(), market: { ...MARKET, kind: 'inverse' as const } };
    const priceOf = async (known: SourceAnswer): Promise<string | null> =>
      (await explainMissingOrder({ sources: [source('own trades', known)], memory: FORGETS }, inverse)).averagePrice;
    expect(await priceOf({ trades })).toBe('160');
    expect(await priceOf({ trades, inBase: true })).toBe('250');
  });
});

describe('a source made of a table', () => {
  const ENDPOINT = get('/order', 'privateGetOrder', z.array(z.string()));
  const read = (id: string): OrderRow => ({ id, clientOrderId: `bot-${id}`, market: MARKET.id, says: FILLED });
  const table = { name: 'order query', endpoint: ENDPOINT, params: () => ({}), rows: (ids: string[]) => ids, read };

  it('finds the order by its id, else by its client order id, in its market', async () => {
    const of = orderSource(table);
    const session = sessionOf(() => ['7', '1']);
    expect(await of.ask(question({}, session))).toBe(FILLED);
    expect(await of.ask(question({ id: null }, session))).toBe(FILLED);
    expect(await of.ask(question({ id: '2' }, session))).toBeNull();
    const elsewhere = orderSource({ ...table, read: (id: string) => ({ ...read(id), market: 'ETHUSDT' }) });
    expect(await elsewhere.ask(question({}, session))).toBeNull();
  });

  it('fails where an answer about one order is about another, and where a filled order has nothing filled', async () => {
    const only = orderSource({ ...table, only: true });
    await expect(
      only.ask(
        question(
          {},
          sessionOf(() => ['7']),
        ),
      ),
    ).rejects.toThrow(/incomplete: answered for another order/);
    expect(
      await only.ask(
        question(
          {},
          sessionOf(() => []),
        ),
      ),
    ).toBeNull();
    const empty = orderSource({
      ...table,
      read: (id: string) => ({ ...read(id), says: { ...FILLED, filled: '0.0' } }),
    });
    await expect(
      empty.ask(
        question(
          {},
          sessionOf(() => ['1']),
        ),
      ),
    ).rejects.toThrow(/unreadable: .*nothing filled/);
  });

  it('asks one question after another until one knows the order, and says what was not read', async () => {
    const asked: unknown[] = [];
    const session = sessionOf((params) => {
      asked.push(params);
      return (params as { page: string }).page === 'b' ? ['1'] : ['5'];
    });
    const pages = { ...table, params: () => ['a', 'b', 'c'].map((page) => ({ page })) };
    expect(await orderSource(pages).ask(question({}, session))).toBe(FILLED);
    expect(asked).toEqual([{ page: 'a' }, { page: 'b' }]);
    expect(await orderSource({ ...pages, full: () => true }).ask(question({ id: '2' }, session))).toBe('unread');
  });

  it('takes the codes of the exchange for what they mean, and no other failure', async () => {
    const refusing = (exchangeCode: string): ReadSession =>
      sessionOf(() => {
        throw new ExchangeFailure({ kind: 'unsupported', message: 'no', where: 'x', retryAfterMs: null }, exchangeCode);
      });
    const of = orderSource({ ...table, codes: { ...noSuchOrder('404'), archived: { undecided: 'long ago' } } });
    expect(await of.ask(question({}, refusing('404')))).toBeNull();
    expect(await of.ask(question({}, refusing('archived')))).toEqual({ undecided: 'long ago' });
    await expect(of.ask(question({}, refusing('constructor')))).rejects.toThrow('no');
  });

  it('takes only trades of this order in this market for its own', async () => {
    const row = { orderId: '1', market: MARKET.id, price: '1', amount: '1', at: 1 };
    const rows = [row, { ...row, orderId: '2' }, { ...row, market: 'ETHUSDT' }, { ...row, price: 'funding' }];
    const of = tradeSource({
      name: 'own trades',
      rows: async () => rows,
      read: (trade) => (trade.price === 'funding' ? null : { ...trade, liquidates: true }),
    });
    expect(await of.ask(question())).toMatchObject({ trades: [row], liquidated: true });
    expect(await of.ask(question({ id: '3' }))).toBeNull();
    expect(of.when?.(question({ id: null }))).toBe(false);
  });
});
