import { z } from 'zod';
import { isDecimal, isZero } from '../../domain/decimal/decimal.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { FailureKind } from '../../domain/failure/failure.js';
import type { Usage } from '../budget/request-budget.js';
import type { Market, MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { get, idText, type Endpoint } from '../transport/endpoint.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { RequestLimits } from '../transport/request-limits.js';

/* What all of KuCoin's answers have in common. Source: www.kucoin.com/docs-new, "Introduction", "Rate Limit". */

export function envelope<Data>(data: z.ZodType<Data>): z.ZodType<{ data: Data }> {
  return z.object({ code: z.literal('200000'), data });
}

/** One page of a list that is paged by numbers. */
export function pageOf<Row>(row: z.ZodType<Row>) {
  return envelope(z.object({ currentPage: idText, totalNum: idText, items: z.array(row) }));
}

export const CONTRACT_KINDS: MarketKind[] = ['linear', 'inverse'];

/** Whether a raw number of contracts is zero, so that its row holds nothing. */
export function holdsNothing(size: unknown): boolean {
  return typeof size === 'string' && isDecimal(size) && isZero(size);
}

/**
 * The market of a row. Throws `RowRefusal` for an unknown one, and for a contract that the list shows without a funding
 * time and without an expiry: ccxt takes it for a dated contract, and gives it a symbol that nobody else has.
 */
export async function marketOfRow(
  session: ReadSession,
  id: string,
  from: Endpoint<unknown>,
  kinds: readonly MarketKind[],
): Promise<Market> {
  const market = await session.market(id, from, kinds);
  if (!market.symbol.includes(':') || /:[^-]+(?:-\d{6})?$/.test(market.symbol)) return market;
  throw session.refuseRow(
    from,
    id,
    `names "${id}", which the list of contracts shows neither as perpetual nor as dated`,
  );
}

const OPENED = get('/api/v1/hf/accounts/opened', 'privateGetHfAccountsOpened', envelope(z.boolean()));

/** Whether spot is a high-frequency account. Source: "Get Account Type - Spot". */
export async function readIsHighFrequency(session: ReadSession): Promise<boolean> {
  return (await session.ask(OPENED)).data;
}

/** "" and null mean that there is none. */
export function textOf(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** KuCoin has no code for "there is no such order": only the text of a general refusal says so. */
export const NO_SUCH_ORDER = 'order not exist';

/** Codes that ccxt does not know. */
export const KUCOIN_CODES: Readonly<Record<string, FailureKind>> = {
  [NO_SUCH_ORDER]: 'unsupported',
  '1015': 'rate_limited',
  '112010': 'unsupported',
  '200002': 'rate_limited',
  '400002': 'clock_skew',
  '400006': 'permission',
  '400007': 'permission',
  '408000': 'timeout',
  '411100': 'permission',
  '429000': 'rate_limited',
  '500000': 'network',
};

/** Private questions count for the user, public ones for the address; 1015 is Cloudflare's, for 30 seconds. */
export const KUCOIN_LIMITS: RequestLimits = {
  '429000': { stops: 'asker' },
  '200002': { stops: 'key', lastsMs: 10_000 },
  '1015': { stops: 'address', lastsMs: 30_000 },
  'HTTP 429': { stops: 'address' },
};

/** `{"code": "400100", "msg": "order not exist."}`, with any status. */
export function kucoinCodeOf(document: ExactJson): string | null {
  const { code, msg } = fieldsOf(document);
  if (typeof code !== 'string' || code === '200000') return null;
  return typeof msg === 'string' && /order.?(?:does)?.?not.?exist/i.test(msg) ? NO_SUCH_ORDER : code;
}

/** Use of the pool of weights that the request belongs to. A pool refills every 30 seconds. */
export function kucoinUsageOf(headers: Headers): Usage | null {
  const number = (name: string): number => Number(headers.get(`gw-ratelimit-${name}`) ?? Number.NaN);
  const [limit, remaining, resetMs] = [number('limit'), number('remaining'), number('reset')];
  return limit > 0 && remaining >= 0 && resetMs >= 0 ? { used: limit - remaining, limit, resetMs } : null;
}

/** The wait after a refusal: until the pool refills. */
export function kucoinRetryAfterMs(headers: Headers): number | null {
  const usage = kucoinUsageOf(headers);
  return usage !== null && usage.used >= usage.limit ? usage.resetMs : null;
}

const KEY = z.object({ permission: z.string(), ipWhitelist: z.string().nullish() });
const API_KEY = get('/api/v1/user/api-key', 'privateGetUserApiKey', envelope(KEY));
const WITHDRAWS = /^(?:Withdrawal|Transfer)$/;

/** Source: "Get Apikey Info". `General` alone can only read. A permission that is not known counts as one to trade. */
export async function auditKucoinKey(session: ReadSession): Promise<KeyAudit> {
  const { permission, ipWhitelist } = (await session.ask(API_KEY)).data;
  const granted = permission.split(',').map((name) => name.trim());
  const writes = granted.filter((name) => name !== '' && name !== 'General');
  return {
    canTrade: writes.some((name) => !WITHDRAWS.test(name)),
    canWithdraw: writes.some((name) => WITHDRAWS.test(name)),
    ipRestricted: textOf(ipWhitelist) !== null,
    note: writes.length === 0 ? 'the key only reads' : `the key has ${writes.join(', ')}`,
  };
}
