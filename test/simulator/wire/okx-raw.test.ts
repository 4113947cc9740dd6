import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, type RawAnswer } from '../raw-http.js';
import {
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';

const NOW = 1_795_359_600_000;

let simulator: Simulator;
let base: string;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, now: () => NOW });
  base = `${simulator.url}/okx`;
});

beforeEach(async () => {
  await postJson(`${simulator.url}/sim/reset`, {});
});

afterAll(async () => {
  await simulator.close();
});

interface Signing {
  at?: number;
  timestamp?: string;
  passphrase?: string;
  credentials?: { apiKey: string; secret: string };
  /** What is signed instead of what is sent. */
  signs?: string;
}

/** Headers made here by hand from the documentation and not by a client; `request` is method, path with query, and body. */
function signedHeaders(request: string, signing: Signing = {}): Record<string, string> {
  const { at = NOW, credentials = DEMO_CREDENTIALS } = signing;
  const timestamp = signing.timestamp ?? new Date(at).toISOString();
  return {
    'OK-ACCESS-KEY': credentials.apiKey,
    'OK-ACCESS-PASSPHRASE': signing.passphrase ?? DEMO_PASSPHRASE,
    'OK-ACCESS-TIMESTAMP': timestamp,
    'OK-ACCESS-SIGN': createHmac('sha256', credentials.secret)
      .update(timestamp + (signing.signs ?? request))
      .digest('base64'),
  };
}

async function get(path: string, signing?: Signing): Promise<RawAnswer> {
  return ask(base + path, { headers: signedHeaders(`GET${path}`, signing) });
}

async function post(path: string, body: unknown, signing?: Signing): Promise<RawAnswer> {
  const text = JSON.stringify(body);
  return ask(base + path, { method: 'POST', headers: signedHeaders(`POST${path}${text}`, signing), body: text });
}

interface Envelope {
  code: string;
  msg: string;
  data: Record<string, unknown>[];
}

function envelopeOf({ body }: RawAnswer): Envelope {
  return JSON.parse(body) as Envelope;
}

const BALANCE = '/api/v5/account/balance?ccy=USDT';
const asTrader: Signing = { credentials: DEMO_TRADING_CREDENTIALS };

function place(price: string): string {
  const order = { symbol: 'BTC/USDT:USDT', side: 'buy', type: 'limit', amount: '0.1', price } as const;
  return simulator.engine.place('demo', 'manual', order).id;
}

describe('a signed request is refused as OKX refuses it', () => {
  it.each<[what: string, code: string, ask: () => Promise<RawAnswer>]>([
    ['without headers', '50103', () => ask(base + BALANCE)],
    ['with a key that nobody has', '50119', () => get(BALANCE, { credentials: { apiKey: 'nobody', secret: 's' } })],
    ['with another passphrase', '50105', () => get(BALANCE, { passphrase: 'other' })],
    ['without a passphrase', '50104', () => get(BALANCE, { passphrase: '' })],
    [
      'signed with another secret',
      '50113',
      () => get(BALANCE, { credentials: { ...DEMO_CREDENTIALS, secret: 'other' } }),
    ],
    ['changed after signing', '50113', () => get(BALANCE, { signs: 'GET/api/v5/account/balance' })],
    ['more than 30 s old', '50102', () => get(BALANCE, { at: NOW - 30_001 })],
    ['more than 30 s ahead', '50102', () => get(BALANCE, { at: NOW + 30_001 })],
    ['with a time of another form', '50112', () => get(BALANCE, { timestamp: String(NOW) })],
    [
      'to trade with a key that can only read',
      '50120',
      () => post('/api/v5/trade/cancel-order', { instId: 'BTC-USDT-SWAP', ordId: '1' }),
    ],
  ])('%s: 401 %s', async (_what, code, request) => {
    const answer = await request();
    expect(answer.status).toBe(401);
    expect(envelopeOf(answer)).toEqual({ code, msg: expect.any(String), data: [] });
  });

  it.each<[what: string, signing: Signing]>([
    ['of this moment', {}],
    ['30 s old', { at: NOW - 30_000 }],
    ['30 s ahead', { at: NOW + 30_000 }],
  ])('and accepted %s', async (_what, signing) => {
    expect(envelopeOf(await get(BALANCE, signing))).toMatchObject({ code: '0', msg: '' });
  });

  it('and one of an account with a passphrase of its own only with that', async () => {
    const own = { apiKey: 'key-of-somebody-else', secret: 'theirs' };
    const body = { id: 'other', api_key: own.apiKey, secret: own.secret, passphrase: 'theirs too' };
    await postJson(`${simulator.url}/sim/accounts`, body);
    expect(envelopeOf(await get(BALANCE, { credentials: own, passphrase: 'theirs too' }))).toMatchObject({ code: '0' });
    expect(envelopeOf(await get(BALANCE, { credentials: own }))).toMatchObject({ code: '50105' });
  });
});

