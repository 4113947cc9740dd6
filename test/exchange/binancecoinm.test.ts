import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { BINANCE_REFUSALS } from './binance-refusals.js';
import {
  algoRow,
  balanceRow,
  emptyRow,
  EXCHANGE_INFO,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  SERVER_TIME,
} from './binancecoinm-fixtures.js';
import { failureOf } from './failures.js';
import { describeFaults } from './fault-table.js';
import { readerOf } from './readers.js';
import { describeRowFaults } from './row-faults.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

describeFaults({
  id: 'binancecoinm',
  scopes: 3,
  refusals: BINANCE_REFUSALS,
  endpoints: [
    { path: PATHS.exchangeInfo, healthy: EXCHANGE_INFO, serve: serveAccount },
    { path: PATHS.time, healthy: { serverTime: SERVER_TIME }, serve: serveAccount },
    { path: PATHS.positions, healthy: [positionRow('BTCUSD_PERP', '1')], serve: serveAccount },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSD_PERP', 1)], serve: serveAccount },
    { path: PATHS.openAlgoOrders, healthy: [algoRow('BTCUSD_PERP', 1)], serve: serveAccount },
    { path: PATHS.positionMode, healthy: { dualSidePosition: true }, serve: serveNoRows, spared: ['404'] },
  ],
});

const NO_TIME = { updateTime: 'a change without a time is as old as the read' };
const ANY_NAME = { clientOrderId: 'any text is one', clientAlgoId: 'any text is one' };

describeRowFaults({
  id: 'binancecoinm',
  endpoints: [
    {
      path: PATHS.positions,
      healthy: [positionRow('BTCUSD_PERP', '1'), positionRow('BTCUSD_260327', '-12'), emptyRow('ETHUSD_PERP')],
    },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSD_PERP', 1), orderRow('ETHUSD_PERP', 2)] },
    { path: PATHS.openAlgoOrders, healthy: [algoRow('BTCUSD_PERP', 1), algoRow('ETHUSD_PERP', 2)] },
    { path: PATHS.balance, healthy: [balanceRow('BTC', '1'), balanceRow('ETH', '0')] },
  ].map((endpoint) => ({ ...endpoint, serve: (wire) => serveAccount(wire).route(endpoint.path, endpoint.healthy) })),
  harmless: {
    [PATHS.positions]: NO_TIME,
    [PATHS.openOrders]: { ...NO_TIME, ...ANY_NAME },
    [PATHS.openAlgoOrders]: { ...NO_TIME, ...ANY_NAME },
    [PATHS.balance]: { asset: 'any text is a currency' },
  },
});

function serveNoRows(wire: WireServer): WireServer {
  return serveAccount(wire).route(PATHS.positions, []).route(PATHS.openOrders, []).route(PATHS.openAlgoOrders, []);
}

