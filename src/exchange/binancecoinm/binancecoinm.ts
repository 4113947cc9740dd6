import { z } from 'zod';
import { get, word } from '../transport/endpoint.js';
import {
  auditBinanceKey,
  BINANCE_CODES,
  BINANCE_LIMITS,
  binanceCodeOf,
  binanceUsageOf,
  SERVER_TIME,
} from '../binance/common.js';
import { futuresAccount } from '../binance/futures/account.js';
import { COINM_API, PORTFOLIO_CM_API } from '../binance/futures/api.js';
import { futuresMissingOrders } from '../binance/futures/missing-orders.js';
import type { FuturesApis } from '../binance/futures/portfolio-margin.js';
import { readFuturesVenueActions } from '../binance/futures/venue-actions.js';
import { defineExchange } from '../profile/define-exchange.js';

/*
 * Binance COIN-M futures: inverse contracts, perpetual and dated. Source:
 * developers.binance.com/docs/derivatives/coin-margined-futures, with "Important CM-UM Integration Notice" of June 2026.
 *
 * - Amounts are contracts: positionAmt, origQty and executedQty. One contract is worth `contractSize` of exchangeInfo in USD (100
 *   for BTC, 10 for the others), so amounts become USD.
 * - GET /dapi/v1/positionRisk gives every symbol that trades, most with a position of zero; in hedge mode with BOTH, LONG and
 *   SHORT rows.
 * - GET /dapi/v1/openOrders without a symbol gives all regular orders, unpaged (weight 40).
 * - Since June 2026 conditional orders live in the algo service: GET /dapi/v1/openAlgoOrders. There is no query for one of them.
 * - USD-M and COIN-M share the position mode, and the weight that an address may use.
 */

const EXCHANGE_INFO = get(
  '/dapi/v1/exchangeInfo',
  null,
  z.object({
    symbols: z.array(z.object({ symbol: word, baseAsset: word, quoteAsset: word, contractSize: word })).min(1),
  }),
);

const TIME = get('/dapi/v1/time', 'dapiPublicGetTime', SERVER_TIME);

const APIS: FuturesApis = { classic: COINM_API, portfolio: PORTFOLIO_CM_API };

/** Weight a minute and address, together with USD-M. Source: A.3 of the notice. */
const WEIGHT_LIMIT = 2_400;

export const binancecoinm = defineExchange({
  id: 'binancecoinm',
  options: { fetchMarkets: { types: ['inverse'] } },
  marketEndpoints: [EXCHANGE_INFO],
  // With USD-M's 1,800 the limit of an address that reads both.
  budget: { perMinute: 400, burst: 200 },
  marketKinds: ['inverse'],
  codeOf: binanceCodeOf,
  codes: BINANCE_CODES,
  limits: BINANCE_LIMITS,
  usageOf: binanceUsageOf(WEIGHT_LIMIT),
  account: futuresAccount(APIS, async (session) => (await session.ask(TIME)).serverTime),
  missingOrders: futuresMissingOrders(APIS),
  readVenueActions: (session, question) => readFuturesVenueActions(session, APIS, question),
  auditKey: auditBinanceKey,
});
