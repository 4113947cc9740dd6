import { describe, expect, it } from '@jest/globals';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { parseStateDocument } from '../../src/internal/state-document.js';
import { stateDocumentOf } from './state-output.js';

const RECEIVED = { startedAt: 1_000, endedAt: 1_050 };
const read = (text: string): Snapshot => parseStateDocument(text, { side: 'internal', receivedAt: RECEIVED });

const POSITION = { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500' };
const ORDER = {
  id: '8389765',
  client_order_id: 'bot-17',
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  type: 'limit',
  price: '60000',
  trigger_price: null,
  amount: '0.010',
  filled: '0',
};
const DOCUMENT = {
  version: 1,
  as_of: '2026-11-22T15:00:00.000Z',
  position_mode: 'one-way',
  scopes: ['positions', 'orders', 'balances'],
  positions: [POSITION],
  orders: [ORDER],
  balances: [{ currency: 'USDT', total: '1000.0' }],
};

function withFields(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...DOCUMENT, ...fields });
}

function failureOf(text: string): Failure {
  try {
    read(text);
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error('the document was read');
}

describe('a document', () => {
  it('becomes a snapshot', () => {
    expect(read(JSON.stringify(DOCUMENT))).toEqual({
      side: 'internal',
      readStartedAt: 1_000,
      readEndedAt: 1_050,
      asOf: Date.UTC(2026, 10, 22, 15),
      positionMode: 'one-way',
      scopes: ['positions', 'orders', 'balances'],
      gaps: [],
      positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500', changedAt: null }],
      orders: [
        {
          id: '8389765',
          clientOrderId: 'bot-17',
          symbol: 'BTC/USDT:USDT',
          side: 'buy',
          type: 'limit',
          price: '60000',
          triggerPrice: null,
          amount: '0.010',
          filled: '0',
          conditional: false,
          changedAt: null,
        },
      ],
      balances: [{ currency: 'USDT', total: '1000.0' }],
      markets: {},
    });
  });

  it('reads a number with a plus sign, as the schema allows', () => {
    const total = (text: string) => read(withFields({ balances: [{ currency: 'X', total: text }] })).balances[0]?.total;
    expect(total('+5')).toBe('5');
    expect(total('+-5')).toBeUndefined();
  });

  it('takes what it names as a gap out of its scopes', () => {
    const gap = (scope: string) => read(withFields({ gaps: [{ scope, reason: 'starting' }] })).scopes;
    expect(gap('positions')).not.toContain('positions');
    expect(gap('positions:inverse')).toEqual(expect.arrayContaining(['positions:linear', 'positions:spot']));
  });

  it('survives being written and read again', () => {
    const snapshot = read(
      withFields({
        gaps: [{ scope: 'positions:inverse', reason: 'not asked' }],
        markets: { 'BTC/USDT:USDT': '0.001' },
        orders: [{ ...ORDER, type: 'STOP_MARKET', trigger_price: 59_000.5, changed_at: '2026-11-22T16:00:00+01:00' }],
      }),
    );
    expect(read(JSON.stringify(stateDocumentOf(snapshot)))).toEqual(snapshot);
  });

  it.each([
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['100.123456789012345678', '100.123456789012345678'],
    ['12345678901234567890123456789', '12345678901234567890123456789'],
    ['1e-8', '0.00000001'],
    ['1.5E+3', '1500'],
    ['0.00000001', '0.00000001'],
  ])('reads the number %s exactly, as JSON number and as text', (written, exact) => {
    const numbers = JSON.stringify({ ...DOCUMENT, balances: [] }).replace(
      '"balances":[]',
      `"balances":[{"currency":"X","total":${written}}]`,
    );
    const texts = withFields({ balances: [{ currency: 'X', total: written }] });
    expect(read(numbers).balances[0]?.total).toBe(exact);
    expect(read(texts).balances[0]?.total).toBe(exact);
  });

  it('keeps ids that are JSON numbers exactly', () => {
    const text = withFields({}).replace('"id":"8389765"', '"id":8389765012345678901234');
    expect(read(text).orders[0]?.id).toBe('8389765012345678901234');
  });

  it.each([
    ['0.5', null, 'long', '0.5'],
    ['-0.5', null, 'short', '0.5'],
    ['-1e-3', undefined, 'short', '0.001'],
    ['0.5', 'short', 'short', '0.5'],
  ])('takes the side of %s beside %s as %s', (amount, side, expectedSide, expectedAmount) => {
    const positions = [{ symbol: 'X', amount, ...(side !== undefined && { side }) }];
    expect(read(withFields({ positions })).positions).toEqual([
      { symbol: 'X', side: expectedSide, amount: expectedAmount, changedAt: null },
    ]);
  });

  it.each(['0', '0.000', '-0', '0e5'])('takes a position of %s as none', (amount) => {
    expect(
      read(
        withFields({
          positions: [
            { symbol: 'X', side: 'long', amount },
            { symbol: 'X', amount },
          ],
        }),
      ).positions,
    ).toEqual([]);
  });

  it.each([
    ['limit', null, undefined, false],
    ['market', null, undefined, false],
    ['LIMIT', '100', undefined, true],
    ['limit', '0', undefined, false],
    ['STOP_MARKET', null, undefined, true],
    ['stopLimit', null, undefined, true],
    ['take_profit', null, undefined, true],
    ['TakeProfitMarket', null, undefined, true],
    ['trailing_stop_market', null, undefined, true],
    ['market_if_touched', null, undefined, true],
    ['trigger', null, undefined, true],
    ['stop', '100', false, false],
    ['limit', null, true, true],
  ])(
    'takes an order of type %s, trigger price %s, conditional %s as conditional: %s',
    (type, trigger_price, conditional, expected) => {
      const order = { ...ORDER, type, trigger_price, ...(conditional !== undefined && { conditional }) };
      expect(read(withFields({ orders: [order] })).orders[0]).toMatchObject({
        type: type.toLowerCase(),
        conditional: expected,
      });
    },
  );

  it('takes zero for "no price", and for "the whole position" of a conditional order', () => {
    const order = { ...ORDER, type: 'stop_market', price: 0, trigger_price: '59000', amount: '0' };
    expect(read(withFields({ orders: [order] })).orders[0]).toMatchObject({ price: null, amount: null });
  });

  it('ignores fields that it does not know', () => {
    const text = withFields({ strategy: { a: [1, { b: null }] }, positions: [{ ...POSITION, leverage: 'x' }] });
    expect(read(text).positions).toHaveLength(1);
  });

  it('may omit a list that no scope covers', () => {
    const { orders: _, balances: __, ...rest } = DOCUMENT;
    expect(read(JSON.stringify({ ...rest, scopes: ['positions:linear:USDT'] }))).toMatchObject({
      scopes: ['positions:linear:USDT'],
      orders: [],
      balances: [],
    });
  });

  it('may speak for single currencies alone', () => {
    const scopes = ['orders', 'balances:USDT', 'balances:BTC'];
    expect(read(withFields({ scopes })).scopes).toEqual(scopes);
    expect(failureOf(withFields({ scopes, balances: undefined })).message).toContain('scopes names "balances:USDT"');
  });

  it('of hedge mode, or of no reported mode, may have two legs of a symbol', () => {
    const positions = [POSITION, { ...POSITION, side: 'short' }];
    expect(read(withFields({ positions, position_mode: 'hedge' })).positions).toHaveLength(2);
    expect(read(withFields({ positions, position_mode: undefined })).positions).toHaveLength(2);
  });

  it('may have orders of the same id in different markets', () => {
    expect(read(withFields({ orders: [ORDER, { ...ORDER, symbol: 'ETH/USDT:USDT' }] })).orders).toHaveLength(2);
  });

  it('is not changed by keys with a meaning of their own in JavaScript', () => {
    const text = withFields({ markets: {} }).replace(
      '"markets":{}',
      '"markets":{"__proto__":"1","constructor":"0.1"},"__proto__":{"positions":[]},"toString":1',
    );
    const snapshot = read(text);
    expect(snapshot.positions).toHaveLength(1);
    expect(Object.getPrototypeOf(snapshot)).toBe(Object.prototype);
    expect(Object.hasOwn(snapshot.markets, 'constructor')).toBe(true);
    expect(({} as Record<string, unknown>)['positions']).toBeUndefined();
  });

  it('may begin with a byte order mark', () => {
    expect(read(`\uFEFF${JSON.stringify(DOCUMENT)}`).positions).toHaveLength(1);
  });

  it('of 20,000 orders is read in well under a second', () => {
    const orders = Array.from({ length: 20_000 }, (_, i) => ({ ...ORDER, id: String(i), client_order_id: null }));
    const text = withFields({ orders });
    const began = performance.now();
    expect(read(text).orders).toHaveLength(20_000);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('a row with a wrong field leaves out its own symbol', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'an amount that is no number',
      { positions: [POSITION, { ...POSITION, symbol: 'E', amount: 'abc' }] },
      'positions[1]',
      '"abc"',
    ],
    ['an amount that is not reported', { positions: [{ symbol: 'X', side: 'long' }] }, 'positions[0]', 'is missing'],
    ['an amount of null', { positions: [{ ...POSITION, amount: null }] }, 'positions[0]', 'is null'],
    ['NaN', { positions: [{ ...POSITION, amount: 'NaN' }] }, 'positions[0]', 'NaN'],
    ['a number in words of another language', { positions: [{ ...POSITION, amount: '0,5' }] }, 'positions[0]', '0,5'],
    ['a hexadecimal number', { positions: [{ ...POSITION, amount: '0x10' }] }, 'positions[0]', '0x10'],
    ['an empty number', { positions: [{ ...POSITION, amount: '' }] }, 'positions[0]', '""'],
    ['a negative amount beside a side', { positions: [{ ...POSITION, amount: '-1' }] }, 'positions[0]', '-1'],
    ['another side', { positions: [{ ...POSITION, side: 'both' }] }, 'positions[0]', '"both"'],
    ['a symbol that is a number', { positions: [{ ...POSITION, symbol: 5 }] }, 'positions[0]', 'is 5'],
    ['an order without any id', { orders: [{ ...ORDER, id: null, client_order_id: '' }] }, 'orders[0]', 'neither'],
    ['an order whose fill is not reported', { orders: [{ ...ORDER, filled: undefined }] }, 'orders[0]', 'is missing'],
    ['a negative fill', { orders: [{ ...ORDER, filled: '-1' }] }, 'orders[0]', '-1'],
    ['a negative order', { orders: [{ ...ORDER, amount: '-1' }] }, 'orders[0]', '-1'],
    ['a limit order of nothing', { orders: [{ ...ORDER, amount: '0' }] }, 'orders[0]', 'is 0'],
    ['a limit order of null', { orders: [{ ...ORDER, amount: null }] }, 'orders[0]', 'null'],
    ['an order whose amount is not reported', { orders: [{ ...ORDER, amount: undefined }] }, 'orders[0]', 'is missing'],
    ['another side of an order', { orders: [{ ...ORDER, side: 'BUY' }] }, 'orders[0]', '"BUY"'],
    ['a wrong time of a row', { orders: [{ ...ORDER, changed_at: 'yesterday' }] }, 'orders[0]', 'yesterday'],
  ])('%s', (_, fields, where, says) => {
    const { unread = [], positions, orders, balances } = read(withFields(fields));
    expect(unread).toHaveLength(1);
    const [list, at = ''] = where.slice(0, -1).split('[');
    const named = (fields[list ?? ''] as { symbol: unknown }[])[Number(at)]?.symbol;
    const symbol = typeof named === 'string' ? named : null;
    expect(unread[0]).toMatchObject({ symbol, code: 'ROW_UNREADABLE' });
    expect(unread[0]?.scope).toMatch(new RegExp(`^${list}`));
    expect(unread[0]?.reason).toContain(where);
    expect(unread[0]?.reason).toContain(says);
    expect(unread[0]?.reason.length).toBeLessThan(400);
    // The rest of the document is read.
    const rest = fields['positions'] === undefined ? [1, 0] : [Number(at), 1];
    expect([positions.length, orders.length, balances.length]).toEqual([...rest, 1]);
  });

  it('of a balance leaves out its currency', () => {
    const balances = [
      { currency: 'USDT', total: '5' },
      { currency: 'BTC', total: 'much' },
    ];
    expect(read(withFields({ balances }))).toMatchObject({
      balances: [{ currency: 'USDT', total: '5' }],
      unread: [{ scope: 'balances', symbol: 'BTC', code: 'ROW_UNREADABLE' }],
    });
  });

  it('without a known symbol leaves out its list', () => {
    const positions = [POSITION, { amount: '1' }];
    expect(read(withFields({ positions })).unread).toMatchObject([{ scope: 'positions', symbol: null }]);
  });

  it('is found among thousands', () => {
    const orders = Array.from({ length: 1200 }, (_, at) => ({ ...ORDER, id: at, filled: at === 1100 ? 'x' : '0' }));
    const snapshot = read(withFields({ orders }));
    expect(snapshot.orders).toHaveLength(1199);
    expect(snapshot.unread?.[0]?.reason).toContain('orders[1100] (BTC/USDT:USDT) cannot be read: filled is "x"');
  });
});

describe('a wrong field outside the rows fails the whole document and is named with its path', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['a row that is no row', { orders: [null] }, 'orders[0]', 'is null'],
    ['a list that is a map', { orders: {} }, 'orders', 'a map'],
    ['a time without an offset', { as_of: '2026-11-22T15:00:00' }, 'as_of', 'offset'],
    ['a time that never was', { as_of: '2026-13-45T25:00:00Z' }, 'as_of', 'offset'],
    ['a time that is a number', { as_of: 1_795_359_600_000 }, 'as_of', 'text'],
    ['no time', { as_of: undefined }, 'as_of', 'is missing'],
    ['a scope that is none', { scopes: ['position'] }, 'scopes[0]', '"positions"'],
    ['no scopes', { scopes: undefined }, 'scopes', 'is missing'],
    ['an empty list of scopes', { scopes: [] }, 'scopes', 'at least one'],
    ['another mode', { position_mode: 'both' }, 'position_mode', '"both"'],
    ['a step of zero', { markets: { 'BTC/USDT:USDT': '0' } }, 'markets["BTC/USDT:USDT"]', 'is 0'],
  ])('%s', (_, fields, where, says) => {
    const failure = failureOf(withFields(fields));
    expect(failure).toMatchObject({ kind: 'unreadable', side: 'internal', where });
    expect(failure.message).toContain(says);
    expect(failure.message.length).toBeLessThan(400);
    expect(failure.remedy).not.toBe('');
  });

  it('says how many more fields are wrong', () => {
    expect(failureOf(withFields({ as_of: 1, scopes: 1, positions: 1 })).message).toMatch(/and 2 more/);
  });

  it.each(['positions', 'orders', 'balances'])('a missing list of %s is not an empty one', (name) => {
    for (const absent of [undefined, null]) {
      const failure = failureOf(withFields({ [name]: absent }));
      expect(failure).toMatchObject({ kind: 'incomplete', where: name });
      expect(failure.message).toContain(`scopes names "${name}"`);
    }
  });

  it('another version is not supported', () => {
    expect(failureOf(withFields({ version: 2 }))).toMatchObject({ kind: 'unsupported', where: 'version' });
    expect(failureOf(withFields({ version: undefined }))).toMatchObject({ kind: 'unreadable', where: 'version' });
  });
});

