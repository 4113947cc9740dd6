/** The three forms of an HTTP date (RFC 9110, 5.6.7). Checked first, because `Date.parse` accepts almost any text. */
const HTTP_DATE = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? .*\b\d{2}:\d{2}:\d{2}\b/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/**
 * Milliseconds that a `Retry-After` header asks to wait. The header has seconds, or a date that is compared with the
 * sender's own clock. Null if the header is absent or neither. Not bounded: the caller bounds its wait.
 */
export function parseRetryAfter(header: string | null, senderNowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!HTTP_DATE.test(text) && !ISO_DATE.test(text)) return null;
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, until - senderNowMs);
}

type AnswerHeaders = Pick<Headers, 'get'>;

/** As `parseRetryAfter`, of an answer's headers. */
export function retryAfterOf(headers: AnswerHeaders, nowMs: number): number | null {
  return parseRetryAfter(headers.get('retry-after'), clockOf(headers, nowMs));
}

/**
 * The clock for absolute times in an answer, milliseconds: its `Date` header, so that two clocks are not compared, or ours if
 * that is absent or unreadable.
 */
export function clockOf(headers: AnswerHeaders, nowMs: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? nowMs : date;
}
