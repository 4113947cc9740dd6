import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient } from '../ccxt-client.js';
import { ask, postJson, type RawAnswer } from '../raw-http.js';
import {
  DEMO_ACCOUNT,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';
import { loadCrypto } from '../../../packages/exchange-simulator/src/wire/hyperliquid/crypto.js';
import {
  addressOfAccount,
  agentAddressOf,
  privateKeyOf,
} from '../../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';

const NOW = 1_795_359_600_000;
const BTC = 'BTC/USDC:USDC';
const NOBODY = `0x${'ab'.repeat(20)}`;

let clock: number;
let simulator: Simulator;
let user: string;

beforeEach(async () => {
  clock = NOW;
  simulator = await startSimulator({ port: 0, now: () => clock });
  user = addressOfAccount(simulator.engine.account(DEMO_ACCOUNT));
});

afterEach(async () => {
  await simulator.close();
});

const info = async (question: object): Promise<RawAnswer> => postJson(`${simulator.url}/hyperliquid/info`, question);

async function answerTo(question: object): Promise<unknown> {
  const { status, body } = await info(question);
  expect(status).toBe(200);
  return JSON.parse(body);
}

const place = (price: string, amount = '0.1'): string =>
  simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'limit', amount, price }).id;

const trade = (side: 'buy' | 'sell', amount: string): string =>
  simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side, type: 'market', amount }).id;

describe('a question', () => {
  it.each<[what: string, body: string]>([
    ['that there is not', '{"type":"everything"}'],
    ['without a type', '{}'],
    ['without the user it needs', '{"type":"clearinghouseState"}'],
    ['of a user who is no address', '{"type":"clearinghouseState","user":"me"}'],
    ['of a time without a beginning', `{"type":"userFillsByTime","user":"${NOBODY}"}`],
    ['that is no JSON', 'type=meta'],
  ])('%s is answered with 422 and plain text', async (_what, body) => {
    const answer = await ask(`${simulator.url}/hyperliquid/info`, { method: 'POST', body });
    expect(answer).toMatchObject({
      status: 422,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'Failed to deserialize the JSON body into the target type',
    });
  });

  it('about an address that nobody has is answered as about an empty account; its role alone shows it', async () => {
    trade('buy', '0.1');
    place('59000');
    for (const who of [NOBODY, user.toUpperCase().replace('0X', '0x')]) {
      const there = who !== NOBODY;
      const state = (await answerTo({ type: 'clearinghouseState', user: who })) as { assetPositions: unknown[] };
      expect(state.assetPositions).toHaveLength(there ? 1 : 0);
      expect(await answerTo({ type: 'frontendOpenOrders', user: who })).toHaveLength(there ? 1 : 0);
      expect(await answerTo({ type: 'userFills', user: who })).toHaveLength(there ? 1 : 0);
      expect(await answerTo({ type: 'userRole', user: who })).toEqual({ role: there ? 'user' : 'missing' });
    }
  });

  it("about the role of an API wallet names the account's own address", async () => {
    const agent = agentAddressOf(DEMO_TRADING_CREDENTIALS, await loadCrypto());
    expect(await answerTo({ type: 'userRole', user: agent })).toEqual({ role: 'agent', data: { user } });
    expect(await answerTo({ type: 'extraAgents', user })).toMatchObject([{ address: agent }]);
  });

  it('about an account in hedge mode finds none: the exchange has no such mode', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    expect(await answerTo({ type: 'userRole', user })).toEqual({ role: 'missing' });
  });

  it('of a second dex finds nothing there', async () => {
    trade('buy', '0.1');
    expect(await answerTo({ type: 'perpDexs' })).toEqual([null]);
    expect(await answerTo({ type: 'clearinghouseState', user, dex: 'other' })).toMatchObject({ assetPositions: [] });
  });
});

describe('the state of an account', () => {
  it("has the exchange's time, and sums that fit together", async () => {
    trade('sell', '0.5');
    simulator.engine.setPrice(BTC, '58000');
    expect(await answerTo({ type: 'clearinghouseState', user })).toMatchObject({
      time: NOW,
      marginSummary: { accountValue: '20988.0', totalNtlPos: '29000.0', totalRawUsd: '49988.0' },
      assetPositions: [{ position: { szi: '-0.5', positionValue: '29000.0', unrealizedPnl: '1000.0' } }],
    });
    expect(await answerTo({ type: 'spotClearinghouseState', user })).toMatchObject({
      balances: [
        { coin: 'USDT', total: '100000.0' },
        { coin: 'USDC', total: '19988.0' },
        { coin: 'BTC', total: '1.0' },
      ],
    });
  });

  it('shows a trigger for a whole position with size 0', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'sell',
      type: 'take_profit_market',
      triggerPrice: '65000',
      closePosition: true,
    });
    expect(await answerTo({ type: 'frontendOpenOrders', user })).toMatchObject([
      { sz: '0.0', origSz: '0.0', isPositionTpsl: true, reduceOnly: true, orderType: 'Take Profit Market' },
    ]);
  });
});

