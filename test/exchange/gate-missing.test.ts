import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  NO_ROWS,
  orderRow,
  priceOrderRow,
  refusal,
  serveAccount,
  SERVER_TIME,
  spotOrderRow,
  spotPriceOrderRow,
} from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';
import { REMEMBERED_ORDER } from './remembered-order.js';

const MINUTE = 60_000;
const FINISHED_AT = 1_763_999_000.5;

const FUTURES = {
  order: '/api/v4/futures/usdt/orders/700',
  finished: '/api/v4/futures/usdt/orders',
  trades: '/api/v4/futures/usdt/my_trades',
  priceOrder: '/api/v4/futures/usdt/price_orders/700',
  became: '/api/v4/futures/usdt/orders/801',
};
const SPOT = {
  order: '/api/v4/spot/orders/700',
  finished: '/api/v4/spot/orders',
  trades: '/api/v4/spot/my_trades',
  priceOrder: '/api/v4/spot/price_orders/700',
};

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start(), NO_ROWS);
  for (const paths of [FUTURES, SPOT]) {
    wire.route(paths.order, refusal('ORDER_NOT_FOUND', 404)).route(paths.priceOrder, refusal('ORDER_NOT_FOUND', 404));
    wire.route(paths.finished, []).route(paths.trades, []);
    wire.route(paths.order.replace('700', 't-bot-700'), refusal('ORDER_NOT_FOUND', 404));
  }
});
afterEach(() => wire.stop());

async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
  const order: OpenOrder = {
    ...REMEMBERED_ORDER,
    id: '700',
    clientOrderId: 't-bot-700',
    ...fields,
  };
  return (await (await readerOf('gate', wire, { now: () => SERVER_TIME })).explainMissingOrders([order]))[0];
}

const finished = (finish_as: string | undefined, fields: Record<string, unknown> = {}) =>
  orderRow('BTC_USDT', 700, { status: 'finished', finish_as, finish_time: FINISHED_AT, ...fields });
const FILLED = { left: 0, fill_price: '59999.5' };

