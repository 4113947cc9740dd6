import { spotExchange } from './spot.js';
import { readSpotVenueActions } from './spot-venue-actions.js';

/** Binance spot. See `spot.ts` for its API. */
export const binance = spotExchange({
  id: 'binance',
  options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false },
  // One of ccxt's costs is five of Binance's weights, so the limit is 1,200 costs.
  budget: { perMinute: 600, burst: 300 },
  weightLimit: 6_000,
  hasWallets: true,
  readVenueActions: readSpotVenueActions,
  auditsKey: true,
});
