import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, type RawAnswer } from '../raw-http.js';
import {
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
} from '../../../packages/exchange-simulator/src/engine/credentials.js';
import { DEMO_ACCOUNT, startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { signaturesOf } from '../../../packages/exchange-simulator/src/wire/gate/security.js';

const BTC = 'BTC/USDT:USDT';

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
  method?: string;
  body?: object;
  as?: { apiKey: string; secret: string };
  /** What is signed instead of the query that is asked. */
  signedQuery?: string;
  headers?: Record<string, string>;
}

/** A request signed here by hand and not by a client. */
async function gate(target: string, request: Request = {}): Promise<RawAnswer> {
  const { body, as = DEMO_CREDENTIALS, headers = {} } = request;
  const method = request.method ?? (body === undefined ? 'GET' : 'POST');
  const [path = '', query = ''] = `/api/v4${target}`.split('?');
  const text = body === undefined ? '' : JSON.stringify(body);
  const timestamp = headers['Timestamp'] ?? String(Math.floor(clock / 1_000));
  const hash = createHash('sha512').update(text).digest('hex');
  const signed = [method, path, request.signedQuery ?? query, hash, timestamp].join('\n');
  return ask(`${simulator.url}/gate/api/v4${target}`, {
    method,
    headers: {
      KEY: as.apiKey,
      SIGN: createHmac('sha512', as.secret).update(signed).digest('hex'),
      Timestamp: timestamp,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: text }),
  });
}

const bodyOf = ({ body }: RawAnswer): unknown => JSON.parse(body);
const errorOf = (answer: RawAnswer): unknown => [answer.status, (bodyOf(answer) as { label?: string }).label];

const POSITIONS = '/futures/usdt/positions';

describe('the gate wire checks who asks', () => {
  it.each<[what: string, expected: string, request: Parameters<typeof signaturesOf>[0]]>([
    [
      'a query',
      '55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a',
      {
        method: 'GET',
        path: '/api/v4/futures/orders',
        rawQuery: 'contract=BTC_USD&status=finished&limit=50',
        rawBody: '',
      },
    ],
    [
      'a body',
      'eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541fc4c2c14017581b4199a1418d54471c269c03a38d788d802e2c306c37636389f0',
      {
        method: 'POST',
        path: '/api/v4/futures/orders',
        rawQuery: '',
        rawBody: '{"contract":"BTC_USD","type":"limit","size":100,"price":6800,"time_in_force":"gtc"}',
      },
    ],
  ])("by the signatures of Gate's own examples: with %s", (_what, expected, request) => {
    expect(signaturesOf(request, '1541993715', 'secret')).toContain(expected);
  });

  it('takes a signed request', async () => {
    expect(await gate(POSITIONS)).toMatchObject({ status: 200, body: '[]' });
  });

  it('takes a query that was signed before it was encoded', async () => {
    const target = '/futures/usdt/orders?contract=BTC%5FUSDT&status=open';
    expect((await gate(target, { signedQuery: 'contract=BTC_USDT&status=open' })).status).toBe(200);
  });

  it.each<[what: string, label: string, request: Request]>([
    ['no key', 'MISSING_REQUIRED_HEADER', { headers: { KEY: '' } }],
    ['no signature', 'MISSING_REQUIRED_HEADER', { headers: { SIGN: '' } }],
    ['a key that nobody has', 'INVALID_KEY', { as: { ...DEMO_CREDENTIALS, apiKey: 'nobody' } }],
    ['a wrong secret', 'INVALID_SIGNATURE', { as: { ...DEMO_CREDENTIALS, secret: 'wrong' } }],
    ['a signature over another query', 'INVALID_SIGNATURE', { signedQuery: 'limit=1' }],
    ['a timestamp of two minutes ago', 'REQUEST_EXPIRED', { headers: { Timestamp: '1795359480' } }],
    ['a timestamp two minutes ahead', 'REQUEST_EXPIRED', { headers: { Timestamp: '1795359720' } }],
  ])('refuses %s with %s', async (_what, label, request) => {
    expect(errorOf(await gate(POSITIONS, request))).toEqual([401, label]);
  });

  it('lets a read-only key write nothing', async () => {
    const answer = await gate('/futures/usdt/orders', { body: ORDER });
    expect(errorOf(answer)).toEqual([403, 'READ_ONLY']);
  });

  it('reports what a key may do and from where', async () => {
    expect(bodyOf(await gate('/account/main_keys'))).toMatchObject({
      ip_whitelist: ['127.0.0.1'],
      perms: expect.arrayContaining([{ name: 'futures', read_only: true }]),
    });
    expect(bodyOf(await gate('/account/main_keys', { as: DEMO_TRADING_CREDENTIALS }))).toMatchObject({
      ip_whitelist: [],
      perms: expect.arrayContaining([{ name: 'futures', read_only: false }]),
    });
    expect(bodyOf(await gate('/account/detail'))).toMatchObject({ key: { mode: 1 } });
  });
});

