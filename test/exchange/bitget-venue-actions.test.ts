import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VenueActionQuestion } from '../../src/exchange/exchange-reader.js';
import {
  answer,
  BITGET_CREDENTIALS,
  entrusted,
  orderRow,
  PATHS,
  productOf,
  serveAccount,
  SERVER_TIME,
} from './bitget-fixtures.js';
import { cursorPageOf, serveUnified, UNIFIED_PATHS, unifiedOrder } from './bitget-unified-fixtures.js';
import { readerOf } from './readers.js';
import { type WireRequest, WireServer } from './wire-server.js';

const BTC = 'BTC/USDT:USDT';
const AT = SERVER_TIME - 1_000;

let wire: WireServer;
beforeEach(async () => {
  wire = await WireServer.start();
});
afterEach(() => wire.stop());

async function reported(question: Partial<VenueActionQuestion> = {}) {
  const reader = await readerOf('bitget', wire, { credentials: BITGET_CREDENTIALS, now: () => SERVER_TIME });
  return reader.readVenueActions({ since: SERVER_TIME - 60_000, symbols: [], currencies: [], ...question });
}

describe('what Bitget did to a classic account', () => {
  beforeEach(() => {
    serveAccount(wire)
      .route(PATHS.history, entrusted([]))
      .route(PATHS.bills, answer({ bills: null, endId: null }))
      .route(PATHS.spotBills, answer([]));
  });

  const forced = (id: number, tradeSide: string, fields: Record<string, unknown> = {}) =>
    orderRow('BTCUSDT', id, {
      status: 'filled',
      side: 'buy',
      tradeSide,
      baseVolume: '0.3',
      priceAvg: '55000.5',
      uTime: String(AT),
      ...fields,
    });

  it.each<[tradeSide: string, fields: Record<string, unknown>, kind: string | null, change: string]>([
    ['burst_close_long', {}, 'liquidation', '-0.3'],
    ['burst_close_short', { side: 'sell' }, 'liquidation', '0.3'],
    ['reduce_close_long', {}, 'liquidation', '-0.3'],
    ['offset_close_short', {}, 'liquidation', '0.3'],
    ['burst_sell_single', { side: 'sell' }, 'liquidation', '-0.3'],
    ['reduce_buy_single', {}, 'liquidation', '0.3'],
    ['sell_single', { side: 'sell', orderSource: 'liquidation' }, 'liquidation', '-0.3'],
    ['dte_sys_adl_close_short', {}, 'deleveraging', '0.3'],
    ['dte_sys_adl_sell_in_single_side_mode', { side: 'sell' }, 'deleveraging', '-0.3'],
    ['delivery_close_long', {}, 'settlement', '-0.3'],
    ['delivery_buy_single', {}, 'settlement', '0.3'],
    ['close', { orderSource: 'delivery_close_long' }, 'settlement', '0.3'],
    ['close', { orderSource: 'normal' }, null, ''],
    ['buy_single', {}, null, ''],
    ['burst_close_long', { baseVolume: '0', status: 'canceled' }, null, ''],
  ])('is by an order with %s %j: %s %s', async (tradeSide, fields, kind, change) => {
    wire.route(PATHS.history, entrusted([forced(1, tradeSide, fields)]));
    const acts = await reported({ symbols: [BTC] });
    expect(acts).toEqual(kind === null ? [] : [{ kind, symbol: BTC, change, price: '55000.5', at: AT }]);
  });

  const bill = (billId: number, businessType: string, amount: string, fields: Record<string, unknown> = {}) => ({
    billId: String(billId),
    symbol: 'BTCUSDT',
    amount,
    fee: '0',
    feeByCoupon: '',
    businessType,
    coin: 'USDT',
    balance: '1',
    cTime: String(AT),
    ...fields,
  });
  const usdtBills = (...bills: object[]) =>
    wire.route(PATHS.bills, (request: WireRequest) =>
      answer({ bills: productOf(request) === 'USDT-FUTURES' ? bills : null, endId: '1' }),
    );

  it.each<[string, string, string | null]>([
    ['contract_settle_fee', '-0.004992', 'funding'],
    ['settle_interest', '-0.1', 'interest'],
    ['trans_to_exchange', '-11.64958799', 'transfer'],
    ['trans_from_isolated', '11.5', 'transfer'],
    ['user_exchange_sell', '-3', 'conversion'],
    ['open_long', '0', null],
    ['append_margin', '5', null],
  ])('is a bill of futures with %s: %s', async (businessType, amount, kind) => {
    usdtBills(bill(2, businessType, amount), bill(1, 'contract_settle_fee', '9', { coin: 'SUSDT' }));
    const expected = kind === null ? [] : [{ kind, symbol: 'USDT', change: amount, price: null, at: AT }];
    expect(await reported({ currencies: ['USDT'] })).toEqual(expected);
  });

  it('is in all pages of the bills', async () => {
    const bills = Array.from({ length: 150 }, (_, at) =>
      bill(1_000 - at, at === 149 ? 'contract_settle_fee' : 'buy', '1'),
    );
    wire.route(PATHS.bills, ({ query }: WireRequest) => {
      const before = query.get('idLessThan');
      const from = before === null ? 0 : bills.findIndex(({ billId }) => Number(billId) < Number(before));
      const page = bills.slice(from, from + 100);
      return answer({ bills: page, endId: page.at(-1)?.billId });
    });
    expect(await reported({ currencies: ['USDT'] })).toMatchObject([{ kind: 'funding', change: '1' }]);
  });

  it.each<[string, string, string, string, string | null, string]>([
    ['deposit', 'DEPOSIT', '100', '0', 'deposit', '100'],
    ['withdraw', 'WITHDRAW', '-50', '-0.5', 'withdrawal', '-50.5'],
    ['transfer', 'transfer_out', '-11.64958799', '0.00000000', 'transfer', '-11.64958799'],
    ['transfer', 'transfer-in', '1', '0', 'transfer', '1'],
    ['transaction', 'DEDUCTION_HANDLING_FEE', '0.002', '0', 'fee', '-0.002'],
    ['convert', 'convert', '-3', '', 'conversion', '-3'],
    ['financial', 'something', '-7', '0', 'transfer', '-7'],
    ['transaction', 'BUY', '5', '0', null, ''],
  ])('is a bill of spot with %s and %s of %s', async (groupType, businessType, size, fees, kind, change) => {
    const row = { billId: '1', coin: 'usdt', groupType, businessType, size, balance: '1', fees, cTime: String(AT) };
    wire.route(PATHS.spotBills, answer([row]));
    const expected = kind === null ? [] : [{ kind, symbol: 'USDT', change, price: null, at: AT }];
    expect(await reported({ currencies: ['USDT'] })).toEqual(expected);
  });

  it('is asked for in 30 days at most, and for nothing where nothing is to be explained', async () => {
    expect(await reported({ since: 1_000, currencies: ['USDT'], symbols: [BTC] })).toEqual([]);
    for (const path of [PATHS.history, PATHS.bills, PATHS.spotBills]) {
      const query = wire.requests.find((request) => request.path === path)?.query;
      const days = (Number(query?.get('endTime')) - Number(query?.get('startTime'))) / 86_400_000;
      expect([path, days]).toEqual([path, 29]);
    }
    const before = wire.requests.length;
    await reported();
    expect(wire.paths.slice(before).filter((path) => /history|bill/.test(path))).toEqual([]);
  });

  it.each<[string, object]>([
    ['an error in a 200', { code: '40725', msg: 'service return an error', data: null }],
    ['an empty object', {}],
    ['a row without its amount', answer({ bills: [{ billId: '1', coin: 'USDT', businessType: 'buy' }] })],
  ])('is none where the answer is %s: it only ever explains', async (_what, body) => {
    wire.route(PATHS.bills, body);
    expect(await reported({ currencies: ['USDT'] })).toEqual([]);
  });
});

