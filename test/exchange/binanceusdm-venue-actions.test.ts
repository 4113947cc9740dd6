import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VenueActionQuestion } from '../../src/exchange/exchange-reader.js';
import { orderRow, serveAccount, SERVER_TIME } from './binanceusdm-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const FORCE_ORDERS = '/fapi/v1/forceOrders';
const INCOME = '/fapi/v1/income';
const BTC = 'BTC/USDT:USDT';

/** As "User's Force Orders" shows them. */
function forced(side: string, executedQty: string, clientOrderId: string) {
  const fields = { side, executedQty, clientOrderId, avgPrice: '55000.1', status: 'FILLED', timeInForce: 'IOC' };
  return orderRow('BTCUSDT', 6071832819, { ...fields, origQty: executedQty, updateTime: SERVER_TIME - 1_000 });
}

/** As "Get Income History" shows it. */
function funding(income: string, asset = 'USDT') {
  return {
    symbol: 'BTCUSDT',
    incomeType: 'FUNDING_FEE',
    income,
    asset,
    info: 'FUNDING_FEE',
    time: SERVER_TIME - 2_000,
    tranId: 9689322392,
    tradeId: '',
  };
}

describe('what Binance did by itself', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    wire.route(FORCE_ORDERS, []);
    wire.route(INCOME, []);
  });
  afterEach(() => wire.stop());

  async function reported(question: Partial<VenueActionQuestion> = {}) {
    const reader = await readerOf('binanceusdm', wire);
    return reader.readVenueActions({ since: SERVER_TIME - 60_000, symbols: [], currencies: [], ...question });
  }

  it('are liquidations and deleveragings, with the change of the position and its price', async () => {
    wire.route(FORCE_ORDERS, [
      forced('SELL', '0.500', 'autoclose-1596107620040000020'),
      forced('BUY', '0.250', 'adl_autoclose'),
    ]);
    const act = { symbol: BTC, price: '55000.1', at: SERVER_TIME - 1_000 };
    expect(await reported({ symbols: [BTC] })).toEqual([
      { kind: 'liquidation', change: '-0.5', ...act },
      { kind: 'deleveraging', change: '0.25', ...act },
    ]);
    const [asked] = wire.requests.filter(({ path }) => path === FORCE_ORDERS);
    expect(asked?.query.get('symbol')).toBe('BTCUSDT');
    expect(asked?.query.get('startTime')).toBe(String(SERVER_TIME - 60_000));
  });

  it('are the funding of the currencies asked for, each payment exactly', async () => {
    wire.route(INCOME, [funding('-0.37500000'), funding('0.1', 'USDC'), funding('1e-8')]);
    const paid = { kind: 'funding', symbol: 'USDT', price: null, at: SERVER_TIME - 2_000 };
    expect(await reported({ currencies: ['USDT'] })).toEqual([
      { ...paid, change: '-0.375' },
      { ...paid, change: '0.00000001' },
    ]);
  });

  it('are asked for nothing where nothing is to be explained', async () => {
    expect(await reported()).toEqual([]);
    expect(wire.paths.filter((path) => [FORCE_ORDERS, INCOME].includes(path))).toEqual([]);
  });

  it.each<[string, object]>([
    ['an error in a 200', { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' }],
    ['an empty object', {}],
    ['a row without its amount', [{ symbol: 'BTCUSDT', side: 'SELL' }]],
  ])('are none where the answer is %s: they only ever explain', async (_what, body) => {
    wire.route(FORCE_ORDERS, body);
    expect(await reported({ symbols: [BTC] })).toEqual([]);
  });
});
