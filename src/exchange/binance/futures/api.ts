import { z } from 'zod';
import type { ReadRow } from '../../profile/unread.js';
import { get, type Endpoint } from '../../transport/endpoint.js';
import {
  ALGO_ORDERS,
  BALANCES,
  OPEN_ORDERS,
  PORTFOLIO_BALANCES,
  POSITIONS,
  STRATEGIES,
  type BalanceRow,
  type ConditionalRow,
  type OrderRow,
  type PositionRow,
} from './shapes.js';

/*
 * The questions of Binance's futures APIs: USD-M (fapi), COIN-M (dapi), and both again for accounts in portfolio margin mode
 * (papi), which fapi and dapi refuse with -2015.
 */

/** The contracts of an API: `um` is USD-M, `cm` is COIN-M. */
export type Contracts = 'um' | 'cm';

/** Makes the endpoint of a path below the API's own: "openOrders", "positionSide/dual". */
export type Question = <T>(
  path: string,
  shape: z.ZodType<T>,
  more?: Pick<Endpoint<T>, 'scope' | 'weight'>,
) => Endpoint<T>;

export interface FuturesApi {
  readonly contracts: Contracts;
  readonly question: Question;
  readonly positions: Endpoint<ReadRow<PositionRow>[]>;
  readonly openOrders: Endpoint<ReadRow<OrderRow>[]>;
  /** The lists of orders that wait for a trigger. */
  readonly conditional: readonly Endpoint<ReadRow<ConditionalRow>[]>[];
  readonly balances: Endpoint<ReadRow<BalanceRow>[]>;
  readonly positionMode: Endpoint<{ dualSidePosition: boolean }>;
}

const POSITION_MODE = z.object({ dualSidePosition: z.boolean() });

/** "positionSide/dual" of the prefix "fapiPrivateGet" is ccxt's "fapiPrivateGetPositionSideDual". */
function questionsOf(prefix: string, callPrefix: string): Question {
  return (path, shape, more) => get(`${prefix}/${path}`, `${callPrefix}${camel(path)}`, shape, more);
}

function camel(path: string): string {
  const parts = path.split('/').map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`);
  return parts.join('');
}

function futuresApi(
  contracts: Contracts,
  question: Question,
  own: Pick<FuturesApi, 'positions' | 'balances' | 'conditional'>,
): FuturesApi {
  const positionMode = question('positionSide/dual', POSITION_MODE);
  const openOrders = question('openOrders', OPEN_ORDERS, { scope: `orders:regular:${kindOf(contracts)}`, weight: 40 });
  return { contracts, question, openOrders, positionMode, ...own };
}

/** ccxt's kind of the contracts. */
export function kindOf(contracts: Contracts): 'linear' | 'inverse' {
  return contracts === 'um' ? 'linear' : 'inverse';
}

const USDM = questionsOf('/fapi/v1', 'fapiPrivateGet');
const USDM_V3 = questionsOf('/fapi/v3', 'fapiPrivateV3Get');

export const USDM_API = futuresApi('um', USDM, {
  positions: USDM_V3('positionRisk', POSITIONS, { scope: 'positions:linear', weight: 5 }),
  conditional: [USDM('openAlgoOrders', ALGO_ORDERS, { scope: 'orders:conditional:linear' })],
  balances: USDM_V3('balance', BALANCES, { scope: 'balances', weight: 5 }),
});

const COINM = questionsOf('/dapi/v1', 'dapiPrivateGet');

export const COINM_API = futuresApi('cm', COINM, {
  positions: COINM('positionRisk', POSITIONS, { scope: 'positions:inverse' }),
  conditional: [COINM('openAlgoOrders', ALGO_ORDERS, { scope: 'orders:conditional:inverse' })],
  balances: COINM('balance', BALANCES, { scope: 'balances' }),
});

/** The whole portfolio margin account: it has one list of balances for all contracts and for margin trading. */
const BALANCES_OF_PORTFOLIO = get('/papi/v1/balance', 'papiGetBalance', PORTFOLIO_BALANCES, { scope: 'balances' });

const PORTFOLIO_UM = questionsOf('/papi/v1/um', 'papiGetUm');

export const PORTFOLIO_UM_API = futuresApi('um', PORTFOLIO_UM, {
  positions: PORTFOLIO_UM('positionRisk', POSITIONS, { scope: 'positions:linear' }),
  // Since July 2026 new orders are in the second list. The first one is deprecated and still has the older ones.
  conditional: [
    PORTFOLIO_UM('conditional/openOrders', STRATEGIES, { scope: 'orders:conditional:linear' }),
    PORTFOLIO_UM('algo/openAlgoOrders', ALGO_ORDERS, { scope: 'orders:conditional:linear' }),
  ],
  balances: BALANCES_OF_PORTFOLIO,
});

const PORTFOLIO_CM = questionsOf('/papi/v1/cm', 'papiGetCm');

export const PORTFOLIO_CM_API = futuresApi('cm', PORTFOLIO_CM, {
  positions: PORTFOLIO_CM('positionRisk', POSITIONS, { scope: 'positions:inverse' }),
  conditional: [PORTFOLIO_CM('conditional/openOrders', STRATEGIES, { scope: 'orders:conditional:inverse' })],
  balances: BALANCES_OF_PORTFOLIO,
});

/** Whether the account of an API is in portfolio margin mode. */
export function isPortfolio(api: FuturesApi): boolean {
  return api === PORTFOLIO_UM_API || api === PORTFOLIO_CM_API;
}
