import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, type RawAnswer } from '../raw-http.js';
import {
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
} from '../../../packages/exchange-simulator/src/engine/credentials.js';
import { DEMO_ACCOUNT, startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
interface Credentials {
  apiKey: string;
  secret: string;
  passphrase: string;
}

const READER: Credentials = { ...DEMO_CREDENTIALS, passphrase: DEMO_PASSPHRASE };
const TRADER: Credentials = { ...DEMO_TRADING_CREDENTIALS, passphrase: DEMO_PASSPHRASE };

let simulator: Simulator;
const START = Date.parse('2026-11-22T15:00:00.000Z');
let clock = START;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, now: () => clock });
});

beforeEach(async () => {
  clock = START;
  await postJson(`${simulator.url}/sim/reset`, {});
});

afterAll(async () => {
  await simulator.close();
});

interface Request {
  body?: Record<string, unknown>;
  as?: Credentials;
  /** What is signed instead of the path that is asked. */
  signedPath?: string;
  headers?: Record<string, string>;
}

/** A request signed here by hand and not by a client: Base64 of HMAC SHA256 over timestamp, method, path and body. */
async function bitget(
  path: string,
  { body, as = READER, signedPath = path, headers = {} }: Request = {},
): Promise<RawAnswer> {
  const method = body === undefined ? 'GET' : 'POST';
  const text = body === undefined ? '' : JSON.stringify(body);
  const timestamp = headers['ACCESS-TIMESTAMP'] ?? String(clock);
  const sign = createHmac('sha256', as.secret)
    .update(timestamp + method + signedPath + text)
    .digest('base64');
  return ask(`${simulator.url}/bitget${path}`, {
    method,
    headers: {
      'ACCESS-KEY': as.apiKey,
      'ACCESS-SIGN': sign,
      'ACCESS-TIMESTAMP': timestamp,
      'ACCESS-PASSPHRASE': as.passphrase,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: text }),
  });
}

const errorOf = ({ status, body }: RawAnswer): unknown => [status, (JSON.parse(body) as { code: string }).code];
const dataOf = ({ body }: RawAnswer): unknown => (JSON.parse(body) as { data: unknown }).data;

const POSITIONS = '/api/v2/mix/position/all-position?productType=USDT-FUTURES';

describe('the bitget wire checks who asks', () => {
  it('takes a signed request and answers in the envelope', async () => {
    const answer = await bitget(POSITIONS);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ code: '00000', msg: 'success', requestTime: clock, data: [] });
  });

  it('takes a query that was signed before it was encoded', async () => {
    const path = '/api/v2/mix/order/orders-pending?clientOid=a%3Ab&productType=USDT-FUTURES';
    const signedPath = '/api/v2/mix/order/orders-pending?clientOid=a:b&productType=USDT-FUTURES';
    expect(errorOf(await bitget(path, { signedPath }))).toEqual([200, '00000']);
  });

  it.each<[what: string, code: string, request: Request]>([
    ['no key', '40001', { headers: { 'ACCESS-KEY': '' } }],
    ['no signature', '40002', { headers: { 'ACCESS-SIGN': '' } }],
    ['no passphrase', '40011', { headers: { 'ACCESS-PASSPHRASE': '' } }],
    ['a key that nobody has', '40037', { as: { ...READER, apiKey: 'nobody' } }],
    ['a wrong passphrase', '40012', { as: { ...READER, passphrase: 'wrong' } }],
    ['a wrong secret', '40009', { as: { ...READER, secret: 'wrong' } }],
    ['a signature over another path', '40009', { signedPath: `${POSITIONS}&marginCoin=USDT` }],
    ['a timestamp that is none', '40005', { headers: { 'ACCESS-TIMESTAMP': 'now' } }],
    ['a timestamp of a minute ago', '40008', { headers: { 'ACCESS-TIMESTAMP': '1795359540000' } }],
    ['a timestamp a minute ahead', '40008', { headers: { 'ACCESS-TIMESTAMP': '1795359660000' } }],
  ])('refuses %s with %s', async (_what, code, request) => {
    expect(errorOf(await bitget(POSITIONS, request))).toEqual([400, code]);
  });

  it('says that the account is a classic one', async () => {
    expect(errorOf(await bitget('/api/v3/account/settings'))).toEqual([400, '40084']);
  });

  it('reports what a key may do and from where', async () => {
    const path = '/api/v2/spot/account/info';
    expect(dataOf(await bitget(path))).toMatchObject({
      ips: '127.0.0.1',
      authorities: ['coor', 'cpor', 'stor', 'wtor'],
    });
    clock += 1_000;
    expect(dataOf(await bitget(path, { as: TRADER }))).toMatchObject({
      ips: '',
      authorities: expect.arrayContaining(['coow', 'stow']),
    });
  });
});

