import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.js';
import type { RequestLog } from './requests.js';

/** What a wire receives in addition to the engine. */
export interface WireDependencies {
  /** The exchange's clock, milliseconds since the epoch; the same as the engine's. */
  now: () => number;
  /** `attribute` must be called once per request, with its weight, as soon as its account is known. */
  requests: RequestLog;
}

/**
 * One exchange's wire format for the common engine: paths, parameters, signature, rate limits, field names, error
 * bodies.
 *
 * To add an exchange:
 * 1. Write `wire/<ccxt id>/<ccxt id>.ts`, which exports a `Wire`. Take every format from the exchange's public documentation and
 *    name the page beside it; a format taken from ccxt's parser would only prove that the parser agrees with itself.
 * 2. Add it to `WIRES` in `../wires.ts`. It is then served under `/<ccxt id>`: replacing scheme and host of ccxt's URLs by
 *    `http://127.0.0.1:9300/<ccxt id>` points an unmodified ccxt at it.
 * 3. Rows are functions of engine records (`Order`, `Position`, `Trade`, `Market`). Engine amounts are units; an
 *    exchange that counts contracts divides by the market's contract size with `contractsOf`. An id such as "BTCUSDT"
 *    belongs to the wire, never to the engine. Symbols are ccxt's. Perpetuals that only this exchange quotes in its
 *    currency are markets with `venues`, and a wire lists `engine.markets(id)`.
 * 4. The engine refuses with a `Rejection`; the wire maps its `reason` to the exchange's code, text and HTTP status.
 *
 * Bodies reach the wire as raw text whatever their content type, because signatures cover them. The server handles
 * faults, the logging of request statuses and closing.
 */
export interface Wire {
  /** ccxt's exchange id, and the first segment of all its paths. */
  readonly id: string;
  /** Adds the routes. `app` has the prefix `/<id>`; the wire's own not-found and error handlers stay within it. */
  register(app: FastifyInstance, engine: Engine, dependencies: WireDependencies): WireLimits;
  /** The body with which this exchange refuses too many requests, for the faults `rate_limit` and `ban`. */
  tooManyRequestsBody(kind: 'rate_limit' | 'ban', until: number): string;
  /**
   * The exchange's id of an order, if it differs from the engine's: the id that a bot which trades there has in its
   * state.
   */
  orderIdOf?(engineId: string): string;
}

/** Lets the control API set a wire's rate limit. */
export interface WireLimits {
  setWeightPerMinute(weight: number): void;
  /** Restores the documented limit, with nothing used and nobody banned. */
  reset(): void;
}
