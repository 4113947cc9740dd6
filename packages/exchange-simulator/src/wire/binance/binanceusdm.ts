import { BinanceError, binanceErrorOf } from './errors.js';
import { FUTURES_ACCOUNT } from './futures-account.js';
import { FUTURES_MARGIN } from './futures-margin.js';
import { FUTURES_MARKET_DATA } from './futures-market-data.js';
import { FUTURES_ORDERS } from './futures-orders.js';
import { symbolIdOf } from './futures-rows.js';
import { marketIds } from './route.js';
import { binanceWire } from './serve.js';
import { WALLET } from './wallet.js';
import type { Wire } from '../wire.js';

/**
 * Binance USD-M futures. Formats come from Binance's documentation; each page is named where its rows are made:
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info and the pages below it.
 *
 * Binance counts linear contracts in base units, so all linear markets are listed with a contract size of one.
 */
export const binanceusdm: Wire = binanceWire({
  id: 'binanceusdm',
  routes: [...FUTURES_MARKET_DATA, ...FUTURES_ACCOUNT, ...FUTURES_MARGIN, ...FUTURES_ORDERS, ...WALLET],
  markets: marketIds(symbolIdOf, ({ kind }) => kind === 'linear'),
  weightPerMinute: 2_400,
  errorOf: binanceErrorOf,

  /** "LIMITS" in general-info. */
  tooManyRequests({ verdict, until }, limit) {
    if (verdict === 'banned') {
      const text = `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`;
      return new BinanceError(418, -1003, text);
    }
    const text = `Too many requests; current limit is ${limit} requests per minute. Please use the websocket for live updates to avoid polling the API.`;
    return new BinanceError(429, -1003, text);
  },
});