describe('a binancecoinm account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const read = async (balances = false) => (await readerOf('binancecoinm', wire)).readState({ balances });

  it('holds contracts as US dollars, perpetual and dated', async () => {
    expect(await read()).toMatchObject({
      asOf: SERVER_TIME,
      positionMode: 'one-way',
      scopes: ['orders:conditional:inverse', 'orders:regular:inverse', 'positions:inverse'],
      positions: [
        { symbol: 'BTC/USD:BTC', side: 'long', amount: '1200', changedAt: SERVER_TIME - 3_600_000 },
        { symbol: 'BTC/USD:BTC-260327', side: 'short', amount: '300' },
      ],
      orders: [
        { id: '1917641', symbol: 'ETH/USD:ETH', amount: '40', filled: '10', price: '60000', conditional: false },
        { id: '2148627', symbol: 'BTC/USD:BTC', amount: '500', triggerPrice: '55000.00', conditional: true },
      ],
      markets: {
        'BTC/USD:BTC': { amountStep: '100', minAmount: '100', contractSize: '100', price: '60000.70000003' },
        'ETH/USD:ETH': { amountStep: '10', contractSize: '10' },
        'BTC/USD:BTC-260327': { amountStep: '100', contractSize: '100' },
      },
    });
  });

  it('asks no more than it needs', async () => {
    await read();
    const { exchangeInfo, time, positions, openAlgoOrders, openOrders } = PATHS;
    expect(wire.paths).toEqual([exchangeInfo, time, positions, openAlgoOrders, openOrders, positions]);
  });

  it('is in hedge mode when the list has legs, although a BOTH row stands beside them', async () => {
    wire.route(PATHS.openOrders, []).route(PATHS.openAlgoOrders, []);
    wire.route(PATHS.positions, [
      emptyRow('BTCUSD_PERP'),
      positionRow('BTCUSD_PERP', '2', { positionSide: 'LONG' }),
      positionRow('BTCUSD_PERP', '-1', { positionSide: 'SHORT' }),
      emptyRow('ETHUSD_PERP'),
      emptyRow('ETHUSD_PERP', 'LONG'),
      emptyRow('ETHUSD_PERP', 'SHORT'),
    ]);
    const { positionMode, positions } = await read();
    expect(positionMode).toBe('hedge');
    expect(positions.map(({ side, amount }) => [side, amount])).toEqual([
      ['long', '200'],
      ['short', '100'],
    ]);
  });

  it.each([
    [[emptyRow('BTCUSD_PERP'), emptyRow('ETHUSD_PERP')], 'one-way'],
    [[emptyRow('BTCUSD_PERP'), emptyRow('BTCUSD_PERP', 'LONG'), emptyRow('BTCUSD_PERP', 'SHORT')], 'hedge'],
  ])('shows its mode also when it is flat, without being asked', async (rows, mode) => {
    serveNoRows(wire).route(PATHS.positions, rows);
    expect(await read()).toMatchObject({ positionMode: mode, positions: [], orders: [] });
    expect(wire.paths).not.toContain(PATHS.positionMode);
  });

  it('fails in both modes at once', async () => {
    wire.route(PATHS.positions, [
      positionRow('BTCUSD_PERP', '1'),
      positionRow('ETHUSD_PERP', '1', { positionSide: 'LONG' }),
    ]);
    expect(await failureOf(read())).toMatchObject({ kind: 'incomplete' });
  });

  it('names a dated contract that is not listed any more, and reads the rest', async () => {
    wire.route(PATHS.positions, [positionRow('BTCUSD_PERP', '1'), positionRow('BTCUSD_201225', '1')]);
    const { positions, unread } = await read();
    expect(positions).toMatchObject([{ symbol: 'BTC/USD:BTC', amount: '100' }]);
    expect(unread).toMatchObject([{ scope: 'positions:inverse', symbol: 'BTCUSD_201225', code: 'SYMBOL_UNKNOWN' }]);
  });

  it('has its wallet in coins', async () => {
    expect(await read(true)).toMatchObject({ balances: [{ currency: 'BTC', total: '0.0025' }], gaps: [] });
  });
});

describe('what became of a COIN-M order', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(PATHS.order, (_request, response) =>
      sendJson(response, { code: -2013, msg: 'Order does not exist.' }, 400),
    );
    wire.route(PATHS.allOrders, []).route(PATHS.userTrades, []);
  });
  afterEach(() => wire.stop());

  async function explain(fields: Partial<OpenOrder> = {}): Promise<MissingOrderExplanation | undefined> {
    const order: OpenOrder = {
      id: '1917641',
      clientOrderId: 'bot-1917641',
      symbol: 'BTC/USD:BTC',
      side: 'buy',
      type: 'limit',
      price: '60000',
      triggerPrice: null,
      amount: '400',
      filled: '0',
      conditional: false,
      changedAt: SERVER_TIME - 60_000,
      ...fields,
    };
    const reader = await readerOf('binancecoinm', wire, { now: () => SERVER_TIME });
    await reader.readState();
    return (await reader.explainMissingOrders([order]))[0];
  }

  it('that filled is told in US dollars', async () => {
    const filled = { status: 'FILLED', executedQty: '4', avgPrice: '60010.5', cumBase: '0.00666' };
    wire.route(PATHS.order, orderRow('BTCUSD_PERP', 1_917_641, filled));
    expect(await explain()).toMatchObject({ cause: 'filled', filled: '400', averagePrice: '60010.5' });
  });

  it('that only trades know is filled at the harmonic mean of their prices', async () => {
    const trade = { symbol: 'BTCUSD_PERP', id: 6, orderId: 1_917_641, pair: 'BTCUSD', side: 'BUY', time: SERVER_TIME };
    wire.route(PATHS.userTrades, [
      { ...trade, price: '50000', qty: '2' },
      { ...trade, price: '100000', qty: '2' },
    ]);
    expect(await explain()).toMatchObject({
      cause: 'filled',
      filled: '400',
      averagePrice: expect.stringMatching(/^66666\.6/),
    });
  });

  it('that is regular, young and unknown was never seen', async () => {
    expect(await explain()).toMatchObject({ cause: 'never_seen' });
  });

  it('that is conditional and unknown stays unknown: there is no question about one', async () => {
    expect(await explain({ conditional: true, type: 'stop_market', triggerPrice: '55000' })).toMatchObject({
      cause: 'unknown',
      source: expect.stringContaining('COIN-M conditional order'),
    });
  });

  it('that was a regular conditional order of the time before is found as such', async () => {
    wire.route(PATHS.order, orderRow('BTCUSD_PERP', 1_917_641, { status: 'CANCELED', type: 'STOP_MARKET' }));
    expect(await explain({ conditional: true })).toMatchObject({ cause: 'canceled' });
  });
});

