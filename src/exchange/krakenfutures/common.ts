import { z } from 'zod';
import type { FailureKind } from '../../domain/failure/failure.js';
import type { RequestLimits } from '../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../domain/text/exact-json.js';

/** "2020-07-22T14:39:12.376Z" as milliseconds. */
export const isoTime = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .refine((time) => time > 0, 'a time before 1970');

/** The envelope of every answer under /derivatives; `serverTime` is the exchange's clock. */
export function success<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ result: z.literal('success'), serverTime: isoTime, ...shape });
}

/** Source: the list of errors under "ErrorResponse" on every page of docs.kraken.com/api/docs/futures-api/trading. */
export const KRAKEN_CODES: Readonly<Record<string, FailureKind>> = {
  accountInactive: 'permission',
  apiLimitExceeded: 'rate_limited',
  authenticationError: 'authentication',
  'Bad Request': 'unsupported',
  contractNotFound: 'unsupported',
  insufficientPermissions: 'permission',
  invalidAccount: 'unsupported',
  invalidArgument: 'unsupported',
  'Json Parse Error': 'unsupported',
  marketUnavailable: 'maintenance',
  nonceBelowThreshold: 'clock_skew',
  nonceDuplicate: 'clock_skew',
  notFound: 'unsupported',
  permissionDenied: 'permission',
  requiredArgumentMissing: 'unsupported',
  'Server Error': 'network',
  Unavailable: 'maintenance',
  unavailable: 'maintenance',
  unknownError: 'network',
};

/**
 * Public requests cost nothing. What a 429 without a code limits is not documented. Source:
 * docs.kraken.com/api/docs/guides/futures-rate-limits.
 */
export const KRAKENFUTURES_LIMITS: RequestLimits = {
  apiLimitExceeded: { stops: 'key' },
  'HTTP 429': { stops: 'address' },
};

/** `{"result": "error", "error": "invalidArgument: symbol"}`, or under /history `{"errors": [{"message": ...}]}`, also in a 200. */
export function krakenCodeOf(document: ExactJson): string | null {
  const { error, errors } = fieldsOf(document);
  if (typeof error === 'string') return error.split(':')[0]?.trim() ?? error;
  const first = Array.isArray(errors) ? errors[0] : undefined;
  if (first === undefined || first === null || typeof first !== 'object' || Array.isArray(first)) return null;
  return typeof first['message'] === 'string' ? first['message'] : null;
}
