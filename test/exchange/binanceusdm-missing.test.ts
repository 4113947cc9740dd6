import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { orderRow, PATHS, serveAccount, SERVER_TIME } from './binanceusdm-fixtures.js';
import { WIRE_FAULTS } from './faults.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const ID = '8389765';

function missing(fields: Partial<OpenOrder> = {}): OpenOrder {
  return {
    id: ID,
    clientOrderId: `bot-${ID}`,
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'limit',
    price: '60000',
    triggerPrice: null,
    amount: '0.010',
    filled: '0',
    conditional: false,
    changedAt: null,
    ...fields,
  };
}

function algoOrder(fields: Record<string, unknown>) {
  return {
    algoId: Number(ID),
    clientAlgoId: `bot-${ID}`,
    symbol: 'BTCUSDT',
    algoType: 'CONDITIONAL',
    actualOrderId: '',
    updateTime: SERVER_TIME - 60_000,
    ...fields,
  };
}

function trade(qty: string, price: string, fields: Record<string, unknown> = {}) {
  return {
    symbol: 'BTCUSDT',
    id: 1,
    orderId: Number(ID),
    side: 'BUY',
    price,
    qty,
    realizedPnl: '0',
    commission: '0.1',
    time: SERVER_TIME - 50_000,
    ...fields,
  };
}

