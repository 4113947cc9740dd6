import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  answerTo,
  fillRow,
  orderRow,
  questionOf,
  serveWith,
  SERVER_TIME,
  WALLET,
  type Question,
} from './hyperliquid-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const ENDED = SERVER_TIME - 30_000;
const CLOID = '0x0000000000000000000000000000abcd';

let wire: WireServer;
let answers: Record<string, (question: Question) => unknown>;
beforeEach(async () => {
  answers = {
    orderStatus: () => ({ status: 'unknownOid' }),
    historicalOrders: () => [],
    userFillsByTime: () => [],
  };
  wire = serveWith(await WireServer.start(), (question) => answers[question.type]?.(question) ?? answerTo(question));
});
afterEach(() => wire.stop());

async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
  const order: OpenOrder = {
    id: '77',
    clientOrderId: CLOID,
    symbol: 'BTC/USDC:USDC',
    side: 'buy',
    type: 'limit',
    price: '58000',
    triggerPrice: null,
    amount: '0.01',
    filled: '0',
    conditional: false,
    changedAt: null,
    ...fields,
  };
  const reader = await readerOf('hyperliquid', wire, { credentials: WALLET, now: () => SERVER_TIME });
  return (await reader.explainMissingOrders([order]))[0];
}

function orderState(status: string, fields: Record<string, unknown> = {}, statusTimestamp = ENDED) {
  return { order: orderRow('BTC', 77, { cloid: CLOID, ...fields }), status, statusTimestamp };
}

function reported(status: string, fields: Record<string, unknown> = {}): void {
  answers['orderStatus'] = () => ({ status: 'order', order: orderState(status, fields) });
}

const asked = (type: string): Question[] => wire.requests.map(questionOf).filter((question) => question.type === type);

