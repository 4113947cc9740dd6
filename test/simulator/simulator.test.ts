import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, postJson, signedQuery } from './raw-http.js';
import {
  DEMO_ACCOUNT,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
const bid = { actor: 'bot', symbol: BTC, side: 'buy', type: 'limit', amount: '0.010', price: '59000' };

let simulator: Simulator;
let folder: string;
const started: Simulator[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const one = await startSimulator({ port: 0, ...options });
  started.push(one);
  return one;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-simulator-'));
  simulator = await start();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (one) => one.close()));
  await rm(folder, { recursive: true });
});

async function post(path: string, body: unknown, expected = 200): Promise<Record<string, unknown>> {
  const answer = await postJson(`${simulator.url}/sim/${path}`, body);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: expected });
  return JSON.parse(answer.body) as Record<string, unknown>;
}

async function state(url: string, path = '/bot/state'): Promise<Record<string, unknown>> {
  const { body } = await ask(url + path, { headers: { authorization: `Bearer ${DEMO_BOT_TOKEN}` } });
  return JSON.parse(body) as Record<string, unknown>;
}

async function truth(): Promise<{ accounts: Record<string, unknown>; bots: Record<string, unknown> }> {
  const { body } = await ask(`${simulator.url}/sim/truth`);
  return JSON.parse(body) as { accounts: Record<string, unknown>; bots: Record<string, unknown> };
}

