import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import {
  deliveryPath,
  futuresAccount,
  futuresPath,
  NO_ROWS,
  orderRow,
  page,
  PATHS,
  positionRow,
  priceOrderRow,
  serveAccount,
  spotOrderRow,
  spotPage,
  trailRow,
  trails,
  type AccountRows,
} from './gate-fixtures.js';
import { readerOf } from './readers.js';
import { describeRowFaults } from './row-faults.js';
import { WireServer, type WireRequest } from './wire-server.js';

const DATED = 'BTC_USDT_20251226';
const USDT = (path: string): string => futuresPath('usdt', path);

/** Every list has a row after the one that is spoiled. */
const DELIVERY = {
  account: futuresAccount('USDT'),
  positions: [positionRow(DATED, 7), positionRow('BTC_USDT_20260327', -3)],
  orders: [orderRow(DATED, 601), orderRow(DATED, 600)],
  priceOrders: [priceOrderRow(DATED, 604), priceOrderRow(DATED, 603)],
};
const TRAILS = trails([trailRow('BTC_USDT', 309), trailRow('BTC_USDT', 308)]);
const SOME: AccountRows = { ...NO_ROWS, usdt: { ...NO_ROWS.usdt, trails: TRAILS }, delivery: DELIVERY };
const serve = (wire: WireServer): WireServer => serveAccount(wire, SOME);

/** The first page of a list, by offset or by number. */
function first({ query }: { query: URLSearchParams }): boolean {
  return (query.get('offset') ?? '0') === '0' && (query.get('page_num') ?? '1') === '1';
}

const OWN_TEXT = 'only a text with the prefix "t-" is a client order id; any other names the origin of the order';
const TIME = 'a change time that is not reported is null';
const CLOSES = 'an order with a size has its side from the sign of the size';

describeRowFaults({
  id: 'gate',
  endpoints: [
    { path: USDT('positions'), healthy: SOME.usdt.positions, serve },
    { path: USDT('orders'), healthy: SOME.usdt.orders, serve },
    { path: USDT('price_orders'), healthy: SOME.usdt.priceOrders, serve },
    { path: USDT('autoorder/v1/trail/list'), healthy: SOME.usdt.trails, serve },
    { path: deliveryPath('positions'), healthy: DELIVERY.positions, serve },
    { path: deliveryPath('orders'), healthy: DELIVERY.orders, serve },
    { path: deliveryPath('price_orders'), healthy: DELIVERY.priceOrders, serve },
    { path: PATHS.spotOrders, healthy: spotPage(SOME.spotOrders, { query: new URLSearchParams() }), serve },
    { path: PATHS.spotPriceOrders, healthy: SOME.spotPriceOrders, serve },
    { path: PATHS.spotAccounts, healthy: SOME.coins, serve },
  ].map((endpoint) => ({ ...endpoint, when: first })),
  harmless: {
    [USDT('positions')]: { update_time: TIME },
    [USDT('orders')]: { text: OWN_TEXT, update_time: TIME, create_time: TIME },
    [USDT('price_orders')]: { create_time: TIME, order_type: CLOSES },
    [USDT('autoorder/v1/trail/list')]: { text: OWN_TEXT, updated_at: TIME, created_at: TIME },
    [deliveryPath('positions')]: { update_time: TIME },
    [deliveryPath('orders')]: { text: OWN_TEXT, update_time: TIME, create_time: TIME },
    [deliveryPath('price_orders')]: { create_time: TIME, order_type: CLOSES },
    [PATHS.spotPriceOrders]: { ctime: TIME },
    [PATHS.spotAccounts]: { currency: 'any word is the name of a currency' },
  },
});

