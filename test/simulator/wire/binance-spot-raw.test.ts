import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, signedQuery, type RawAnswer } from '../raw-http.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';

const NOW = 1_795_359_600_000;
const DAY_MS = 86_400_000;

let clock: number;
let simulator: Simulator;

beforeAll(async () => {
  clock = NOW;
  simulator = await startSimulator({ port: 0, now: () => clock });
});
beforeEach(async () => {
  clock = NOW;
  await postJson(`${simulator.url}/sim/reset`, {});
});
afterAll(() => simulator.close());

type Fields = Record<string, string>;

/** Signed by hand, with the key that can trade by default. */
async function send(
  method: string,
  path: string,
  fields: Fields = {},
  { apiKey, secret }: { apiKey: string; secret: string } = DEMO_TRADING_CREDENTIALS,
): Promise<RawAnswer> {
  const query = signedQuery({ timestamp: String(clock), ...fields }, secret);
  return ask(`${simulator.url}/binance${path}?${query}`, { method, headers: { 'X-MBX-APIKEY': apiKey } });
}

const reported = ({ body }: RawAnswer): unknown => JSON.parse(body);
const symbol = 'BTCUSDT';
const limit: Fields = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '50000' };
const oco: Fields = { symbol, side: 'SELL', quantity: '0.1', aboveType: 'LIMIT_MAKER', abovePrice: '70000' };
const stop: Fields = { belowType: 'STOP_LOSS', belowStopPrice: '55000' };

describe('the binance wire refuses as Binance documents it', () => {
  it.each<[what: string, code: number, msg: string, method: string, path: string, fields: Fields]>([
    ['an unknown symbol', -1121, 'Invalid symbol.', 'GET', '/api/v3/order', { symbol: 'NOSUCH', orderId: '1' }],
    ['no symbol', -1102, "Mandatory parameter 'symbol'", 'GET', '/api/v3/allOrders', {}],
    ['an order without a name', -1102, "Param 'origClientOrderId' or 'orderId'", 'GET', '/api/v3/order', { symbol }],
    ['an order that is not', -2013, 'Order does not exist.', 'GET', '/api/v3/order', { symbol, orderId: '1' }],
    ['a cancel of nothing', -2011, 'Unknown order sent.', 'DELETE', '/api/v3/order', { symbol, orderId: '1' }],
    ['a cancel of no orders', -2011, 'Unknown order sent.', 'DELETE', '/api/v3/openOrders', { symbol }],
    ['a side that is none', -1117, 'Invalid side.', 'POST', '/api/v3/order', { ...limit, side: 'LONG' }],
    ['a type that is none', -1116, 'Invalid orderType.', 'POST', '/api/v3/order', { ...limit, type: 'STOP' }],
    [
      'a limit order without a time in force',
      -1102,
      'timeInForce',
      'POST',
      '/api/v3/order',
      { ...limit, timeInForce: '' },
    ],
    ['a quantity that is no number', -1102, 'quantity', 'POST', '/api/v3/order', { ...limit, quantity: 'much' }],
    ['a price off its tick', -1013, 'PRICE_FILTER', 'POST', '/api/v3/order', { ...limit, price: '50000.001' }],
    ['a quantity off its step', -1013, 'LOT_SIZE', 'POST', '/api/v3/order', { ...limit, quantity: '0.000001' }],
    ['too small an order', -1013, 'NOTIONAL', 'POST', '/api/v3/order', { ...limit, quantity: '0.00001' }],
    ['more than there is', -2010, 'insufficient balance', 'POST', '/api/v3/order', { ...limit, quantity: '3' }],
    [
      'a stop on the wrong side',
      -2010,
      'Order would trigger immediately.',
      'POST',
      '/api/v3/order',
      { symbol, side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '61000' },
    ],
    [
      'an OCO of two limits',
      -1168,
      'contingent',
      'POST',
      '/api/v3/orderList/oco',
      { ...oco, belowType: 'LIMIT_MAKER' },
    ],
    [
      'a sell OCO with its limit below',
      -1166,
      'must be above',
      'POST',
      '/api/v3/orderList/oco',
      { ...oco, aboveType: 'STOP_LOSS', aboveStopPrice: '70000', belowType: 'LIMIT_MAKER', belowPrice: '55000' },
    ],
    [
      'an OCO with both orders on one side',
      -2010,
      'relationship of the prices',
      'POST',
      '/api/v3/orderList/oco',
      { ...oco, ...stop, belowStopPrice: '61000' },
    ],
    ['a list that is not', -2013, 'does not exist', 'GET', '/api/v3/orderList', { orderListId: '1' }],
    [
      'trades of more than a day',
      -1127,
      'More than 24 hours',
      'GET',
      '/api/v3/myTrades',
      { symbol, startTime: String(NOW - 2 * DAY_MS), endTime: String(NOW) },
    ],
  ])('%s: %d', async (_what, code, msg, method, path, fields) => {
    const before = JSON.stringify(simulator.engine.account(DEMO_ACCOUNT).toState());
    const answer = await send(method, path, fields);
    expect(answer.status).toBe(400);
    expect(reported(answer)).toEqual({ code, msg: expect.stringContaining(msg) });
    expect(JSON.stringify(simulator.engine.account(DEMO_ACCOUNT).toState())).toBe(before);
  });

  it('a wrong signature, and a key that only reads', async () => {
    const wrong = await send('GET', '/api/v3/account', {}, { ...DEMO_CREDENTIALS, secret: 'wrong' });
    expect([wrong.status, reported(wrong)]).toEqual([400, { code: -1022, msg: expect.anything() }]);
    const trade = await send('POST', '/api/v3/order', limit, DEMO_CREDENTIALS);
    expect([trade.status, reported(trade)]).toEqual([401, { code: -2015, msg: expect.anything() }]);
  });

  it('an address that asks too much, at last with a ban', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'binance', weight_per_minute: 100 });
    const first = await send('GET', '/api/v3/openOrders');
    expect([first.status, first.headers['x-mbx-used-weight-1m']]).toEqual([200, '80']);
    const second = await send('GET', '/api/v3/openOrders');
    expect([second.status, second.headers['retry-after']]).toEqual([429, '60']);
    expect(reported(second)).toEqual({
      code: -1003,
      msg: expect.stringMatching(/^Too much request weight used; current limit is 100 request weight per 1 MINUTE\./),
    });
    let last = second;
    for (let again = 0; again < 10; again++) last = await send('GET', '/api/v3/openOrders');
    expect(last.status).toBe(418);
    expect(reported(last)).toMatchObject({ msg: expect.stringContaining(`IP banned until ${NOW + 120_000}`) });
  });
});

