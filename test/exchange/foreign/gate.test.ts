import {
  contract,
  deliveryPath,
  futuresPath,
  NO_ROWS,
  PAIRS,
  PATHS,
  refusal,
  serveAccount,
  SERVER_TIME,
} from '../gate-fixtures.js';
import { trails } from '../gate-fixtures.js';
import { CREDENTIALS } from '../readers.js';
import { describeForeignAnswers } from './answer-table.js';
import { GATE_ANSWERS } from './gate.js';

const NONE = { ...NO_ROWS.usdt, positions: [], orders: [], priceOrders: [], trails: trails([]) };
const USDT = (path: string): string => futuresPath('usdt', path);
const NO_ORDER = refusal('ORDER_NOT_FOUND', 404);

const CONTRACTS = [
  contract('BTC_USDT', '0.0001'),
  contract('LTC_USDT', '0.1'),
  // As recorded: 0.1 of a contract of 100 can be traded.
  { ...contract('LAB_USDT', '100'), enable_decimal: true, order_size_min: '0.1' },
];

describeForeignAnswers({
  id: 'gate',
  credentials: CREDENTIALS,
  now: SERVER_TIME,
  answers: GATE_ANSWERS,
  serve: (wire) => {
    serveAccount(wire, {
      ...NO_ROWS,
      usdt: NONE,
      btc: { ...NONE, account: null },
      spotOrders: {},
      spotPriceOrders: [],
      coins: [],
    })
      .route(USDT('contracts'), CONTRACTS)
      .route(PATHS.pairs, [...PAIRS, ...['ETH_BTC', 'GT_USDT'].map((id) => ({ ...PAIRS[0], id }))])
      .route(USDT('liquidates'), [])
      .route(USDT('auto_deleverages'), [])
      .route(USDT('my_trades_timerange'), [])
      .route(deliveryPath('liquidates'), [])
      .route(deliveryPath('settlements'), [])
      .route(PATHS.spotBook, [])
      .route('/api/v4/spot/my_trades', [])
      .route(USDT('my_trades'), []);
    for (const id of ['299207900260000001', '15675394', '545340000001']) wire.route(USDT(`orders/${id}`), NO_ORDER);
    wire.route('/api/v4/spot/orders/1852454420', NO_ORDER).route('/api/v4/spot/orders', []);
  },
});