describe('what happened to a COIN-M account by itself', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(PATHS.forceOrders, []).route(PATHS.allOrders, []).route(PATHS.income, []);
  });
  afterEach(() => wire.stop());

  const asked = async (symbols: string[], currencies: string[] = []) =>
    (await readerOf('binancecoinm', wire)).readVenueActions({ since: SERVER_TIME - 60_000, symbols, currencies });

  it('are liquidations, in US dollars', async () => {
    const forced = { status: 'FILLED', side: 'SELL', executedQty: '1', avgPrice: '11326.9', updateTime: SERVER_TIME };
    wire.route(PATHS.forceOrders, [
      orderRow('BTCUSD_PERP', 165123080, { ...forced, clientOrderId: 'autoclose-1596542005017000006' }),
    ]);
    expect(await asked(['BTC/USD:BTC'])).toEqual([
      { kind: 'liquidation', symbol: 'BTC/USD:BTC', change: '-100', price: '11326.9', at: SERVER_TIME },
    ]);
  });

  it('are settlements of dated contracts', async () => {
    const settled = { status: 'FILLED', side: 'BUY', executedQty: '3', avgPrice: '60500.1', updateTime: SERVER_TIME };
    wire.route(PATHS.allOrders, (request: WireRequest) =>
      request.query.get('symbol') === 'BTCUSD_260327'
        ? [
            orderRow('BTCUSD_260327', 7, { ...settled, clientOrderId: 'settlement_autoclose-1774598400000' }),
            orderRow('BTCUSD_260327', 8, settled),
          ]
        : [],
    );
    expect(await asked(['BTC/USD:BTC-260327'])).toEqual([
      { kind: 'settlement', symbol: 'BTC/USD:BTC-260327', change: '300', price: '60500.1', at: SERVER_TIME },
    ]);
  });

  it('leave out what belongs to USD-M, with which it shares one history', async () => {
    const row = { income: '-0.01000000', asset: 'BTC', info: '', time: SERVER_TIME, tranId: '9689322392', tradeId: '' };
    wire.route(PATHS.income, [
      { ...row, symbol: 'BTCUSD_PERP', incomeType: 'FUNDING_FEE' },
      { ...row, symbol: 'ETHBTC', incomeType: 'FUNDING_FEE' },
      { ...row, symbol: '', incomeType: 'TRANSFER', income: '-0.37500000', info: 'WITHDRAW' },
      { ...row, symbol: 'BTCUSD_260327', incomeType: 'DELIVERED_SETTELMENT' },
    ]);
    expect(await asked([], ['BTC'])).toEqual([
      { kind: 'funding', symbol: 'BTC', change: '-0.01', price: null, at: SERVER_TIME },
      { kind: 'transfer', symbol: 'BTC', change: '-0.375', price: null, at: SERVER_TIME },
    ]);
  });
});
