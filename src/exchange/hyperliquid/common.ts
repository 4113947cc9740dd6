import { z } from 'zod';
import { compareDecimals } from '../../domain/decimal/decimal.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { ReadSession } from '../profile/read-session.js';

/** A request to the info endpoint. All share one path; `type` in the body distinguishes them. */
export function info<T>(
  type: string,
  shape: z.ZodType<T>,
  more: { scope?: Scope; call?: null; when?: (body: Record<string, unknown>) => boolean } = {},
): Endpoint<T> {
  const { scope, when } = more;
  return {
    method: 'POST',
    path: '/info',
    question: type,
    call: more.call === null ? null : 'publicPostInfo',
    shape,
    matches: (text) => {
      const body = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
      return body.success && body.data['type'] === type && (when?.(body.data) ?? true);
    },
    ...(scope === undefined ? {} : { scope }),
  };
}

/** An order as open orders, order status and history report it. Sizes are base units. */
export const ORDER_ROW = z.object({
  coin: word,
  side: z.enum(['A', 'B']),
  limitPx: decimalText,
  /** What remains of `origSz`. */
  sz: decimalText,
  origSz: decimalText,
  oid: idText,
  timestamp: timeMs,
  orderType: word,
  isTrigger: z.boolean(),
  triggerPx: decimalText,
  triggerCondition: z.string(),
  isPositionTpsl: z.boolean(),
  cloid: word.nullish(),
});
export type OrderRow = z.infer<typeof ORDER_ROW>;

/** "There is no such order": the answer of orderStatus, with status 200. */
export const UNKNOWN_ORDER = 'unknownOid';

/** "unknownOid" where the answer says that there is no such order; else null. */
export function hyperliquidCodeOf(document: ExactJson): string | null {
  return fieldsOf(document)['status'] === UNKNOWN_ORDER ? UNKNOWN_ORDER : null;
}

const ADDRESS = /^0x[0-9a-f]{40}$/i;

const ROLE = info(
  'userRole',
  z.discriminatedUnion('role', [
    z.object({ role: z.enum(['user', 'vault', 'missing']) }),
    // The master is only shown to people, so an answer without it still describes a sub-account.
    z.object({ role: z.literal('subAccount'), data: z.object({ master: word }).nullish().catch(null) }),
    z.object({ role: z.literal('agent'), data: z.object({ user: word }) }),
  ]),
);

/** The configured address of the account. Throws `configuration`. */
export function userOf(session: ReadSession): string {
  const address = session.exchange['walletAddress'];
  if (typeof address === 'string' && ADDRESS.test(address)) return address;
  throw session.failure('configuration', ROLE, 'was not asked: the wallet address is not 0x and 40 hexadecimal digits');
}

/** How the account keeps collateral: in one wallet for spot and all perpetuals, or in a wallet for each dex. */
const ABSTRACTION = info('userAbstraction', z.string().regex(/^[a-z][A-Za-z]+$/));
const UNIFIED: Readonly<Record<string, string>> = {
  unifiedAccount: 'unified account',
  portfolioMargin: 'portfolio margin',
};

export interface HyperliquidAccount {
  user: string;
  /** Whether the spot wallet is the collateral of the perpetuals, too. */
  unified: boolean;
}

/**
 * The account, after the exchange confirmed that the address has one of its own. Every list of an agent's (API wallet's) address,
 * or of an unused one, is empty without an error. Throws `configuration`.
 */
export async function accountOf(session: ReadSession): Promise<HyperliquidAccount> {
  const user = userOf(session);
  const answer = await session.ask(ROLE, { type: 'userRole', user });
  if (answer.role === 'agent') {
    const master = answer.data.user;
    throw session.failure(
      'configuration',
      ROLE,
      `says that the wallet address is an agent (API wallet) of ${master} and holds nothing itself; give ${master}, or the address of its vault or sub-account`,
    );
  }
  if (answer.role === 'missing') {
    throw session.failure('configuration', ROLE, 'knows no account of the wallet address: it was never used there');
  }
  const mode = await abstractionOf(session, user);
  session.accountKind = `${roleName(answer)}, ${own(UNIFIED, mode) ?? `separate wallets (${mode})`}`;
  return { user, unified: own(UNIFIED, mode) !== null };
}

/** Whether the spot wallet is the collateral of the perpetuals, too. */
export async function isUnified(session: ReadSession, user: string): Promise<boolean> {
  return own(UNIFIED, await abstractionOf(session, user)) !== null;
}

async function abstractionOf(session: ReadSession, user: string): Promise<string> {
  return session.ask(ABSTRACTION, { type: 'userAbstraction', user });
}

function roleName(answer: { role: string; data?: { master: string } | null | undefined }): string {
  if (answer.role === 'vault') return 'vault';
  if (answer.role !== 'subAccount') return 'master account';
  return answer.data === null || answer.data === undefined ? 'sub-account' : `sub-account of ${answer.data.master}`;
}

/** ccxt's code of a token: its markets call UBTC, which represents BTC, BTC. */
export function currencyOf(session: ReadSession, coin: string): string {
  const names = z.record(z.string(), z.string()).safeParse(session.exchange.options['spotCurrencyMapping']);
  return session.currency((names.success ? own(names.data, coin) : null) ?? coin);
}

/** Words come from outside, so "constructor" must not match. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

/** The whole and the remaining size of an order; null where they contradict each other. */
export function filledOf({ origSz, sz }: OrderRow): { whole: string; remaining: string } | null {
  return compareDecimals(sz, origSz) > 0 || sz.startsWith('-') ? null : { whole: origSz, remaining: sz };
}

/** An address is enough to read its account; a private key can trade. */
export async function auditHyperliquidKey(session: ReadSession): Promise<KeyAudit> {
  const { privateKey } = session.exchange;
  if (typeof privateKey !== 'string' || privateKey === '') {
    return { canTrade: false, canWithdraw: false, ipRestricted: null, note: 'an address alone can only be read' };
  }
  const note = 'a private key is configured; reading needs none: take private_key out';
  return { canTrade: true, canWithdraw: true, ipRestricted: false, note };
}

/**
 * Limits count per IP address; an address of the chain has limits only for actions. Source: hyperliquid.gitbook.io, API,
 * "Rate limits and user limits".
 */
export const HYPERLIQUID_LIMITS: RequestLimits = {
  'HTTP 429': { stops: 'address' },
};
