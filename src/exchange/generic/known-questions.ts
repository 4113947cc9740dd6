import { z } from 'zod';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { Endpoint } from '../transport/endpoint.js';

/*
 * Questions of ccxt's classes that are known to cover all of a scope, so that an empty answer means that there is nothing.
 *
 * - The question carries no symbol, and the exchange documents the symbol as optional ("all" without it).
 * - `endpoint` is the one request that ccxt sends for it, with the list in its answer. ccxt reads an answer without the list as
 *   empty; here it is refused. Another request than this one is not sent.
 * - A list with pages is complete only if it is shorter than one page.
 *
 * What an id has no question for is a gap. Sources: mexc.com/api-docs/futures ("Get open positions", "Get the current
 * pending orders"); docs.deribit.com (private/get_positions, private/get_open_orders_by_currency); bingx-api.github.io
 * ("Query position data", "Current All Open Orders"); docs.coinex.com/api/v2 ("Get Current Position", "Get Unfilled
 * Order", "Get Unfilled Stop Order"); developer.woox.io ("Get Futures Positions", "Get Orders", "Get Algo Orders");
 * docs.kraken.com ("Get Open Orders"). Each id here has a test in its own format.
 */

export interface KnownQuestion {
  method: 'fetchPositions' | 'fetchOpenOrders';
  params?: Readonly<Record<string, unknown>>;
  endpoint: Endpoint<unknown>;
  /** What the answer covers completely. */
  covers: readonly Scope[];
  /** A list as long as this may be one page of more. Absent: the list has no pages. */
  page?: number;
  /** The field of the exchange's own row with the size of a position, where ccxt takes another one. */
  size?: string;
}

interface Known {
  questions: readonly KnownQuestion[];
  /** "1" where amounts are in the market's unit already, and ccxt's contract size does not apply. */
  contractSize?: string;
}

const list = z.array(z.unknown());

/** The list at a path of the answer: `at('data', 'orders')`. */
function at(first: string, ...rest: string[]): z.ZodType {
  const [next, ...others] = rest;
  return z.object({ [first]: next === undefined ? list : at(next, ...others) });
}

function question(
  method: KnownQuestion['method'],
  path: string,
  shape: z.ZodType,
  covers: readonly Scope[],
  more: Partial<KnownQuestion> & { http?: 'POST' } = {},
): KnownQuestion {
  const { http = 'GET', ...rest } = more;
  const scope = method === 'fetchPositions' ? 'positions' : 'orders';
  return { method, endpoint: { method: http, path, call: null, shape, scope }, covers, ...rest };
}

/** Scopes of orders of these markets that wait for no trigger. */
const regular = (...paths: string[]): Scope[] => paths.map((path) => `orders:regular:${path}`);
const conditional = (...paths: string[]): Scope[] => paths.map((path) => `orders:conditional:${path}`);

const KNOWN: Readonly<Record<string, Known>> = {
  bingx: {
    questions: [
      question('fetchPositions', '/openApi/swap/v2/user/positions', at('data'), ['positions:linear']),
      question(
        'fetchOpenOrders',
        '/openApi/swap/v2/trade/openOrders',
        at('data', 'orders'),
        [...regular('linear'), ...conditional('linear')],
        { params: { type: 'swap' } },
      ),
      question('fetchOpenOrders', '/openApi/spot/v1/trade/openOrders', at('data', 'orders'), regular('spot'), {
        params: { type: 'spot' },
      }),
    ],
  },
  coinex: {
    questions: [
      question(
        'fetchPositions',
        '/v2/futures/pending-position',
        at('data'),
        ['positions:linear', 'positions:inverse'],
        {
          params: { limit: 100 },
          page: 100,
          // ccxt takes what can still be closed, which an order that closes reduces.
          size: 'open_interest',
        },
      ),
      question('fetchOpenOrders', '/v2/futures/pending-order', at('data'), regular('linear', 'inverse'), {
        params: { type: 'swap' },
        page: 100,
      }),
      question('fetchOpenOrders', '/v2/futures/pending-stop-order', at('data'), conditional('linear', 'inverse'), {
        params: { type: 'swap', trigger: true },
        page: 100,
      }),
      question('fetchOpenOrders', '/v2/spot/pending-order', at('data'), regular('spot'), {
        params: { type: 'spot' },
        page: 100,
      }),
      question('fetchOpenOrders', '/v2/spot/pending-stop-order', at('data'), conditional('spot'), {
        params: { type: 'spot', trigger: true },
        page: 100,
      }),
    ],
  },
  deribit: {
    // Inverse amounts are USD, linear ones base units; ccxt's contract size is what one contract of the site means.
    contractSize: '1',
    questions: [
      question('fetchPositions', '/api/v2/private/get_positions', at('result'), [
        'positions:linear',
        'positions:inverse',
      ]),
      ...['inverse:BTC', 'inverse:ETH', 'linear:USDC', 'linear:USDT'].map((path) =>
        question(
          'fetchOpenOrders',
          '/api/v2/private/get_open_orders_by_currency',
          at('result'),
          [...regular(path), ...conditional(path)],
          { params: { code: path.split(':')[1] } },
        ),
      ),
    ],
  },
  kraken: {
    questions: [
      question(
        'fetchOpenOrders',
        '/0/private/OpenOrders',
        z.object({ result: z.object({ open: z.record(z.string(), z.unknown()) }) }),
        [...regular('spot'), ...conditional('spot')],
        { http: 'POST' },
      ),
    ],
  },
  mexc: {
    questions: [
      question('fetchPositions', '/api/v1/private/position/open_positions', at('data'), [
        'positions:linear',
        'positions:inverse',
      ]),
      question('fetchOpenOrders', '/api/v1/private/order/list/open_orders', at('data'), regular('linear', 'inverse'), {
        params: { type: 'swap' },
        page: 100,
      }),
    ],
  },
  woo: {
    questions: [
      question('fetchPositions', '/v3/futures/positions', at('data', 'positions'), ['positions:linear']),
      question('fetchOpenOrders', '/v3/trade/orders', at('data', 'rows'), regular('linear', 'spot'), { page: 500 }),
      question('fetchOpenOrders', '/v3/trade/algoOrders', at('data', 'rows'), conditional('linear', 'spot'), {
        params: { trigger: true },
        page: 500,
      }),
    ],
  },
};

/** What is known of an id; null if no question is known to be complete. */
export function knownQuestionsOf(id: string): Known | null {
  return Object.hasOwn(KNOWN, id) ? (KNOWN[id] ?? null) : null;
}
