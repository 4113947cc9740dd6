import { EXCHANGE_INFO, marketRow, PATHS, serveAccount, SERVER_TIME } from '../binancecoinm-fixtures.js';
import { sendJson, type WireServer } from '../wire-server.js';
import { COINM_PAST } from './binancecoinm-past.js';
import { COINM_STATE } from './binancecoinm.js';
import { describeForeignAnswers } from './foreign-answers.js';

const MARKETS = [
  ...EXCHANGE_INFO.symbols,
  marketRow('BTCUSD_200925', 'BTCUSD', 100, 'CURRENT_QUARTER', Date.UTC(2020, 8, 25, 8)),
  marketRow('BTCUSD_201225', 'BTCUSD', 100, 'NEXT_QUARTER', Date.UTC(2020, 11, 25, 8)),
];

/** An account that holds nothing, has no orders and knows of none. */
function serveEmpty(wire: WireServer): WireServer {
  serveAccount(wire)
    .route(PATHS.exchangeInfo, { ...EXCHANGE_INFO, symbols: MARKETS })
    .route(PATHS.balance, [{ asset: 'BTC', balance: '0.00000000' }]);
  for (const path of [
    PATHS.positions,
    PATHS.openOrders,
    PATHS.openAlgoOrders,
    PATHS.allOrders,
    PATHS.userTrades,
    PATHS.forceOrders,
    PATHS.income,
  ]) {
    wire.route(path, []);
  }
  return wire.route(PATHS.order, (_request, response) =>
    sendJson(response, { code: -2013, msg: 'Order does not exist.' }, 400),
  );
}

describeForeignAnswers({
  id: 'binancecoinm',
  serveEmpty,
  answers: [...COINM_STATE, ...COINM_PAST],
  now: SERVER_TIME,
  order: {
    id: null,
    clientOrderId: null,
    symbol: 'BTC/USD:BTC',
    side: 'buy',
    type: 'limit',
    price: '0.1',
    triggerPrice: null,
    amount: '100',
    filled: '0',
    conditional: false,
    changedAt: null,
  },
});
