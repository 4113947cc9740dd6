import { EXCHANGE_INFO, marketRow, PATHS, serveAccount, SERVER_TIME } from '../binance-fixtures.js';
import { sendJson, type WireServer } from '../wire-server.js';
import { BINANCE_MOVES } from './binance-moves.js';
import { BINANCE_PAST } from './binance-past.js';
import { BINANCE_WALLETS } from './binance-wallets.js';
import { BINANCE_ORDERS } from './binance.js';
import { describeForeignAnswers } from './foreign-answers.js';

const MARKETS = [
  ...EXCHANGE_INFO.symbols,
  marketRow('LTCBTC', 'LTC', 'BTC', '0.00100000'),
  marketRow('LTCUSDT', 'LTC', 'USDT', '0.00100000'),
  marketRow('BNBBTC', 'BNB', 'BTC', '0.00100000'),
  marketRow('SOLUSDT', 'SOL', 'USDT', '0.00100000'),
];

/** An account that holds nothing, has no orders and knows of none. */
function serveEmpty(wire: WireServer): WireServer {
  serveAccount(wire)
    .route(PATHS.exchangeInfo, { ...EXCHANGE_INFO, symbols: MARKETS })
    .route(PATHS.account, { balances: [{ asset: 'BTC', free: '0.00000000', locked: '0.00000000' }] })
    .route(PATHS.openOrders, [])
    .route(PATHS.allOrders, [])
    .route(PATHS.myTrades, [])
    .route('/sapi/v1/capital/deposit/hisrec', [])
    .route('/sapi/v1/capital/withdraw/history', [])
    .route('/sapi/v1/asset/dribblet', { total: 0, userAssetDribblets: [] })
    .route('/sapi/v1/convert/tradeFlow', { list: [] })
    .route('/sapi/v1/asset/assetDividend', { rows: [], total: 0 })
    .route('/sapi/v1/asset/transfer', { total: 0 });
  return wire.route(PATHS.order, (_request, response) =>
    sendJson(response, { code: -2013, msg: 'Order does not exist.' }, 400),
  );
}

describeForeignAnswers({
  id: 'binance',
  serveEmpty,
  answers: [...BINANCE_ORDERS, ...BINANCE_WALLETS, ...BINANCE_PAST, ...BINANCE_MOVES],
  now: SERVER_TIME,
  order: {
    id: null,
    clientOrderId: null,
    symbol: 'LTC/BTC',
    side: 'buy',
    type: 'limit',
    price: '0.1',
    triggerPrice: null,
    amount: '1',
    filled: '0',
    conditional: false,
    changedAt: null,
  },
});
