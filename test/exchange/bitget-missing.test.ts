import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  answer,
  BITGET_CREDENTIALS,
  entrusted,
  orderRow,
  PATHS,
  planRow,
  refusal,
  serveAccount,
  SERVER_TIME,
  spotPlanRow,
  spotRow,
} from './bitget-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';
import { REMEMBERED_ORDER } from './remembered-order.js';

const unknown = refusal(
  '40109',
  'The data of the order cannot be found, please confirm the order number',
  'unsupported',
  400,
);

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
  for (const path of [PATHS.detail, PATHS.spotDetail])
    wire.route(path, (_request, response) => unknown.send(response, ''));
  wire.route(PATHS.history, entrusted([])).route(PATHS.planHistory, entrusted([]));
  wire.route(PATHS.fills, answer({ fillList: null, endId: null }));
  wire.route(PATHS.spotHistory, answer([])).route(PATHS.spotFills, answer([]));
  wire.route(PATHS.spotPlanHistory, answer({ nextFlag: false, idLessThan: null, orderList: null }));
});
afterEach(() => wire.stop());

const CONDITIONAL = { id: '201', clientOrderId: 'bot-201', conditional: true, triggerPrice: '59000' };
const SPOT = { symbol: 'BTC/USDT', amount: '0.000011' };

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

/** An order that ended, as histories report it. */
function ended(status: string, fields: Record<string, unknown> = {}) {
  return orderRow('BTCUSDT', 101, { status, cancelReason: '', ...fields });
}

