import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { krakenCall, type Body, type KrakenAnswer, type Signing } from './kraken-call.js';
import { DEMO_ACCOUNT, startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { orderUuid } from '../../../packages/exchange-simulator/src/wire/krakenfutures/ids.js';

const NOW = 1_795_359_600_000;
const BTC = 'BTC/USD:USD';

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

const place = (price: string, amount = '0.1'): string =>
  simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'limit', amount, price }).id;

describe('history', () => {
  const events = async (kind: string, query = ''): Promise<Body> =>
    (await call(`/api/history/v3/${kind}`, { query })).body;
  const names = ({ elements = [] }: Body): string[] => elements.flatMap(({ event }) => Object.keys(event));

  it('of orders reports how each came and ended, the latest first', async () => {
    const [filled, canceled] = [place('59000'), place('58000')];
    clock += 1_000;
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: filled }, { amount: '0.04' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: filled });
    clock += 1_000;
    simulator.engine.cancel({ account: DEMO_ACCOUNT, id: canceled }, 'manual');
    const body = await events('orders');
    expect(names(body)).toEqual(['OrderCancelled', 'OrderUpdated', 'OrderUpdated', 'OrderPlaced', 'OrderPlaced']);
    expect(body.elements?.[0]?.event['OrderCancelled']).toMatchObject({
      order: { uid: orderUuid(canceled), quantity: '0.1', filled: '0', orderType: 'Limit', direction: 'Buy' },
      reason: 'cancelled_by_user',
    });
    expect(body.elements?.[1]?.event['OrderUpdated']).toMatchObject({
      oldOrder: { filled: '0.04' },
      newOrder: { uid: orderUuid(filled), filled: '0.1' },
      reason: 'full_fill',
    });
  });

  it('can leave out what was opened or closed, other markets, and other times', async () => {
    place('59000');
    clock += 1_000;
    simulator.engine.cancel({ account: DEMO_ACCOUNT, id: place('58000') }, 'manual');
    expect(names(await events('orders', 'opened=false'))).toEqual(['OrderCancelled']);
    expect(names(await events('orders', 'closed=false'))).toEqual(['OrderPlaced', 'OrderPlaced']);
    expect(names(await events('orders', 'tradeable=PF_ETHUSD'))).toEqual([]);
    expect(names(await events('orders', `before=${NOW}`))).toEqual(['OrderPlaced']);
    expect(names(await events('orders', `since=${NOW + 1}`))).toEqual(['OrderCancelled', 'OrderPlaced']);
  });

  it('of triggers reports activation', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    simulator.engine.place(DEMO_ACCOUNT, 'manual', {
      symbol: BTC,
      side: 'sell',
      type: 'stop_market',
      amount: '0.1',
      triggerPrice: '55000',
    });
    clock += 1_000;
    simulator.engine.setPrice(BTC, '54000');
    expect(names(await events('triggers'))).toEqual(['OrderTriggerActivated', 'OrderTriggerPlaced']);
  });

  it('of executions reports price, fee, who made the order wait, and the position after it', async () => {
    simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    clock += 1_000;
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    const { elements = [] } = await events('executions');
    const executions = elements.map(({ event }) => event['Execution']?.['execution']);
    expect(executions).toMatchObject([
      { quantity: '0.1', order: { orderType: 'Liquidation', direction: 'Sell' }, orderData: { positionSize: '0' } },
      { price: '60000', executionType: 'taker', orderData: { fee: '2.4', positionSize: '0.1' } },
    ]);
  });

  it('goes on where its token says, also when more happens meanwhile', async () => {
    const ids = ['59000', '58000', '57000', '56000', '55000'].map((price) => {
      clock += 1_000;
      return place(price);
    });
    const first = await call('/api/history/v3/orders', { query: 'count=2' });
    expect(first.body).toMatchObject({ len: 2 });
    expect(first.token).toBe(first.body.continuationToken);
    clock += 1_000;
    place('54000');
    const uids = [...(first.body.elements ?? [])];
    for (let token = first.body.continuationToken; token !== undefined;) {
      const body = await events('orders', `count=2&continuation_token=${encodeURIComponent(token)}`);
      uids.push(...(body.elements ?? []));
      token = body.continuationToken;
    }
    const placed = uids.map(({ event }) => event['OrderPlaced']);
    expect(placed).toMatchObject(ids.toReversed().map((id) => ({ order: { uid: orderUuid(id) } })));
    expect(placed).toHaveLength(ids.length);
  });

  it('refuses a token with another sort', async () => {
    place('59000');
    place('58000');
    const { continuationToken = '' } = await events('orders', 'count=1');
    const query = `count=1&sort=asc&continuation_token=${encodeURIComponent(continuationToken)}`;
    expect(await events('orders', query)).toMatchObject({ result: 'error', error: 'invalidArgument' });
  });
});

describe('fills', () => {
  it('come a hundred at a time, before the time asked for', async () => {
    for (let count = 0; count < 130; count += 1) {
      clock += 1_000;
      simulator.engine.place(DEMO_ACCOUNT, 'manual', { symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    }
    const page = async (query = ''): Promise<{ fillTime: string }[]> =>
      (await call('/derivatives/api/v3/fills', { query })).body['fills'] as { fillTime: string }[];
    const latest = await page();
    expect(latest).toHaveLength(100);
    expect(latest[0]?.fillTime).toBe(new Date(clock).toISOString());
    const rest = await page(`lastFillTime=${encodeURIComponent(latest.at(-1)?.fillTime ?? '')}`);
    expect(rest).toHaveLength(30);
  });
});
