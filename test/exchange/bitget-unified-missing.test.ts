import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { answer, BITGET_CREDENTIALS, refusal, SERVER_TIME } from './bitget-fixtures.js';
import {
  cursorPageOf,
  serveUnified,
  strategyRow,
  UNIFIED_PATHS,
  unifiedOrder,
  unifiedSpotOrder,
} from './bitget-unified-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';
import { REMEMBERED_ORDER } from './remembered-order.js';

const unknown = refusal('25204', 'Order does not exist', 'unsupported', 400);
const { detail, history, strategyHistory, subOrders, fills } = UNIFIED_PATHS;

let wire: WireServer;
beforeEach(async () => {
  wire = serveUnified(await WireServer.start());
  wire.route(detail, (_request, response) => unknown.send(response, ''));
  for (const path of [history, strategyHistory, fills]) wire.route(path, answer({ list: null, cursor: null }));
  wire.route(subOrders, answer([]));
});
afterEach(() => wire.stop());

async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
  const order: OpenOrder = {
    ...REMEMBERED_ORDER,
    id: '101',
    clientOrderId: 'bot-101',
    ...fields,
  };
  const reader = await readerOf('bitget', wire, { credentials: BITGET_CREDENTIALS, now: () => SERVER_TIME });
  return (await reader.explainMissingOrders([order]))[0];
}

function ended(orderStatus: string, fields: Record<string, unknown> = {}) {
  return unifiedOrder('BTCUSDT', 101, { orderStatus, cancelReason: '', execType: 'normal', ...fields });
}

const page =
  (...rows: { orderId: string }[]) =>
  (request: WireRequest) =>
    cursorPageOf(rows, request);
const FULL = { cumExecQty: '0.01', avgPrice: '59999.5' };
const CONDITIONAL = { id: '201', clientOrderId: 'bot-201', conditional: true, triggerPrice: '55000' };

describe('what became of an order of a bitget unified account', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['filled', 'filled', FULL],
    ['canceled', 'cancelled', { cancelReason: 'normal_cancel' }],
    ['canceled', 'cancelled', { cumExecQty: '0.004', avgPrice: '60000' }],
    ['canceled', 'cancelled', { cancelReason: 'modify_limit_order' }],
    ['canceled', 'cancelled', { cancelReason: 'a_reason_from_tomorrow' }],
    ['expired', 'cancelled', { timeInForce: 'ioc' }],
    ['expired', 'cancelled', { cancelReason: 'fok_not_full_cancel' }],
    ['expired', 'cancelled', { cancelReason: 'delivery_order_cancel' }],
    ['rejected', 'cancelled', { cancelReason: 'post_only_fill_cancel' }],
    ['liquidated', 'cancelled', { cancelReason: 'burst_cancel' }],
    ['liquidated', 'cancelled', { cancelReason: 'adl_cancel' }],
    ['liquidated', 'filled', { ...FULL, execType: 'liquidation' }],
    ['liquidated', 'filled', { ...FULL, execType: 'reduce' }],
    ['liquidated', 'filled', { ...FULL, execType: 'offset' }],
    ['unknown', 'new', {}],
    ['unknown', 'partially_filled', { cumExecQty: '0.004' }],
    ['unknown', 'filled', { cumExecQty: '0' }],
  ])('is %s, reported by the order query or by the history (%s %j)', async (cause, status, fields) => {
    wire.route(detail, answer(ended(status, fields)));
    expect(await explain()).toMatchObject({ cause });
    wire.route(detail, (_request, response) => unknown.send(response, ''));
    wire.route(history, page(ended(status, fields)));
    expect(await explain()).toMatchObject({ cause });
    const asked = wire.requests.filter(({ path }) => path === history).at(-1)?.query;
    // The page after the next id begins with the order.
    expect([asked?.get('category'), asked?.get('cursor')]).toEqual(['USDT-FUTURES', '102']);
  });

  it('says how much was filled, at what price and when, and why it was cancelled', async () => {
    wire.route(detail, answer(ended('filled', FULL)));
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '59999.5',
      at: SERVER_TIME - 7_000_000,
      source: 'order query',
    });
    wire.route(detail, answer(ended('cancelled', { cancelReason: 'stp_cancel' })));
    expect(await explain()).toMatchObject({ cause: 'canceled', source: 'order query: stp_cancel' });
  });

  it('is asked for by the client order id where that is all that is known', async () => {
    wire.route(detail, answer(ended('cancelled')));
    expect(await explain({ id: null })).toMatchObject({ cause: 'canceled' });
    expect(wire.requests.find(({ path }) => path === detail)?.query.get('clientOid')).toBe('bot-101');
  });

  it('is not taken from the answer about another order or another market', async () => {
    wire.route(detail, answer(ended('filled', { ...FULL, orderId: '999' })));
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
    wire.route(detail, answer(ended('filled', { ...FULL, symbol: 'ETHUSDT' })));
    expect(await explain()).toMatchObject({ cause: 'unknown' });
  });

  it('is that of a pair, in its orders with and without borrowed coins', async () => {
    const spot = { symbol: 'BTC/USDT', id: '302', clientOrderId: 'bot-302', amount: '0.000011' };
    wire.route(history, (request: WireRequest) => {
      const rows = [unifiedSpotOrder(302, { orderStatus: 'cancelled', category: 'MARGIN' })];
      return cursorPageOf(request.query.get('category') === 'MARGIN' ? rows : [], request);
    });
    expect(await explain(spot)).toMatchObject({ cause: 'canceled', source: 'closed orders' });
  });

  it('is that of a coin-margined contract, whose name ends with _CM, in contracts of 1 USD', async () => {
    const fields = { symbol: 'BTCUSD_CM', category: 'COIN-FUTURES', cumExecQty: '300', avgPrice: '60500' };
    wire.route(detail, answer(ended('filled', fields)));
    expect(await explain({ symbol: 'BTC/USD:BTC', amount: '300' })).toMatchObject({ cause: 'filled', filled: '300' });
  });

  it('is in the own trades where no list has it, at their average price', async () => {
    const fill = (execId: number, execPrice: string, execQty: string, fields: Record<string, unknown> = {}) => ({
      execId: String(execId),
      orderId: '101',
      category: 'USDT-FUTURES',
      symbol: 'BTCUSDT',
      side: 'buy',
      execPrice,
      execQty,
      tradeScope: 'taker',
      tradeSide: 'open_long',
      feeDetail: [{ feeCoin: 'USDT', fee: '0.6' }],
      createdTime: String(SERVER_TIME - 1_000),
      ...fields,
    });
    const serve = (...rows: object[]) =>
      wire.route(fills, ({ query }: WireRequest) =>
        answer(query.has('cursor') ? { list: null, cursor: null } : { list: rows, cursor: '1' }),
      );
    serve(fill(2, '60000', '0.004'), fill(1, '61000', '0.006'));
    expect(await explain()).toMatchObject({ cause: 'filled', filled: '0.01', averagePrice: '60600' });
    serve(fill(2, '60000', '0.004'));
    expect(await explain()).toMatchObject({ cause: 'unknown', filled: '0.004' });
    serve(fill(2, '60000', '0.01', { tradeSide: 'burst_close_long' }));
    expect(await explain()).toMatchObject({ cause: 'liquidated' });
    // Of contracts of 1 USD the average is harmonic: 200 / (100 / 50000 + 100 / 100000).
    const coin = { category: 'COIN-FUTURES', symbol: 'BTCUSD_CM' };
    serve(fill(2, '50000', '100', coin), fill(1, '100000', '100', coin));
    const inverse = await explain({ symbol: 'BTC/USD:BTC', amount: '200' });
    expect(Number(inverse?.averagePrice)).toBeCloseTo(66_666.67, 1);
  });

  it('was never seen where no source knows it and it is young', async () => {
    expect(await explain({ changedAt: SERVER_TIME - 1_000 })).toMatchObject({ cause: 'never_seen' });
    expect(await explain({ changedAt: SERVER_TIME - 90 * 86_400_000 })).toMatchObject({ cause: 'unknown' });
  });

  it('is not known where a source fails', async () => {
    wire.route(history, (_request, response) =>
      sendJson(response, { code: '25000', msg: 'maintenance', requestTime: SERVER_TIME, data: null }, 400),
    );
    expect(await explain({ changedAt: SERVER_TIME - 1_000 })).toMatchObject({ cause: 'unknown' });
  });
});

