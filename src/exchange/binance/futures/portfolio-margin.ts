import { z } from 'zod';
import type { CcxtExchange } from '../../transport/ccxt-exchange.js';
import { get } from '../../transport/endpoint.js';
import { ExchangeFailure } from '../../transport/error-kinds.js';
import type { ReadSession } from '../../profile/read-session.js';
import type { FuturesApi } from './api.js';

/*
 * Portfolio margin. fapi and dapi refuse the keys of such an account with -2015, the code of a bad key; papi has its futures
 * under addresses of their own. GET /sapi/v1/account/info says which it is.
 * Source: "Account info" of the wallet documentation; JKorf/Binance.Net#1485 and freqtrade#12866 for the refusal.
 *
 * Accounts in "portfolio margin pro" use fapi and dapi.
 */

const ACCOUNT_INFO = get(
  '/sapi/v1/account/info',
  'sapiGetAccountInfo',
  z.object({ isPortfolioMarginRetailEnabled: z.boolean().nullish() }),
);

/** "Invalid API-key, IP, or permissions for action." */
const REFUSED_KEY = '-2015';

/** The two APIs under which the contracts of an account may be. */
export interface FuturesApis {
  readonly classic: FuturesApi;
  readonly portfolio: FuturesApi;
}

/** The API that answered for an account. It is asked for again when that API refuses the key. */
const answering = new WeakMap<CcxtExchange, FuturesApi>();

/** Asks the account's API, and returns the answer with it. */
export async function askAccount<T>(
  session: ReadSession,
  apis: FuturesApis,
  ask: (api: FuturesApi) => Promise<T>,
): Promise<{ api: FuturesApi; answer: T }> {
  const { exchange } = session;
  const api = answering.get(exchange) ?? apis.classic;
  try {
    const answer = await ask(api);
    answering.set(exchange, api);
    return { api, answer };
  } catch (error) {
    if (!isRefusedKey(error)) throw error;
    const other = api === apis.classic ? apis.portfolio : apis.classic;
    if ((await usesPortfolio(session, error)) !== (other === apis.portfolio)) throw error;
    const answer = await ask(other);
    answering.set(exchange, other);
    return { api: other, answer };
  }
}

/** The API that a question about an account's past goes to. */
export function apiOf({ exchange }: ReadSession, apis: FuturesApis): FuturesApi {
  return answering.get(exchange) ?? apis.classic;
}

function isRefusedKey(error: unknown): boolean {
  return error instanceof ExchangeFailure && error.exchangeCode === REFUSED_KEY;
}

/** Whether the account is in portfolio margin mode. Throws the refusal where that cannot be asked: then the key is bad. */
async function usesPortfolio(session: ReadSession, refusal: unknown): Promise<boolean> {
  try {
    return (await session.ask(ACCOUNT_INFO)).isPortfolioMarginRetailEnabled === true;
  } catch (error) {
    if (error instanceof ExchangeFailure) throw refusal;
    throw error;
  }
}
