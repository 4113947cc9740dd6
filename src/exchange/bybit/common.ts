import { z } from 'zod';
import type { FailureKind } from '../../domain/failure/failure.js';
import { timeMs, get } from '../transport/endpoint.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { ReadSession } from '../profile/read-session.js';

/** The envelope of every answer; `time` is the exchange's clock. */
export interface Envelope<Result> {
  time: number;
  result: Result;
}

export function envelope<Result>(result: z.ZodType<Result>): z.ZodType<Envelope<Result>> {
  return z.object({ retCode: z.literal('0'), time: timeMs.refine((time) => time > 0, 'zero'), result });
}

/** Source: bybit-exchange.github.io/docs/v5/error. */
export const BYBIT_CODES: Readonly<Record<string, FailureKind>> = {
  '-1': 'clock_skew',
  '429': 'rate_limited',
  '10000': 'timeout',
  '10002': 'clock_skew',
  '10003': 'authentication',
  '10004': 'authentication',
  '10005': 'permission',
  '10006': 'rate_limited',
  '10007': 'authentication',
  '10009': 'permission',
  '10010': 'permission',
  '10016': 'network',
  '10017': 'unsupported',
  '10018': 'rate_limited',
  '10024': 'permission',
  '10027': 'permission',
  '10028': 'unsupported',
  '10029': 'permission',
  '10429': 'rate_limited',
  '33004': 'authentication',
  '110001': 'unsupported',
  '170213': 'unsupported',
};

/** Source: bybit-exchange.github.io/docs/v5/rate-limit and /error: 10006 counts for each UID. */
export const BYBIT_LIMITS: RequestLimits = {
  '10006': { stops: 'asker' },
  // Deprecated in the current documentation; older servers may still send it.
  '10018': { stops: 'address' },
  // Bybit's servers are overloaded, whoever asks.
  '429': { stops: 'address' },
  '10429': { stops: 'address' },
  'HTTP 429': { stops: 'address' },
  // "access too frequent": end all sessions and wait at least ten minutes.
  'HTTP 403': { stops: 'address', lastsMs: 10 * 60_000 },
};

export function bybitCodeOf(document: ExactJson): string | null {
  const { retCode } = fieldsOf(document);
  return typeof retCode !== 'string' || retCode === '0' ? null : retCode;
}

/**
 * The wait until the next request is allowed. The header is a time of the exchange's clock, which the answer's `Date` shows to
 * the second.
 */
export function bybitRetryAfterMs(headers: Headers): number | null {
  const reset = Number(headers.get('x-bapi-limit-reset-timestamp') ?? Number.NaN);
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(reset) || Number.isNaN(date) ? null : Math.max(0, reset - date);
}

const API_KEY = get(
  '/v5/user/query-api',
  'privateGetV5UserQueryApi',
  envelope(
    z.object({
      readOnly: z.enum(['0', '1']),
      permissions: z.record(z.string(), z.array(z.string())),
      ips: z.array(z.string()),
    }),
  ),
);

const TRADE_PERMISSIONS = ['ContractTrade', 'Spot', 'Options', 'Derivatives', 'CopyTrading', 'BlockTrade', 'Exchange'];

/** Source: "Get API Key Information". A read-only key reports its permissions too, but can only read. */
export async function auditBybitKey(session: ReadSession): Promise<KeyAudit> {
  const { readOnly, permissions, ips } = (await session.ask(API_KEY)).result;
  const writes = readOnly === '0';
  const granted = TRADE_PERMISSIONS.filter((name) => (permissions[name] ?? []).length > 0);
  const wallet = permissions['Wallet'] ?? [];
  return {
    canTrade: writes && granted.length > 0,
    canWithdraw: writes && wallet.includes('Withdraw'),
    ipRestricted: ips.length > 0 && !ips.includes('*'),
    note: writes ? `the key has ${[...granted, ...wallet].join(', ') || 'no permission'}` : 'the key only reads',
  };
}