describe('errors in the envelope', () => {
  it.each<[what: string, code: string, path: string]>([
    ['an unknown order', '51603', '/api/v5/trade/order?instId=BTC-USDT-SWAP&ordId=42'],
    ['an unknown instrument', '51001', '/api/v5/account/positions?instId=XYZ-USDT-SWAP'],
    ['an instrument type that is none', '51000', '/api/v5/account/positions?instType=MOON'],
    ['algo orders of no type', '50014', '/api/v5/trade/orders-algo-pending'],
    [
      'algo orders of two types that may not be asked for together',
      '51000',
      '/api/v5/trade/orders-algo-pending?ordType=oco,trigger',
    ],
    ['an order without a name', '50014', '/api/v5/trade/order?instId=BTC-USDT-SWAP'],
    ['history of no instrument type', '50014', '/api/v5/trade/orders-history'],
    ['a page that is too long', '51000', '/api/v5/trade/orders-pending?limit=101'],
  ])('%s: %s under HTTP 200', async (_what, code, path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(envelopeOf(answer)).toEqual({ code, msg: expect.any(String), data: [] });
  });

  it('a body that is no JSON is 50002 under HTTP 400', async () => {
    const headers = signedHeaders('POST/api/v5/trade/order{', asTrader);
    const answer = await ask(`${base}/api/v5/trade/order`, { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(400);
    expect(envelopeOf(answer)).toMatchObject({ code: '50002' });
  });

  it('a path that does not exist is 404', async () => {
    expect(await ask(`${base}/api/v5/nothing`)).toMatchObject({ status: 404 });
  });

  it('of several requests in one, each with a code of its own', async () => {
    const id = place('59000');
    const items = [
      { instId: 'BTC-USDT-SWAP', ordId: id },
      { instId: 'BTC-USDT-SWAP', ordId: '42' },
    ];
    const some = envelopeOf(await post('/api/v5/trade/cancel-batch-orders', items, asTrader));
    expect(some).toMatchObject({
      code: '2',
      data: [
        { ordId: id, sCode: '0' },
        { ordId: '42', sCode: '51400' },
      ],
    });
    const none = envelopeOf(await post('/api/v5/trade/cancel-batch-orders', items, asTrader));
    expect(none).toMatchObject({ code: '1', data: [{ sCode: '51400' }, { sCode: '51400' }] });
  });
});

describe('rate limits', () => {
  it('refuse with 429 and 50011, by account and endpoint', async () => {
    const answers: RawAnswer[] = [];
    for (let count = 0; count < 6; count += 1) answers.push(await get('/api/v5/account/config'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers.map((answer) => envelopeOf(answer).code).at(-1)).toBe('50011');
    expect(await get('/api/v5/account/config', asTrader)).toMatchObject({ status: 429 });
    expect(await get(BALANCE)).toMatchObject({ status: 200 });
  });

  it('of an address, where the control surface sets one', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'okx', weight_per_minute: 1 });
    expect(await ask(`${base}/api/v5/public/time`)).toMatchObject({ status: 200 });
    expect(await ask(`${base}/api/v5/public/time`)).toMatchObject({ status: 429 });
  });
});

describe('pages', () => {
  it('newest first, after and before an id, to a page that is not full', async () => {
    const [a, b, c] = [place('59000'), place('58000'), place('57000')];
    const ids = async (query: string): Promise<unknown[]> =>
      envelopeOf(await get(`/api/v5/trade/orders-pending?limit=2${query}`)).data.map(({ ordId }) => ordId);
    expect(await ids('')).toEqual([c, b]);
    expect(await ids(`&after=${b}`)).toEqual([a]);
    expect(await ids(`&after=${a}`)).toEqual([]);
    expect(await ids(`&before=${a}`)).toEqual([c, b]);
  });
});

describe('open orders by their state', () => {
  it('are live, or partially filled', async () => {
    const [live, partly] = [place('59000'), place('58000')];
    simulator.engine.fillOrder({ account: 'demo', id: partly }, { amount: '0.04' });
    const ids = async (state: string): Promise<unknown[]> =>
      envelopeOf(await get(`/api/v5/trade/orders-pending?state=${state}`)).data.map(({ ordId }) => ordId);
    expect(await ids('live')).toEqual([live]);
    expect(await ids('partially_filled')).toEqual([partly]);
  });
});

describe('what is kept', () => {
  it('a canceled order that never filled for two hours, a filled one for longer', async () => {
    let clock = NOW;
    const ageing = await startSimulator({ port: 0, now: () => clock });
    const order = { symbol: 'BTC/USDT:USDT', side: 'buy', type: 'limit', amount: '0.1' } as const;
    const { id: canceled } = ageing.engine.place('demo', 'manual', { ...order, price: '59000' });
    const { id: filled } = ageing.engine.place('demo', 'manual', { ...order, price: '60000' });
    ageing.engine.cancel({ account: 'demo', id: canceled }, 'manual');
    const codeOf = async (ordId: string): Promise<string> => {
      const path = `/api/v5/trade/order?instId=BTC-USDT-SWAP&ordId=${ordId}`;
      return envelopeOf(await ask(`${ageing.url}/okx${path}`, { headers: signedHeaders(`GET${path}`, { at: clock }) }))
        .code;
    };
    expect([await codeOf(canceled), await codeOf(filled)]).toEqual(['0', '0']);
    clock += 2 * 3_600_000 + 1;
    expect([await codeOf(canceled), await codeOf(filled)]).toEqual(['51603', '0']);
    await ageing.close();
  });

  it('what a key may do', async () => {
    const [read] = envelopeOf(await get('/api/v5/account/config')).data;
    expect(read).toMatchObject({ perm: 'read_only', ip: '203.0.113.7', posMode: 'net_mode' });
    const [trade] = envelopeOf(await get('/api/v5/account/config', asTrader)).data;
    expect(trade).toMatchObject({ perm: 'read_only,trade', ip: '' });
  });
});