describe('what became of an order of gate futures', () => {
  it.each<[string, string | undefined, Record<string, unknown>]>([
    ['filled', 'filled', FILLED],
    ['canceled', 'cancelled', { left: 60, fill_price: '60000' }],
    ['canceled', 'position_closed', {}],
    ['canceled', 'reduce_only', {}],
    ['canceled', 'stp', {}],
    ['expired', 'ioc', {}],
    ['liquidated', 'liquidated', {}],
    ['liquidated', 'auto_deleveraged', {}],
    ['liquidated', 'filled', { ...FILLED, is_liq: true }],
    ['liquidated', 'filled', { ...FILLED, text: 'hedge-liq-77' }],
    ['canceled', 'reduce_out', {}],
    ['unknown', undefined, { status: 'open' }],
    ['unknown', 'a_word_from_tomorrow', {}],
    ['unknown', 'unknown', {}],
  ])('is %s, reported by the order query or among finished orders (finish_as %s, %j)', async (cause, as, fields) => {
    wire.route(FUTURES.order, finished(as, fields));
    expect(await explain()).toMatchObject({ cause });
    wire.route(FUTURES.order, refusal('ORDER_NOT_FOUND', 404)).route(FUTURES.finished, [finished(as, fields)]);
    expect(await explain()).toMatchObject({ cause });
  });

  it('reports the average price, the amount in base units, the time and the reason', async () => {
    wire.route(FUTURES.order, finished('filled', { size: -100, ...FILLED }));
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '59999.5',
      at: 1_763_999_000_500,
      source: 'order query',
    });
    wire.route(FUTURES.order, finished('position_closed'));
    expect(await explain()).toMatchObject({ filled: '0', averagePrice: null, source: 'order query: position_closed' });
  });

  it('is not filled with nothing filled', async () => {
    wire.route(FUTURES.order, finished('filled'));
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('nothing filled') });
  });

  it.each([
    ['t-bot-700', 'filled'],
    ['liq-1', 'liquidated'],
    ['auto_deleveraging', 'liquidated'],
    ['insurance', 'unknown'],
  ])('with nothing but fills of the text %s is %s', async (text, cause) => {
    const trade = { order_id: '700', contract: 'BTC_USDT', price: '60000', create_time: FINISHED_AT, text };
    wire.route(FUTURES.trades, [
      { ...trade, size: -40 },
      { ...trade, size: -60 },
      { ...trade, order_id: '1', size: 9 },
    ]);
    expect(await explain()).toMatchObject({ cause, filled: cause === 'unknown' ? null : '0.01' });
  });

  it.each(['t-bot-700', 'bot-700'])('is asked for by its text %s where it has no id', async (clientOrderId) => {
    wire.route('/api/v4/futures/usdt/orders/t-bot-700', finished('filled', { ...FILLED, text: 't-bot-700' }));
    expect(await explain({ id: null, clientOrderId })).toMatchObject({ cause: 'filled' });
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', { changedAt: SERVER_TIME - 5 * MINUTE }],
    ['never_seen', { id: null }],
    ['unknown', { changedAt: SERVER_TIME - 15 * MINUTE }],
    ['unknown', {}],
    ['unknown', { conditional: true, changedAt: SERVER_TIME - 5 * MINUTE }],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['canceled', { status: 'finished', finish_as: 'cancelled' }, 'price order query'],
    ['expired', { status: 'finished', finish_as: 'expired' }, 'price order query'],
    ['rejected', { status: 'finished', finish_as: 'failed', reason: 'BALANCE' }, 'price order query: BALANCE'],
    ['canceled', { status: 'invalid' }, 'price order query'],
    ['unknown', { status: 'open' }, 'price order query: the order is open'],
    ['unknown', { status: 'finished', finish_as: 'succeeded', trade_id: 0 }, 'names no order that it became'],
    ['unknown', { status: 'finished' }, 'finished, without saying how'],
  ])('that waited for a price is %s (%j)', async (cause, fields, source) => {
    wire.route(FUTURES.priceOrder, priceOrderRow('BTC_USDT', 700, {}, { finish_time: FINISHED_AT, ...fields }));
    const reported = await explain({ conditional: true });
    expect(reported).toMatchObject({ cause, source: expect.stringContaining(source) });
  });

  it('is what the order became that its trigger placed', async () => {
    const triggered = { status: 'finished', finish_as: 'succeeded', trade_id: 801 };
    wire.route(FUTURES.priceOrder, priceOrderRow('BTC_USDT', 700, {}, triggered));
    wire.route(FUTURES.became, { ...finished('filled', FILLED), id: 801 });
    expect(await explain({ conditional: true })).toMatchObject({
      cause: 'filled',
      averagePrice: '59999.5',
      source: 'order query of 801, which it became when it triggered',
    });
    wire.route(FUTURES.became, orderRow('BTC_USDT', 801));
    expect(await explain({ conditional: true })).toMatchObject({ cause: 'triggered', becameOpen: '801' });
    wire.route(FUTURES.became, refusal('ORDER_NOT_FOUND', 404));
    expect((await explain({ conditional: true }))?.source).toContain('triggered as order 801');
  });

  it.each([
    [FUTURES.order, false, { ...finished('filled', FILLED), id: 701 }],
    [FUTURES.order, false, { ...finished('filled', FILLED), contract: 'ETH_USDT' }],
    [FUTURES.priceOrder, true, priceOrderRow('BTC_USDT', 701, {}, { status: 'finished', finish_as: 'cancelled' })],
  ])('is unknown when %s answers for another order', async (path, conditional, row) => {
    wire.route(path, row);
    const reported = await explain({ conditional });
    expect(reported).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });

  it.each([FUTURES.order, FUTURES.finished, FUTURES.trades, FUTURES.priceOrder])(
    'is unknown when %s fails',
    async (path) => {
      wire.route(path, (_request, response) => sendJson(response, { label: 'SERVER_ERROR', message: '' }, 500));
      const reported = await explain({ conditional: path === FUTURES.priceOrder, changedAt: SERVER_TIME - MINUTE });
      expect(reported).toMatchObject({
        cause: 'unknown',
        source: expect.stringContaining('the question failed: network'),
      });
    },
  );
});

