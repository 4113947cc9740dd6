import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { deliveryPath, futuresPath, PATHS, serveAccount, SERVER_TIME } from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const USDT = (path: string): string => futuresPath('usdt', path);
const SINCE = SERVER_TIME - 3_600_000;
const AT = SERVER_TIME / 1000 - 60;
const BTC = 'BTC/USDT:USDT';

let wire: WireServer;
let reader: ExchangeInspector;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start())
    .route(USDT('liquidates'), [])
    .route(USDT('auto_deleverages'), [])
    .route(USDT('my_trades_timerange'), [])
    .route(PATHS.spotBook, []);
  reader = await readerOf('gate', wire);
});
afterEach(() => wire.stop());

describe('what gate did to a contract', () => {
  const ask = (symbol: string) => reader.readVenueActions({ since: SINCE, symbols: [symbol], currencies: [] });

  it('is a liquidation of the position, in the opposite direction, at the price of its order', async () => {
    wire.route(USDT('liquidates'), [
      { time: AT, contract: 'BTC_USDT', size: '600', order_id: 31, order_price: '3405', fill_price: '3424', left: '0' },
    ]);
    const action = { kind: 'liquidation', symbol: BTC, change: '-0.06', price: '3424', at: AT * 1000 };
    expect(await ask(BTC)).toEqual([action]);
    expect(wire.requests.at(-1)?.query.get('from')).toBe(String(SINCE / 1000));
  });

  it('is auto-deleveraging by the size that was traded', async () => {
    wire.route(USDT('auto_deleverages'), [
      { time: AT, contract: 'ADA_USDT', order_id: 73, fill_price: '0.5', position_size: '1', trade_size: '-10.5' },
    ]);
    expect(await ask('ADA/USDT:USDT')).toMatchObject([{ kind: 'deleveraging', change: '-105', price: '0.5' }]);
  });

  it('is a settlement where trades cleared a delisted contract; other trades are not of the exchange', async () => {
    const trade = { create_time: AT, contract: 'BTC_USDT', order_id: '1', price: '9.5', size: '-100' };
    wire.route(USDT('my_trades_timerange'), [
      { ...trade, text: 'clear' },
      { ...trade, text: 't-mine' },
      { ...trade, text: 'web' },
    ]);
    expect(await ask(BTC)).toEqual([{ kind: 'settlement', symbol: BTC, change: '-0.01', price: '9.5', at: AT * 1000 }]);
  });

  it('is a settlement of a dated contract, by its own record', async () => {
    const row = {
      time: AT,
      contract: 'BTC_USDT_20251226',
      size: '-600',
      settle_price: '3421.54',
      profit: '-6.8',
      fee: '0.03',
    };
    wire
      .route(deliveryPath('liquidates'), [])
      .route(deliveryPath('settlements'), [row, { ...row, time: SINCE / 1000 - 5 }]);
    expect(await ask('BTC/USDT:USDT-251226')).toMatchObject([
      { kind: 'settlement', change: '0.06', price: '3421.54', at: AT * 1000 },
    ]);
  });

  it('is nothing for a contract that is not known, and without an answer', async () => {
    expect(await ask('NEW/USDT:USDT')).toEqual([]);
    wire.route(USDT('liquidates'), {});
    expect(await ask(BTC)).toEqual([]);
  });
});

describe('what the spot book of gate says of a currency', () => {
  const row = (type: string, change: string, fields: object = {}) => ({
    id: `${type}-1`,
    time: AT * 1000,
    currency: 'USDT',
    change,
    balance: '10',
    type,
    text: '38',
    ...fields,
  });

  it.each([
    ['deposit', '1.03', 'deposit'],
    ['deposit_gatecode', '5', 'deposit'],
    ['airdrop', '3', 'deposit'],
    ['withdraw', '-2', 'withdrawal'],
    ['cancel_withdraw', '2', 'withdrawal'],
    ['margin_in', '-1', 'transfer'],
    ['perp_out', '7', 'transfer'],
    ['subaccount_trf', '-4', 'transfer'],
    ['lend', '-9', 'transfer'],
    ['dust_swap_dctd', '-0.001', 'conversion'],
    ['dust_swap_gt_add', '0.002', 'conversion'],
    ['order_fee', '-0.02', 'fee'],
    ['dust_swap_fee', '-0.0001', 'fee'],
    ['referral_rebate', '0.5', 'fee'],
    ['interest_out', '-0.1', 'interest'],
    ['interest_in', '0.1', 'interest'],
  ])('%s of %s is a %s', async (type, change, kind) => {
    wire.route(PATHS.spotBook, [row(type, change)]);
    const actions = await reader.readVenueActions({ since: SINCE, symbols: [], currencies: ['USDT'] });
    expect(actions).toEqual([{ kind, symbol: 'USDT', change, price: null, at: AT * 1000 }]);
  });

  it.each(['new_order', 'order_fill', 'cancel_order', 'deposit_rej', 'a_type_from_tomorrow'])(
    "%s is not the exchange's own act",
    async (type) => {
      wire.route(PATHS.spotBook, [row(type, '1'), row('deposit', '1', { currency: 'BTC' })]);
      expect(await reader.readVenueActions({ since: SINCE, symbols: [], currencies: ['USDT'] })).toEqual([]);
    },
  );
});