describe('what became of a bitget futures order', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['filled', 'filled', { baseVolume: '0.01', priceAvg: '59999.5' }],
    ['canceled', 'canceled', { cancelReason: 'normal_cancel' }],
    ['canceled', 'canceled', { baseVolume: '0.004', priceAvg: '60000' }],
    ['expired', 'canceled', { force: 'ioc' }],
    ['expired', 'canceled', { force: 'fok' }],
    ['liquidated', 'filled', { orderSource: 'liquidation', baseVolume: '0.01', priceAvg: '5' }],
    ['liquidated', 'filled', { tradeSide: 'burst_close_long', baseVolume: '0.01', priceAvg: '5' }],
    ['liquidated', 'filled', { tradeSide: 'dte_sys_adl_close_short', baseVolume: '0.01', priceAvg: '5' }],
    ['unknown', 'live', {}],
    ['unknown', 'partially_filled', { baseVolume: '0.004' }],
    ['unknown', 'filled', { baseVolume: '0' }],
  ])('is %s, reported by the order query or by the history (%s %j)', async (cause, status, fields) => {
    // The order query names the status "state".
    const { status: state, ...row } = ended(status, fields);
    wire.route(PATHS.detail, answer({ ...row, state }));
    expect(await explain()).toMatchObject({ cause });
    wire.route(PATHS.detail, (_request, response) => unknown.send(response, ''));
    wire.route(PATHS.history, entrusted([ended(status, fields)]));
    expect(await explain()).toMatchObject({ cause });
  });

  it('reports how much was filled, at what price and when, and why it was canceled', async () => {
    wire.route(PATHS.detail, answer(ended('filled', { baseVolume: '0.01', priceAvg: '59999.5' })));
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '59999.5',
      at: SERVER_TIME - 7_000_000,
      source: 'order query',
    });
    wire.route(PATHS.detail, answer(ended('canceled', { cancelReason: 'stp_cancel' })));
    expect(await explain()).toMatchObject({ averagePrice: null, source: 'order query: stp_cancel' });
  });

  it.each(['40109', '40768', '43001', '43025'])(
    'is asked about further where the order query answers %s',
    async (code) => {
      wire.route(PATHS.detail, (_request, response) =>
        sendJson(response, { code, msg: 'no such order', data: null }, 400),
      );
      wire.route(PATHS.history, entrusted([ended('canceled')]));
      expect(await explain()).toMatchObject({ cause: 'canceled', source: 'closed orders' });
    },
  );

  it('is asked for in its product type, by the id that is known', async () => {
    await explain({ symbol: 'BTC/USD:BTC', id: null });
    const asked = wire.requests.find(({ path }) => path === PATHS.detail)?.query;
    expect(Object.fromEntries(asked ?? [])).toEqual({
      symbol: 'BTCUSD',
      productType: 'COIN-FUTURES',
      clientOid: 'bot-101',
    });
  });

  function fill(tradeId: number, price: string, baseVolume: string, fields: Record<string, unknown> = {}) {
    return {
      tradeId: String(tradeId),
      symbol: 'BTCUSDT',
      orderId: '101',
      price,
      baseVolume,
      cTime: '1763999999000',
      ...fields,
    };
  }

  it.each<[string, string | null, object[]]>([
    ['filled', '59975', [fill(2, '59950', '0.005'), fill(1, '60000', '0.005')]],
    ['unknown', '60000', [fill(1, '60000', '0.005')]],
    ['unknown', null, [fill(1, '60000', '0.01', { orderId: '999' })]],
  ])('with nothing but fills is %s at %s', async (cause, averagePrice, fills) => {
    wire.route(PATHS.fills, ({ query }: WireRequest) =>
      answer(query.has('idLessThan') ? { fillList: null, endId: null } : { fillList: fills, endId: null }),
    );
    expect(await explain()).toMatchObject({ cause, averagePrice });
  });

  it('of a coin-margined contract was filled at the mean of prices by base amounts, not the harmonic one', async () => {
    wire.route(PATHS.fills, ({ query }: WireRequest) => {
      const fills = [fill(2, '20000', '0.005', { symbol: 'BTCUSD' }), fill(1, '60000', '0.005', { symbol: 'BTCUSD' })];
      return answer(query.has('idLessThan') ? { fillList: null, endId: null } : { fillList: fills, endId: '1' });
    });
    expect(await explain({ symbol: 'BTC/USD:BTC' })).toMatchObject({ cause: 'filled', averagePrice: '40000' });
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', { changedAt: SERVER_TIME - 3_600_000 }],
    ['never_seen', { id: null }],
    ['unknown', { changedAt: SERVER_TIME - 95 * 24 * 3_600_000 }],
    ['unknown', {}],
    ['never_seen', { ...SPOT, changedAt: SERVER_TIME - 3_600_000 }],
    ['never_seen', { ...CONDITIONAL, changedAt: SERVER_TIME - 3_600_000 }],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it.each([
    [PATHS.detail, answer(orderRow('BTCUSDT', 999, { status: 'filled', baseVolume: '1' }))],
    [PATHS.detail, answer(orderRow('ETHUSDT', 101, { status: 'filled', baseVolume: '1' }))],
    [PATHS.history, entrusted([orderRow('BTCUSDT', 999, { status: 'filled', baseVolume: '1' })])],
  ])('is unknown when %s answers for another order', async (path, document) => {
    wire.route(path, document);
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });

  it('is unknown when a question fails', async () => {
    wire.route(PATHS.history, (_request, response) => void response.writeHead(502).end());
    expect(await explain({ changedAt: SERVER_TIME - 1 })).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('network'),
    });
  });
});

