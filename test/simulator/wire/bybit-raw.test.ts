import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, type RawAnswer } from '../raw-http.js';
import {
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';

const NOW = 1_795_359_600_000;

let simulator: Simulator;
let base: string;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, now: () => NOW });
  base = `${simulator.url}/bybit`;
});

beforeEach(async () => {
  await postJson(`${simulator.url}/sim/reset`, {});
});

afterAll(async () => {
  await simulator.close();
});

interface Signing {
  timestamp?: string;
  recvWindow?: string;
  credentials?: { apiKey: string; secret: string };
  /** What is signed instead of what is sent. */
  signs?: string;
}

/** Headers made here by hand from the documentation and not by a client. */
function signedHeaders(payload: string, signing: Signing = {}): Record<string, string> {
  const { timestamp = String(NOW), recvWindow = '5000', credentials = DEMO_CREDENTIALS } = signing;
  const text = timestamp + credentials.apiKey + recvWindow + (signing.signs ?? payload);
  return {
    'X-BAPI-API-KEY': credentials.apiKey,
    'X-BAPI-TIMESTAMP': timestamp,
    'X-BAPI-RECV-WINDOW': recvWindow,
    'X-BAPI-SIGN': createHmac('sha256', credentials.secret).update(text).digest('hex'),
  };
}

const WALLET = 'accountType=UNIFIED';

async function get(path: string, query: string, signing?: Signing): Promise<RawAnswer> {
  return ask(`${base}${path}?${query}`, { headers: signedHeaders(query, signing) });
}

async function wallet(signing?: Signing): Promise<RawAnswer> {
  return get('/v5/account/wallet-balance', WALLET, signing);
}

async function post(path: string, body: object, signing: Signing = {}): Promise<RawAnswer> {
  const text = JSON.stringify(body);
  return ask(`${base}${path}`, { method: 'POST', headers: signedHeaders(text, signing), body: text });
}

interface Envelope {
  retCode: number;
  retMsg: string;
  result: Record<string, unknown> & { list: Record<string, unknown>[]; nextPageCursor: string };
  time: number;
}

function envelopeOf({ body }: RawAnswer): Envelope {
  return JSON.parse(body) as Envelope;
}

const asTrader = { credentials: DEMO_TRADING_CREDENTIALS };

describe('a signed request is refused as Bybit refuses it', () => {
  it.each<[what: string, status: number, code: number, ask: () => Promise<RawAnswer>]>([
    ['without a key', 401, 10_003, () => ask(`${base}/v5/account/wallet-balance?${WALLET}`)],
    ['with a key that nobody has', 200, 10_003, () => wallet({ credentials: { apiKey: 'nobody', secret: 's' } })],
    [
      'signed with another secret',
      200,
      10_004,
      () => wallet({ credentials: { ...DEMO_CREDENTIALS, secret: 'other' } }),
    ],
    ['changed after signing', 200, 10_004, () => wallet({ signs: 'accountType=CONTRACT' })],
    ['older than its window', 200, 10_002, () => wallet({ timestamp: String(NOW - 5_001) })],
    ['1 s ahead', 200, 10_002, () => wallet({ timestamp: String(NOW + 1_000) })],
    ['without a time', 200, 10_002, () => wallet({ timestamp: '' })],
    [
      'to trade with a key that can only read',
      200,
      10_005,
      () => post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderId: '1' }),
    ],
  ])('%s: %d %d', async (_what, status, code, request) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(envelopeOf(answer)).toEqual({
      retCode: code,
      retMsg: expect.any(String),
      result: {},
      retExtInfo: {},
      time: NOW,
    });
  });

  it.each<[what: string, signing: Signing]>([
    ['of this moment', {}],
    ['exactly as old as its window', { timestamp: String(NOW - 5_000) }],
    ['999 ms ahead', { timestamp: String(NOW + 999) }],
    ['in a longer window', { timestamp: String(NOW - 20_000), recvWindow: '20000' }],
  ])('and accepted %s', async (_what, signing) => {
    expect(envelopeOf(await wallet(signing))).toMatchObject({ retCode: 0, retMsg: 'OK' });
  });
});

describe('errors in the envelope', () => {
  it.each<[what: string, code: number, path: string, query: string]>([
    ['no category', 10_001, '/v5/position/list', 'settleCoin=USDT'],
    ['a category that is none', 10_001, '/v5/position/list', 'category=moon&settleCoin=USDT'],
    ['linear positions of nothing in particular', 10_001, '/v5/position/list', 'category=linear'],
    ['an unknown symbol', 10_001, '/v5/position/list', 'category=linear&symbol=XYZUSDT'],
    ['a page that is too long', 10_001, '/v5/order/realtime', 'category=linear&settleCoin=USDT&limit=51'],
    ['more than seven days of trades', 10_001, '/v5/execution/list', 'category=linear&startTime=1&endTime=604800002'],
    ['another wallet', 10_001, '/v5/account/wallet-balance', 'accountType=SPOT'],
  ])('%s: %d', async (_what, code, path, query) => {
    const answer = await get(path, query);
    expect(answer.status).toBe(200);
    expect(envelopeOf(answer)).toMatchObject({ retCode: code });
  });

  it('a body that is no JSON is 10001', async () => {
    const answer = await ask(`${base}/v5/order/cancel`, {
      method: 'POST',
      headers: signedHeaders('{', asTrader),
      body: '{',
    });
    expect(envelopeOf(answer)).toMatchObject({ retCode: 10_001 });
  });

  it('a path that does not exist is 404', async () => {
    const answer = await ask(`${base}/v5/nothing`);
    expect(answer.status).toBe(404);
    expect(envelopeOf(answer)).toMatchObject({ retCode: 10_017 });
  });

  it('an unknown order is an empty list when asked for, and 110001 when canceled', async () => {
    expect(envelopeOf(await get('/v5/order/realtime', 'category=linear&orderId=42')).result.list).toEqual([]);
    const answer = await post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderId: '42' }, asTrader);
    expect(envelopeOf(answer)).toMatchObject({ retCode: 110_001 });
  });
});