describe('what became of an order that is not open', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    for (const path of [PATHS.order, PATHS.algoOrder]) {
      wire.route(path, (_request, response) => sendJson(response, { code: -2013, msg: 'Order does not exist.' }, 400));
    }
    wire.route(PATHS.allOrders, []).route(PATHS.userTrades, []);
  });
  afterEach(() => wire.stop());

  async function explain(order: OpenOrder): Promise<MissingOrderExplanation | undefined> {
    const reader = await readerOf('binanceusdm', wire, { now: () => SERVER_TIME });
    await reader.readState();
    return (await reader.explainMissingOrders([order]))[0];
  }

  it.each([
    ['FILLED', 'filled', { executedQty: '0.010', avgPrice: '59999.50' }],
    ['CANCELED', 'canceled', { executedQty: '0.004', avgPrice: '60000' }],
    ['CANCELED', 'canceled', { executedQty: '0', avgPrice: '0.00000' }],
    ['EXPIRED', 'expired', { executedQty: '0', avgPrice: '0' }],
    ['EXPIRED_IN_MATCH', 'expired', { executedQty: '0', avgPrice: '0' }],
    ['REJECTED', 'rejected', { executedQty: '0', avgPrice: '0' }],
  ])('an order that the query calls %s was %s', async (status, cause, fields) => {
    wire.route(PATHS.order, orderRow('BTCUSDT', ID, { status, updateTime: SERVER_TIME - 1000, ...fields }));
    expect(await explain(missing())).toEqual({
      cause,
      filled: fields.executedQty === '0' ? '0' : fields.executedQty.replace(/0+$/, ''),
      averagePrice: /^0(\.0+)?$/.test(fields.avgPrice) ? null : fields.avgPrice,
      at: SERVER_TIME - 1000,
      source: 'order query',
    });
  });

  it.each(['autoclose-1764000000000', 'adl_autoclose', 'settlement_autoclose-BTC'])(
    'an order whose client id is now %s was liquidated',
    async (clientOrderId) => {
      wire.route(
        PATHS.order,
        orderRow('BTCUSDT', ID, { status: 'FILLED', executedQty: '0.01', avgPrice: '5', clientOrderId }),
      );
      expect(await explain(missing())).toMatchObject({ cause: 'liquidated' });
    },
  );

  it('an order that is open, though the list left it out, has no cause', async () => {
    wire.route(PATHS.order, orderRow('BTCUSDT', ID));
    expect(await explain(missing())).toMatchObject({
      cause: 'unknown',
      source: 'order query: the order is open',
      stillOpen: true,
    });
  });

  it('an order without an id is asked for by its client order id', async () => {
    wire.route(PATHS.order, (request: WireRequest) => {
      expect(request.query.get('origClientOrderId')).toBe('bot-7');
      expect(request.query.has('orderId')).toBe(false);
      return orderRow('BTCUSDT', 7, { status: 'CANCELED' });
    });
    expect(await explain(missing({ id: null, clientOrderId: 'bot-7' }))).toMatchObject({ cause: 'canceled' });
  });

  it('an answer about another order explains nothing', async () => {
    wire.route(PATHS.order, orderRow('BTCUSDT', 9, { status: 'CANCELED' }));
    expect(await explain(missing())).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('another order'),
    });
  });

  it('the history explains an order that the query does not know', async () => {
    wire.route(PATHS.allOrders, (request: WireRequest) =>
      request.query.get('orderId') === ID
        ? [orderRow('BTCUSDT', ID, { status: 'FILLED', executedQty: '0.01', avgPrice: '60000' })]
        : [],
    );
    expect(await explain(missing())).toMatchObject({ cause: 'filled', source: 'closed orders' });
  });

  it('own trades explain an order that the history does not know, with the exact average', async () => {
    wire.route(PATHS.userTrades, [
      trade('0.004', '60000.10'),
      trade('0.006', '60000.20'),
      trade('5', '1', { orderId: 1 }),
    ]);
    expect(await explain(missing())).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '60000.16',
      at: SERVER_TIME - 50_000,
      source: 'own trades',
    });
  });

  it('own trades of a part leave the cause open', async () => {
    wire.route(PATHS.userTrades, [trade('0.004', '60000')]);
    expect(await explain(missing())).toMatchObject({ cause: 'unknown', filled: '0.004' });
  });

  it.each<[string, Partial<OpenOrder>, object[], string]>([
    ['was never seen if the bot knows it as young', { changedAt: SERVER_TIME - DAY_MS }, [], 'never_seen'],
    ['is unknown if the bot knows it as old', { changedAt: SERVER_TIME - 4 * DAY_MS }, [], 'unknown'],
    ['is unknown if its age is not known', {}, [], 'unknown'],
    [
      'was never seen if a younger order has a lower id',
      {},
      [orderRow('BTCUSDT', 8_389_000, { time: SERVER_TIME - DAY_MS })],
      'never_seen',
    ],
    [
      'is unknown if only later orders are known',
      {},
      [orderRow('BTCUSDT', 9_999_999, { time: SERVER_TIME - DAY_MS })],
      'unknown',
    ],
    ['was never seen if it never got an id', { id: null }, [], 'never_seen'],
    ['is unknown if it has no id and is old', { id: null, changedAt: SERVER_TIME - 4 * DAY_MS }, [], 'unknown'],
  ])('an order that nothing knows %s', async (_name, fields, recent, cause) => {
    wire.route(PATHS.allOrders, (request: WireRequest) => (request.query.has('orderId') ? [] : recent));
    expect(await explain(missing(fields))).toMatchObject({ cause });
  });

  it('a history that fills its page proves nothing', async () => {
    wire.route(
      PATHS.allOrders,
      Array.from({ length: 1000 }, (_, index) => orderRow('BTCUSDT', index + 1)),
    );
    expect(await explain(missing({ id: null, clientOrderId: 'lost' }))).toMatchObject({ cause: 'unknown' });
  });

  it.each([
    ['CANCELED', 'canceled'],
    ['EXPIRED', 'expired'],
    ['REJECTED', 'rejected'],
  ])('a conditional order that is %s was %s', async (algoStatus, cause) => {
    wire.route(PATHS.algoOrder, algoOrder({ algoStatus }));
    expect(await explain(missing({ conditional: true }))).toMatchObject({
      cause,
      filled: '0',
      at: SERVER_TIME - 60_000,
    });
  });

  it.each([
    ['FILLED', 'filled'],
    ['CANCELED', 'canceled'],
  ])('a conditional order that triggered and became a %s order was %s', async (status, cause) => {
    wire
      .route(PATHS.algoOrder, algoOrder({ algoStatus: 'FINISHED', actualOrderId: '77' }))
      .route(PATHS.order, orderRow('BTCUSDT', 77, { status, executedQty: '0.01', avgPrice: '55000' }));
    expect(await explain(missing({ conditional: true }))).toMatchObject({
      cause,
      source: expect.stringContaining('77'),
    });
  });

  it('a conditional order that triggered and is open as another order lives on as that order', async () => {
    wire
      .route(PATHS.algoOrder, algoOrder({ algoStatus: 'TRIGGERED', actualOrderId: '77' }))
      .route(PATHS.order, orderRow('BTCUSDT', 77));
    expect(await explain(missing({ conditional: true }))).toMatchObject({ cause: 'triggered', becameOpen: '77' });
  });

  it('a conditional order of unknown age is not called young by the ids of regular orders', async () => {
    wire.route(PATHS.allOrders, (request: WireRequest) =>
      request.query.has('orderId') ? [] : [orderRow('BTCUSDT', 1, { time: SERVER_TIME - DAY_MS })],
    );
    expect(await explain(missing({ conditional: true }))).toMatchObject({ cause: 'unknown' });
  });

  it('a conditional order that is a regular one on the exchange is found as such', async () => {
    wire.route(PATHS.order, orderRow('BTCUSDT', ID, { status: 'CANCELED', type: 'STOP_MARKET' }));
    expect(await explain(missing({ conditional: true }))).toMatchObject({ cause: 'canceled', source: 'order query' });
  });

  it.each([PATHS.order, PATHS.allOrders, PATHS.userTrades])('no fault of %s explains anything', async (path) => {
    const reader = await readerOf('binanceusdm', wire, { deadlineSeconds: 0.3, maxBytes: 1_000_000 });
    // A ban would keep the next question from being asked, and one stall is as slow as another.
    const faults = WIRE_FAULTS.filter(({ kind, name }) => kind !== 'rate_limited' && !/stall|drips/.test(name));
    for (const fault of faults) {
      wire.route(path, (_request, response) =>
        fault.send(response, JSON.stringify([orderRow('BTCUSDT', ID, { status: 'FILLED' })])),
      );
      const [explanation] = await reader.explainMissingOrders([missing()]);
      expect([fault.name, explanation?.cause]).toEqual([fault.name, 'unknown']);
      expect(explanation?.source).toContain(fault.kind);
    }
  });

  it('of more orders than are looked up, the rest is said to be not asked for', async () => {
    wire.route(PATHS.order, (request: WireRequest) =>
      orderRow('BTCUSDT', request.query.get('orderId') ?? '', { status: 'CANCELED' }),
    );
    const reader = await readerOf('binanceusdm', wire);
    const orders = Array.from({ length: 60 }, (_, index) => missing({ id: String(index + 1) }));
    const causes = (await reader.explainMissingOrders(orders)).map(({ cause }) => cause);
    expect(causes).toEqual([...Array(50).fill('canceled'), ...Array(10).fill('unknown')]);
  });

  it('an order of a symbol that is no market is unknown', async () => {
    expect(await explain(missing({ symbol: 'NEW/USDT:USDT' }))).toMatchObject({ cause: 'unknown' });
  });
});