describe('the control surface', () => {
  it('renames and delists a market; the truth follows', async () => {
    const to = 'XBT/USDT:USDT';
    await post('orders', { ...bid, type: 'market', price: undefined });
    expect(await post('rename', { symbol: BTC, to })).toEqual({ symbol: BTC, to });
    expect(await truth()).toMatchObject({ accounts: { [DEMO_ACCOUNT]: { positions: [{ symbol: to }] } } });
    await post('orders', bid, 400);
    await post('delist', { symbol: to });
    const after = await truth();
    expect(after).toMatchObject({ accounts: { [DEMO_ACCOUNT]: { positions: [], orders: [] } } });
    expect(Object.keys((after as unknown as { prices: object }).prices)).not.toContain(to);
  });

  it('acts as bot: exchange and bot agree', async () => {
    const { order } = await post('orders', { ...bid, client_order_id: 'bot-bid' });
    expect(order).toMatchObject({ status: 'open', placed_by: 'bot', client_order_id: 'bot-bid', amount: '0.01' });
    const { id } = order as { id: string };
    expect(await truth()).toMatchObject({
      accounts: { [DEMO_ACCOUNT]: { position_mode: 'one-way', orders: [{ id, filled: '0' }] } },
      bots: { [DEMO_ACCOUNT]: { books: { orders: [{ id, filled: '0' }] }, trading: false, frozen: false } },
    });
  });

  it('acts as a person: only the exchange knows', async () => {
    await post('orders', { ...bid, actor: 'manual', type: 'market', price: undefined, symbol: 'ETHUSDT', amount: 1 });
    expect(await truth()).toMatchObject({
      accounts: { [DEMO_ACCOUNT]: { positions: [{ symbol: 'ETH/USDT:USDT', side: 'long', amount: '1' }] } },
      bots: { [DEMO_ACCOUNT]: { books: { positions: [] } } },
    });
  });

  it('fills, amends, cancels and expires by id or client id', async () => {
    await post('orders', { ...bid, client_order_id: 'one' });
    const { order } = await post('orders', { ...bid, client_order_id: 'two' });
    const { id } = order as { id: string };
    expect(await post('fill', { client_order_id: 'one', amount: 0.004 })).toMatchObject({
      trade: { amount: '0.004', price: '59000' },
      order: { filled: '0.004', status: 'open' },
    });
    expect(await post('amend', { client_order_id: 'one', price: '58000' })).toMatchObject({
      order: { price: '58000' },
    });
    expect(await post('cancel', { order_id: id })).toMatchObject({ order: { status: 'canceled' } });
    expect(await post('expire', { client_order_id: 'one' })).toMatchObject({ order: { status: 'expired' } });
  });

  it('moves the price and liquidates', async () => {
    await post('orders', { ...bid, type: 'market', price: undefined });
    expect(await post('price', { symbol: BTC, price: '50000' })).toEqual({ symbol: BTC, price: '50000' });
    expect(await post('liquidate', { symbol: BTC })).toMatchObject({ order: { placed_by: 'liquidation' } });
    expect(await truth()).toMatchObject({ accounts: { [DEMO_ACCOUNT]: { positions: [] } } });
  });

  it('drops, delays, freezes and resyncs the bot', async () => {
    expect(await post('bot', { drop: 2, delay_ms: 300, freeze: true })).toMatchObject({
      frozen: true,
      feed: { drop: 2, delay_ms: 300 },
    });
    await post('orders', { ...bid, actor: 'manual' });
    await post('bot', { freeze: false, resync: true, drop: false, delay_ms: 0 });
    expect(await state(simulator.url)).toMatchObject({ orders: [{ symbol: BTC, filled: '0' }] });
  });

  it('starts and stops the trading, with late messages while it lasts', async () => {
    expect(await post('bot', { trading: true, trading_interval_ms: 10 })).toMatchObject({
      trading: true,
      feed: { delay_ms: 400 },
    });
    const deadline = performance.now() + 20_000;
    while (simulator.engine.account(DEMO_ACCOUNT).allOrders().length < 3 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await post('bot', { trading: false })).toMatchObject({ trading: false, feed: { delay_ms: 0 } });
    expect(simulator.engine.account(DEMO_ACCOUNT).allOrders().length).toBeGreaterThanOrEqual(3);
  });

  it('serves further accounts, each with a bot of its own', async () => {
    const key = 'second-account-key-0001';
    await post('accounts', {
      id: 'second',
      api_key: key,
      secret: 's',
      balances: { USDT: '5' },
      position_mode: 'hedge',
    });
    await post('orders', { ...bid, account: 'second', position_side: 'long', client_order_id: 'theirs' });
    expect(await state(simulator.url, '/bot/second/state')).toMatchObject({
      position_mode: 'hedge',
      orders: [{ client_order_id: 'theirs' }],
    });
    expect(await state(simulator.url)).toMatchObject({ orders: [] });
    const url = `${simulator.url}/binanceusdm/fapi/v1/openOrders?${signedQuery({}, 's')}`;
    const answer = await ask(url, { headers: { 'X-MBX-APIKEY': key } });
    expect(JSON.parse(answer.body)).toMatchObject([{ clientOrderId: 'theirs', positionSide: 'LONG' }]);
    const { body } = await ask(`${simulator.url}/sim/requests`);
    expect(JSON.parse(body)).toMatchObject({
      by_account: { second: { requests: 1, weight: 40 } },
      by_status: { 200: 1 },
    });
  });

  it('resets to a flat account in the mode that is asked for, and never gives an id twice', async () => {
    const first = (await post('orders', bid)).order as { id: string };
    await post('bot', { freeze: true, drop: true });
    simulator.faults.add({ kind: 'status', times: null });
    await post('accounts', { id: 'second', api_key: 'second-account-key-0001', secret: 's' });
    const after = await post('reset', { position_mode: 'hedge', balances: { USDT: '7' }, prices: { [BTC]: '70000' } });
    expect(after).toMatchObject({
      prices: { [BTC]: '70000' },
      accounts: {
        [DEMO_ACCOUNT]: {
          position_mode: 'hedge',
          orders: [],
          positions: [],
          balances: [{ currency: 'USDT', total: '7' }],
        },
      },
      bots: { [DEMO_ACCOUNT]: { frozen: false, feed: { drop: false }, books: { position_mode: 'hedge', orders: [] } } },
    });
    expect(Object.keys(after.accounts as object)).toEqual([DEMO_ACCOUNT]);
    expect(simulator.faults.list()).toEqual([]);
    const second = (await post('orders', { ...bid, position_side: 'long' })).order as { id: string };
    expect(Number(second.id)).toBeGreaterThan(Number(first.id));
    expect(await state(simulator.url)).toMatchObject({ orders: [{ id: second.id }] });
  });

  it.each<[path: string, body: object, error: string]>([
    ['orders', { ...bid, actor: 'nobody' }, 'actor: the actor is "bot" or "manual"'],
    ['orders', { ...bid, amount: 'much' }, 'amount: "much" is not a decimal number'],
    ['orders', { ...bid, amount: null }, 'amount: send a decimal as text'],
    ['orders', { ...bid, size: '1' }, 'Unrecognized key: "size"'],
    ['orders', { ...bid, price: '59000.05' }, "not a multiple of BTC/USDT:USDT's step 0.1"],
    ['orders', { ...bid, symbol: 'XYZ/USDT:USDT' }, 'there is no market XYZ/USDT:USDT; there are BTC/USDT:USDT'],
    ['orders', { ...bid, account: 'nobody' }, 'there is no account nobody; there are demo'],
    ['cancel', {}, 'order_id: name the order by order_id or by client_order_id'],
    ['cancel', { order_id: '42' }, 'has no order 42'],
    ['amend', { order_id: '42' }, 'say what to change'],
    ['fill', { order_id: '42', amount: '-' }, 'amount: "-" is not a decimal number'],
    ['liquidate', { symbol: BTC }, 'to liquidate'],
    ['price', { symbol: BTC, price: '0' }, 'price 0 is not above zero'],
    ['bot', { delay_ms: -1 }, 'delay_ms: '],
    ['bot', { drop: 'all' }, 'drop: '],
    ['limits', { exchange: 'moon', weight_per_minute: 1 }, 'there is no exchange moon; there are binance'],
    ['accounts', { id: 'Demo', api_key: 'x'.repeat(16), secret: 's' }, 'id: use up to 40'],
    ['accounts', { id: 'demo', api_key: 'x'.repeat(16), secret: 's' }, 'there is an account demo already'],
    ['reset', { position_mode: 'both' }, 'position_mode: '],
  ])('refuses %s %j', async (path, body, error) => {
    const before = simulator.snapshotState();
    expect(((await post(path, body, 400)) as { error: string }).error).toContain(error);
    expect(simulator.snapshotState()).toEqual(before);
  });
});