describe('the bitget wire limits requests', () => {
  it('to five position requests a second, and reports how many are left', async () => {
    const answers: RawAnswer[] = [];
    for (let i = 0; i < 6; i += 1) answers.push(await bitget(POSITIONS));
    expect(answers.map(({ headers }) => headers['x-mbx-used-remain-limit'])).toEqual(['4', '3', '2', '1', '0', '0']);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(errorOf(await bitget('/api/v2/mix/account/accounts?productType=USDT-FUTURES'))).toEqual([200, '00000']);
    clock += 1_000;
    expect((await bitget(POSITIONS)).status).toBe(200);
  });

  it('to more a second where more a minute are allowed than documented', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'bitget', weight_per_minute: 12_000 });
    expect((await bitget(POSITIONS)).headers['x-mbx-used-remain-limit']).toBe('9');
    await postJson(`${simulator.url}/sim/reset`, {});
    expect((await bitget(POSITIONS)).headers['x-mbx-used-remain-limit']).toBe('4');
  });

  it('to so many a minute in all, and five minutes of nothing after that', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'bitget', weight_per_minute: 2 });
    const time = async (): Promise<unknown> => errorOf(await ask(`${simulator.url}/bitget/api/v2/public/time`));
    expect([await time(), await time(), await time()]).toEqual([
      [200, '00000'],
      [200, '00000'],
      [429, '429'],
    ]);
    clock += 120_000;
    expect(await time()).toEqual([429, '429']);
    clock += 180_000;
    expect(await time()).toEqual([200, '00000']);
  });
});