describe('what became of a hyperliquid order', () => {
  it.each([
    ['filled', 'filled', 'order query'],
    ['canceled', 'canceled', 'order query'],
    ['marginCanceled', 'canceled', 'order query: marginCanceled'],
    ['siblingFilledCanceled', 'canceled', 'order query: siblingFilledCanceled'],
    ['scheduledCancel', 'canceled', 'order query: scheduledCancel'],
    ['liquidatedCanceled', 'liquidated', 'order query: liquidatedCanceled'],
    ['rejected', 'rejected', 'order query: rejected'],
    ['perpMarginRejected', 'rejected', 'order query: perpMarginRejected'],
    ['iocCancelRejected', 'expired', 'order query: iocCancelRejected'],
    ['open', 'unknown', 'order query: the order is open'],
    ['triggered', 'unknown', 'order query: it was triggered, and no fill of it is reported'],
    ['somethingNew', 'unknown', 'order query: Hyperliquid calls its status "somethingNew"'],
  ])('that is called %s is %s', async (status, cause, source) => {
    reported(status);
    expect(await explain()).toMatchObject({ cause, source });
    expect(asked('orderStatus')).toMatchObject([{ user: WALLET.walletAddress, oid: 77 }]);
    expect(asked('historicalOrders')).toEqual([]);
  });

  it('has price and amount from its own fills alone', async () => {
    reported('filled', { sz: '0.0' });
    answers['userFillsByTime'] = () => [
      fillRow(77, 1, { sz: '0.004', px: '57999.5' }),
      fillRow(78, 2, { sz: '5.0', px: '1.0' }),
      fillRow(77, 3, { sz: '0.006', px: '58000.0' }),
    ];
    expect(await explain()).toEqual({
      cause: 'filled',
      filled: '0.01',
      averagePrice: '57999.8',
      at: ENDED,
      source: 'order query',
    });
    expect(asked('userFillsByTime')).toMatchObject([{ startTime: SERVER_TIME - 3_600_000 }]);
  });

  it('filled in part before it was canceled reports the part', async () => {
    reported('canceled');
    answers['userFillsByTime'] = () => [fillRow(77, 1, { sz: '0.004' })];
    expect(await explain()).toMatchObject({ cause: 'canceled', filled: '0.004', averagePrice: '58000' });
  });

  it.each([
    ['its own', WALLET.walletAddress.toUpperCase().replace('0X', '0x'), 'liquidated'],
    ["another's, whose other side it took", '0x8c967e73e6b15087c42a10d344cff4c96d877f1d', 'filled'],
  ])('filled by a liquidation, %s, is reported so', async (_whose, liquidatedUser, cause) => {
    reported('filled', { sz: '0.0' });
    const liquidation = { liquidatedUser, markPx: '57990.0', method: 'market' };
    answers['userFillsByTime'] = () => [fillRow(77, 1, { liquidation })];
    expect(await explain()).toMatchObject({ cause, filled: '0.01' });
  });

  it('that was triggered is filled once its fills are the whole of it', async () => {
    reported('triggered', { isTrigger: true });
    answers['userFillsByTime'] = () => [fillRow(77, 1, { sz: '0.009' })];
    expect(await explain()).toMatchObject({ cause: 'unknown', filled: '0.009' });
    answers['userFillsByTime'] = () => [fillRow(77, 1, { sz: '0.009' }), fillRow(77, 2, { sz: '0.001' })];
    expect(await explain()).toMatchObject({ cause: 'filled', filled: '0.01' });
  });

  it('has its fills found behind a full page of others, each counted once', async () => {
    reported('filled', { sz: '0.0' });
    const others = Array.from({ length: 1_999 }, (_, index) =>
      fillRow(1, index, { time: SERVER_TIME - 2_000_000 + index }),
    );
    const own = [fillRow(77, 9_001, { sz: '0.004' }), fillRow(77, 9_002, { sz: '0.006' })];
    answers['userFillsByTime'] = ({ startTime = 0 }) =>
      [...others, ...own].filter(({ time }) => time >= startTime).slice(0, 2_000);
    expect(await explain()).toMatchObject({ cause: 'filled', filled: '0.01', averagePrice: '58000' });
    expect(asked('userFillsByTime')).toHaveLength(2);
  });

  it('has no average price where a full page that cannot be passed hides fills', async () => {
    reported('canceled');
    const time = SERVER_TIME - 3_600_000;
    answers['userFillsByTime'] = () =>
      Array.from({ length: 2_000 }, (_, index) => fillRow(77, index, { sz: '0.000001', time }));
    expect(await explain()).toMatchObject({ cause: 'canceled', filled: null, averagePrice: null });
  });

  it('is asked for by its client order id where the bot has no other', async () => {
    reported('canceled');
    expect(await explain({ id: null, clientOrderId: CLOID.toUpperCase().replace('0X', '0x') })).toMatchObject({
      cause: 'canceled',
    });
    expect(asked('orderStatus')).toMatchObject([{ oid: expect.stringMatching(/^0x/) }]);
  });

  it.each([
    [{ id: 'abc' }, '"abc"'],
    [{ id: '9007199254740993' }, '"9007199254740993"'],
    [{ id: null, clientOrderId: 'bot-17' }, '"bot-17"'],
  ])('is not asked for by what Hyperliquid cannot know (%j)', async (fields, named) => {
    expect(await explain(fields)).toMatchObject({ cause: 'unknown', source: expect.stringContaining(named) });
    expect(asked('orderStatus')).toEqual([]);
  });

  it('is found in the history by the last of its changes', async () => {
    answers['historicalOrders'] = () => [
      orderState('open', {}, ENDED),
      orderState('canceled', {}, ENDED),
      orderState('open', {}, ENDED - 5_000),
      { ...orderState('filled'), order: orderRow('ETH', 78) },
    ];
    expect(await explain()).toMatchObject({ cause: 'canceled', source: 'closed orders' });
  });

  it.each<[string, number, Partial<OpenOrder>, string]>([
    ['a whole history', 1_999, {}, 'never_seen'],
    ['a full one that reaches back before it', 2_000, { changedAt: SERVER_TIME - 50_000 }, 'never_seen'],
    ['a full one that may have lost it', 2_000, { changedAt: SERVER_TIME - 90_000 }, 'unknown'],
    ['a full one, its age unknown', 2_000, {}, 'unknown'],
  ])('that is not in %s is %#: reported honestly', async (_what, rows, fields, cause) => {
    answers['historicalOrders'] = () =>
      Array.from({ length: rows }, (_, index) => ({
        order: orderRow('ETH', 1_000 + index),
        status: 'filled',
        statusTimestamp: SERVER_TIME - 60_000 + index,
      }));
    expect(await explain(fields)).toMatchObject({ cause });
  });

  it('is unknown when the answer is about another order, or fails', async () => {
    answers['orderStatus'] = () => ({ status: 'order', order: { ...orderState('filled'), order: orderRow('BTC', 1) } });
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
    answers['orderStatus'] = () => ({ status: 'maintenance' });
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('unreadable') });
  });
});
