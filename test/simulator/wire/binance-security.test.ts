import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, signedQuery, type RawAnswer } from '../raw-http.js';
import {
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';

const NOW = 1_795_359_600_000;

let simulator: Simulator;
let base: string;

beforeEach(async () => {
  simulator = await startSimulator({ port: 0, now: () => NOW });
  base = `${simulator.url}/binanceusdm`;
});

afterEach(async () => {
  await simulator.close();
});

const readKey = { 'X-MBX-APIKEY': DEMO_CREDENTIALS.apiKey };
const tradeKey = { 'X-MBX-APIKEY': DEMO_TRADING_CREDENTIALS.apiKey };

async function balance(query: string, headers: Record<string, string> = readKey): Promise<RawAnswer> {
  return ask(`${base}/fapi/v3/balance?${query}`, { headers });
}

const at = (timestamp: number, more: Record<string, string> = {}): string =>
  signedQuery({ timestamp: String(timestamp), ...more });

describe('a signed request is refused as Binance refuses it', () => {
  it.each<[what: string, status: number, code: number, ask: () => Promise<RawAnswer>]>([
    ['without a key', 401, -2014, () => balance(at(NOW), {})],
    ['with a key of no form', 401, -2014, () => balance(at(NOW), { 'X-MBX-APIKEY': 'short' })],
    ['with a key that nobody has', 401, -2015, () => balance(at(NOW), { 'X-MBX-APIKEY': 'x'.repeat(64) })],
    ['without a timestamp', 400, -1102, () => balance('recvWindow=5000&signature=00')],
    ['without a signature', 400, -1102, () => balance(`timestamp=${NOW}`)],
    ['signed with another secret', 400, -1022, () => balance(signedQuery({ timestamp: String(NOW) }, 'other'))],
    ['changed after signing', 400, -1022, () => balance(`recvWindow=6000&${at(NOW)}`)],
    ['5.001 s old', 400, -1021, () => balance(at(NOW - 5_001))],
    ['older than its window', 400, -1021, () => balance(at(NOW - 101, { recvWindow: '100' }))],
    ['1 s ahead', 400, -1021, () => balance(at(NOW + 1_000))],
    ['with too long a window', 400, -1131, () => balance(at(NOW, { recvWindow: '60001' }))],
    [
      'to trade with a key that can only read',
      401,
      -2015,
      () =>
        ask(`${base}/fapi/v1/order?${at(NOW, { symbol: 'BTCUSDT', orderId: '1' })}`, {
          method: 'DELETE',
          headers: readKey,
        }),
    ],
  ])('%s: %d %d', async (_what, status, code, request) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ code, msg: expect.any(String) });
  });
});

describe('a signed request is accepted', () => {
  it.each<[what: string, query: () => string]>([
    ['of this moment', () => at(NOW)],
    ['exactly 5 s old', () => at(NOW - 5_000)],
    ['999 ms ahead', () => at(NOW + 999)],
    ['in its own window', () => at(NOW - 50_000, { recvWindow: '60000' })],
    ['with the signature in capitals', () => at(NOW).replace(/(?<=signature=).*/, (hex) => hex.toUpperCase())],
  ])('%s', async (_what, query) => {
    expect(await balance(query())).toMatchObject({ status: 200 });
  });

  it('in a body, and with query and body signed together without a separator', async () => {
    const order = 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1';
    const sign = (text: string): string =>
      createHmac('sha256', DEMO_TRADING_CREDENTIALS.secret).update(text).digest('hex');
    const send = async (query: string, body: string): Promise<RawAnswer> =>
      ask(`${base}/fapi/v1/order${query}`, { method: 'POST', headers: tradeKey, body });
    const whole = `${order}&timestamp=${NOW}`;
    expect(await send('', `${whole}&signature=${sign(whole)}`)).toMatchObject({ status: 200 });
    const rest = `timestamp=${NOW}`;
    expect(await send(`?${order}`, `${rest}&signature=${sign(order + rest)}`)).toMatchObject({ status: 200 });
    expect(await send(`?${order}`, `${rest}&signature=${sign(`${order}&${rest}`)}`)).toMatchObject({ status: 400 });
  });
});

