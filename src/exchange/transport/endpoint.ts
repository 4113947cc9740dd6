import { z } from 'zod';
import { isDecimal } from '../../domain/decimal/decimal.js';
import { beyond } from '../../config/limit-issues.js';
import { decimalExcess } from '../../domain/decimal/decimal-limits.js';
import { LIMITS } from '../../domain/limits/limits.js';
import type { Scope } from '../../domain/snapshot/scope.js';

/**
 * One request that a profile makes. The transport refuses every other address, so no request that trades can leave the
 * process, whatever ccxt does.
 */
export interface Endpoint<T> {
  method: 'GET' | 'POST';
  /** The path without host and query, as the exchange documents it: "/fapi/v3/positionRisk", "/orders/{order_id}". */
  path: string;
  /** ccxt's implicit method: "fapiPrivateV3GetPositionRisk". Null for requests that only ccxt itself makes (markets). */
  call: string | null;
  /** The shape of its answer: the fields that are read, no more. Numbers are texts (see exact-json.ts). */
  shape: z.ZodType<T>;
  /** The scope that it answers; named in failures. */
  scope?: Scope;
  /** Distinguishes requests that share a path (an RPC endpoint) by their body. */
  matches?: (body: string) => boolean;
  /** Name of such a request; follows the path in failures. */
  question?: string;
  /** Its documented weight, in ccxt's costs, where ccxt counts too little. */
  weight?: number;
}

/** A GET endpoint: its documented path, ccxt's implicit method (null where only ccxt requests it) and its answer's shape. */
export function get<T>(
  path: string,
  call: string | null,
  shape: z.ZodType<T>,
  more: Pick<Endpoint<T>, 'scope' | 'weight'> = {},
): Endpoint<T> {
  return { method: 'GET', path, call, shape, ...more };
}

/** Path of the endpoint that stands for every request of ccxt's own `fetch...` methods (generic profile). */
export const ANY_PATH = '*';

/** Whether a request goes to the endpoint. A base URL may put a prefix before the path. */
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

/** A decimal number, in the answer a number or a text, kept as text. */
export const decimalText = z
  .string()
  .refine((text) => text.length > LIMITS.numberLength.value || isDecimal(text), 'not a decimal number')
  .refine((text) => decimalExcess(text) !== 'numberLength', beyond('numberLength'))
  .refine((text) => decimalExcess(text) !== 'exponent', beyond('exponent'));

/** A whole number that is an id. Kept as text, because ids exceed the precision of a float. */
export const idText = z.string().regex(/^\d{1,40}$/, 'not a whole number');

/** Milliseconds since the epoch. */
export const timeMs = z
  .string()
  .regex(/^\d{1,15}$/, 'not a time in milliseconds')
  .transform(Number);

/** A text that is required and not empty. */
export const word = z
  .string()
  .min(1)
  .refine((text) => text.length <= LIMITS.idLength.value, beyond('idLength'));
