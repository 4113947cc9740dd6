import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { KRAKEN_CREDENTIALS, PATHS, serveAccount, SERVER_TIME } from './krakenfutures-fixtures.js';
import { readerOf } from './readers.js';
import { type WireRequest, WireServer } from './wire-server.js';

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
  for (const path of [PATHS.orderEvents, PATHS.triggerEvents, PATHS.executions]) report(path, []);
});
afterEach(() => wire.stop());

interface Reported {
  uid: string;
  timestamp: number;
  event: object;
}

/** Serves events as the history does: newest first, only of a window, as many as a page holds. */
function report(path: string, events: Reported[], page = 1_000): void {
  const newestFirst = events.toSorted((a, b) => b.timestamp - a.timestamp);
  wire.route(path, ({ query }: WireRequest) => {
    const [since, before] = [Number(query.get('since')), Number(query.get('before'))];
    const elements = newestFirst.filter(({ timestamp }) => timestamp >= since && timestamp < before).slice(0, page);
    return { accountUid: 'u', len: elements.length, elements };
  });
}

const AT = SERVER_TIME - 60_000;

function historic(fields: Record<string, unknown> = {}) {
  return {
    uid: 'a1',
    accountUid: 'u',
    tradeable: 'PF_XBTUSD',
    direction: 'Buy',
    quantity: '0.01',
    filled: '0',
    timestamp: AT,
    limitPrice: '60000',
    orderType: 'Limit',
    clientId: 'bot-1',
    reduceOnly: false,
    lastUpdateTimestamp: AT,
    ...fields,
  };
}

let next = 0;
function reported(kind: string, fields: object, timestamp = AT): Reported {
  return { uid: `e${next++}`, timestamp, event: { [kind]: fields } };
}

function execution(price: string, quantity: string, fields: Record<string, unknown> = {}, timestamp = AT): Reported {
  return reported(
    'Execution',
    {
      execution: { uid: `x${next}`, order: historic(), timestamp, quantity, price, ...fields },
      takerReducedQuantity: '',
    },
    timestamp,
  );
}

async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
  const order: OpenOrder = {
    id: 'a1',
    clientOrderId: 'bot-1',
    symbol: 'BTC/USD:USD',
    side: 'buy',
    type: 'limit',
    price: '60000',
    triggerPrice: null,
    amount: '0.01',
    filled: '0',
    conditional: false,
    changedAt: SERVER_TIME - 3_600_000,
    ...fields,
  };
  const reader = await readerOf('krakenfutures', wire, { credentials: KRAKEN_CREDENTIALS, now: () => SERVER_TIME });
  return (await reader.explainMissingOrders([order]))[0];
}

const placed = reported('OrderPlaced', { order: historic(), reason: 'new_user_order' }, AT - 1_000);