describe('rate limits', () => {
  it('reports in each answer what is left for this account and endpoint, and refuses with 10006', async () => {
    const answers: RawAnswer[] = [];
    for (let count = 0; count < 11; count += 1) answers.push(await get('/v5/user/query-api', ''));
    const shown = answers.map((answer) => [envelopeOf(answer).retCode, answer.headers['x-bapi-limit-status']]);
    expect(shown[0]).toEqual([0, '9']);
    expect(shown.slice(9)).toEqual([
      [0, '0'],
      [10_006, '0'],
    ]);
    expect(answers[10]).toMatchObject({
      status: 200,
      headers: { 'x-bapi-limit': '10', 'x-bapi-limit-reset-timestamp': String(NOW + 1_000) },
    });
    expect(envelopeOf(await wallet())).toMatchObject({ retCode: 0 });
  });

  it('refuses an address over its limit with 403', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'bybit', weight_per_minute: 1 });
    expect(await ask(`${base}/v5/market/time`)).toMatchObject({ status: 200 });
    const answer = await ask(`${base}/v5/market/time`);
    expect(answer.status).toBe(403);
    expect(envelopeOf(answer)).toMatchObject({ retCode: 10_018, retMsg: 'access too frequent' });
  });
});

describe('pages', () => {
  const place = (price: string): string =>
    simulator.engine.place('demo', 'manual', {
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      amount: '0.1',
      price,
    }).id;
  const ids = ({ result }: Envelope): unknown[] => result.list.map(({ orderId }) => orderId);
  const orders = async (more: string): Promise<Envelope> =>
    envelopeOf(await get('/v5/order/realtime', `category=linear&settleCoin=USDT&limit=2${more}`));

  it('newest first, the next behind the last row also when that row has gone, the cursor as it came or encoded', async () => {
    const [a, b, c, d] = [place('59000'), place('58000'), place('57000'), place('56000')];
    const first = await orders('');
    expect(ids(first)).toEqual([d, c]);
    simulator.engine.cancel({ account: 'demo', id: c }, 'manual');
    const cursor = first.result.nextPageCursor;
    for (const sent of [cursor, encodeURIComponent(cursor)]) {
      expect(ids(await orders(`&cursor=${sent}`))).toEqual([b, a]);
    }
  });

  it('a full last page has a cursor to an empty one, a short one has none', async () => {
    place('59000');
    expect((await orders('')).result.nextPageCursor).toBe('');
    place('58000');
    const full = await orders('');
    expect(full.result.nextPageCursor).not.toBe('');
    expect((await orders(`&cursor=${full.result.nextPageCursor}`)).result).toMatchObject({
      list: [],
      nextPageCursor: '',
    });
  });
});

describe('what is kept and reported', () => {
  it('an order that never filled for a day, a filled one for longer', async () => {
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
    const found = async (orderId: string): Promise<number> => {
      const query = `category=linear&orderId=${orderId}`;
      const headers = signedHeaders(query, { timestamp: String(clock) });
      return envelopeOf(await ask(`${ageing.url}/bybit/v5/order/history?${query}`, { headers })).result.list.length;
    };
    expect([await found(canceled), await found(filled)]).toEqual([1, 1]);
    clock += 86_400_001;
    expect([await found(canceled), await found(filled)]).toEqual([0, 1]);
    await ageing.close();
  });

  it('instruments by their status: none that is not trading', async () => {
    const listed = async (query: string): Promise<number> =>
      envelopeOf(await ask(`${base}/v5/market/instruments-info?category=linear${query}`)).result.list.length;
    expect(await listed('')).toBeGreaterThan(4);
    expect(await listed('&status=Trading')).toBe(await listed(''));
    expect(await listed('&status=PreLaunch')).toBe(0);
  });

  it('what a key may do', async () => {
    const read = envelopeOf(await get('/v5/user/query-api', '')).result;
    expect(read).toMatchObject({ readOnly: 1, ips: ['203.0.113.7'] });
    const trade = envelopeOf(await get('/v5/user/query-api', '', asTrader)).result;
    expect(trade).toMatchObject({
      readOnly: 0,
      ips: ['*'],
      permissions: { ContractTrade: ['Order', 'Position'], Wallet: [] },
    });
  });
});
