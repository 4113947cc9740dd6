import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import {
  algoRow,
  EXCHANGE_INFO,
  orderRow,
  PATHS,
  positionRow,
  SERVER_TIME,
  serveAccount,
} from './binanceusdm-fixtures.js';
import * as coinm from './binancecoinm-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { describeRowFaults } from './row-faults.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

/* Answers as developers.binance.com documents them for portfolio margin ("Query UM Position Information", ...). */

const PAPI = {
  positions: '/papi/v1/um/positionRisk',
  openOrders: '/papi/v1/um/openOrders',
  strategies: '/papi/v1/um/conditional/openOrders',
  algos: '/papi/v1/um/algo/openAlgoOrders',
  positionMode: '/papi/v1/um/positionSide/dual',
  balance: '/papi/v1/balance',
} as const;

const REFUSED = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };

/** fapi and dapi refuse every question of such a key. */
function refuse(wire: WireServer, paths: readonly string[]): WireServer {
  for (const path of paths) wire.route(path, (_request, response) => sendJson(response, REFUSED, 401));
  return wire;
}

function accountInfo(isPortfolio: boolean) {
  return {
    vipLevel: 1,
    isMarginEnabled: true,
    isFutureEnabled: true,
    isOptionsEnabled: true,
    isPortfolioMarginRetailEnabled: isPortfolio,
  };
}

function strategyRow(symbol: string, strategyId: number, fields: Record<string, unknown> = {}) {
  return {
    newClientStrategyId: `strategy-${strategyId}`,
    strategyId,
    strategyStatus: 'NEW',
    strategyType: 'STOP_MARKET',
    origQty: '0.40',
    price: '0',
    reduceOnly: false,
    side: 'BUY',
    positionSide: 'BOTH',
    stopPrice: '62000',
    symbol,
    bookTime: SERVER_TIME - 60_000,
    updateTime: SERVER_TIME - 60_000,
    timeInForce: 'GTC',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
    priceMatch: 'NONE',
    ...fields,
  };
}

function portfolioBalance(asset: string, fields: Record<string, unknown> = {}) {
  return {
    asset,
    totalWalletBalance: '122607.35137903',
    crossMarginAsset: '92.27530794',
    crossMarginBorrowed: '10.00000000',
    crossMarginFree: '100.00000000',
    crossMarginInterest: '0.72469206',
    crossMarginLocked: '3.00000000',
    umWalletBalance: '0.00000000',
    umUnrealizedPNL: '23.72469206',
    cmWalletBalance: '23.72469206',
    cmUnrealizedPNL: '',
    updateTime: 0,
    negativeBalance: '0',
    ...fields,
  };
}

function servePortfolio(wire: WireServer): WireServer {
  serveAccount(wire);
  refuse(wire, [
    PATHS.positions,
    PATHS.openOrders,
    PATHS.openAlgoOrders,
    PATHS.positionMode,
    PATHS.balance,
    PATHS.order,
  ]);
  return wire
    .route(PATHS.accountInfo, accountInfo(true))
    .route(PAPI.positions, [positionRow('BTCUSDT', '0.300', { positionSide: 'BOTH' }), positionRow('ETHUSDT', '0.000')])
    .route(PAPI.openOrders, [orderRow('BTCUSDT', 5)])
    .route(PAPI.strategies, [strategyRow('BTCUSDT', 123_445)])
    .route(PAPI.algos, [algoRow('ETHUSDT', 2_146_760)])
    .route(PAPI.positionMode, { dualSidePosition: true })
    .route(PAPI.balance, [portfolioBalance('USDT'), portfolioBalance('BTC', NOTHING)]);
}

const NOTHING = { totalWalletBalance: '0.0', crossMarginBorrowed: '0.0', crossMarginInterest: '0.0' };

