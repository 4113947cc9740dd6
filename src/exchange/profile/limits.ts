import type { RequestLimits } from '../transport/request-limits.js';

const MINUTE_MS = 60_000;

/** "The limits on the API are based on the IPs, not the API keys." */
const BINANCE: RequestLimits = {
  // Too much request weight.
  '-1003': { stops: 'address' },
  // The server is overloaded, whoever asks.
  '-1008': { stops: 'address' },
  // Too many orders, which count for each account. No question of ours places one.
  '-1015': { stops: 'key' },
  'HTTP 429': { stops: 'address' },
  // The ban after repeated 429s: from two minutes to three days.
  'HTTP 418': { stops: 'address', lastsMs: 2 * MINUTE_MS },
};

/**
 * Whom each exchange means by a refusal for too many requests, from its public documentation:
 *
 * | exchange         | key (account)                | address                        | documentation                                          |
 * | ---------------- | ---------------------------- | ------------------------------ | ------------------------------------------------------ |
 * | binance, -usdm   | -1015 (orders)               | -1003, -1008, 429, 418         | developers.binance.com, spot "Limits" (IP Limits) and  |
 * |                  |                              |                                | USDⓈ-M "General Info"; "Error Codes" of both           |
 * | bybit            | 10006 (per UID)              | 10018, 403 (10 min), 429       | bybit-exchange.github.io/docs/v5/rate-limit, /error    |
 * | okx              | 50011, 50061, 50040 (per     | the same of public questions;  | okx.com/docs-v5/en, "Rate Limits", "Error Code"        |
 * |                  | User ID of a sub-account)    | 429 without a code             |                                                        |
 * | bitget           | 429 of private questions     | 429 of public questions (IP);  | bitget.com/api-doc/common/quick-start, "Access         |
 * |                  | (UID)                        | 6000/IP/min has no own code    | Restriction": by UID or IP, as each page says          |
 * | gate             | TOO_MANY_REQUESTS, TOO_FAST  | the same of public questions;  | gate.com/docs/developers/apiv4/en, "Frequency limit    |
 * |                  | of private questions (UID)   | 429 without a label            | rule" (changed 2024-01-22: UID, public by IP)          |
 * | krakenfutures    | apiLimitExceeded (public     | 429 without a code: the page   | docs.kraken.com/api/docs/guides/futures-rate-limits    |
 * |                  | questions cost nothing)      | does not say whose budget      |                                                        |
 * | hyperliquid      | (an address of the chain is  | 429                            | hyperliquid.gitbook.io, API, "Rate limits and user     |
 * |                  | limited in actions only)     |                                | limits": per IP address                                |
 *
 * Where one refusal may mean either (Bitget), it is taken for the key: another key that the address' limit stops too is
 * reported so by its own first refusal.
 */
export const REQUEST_LIMITS = {
  binance: BINANCE,
  binanceusdm: BINANCE,
  bybit: {
    '10006': { stops: 'asker' },
    // Deprecated in the current documentation; older servers may still send it.
    '10018': { stops: 'address' },
    // Bybit's servers are overloaded, whoever asks.
    '429': { stops: 'address' },
    '10429': { stops: 'address' },
    'HTTP 429': { stops: 'address' },
    // "access too frequent": end all sessions and wait at least ten minutes.
    'HTTP 403': { stops: 'address', lastsMs: 10 * MINUTE_MS },
  },
  okx: {
    '50011': { stops: 'asker' },
    '50040': { stops: 'asker' },
    '50061': { stops: 'key' },
    'HTTP 429': { stops: 'address' },
  },
  bitget: {
    '429': { stops: 'asker' },
    '30007': { stops: 'asker' },
    'HTTP 429': { stops: 'asker' },
  },
  gate: {
    TOO_MANY_REQUESTS: { stops: 'asker' },
    TOO_FAST: { stops: 'asker' },
    'HTTP 429': { stops: 'address' },
  },
  krakenfutures: {
    apiLimitExceeded: { stops: 'key' },
    'HTTP 429': { stops: 'address' },
  },
  hyperliquid: {
    'HTTP 429': { stops: 'address' },
  },
} satisfies Record<string, RequestLimits>;
