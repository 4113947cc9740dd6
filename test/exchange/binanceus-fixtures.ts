import { ACCOUNT, EXCHANGE_INFO, orderRow, PATHS, PRICES, SERVER_TIME } from './binance-fixtures.js';
import type { WireServer } from './wire-server.js';

export { SERVER_TIME, PATHS } from './binance-fixtures.js';

/** Binance.US answers in the form of Binance spot (docs.binance.us), with one wallet and without TWAP orders. */
export function serveAccount(wire: WireServer): WireServer {
  return wire
    .route(PATHS.exchangeInfo, EXCHANGE_INFO)
    .route(PATHS.time, { serverTime: SERVER_TIME })
    .route(PATHS.account, ACCOUNT)
    .route(PATHS.prices, PRICES)
    .route(PATHS.openOrders, [
      orderRow('BTCUSDT', 28),
      orderRow('ETHUSDT', 30, { side: 'SELL', type: 'STOP_LOSS_LIMIT', stopPrice: '3000.00000000', isWorking: false }),
    ]);
}