describe('what became of a bitget futures order that waited for a trigger', () => {
  function history(fields: Record<string, unknown>, planType = 'normal_plan') {
    wire.route(PATHS.planHistory, ({ query }: WireRequest) =>
      entrusted(
        query.get('planType') === planType ? [planRow('BTCUSDT', 201, { uTime: '1763999999000', ...fields })] : [],
      ),
    );
  }

  it.each(['normal_plan', 'track_plan', 'profit_loss'])('is reported by the history of %s', async (planType) => {
    history({ planStatus: 'cancelled' }, planType);
    expect(await explain(CONDITIONAL)).toMatchObject({
      cause: 'canceled',
      source: 'plan history',
      at: 1_763_999_999_000,
    });
  });

  it('was rejected, with the reason, where it could not be executed', async () => {
    history({ planStatus: 'fail_execute' });
    expect(await explain(CONDITIONAL)).toMatchObject({
      cause: 'rejected',
      source: expect.stringContaining('could not be placed'),
    });
  });

  it('became an order when it triggered, and that one is asked about', async () => {
    history({ planStatus: 'executed', executeOrderId: '555' });
    wire.route(
      PATHS.detail,
      answer(orderRow('BTCUSDT', 555, { status: 'filled', baseVolume: '0.01', priceAvg: '58990' })),
    );
    expect(await explain(CONDITIONAL)).toMatchObject({ cause: 'filled', averagePrice: '58990', filled: '0.01' });
    wire.route(PATHS.detail, answer(orderRow('BTCUSDT', 555, { status: 'live' })));
    expect(await explain(CONDITIONAL)).toMatchObject({ cause: 'triggered', becameOpen: '555' });
  });

  it.each([undefined, null, '', '0'])(
    'is unknown where it names no order that it became (%j)',
    async (executeOrderId) => {
      history({ planStatus: 'executed', executeOrderId });
      expect(await explain(CONDITIONAL)).toMatchObject({ cause: 'unknown' });
    },
  );

  it('may be a regular order by now: it is asked about as one as well', async () => {
    wire.route(PATHS.detail, answer(orderRow('BTCUSDT', 201, { status: 'canceled' })));
    expect(await explain(CONDITIONAL)).toMatchObject({ cause: 'canceled', source: 'order query' });
  });
});

describe('what became of a bitget spot order', () => {
  it.each([
    ['filled', { status: 'filled', baseVolume: '0.000011', priceAvg: '13000.0000' }],
    ['canceled', { status: 'cancelled' }],
    ['unknown', { status: 'live' }],
  ])('is %s (%j)', async (cause, fields) => {
    wire.route(PATHS.spotDetail, answer([spotRow(101, fields)]));
    expect(await explain(SPOT)).toMatchObject({ cause });
    wire.route(PATHS.spotDetail, answer([])).route(PATHS.spotHistory, answer([spotRow(101, fields)]));
    expect(await explain(SPOT)).toMatchObject({ cause });
  });

  it('with TP/SL is looked for among those that ended', async () => {
    wire.route(PATHS.spotHistory, ({ query }: WireRequest) =>
      answer(query.get('tpslType') === 'tpsl' ? [spotRow(201, { status: 'cancelled', tpslType: 'tpsl' })] : []),
    );
    expect(await explain({ ...SPOT, ...CONDITIONAL })).toMatchObject({ cause: 'canceled', source: 'closed orders' });
  });

  it.each([
    ['canceled', 'cancelled'],
    ['rejected', 'fail_execute'],
    ['unknown', 'executed'],
    ['unknown', 'live'],
  ])('that was planned is %s where the plan history says %s', async (cause, status) => {
    wire.route(PATHS.spotPlanHistory, ({ query }: WireRequest) => {
      const from = query.get('idLessThan');
      return answer({ nextFlag: true, orderList: from === '202' ? [spotPlanRow(201, { status })] : [] });
    });
    expect(await explain({ ...SPOT, ...CONDITIONAL })).toMatchObject({ cause });
    expect(wire.paths).not.toContain(PATHS.spotDetail);
  });

  it('was filled where own trades fill it', async () => {
    const row = {
      symbol: 'BTCUSDT',
      orderId: '101',
      tradeId: '7',
      priceAvg: '13000',
      size: '0.000011',
      cTime: '1763999999000',
    };
    wire.route(PATHS.spotFills, ({ query }: WireRequest) => answer(query.has('idLessThan') ? [] : [row]));
    expect(await explain(SPOT)).toMatchObject({ cause: 'filled', averagePrice: '13000', at: 1_763_999_999_000 });
  });
});
