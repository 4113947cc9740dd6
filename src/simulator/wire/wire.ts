import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.js';
import type { RequestLog } from '../requests.js';

/** What a wire gets besides the engine. */
export interface WireDependencies {
  /** The exchange's clock, milliseconds since the epoch; the same that the engine has. */
  now: () => number;
  /** `attribute` has to be called once per request, with its weight, as soon as its account is known. */
  requests: RequestLog;
}

/**
 * One exchange's wire format over the one engine: paths, parameters, signature, rate limits, field names, error bodies.
 *
 * To add an exchange:
 * 1. Write `wire/<ccxt id>.ts` that exports a `Wire`. Take every format from the exchange's public documentation and name
 *    the page beside it; a format taken from ccxt's parser would only prove that parser right.
 * 2. Add it to `WIRES` in `wires.ts`. It is then served under `/<ccxt id>`, so that replacing scheme and host of
 *    ccxt's URLs by `http://127.0.0.1:9300/<ccxt id>` points an unmodified ccxt at it.
 * 3. Rows are functions of engine records (`Order`, `Position`, `Trade`, `Market`). Engine amounts are units; an exchange
 *    that counts contracts divides by the market's contract size with `contractsOf`. An id such as "BTCUSDT" is the
 *    wire's, never the engine's.
 *    Symbols are ccxt's: perpetuals that this exchange alone quotes in its currency are markets with `venues`, and a wire
 *    lists `engine.markets(id)`.
 * 4. The engine says no with a `Rejection`; the wire maps its `reason` to the exchange's code, text and HTTP status.
 *
 * Bodies reach the wire as raw text whatever their content type, as signatures are made over them. Faults, request
 * logging of statuses and closing are the server's business, not the wire's.
 */
export interface Wire {
  /** ccxt's exchange id, and the first segment of all its paths. */
  readonly id: string;
  /** Adds the routes. `app` has the prefix `/<id>`; a not-found and an error handler of the wire's own stay within it. */
  register(app: FastifyInstance, engine: Engine, dependencies: WireDependencies): WireLimits;
  /** The body with which this exchange refuses for too many requests, for the faults `rate_limit` and `ban`. */
  tooManyRequestsBody(kind: 'rate_limit' | 'ban', until: number): string;
  /** The id that this exchange gives an order, where it is not the engine's own: what a bot that trades there has in its books. */
  orderIdOf?(engineId: string): string;
}

/** The handle by which the control surface sets a wire's rate limit. */
export interface WireLimits {
  setWeightPerMinute(weight: number): void;
  /** Back to the documented limit, with nothing used and nobody banned. */
  reset(): void;
}
