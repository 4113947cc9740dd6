import { spotExchange } from '../binance/spot.js';
import { readUsVenueActions } from '../binance/spot-venue-actions.js';

/*
 * Binance.US: Binance's spot API under its own address, with one wallet. Source: docs.binance.us ("Get Open Orders",
 * "Get All Account Orders", "Get User Account Information", "Get Crypto Deposit History", "Get Crypto Withdrawal
 * History", "Get Asset Distribution History"). Staked assets and OTC orders are not read.
 */

export const binanceus = spotExchange({
  id: 'binanceus',
  options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false },
  // One of ccxt's costs is one weight.
  budget: { perMinute: 600, burst: 300 },
  weightLimit: 1_200,
  hasWallets: false,
  readVenueActions: readUsVenueActions,
  auditsKey: false,
});