describe('what Bitget did to a unified account', () => {
  const nothing = answer({ list: null, cursor: null });
  beforeEach(() => {
    const { history, fills, records, fundingRecords, deposits, withdrawals } = UNIFIED_PATHS;
    serveUnified(wire);
    for (const path of [history, fills, records, fundingRecords]) wire.route(path, nothing);
    for (const path of [deposits, withdrawals]) wire.route(path, answer([]));
  });

  it.each<[string, string, string | null, string]>([
    ['liquidation', 'sell', 'liquidation', '-0.3'],
    ['reduce', 'buy', 'liquidation', '0.3'],
    ['offset', 'buy', 'liquidation', '0.3'],
    ['delivery', 'sell', 'settlement', '-0.3'],
    ['normal', 'sell', null, ''],
  ])('is by an order with %s, %s', async (execType, side, kind, change) => {
    const fields = {
      execType,
      side,
      orderStatus: 'filled',
      cumExecQty: '0.3',
      avgPrice: '55000',
      updatedTime: String(AT),
    };
    wire.route(
      UNIFIED_PATHS.history,
      cursorPageOf([unifiedOrder('BTCUSDT', 1, fields)], { query: new URLSearchParams() }),
    );
    const expected = kind === null ? [] : [{ kind, symbol: BTC, change, price: '55000', at: AT }];
    expect(await reported({ symbols: [BTC] })).toEqual(expected);
  });

  it('is a deleveraging of coin-margined contracts in contracts of 1 USD, as the trades say', async () => {
    const fill = {
      execId: '1',
      orderId: '2',
      category: 'COIN-FUTURES',
      symbol: 'BTCUSD_CM',
      side: 'buy',
      execPrice: '61000',
      execQty: '300',
      tradeSide: 'dte_sys_adl_buy_in_single_side_mode',
      createdTime: String(AT),
    };
    const trade = { ...fill, execId: '3', tradeSide: 'buy_single' };
    wire.route(UNIFIED_PATHS.fills, answer({ list: [trade, fill], cursor: '1' }));
    expect(await reported({ symbols: ['BTC/USD:BTC'] })).toEqual([
      { kind: 'deleveraging', symbol: 'BTC/USD:BTC', change: '300', price: '61000', at: AT },
    ]);
    const asked = wire.requests.find(({ path }) => path === UNIFIED_PATHS.history)?.query;
    expect(asked?.get('symbol')).toBe('BTCUSD_CM');
  });

  const record = (type: string, amount: string, fields: Record<string, unknown> = {}) => ({
    category: 'OTHER',
    id: '13111111111111111',
    symbol: '',
    coin: 'USDT',
    type,
    amount,
    fee: '0',
    balance: '1',
    ts: String(AT),
    ...fields,
  });
  const records = (category: string, ...rows: object[]) =>
    wire.route(UNIFIED_PATHS.records, ({ query }: WireRequest) =>
      answer({ list: query.get('category') === category ? rows : null, cursor: null }),
    );

  it.each<[string, string, string, string | null, string]>([
    ['USDT-FUTURES', 'CONTRACT_MAIN_SETTLE_FEE_USER_OUT', '0.05', 'funding', '-0.05'],
    ['USDT-FUTURES', 'CONTRACT_MAIN_SETTLE_FEE_USER_IN', '0.05', 'funding', '0.05'],
    ['USDT-FUTURES', 'FIXED_SETTLE_FEE_USER_OUT', '-0.05', 'funding', '-0.05'],
    ['OTHER', 'INTEREST_SETTLEMENT_OUT', '0.01', 'interest', '-0.01'],
    ['SPOT', 'ORDER_PLF_FEE_OUT', '0.02', 'fee', '-0.02'],
    ['OTHER', 'TRANSFER_OUT', '30', 'transfer', '-30'],
    ['OTHER', 'SYSTEM_TRANSFER_IN', '30', 'transfer', '30'],
    ['OTHER', 'SMALL_ASSET_SOURCE_TOKEN_USER_OUT', '1', 'conversion', '-1'],
    ['MARGIN', 'EXCHANGE_TARGET_TOKEN_USER_IN', '1', 'conversion', '1'],
    ['SPOT', 'ORDER_DEALT_IN', '1', null, ''],
    ['USDT-FUTURES', 'BURST_CLOSE_LONG', '-1', null, ''],
  ])('is a record of %s with %s', async (category, type, amount, kind, change) => {
    records(category, record(type, amount));
    const expected = kind === null ? [] : [{ kind, symbol: 'USDT', change, price: null, at: AT }];
    expect(await reported({ currencies: ['USDT'] })).toEqual(expected);
  });

  const passage = (size: string, fields: Record<string, unknown> = {}) => ({
    orderId: '1278112570963742720',
    recordId: '1278112570963742720',
    coin: 'usdt',
    dest: 'on_chain',
    size,
    status: 'success',
    createdTime: String(AT - 500),
    updatedTime: String(AT),
    ...fields,
  });

  it('are deposits and withdrawals that came to pass, each once', async () => {
    wire.route(UNIFIED_PATHS.deposits, answer([passage('100'), passage('7', { status: 'pending' })]));
    wire.route(UNIFIED_PATHS.withdrawals, answer([passage('50', { fee: '-0.5' }), passage('7', { coin: 'BTC' })]));
    // The same deposit in the trading account, a transfer of another amount, and the withdrawal in the funding wallet.
    records('OTHER', record('TRANSFER_IN', '100'), record('TRANSFER_IN', '30'));
    const withdrawn = record('withdraw', '-50', { groupType: 'withdraw', fee: undefined });
    const moved = record('transfer_out', '-30.00000000', { groupType: 'transfer', fee: undefined });
    wire.route(UNIFIED_PATHS.fundingRecords, answer({ list: [withdrawn, moved], cursor: '1' }));
    expect(await reported({ currencies: ['USDT'] })).toMatchObject([
      { kind: 'deposit', change: '100', at: AT },
      // Its size has the fee already.
      { kind: 'withdrawal', change: '-50', at: AT },
      { kind: 'transfer', change: '30' },
      { kind: 'transfer', change: '-30' },
    ]);
  });
});
