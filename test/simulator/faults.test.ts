import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, signedQuery, type RawAnswer } from './raw-http.js';
import type { FaultInput } from '../../packages/exchange-simulator/src/faults.js';
import {
  DEMO_ACCOUNT,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

const TIME = '/binanceusdm/fapi/v1/time';
const POSITIONS = '/binanceusdm/fapi/v3/positionRisk';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ port: 0 });
  simulator.engine.place(DEMO_ACCOUNT, 'bot', { symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.5' });
});

afterEach(async () => {
  await simulator.close();
});

async function positions(giveUpAfterMs?: number): Promise<RawAnswer> {
  const headers = { 'X-MBX-APIKEY': DEMO_CREDENTIALS.apiKey };
  const url = `${simulator.url}${POSITIONS}?${signedQuery({})}`;
  return ask(url, giveUpAfterMs === undefined ? { headers } : { headers, giveUpAfterMs });
}

async function botState(): Promise<RawAnswer> {
  return ask(`${simulator.url}/bot/state`, { headers: { authorization: `Bearer ${DEMO_BOT_TOKEN}` } });
}

describe('a fault is what it says, seen from the socket', () => {
  it.each<[what: string, fault: FaultInput, expected: object]>([
    ['a status', { kind: 'status', status: 503 }, { status: 503, complete: true }],
    [
      'a status with a body and headers',
      { kind: 'status', status: 403, body: '<b>no</b>', content_type: 'text/html', headers: { 'x-cache': 'Error' } },
      {
        status: 403,
        body: '<b>no</b>',
        headers: expect.objectContaining({ 'x-cache': 'Error', 'content-type': expect.stringContaining('text/html') }),
      },
    ],
    ['an empty body', { kind: 'empty' }, { status: 200, body: '', complete: true }],
    [
      'a page of HTML with status 200',
      { kind: 'html' },
      {
        status: 200,
        body: expect.stringMatching(/^<!DOCTYPE html>/),
        headers: expect.objectContaining({ 'content-type': expect.stringContaining('text/html') }),
      },
    ],
    ['an object for a list', { kind: 'wrong_json' }, { status: 200, body: '{}', complete: true }],
    ['a list for an object', { kind: 'wrong_json', body: '[]' }, { status: 200, body: '[]', complete: true }],
    [
      'a rate limit with the time to wait',
      { kind: 'rate_limit', retry_after_seconds: 17 },
      {
        status: 429,
        body: expect.stringContaining('"code":-1003'),
        headers: expect.objectContaining({ 'retry-after': '17' }),
      },
    ],
    [
      'a ban',
      { kind: 'ban' },
      {
        status: 418,
        body: expect.stringContaining('IP banned until'),
        headers: expect.objectContaining({ 'retry-after': '120' }),
      },
    ],
  ])('%s', async (_what, fault, expected) => {
    simulator.faults.add({ endpoint: POSITIONS, ...fault });
    expect(await positions()).toMatchObject(expected);
    expect(JSON.parse((await positions()).body)).toMatchObject([{ symbol: 'BTCUSDT' }]);
  });

  it('truncated: status 200 and a length that fits, but half a JSON', async () => {
    const whole = await positions();
    simulator.faults.add({ endpoint: POSITIONS, kind: 'truncated' });
    const cut = await positions();
    expect(cut).toMatchObject({ status: 200, complete: true, error: null });
    expect(cut.body).toBe(whole.body.slice(0, Math.floor(whole.body.length / 2)));
    expect(() => JSON.parse(cut.body) as unknown).toThrow(SyntaxError);
  });

  it('truncated to a length that happens to be JSON again', async () => {
    simulator.faults.add({ endpoint: TIME, kind: 'truncated', keep: 0 });
    expect((await ask(`${simulator.url}${TIME}`)).body).toBe('');
  });

  it('stall: headers, a length, and then nothing', async () => {
    simulator.faults.add({ endpoint: POSITIONS, kind: 'stall' });
    const answer = await positions(300);
    expect(answer).toMatchObject({ status: 200, body: '', complete: false });
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
    expect(answer.endedAfterMs).toBeGreaterThanOrEqual(290);
  });

  it('slow: the whole answer, drop by drop', async () => {
    simulator.faults.add({ endpoint: POSITIONS, kind: 'slow', duration_ms: 400 });
    const answer = await positions();
    expect(answer).toMatchObject({ status: 200, complete: true, error: null });
    expect(answer.endedAfterMs - answer.headersAfterMs).toBeGreaterThan(250);
    expect(JSON.parse(answer.body)).toMatchObject([{ symbol: 'BTCUSDT' }]);
  });

  it('reset: half of the body, then the connection breaks', async () => {
    const whole = await positions();
    simulator.faults.add({ endpoint: POSITIONS, kind: 'reset' });
    const answer = await positions();
    expect(answer).toMatchObject({ status: 200, complete: false, error: 'ECONNRESET' });
    expect(answer.body.length).toBeLessThan(whole.body.length);
  });

  it('refuse: the connection ends before any header', async () => {
    simulator.faults.add({ endpoint: POSITIONS, kind: 'refuse' });
    expect(await positions()).toMatchObject({ status: 0, complete: false, error: 'ECONNRESET' });
  });

  it('old timestamp: every time in the answer lies back, everything else stays', async () => {
    const whole = JSON.parse((await positions()).body) as { updateTime: number }[];
    simulator.faults.add({ endpoint: '*', kind: 'old_timestamp', age_ms: 600_000, times: 2 });
    const old = JSON.parse((await positions()).body) as { updateTime: number }[];
    expect(old).toEqual([{ ...whole[0], updateTime: (whole[0]?.updateTime ?? 0) - 600_000 }]);
    const { serverTime } = JSON.parse((await ask(`${simulator.url}${TIME}`)).body) as { serverTime: number };
    expect(Date.now() - serverTime).toBeGreaterThanOrEqual(600_000);
  });

  it('repeat: the first answer again and again, whatever has changed', async () => {
    simulator.faults.add({ endpoint: POSITIONS, kind: 'repeat', times: 3 });
    const first = await positions();
    simulator.engine.place(DEMO_ACCOUNT, 'bot', { symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '1' });
    expect((await positions()).body).toBe(first.body);
    expect((await positions()).body).toBe(first.body);
    expect((await positions()).body).not.toBe(first.body);
  });
});

