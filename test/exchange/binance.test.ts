import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { ACCOUNT, EXCHANGE_INFO, orderRow, PATHS, serveAccount, SERVER_TIME } from './binance-fixtures.js';
import { BINANCE_REFUSALS } from './binance-refusals.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

describeFaults({
  id: 'binance',
  scopes: 3,
  refusals: BINANCE_REFUSALS,
  endpoints: [
    { path: PATHS.exchangeInfo, healthy: EXCHANGE_INFO, serve: serveAccount },
    { path: PATHS.time, healthy: { serverTime: SERVER_TIME }, serve: serveAccount },
    { path: PATHS.account, healthy: ACCOUNT, serve: serveAccount },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSDT', 1)], serve: serveAccount },
  ],
});

describe('a binance spot account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('holds balances and all kinds of open orders, exactly', async () => {
    expect(await (await readerOf('binance', wire)).readState()).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: null,
      scopes: ['balances', 'orders:conditional:spot', 'orders:regular:spot'],
      gaps: [],
      positions: [],
      balances: [
        { currency: 'BTC', total: '0.3' },
        { currency: 'USDT', total: '1000.00000001' },
      ],
      orders: [
        { id: '28', symbol: 'BTC/USDT', side: 'buy', filled: '0.004', amount: '0.01', conditional: false },
        { id: '29', symbol: 'ETH/USDT', type: 'limit_maker', conditional: false, triggerPrice: null, parent: '7' },
        { id: '30', type: 'stop_loss_limit', triggerPrice: '3000.00000000', conditional: true, parent: '7' },
      ],
      markets: { 'BTC/USDT': { amountStep: '0.00001' } },
    });
  });

  it('asks no more than it needs', async () => {
    await (await readerOf('binance', wire)).readState();
    expect(wire.paths).toEqual([
      PATHS.exchangeInfo,
      PATHS.time,
      PATHS.wallets,
      PATHS.account,
      PATHS.algos,
      PATHS.openOrders,
      PATHS.account,
      PATHS.prices,
    ]);
  });

  it('reads again when a balance moves between the calls', async () => {
    const totals = ['1', '2', '2'];
    wire.route(PATHS.account, () => ({ balances: [{ asset: 'BTC', free: totals.shift() ?? '2', locked: '0' }] }));
    const snapshot = await (await readerOf('binance', wire)).readState();
    expect(snapshot.balances).toEqual([{ currency: 'BTC', total: '2' }]);
    expect(snapshot).not.toHaveProperty('movedWhileRead');
  });

  it('takes an account without a single asset for no answer', async () => {
    wire.route(PATHS.account, { ...ACCOUNT, balances: [] });
    expect(await failureOf((await readerOf('binance', wire)).readState())).toMatchObject({
      kind: 'unreadable',
      where: `GET ${PATHS.account} (balances)`,
    });
  });

  it.each([
    [{}, { canTrade: false, canWithdraw: false, ipRestricted: true, note: 'the key only reads' }],
    [
      { enableSpotAndMarginTrading: true, ipRestrict: false },
      { canTrade: true, canWithdraw: false, ipRestricted: false },
    ],
    [{ enableWithdrawals: true }, { canTrade: false, canWithdraw: true }],
  ])('knows what its key may do with %j', async (fields, expected) => {
    wire.route(PATHS.apiRestrictions, {
      ipRestrict: true,
      createTime: 1_698_645_219_000,
      enableReading: true,
      enableWithdrawals: false,
      enableInternalTransfer: false,
      enableMargin: false,
      enableFutures: false,
      permitsUniversalTransfer: false,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: true,
      enableSpotAndMarginTrading: false,
      enablePortfolioMarginTrading: false,
      ...fields,
    });
    expect(await (await readerOf('binance', wire)).auditKey()).toMatchObject(expected);
  });

  it('says why it does not know what its key may do', async () => {
    wire.route(PATHS.apiRestrictions, (_request, response) => sendJson(response, {}, 500));
    expect(await (await readerOf('binance', wire)).auditKey()).toEqual({
      answer: 'failed',
      canTrade: null,
      canWithdraw: null,
      ipRestricted: null,
      note: expect.stringContaining('network'),
    });
  });

  it('stops asking when the exchange counts three quarters of its limit', async () => {
    wire.route(PATHS.account, (_request, response) => {
      response.setHeader('X-MBX-USED-WEIGHT-1M', '4500');
      return ACCOUNT;
    });
    const reader = await readerOf('binance', wire);
    const failure = await failureOf(reader.readState({ signal: AbortSignal.timeout(300) }));
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('did not end within its time') });
    expect(wire.paths).toEqual([PATHS.exchangeInfo, PATHS.time, PATHS.wallets, PATHS.account]);
  });
});

