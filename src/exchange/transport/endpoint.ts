import { z } from 'zod';
import { isDecimal } from '../../domain/decimal/decimal.js';
import { beyond } from '../../config/limit-issues.js';
import { decimalExcess } from '../../domain/decimal/decimal-limits.js';
import { LIMITS } from '../../domain/limits/limits.js';
import type { Scope } from '../../domain/snapshot/scope.js';

/**
 * One question that a profile asks. Only the questions of this form ever leave the process: the transport refuses any
 * other address, so nothing that trades can be reached, whatever ccxt would do.
 */
export interface Endpoint<T> {
  method: 'GET' | 'POST';
  /** The path without host and query, as the exchange documents it: "/fapi/v3/positionRisk", "/orders/{order_id}". */
  path: string;
  /** ccxt's implicit method: "fapiPrivateV3GetPositionRisk". Null for questions that only ccxt itself asks (markets). */
  call: string | null;
  /** What this endpoint owes, no more than what is relied on. Numbers are texts (see exact-json.ts). */
  shape: z.ZodType<T>;
  /** The scope this question answers; said in failures. */
  scope?: Scope;
  /** Distinguishes questions that share a path (an RPC endpoint), from the request's body. */
  matches?: (body: string) => boolean;
  /** Name of such a question, said in failures after the path. */
  question?: string;
  /** What it takes of the limit by the exchange's documentation, in ccxt's costs, where ccxt itself counts too little. */
  weight?: number;
}

/**
 * A question of method GET: its path as documented, ccxt's implicit method (null where only ccxt asks it), and the shape that
 * its answer owes.
 */
export function get<T>(
  path: string,
  call: string | null,
  shape: z.ZodType<T>,
  more: Pick<Endpoint<T>, 'scope' | 'weight'> = {},
): Endpoint<T> {
  return { method: 'GET', path, call, shape, ...more };
}

/** Path of the one endpoint that stands for whatever ccxt asks in one of its own `fetch...` methods (generic profile). */
export const ANY_PATH = '*';

/** Whether a request asks what the endpoint asks. A base URL may put a prefix before the path. */
export function isQuestionOf(endpoint: Endpoint<unknown>, method: string, pathname: string, body: string): boolean {
  if (endpoint.path === ANY_PATH) return method === 'GET' || method === 'POST';
  if (endpoint.method !== method || !(endpoint.matches?.(body) ?? true)) return false;
  const asked = pathname.split('/').slice(1);
  const owed = endpoint.path.split('/').slice(1);
  const tail = asked.slice(-owed.length);
  return tail.length === owed.length && owed.every((part, at) => part === tail[at] || /^\{.+\}$/.test(part));
}

/** How an endpoint is named in failures: "GET /fapi/v1/openOrders (orders:regular:linear)", "POST /info meta". */
export function nameOf(endpoint: Endpoint<unknown>): string {
  if (endpoint.path === ANY_PATH) return 'an answer';
  const question = endpoint.question === undefined ? '' : ` ${endpoint.question}`;
  const scope = endpoint.scope === undefined ? '' : ` (${endpoint.scope})`;
  return `${endpoint.method} ${endpoint.path}${question}${scope}`;
}

/** A decimal number, written as number or text, kept as text. */
export const decimalText = z
  .string()
  .refine((text) => text.length > LIMITS.numberLength.value || isDecimal(text), 'not a decimal number')
  .refine((text) => decimalExcess(text) !== 'numberLength', beyond('numberLength'))
  .refine((text) => decimalExcess(text) !== 'exponent', beyond('exponent'));

/** A whole number that is an identity and so is kept as text: ids exceed what a float can hold. */
export const idText = z.string().regex(/^\d{1,40}$/, 'not a whole number');

/** Milliseconds since the epoch. */
export const timeMs = z
  .string()
  .regex(/^\d{1,15}$/, 'not a time in milliseconds')
  .transform(Number);

/** A word that has to be there. */
export const word = z
  .string()
  .min(1)
  .refine((text) => text.length <= LIMITS.idLength.value, beyond('idLength'));