describe('what became of an order', () => {
  const statusOf = async (oid: number | string): Promise<unknown> => answerTo({ type: 'orderStatus', user, oid });

  it.each<[what: string, status: string, run: () => string]>([
    ['still open', 'open', () => place('59000')],
    ['filled', 'filled', () => trade('buy', '0.1')],
    ['canceled', 'canceled', () => simulator.engine.cancel({ account: DEMO_ACCOUNT, id: place('59000') }, 'manual').id],
    [
      'taken along by a liquidation',
      'liquidatedCanceled',
      () => {
        trade('buy', '0.1');
        const id = place('59000');
        simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
        return id;
      },
    ],
    [
      'a stop that went off',
      'filled',
      () => {
        trade('buy', '0.1');
        const stop = { symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.1', triggerPrice: '55000' } as const;
        const { id } = simulator.engine.place(DEMO_ACCOUNT, 'manual', stop);
        simulator.engine.setPrice(BTC, '54000');
        return id;
      },
    ],
    [
      'a stop whose limit order rests',
      'triggered',
      () => {
        trade('buy', '0.1');
        const stop = { symbol: BTC, side: 'sell', type: 'stop', amount: '0.1', triggerPrice: '55000' } as const;
        const { id } = simulator.engine.place(DEMO_ACCOUNT, 'manual', { ...stop, price: '55000' });
        simulator.engine.setPrice(BTC, '54000');
        return id;
      },
    ],
  ])('is reported: %s', async (_what, status, run) => {
    const oid = Number(run());
    expect(await statusOf(oid)).toMatchObject({ status: 'order', order: { status, order: { oid } } });
    const history = (await answerTo({ type: 'historicalOrders', user })) as { order: { oid: number } }[];
    expect(history.find(({ order }) => order.oid === oid)).toMatchObject({ status });
  });

  it('is reported by a client id, and not of an order that never was', async () => {
    const clientOrderId = '0x00000000000000000000000000000017';
    simulator.engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'buy',
      type: 'limit',
      amount: '0.1',
      price: '59000',
      clientOrderId,
    });
    expect(await statusOf(clientOrderId)).toMatchObject({ order: { order: { cloid: clientOrderId } } });
    expect(await statusOf(42)).toEqual({ status: 'unknownOid' });
  });
});

describe('fills', () => {
  it('report direction, position before and profit, and what a liquidation was', async () => {
    for (const [side, amount] of [
      ['buy', '0.3'],
      ['sell', '0.1'],
      ['sell', '0.5'],
    ] as const) {
      clock += 1_000;
      trade(side, amount);
    }
    simulator.engine.setPrice(BTC, '61000');
    clock += 1_000;
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    const rows = await answerTo({ type: 'userFillsByTime', user, startTime: NOW });
    expect(rows).toMatchObject([
      { dir: 'Open Long', startPosition: '0.0', sz: '0.3', side: 'B', crossed: true },
      { dir: 'Close Long', startPosition: '0.3', closedPnl: '0.0' },
      { dir: 'Long > Short', startPosition: '0.2', sz: '0.5', side: 'A' },
      {
        dir: 'Close Short',
        startPosition: '-0.3',
        closedPnl: '-300.0',
        liquidation: { liquidatedUser: user, markPx: '61000.0', method: 'market' },
      },
    ]);
    expect((rows as object[])[0]).not.toHaveProperty('liquidation');
    const updates = { type: 'userNonFundingLedgerUpdates', user, startTime: NOW };
    expect(await answerTo(updates)).toMatchObject([
      { delta: { type: 'liquidation', liquidatedPositions: [{ coin: 'BTC', szi: '-0.3' }] } },
    ]);
  });

  it('come oldest first within times, newest first without, and never with funding among them', async () => {
    for (let count = 0; count < 3; count += 1) {
      clock += 1_000;
      trade('buy', '0.1');
    }
    simulator.engine.settleFunding(BTC, '0.0001');
    const timesOf = async (question: object): Promise<number[]> =>
      ((await answerTo(question)) as { time: number }[]).map(({ time }) => time);
    expect(await timesOf({ type: 'userFills', user })).toEqual([NOW + 3_000, NOW + 2_000, NOW + 1_000]);
    const span = { user, startTime: NOW + 1_000, endTime: NOW + 2_000 };
    expect(await timesOf({ type: 'userFillsByTime', ...span })).toEqual([NOW + 1_000, NOW + 2_000]);
    const funding = await answerTo({ type: 'userFunding', user, startTime: NOW });
    expect(funding).toMatchObject([{ delta: { type: 'funding', coin: 'BTC', szi: '0.3', usdc: '-1.8' } }]);
  });
});