describe('what became of a strategy order of a bitget unified account', () => {
  it.each<[string, string | null, RegExp]>([
    ['cancelled', 'canceled', /./],
    ['failed', 'rejected', /could not be placed/],
    ['pending', 'unknown', /open/],
    ['submitting', 'unknown', /open/],
  ])('with the status %s is %s', async (status, cause, source) => {
    wire.route(strategyHistory, page(strategyRow('BTCUSDT', 201, { status })));
    expect(await explain(CONDITIONAL)).toMatchObject({ cause, source: expect.stringMatching(source) });
  });

  it('without a status is not known', async () => {
    wire.route(strategyHistory, page(strategyRow('BTCUSDT', 201)));
    expect(await explain(CONDITIONAL)).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('how it ended'),
    });
  });

  it.each<[string, unknown]>([
    ['a list', [{ subOrderId: '101', status: 'filled' }]],
    ['an object with a list', { list: [{ subOrderId: '101', status: 'filled' }] }],
  ])('that triggered is followed to the order that it placed, from %s', async (_name, data) => {
    wire.route(strategyHistory, page(strategyRow('BTCUSDT', 201, { status: 'success' })));
    wire.route(subOrders, answer(data));
    wire.route(detail, answer(ended('filled', FULL)));
    expect(await explain(CONDITIONAL)).toMatchObject({
      cause: 'filled',
      filled: '0.01',
      source: 'order query of 101, which it became when it triggered',
    });
    expect(wire.requests.find(({ path }) => path === subOrders)?.query.get('orderId')).toBe('201');
  });

  it.each<[string, object]>([
    ['none', []],
    ['several', [{ subOrderId: '101' }, { subOrderId: '102' }]],
    ['one without an id', [{ subOrderId: '' }]],
  ])('that triggered and placed %s is not known', async (_name, data) => {
    wire.route(strategyHistory, page(strategyRow('BTCUSDT', 201, { status: 'success' })));
    wire.route(subOrders, answer(data));
    expect(await explain(CONDITIONAL)).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('triggered'),
    });
  });

  it('of a client order id is not known where the history is longer than a page', async () => {
    const rows = Array.from({ length: 100 }, (_, at) => strategyRow('BTCUSDT', 900 - at, { status: 'cancelled' }));
    wire.route(strategyHistory, page(...rows));
    expect(await explain({ ...CONDITIONAL, id: null, clientOrderId: 'other', changedAt: SERVER_TIME })).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('too long'),
    });
  });
});