describe('one row of a gate account', () => {
  let wire: WireServer;
  let reader: ExchangeInspector;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start(), { ...SOME, usdt: { ...SOME.usdt, priceOrders: [] } });
    reader = await readerOf('gate', wire);
  });
  afterEach(() => wire.stop());

  const FUTURES = 'linear:USDT';
  it.each<[what: string, path: string, answer: unknown, scope: string, symbol: string, code: string, reason: string]>([
    [
      'of a contract that the list of contracts leaves out',
      USDT('positions'),
      [positionRow('NEW_USDT', 1), positionRow('BTC_USDT', 5_000)],
      `positions:${FUTURES}`,
      'NEW_USDT',
      'SYMBOL_UNKNOWN',
      'names "NEW_USDT"',
    ],
    [
      'of a mode that is not known',
      USDT('positions'),
      [positionRow('ETH_USDT', 1, { mode: 'dual_plus_long' })],
      `positions:${FUTURES}`,
      'ETH/USDT:USDT',
      'ROW_UNREADABLE',
      'mode is "dual_plus_long"; known are single, dual_long, dual_short',
    ],
    [
      'of a long leg below zero',
      USDT('positions'),
      [positionRow('BTC_USDT', -1, { mode: 'dual_long' })],
      `positions:${FUTURES}`,
      'BTC/USDT:USDT',
      'ROW_UNREADABLE',
      'a dual_long position of -1',
    ],
    [
      'of an order that is not open',
      USDT('orders'),
      [orderRow('BTC_USDT', 1, { status: 'frozen' })],
      `orders:regular:${FUTURES}`,
      'BTC/USDT:USDT',
      'ROW_UNREADABLE',
      'status is "frozen"',
    ],
    [
      'of an order with more left than its size',
      USDT('orders'),
      [orderRow('BTC_USDT', 1, { left: 101 })],
      `orders:regular:${FUTURES}`,
      'BTC/USDT:USDT',
      'ROW_UNREADABLE',
      'more left than its size',
    ],
    [
      'of an order that closes a position which is not there',
      USDT('price_orders'),
      [priceOrderRow('BTC_USDT', 1), priceOrderRow('ETH_USDT', 2, { contract: 'ADA_USDT', size: 0 })],
      `orders:conditional:${FUTURES}`,
      'ADA/USDT:USDT',
      'ROW_UNREADABLE',
      'order 2 with size 0 and not which side it closes',
    ],
    [
      'of a price order without its contract',
      USDT('price_orders'),
      [priceOrderRow('BTC_USDT', 2), priceOrderRow('SHIB_USDT', 1, { size: 'x' })],
      `orders:conditional:${FUTURES}`,
      'SHIB/USDT:USDT',
      'ROW_UNREADABLE',
      'initial.size is "x"',
    ],
    [
      'of a trailing order without an amount',
      USDT('autoorder/v1/trail/list'),
      trails([trailRow('BTC_USDT', 1, { amount: '' })]),
      `orders:conditional:${FUTURES}`,
      'BTC/USDT:USDT',
      'ROW_UNREADABLE',
      'amount is ""',
    ],
    [
      'of a pair that does not say how many orders it has',
      PATHS.spotOrders,
      [{ currency_pair: 'BTC_USDT', orders: [] }],
      'orders:regular:spot',
      'BTC/USDT',
      'ROW_UNREADABLE',
      'total is missing',
    ],
    [
      'of a spot order whose amount may be in either currency',
      PATHS.spotOrders,
      [{ currency_pair: 'ETH_USDT', total: 1, orders: [spotOrderRow('ETH_USDT', '1', { type: 'market_quote' })] }],
      'orders:regular:spot',
      'ETH/USDT',
      'ROW_UNREADABLE',
      'type is "market_quote"',
    ],
    [
      'of a currency without an amount',
      PATHS.spotAccounts,
      [{ currency: 'BTC', available: '', locked: '0' }],
      'balances',
      'BTC',
      'ROW_UNREADABLE',
      'available is ""',
    ],
  ])('%s costs only its symbol', async (_what, path, answer, scope, symbol, code, reason) => {
    const healthy = await reader.readState();
    wire.route(path, (request: WireRequest) =>
      Array.isArray(answer) ? page(answer, request) : first(request) ? answer : trails([]),
    );
    const { unread, scopes } = await reader.readState();
    expect(unread).toEqual([{ scope, symbol, code, reason: expect.stringContaining(reason) }]);
    expect(scopes).toEqual(healthy.scopes);
  });

  it('leaves the other rows of the same list', async () => {
    const rows = [positionRow('NEW_USDT', 1), positionRow('BTC_USDT', 5_000), positionRow('ETH_USDT', 0, { mode: '' })];
    serve(wire).route(USDT('positions'), (request: WireRequest) => page(rows, request));
    const { positions, unread } = await reader.readState();
    expect(positions.map(({ symbol }) => symbol)).toContain('BTC/USDT:USDT');
    // A position of zero holds nothing, whatever its other fields say.
    expect(unread).toHaveLength(2);
    expect(unread).toContainEqual(expect.objectContaining({ symbol: 'NEW_USDT', scope: 'positions:linear:USDT' }));
    // The order that closes the whole ETH position no longer has a side, because the position gave it.
    expect(unread).toContainEqual(
      expect.objectContaining({ symbol: 'ETH/USDT:USDT', reason: expect.stringContaining('order 207 with size 0') }),
    );
  });
});