describe('a portfolio margin account of binanceusdm', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = servePortfolio(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const reader = () => readerOf('binanceusdm', wire, { now: () => SERVER_TIME });

  it('is found by asking, and read whole', async () => {
    const snapshot = await (await reader()).readState({ balances: true });
    expect(snapshot).toMatchObject({
      positionMode: 'one-way',
      scopes: ['balances', 'orders:conditional:linear', 'orders:regular:linear', 'positions:linear'],
      gaps: [],
      positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' }],
      orders: [
        { id: '5', conditional: false },
        { id: '123445', clientOrderId: 'strategy-123445', amount: '0.4', triggerPrice: '62000', conditional: true },
        { id: '2146760', symbol: 'ETH/USDT:USDT', conditional: true },
      ],
    });
  });

  it('owes what it borrowed: total is wallet less loan and interest', async () => {
    const { balances } = await (await reader()).readState({ balances: true });
    expect(balances).toEqual([{ currency: 'USDT', total: '122596.62668697' }]);
  });

  it('with a debt that is not placed has one currency that is not read', async () => {
    wire.route(PAPI.balance, [portfolioBalance('USDT', { negativeBalance: '-5' }), portfolioBalance('BTC')]);
    const { balances, unread } = await (await reader()).readState({ balances: true });
    expect(balances.map(({ currency }) => currency)).toEqual(['BTC']);
    expect(unread).toMatchObject([
      { scope: 'balances', symbol: 'USDT', reason: expect.stringContaining('negativeBalance') },
    ]);
  });

  it('is asked for at once in the next read', async () => {
    const one = await reader();
    await one.readState();
    const asked = wire.requests.length;
    await one.readState();
    const again = wire.paths.slice(asked);
    expect(again.filter((path) => path === PATHS.positions || path === PATHS.accountInfo)).toEqual([]);
    expect(again).toContain(PAPI.positions);
  });

  it('that becomes a classic account again is read as one', async () => {
    const one = await reader();
    await one.readState();
    refuse(serveAccount(wire), Object.values(PAPI)).route(PATHS.accountInfo, accountInfo(false));
    expect((await one.readState()).positions).toMatchObject([{ amount: '0.5' }, { amount: '12' }]);
  });

  it('that is flat is asked for its mode', async () => {
    for (const path of [PAPI.positions, PAPI.openOrders, PAPI.strategies, PAPI.algos]) wire.route(path, []);
    expect(await (await reader()).readState()).toMatchObject({ positionMode: 'hedge', positions: [], orders: [] });
  });

  it('counts an order once that is in both lists, and needs no deprecated list', async () => {
    wire.route(PAPI.algos, [algoRow('BTCUSDT', 123_445), algoRow('ETHUSDT', 7)]);
    expect((await (await reader()).readState()).orders.map(({ id }) => id)).toEqual(['5', '123445', '7']);
    wire.route(PAPI.strategies, (_request, response) => void response.writeHead(404).end());
    expect((await (await reader()).readState()).orders.map(({ id }) => id)).toEqual(['5', '123445', '7']);
  });

  it.each([PAPI.positions, PAPI.openOrders, PAPI.algos])('fails where %s fails', async (path) => {
    wire.route(path, (_request, response) => sendJson(response, {}, 500));
    expect(await failureOf((await reader()).readState())).toMatchObject({ where: expect.stringContaining(path) });
  });

  it.each([
    ['says that it is none', (response: Parameters<typeof sendJson>[0]) => sendJson(response, accountInfo(false))],
    ['cannot be asked', (response: Parameters<typeof sendJson>[0]) => sendJson(response, REFUSED, 401)],
  ])('is none where the account %s: then the key is bad', async (_what, send) => {
    wire.route(PATHS.accountInfo, (_request, response) => send(response));
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind: 'authentication',
      where: expect.stringContaining(PATHS.positions),
    });
    expect(wire.paths).not.toContain(PAPI.positions);
  });
});

