import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson } from '../raw-http.js';
import { krakenCall, type KrakenAnswer, type Signing } from './kraken-call.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';
import { orderUuid } from '../../../packages/exchange-simulator/src/wire/krakenfutures/ids.js';

const NOW = 1_795_359_600_000;
const BTC = 'BTC/USD:USD';
const OPEN_ORDERS = '/derivatives/api/v3/openorders';

let clock: number;
let simulator: Simulator;
let base: string;

beforeEach(async () => {
  clock = NOW;
  simulator = await startSimulator({ port: 0, now: () => clock });
  base = `${simulator.url}/krakenfutures`;
});

afterEach(async () => {
  await simulator.close();
});

const call = async (path: string, signing?: Signing): Promise<KrakenAnswer> => krakenCall(base, path, signing);

const error = (code: string): object => ({
  status: 200,
  body: { result: 'error', error: code, serverTime: '2026-11-22T15:00:00.000Z' },
});

const place = (price: string, amount = '0.1'): string =>
  simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'limit', amount, price }).id;

describe('Authent', () => {
  it('is accepted with and without a nonce, over the encoded query, in the body, and for the history under its own path', async () => {
    const history = '/api/history/v3/orders';
    const calls = [
      call(OPEN_ORDERS),
      call(OPEN_ORDERS, { nonce: '1415957147987' }),
      call('/derivatives/api/v3/fills', { query: 'lastFillTime=2026-11-22T15%3A00%3A00.000Z' }),
      call(history, { query: 'sort=asc' }),
      call('/derivatives/api/v3/cancelallorders', {
        method: 'POST',
        body: 'symbol=PF_XBTUSD',
        credentials: DEMO_TRADING_CREDENTIALS,
      }),
    ];
    for (const { status, body } of await Promise.all(calls)) {
      expect(status).toBe(200);
      expect(body.error).toBeUndefined();
    }
  });

  it.each<[what: string, code: string, path: string, signing: Signing]>([
    ['with a key that nobody has', 'authenticationError', OPEN_ORDERS, { credentials: { apiKey: 'x', secret: 'y' } }],
    [
      'signed with another secret',
      'authenticationError',
      OPEN_ORDERS,
      { credentials: { apiKey: DEMO_CREDENTIALS.apiKey, secret: 'other' } },
    ],
    ['signed for another path', 'authenticationError', OPEN_ORDERS, { signed: { path: '/api/v3/accounts' } }],
    ['signed with "/derivatives"', 'authenticationError', OPEN_ORDERS, { signed: { path: OPEN_ORDERS } }],
    [
      'signed over the decoded query',
      'authenticationError',
      '/derivatives/api/v3/fills',
      {
        query: 'lastFillTime=2026-11-22T15%3A00%3A00.000Z',
        signed: { query: 'lastFillTime=2026-11-22T15:00:00.000Z' },
      },
    ],
    [
      'to trade with a key that can only read',
      'authenticationError',
      '/derivatives/api/v3/cancelallorders',
      { method: 'POST' },
    ],
    [
      'to ask for orders with a key that can only read',
      'authenticationError',
      '/derivatives/api/v3/orders/status',
      { method: 'POST' },
    ],
  ])('is refused %s', async (_what, code, path, signing) => {
    expect(await call(path, signing)).toMatchObject(error(code));
  });

  it('is refused where it is missing', async () => {
    const answer = await ask(base + OPEN_ORDERS, { headers: { APIKey: DEMO_CREDENTIALS.apiKey } });
    expect(JSON.parse(answer.body)).toMatchObject({ result: 'error', error: 'authenticationError' });
  });

  it('does not help an account in hedge mode, which the exchange does not have', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    expect(await call(OPEN_ORDERS)).toMatchObject(error('accountInactive'));
  });
});

