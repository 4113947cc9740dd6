import { sha256 } from './canonical.js';

/** What a person, or whoever sent a request, may write into one field, in characters. */
export const MAX_TEXT = 500;
/** An entry of an index holds about 2,700 bytes. */
const MAX_REQUEST_ID = 500;

/**
 * PostgreSQL's text holds every character but NUL and halves of surrogate pairs, which an exchange or a bot may well send
 * in an id. JSON columns keep them, escaped; only what is searched or shown by column is replaced.
 */
export function storable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** Storable, and cut to `max` characters with an ellipsis at the end. */
export function bounded(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return storable(text);
  return storable(`${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`);
}

/** The name to record for who did something. */
export function authorOf(by: string | undefined): string {
  const name = bounded(by ?? '').trim();
  return name === '' ? 'unknown' : name;
}

/** Identifies a request among an account's events. A request id that no index can hold is replaced by its hash. */
export function requestKey(kind: string, requestId: string): string {
  const isStorable = requestId.length <= MAX_REQUEST_ID && storable(requestId) === requestId;
  return `${kind}/${isStorable ? requestId : sha256(Buffer.from(requestId, 'utf16le'))}`;
}