describe('a text that is no document', () => {
  const whole = JSON.stringify(DOCUMENT);
  it.each([
    ['nothing', '', /is empty/],
    ['blanks', ' \n ', /is empty/],
    ['a page', '<!DOCTYPE html><html><body>Login</body></html>', /HTML/],
    ['words', 'Internal Server Error', /not JSON at line 1, column 1/],
    ['half a document', whole.slice(0, whole.length / 2), /ends in the middle/],
    ['half a text', whole.slice(0, whole.indexOf('BTC') + 2), /ends in the middle/],
    ['a document and more', `${whole}${whole}`, /not JSON at line 1/],
    ['an error on line 3', '{\n"version": 1,\n"as_of": oops\n}', /line 3, column 10/],
    ['a key twice', '{"version":1,"version":2}', /the same key twice/],
    ['a list', '[]', /the document is a list of 0, expected a map/],
    ['null', 'null', /the document is null/],
  ])('%s is unreadable', (_, text, message) => {
    const failure = failureOf(text);
    expect(failure.kind).toBe('unreadable');
    expect(failure.message).toMatch(message);
  });

  it('is cut off anywhere: never read, never as something else than unreadable', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(failureOf(whole.slice(0, length))).toMatchObject({ kind: 'unreadable' });
    }
  });

  it('is not repeated in the message', () => {
    expect(failureOf('{"token": my-secret-token').message).not.toContain('secret');
  });
});
