/** The three forms of a date in HTTP (RFC 9110, 5.6.7). `Date.parse` alone would read a year out of any text. */
const HTTP_DATE = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? .*\b\d{2}:\d{2}:\d{2}\b/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds, or a date measured against the sender's own clock. Null
 * where the header is absent or is neither. Not bounded: whoever waits decides how long a wait it believes.
 */
export function parseRetryAfter(header: string | null, senderNowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!HTTP_DATE.test(text) && !ISO_DATE.test(text)) return null;
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, until - senderNowMs);
}

/** The `Date` of an answer, milliseconds; null where it has none that can be read. */
export function dateOf(headers: Pick<Headers, 'get'>): number | null {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? null : date;
}
