import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { algoRow, answer, CREDENTIALS, orderRow, PATHS, serveAccount, SERVER_TIME } from './okx-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type Route, type WireRequest, WireServer } from './wire-server.js';
import { REMEMBERED_ORDER } from './remembered-order.js';

const HOUR = 3_600_000;
const UNKNOWN_ORDER: Route = (_request, response) =>
  sendJson(response, { code: '51603', msg: 'Order does not exist.', data: [] });
const NONE = answer([]);

describe('what became of an okx order', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(PATHS.order, UNKNOWN_ORDER).route(PATHS.algo, UNKNOWN_ORDER);
    for (const path of [PATHS.history, PATHS.archive, PATHS.fills, PATHS.algoHistory]) wire.route(path, NONE);
  });
  afterEach(() => wire.stop());

  async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
    const order: OpenOrder = {
      ...REMEMBERED_ORDER,
      id: '700',
      clientOrderId: 'bot700',
      ...fields,
    };
    const reader = await readerOf('okx', wire, { credentials: CREDENTIALS, now: () => SERVER_TIME });
    return (await reader.explainMissingOrders([order]))[0];
  }

  const reported = (fields: Record<string, unknown>) => orderRow('BTC-USDT-SWAP', '700', fields);
  const stop = (fields: Record<string, unknown>) => algoRow('BTC-USDT-SWAP', '700', 'conditional', fields);

  it.each<[string, Record<string, unknown>]>([
    ['filled', { state: 'filled', accFillSz: '1', avgPx: '59999.5' }],
    ['canceled', { state: 'canceled', cancelSource: '1' }],
    ['canceled', { state: 'canceled', cancelSource: '20', accFillSz: '0.4', avgPx: '60000' }],
    ['canceled', { state: 'mmp_canceled' }],
    ['expired', { state: 'canceled', cancelSource: '14' }],
    ['expired', { state: 'canceled', cancelSource: '7' }],
    ['expired', { state: 'filled', category: 'delivery', accFillSz: '1', avgPx: '60000' }],
    ['rejected', { state: 'canceled', cancelSource: '31' }],
    ['liquidated', { state: 'canceled', cancelSource: '3' }],
    ['liquidated', { state: 'canceled', cancelSource: '6' }],
    ['liquidated', { state: 'filled', category: 'partial_liquidation', accFillSz: '1', avgPx: '5' }],
    ['liquidated', { state: 'filled', category: 'adl', accFillSz: '1', avgPx: '5' }],
    ['unknown', { state: 'live' }],
  ])('is %s, reported by the order query, the history or the archive (%j)', async (cause, fields) => {
    for (const [path, before] of [
      [PATHS.order],
      [PATHS.history, PATHS.order],
      [PATHS.archive, PATHS.history],
    ] as const) {
      wire.route(path, answer([reported(fields)]));
      if (before !== undefined) wire.route(before, before === PATHS.order ? UNKNOWN_ORDER : NONE);
      expect(await explain()).toMatchObject({ cause });
    }
  });

  it('reports the average price, the amount in base units, the time and the reason', async () => {
    wire.route(PATHS.order, answer([reported({ state: 'filled', accFillSz: '1', avgPx: '59999.5' })]));
    const at = SERVER_TIME - 2 * HOUR;
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '59999.5',
      at,
      source: 'order query',
    });
    const cancelSourceReason = 'Price limit verification failed';
    wire.route(PATHS.order, answer([reported({ state: 'canceled', cancelSource: '27', cancelSourceReason })]));
    expect(await explain()).toEqual({
      cause: 'canceled',
      filled: '0',
      averagePrice: null,
      at,
      source: `order query: ${cancelSourceReason}`,
    });
  });

  it('is looked for from its own id on, as what its symbol trades', async () => {
    await explain({ symbol: 'BTC/USDT' });
    await explain({ symbol: 'BTC/USD:BTC-261225' });
    const asked = wire.requests.filter(({ path }) => path === PATHS.history);
    expect(asked.map(({ query }) => `${query.get('instType')} ${query.get('instId')} ${query.get('after')}`)).toEqual([
      'SPOT BTC-USDT 701',
      'MARGIN BTC-USDT 701',
      'FUTURES BTC-USD-261225 701',
    ]);
  });

  it.each([
    ['3', 'filled'],
    ['103', 'liquidated'],
    ['128', 'liquidated'],
    ['112', 'unknown'],
    ['213', 'unknown'],
  ])('with nothing but fills of the type %s is %s', async (subType, cause) => {
    const fill = { instId: 'BTC-USDT-SWAP', ordId: '700', fillPx: '60000', fillSz: '1', fillTime: '1763999999000' };
    wire.route(PATHS.fills, answer([{ ...fill, subType }]));
    expect(await explain()).toMatchObject({ cause, averagePrice: cause === 'unknown' ? null : '60000' });
  });

  it.each<[string, Partial<OpenOrder>]>([
    ['never_seen', { changedAt: SERVER_TIME - HOUR }],
    ['never_seen', { id: null }],
    ['never_seen', { conditional: true, changedAt: SERVER_TIME - 48 * HOUR }],
    ['unknown', { changedAt: SERVER_TIME - 2 * HOUR }],
    ['unknown', {}],
  ])('that nothing knows is %s (%j)', async (cause, fields) => {
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['canceled', { state: 'canceled' }, 'algo order query'],
    ['rejected', { state: 'order_failed', failCode: '51008' }, 'algo order query: code 51008'],
    ['unknown', { state: 'live' }, 'algo order query: the order is open'],
    ['unknown', { state: 'partially_failed' }, 'algo order query: a part of it failed'],
    ['unknown', { state: 'effective' }, 'it took effect, but the algo order query names no order that it became'],
    ['unknown', { state: 'effective', ordIdList: ['1', '2'] }, 'it took effect as the orders 1, 2'],
  ])('that waited for a trigger is %s (%j)', async (cause, fields, source) => {
    wire.route(PATHS.algo, answer([stop(fields)]));
    expect(await explain({ conditional: true })).toMatchObject({ cause, source });
    wire.route(PATHS.algo, UNKNOWN_ORDER);
    wire.route(PATHS.algoHistory, ({ query }: WireRequest) =>
      answer(query.get('ordType') === 'conditional,oco' ? [stop(fields)] : []),
    );
    expect(await explain({ conditional: true })).toMatchObject({ cause, source });
  });

  it('is what the order became that its trigger placed', async () => {
    wire.route(PATHS.algo, answer([stop({ state: 'effective', ordId: '801', ordIdList: ['801'] })]));
    const became = (fields: Record<string, unknown>) =>
      wire.route(PATHS.order, answer([orderRow('BTC-USDT-SWAP', '801', fields)]));
    became({ state: 'filled', accFillSz: '1', avgPx: '54990' });
    expect(await explain({ conditional: true })).toMatchObject({
      cause: 'filled',
      averagePrice: '54990',
      source: 'order query of 801, which it became when it triggered',
    });
    became({ state: 'live' });
    expect(await explain({ conditional: true })).toMatchObject({
      cause: 'triggered',
      becameOpen: '801',
    });
  });

  it('is found among algo orders also where the bot calls it a plain order', async () => {
    wire.route(PATHS.algo, answer([stop({ state: 'canceled' })]));
    expect(await explain()).toMatchObject({ cause: 'canceled' });
  });

  it.each([
    [PATHS.order, orderRow('BTC-USDT-SWAP', '701', { state: 'filled', accFillSz: '1' })],
    [PATHS.order, orderRow('ETH-USDT-SWAP', '700', { state: 'filled', accFillSz: '1' })],
    [PATHS.algo, algoRow('BTC-USDT-SWAP', '701', 'trigger', { state: 'canceled' })],
  ])('is unknown when %s answers for another order', async (path, row) => {
    wire.route(path, answer([row]));
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });

  it.each([PATHS.order, PATHS.history, PATHS.archive, PATHS.fills, PATHS.algo])(
    'is unknown when %s fails',
    async (path) => {
      wire.route(path, (_request, response) => sendJson(response, { code: '50026', msg: 'System error.' }, 500));
      expect(await explain({ changedAt: SERVER_TIME - HOUR })).toMatchObject({
        cause: 'unknown',
        source: expect.stringContaining('the question failed: network'),
      });
    },
  );
});