describe('the binance wire answers', () => {
  it.each([
    ['ACK', false, false],
    ['RESULT', true, false],
    ['FULL', true, true],
  ])('an order as it was asked to: %s', async (newOrderRespType, withTerms, withFills) => {
    const answer = await send('POST', '/api/v3/order', { ...limit, newOrderRespType });
    expect(answer.status).toBe(200);
    const fields = Object.keys(reported(answer) as object);
    expect(fields).toEqual(
      expect.arrayContaining(['symbol', 'orderId', 'orderListId', 'clientOrderId', 'transactTime']),
    );
    expect([fields.includes('cummulativeQuoteQty'), fields.includes('fills')]).toEqual([withTerms, withFills]);
  });

  it('the account with every asset, or with those that are held', async () => {
    const all = reported(await send('GET', '/api/v3/account')) as { balances: { asset: string }[] };
    expect(all.balances.map(({ asset }) => asset)).toEqual(['BTC', 'ETH', 'USDC', 'USDT'].toSorted());
    const held = reported(await send('GET', '/api/v3/account', { omitZeroBalances: 'true' })) as typeof all;
    expect(held.balances).toEqual([
      { asset: 'BTC', free: '1.00000000', locked: '0.00000000' },
      { asset: 'USDC', free: '20000.00000000', locked: '0.00000000' },
      { asset: 'USDT', free: '100000.00000000', locked: '0.00000000' },
    ]);
  });

  it('history from an id on, and the newest otherwise', async () => {
    const ids: number[] = [];
    for (const price of ['50000', '50001', '50002']) {
      ids.push((reported(await send('POST', '/api/v3/order', { ...limit, price })) as { orderId: number }).orderId);
    }
    const listed = async (fields: Fields): Promise<number[]> =>
      (reported(await send('GET', '/api/v3/allOrders', { symbol, ...fields })) as { orderId: number }[]).map(
        ({ orderId }) => orderId,
      );
    expect(await listed({})).toEqual(ids);
    expect(await listed({ limit: '2' })).toEqual(ids.slice(1));
    expect(await listed({ orderId: String(ids[1]) })).toEqual(ids.slice(1));
    expect(await listed({ orderId: String(ids[1]), limit: '1' })).toEqual([ids[1]]);
  });

  it('that it archived an order that ended unfilled 90 days ago', async () => {
    const { orderId } = reported(await send('POST', '/api/v3/order', limit)) as { orderId: number };
    await send('DELETE', '/api/v3/order', { symbol, orderId: String(orderId) });
    clock += 91 * DAY_MS;
    expect(reported(await send('GET', '/api/v3/order', { symbol, orderId: String(orderId) }))).toMatchObject({
      code: -2026,
    });
  });
});