describe('what became of a krakenfutures order', () => {
  it.each<[string, string | null, string]>([
    ['canceled', null, 'cancelled_by_user'],
    ['canceled', 'dead_man_switch', 'dead_man_switch'],
    ['canceled', 'not_enough_margin', 'not_enough_margin'],
    ['expired', 'contract_expired', 'contract_expired'],
    [
      'expired',
      'ioc_order_failed_because_it_would_not_be_executed',
      'ioc_order_failed_because_it_would_not_be_executed',
    ],
    ['expired', 'IOC_WOULD_NOT_EXECUTE_REASON', 'IOC_WOULD_NOT_EXECUTE_REASON'],
    ['rejected', 'post_order_failed_because_it_would_filled', 'post_order_failed_because_it_would_filled'],
    ['liquidated', 'liquidation', 'liquidation'],
  ])('is %s, for the reason %s, where it was cancelled with %s', async (cause, reason, word) => {
    report(PATHS.orderEvents, [placed, reported('OrderCancelled', { order: historic(), reason: word })]);
    const source = reason === null ? 'order events' : `order events: ${reason}`;
    expect(await explain()).toMatchObject({ cause, source, filled: '0', at: AT });
  });

  it('is rejected with the error that is reported', async () => {
    const rejected = { order: historic(), orderError: 'POST_WOULD_EXECUTE', reason: 'new_user_order' };
    report(PATHS.orderEvents, [reported('OrderRejected', rejected)]);
    expect(await explain()).toMatchObject({ cause: 'rejected', source: 'order events: POST_WOULD_EXECUTE' });
  });

  const full = (fields: Record<string, unknown> = {}) =>
    reported('OrderUpdated', {
      oldOrder: historic(),
      newOrder: historic({ filled: '0.01', quantity: '0', ...fields }),
      reason: 'full_fill',
    });

  it('is filled, at the average price of its executions', async () => {
    report(PATHS.orderEvents, [placed, full()]);
    report(PATHS.executions, [
      execution('60000', '0.005', {}, AT - 1),
      execution('59950', '0.005'),
      execution('1', '5', { order: historic({ uid: 'other' }) }),
    ]);
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '59975',
      at: AT,
      source: 'order events',
    });
  });

  it('of an inverse contract is filled at the harmonic mean', async () => {
    const one = { uid: 'a1', tradeable: 'PI_XBTUSD' };
    report(PATHS.orderEvents, [full({ ...one, filled: '200' })]);
    report(PATHS.executions, [
      execution('50000', '100', { order: historic(one) }),
      execution('12500', '100', { order: historic(one) }),
    ]);
    const explained = await explain({ symbol: 'BTC/USD:BTC', amount: '200' });
    expect(explained).toMatchObject({ cause: 'filled', filled: '200', averagePrice: '20000' });
  });

  it('is filled at a price that is not reported where executions do not add up to it', async () => {
    report(PATHS.orderEvents, [full()]);
    report(PATHS.executions, [execution('60000', '0.004')]);
    expect(await explain()).toMatchObject({ cause: 'filled', filled: '0.01', averagePrice: null });
  });

  it('is reported by the older form of executions too, and liquidated where it was one', async () => {
    report(PATHS.executions, [
      reported('execution', {
        execution: {
          uid: 'x',
          makerOrder: historic(),
          timestamp: AT,
          quantity: '0.01',
          price: '5',
          executionType: 'liquidation',
        },
      }),
    ]);
    expect(await explain()).toMatchObject({ cause: 'liquidated', averagePrice: '5' });
    report(PATHS.orderEvents, [full({ orderType: 'Liquidation' })]);
    expect(await explain()).toMatchObject({ cause: 'liquidated' });
  });

  it('that was placed, edited or filled in part is open for all that is reported', async () => {
    const part = { oldOrder: historic(), newOrder: historic({ filled: '0.004' }), reason: 'partial_fill' };
    for (const last of [placed, reported('OrderUpdated', part)]) {
      report(PATHS.orderEvents, [last]);
      const explanation = await explain();
      expect(explanation).toMatchObject({ cause: 'unknown', source: 'order events: no end of the order is reported' });
      expect(explanation).not.toHaveProperty('stillOpen');
    }
    report(PATHS.executions, [execution('60000', '0.01')]);
    expect(await explain()).toMatchObject({ cause: 'filled' });
  });

  it('is found pages back, also among events of one millisecond', async () => {
    const others = Array.from({ length: 9 }, (_, at) =>
      reported(
        'OrderPlaced',
        { order: historic({ uid: `o${at}`, clientId: '' }), reason: 'new_user_order' },
        AT + 10 - (at >> 1),
      ),
    );
    const cancelled = reported('OrderCancelled', { order: historic(), reason: 'cancelled_by_user' }, AT + 6);
    report(PATHS.orderEvents, [...others, cancelled], 4);
    expect(await explain()).toMatchObject({ cause: 'canceled' });
    expect(wire.paths.filter((path) => path === PATHS.orderEvents).length).toBeGreaterThan(2);
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', {}],
    ['never_seen', { id: null, changedAt: null }],
    ['unknown', { changedAt: null }],
    ['unknown', { changedAt: SERVER_TIME - 95 * 24 * 3_600_000 }],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it('is unknown where the history is too long to read to its end', async () => {
    const others = Array.from({ length: 30 }, (_, at) =>
      reported('OrderPlaced', { order: historic({ uid: `o${at}`, clientId: '' }), reason: 'new_user_order' }, AT - at),
    );
    report(PATHS.orderEvents, others, 4);
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('too long') });
  });

  it.each<[string, string, Reported[]]>([
    [
      'out of order in time',
      'out of its turn',
      [placed, reported('OrderPlaced', { order: historic({ uid: 'z' }) }, AT)],
    ],
    ['that have no order', 'another shape', [{ uid: 'e', timestamp: AT, event: { OrderCancelled: {} } }]],
  ])('is unknown where events are reported %s', async (_name, why, elements) => {
    wire.route(PATHS.orderEvents, { accountUid: 'u', len: 1, elements: elements.map((one) => ({ ...one })) });
    const explained = await explain({ id: 'zz', clientOrderId: null });
    expect(explained).toMatchObject({ cause: 'unknown', source: expect.stringContaining(why) });
  });

  it('is unknown where the history refuses', async () => {
    wire.route(PATHS.orderEvents, {
      status: 'BAD_REQUEST',
      result: 'error',
      errors: [{ code: 11, message: 'apiLimitExceeded' }],
    });
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('rate_limited') });
  });

  it('is asked for in its contract and its time', async () => {
    await explain();
    const asked = wire.requests.find(({ path }) => path === PATHS.orderEvents)?.query;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      tradeable: 'PF_XBTUSD',
      since: String(SERVER_TIME - 7_200_000),
      sort: 'desc',
    });
  });
});

