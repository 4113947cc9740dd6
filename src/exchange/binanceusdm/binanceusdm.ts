import { z } from 'zod';
import { decimalText, get, word } from '../transport/endpoint.js';
import {
  auditBinanceKey,
  BINANCE_CODES,
  BINANCE_LIMITS,
  binanceCodeOf,
  binanceUsageOf,
  SERVER_TIME,
} from '../binance/common.js';
import { futuresAccount } from '../binance/futures/account.js';
import { PORTFOLIO_UM_API, USDM_API } from '../binance/futures/api.js';
import { futuresMissingOrders } from '../binance/futures/missing-orders.js';
import type { FuturesApis } from '../binance/futures/portfolio-margin.js';
import { readFuturesVenueActions } from '../binance/futures/venue-actions.js';
import { knownPricesOf } from '../profile/known-market.js';
import { defineExchange } from '../profile/define-exchange.js';

/*
 * Binance USD-M futures. Source: developers.binance.com/docs/derivatives/usds-margined-futures
 *
 * - GET /fapi/v3/positionRisk gives a row for each symbol with a position or an open order, in both position modes:
 *   positionSide BOTH with a signed positionAmt, or LONG and SHORT rows. The sign of positionAmt decides; ccxt takes the side
 *   from `notional`.
 * - GET /fapi/v1/openOrders without a symbol gives all regular orders, unpaged (weight 40).
 * - Since December 2025 conditional orders live in the algo service: GET /fapi/v1/openAlgoOrders (weight 40).
 * - TWAP and VP orders have a list of their own, see `algo-orders.ts`.
 * - Accounts in portfolio margin mode are read through papi, see `portfolio-margin.ts`.
 */

const EXCHANGE_INFO = get(
  '/fapi/v1/exchangeInfo',
  null,
  z.object({
    symbols: z
      .array(z.object({ symbol: word, baseAsset: word, quoteAsset: word, marginAsset: word, contractType: z.string() }))
      .min(1),
  }),
);

const TIME = get('/fapi/v1/time', 'fapiPublicGetTime', SERVER_TIME);

const MARK_PRICES = get(
  '/fapi/v1/premiumIndex',
  'fapiPublicGetPremiumIndex',
  z.array(z.object({ symbol: word, markPrice: decimalText })).min(1),
  // Without a symbol.
  { weight: 10 },
);

const APIS: FuturesApis = { classic: USDM_API, portfolio: PORTFOLIO_UM_API };

/** Weight a minute and address. Source: rateLimits of exchangeInfo. */
const WEIGHT_LIMIT = 2_400;

export const binanceusdm = defineExchange({
  id: 'binanceusdm',
  options: { fetchMarkets: { types: ['linear'] } },
  marketEndpoints: [EXCHANGE_INFO],
  budget: { perMinute: 1_200, burst: 600 },
  marketKinds: ['linear'],
  codeOf: binanceCodeOf,
  codes: BINANCE_CODES,
  limits: BINANCE_LIMITS,
  usageOf: binanceUsageOf(WEIGHT_LIMIT),
  // Some servers in Binance's format have no /time. Then the Date header of an answer counts.
  account: futuresAccount(APIS, async (session) => (await session.askIfThere(TIME))?.serverTime ?? null),
  missingOrders: futuresMissingOrders(APIS),
  readVenueActions: (session, question) => readFuturesVenueActions(session, APIS, question),
  auditKey: auditBinanceKey,
  readContractPrices: async (session) => {
    const rows = await session.ask(MARK_PRICES);
    return knownPricesOf(session, ['linear'], new Map(rows.map(({ symbol, markPrice }) => [symbol, markPrice])));
  },
});
