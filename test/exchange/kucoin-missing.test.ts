import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  answer,
  futuresRow,
  KUCOIN_CREDENTIALS,
  PATHS,
  serveAccount,
  SERVER_TIME,
  spotRow,
  stopRow,
} from './kucoin-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

const HOUR = 3_600_000;
const SPOT: Partial<OpenOrder> = { symbol: 'BTC/USDT', id: 's1', clientOrderId: 'bot-s1' };
const QUERY = {
  spot: '/api/v1/hf/orders/s1',
  spotByClientId: '/api/v1/hf/orders/client-order/bot-s1',
  stop: '/api/v1/stop-order/s1',
  oco: '/api/v3/oco/order/s1',
  oldSpot: '/api/v1/orders/s1',
  oldSpotByClientId: '/api/v1/order/client-order/bot-s1',
  futures: '/api/v1/orders/f1',
  futuresByClientId: '/api/v1/orders/byClientOid',
};

describe('what became of a kucoin order', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    const unknown = (code: string, msg: string) => (_: unknown, response: Parameters<typeof sendJson>[0]) =>
      sendJson(response, { code, msg });
    wire
      .route(QUERY.spot, unknown('400100', 'order not exist.'))
      .route(QUERY.spotByClientId, answer(null))
      .route(QUERY.stop, answer(null))
      .route(QUERY.oco, answer(null))
      .route(QUERY.oldSpotByClientId, unknown('400100', 'order does not exist.'))
      .route(QUERY.oldSpot, unknown('400100', 'order does not exist.'))
      .route(QUERY.futures, unknown('100001', 'error.getOrder.orderNotExist'))
      .route(QUERY.futuresByClientId, unknown('100001', 'error.getOrder.orderNotExist'))
      .route(PATHS.spotFills, answer({ items: [], lastId: 0 }))
      .route(PATHS.futuresFills, answer({ currentPage: 1, pageSize: 50, totalNum: 0, totalPage: 0, items: [] }));
  });
  afterEach(() => wire.stop());

  async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
    const order: OpenOrder = {
      id: 'f1',
      clientOrderId: 'bot-f1',
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      price: '60000',
      triggerPrice: null,
      amount: '0.02',
      filled: '0',
      conditional: false,
      changedAt: null,
      ...fields,
    };
    const reader = await readerOf('kucoin', wire, { now: () => SERVER_TIME, credentials: KUCOIN_CREDENTIALS });
    return (await reader.explainMissingOrders([order]))[0];
  }

  it.each([
    ['filled', { dealSize: 20, avgDealPrice: '59999.5' }, { filled: '0.02', averagePrice: '59999.5' }],
    ['canceled', { cancelExist: true }, { filled: '0', averagePrice: null }],
    ['canceled', { cancelExist: true, dealSize: 5, avgDealPrice: '60000' }, { filled: '0.005' }],
    ['expired', { cancelExist: true, timeInForce: 'IOC' }, {}],
  ])('on futures is %s (%j)', async (cause, fields, expected) => {
    const row = futuresRow('XBTUSDTM', 'f1', { status: 'done', isActive: false, ...fields });
    wire.route(QUERY.futures, answer(row)).route(QUERY.futuresByClientId, answer(row));
    const reported = { cause, at: SERVER_TIME - HOUR, source: 'order query', ...expected };
    expect(await explain()).toMatchObject(reported);
    expect(await explain({ id: null })).toMatchObject(reported);
    // One that waited for its trigger keeps its id.
    expect(await explain({ conditional: true })).toMatchObject(reported);
  });

  it.each([
    ['filled', { dealSize: '0.01', dealFunds: '599.9' }, { filled: '0.01', averagePrice: '59990' }],
    ['canceled', { cancelExist: true }, { filled: '0', averagePrice: null }],
    ['expired', { cancelExist: true, timeInForce: 'FOK' }, {}],
  ])('on spot is %s (%j)', async (cause, fields, expected) => {
    const row = spotRow('BTC-USDT', 's1', { active: false, inOrderBook: false, ...fields });
    wire.route(QUERY.spot, answer(row)).route(QUERY.spotByClientId, answer(row));
    const reported = { cause, at: SERVER_TIME - HOUR, source: 'order query', ...expected };
    expect(await explain(SPOT)).toMatchObject(reported);
    expect(await explain({ ...SPOT, id: null })).toMatchObject(reported);
  });

  it('is open again', async () => {
    wire.route(QUERY.futures, answer(futuresRow('XBTUSDTM', 'f1')));
    expect(await explain()).toMatchObject({ cause: 'unknown', stillOpen: true });
    wire.route(QUERY.stop, answer(stopRow('BTC-USDT', 's1')));
    expect(await explain({ ...SPOT, conditional: true })).toMatchObject({
      stillOpen: true,
      source: 'stop order query: the order is open',
    });
  });

  it('triggered on spot, where the order that it became is not reported', async () => {
    wire.route(QUERY.stop, answer(stopRow('BTC-USDT', 's1', { status: 'TRIGGERED' })));
    expect(await explain({ ...SPOT, conditional: true })).toMatchObject({
      cause: 'unknown',
      source: 'it triggered, but the stop order query names no order that it became',
    });
  });

  it('triggered on spot, and is what the order with its client order id became', async () => {
    const became = spotRow('BTC-USDT', 's9', {
      active: false,
      clientOid: 'bot-s1',
      dealSize: '0.01',
      dealFunds: '599.9',
    });
    wire
      .route(QUERY.stop, answer(stopRow('BTC-USDT', 's1', { status: 'TRIGGERED' })))
      .route(QUERY.spotByClientId, answer(became))
      .route('/api/v1/hf/orders/s9', answer(became));
    expect(await explain({ ...SPOT, conditional: true })).toMatchObject({
      cause: 'filled',
      averagePrice: '59990',
      source: 'order query of s9, which it became when it triggered',
    });
    wire.route(QUERY.spotByClientId, answer({ ...became, clientOid: 'another' }));
    expect(await explain({ ...SPOT, conditional: true })).toMatchObject({ cause: 'unknown' });
  });

  it.each([
    ['NEW', { stillOpen: true }],
    ['CANCELLED', { cause: 'canceled', filled: '0' }],
    ['DONE', { cause: 'unknown', source: 'the OCO is done; KuCoin does not say which of its orders did' }],
    ['TRIGGERED', { cause: 'unknown' }],
  ])('that was an OCO of status %s is %j', async (status, expected) => {
    wire.route(QUERY.oco, answer({ orderId: 's1', symbol: 'BTC-USDT', clientOid: 'bot-s1', orderTime: 1, status }));
    expect(await explain({ ...SPOT, conditional: true })).toMatchObject(expected);
  });

  it.each([
    ['filled', { dealSize: '0.01', dealFunds: '599.9', isActive: false }],
    ['canceled', { cancelExist: true, isActive: false }],
  ])('of a low-frequency user is %s by the old order query', async (cause, fields) => {
    const { lastUpdatedAt: _, ...row } = spotRow('BTC-USDT', 's1', fields);
    wire.route(QUERY.oldSpot, answer(row)).route(QUERY.oldSpotByClientId, answer(row));
    expect(await explain(SPOT)).toMatchObject({ cause, at: null, source: 'old order query' });
    expect(await explain({ ...SPOT, id: null })).toMatchObject({ cause });
  });

  it.each([
    ['trade', 'filled'],
    ['liquid', 'liquidated'],
    ['adl', 'liquidated'],
    ['settlement', 'unknown'],
  ])('with nothing but fills of type %s is %s', async (tradeType, cause) => {
    const fill = { symbol: 'XBTUSDTM', orderId: 'f1', price: '60000', size: 20, tradeType, createdAt: SERVER_TIME - 1 };
    wire.route(PATHS.futuresFills, answer({ currentPage: 1, pageSize: 50, totalNum: 1, totalPage: 1, items: [fill] }));
    expect(await explain()).toMatchObject({ cause });
  });

  it.each([
    [
      'futures',
      PATHS.futuresFills,
      'pageSize',
      { symbol: 'XBTUSDTM', orderId: 'f1', size: 0.2, tradeType: 'trade' },
      {},
    ],
    ['spot', PATHS.spotFills, 'limit', { symbol: 'BTC-USDT', orderId: 's1', size: '0.0002', tradeType: 'TRADE' }, SPOT],
  ])(
    'on %s is filled by 100 own trades, more than a page has by default',
    async (_name, path, sizeParam, row, order) => {
      const fills = Array.from({ length: 100 }, () => ({ ...row, price: '60000', createdAt: 1 }));
      wire.route(path, ({ query }: WireRequest) =>
        answer({ items: fills.slice(0, Number(query.get(sizeParam) ?? 50)), lastId: 1 }),
      );
      expect(await explain(order)).toMatchObject({ cause: 'filled', filled: '0.02' });
    },
  );

  it('is filled by the own trades of spot', async () => {
    const fill = { symbol: 'BTC-USDT', orderId: 's1', price: '60000', size: '0.02', tradeType: 'TRADE', createdAt: 1 };
    wire.route(PATHS.spotFills, answer({ items: [fill, { ...fill, orderId: 'another' }], lastId: 1 }));
    expect(await explain(SPOT)).toMatchObject({ cause: 'filled', filled: '0.02', averagePrice: '60000' });
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', { changedAt: SERVER_TIME - 30 * 24 * HOUR }],
    ['never_seen', { id: null }],
    ['unknown', { id: null, changedAt: SERVER_TIME - 8 * 24 * HOUR }],
    ['unknown', { changedAt: SERVER_TIME - 100 * 24 * HOUR }],
    ['unknown', {}],
    ['never_seen', { ...SPOT, changedAt: SERVER_TIME - 24 * HOUR }],
    ['never_seen', { ...SPOT, id: null }],
    ['unknown', { ...SPOT, changedAt: SERVER_TIME - 49 * HOUR }],
    ['unknown', { ...SPOT, conditional: true, changedAt: SERVER_TIME - HOUR }],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it.each([
    ['id', answer(futuresRow('XBTUSDTM', 'zz', { status: 'done' }))],
    ['market', answer(futuresRow('ETHUSDTM', 'f1', { status: 'done' }))],
  ])('is unknown when the answer is about another %s', async (_name, document) => {
    wire.route(QUERY.futures, document);
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });

  it('is unknown when a filled order has nothing filled', async () => {
    wire.route(QUERY.futures, answer(futuresRow('XBTUSDTM', 'f1', { status: 'done' })));
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('nothing filled') });
  });

  it('is unknown when a question fails', async () => {
    wire.route(QUERY.futures, (_, response) => void response.writeHead(502).end());
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('network') });
  });
});