it('asks the delivery account about an order of a dated contract', async () => {
  wire.route('/api/v4/delivery/usdt/orders/700', {
    ...finished('filled', FILLED),
    contract: 'BTC_USDT_20251226',
  });
  expect(await explain({ symbol: 'BTC/USDT:USDT-251226' })).toMatchObject({ cause: 'filled', filled: '0.01' });
});

describe('what became of an order of gate spot', () => {
  const spot = (fields: Partial<OpenOrder> = {}) => explain({ symbol: 'BTC/USDT', amount: '0.5', ...fields });
  const row = (status: string, finish_as: string | undefined, fields: Record<string, unknown> = {}) =>
    spotOrderRow('BTC_USDT', '700', { status, finish_as, ...fields });

  it.each<[string, string, string | undefined, Record<string, unknown>]>([
    ['filled', 'closed', 'filled', { left: '0', filled_amount: '0.5' }],
    ['filled', 'closed', undefined, { left: '0', filled_amount: undefined }],
    ['canceled', 'cancelled', 'cancelled', {}],
    ['canceled', 'cancelled', 'depth_not_enough', {}],
    ['expired', 'cancelled', 'fok', {}],
    ['rejected', 'cancelled', 'poc', {}],
    ['rejected', 'cancelled', 'small', {}],
    ['unknown', 'cancelled', 'unknown', {}],
    ['liquidated', 'cancelled', 'liquidate_cancelled', {}],
    ['liquidated', 'closed', 'filled', { text: 'pm_liquidate', left: '0', filled_amount: '0.5' }],
    ['unknown', 'open', 'open', {}],
  ])('is %s, reported by the order query or among finished orders (%s, %s, %j)', async (cause, status, as, fields) => {
    wire.route(SPOT.order, row(status, as, fields));
    expect(await spot()).toMatchObject({ cause, ...(cause === 'filled' ? { filled: '0.5' } : {}) });
    wire.route(SPOT.order, refusal('ORDER_NOT_FOUND', 404)).route(SPOT.finished, [row(status, as, fields)]);
    expect(await spot()).toMatchObject({ cause });
    const asked = wire.requests.filter(({ path }) => path === SPOT.finished);
    expect(asked.at(-1)?.query.get('currency_pair')).toBe('BTC_USDT');
  });

  it('is reported by its own trades', async () => {
    const trade = { order_id: '700', currency_pair: 'BTC_USDT', amount: '0.25', create_time_ms: '1763999000500.12' };
    wire.route(SPOT.trades, [
      { ...trade, price: '60000' },
      { ...trade, price: '61000' },
    ]);
    expect(await spot()).toMatchObject({ cause: 'filled', averagePrice: '60500', at: 1_763_999_000_500 });
  });

  it('is what its price order became', async () => {
    const fields = { status: 'finish', fired_order_id: 801, ftime: 1_763_999_000 };
    wire.route(SPOT.priceOrder, spotPriceOrderRow('BTC_USDT', 700, {}, fields));
    wire.route('/api/v4/spot/orders/801', {
      ...row('closed', 'filled', { left: '0', filled_amount: '0.5' }),
      id: '801',
    });
    expect(await spot({ conditional: true })).toMatchObject({ cause: 'filled', averagePrice: '59999.5' });
    wire.route(SPOT.priceOrder, spotPriceOrderRow('BTC_USDT', 700, {}, { ...fields, status: 'cancelled' }));
    expect(await spot({ conditional: true })).toMatchObject({ cause: 'canceled', at: 1_763_999_000_000 });
  });
});
