import { describe } from '@jest/globals';
import { EXCHANGE_INFO, marketRow, PATHS, serveFlatAccount, SERVER_TIME } from '../binanceusdm-fixtures.js';
import { sendJson, type WireServer } from '../wire-server.js';
import { USDM_MOVES } from './binanceusdm-moves.js';
import { USDM_ORDERS } from './binanceusdm-orders.js';
import { USDM_PAST } from './binanceusdm-past.js';
import { PORTFOLIO } from './binanceusdm-portfolio.js';
import { USDM_POSITIONS } from './binanceusdm.js';
import { describeForeignAnswers } from './foreign-answers.js';

const MARKETS = [
  ...EXCHANGE_INFO.symbols,
  ...['ADA', 'COMP', 'BNB', 'XEM', 'DYDX'].map((base) => marketRow(`${base}USDT`, base, 'USDT', '0.01')),
  marketRow('XRPUSDC', 'XRP', 'USDC', '0.1'),
];

const UNKNOWN = { code: -2013, msg: 'Order does not exist.' };

/** An account that holds nothing, has no orders and knows of none. */
function serveEmpty(wire: WireServer): WireServer {
  serveFlatAccount(wire)
    .route(PATHS.exchangeInfo, { ...EXCHANGE_INFO, symbols: MARKETS })
    .route(PATHS.allOrders, [])
    .route(PATHS.userTrades, [])
    .route('/fapi/v1/forceOrders', [])
    .route('/fapi/v1/income', []);
  for (const path of [PATHS.order, PATHS.algoOrder]) {
    wire.route(path, (_request, response) => sendJson(response, UNKNOWN, 400));
  }
  return wire;
}

/** The same under papi, while fapi refuses the key. */
function servePortfolio(wire: WireServer): WireServer {
  serveEmpty(wire);
  const refused = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
  for (const path of [PATHS.positions, PATHS.openOrders, PATHS.openAlgoOrders, PATHS.positionMode, PATHS.balance]) {
    wire.route(path, (_request, response) => sendJson(response, refused, 401));
  }
  wire.route(PATHS.accountInfo, { vipLevel: 0, isPortfolioMarginRetailEnabled: true });
  const lists = [
    'positionRisk',
    'openOrders',
    'conditional/openOrders',
    'algo/openAlgoOrders',
    'allOrders',
    'userTrades',
  ];
  for (const path of [...lists, 'forceOrders', 'income', 'algo/allAlgoOrders']) wire.route(`/papi/v1/um/${path}`, []);
  for (const path of ['order', 'conditional/orderHistory']) {
    wire.route(`/papi/v1/um/${path}`, (_request, response) => sendJson(response, UNKNOWN, 400));
  }
  const nothing = {
    totalWalletBalance: '0.0',
    crossMarginBorrowed: '0.0',
    crossMarginInterest: '0.0',
    negativeBalance: '0.0',
  };
  return wire
    .route('/papi/v1/um/positionSide/dual', { dualSidePosition: false })
    .route('/papi/v1/balance', [{ asset: 'USDT', ...nothing }]);
}

const ORDER = {
  id: null,
  clientOrderId: null,
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  type: 'limit',
  price: '0.1',
  triggerPrice: null,
  amount: '1',
  filled: '0',
  conditional: false,
  changedAt: null,
} as const;

describeForeignAnswers({
  id: 'binanceusdm',
  serveEmpty,
  answers: [...USDM_POSITIONS, ...USDM_ORDERS, ...USDM_PAST, ...USDM_MOVES],
  order: ORDER,
  now: SERVER_TIME,
});

describe('in portfolio margin mode', () => {
  describeForeignAnswers({
    id: 'binanceusdm',
    serveEmpty: servePortfolio,
    answers: PORTFOLIO,
    order: ORDER,
    now: SERVER_TIME,
  });
});