describe('an answer', () => {
  it('has the server time, numbers without quotes and every digit', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    simulator.engine.setPrice(BTC, '60001');
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.2' });
    const { body, raw } = await call('/derivatives/api/v3/openpositions');
    expect(body).toMatchObject({ result: 'success', serverTime: '2026-11-22T15:00:00.000Z' });
    expect(raw).toContain('"size":0.3,');
    expect(raw).toContain('"price":60000.6666666666666667,');
  });

  it('to an unknown path is an error body under 404', async () => {
    expect(await call('/derivatives/api/v3/nothing')).toMatchObject({ status: 404, body: { error: 'notFound' } });
  });

  it.each<[what: string, query: string, expected: object]>([
    ['no symbol', 'orderType=lmt&side=buy&size=1&limitPrice=5', { result: 'error', error: 'requiredArgumentMissing' }],
    ['no such market', 'orderType=lmt&symbol=PF_NOUSD&side=buy&size=1&limitPrice=5', { error: 'invalidArgument' }],
    ['no such side', 'orderType=lmt&symbol=PF_XBTUSD&side=up&size=1&limitPrice=5', { error: 'invalidArgument' }],
    [
      'a price off its step',
      'orderType=lmt&symbol=PF_XBTUSD&side=buy&size=1&limitPrice=5.5',
      { result: 'success', sendStatus: { status: 'invalidPrice' } },
    ],
    [
      'a size off its step',
      'orderType=lmt&symbol=PF_XBTUSD&side=buy&size=0.00001&limitPrice=59000',
      { sendStatus: { status: 'invalidSize' } },
    ],
    [
      'a post-only order that would trade',
      'orderType=post&symbol=pf_xbtusd&side=buy&size=1&limitPrice=61000',
      { sendStatus: { status: 'postWouldExecute', orderEvents: [{ type: 'REJECT' }] } },
    ],
  ])('to an order with %s says so', async (_what, query, expected) => {
    const credentials = DEMO_TRADING_CREDENTIALS;
    const { body } = await call('/derivatives/api/v3/sendorder', { method: 'POST', query, credentials });
    expect(body).toMatchObject(expected);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('to a cancel of an order that is none says notFound, in a success', async () => {
    const query = `order_id=${orderUuid('42')}`;
    const { body } = await call('/derivatives/api/v3/cancelorder', {
      method: 'POST',
      query,
      credentials: DEMO_TRADING_CREDENTIALS,
    });
    expect(body).toMatchObject({ result: 'success', cancelStatus: { status: 'notFound' } });
  });
});

describe('orders/status', () => {
  const statusOf = async (id: string): Promise<unknown> => {
    const signing = { method: 'POST', query: `orderIds=${orderUuid(id)}`, credentials: DEMO_TRADING_CREDENTIALS };
    return (await call('/derivatives/api/v3/orders/status', signing)).body['orders'];
  };

  it('reports an order until five seconds after its end', async () => {
    const id = place('59000');
    expect(await statusOf(id)).toMatchObject([{ status: 'ENTERED_BOOK', updateReason: null }]);
    simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual');
    clock += 5_000;
    expect(await statusOf(id)).toMatchObject([{ status: 'CANCELLED', updateReason: 'CANCELLED_BY_USER' }]);
    clock += 1;
    expect(await statusOf(id)).toEqual([]);
  });

  it('reports a trigger', async () => {
    const order = { symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.1', triggerPrice: '55000' } as const;
    const { id } = simulator.engine.place(DEMO_ACCOUNT, 'manual', order);
    const triggerOptions = { triggerPrice: 55_000, triggerSide: 'TRIGGER_BELOW', triggerSignal: 'MARK_PRICE' };
    expect(await statusOf(id)).toMatchObject([
      { status: 'TRIGGER_PLACED', order: { type: 'TRIGGER_ORDER', priceTriggerOptions: triggerOptions } },
    ]);
  });
});

describe('the budget', () => {
  it('is spent as documented, and when it is, the answer is an error in a 200', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'krakenfutures', weight_per_minute: 30 });
    expect((await call(OPEN_ORDERS)).body.result).toBe('success');
    expect((await call('/derivatives/api/v3/accounts')).body.result).toBe('success');
    expect(await call(OPEN_ORDERS)).toMatchObject(error('apiLimitExceeded'));
    expect((await ask(`${base}/derivatives/api/v3/instruments`)).body).toContain('"success"');
    clock += 10_000;
    expect((await call(OPEN_ORDERS)).body.result).toBe('success');
    const report = await ask(`${simulator.url}/sim/requests`);
    expect(JSON.parse(report.body)).toMatchObject({ weight: 8, by_account: { demo: { requests: 4, weight: 8 } } });
  });

  it('of the history is one of its own', async () => {
    for (let count = 0; count < 100; count += 1) await call('/api/history/v3/orders');
    expect(await call('/api/history/v3/orders')).toMatchObject(error('apiLimitExceeded'));
    expect((await call(OPEN_ORDERS)).body.result).toBe('success');
  });
});