describe('the gate wire limits requests', () => {
  it('to 200 of one endpoint in 10 seconds, and reports how many are left', async () => {
    const first = await gate('/spot/time');
    expect(first.headers).toMatchObject({
      'x-gate-ratelimit-limit': '200',
      'x-gate-ratelimit-requests-remain': '199',
      'x-gate-ratelimit-reset-timestamp': '1795359600',
    });
    const others = await Promise.all(Array.from({ length: 200 }, async () => gate('/spot/time')));
    const refused = others.filter(({ status }) => status === 429);
    expect(refused.map(errorOf)).toEqual([[429, 'TOO_MANY_REQUESTS']]);
    expect(refused[0]?.headers['x-gate-ratelimit-reset-timestamp']).toBe('1795359610');
    expect((await gate(POSITIONS)).status).toBe(200);
    clock += 10_000;
    expect((await gate('/spot/time')).status).toBe(200);
  });

  it('to so many a minute in all where a test says so', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'gate', weight_per_minute: 2 });
    const statuses = [await gate(POSITIONS), await gate('/spot/time'), await gate('/spot/accounts')];
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
  });
});

describe('the gate wire says no as Gate does', () => {
  it.each<[what: string, status: number, label: string, target: string]>([
    ['an unknown contract', 404, 'CONTRACT_NOT_FOUND', '/futures/usdt/orders?status=open&contract=XYZ_USDT'],
    ['an unknown pair', 400, 'INVALID_CURRENCY_PAIR', '/spot/orders?status=open&currency_pair=XYZ_USDT'],
    ['no status', 400, 'MISSING_REQUIRED_PARAM', '/futures/usdt/orders'],
    ['a status that is none', 400, 'INVALID_PARAM_VALUE', '/futures/usdt/orders?status=closed'],
    ['a settle currency that is none', 400, 'INVALID_PARAM_VALUE', '/futures/eur/positions'],
    ['a page of 101 positions', 400, 'INVALID_PARAM_VALUE', '/futures/usdt/positions?limit=101'],
    ['an order that never was', 404, 'ORDER_NOT_FOUND', '/futures/usdt/orders/42'],
    ['a price order that never was', 404, 'ORDER_NOT_FOUND', '/futures/usdt/price_orders/42'],
    ['a path that it does not have', 404, 'NOT_FOUND', '/futures/usdt/nothing'],
  ])('to %s with %i %s', async (_what, status, label, target) => {
    expect(errorOf(await gate(target))).toEqual([status, label]);
  });

  it('to a futures account that has never had money', async () => {
    await postJson(`${simulator.url}/sim/reset`, { balances: { USDT: '1000' } });
    for (const list of ['accounts', 'positions', 'orders?status=open']) {
      expect(errorOf(await gate(`/futures/btc/${list}`))).toEqual([400, 'USER_NOT_FOUND']);
    }
  });

  it.each<[what: string, label: string, change: object]>([
    ['a price off its step', 'INVALID_PARAM_VALUE', { price: '59000.05' }],
    ['half a contract', 'INVALID_PARAM_VALUE', { size: '10.5' }],
    ['a value below the minimum', 'SIZE_TOO_SMALL', { price: '100' }],
    ['reduce-only with nothing to reduce', 'INCREASE_POSITION', { reduce_only: true }],
    ['nothing to close', 'POSITION_EMPTY', { size: 0, close: true, price: '0', tif: 'ioc' }],
    ['a market price that would rest', 'INVALID_PARAM_VALUE', { price: '0' }],
    ['a text of another form', 'INVALID_PARAM_VALUE', { text: 'mine' }],
    ['post-only beyond the price', 'ORDER_POC_IMMEDIATE', { price: '61000', tif: 'poc' }],
  ])('to an order with %s with %s', async (_what, label, change) => {
    const answer = await gate('/futures/usdt/orders', { as: DEMO_TRADING_CREDENTIALS, body: { ...ORDER, ...change } });
    expect(errorOf(answer)).toEqual([400, label]);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('to cancelling twice', async () => {
    const trader = { as: DEMO_TRADING_CREDENTIALS };
    const placed = await gate('/futures/usdt/orders', { ...trader, body: { ...ORDER, text: 't-mine' } });
    expect(placed.status).toBe(201);
    const cancel = async (): Promise<RawAnswer> => gate('/futures/usdt/orders/t-mine', { ...trader, method: 'DELETE' });
    expect(bodyOf(await cancel())).toMatchObject({ status: 'finished', finish_as: 'cancelled', text: 't-mine' });
    expect(errorOf(await cancel())).toEqual([400, 'ORDER_FINISHED']);
  });
});

const ORDER = { contract: 'BTC_USDT', size: 10, price: '59000', tif: 'gtc' };

describe('the gate wire keeps what surprises', () => {
  const place = (change: object): { id: string } =>
    simulator.engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'buy',
      type: 'market',
      amount: '0.5',
      ...change,
    });

  it('sizes are integers, and text for who asks for decimals', async () => {
    place({});
    expect((await gate(POSITIONS)).body).toContain('"size":500,');
    expect((await gate(POSITIONS, { headers: { 'X-Gate-Size-Decimal': '1' } })).body).toContain('"size":"500"');
  });

  it.each([
    ['a sixth', '160', '1.6', 1],
    ['less than one contract', '40', '0.4', 0],
  ])('decimals are cut toward zero without the header: %s', async (_name, amount, contracts, cut) => {
    const symbol = 'DOGE/USDT:USDT';
    place({ symbol, amount, side: 'sell' });
    place({ symbol, amount, side: 'buy', type: 'stop_market', triggerPrice: '0.3' });
    const decimals = { headers: { 'X-Gate-Size-Decimal': '1' } };
    expect(bodyOf(await gate(POSITIONS))).toMatchObject([{ size: cut === 0 ? 0 : -cut }]);
    expect(bodyOf(await gate(POSITIONS, decimals))).toMatchObject([{ size: `-${contracts}` }]);
    const orders = '/futures/usdt/price_orders?status=open';
    expect(bodyOf(await gate(orders, decimals))).toMatchObject([{ initial: { size: cut, amount: contracts } }]);
    const contract = '/futures/usdt/contracts/DOGE_USDT';
    expect(bodyOf(await gate(contract, decimals))).toMatchObject({ enable_decimal: true, order_size_min: '0.1' });
  });

  it('closed positions are listed with a size of zero, unless only held ones are asked for', async () => {
    place({});
    place({ side: 'sell' });
    expect(bodyOf(await gate(POSITIONS))).toMatchObject([{ contract: 'BTC_USDT', size: 0 }]);
    expect(bodyOf(await gate(`${POSITIONS}?holding=true`))).toEqual([]);
  });

  it('an order that ended without a fill is forgotten after ten minutes', async () => {
    const { id } = place({ type: 'limit', price: '59000' });
    simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual');
    expect((await gate(`/futures/usdt/orders/${id}`)).status).toBe(200);
    clock += 601_000;
    expect(errorOf(await gate(`/futures/usdt/orders/${id}`))).toEqual([404, 'ORDER_NOT_FOUND']);
    expect(bodyOf(await gate('/futures/usdt/orders?status=finished'))).toEqual([]);
  });

  it('a liquidation is an order of its own, and takes the others along', async () => {
    place({});
    const { id } = place({ type: 'limit', price: '59000' });
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    expect(bodyOf(await gate(`/futures/usdt/orders/${id}`))).toMatchObject({ finish_as: 'liquidated' });
    expect(bodyOf(await gate('/futures/usdt/liquidates'))).toMatchObject([{ contract: 'BTC_USDT', size: 500 }]);
    const [newest] = bodyOf(await gate('/futures/usdt/orders?status=finished&limit=1')) as object[];
    expect(newest).toMatchObject({ is_liq: true, text: 'liquidation', size: -500, finish_as: 'filled' });
  });

  it('a price order that went off names the order it became', async () => {
    place({});
    const { id } = place({ side: 'sell', type: 'stop_market', triggerPrice: '55000', reduceOnly: true });
    simulator.engine.setPrice(BTC, '54000');
    const became = simulator.engine.account(DEMO_ACCOUNT).findOrder({ id })?.triggeredOrderId;
    expect(bodyOf(await gate(`/futures/usdt/price_orders/${id}`))).toMatchObject({
      status: 'finished',
      finish_as: 'succeeded',
      trade_id: Number(became),
      order_type: 'plan-close-long-position',
      trigger: { price: '55000', rule: 2 },
    });
    expect(bodyOf(await gate(`/futures/usdt/orders/${became}`))).toMatchObject({
      finish_as: 'filled',
      fill_price: '54000',
    });
  });

  it('trailing orders have a list of their own, twenty a page', async () => {
    for (let i = 0; i < 21; i += 1)
      place({ side: 'sell', type: 'trailing_stop_market', amount: '0.1', callbackPercent: '2' });
    const list = async (page: number): Promise<unknown[]> =>
      (bodyOf(await gate(`/futures/usdt/autoorder/v1/trail/list?page_num=${page}`)) as { orders: unknown[] }).orders;
    expect([(await list(1)).length, (await list(2)).length]).toEqual([20, 1]);
    expect((await list(1))[0]).toMatchObject({
      amount: '-100',
      price_offset: '2%',
      trigger_price: '58800',
      status: 'open',
    });
    expect(bodyOf(await gate('/futures/usdt/price_orders?status=open'))).toEqual([]);
  });

  it('funding stands in the account book and never among trades', async () => {
    place({});
    simulator.engine.settleFunding(BTC, '0.0001');
    expect(bodyOf(await gate('/futures/usdt/account_book?type=fund'))).toMatchObject([
      { type: 'fund', change: '-3', contract: 'BTC_USDT' },
    ]);
    expect(bodyOf(await gate('/futures/usdt/my_trades'))).toHaveLength(1);
  });

  it('a trailing order is created and stopped', async () => {
    const trader = { as: DEMO_TRADING_CREDENTIALS };
    const body = { contract: 'BTC_USDT', amount: '-100', price_offset: '2%', activation_price: '61000' };
    const created = await gate('/futures/usdt/autoorder/v1/trail/create', { ...trader, body });
    const { id } = bodyOf(created) as { id: number };
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([
      { id: String(id), amount: '0.1', trailing: { callbackPercent: '2', activationPrice: '61000' } },
    ]);
    await gate('/futures/usdt/autoorder/v1/trail/stop', { ...trader, body: { id } });
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });
});