describe('what became of a krakenfutures order that waited for a trigger', () => {
  const WAITING: Partial<OpenOrder> = { id: 't1', conditional: true, triggerPrice: '59000', type: 'stop' };
  const trigger = historic({ uid: 't1', filled: undefined, triggerOptions: { triggerPrice: '59000' } });

  it.each([
    ['canceled', 'cancelled_by_user'],
    ['expired', 'contract_expired'],
    ['canceled', 'would_not_reduce_position'],
  ])('is %s where the trigger was cancelled with %s', async (cause, reason) => {
    report(PATHS.triggerEvents, [reported('OrderTriggerCancelled', { order: trigger, reason })]);
    expect(await explain(WAITING)).toMatchObject({ cause, at: AT, source: expect.stringContaining('trigger events') });
  });

  it('is open for all that is reported where it was placed or changed', async () => {
    report(PATHS.triggerEvents, [
      reported('OrderTriggerUpdated', { oldOrderTrigger: trigger, newOrderTrigger: trigger, reason: 'edited_by_user' }),
    ]);
    const explanation = await explain(WAITING);
    expect(explanation).toMatchObject({ cause: 'unknown', source: 'trigger events: no end of the order is reported' });
    expect(explanation).not.toHaveProperty('stillOpen');
  });

  it.each([
    ['OrderTriggerActivated', {}],
    ['OrderTriggerCancelled', { reason: 'stop_order_triggered' }],
  ])('became the order with its id or its client order id, reported by %s', async (kind, fields) => {
    report(PATHS.triggerEvents, [reported(kind, { order: trigger, ...fields })]);
    for (const uid of ['t1', 'new']) {
      const newOrder = historic({ uid, filled: '0.01', quantity: '0' });
      report(PATHS.orderEvents, [reported('OrderUpdated', { oldOrder: newOrder, newOrder, reason: 'full_fill' })]);
      report(PATHS.executions, [execution('58990', '0.01', { order: newOrder })]);
      expect(await explain(WAITING)).toMatchObject({ cause: 'filled', averagePrice: '58990' });
    }
  });

  it('is unknown where nothing reports which order it became', async () => {
    report(PATHS.triggerEvents, [reported('OrderTriggerActivated', { order: trigger })]);
    report(PATHS.orderEvents, [
      reported('OrderPlaced', { order: historic({ uid: 'new', clientId: '' }), reason: 'limit_from_stop' }),
    ]);
    expect(await explain({ ...WAITING, clientOrderId: null })).toMatchObject({
      cause: 'unknown',
      source: 'it triggered; which order it became is not reported',
    });
  });
});