describe('an action', () => {
  const exchange = async (body: object): Promise<RawAnswer> => postJson(`${simulator.url}/hyperliquid/exchange`, body);
  /** Of something else. */
  const signature = {
    r: '0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298',
    s: '0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8',
    v: 27,
  };
  const order = { a: 0, b: true, p: '59000', s: '0.01', r: false, t: { limit: { tif: 'Gtc' } } };
  const action = { type: 'order', orders: [order], grouping: 'na' };

  it('of a kind that there is not, or without a signature, is answered with 422', async () => {
    expect(await exchange({ action: { type: 'fly' }, nonce: NOW, signature })).toMatchObject({ status: 422 });
    expect(await exchange({ action, nonce: NOW })).toMatchObject({ status: 422 });
  });

  it('signed by nobody known is refused by the address that the signature gives', async () => {
    const { status, body } = await exchange({ action, nonce: NOW, signature });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      status: 'err',
      response: expect.stringMatching(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/),
    });
    const impossible = { ...signature, r: `0x${'1'.repeat(64)}` };
    const refused = await exchange({ action, nonce: NOW, signature: impossible });
    expect(JSON.parse(refused.body)).toEqual({ status: 'err', response: 'Unable to recover signer.' });
  });

  interface Signer {
    signL1Action(action: object, nonce: number): object;
  }

  async function send(sent: object, nonce = clock): Promise<unknown> {
    const privateKey = privateKeyOf(DEMO_TRADING_CREDENTIALS.secret);
    const client = await ccxtClient('hyperliquid', simulator.url, { walletAddress: user, privateKey });
    const signed = (client as unknown as Signer).signL1Action(sent, nonce);
    return JSON.parse((await exchange({ action: sent, nonce, signature: signed })).body);
  }

  it('reports each order of a batch at its place', async () => {
    const batch = [
      order,
      { ...order, p: '61000' },
      { ...order, p: '59000.5' },
      { ...order, p: '60000.55' },
      { ...order, a: 99 },
      { ...order, t: { trigger: { isMarket: true, triggerPx: '55000', tpsl: 'tp' } } },
    ];
    expect(await send({ type: 'order', orders: batch, grouping: 'na' })).toMatchObject({
      status: 'ok',
      response: {
        type: 'order',
        data: {
          statuses: [
            { resting: { oid: expect.any(Number) } },
            { filled: { totalSz: '0.01', avgPx: '60000.0' } },
            { error: 'Price must be divisible by tick size. asset=0' },
            { error: 'Price must be divisible by tick size. asset=0' },
            { error: expect.stringContaining('invalid asset') },
            { resting: { oid: expect.any(Number) } },
          ],
        },
      },
    });
  });

  it('is refused under a nonce that was used, or is days old', async () => {
    const cancel = { type: 'cancel', cancels: [{ a: 0, o: 42 }] };
    const missing = { error: 'Order was never placed, already canceled, or filled. asset=0' };
    const done = { status: 'ok', response: { type: 'cancel', data: { statuses: [missing] } } };
    expect(await send(cancel, NOW)).toEqual(done);
    expect(await send(cancel, NOW)).toEqual({ status: 'err', response: `Invalid nonce: ${NOW}` });
    expect(await send(cancel, NOW - 2 * 86_400_000)).toMatchObject({ status: 'err' });
    expect(await send(cancel, NOW - 1)).toEqual(done);
  });
});

describe('weights', () => {
  it('are counted as documented, with the rows of long answers', async () => {
    for (let count = 0; count < 45; count += 1) trade('buy', '0.1');
    await answerTo({ type: 'clearinghouseState', user });
    await answerTo({ type: 'frontendOpenOrders', user });
    await answerTo({ type: 'userFills', user });
    await answerTo({ type: 'userRole', user });
    await answerTo({ type: 'meta' });
    const report = JSON.parse((await ask(`${simulator.url}/sim/requests`)).body) as object;
    expect(report).toMatchObject({
      weight: 2 + 20 + 22 + 60 + 20,
      by_account: { demo: { weight: 104 }, anonymous: { weight: 20 } },
    });
  });

  it('over the limit are refused with 429, until the minute is over', async () => {
    await postJson(`${simulator.url}/sim/limits`, { exchange: 'hyperliquid', weight_per_minute: 4 });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await info({ type: 'allMids' })).status);
    clock += 60_000;
    statuses.push((await info({ type: 'allMids' })).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});
