import { BinanceError } from './errors.js';
import { marketIds } from './route.js';
import { binanceWire } from './serve.js';
import { SPOT_ACCOUNT } from './spot-account.js';
import { spotErrorOf } from './spot-errors.js';
import { SPOT_MARKET_DATA } from './spot-market-data.js';
import { SPOT_ORDER_LISTS } from './spot-order-lists.js';
import { SPOT_ORDERS } from './spot-orders.js';
import { symbolIdOf } from './spot-rows.js';
import { WALLET } from './wallet.js';
import type { Wire } from '../wire.js';

/**
 * Binance spot. Formats come from Binance's documentation; each page is named where its rows are made:
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-api-information and the pages beside it.
 *
 * Not modelled: margin, orders in one request with a cancel (cancelReplace), amending, and lists other than OCO.
 */
export const binance: Wire = binanceWire({
  id: 'binance',
  routes: [...SPOT_MARKET_DATA, ...SPOT_ACCOUNT, ...SPOT_ORDERS, ...SPOT_ORDER_LISTS, ...WALLET],
  markets: marketIds(symbolIdOf, ({ kind }) => kind === 'spot'),
  weightPerMinute: 6_000,
  errorOf: spotErrorOf,

  /** rest-api/limits, and -1003 in "Error codes". */
  tooManyRequests({ verdict, until }, limit) {
    const advice = 'Please use WebSocket Streams for live updates to avoid';
    return verdict === 'banned'
      ? new BinanceError(418, -1003, `Way too much request weight used; IP banned until ${until}. ${advice} bans.`)
      : new BinanceError(
          429,
          -1003,
          `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. ${advice} polling the API.`,
        );
  },
});
