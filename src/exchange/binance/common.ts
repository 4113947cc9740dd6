import { z } from 'zod';
import { isDecimal, isZero } from '../../domain/decimal/decimal.js';
import type { FailureKind } from '../../domain/failure/failure.js';
import { timeMs, get } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { Usage } from '../budget/request-budget.js';
import type { ReadSession } from '../profile/read-session.js';

/* What Binance's spot and futures APIs have in common. */

export const SERVER_TIME = z.object({ serverTime: timeMs.refine((time) => time > 0, 'zero') });

/** Binance's "there is no such order". */
export const UNKNOWN_ORDER = '-2013';

/**
 * Error codes that ccxt maps wrongly or too coarsely.
 * Source: developers.binance.com, "Error Codes" of spot and of USDⓈ-M futures.
 */
export const BINANCE_CODES: Readonly<Record<string, FailureKind>> = {
  '-1000': 'network',
  '-1001': 'network',
  '-1002': 'authentication',
  '-1003': 'rate_limited',
  '-1006': 'network',
  '-1007': 'timeout',
  '-1008': 'rate_limited',
  '-1015': 'rate_limited',
  '-1016': 'maintenance',
  '-1021': 'clock_skew',
  '-1022': 'authentication',
  '-1099': 'permission',
  '-2013': 'unsupported',
  '-2014': 'authentication',
  // Bad key, bad address or missing permission: Binance does not say which. ccxt calls it a ban after a first success.
  '-2015': 'authentication',
  '-2017': 'permission',
  '-4109': 'permission',
  '-5028': 'clock_skew',
};

/**
 * "The limits on the API are based on the IPs, not the API keys." Source: developers.binance.com, spot "Limits" (IP Limits) and
 * USDⓈ-M "General Info"; "Error Codes" of both.
 */
export const BINANCE_LIMITS: RequestLimits = {
  // Too much request weight.
  '-1003': { stops: 'address' },
  // The server is overloaded, whoever asks.
  '-1008': { stops: 'address' },
  // Too many orders, which count per account. Plumbline places none.
  '-1015': { stops: 'key' },
  'HTTP 429': { stops: 'address' },
  // The ban after repeated 429s: from two minutes to three days.
  'HTTP 418': { stops: 'address', lastsMs: 2 * 60_000 },
};

/** `{"code": -1021, "msg": "..."}`, with any status. "200" and "0" are successes of endpoints that answer with a code. */
export function binanceCodeOf(document: ExactJson): string | null {
  const { code } = fieldsOf(document);
  return typeof code !== 'string' || code === '0' || code === '200' ? null : code;
}

/** `X-MBX-USED-WEIGHT-1M` counts the weight of the whole address in the current minute of the exchange's clock. */
export function binanceUsageOf(limit: number): (headers: Headers) => Usage | null {
  return (headers) => {
    const used = Number(headers.get('x-mbx-used-weight-1m') ?? Number.NaN);
    if (!Number.isFinite(used)) return null;
    const date = Date.parse(headers.get('date') ?? '');
    // `Date` is cut to the second, so the next minute may begin up to a second later.
    return { used, limit, resetMs: Number.isNaN(date) ? 60_000 : 61_000 - (date % 60_000) };
  };
}

const API_RESTRICTIONS = get(
  '/sapi/v1/account/apiRestrictions',
  'sapiGetAccountApiRestrictions',
  z.looseObject({ ipRestrict: z.boolean(), enableWithdrawals: z.boolean() }),
);

/** Permissions that let a key trade. Source: "Get API Key Permission" of the wallet documentation. */
const TRADE_PERMISSIONS = [
  'enableSpotAndMarginTrading',
  'enableMargin',
  'enableFutures',
  'enableVanillaOptions',
  'enablePortfolioMarginTrading',
  'enableFixApiTrade',
];

/** What the key may do, from "Get API Key Permission". Throws ExchangeFailure. */
export async function auditBinanceKey(session: ReadSession): Promise<KeyAudit> {
  const reported = await session.ask(API_RESTRICTIONS);
  const trade = TRADE_PERMISSIONS.filter((name) => reported[name] === true);
  const withdraw = ['enableWithdrawals', 'permitsUniversalTransfer', 'enableInternalTransfer'].filter(
    (name) => reported[name] === true,
  );
  const granted = [...trade, ...withdraw];
  return {
    canTrade: trade.length > 0,
    canWithdraw: reported.enableWithdrawals,
    ipRestricted: reported.ipRestrict,
    note: granted.length === 0 ? 'the key only reads' : `the key has ${granted.join(', ')}`,
  };
}

/** Whether a raw field says that the row holds nothing. */
export function isNothing(value: unknown): boolean {
  return typeof value === 'string' && isDecimal(value) && isZero(value);
}

/**
 * The results of several questions. They only explain differences, so a question that fails does not fail the others.
 */
export async function whatIsAnswered<T>(questions: readonly (() => Promise<readonly T[]>)[]): Promise<T[]> {
  const found: T[] = [];
  for (const question of questions) {
    try {
      found.push(...(await question()));
    } catch (error) {
      if (!(error instanceof ExchangeFailure)) throw error;
    }
  }
  return found;
}