describe("faults of the bot's state", () => {
  it.each<[FaultInput, object]>([
    [{ kind: 'status' }, { status: 500 }],
    [{ kind: 'empty' }, { status: 200, body: '' }],
    [{ kind: 'rate_limit' }, { status: 429, body: '{"error":"too many requests"}' }],
  ])('%j', async (fault, expected) => {
    simulator.faults.add({ endpoint: '/bot/state', ...fault });
    expect(await botState()).toMatchObject(expected);
  });

  it('a state whose time is old', async () => {
    simulator.faults.add({ endpoint: '/bot/state', kind: 'old_timestamp', age_ms: 900_000 });
    const { as_of } = JSON.parse((await botState()).body) as { as_of: string };
    expect(Date.now() - Date.parse(as_of)).toBeGreaterThanOrEqual(900_000);
  });

  it('a state that ends in the middle', async () => {
    simulator.faults.add({ endpoint: '/bot/state', kind: 'truncated' });
    const { status, body } = await botState();
    expect(status).toBe(200);
    expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
  });
});

describe('which request a fault hits', () => {
  it.each<[what: string, endpoint: string, hits: boolean]>([
    ['the whole path', POSITIONS, true],
    ['the end of the path', 'fapi/v3/positionRisk', true],
    ['the end of the path with a slash', '/fapi/v3/positionRisk', true],
    ['the last segment', 'positionRisk', true],
    ['half a segment', 'Risk', false],
    ['another path', '/binanceusdm/fapi/v1/time', false],
    ['everything', '*', true],
    ['a glob', '/binanceusdm/*Risk', true],
    ['a glob that does not fit', '/bybit/*', false],
    ['the right method', 'GET positionRisk', true],
    ['another method', 'POST positionRisk', false],
  ])('%s', async (_what, endpoint, hits) => {
    simulator.faults.add({ endpoint, kind: 'status' });
    expect((await positions()).status).toBe(hits ? 500 : 200);
  });

  it('so many times, after letting so many pass, and then no more', async () => {
    simulator.faults.add({ endpoint: 'time', kind: 'status', times: 2, skip: 1 });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await ask(`${simulator.url}${TIME}`)).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
  });

  it('for ever until it is removed', async () => {
    const { id } = simulator.faults.add({ endpoint: 'time', kind: 'status', times: null });
    for (let count = 0; count < 3; count += 1) expect((await ask(`${simulator.url}${TIME}`)).status).toBe(500);
    simulator.faults.remove(id);
    expect((await ask(`${simulator.url}${TIME}`)).status).toBe(200);
  });

  it('only with these parameters', async () => {
    simulator.faults.add({ endpoint: 'premiumIndex', kind: 'status', where: { symbol: 'ETHUSDT' }, times: null });
    const status = async (symbol: string): Promise<number> =>
      (await ask(`${simulator.url}/binanceusdm/fapi/v1/premiumIndex?symbol=${symbol}`)).status;
    expect(await status('BTCUSDT')).toBe(200);
    expect(await status('ETHUSDT')).toBe(500);
  });

  it('never the control surface', async () => {
    simulator.faults.add({ endpoint: '*', kind: 'status', times: null });
    expect((await ask(`${simulator.url}/sim/truth`)).status).toBe(200);
  });

  it('one that answers instead of the endpoint leaves the exchange as it is', async () => {
    const before = simulator.engine.toState();
    simulator.faults.add({ endpoint: 'order', kind: 'status', status: 504 });
    const body = signedQuery({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1' });
    const answer = await ask(`${simulator.url}/binanceusdm/fapi/v1/order`, { method: 'POST', body });
    expect(answer.status).toBe(504);
    expect(simulator.engine.toState()).toEqual(before);
  });
});

describe('close()', () => {
  it('hangs up on stalled and dripping clients at once', async () => {
    simulator.faults.add({ endpoint: POSITIONS, kind: 'stall' });
    simulator.faults.add({ endpoint: TIME, kind: 'slow', duration_ms: 60_000 });
    const waiting = [positions(20_000), ask(`${simulator.url}${TIME}`, { giveUpAfterMs: 20_000 })];
    await untilHits(2);
    const started = performance.now();
    await simulator.close();
    const answers = await Promise.all(waiting);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(answers.map(({ complete }) => complete)).toEqual([false, false]);
  });
});

describe('the control surface', () => {
  it('places, shows and removes faults', async () => {
    const placed = await postJson(`${simulator.url}/sim/faults`, { endpoint: 'time', kind: 'stall', times: null });
    expect(JSON.parse(placed.body)).toMatchObject({ id: 1, hits: 0, kind: 'stall', times: null });
    expect(JSON.parse((await ask(`${simulator.url}/sim/faults`)).body)).toMatchObject({ faults: [{ id: 1 }] });
    const removed = await ask(`${simulator.url}/sim/faults`, { method: 'DELETE' });
    expect(JSON.parse(removed.body)).toEqual({ removed: 1 });
  });

  it.each<[body: object, message: string]>([
    [{ endpoint: 'time', kind: 'explode' }, 'kind: '],
    [{ endpoint: 'time', kind: 'status', status: 99 }, 'status: '],
    [{ endpoint: 'time', kind: 'stall', times: 0 }, 'times: '],
    [{ endpoint: 'time', kind: 'empty', body: 'x' }, 'body'],
  ])('refuses %j', async (body, message) => {
    const answer = await postJson(`${simulator.url}/sim/faults`, body);
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.body) as { error: string }).error).toContain(message);
  });
});

/** Waits until so many hits were counted; fails after 5 s. */
async function untilHits(count: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (simulator.faults.list().reduce((sum, { hits }) => sum + hits, 0) < count) {
    if (performance.now() > deadline) throw new Error(`fewer than ${count} hits within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// The signatures of these tests must not depend on the code under test.
it('signs by the documented example', () => {
  const query =
    'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943';
  const secret = '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9';
  expect(createHmac('sha256', secret).update(query).digest('hex')).toBe(
    '3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
  );
});
