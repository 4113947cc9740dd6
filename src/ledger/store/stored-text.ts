import { sha256 } from './canonical.js';

/** Maximum length, in characters, of a field that a person or a request fills. */
export const MAX_TEXT = 500;
/** An index entry holds about 2,700 bytes. */
const MAX_REQUEST_ID = 500;

/**
 * Replaces what PostgreSQL's text cannot hold: NUL and unpaired surrogates, which an exchange or a bot may send in an
 * id. JSON columns keep them escaped; only values that are searched or shown by column are replaced.
 */
export function storable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** Storable, and cut to `max` characters with an ellipsis at the end. */
export function bounded(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return storable(text);
  return storable(`${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`);
}

/** The name that is recorded as the author. */
export function authorOf(by: string | undefined): string {
  const name = bounded(by ?? '').trim();
  return name === '' ? 'unknown' : name;
}

/**
 * The key of a request among an account's events. A request id that is too long for an index is replaced by its hash.
 */
export function requestKey(kind: string, requestId: string): string {
  const isStorable = requestId.length <= MAX_REQUEST_ID && storable(requestId) === requestId;
  return `${kind}/${isStorable ? requestId : sha256(Buffer.from(requestId, 'utf16le'))}`;
}

/** The event's key of a person's act; empty if the act has no request id. */
export function actKey(requestId: string | undefined): { requestId?: string } {
  return requestId === undefined ? {} : { requestId: requestKey('act', requestId) };
}