describe('the bitget wire says no as Bitget does', () => {
  it.each<[what: string, code: string, path: string]>([
    ['an unknown symbol', '40034', '/api/v2/mix/order/orders-pending?productType=USDT-FUTURES&symbol=XYZUSDT'],
    ['no product type', '40019', '/api/v2/mix/order/orders-pending'],
    ['a product type that is none', '40020', '/api/v2/mix/position/all-position?productType=umcbl'],
    ['trigger orders of no type', '40019', '/api/v2/mix/order/orders-plan-pending?productType=USDT-FUTURES'],
    [
      'a type that is no kind',
      '40020',
      '/api/v2/mix/order/orders-plan-pending?productType=USDT-FUTURES&planType=pos_loss',
    ],
    ['an order that never was', '40109', '/api/v2/mix/order/detail?productType=USDT-FUTURES&symbol=BTCUSDT&orderId=42'],
    ['a page of 101', '40017', '/api/v2/mix/order/orders-pending?productType=USDT-FUTURES&limit=101'],
    [
      'a week of fills that is longer',
      '40705',
      '/api/v2/mix/order/fill-history?productType=USDT-FUTURES&startTime=1&endTime=1795359600000',
    ],
    [
      'a margin coin of another contract',
      '40778',
      '/api/v2/mix/position/single-position?productType=USDT-FUTURES&symbol=BTCUSDT&marginCoin=USDC',
    ],
  ])('to %s with %s', async (_what, code, path) => {
    expect(errorOf(await bitget(path))).toEqual([400, code]);
  });

  it('to a path that it does not have with 404', async () => {
    expect(errorOf(await bitget('/api/v2/mix/order/nothing'))).toEqual([404, '40404']);
  });

  it.each<[what: string, code: string, change: Record<string, string>]>([
    ['a price off its step', '45115', { price: '59000.05' }],
    ['a size off its step', '40808', { size: '0.0105' }],
    ['a size of nothing', '45111', { size: '0' }],
    ['a value below the minimum', '45110', { price: '100' }],
    ['reduce-only with nothing to reduce', '22002', { reduceOnly: 'YES' }],
    ['a missing price', '40019', { price: '' }],
    ['an unknown side', '40020', { side: 'up' }],
  ])('to an order with %s with %s', async (_what, code, change) => {
    expect(
      errorOf(await bitget('/api/v2/mix/order/place-order', { as: TRADER, body: { ...ORDER, ...change } })),
    ).toEqual([400, code]);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('to a second order under an open client id, and to cancelling what is not there', async () => {
    const order = { ...ORDER, clientOid: 'mine' };
    const place = async (): Promise<unknown> =>
      errorOf(await bitget('/api/v2/mix/order/place-order', { as: TRADER, body: order }));
    expect([await place(), await place()]).toEqual([
      [200, '00000'],
      [400, '45034'],
    ]);
    const cancel = async (body: object): Promise<unknown> =>
      errorOf(await bitget('/api/v2/mix/order/cancel-order', { as: TRADER, body: { ...NAMED, ...body } }));
    expect(await cancel({ orderId: '42' })).toEqual([400, '40768']);
    expect(await cancel({ clientOid: 'mine' })).toEqual([200, '00000']);
    expect(await cancel({ clientOid: 'mine' })).toEqual([400, '22001']);
  });
});

const NAMED = { symbol: 'BTCUSDT', productType: 'USDT-FUTURES' };
const ORDER = {
  ...NAMED,
  marginCoin: 'USDT',
  marginMode: 'crossed',
  side: 'buy',
  orderType: 'limit',
  force: 'gtc',
  size: '0.010',
  price: '59000',
};

describe('the bitget wire keeps what surprises', () => {
  it('an empty list of orders is null', async () => {
    for (const planType of ['', 'normal_plan', 'track_plan', 'profit_loss']) {
      const list = planType === '' ? 'orders-pending?' : `orders-plan-pending?planType=${planType}&`;
      const answer = await bitget(`/api/v2/mix/order/${list}productType=USDC-FUTURES`);
      expect(dataOf(answer)).toEqual({ entrustedList: null, endId: null });
    }
  });

  it('orders older than 90 days come only when asked for', async () => {
    const asked = '/api/v2/mix/order/orders-pending?productType=USDT-FUTURES';
    const { id } = simulator.engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'buy',
      type: 'limit',
      amount: '0.01',
      price: '59000',
    });
    const placedAt = clock;
    clock += 91 * 86_400_000;
    expect(dataOf(await bitget(asked))).toEqual({ entrustedList: null, endId: null });
    expect(dataOf(await bitget(`${asked}&startTime=${placedAt}`))).toMatchObject({ endId: id });
  });

  it('funding stands in the bills and never among fills', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    simulator.engine.settleFunding(BTC, '0.0001');
    expect(dataOf(await bitget('/api/v2/mix/account/bill?productType=USDT-FUTURES'))).toMatchObject({
      bills: [
        { businessType: 'contract_settle_fee', amount: '-3', symbol: 'BTCUSDT' },
        { businessType: 'buy', amount: '0', fee: '-12' },
      ],
    });
    const { fillList } = dataOf(await bitget('/api/v2/mix/order/fills?productType=USDT-FUTURES')) as {
      fillList: object[];
    };
    expect(fillList).toHaveLength(1);
  });

  it('a trigger order that went off is executed, and names the order it became', async () => {
    const { engine } = simulator;
    engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const stop = engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'sell',
      type: 'stop_market',
      amount: '0.5',
      triggerPrice: '55000',
      reduceOnly: true,
    });
    engine.setPrice(BTC, '54000');
    const became = engine.account(DEMO_ACCOUNT).findOrder({ id: stop.id })?.triggeredOrderId;
    const path = '/api/v2/mix/order/orders-plan-history?productType=USDT-FUTURES&planType=profit_loss';
    expect(dataOf(await bitget(path))).toMatchObject({
      entrustedList: [{ orderId: stop.id, planStatus: 'executed', executeOrderId: became, planType: 'loss_plan' }],
    });
    const detail = await bitget(`/api/v2/mix/order/detail?productType=USDT-FUTURES&symbol=BTCUSDT&orderId=${became}`);
    expect(dataOf(detail)).toMatchObject({ state: 'filled', priceAvg: '54000', baseVolume: '0.5' });
  });

  it('take-profit and stop-loss of a whole position have a size of zero', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const body = {
      ...NAMED,
      marginCoin: 'USDT',
      holdSide: 'buy',
      stopSurplusTriggerPrice: '70000',
      stopLossTriggerPrice: '50000',
    };
    const placed = await bitget('/api/v2/mix/order/place-pos-tpsl', { as: TRADER, body });
    expect(dataOf(placed)).toHaveLength(2);
    const path = '/api/v2/mix/order/orders-plan-pending?productType=USDT-FUTURES&planType=profit_loss';
    const { entrustedList } = dataOf(await bitget(path)) as { entrustedList: Record<string, unknown>[] };
    expect(entrustedList.map(({ planType, size, side, triggerPrice }) => [planType, size, side, triggerPrice])).toEqual(
      [
        ['pos_loss', '0', 'sell', '50000'],
        ['pos_profit', '0', 'sell', '70000'],
      ],
    );
    const wrongSide = {
      ...NAMED,
      marginCoin: 'USDT',
      holdSide: 'buy',
      planType: 'loss_plan',
      size: '0.1',
      triggerPrice: '70000',
    };
    expect(errorOf(await bitget('/api/v2/mix/order/place-tpsl-order', { as: TRADER, body: wrongSide }))).toEqual([
      400,
      '40834',
    ]);
  });
});
