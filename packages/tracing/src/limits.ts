/** Spans that wait for the collector. Further ones are dropped and counted. */
export const MAX_WAITING = 4_096;
/** Spans of one request. With the limits of a span, a request stays below 2 MB. */
export const MAX_BATCH = 256;
/** Spans of one trace. A run has about 50; one with thousands of requests must not fill the collector. */
export const MAX_OF_TRACE = 1_000;
/** Traces whose spans are counted. The oldest ones are forgotten. */
export const MAX_TRACES = 2_000;
export const MAX_ATTRIBUTES = 24;
export const MAX_TEXT_LENGTH = 300;
/** Characters that reach the redactor: far more than are sent, so that it sees each secret whole. */
export const MAX_REDACTED_LENGTH = 20_000;
export const MAX_NAME_LENGTH = 120;
export const MAX_EVENTS = 2;
export const MAX_LINKS = 2;
/** How long spans wait for others before they are sent. */
export const SEND_EVERY_MS = 2_000;
/** One request to the collector, with its whole answer. */
export const REQUEST_MS = 10_000;
/** The batch processor's own limit. Longer than `REQUEST_MS`, so that the failure of the request is the one reported. */
export const EXPORT_MS = 20_000;
/** How long the end of a worker waits for its last spans. */
export const FLUSH_MS = 3_000;
/** The answer of a collector is empty or names a few errors. */
export const MAX_ANSWER_BYTES = 65_536;
/** How often the log says that the collector does not take spans. */
export const WARN_EVERY_MS = 60_000;