describe("the bot's state endpoint", () => {
  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer other' }],
    ['another scheme', { authorization: `Basic ${DEMO_BOT_TOKEN}` }],
  ])('refuses %s', async (_what, headers) => {
    const answer = await ask(`${simulator.url}/bot/state`, { headers });
    expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('Authorization: Bearer') });
  });

  it('takes the token and the key that it was started with', async () => {
    const own = await start({ botToken: 'mine', apiKey: 'my-own-key-0000001', secret: 'my-secret' });
    expect(await ask(`${own.url}/bot/state`, { headers: { authorization: 'Bearer mine' } })).toMatchObject({
      status: 200,
    });
    const balance = `${own.url}/binanceusdm/fapi/v3/balance?${signedQuery({}, 'my-secret')}`;
    expect(await ask(balance, { headers: { 'X-MBX-APIKEY': 'my-own-key-0000001' } })).toMatchObject({ status: 200 });
    const demo = `${own.url}/binanceusdm/fapi/v3/balance?${signedQuery({})}`;
    expect(await ask(demo, { headers: { 'X-MBX-APIKEY': DEMO_CREDENTIALS.apiKey } })).toMatchObject({ status: 401 });
  });

  it('says that it knows no bot of an unknown account', async () => {
    const headers = { authorization: `Bearer ${DEMO_BOT_TOKEN}` };
    expect(await ask(`${simulator.url}/bot/nobody/state`, { headers })).toMatchObject({ status: 404 });
  });
});

describe('the state', () => {
  it('is taken and put back within a process', async () => {
    await post('orders', { ...bid, client_order_id: 'kept' });
    const saved = simulator.snapshotState();
    await post('reset', {});
    simulator.restoreState(saved);
    expect(await state(simulator.url)).toMatchObject({ orders: [{ client_order_id: 'kept' }] });
    simulator.engine.setPrice(BTC, '58000');
    expect(await state(simulator.url)).toMatchObject({ positions: [{ amount: '0.01' }], orders: [] });
    expect(simulator.snapshotState()).not.toEqual(saved);
  });

  it('goes on from its file at the next start', async () => {
    const stateFile = join(folder, 'deep', 'simulator.json');
    const first = await start({ stateFile });
    first.bot.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    first.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.2' });
    first.bot.configure({ delayMs: 250 });
    await first.close();
    const second = await start({ stateFile });
    expect(second.snapshotState()).toEqual(first.snapshotState());
    expect(await state(second.url)).toMatchObject({ positions: [{ amount: '0.5' }] });
    expect(await readdir(join(folder, 'deep'))).toEqual(['simulator.json']);
  });

  it('is on disk soon after a change, for a process that is killed', async () => {
    const stateFile = join(folder, 'simulator.json');
    const first = await start({ stateFile });
    first.bot.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const deadline = performance.now() + 20_000;
    const written = async (): Promise<string> => readFile(stateFile, 'utf8').catch(() => '');
    while (!(await written()).includes('"0.5"') && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(JSON.parse(await written())).toEqual(JSON.parse(JSON.stringify(first.snapshotState())));
  });

  it('that cannot be read is said, with the file and what to do', async () => {
    const stateFile = join(folder, 'simulator.json');
    await writeFile(stateFile, '{"version":1,');
    await expect(startSimulator({ port: 0, stateFile })).rejects.toThrow(/simulator\.json.*delete it/);
    await writeFile(stateFile, '{"version":99}');
    await expect(startSimulator({ port: 0, stateFile })).rejects.toThrow(/simulator\.json.*delete it/);
  });
});

it('says which port is taken', async () => {
  const squatter = createServer();
  const port = await new Promise<number>((resolve) => {
    squatter.listen(0, '127.0.0.1', () => {
      const address = squatter.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  try {
    await expect(startSimulator({ port })).rejects.toMatchObject({
      message: `port ${port} on 127.0.0.1 is taken`,
      remedy: expect.stringContaining('--port'),
    });
  } finally {
    await new Promise((resolve) => squatter.close(resolve));
  }
});
