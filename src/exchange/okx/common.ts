import { z } from 'zod';
import type { FailureKind } from '../../domain/failure/failure.js';
import type { PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { get, word, type Endpoint } from '../transport/endpoint.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { Market, MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';

/** The envelope of every answer. */
export interface Envelope<Row> {
  data: Row[];
}

/** `rows` may require a length: an answer about the account has one row. */
export function envelope<Row>(rows: z.ZodType<Row[]>): z.ZodType<Envelope<Row>> {
  return z.object({ code: z.literal('0'), data: rows });
}

/** "" means that there is none. */
export function textOf(text: string | null | undefined): string | null {
  return text === null || text === undefined || text === '' ? null : text;
}

/** Source: www.okx.com/docs-v5/en, "Error Code", "REST API", "Public". */
export const OKX_CODES: Readonly<Record<string, FailureKind>> = {
  '50001': 'maintenance',
  '50004': 'timeout',
  '50005': 'maintenance',
  '50007': 'permission',
  '50008': 'authentication',
  '50009': 'permission',
  '50011': 'rate_limited',
  '50012': 'permission',
  '50013': 'network',
  '50014': 'unsupported',
  '50015': 'unsupported',
  '50016': 'unsupported',
  '50026': 'network',
  '50030': 'permission',
  '50035': 'permission',
  '50038': 'unsupported',
  '50040': 'rate_limited',
  '50041': 'permission',
  '50046': 'maintenance',
  '50061': 'rate_limited',
  '50062': 'unsupported',
  '50100': 'permission',
  '50101': 'authentication',
  '50102': 'clock_skew',
  '50103': 'authentication',
  '50104': 'authentication',
  '50105': 'authentication',
  '50106': 'authentication',
  '50107': 'authentication',
  '50110': 'permission',
  '50111': 'authentication',
  '50112': 'clock_skew',
  '50113': 'authentication',
  '50114': 'authentication',
  '50115': 'unsupported',
  '50118': 'permission',
  '50119': 'authentication',
  '50120': 'permission',
  '50121': 'permission',
  '51000': 'unsupported',
  '51001': 'unsupported',
  '51010': 'unsupported',
  '51603': 'unsupported',
};

/**
 * Limits count per User ID of a sub-account, those of public requests per address. Source: okx.com/docs-v5/en, "Rate
 * Limits", "Error Code".
 */
export const OKX_LIMITS: RequestLimits = {
  '50011': { stops: 'asker' },
  '50040': { stops: 'asker' },
  '50061': { stops: 'key' },
  'HTTP 429': { stops: 'address' },
};

/** "Parameter {0} error": OKX's answer to an ordType that it does not have, or has no more. */
export const WRONG_PARAMETER = '51000';
export const NO_SUCH_INSTRUMENT = '51001';
export const NO_SUCH_ORDER = '51603';

/**
 * The code of a refusal, also in a 200: the answer's code, or the first row's where the answer's is only "1" (failed). Without
 * its sub-code ("51008_1000").
 */
export function okxCodeOf(document: ExactJson): string | null {
  const { code, data } = fieldsOf(document);
  if (typeof code !== 'string' || code === '0') return null;
  const [first] = Array.isArray(data) ? data : [];
  const reported = first !== null && typeof first === 'object' && !Array.isArray(first) ? first['sCode'] : undefined;
  const special = code === '1' && typeof reported === 'string' && reported !== '' && reported !== '0' ? reported : code;
  return special.replace(/_.*$/, '');
}

const CONFIG = get(
  '/api/v5/account/config',
  'privateGetAccountConfig',
  envelope(
    z
      .array(
        z.object({
          acctLv: word,
          posMode: z.enum(['long_short_mode', 'net_mode']),
          perm: z.string(),
          ip: z.string().nullish(),
        }),
      )
      .length(1),
  ),
);

/** The only row of an answer about the whole account. */
export async function only<Row>(session: ReadSession, endpoint: Endpoint<Envelope<Row>>): Promise<Row> {
  const [row] = (await session.ask(endpoint)).data;
  if (row === undefined) throw session.failure('unreadable', endpoint, 'reported no row');
  return row;
}

/** Spot, futures, multi-currency margin and portfolio margin: all have one trading account, with the same questions. */
const LEVELS: Readonly<Record<string, string>> = {
  '1': 'spot mode',
  '2': 'futures mode',
  '3': 'multi-currency margin',
  '4': 'portfolio margin',
};

export interface OkxAccountKind {
  /** Of swaps and futures; margin positions are always net. */
  positionMode: PositionMode;
  /** What is not known of an account of this kind. */
  gaps: ScopeGap[];
}

/** Source: "Get account configuration". */
export async function okxAccountKind(session: ReadSession): Promise<OkxAccountKind> {
  const { acctLv, posMode } = await only(session, CONFIG);
  const level = Object.hasOwn(LEVELS, acctLv) ? LEVELS[acctLv] : undefined;
  session.accountKind = `trading account, ${level ?? `account mode ${acctLv}`}`;
  const reason = `OKX reports the account mode ${acctLv}, which is not known: it may have further wallets`;
  return {
    positionMode: posMode === 'net_mode' ? 'one-way' : 'hedge',
    gaps: level !== undefined ? [] : [{ scope: 'balances:account-mode', reason }],
  };
}

/** `perm` and `ip` describe the key of the request; `ip` is "" without a restriction. Source: "Get account configuration". */
export async function auditOkxKey(session: ReadSession): Promise<KeyAudit> {
  const { perm, ip } = await only(session, CONFIG);
  const granted = perm.split(',').map((name) => name.trim());
  return {
    canTrade: granted.includes('trade'),
    canWithdraw: granted.includes('withdraw'),
    ipRestricted: ip === undefined || ip === null ? null : ip !== '',
    note: `the key has ${granted.filter((name) => name !== '').join(', ') || 'no permission'}`,
  };
}

/**
 * Whether the size of a spot or margin order is in the quote currency: tgtCcy says so, else it is for a buy at the market price.
 * Source: "POST / Place order" (tgtCcy, sz), "POST / Place algo order" (tgtCcy).
 */
export function isByValue(
  { side, tgtCcy }: { side: 'buy' | 'sell'; tgtCcy?: string | null | undefined },
  market: Market,
  atMarket: boolean,
): boolean {
  if (market.kind !== 'spot' || tgtCcy === 'base_ccy') return false;
  return tgtCcy === 'quote_ccy' || (side === 'buy' && atMarket);
}

/** The kinds of markets of each instrument type. */
const KINDS_OF: Readonly<Record<string, readonly MarketKind[]>> = {
  SPOT: ['spot'],
  MARGIN: ['spot'],
  SWAP: ['linear', 'inverse'],
  FUTURES: ['linear', 'inverse'],
};

/** Instrument types whose rows are not read; they are named in the gaps. */
export const LEFT_OUT: Readonly<Record<string, string>> = { OPTION: 'option', EVENTS: 'event' };

/** The market of a row; null for an instrument type that is not read. Throws `RowRefusal` for an unknown type or market. */
export async function okxMarket(
  session: ReadSession,
  row: { instType: string; instId: string },
  from: Endpoint<unknown>,
): Promise<Market | null> {
  if (Object.hasOwn(LEFT_OUT, row.instType)) return null;
  const kinds = Object.hasOwn(KINDS_OF, row.instType) ? KINDS_OF[row.instType] : undefined;
  if (kinds !== undefined) return session.market(row.instId, from, kinds);
  const { symbol } = await session.market(row.instId, from, ['spot', 'linear', 'inverse']);
  throw session.refuseRow(from, symbol, `names "${row.instId}" of the unknown instrument type "${row.instType}"`);
}

/** The instrument types of the orders of a market. */
export function instTypesOf(market: Market): string[] {
  if (market.kind === 'spot') return ['SPOT', 'MARGIN'];
  return [market.id.endsWith('-SWAP') ? 'SWAP' : 'FUTURES'];
}
