import { z } from 'zod';
import { isDecimal, isZero } from '../../domain/decimal/decimal.js';
import type { FailureKind } from '../../domain/failure/failure.js';
import { decimalText, get } from '../transport/endpoint.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { Usage } from '../budget/request-budget.js';
import type { ReadSession } from '../profile/read-session.js';

/** Source: www.gate.com/docs/developers/apiv4/en, "Error handling", "Label list". */
export const GATE_CODES: Readonly<Record<string, FailureKind>> = {
  INVALID_CREDENTIALS: 'authentication',
  INVALID_KEY: 'authentication',
  INVALID_SIGNATURE: 'authentication',
  AUTHENTICATION_FAILED: 'authentication',
  MISSING_REQUIRED_HEADER: 'authentication',
  REQUEST_EXPIRED: 'clock_skew',
  IP_FORBIDDEN: 'permission',
  READ_ONLY: 'permission',
  FORBIDDEN: 'permission',
  ACCOUNT_LOCKED: 'permission',
  SUB_ACCOUNT_LOCKED: 'permission',
  TOO_MANY_REQUESTS: 'rate_limited',
  TOO_FAST: 'rate_limited',
  INTERNAL: 'network',
  SERVER_ERROR: 'network',
  TOO_BUSY: 'network',
  INVALID_PARAM_VALUE: 'unsupported',
  INVALID_PROTOCOL: 'unsupported',
  INVALID_ARGUMENT: 'unsupported',
  MISSING_REQUIRED_PARAM: 'unsupported',
  BAD_REQUEST: 'unsupported',
  METHOD_NOT_ALLOWED: 'unsupported',
  INVALID_CURRENCY_PAIR: 'unsupported',
  CONTRACT_NOT_FOUND: 'unsupported',
  ORDER_NOT_FOUND: 'unsupported',
  USER_NOT_FOUND: 'unsupported',
};

/**
 * Private requests count per UID, public ones per address. Source: gate.com/docs/developers/apiv4/en, "Frequency limit
 * rule".
 */
export const GATE_LIMITS: RequestLimits = {
  TOO_MANY_REQUESTS: { stops: 'asker' },
  TOO_FAST: { stops: 'asker' },
  'HTTP 429': { stops: 'address' },
};

/** The answer for a futures account that was never opened, and so is empty. */
export const NO_ACCOUNT = 'USER_NOT_FOUND';
export const NO_SUCH_ORDER = ['ORDER_NOT_FOUND', 'CLIENT_ID_NOT_FOUND', 'AUTO_ORDER_NOT_FOUND'];

/** The label of a refusal, `{"label": "...", "message": "..."}`. NOT_FOUND is about the address, as its status is. */
export function gateCodeOf(document: ExactJson): string | null {
  const { label } = fieldsOf(document);
  return typeof label !== 'string' || label === '' || label === 'NOT_FOUND' ? null : label;
}

/** Milliseconds until the limit of an endpoint restarts. Both times are of the exchange's clock. */
export function gateRetryAfterMs(headers: Headers): number | null {
  const reset = gateTime(headers.get('x-gate-ratelimit-reset-timestamp'));
  const date = Date.parse(headers.get('date') ?? '');
  return reset === null || Number.isNaN(date) || reset <= date ? null : reset - date;
}

/** The wait where Gate reports "now" as the reset, which it does below the limit. */
const PAUSE_MS = 1_000;

/** Counted per endpoint; 200 in ten seconds. Source: "Frequency limit rule". */
export function gateUsageOf(headers: Headers): Usage | null {
  const limit = Number(headers.get('x-gate-ratelimit-limit') ?? Number.NaN);
  const remaining = Number(headers.get('x-gate-ratelimit-requests-remain') ?? Number.NaN);
  if (!(limit > 0) || Number.isNaN(remaining)) return null;
  return { used: limit - remaining, limit, resetMs: gateRetryAfterMs(headers) ?? PAUSE_MS };
}

/** A time in seconds (also with a fraction), milliseconds or microseconds; its size tells which. Null for none. */
export function gateTime(text: string | null | undefined): number | null {
  const time = Number(text ?? Number.NaN);
  if (!(time > 0)) return null;
  if (time < 100_000_000_000) return Math.floor(time * 1_000);
  return time < 100_000_000_000_000 ? Math.floor(time) : Math.floor(time / 1_000);
}

export const timeText = decimalText.nullish();

/** Whether a raw size is zero, so that its row holds nothing. */
export function holdsNothing(size: unknown): boolean {
  return typeof size === 'string' && isDecimal(size) && isZero(size);
}

/**
 * The prefix of a `text` that the owner set. Gate requires it and ccxt adds it, so the state of a bot that uses ccxt does not
 * have it. Any other `text` names the origin of the order ("web", "api", "liq-...").
 */
const OWN = 't-';

/** The client order id in a text of Gate; null if the text names the origin of the order. */
export function clientOrderIdOf(text: string | null | undefined): string | null {
  return text?.startsWith(OWN) === true && text.length > OWN.length ? text.slice(OWN.length) : null;
}

/** Gate's text for a client order id, which may already have the prefix. */
export function textFor(clientOrderId: string): string {
  return clientOrderId.startsWith(OWN) ? clientOrderId : OWN + clientOrderId;
}

/** The texts of Gate's own orders and fills that liquidate or deleverage. Source: `text` of "Futures order details". */
export const LIQUIDATION_TEXT =
  /^(?:liq-|hedge-liq-|liquidat|pm_liquidate|comb_margin_liquidate|scm_liquidate|auto_deleveraging)/;

const DETAIL = get(
  '/account/detail',
  'privateAccountGetDetail',
  z.object({ user_id: z.string(), ip_whitelist: z.array(z.string()).nullish() }),
);

const KEY = z.object({
  key: z.unknown().optional(),
  perms: z.array(z.object({ name: z.string(), read_only: z.boolean().nullish() })),
});

const MAIN_KEYS = get('/account/main_keys', 'privateAccountGetMainKeys', z.union([KEY, z.array(KEY)]));

const TRADING = ['spot', 'margin', 'futures', 'delivery', 'options', 'unified', 'copy', 'alpha', 'crossx', 'pilot'];

/**
 * Source: "Retrieve user account information" (addresses of the key that asks), "Query All Main Account Key Information" (what
 * the main account's keys may do; a key that is not among them stays unknown). Withdrawing is a part of `wallet`.
 */
export async function auditGateKey(session: ReadSession): Promise<KeyAudit> {
  const { ip_whitelist: addresses } = await session.ask(DETAIL);
  const ipRestricted = addresses === undefined || addresses === null ? null : addresses.length > 0;
  const reported = (await session.askUnless(['FORBIDDEN', 'READ_ONLY'], MAIN_KEYS)) ?? [];
  const keys = Array.isArray(reported) ? reported : [reported];
  const own = keys.find(({ key }) => key === session.exchange['apiKey']) ?? (keys.length === 1 ? keys[0] : undefined);
  if (own === undefined) {
    const note = `Gate reports ${keys.length} keys, and not which of them this is`;
    return { canTrade: null, canWithdraw: null, ipRestricted, note };
  }
  const writes = own.perms.filter(({ read_only: readOnly }) => readOnly !== true).map(({ name }) => name);
  return {
    canTrade: writes.some((name) => TRADING.includes(name)),
    canWithdraw: writes.includes('wallet'),
    ipRestricted,
    note: writes.length === 0 ? 'the key only reads' : `the key may change ${writes.join(', ')}`,
  };
}