describe('what became of an order of a portfolio margin account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = servePortfolio(await WireServer.start());
    const unknown = { code: -2013, msg: 'Order does not exist.' };
    for (const path of ['/papi/v1/um/order', '/papi/v1/um/conditional/orderHistory']) {
      wire.route(path, (_request, response) => sendJson(response, unknown, 400));
    }
    for (const path of ['um/allOrders', 'um/userTrades', 'um/algo/allAlgoOrders', 'um/forceOrders', 'um/income']) {
      wire.route(`/papi/v1/${path}`, []);
    }
  });
  afterEach(() => wire.stop());

  async function explain(fields: Partial<OpenOrder>) {
    const reader = await readerOf('binanceusdm', wire, { now: () => SERVER_TIME });
    const [order] = (await reader.readState()).orders;
    if (order === undefined) throw new Error('no order was read');
    return (await reader.explainMissingOrders([{ ...order, ...fields }]))[0];
  }

  it('is asked of papi', async () => {
    wire.route(
      '/papi/v1/um/order',
      orderRow('BTCUSDT', 5, { status: 'FILLED', executedQty: '0.01', avgPrice: '60000' }),
    );
    expect(await explain({})).toMatchObject({ cause: 'filled', filled: '0.01' });
  });

  it('that triggered is followed to the order that it became', async () => {
    const triggered = { strategyStatus: 'TRIGGERED', orderId: 12132343435, status: 'FILLED', type: 'MARKET' };
    wire.route('/papi/v1/um/conditional/orderHistory', strategyRow('BTCUSDT', 123_445, triggered));
    wire.route('/papi/v1/um/order', ({ query }: WireRequest) =>
      orderRow('BTCUSDT', query.get('orderId') ?? '', { status: 'FILLED', executedQty: '0.4', avgPrice: '62010' }),
    );
    expect(await explain({ id: '123445', conditional: true, amount: '0.4' })).toMatchObject({
      cause: 'filled',
      source: expect.stringContaining('12132343435'),
    });
  });

  it('of the newer list is found in its history', async () => {
    wire.route('/papi/v1/um/algo/allAlgoOrders', [algoRow('BTCUSDT', 2_146_760, { algoStatus: 'CANCELED' })]);
    expect(await explain({ id: '2146760', conditional: true })).toMatchObject({ cause: 'canceled' });
  });

  it('has its liquidations in papi, too', async () => {
    const forced = { side: 'SELL', executedQty: '0.001', avgPrice: '10913.21', updateTime: SERVER_TIME };
    wire.route('/papi/v1/um/forceOrders', [
      orderRow('BTCUSDT', 6071832819, { ...forced, clientOrderId: 'autoclose-1' }),
    ]);
    const reader = await readerOf('binanceusdm', wire, { now: () => SERVER_TIME });
    await reader.readState();
    const question = { since: SERVER_TIME - 60_000, symbols: ['BTC/USDT:USDT'], currencies: ['USDT'] };
    expect(await reader.readVenueActions(question)).toMatchObject([{ kind: 'liquidation', change: '-0.001' }]);
  });
});

it('a portfolio margin account of binancecoinm is read under papi', async () => {
  const wire = coinm.serveAccount(await WireServer.start());
  refuse(wire, [coinm.PATHS.positions])
    .route(PATHS.accountInfo, accountInfo(true))
    .route('/papi/v1/cm/positionRisk', [coinm.positionRow('BTCUSD_PERP', '7', { positionSide: 'LONG' })])
    .route('/papi/v1/cm/openOrders', [])
    .route('/papi/v1/cm/conditional/openOrders', [
      strategyRow('BTCUSD_PERP', 9, { positionSide: 'LONG', origQty: '2' }),
    ]);
  expect(await (await readerOf('binancecoinm', wire)).readState()).toMatchObject({
    positionMode: 'hedge',
    positions: [{ symbol: 'BTC/USD:BTC', side: 'long', amount: '700' }],
    orders: [{ id: '9', amount: '200', triggerPrice: '62000' }],
  });
  await wire.stop();
});

describeRowFaults({
  id: 'binanceusdm',
  endpoints: [
    { path: PAPI.positions, healthy: [positionRow('BTCUSDT', '1'), positionRow('ETHUSDT', '0')] },
    { path: PAPI.openOrders, healthy: [orderRow('BTCUSDT', 1), orderRow('ETHUSDT', 2)] },
    { path: PAPI.strategies, healthy: [strategyRow('BTCUSDT', 1), strategyRow('ETHUSDT', 2)] },
    { path: PAPI.algos, healthy: [algoRow('BTCUSDT', 1), algoRow('ETHUSDT', 2)] },
    { path: PAPI.balance, healthy: [portfolioBalance('USDT'), portfolioBalance('BTC')] },
  ].map((endpoint) => ({
    ...endpoint,
    serve: (wire: WireServer) =>
      servePortfolio(wire).route(PATHS.exchangeInfo, EXCHANGE_INFO).route(endpoint.path, endpoint.healthy),
  })),
  harmless: {
    [PAPI.positions]: { updateTime: 'a change without a time is as old as the read' },
    [PAPI.openOrders]: { updateTime: 'as above', clientOrderId: 'any text is one' },
    [PAPI.strategies]: { updateTime: 'as above', newClientStrategyId: 'any text is one' },
    [PAPI.algos]: { updateTime: 'as above', clientAlgoId: 'any text is one' },
    [PAPI.balance]: { asset: 'any text is a currency' },
  },
});
