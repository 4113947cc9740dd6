import {
  answer,
  keyOf,
  NO_ROWS,
  orderRow,
  PATHS,
  positionRow,
  serveAccount,
  type AccountRows,
} from './bybit-fixtures.js';
import { describeRowFaults } from './row-faults.js';
import type { WireServer } from './wire-server.js';

const of = (part: string) => (request: { query: URLSearchParams }) => keyOf(request) === part;

const NO_TIME = 'a time that is not reported is allowed: the grace then begins with the observation';
const ANY_TEXT = 'any text is an id';

/** At least two rows in each list: a list without any name fails as a whole. */
const ROWS: AccountRows = {
  positions: {
    ...NO_ROWS.positions,
    'linear USDC': [
      positionRow('BTCPERP', 'Buy', '0.1', { positionIdx: 1 }),
      positionRow('BTCPERP', 'Sell', '0.2', { positionIdx: 2 }),
    ],
    inverse: [positionRow('BTCUSD', 'Sell', '1000'), positionRow('BTCUSD', '', '0', { positionIdx: 1 })],
  },
  orders: {
    ...NO_ROWS.orders,
    inverse: [
      orderRow('BTCUSD', 'c1', { qty: '100' }),
      orderRow('BTCUSD', 'c2', { qty: '200', takeProfit: '70000.00' }),
    ],
    spot: [
      orderRow('BTCUSDT', 'd1', {
        qty: '0.000011',
        price: '59999.99',
        marketUnit: '',
        stopLoss: '50000',
        parentOrderLinkId: 'p',
      }),
      orderRow('BTCUSDT', 'd2', { qty: '0.1' }),
    ],
  },
  coins: [
    { coin: 'USDT', walletBalance: '1000.10000000', spotBorrow: '0' },
    { coin: 'BTC', walletBalance: '0.30000000', spotBorrow: '' },
  ],
};

const serve = (wire: WireServer) => serveAccount(wire, ROWS);
const listed = (lists: Record<string, object[]>, path: string) => (part: string) => ({
  path,
  when: of(part),
  healthy: answer({ category: part.split(' ')[0], nextPageCursor: '', list: lists[part] }),
  serve,
});

describeRowFaults({
  id: 'bybit',
  endpoints: [
    ...['linear USDT', 'linear USDC', 'inverse'].map(listed(ROWS.positions, PATHS.positions)),
    ...['linear USDT', 'inverse', 'spot'].map(listed(ROWS.orders, PATHS.orders)),
    {
      path: PATHS.wallet,
      healthy: answer({ list: [{ accountType: 'UNIFIED', totalEquity: '1', coin: ROWS.coins }] }),
      serve,
    },
  ],
  harmless: {
    [PATHS.positions]: { updatedTime: NO_TIME },
    [PATHS.orders]: { updatedTime: NO_TIME, orderId: ANY_TEXT, orderLinkId: ANY_TEXT, parentOrderLinkId: ANY_TEXT },
  },
  wholeAnswer: {
    [PATHS.wallet]: { accountType: 'it says which wallet the whole answer is of', coin: 'it is the list' },
  },
});
