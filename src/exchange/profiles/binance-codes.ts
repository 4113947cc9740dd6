import type { FailureKind } from '../../domain/failure.js';
import type { ExactJson } from '../exact-json.js';

/**
 * Binance's error codes that mean more than ccxt makes of them.
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

/** `{"code": -1021, "msg": "..."}`, with any status. "200" and "0" are successes of endpoints that answer with a code. */
export function binanceCodeOf(document: ExactJson): string | null {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return null;
  const { code } = document;
  return typeof code !== 'string' || code === '0' || code === '200' ? null : code;
}