describe('the wire', () => {
  it('answers an unknown path as the exchange does', async () => {
    const answer = await ask(`${base}/fapi/v1/nothing?x=1`);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toEqual({ code: -5000, msg: 'Path /fapi/v1/nothing, Method GET is invalid' });
  });

  it('reports what a key may do', async () => {
    const read = await ask(`${base}/sapi/v1/account/apiRestrictions?${at(NOW)}`, { headers: readKey });
    expect(JSON.parse(read.body)).toMatchObject({ enableReading: true, enableFutures: false, ipRestrict: true });
    const query = signedQuery({ timestamp: String(NOW) }, DEMO_TRADING_CREDENTIALS.secret);
    const trade = await ask(`${base}/sapi/v1/account/apiRestrictions?${query}`, { headers: tradeKey });
    expect(JSON.parse(trade.body)).toMatchObject({ enableFutures: true, enableWithdrawals: false, ipRestrict: false });
  });

  it('weighs requests as documented and says so', async () => {
    const used = async (path: string): Promise<string> => {
      const { headers } = await ask(`${base}${path}`, { headers: readKey });
      return String(headers['x-mbx-used-weight-1m']);
    };
    expect(await used('/fapi/v1/time')).toBe('1');
    expect(await used(`/fapi/v1/openOrders?${at(NOW)}`)).toBe('41');
    expect(await used(`/fapi/v1/openOrders?${at(NOW, { symbol: 'BTCUSDT' })}`)).toBe('42');
    expect(await used(`/fapi/v1/openAlgoOrders?${at(NOW)}`)).toBe('82');
    expect(await used(`/fapi/v3/positionRisk?${at(NOW)}`)).toBe('87');
  });

  it('refuses over its limit with 429 and the time to wait, and bans who keeps on', async () => {
    await ask(`${simulator.url}/sim/limits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ exchange: 'binanceusdm', weight_per_minute: 2 }),
    });
    const answers: RawAnswer[] = [];
    for (let count = 0; count < 13; count += 1) answers.push(await ask(`${base}/fapi/v1/time`));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, ...Array<number>(10).fill(429), 418]);
    const [limited, banned] = [answers[2], answers[12]];
    expect(limited?.headers['retry-after']).toBe('60');
    expect(JSON.parse(limited?.body ?? '')).toMatchObject({ code: -1003 });
    expect(banned?.headers['retry-after']).toBe('120');
    expect(JSON.parse(banned?.body ?? '')).toMatchObject({ msg: expect.stringContaining(`until ${NOW + 120_000}`) });
  });
});

describe('looking back', () => {
  it('forgets an order that was canceled without a fill three days ago, and keeps a filled one', async () => {
    let clock = NOW;
    const ageing = await startSimulator({ port: 0, now: () => clock });
    const place = (price: string): string =>
      ageing.engine.place('demo', 'manual', {
        symbol: 'BTC/USDT:USDT',
        side: 'buy',
        type: 'limit',
        amount: '0.1',
        price,
      }).id;
    const [canceled, filled] = [place('59000'), place('60000')];
    ageing.engine.cancel({ account: 'demo', id: canceled }, 'manual');
    const statusOf = async (orderId: string): Promise<number> => {
      const query = signedQuery({ timestamp: String(clock), symbol: 'BTCUSDT', orderId });
      return (await ask(`${ageing.url}/binanceusdm/fapi/v1/order?${query}`, { headers: readKey })).status;
    };
    expect([await statusOf(canceled), await statusOf(filled)]).toEqual([200, 200]);
    clock += 3 * 86_400_000 + 1;
    expect([await statusOf(canceled), await statusOf(filled)]).toEqual([400, 200]);
    await ageing.close();
  });

  it.each<[what: string, path: string, parameters: Record<string, string>, expected: unknown]>([
    ['trades from an id on', 'userTrades', { fromId: '698761', limit: '1' }, [{ id: 698_761 }]],
    ['the newest trades, oldest first', 'userTrades', { limit: '2' }, [{ id: 698_761 }, { id: 698_762 }]],
    ['nothing of a time before', 'userTrades', { startTime: '1', endTime: '2' }, []],
    [
      'orders from an id on',
      'allOrders',
      { orderId: '8389765502' },
      [{ orderId: 8_389_765_502 }, { orderId: 8_389_765_503 }],
    ],
  ])('%s', async (_what, path, parameters, expected) => {
    for (let count = 0; count < 3; count += 1) {
      simulator.engine.place('demo', 'manual', { symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.1' });
    }
    const query = at(NOW, { symbol: 'BTCUSDT', ...parameters });
    const { body } = await ask(`${base}/fapi/v1/${path}?${query}`, { headers: readKey });
    const rows = JSON.parse(body) as object[];
    expect(rows).toMatchObject(expected as object[]);
    expect(rows).toHaveLength((expected as object[]).length);
  });
});
