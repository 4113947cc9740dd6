import {
  answer,
  contract,
  CONTRACTS,
  KUCOIN_CREDENTIALS,
  PATHS,
  ROWS,
  serveAccount,
  SERVER_TIME,
} from '../kucoin-fixtures.js';
import { SYMBOLS } from '../kucoin-fixtures.js';
import { sendJson, type Route } from '../wire-server.js';
import { describeForeignAnswers } from './answer-table.js';
import { HISTORY } from './kucoin-history.js';
import { OCO_DETAILS, ORDERS } from './kucoin-orders.js';
import { POSITIONS, WALLETS } from './kucoin-state.js';

const NONE = { ...ROWS, positions: [], spotStops: [], futures: [], futuresStops: [], accounts: [], oldSpot: [] };
const NO_ORDER: Route = (_request, response) => sendJson(response, { code: '400100', msg: 'order not exist.' });

const MORE = [
  contract('LTCUSDTM', { baseCurrency: 'LTC', multiplier: 0.1 }),
  contract('ETHUSDM', {
    rootSymbol: 'ETH',
    baseCurrency: 'ETH',
    quoteCurrency: 'USD',
    settleCurrency: 'ETH',
    multiplier: -1,
    isInverse: true,
  }),
];

/** Orders of histories that are asked about, at every place that could know them. */
const ASKED = [
  '/api/v1/orders/129888283820000001',
  '/api/v1/hf/orders/67c1437ea5226600071c0001',
  '/api/v1/orders/67c1437ea5226600071c0001',
  '/api/v1/stop-order/vs93gptvr9t2fsql003l0001',
  '/api/v3/oco/order/vs93gptvr9t2fsql003l0001',
  '/api/v1/stop-order/6572fdd65723280007de0001',
  '/api/v3/oco/order/6572fdd65723280007de0001',
];

describeForeignAnswers({
  id: 'kucoin',
  credentials: KUCOIN_CREDENTIALS,
  now: SERVER_TIME,
  answers: [...POSITIONS, ...ORDERS, ...WALLETS, ...HISTORY],
  serve: (wire) => {
    serveAccount(wire, { ...NONE, spot: { 'BTC-USDT': [{}] } })
      .route(PATHS.spotOrders, answer({ currentPage: 1, pageSize: 50, totalNum: 0, totalPage: 0, items: [] }))
      .route(PATHS.contracts, answer([...CONTRACTS, ...MORE]))
      .route(PATHS.symbols, answer([...SYMBOLS, { ...SYMBOLS[0], symbol: 'LTC-USDT', baseCurrency: 'LTC' }]))
      .route(`${PATHS.ocoDetails}/${OCO_DETAILS.orderId}`, answer(OCO_DETAILS))
      .route(PATHS.futuresFills, answer({ items: [] }))
      .route(PATHS.spotFills, answer({ items: [] }))
      .route(PATHS.hfLedger, answer([]));
    for (const path of ASKED) wire.route(path, NO_ORDER);
  },
});