describe('what became of a spot order', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(PATHS.allOrders, []).route(PATHS.myTrades, []);
    refuse(-2013);
  });
  afterEach(() => wire.stop());

  function refuse(code: number): void {
    wire.route(PATHS.order, (_request, response) => sendJson(response, { code, msg: 'Order does not exist.' }, 400));
  }

  async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
    const order: OpenOrder = {
      id: '28',
      clientOrderId: 'bot-28',
      symbol: 'BTC/USDT',
      side: 'buy',
      type: 'limit',
      price: '60000',
      triggerPrice: null,
      amount: '0.01',
      filled: '0',
      conditional: false,
      changedAt: null,
      ...fields,
    };
    return (await (await readerOf('binance', wire)).explainMissingOrders([order]))[0];
  }

  it.each([
    ['FILLED', '0.01000000', '599.99500000', 'filled', '59999.5'],
    ['CANCELED', '0.00000000', '0.00000000', 'canceled', null],
    ['CANCELED', '0.00400000', '-1.00000000', 'canceled', null],
    ['EXPIRED', '0.00000000', '0.00000000', 'expired', null],
    ['EXPIRED_IN_MATCH', '0.00000000', '0.00000000', 'expired', null],
    ['REJECTED', '0.00000000', '0.00000000', 'rejected', null],
    ['NEW', '0.00000000', '0.00000000', 'unknown', null],
    ['PENDING_NEW', '0.00000000', '0.00000000', 'unknown', null],
  ])(
    'that is %s with %s executed for %s is %s',
    async (status, executedQty, cummulativeQuoteQty, cause, averagePrice) => {
      wire.route(PATHS.order, orderRow('BTCUSDT', 28, { status, executedQty, cummulativeQuoteQty }));
      expect(await explain()).toMatchObject({ cause, averagePrice });
    },
  );

  it('that Binance has archived is unknown, since it does not say which way it ended', async () => {
    refuse(-2026);
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('90 days') });
  });

  it('that nothing knows was never seen', async () => {
    expect(await explain()).toMatchObject({ cause: 'never_seen' });
    expect(await explain({ id: null })).toMatchObject({ cause: 'never_seen' });
  });

  it('that only the history knows is explained by it', async () => {
    wire.route(PATHS.allOrders, (request: WireRequest) =>
      request.query.get('orderId') === '28' ? [orderRow('BTCUSDT', 28, { status: 'CANCELED' })] : [],
    );
    expect(await explain()).toMatchObject({ cause: 'canceled', source: 'closed orders' });
  });

  it('that only own trades know is filled if they fill it', async () => {
    wire.route(PATHS.myTrades, [
      { symbol: 'BTCUSDT', id: 1, orderId: 28, price: '60000', qty: '0.00400000', time: SERVER_TIME - 2000 },
      { symbol: 'BTCUSDT', id: 2, orderId: 28, price: '60010', qty: '0.00600000', time: SERVER_TIME - 1000 },
    ]);
    expect(await explain()).toMatchObject({ cause: 'filled', averagePrice: '60006', at: SERVER_TIME - 1000 });
    expect(await explain({ amount: '1' })).toMatchObject({ cause: 'unknown', filled: '0.01' });
  });

  it('about which the exchange answers of another one is unknown', async () => {
    wire.route(PATHS.order, orderRow('ETHUSDT', 28, { status: 'FILLED', executedQty: '1' }));
    expect(await explain()).toMatchObject({ cause: 'unknown', source: expect.stringContaining('another order') });
  });
});
