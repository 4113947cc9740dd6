import type { FailureKind } from '../domain/failure.js';
import { callContext, type CallContext } from './call-context.js';
import { nameOf, type Endpoint } from './endpoint.js';
import { ExchangeFailure } from './error-kinds.js';
import type { ReadOptions } from './exchange-reader.js';
import type { CcxtExchange } from './load-ccxt.js';
import type { Market } from './markets.js';

/** Finds markets for a profile; the reader loads them again once when one is missing. */
export interface MarketLookup {
  byId(id: string): Promise<Market | null>;
}

/** One read of one account, as a profile sees it: questions, markets and the exchange's clock. */
export class Session {
  /** The `Date` header of the last answer: an exchange's clock to the second, where it has no better one. */
  answeredAt: number | null = null;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly markets: MarketLookup,
    private readonly options: ReadOptions,
    private readonly nowMs: () => number,
  ) {}

  /** Asks once and returns what the endpoint owes, checked. Throws ExchangeFailure. */
  async ask<T>(endpoint: Endpoint<T>, params: Record<string, string> = {}): Promise<T> {
    const { answers, answeredAt } = await callGuarded([endpoint], this.options, async () => {
      const method = endpoint.call === null ? undefined : this.exchange[endpoint.call];
      if (typeof method !== 'function') {
        throw this.failure('bug', endpoint, `ccxt has no method ${endpoint.call ?? 'for it'}`);
      }
      await (method as (params: Record<string, string>) => Promise<unknown>)(params);
    });
    this.answeredAt = answeredAt;
    // The transport parsed the last answer with this very endpoint's shape.
    return answers.at(-1) as T;
  }

  /** As `ask`, but null where the server has no such address (a 404 without an error code of the exchange). */
  async askIfThere<T>(endpoint: Endpoint<T>): Promise<T | null> {
    try {
      return await this.ask(endpoint);
    } catch (error) {
      if (error instanceof ExchangeFailure && error.httpStatus === 404 && error.exchangeCode === null) return null;
      throw error;
    }
  }

  /** The market of an exchange's own id. Throws `incomplete`: a row of an unknown market cannot be placed. */
  async market(id: string, from: Endpoint<unknown>): Promise<Market> {
    const market = await this.markets.byId(id);
    if (market === null)
      throw this.failure('incomplete', from, `names "${id}", which is not among the exchange's markets`);
    return market;
  }

  /** The exchange's clock now, as far as the last read showed it. */
  exchangeTime(): number {
    const difference = this.exchange.options['timeDifference'];
    return this.nowMs() - (typeof difference === 'number' ? difference : 0);
  }

  /** Tells ccxt how far the exchange's clock is from ours, so that a wrong clock here does not void signatures. */
  setClock(exchangeTimeMs: number): void {
    this.exchange.options['timeDifference'] = this.nowMs() - exchangeTimeMs;
  }

  /** A failure that only the profile can see, in the words of all others. */
  failure(kind: FailureKind, endpoint: Endpoint<unknown>, what: string): ExchangeFailure {
    return new ExchangeFailure({
      kind,
      message: `${this.exchange.id} ${nameOf(endpoint)} ${what}`,
      where: nameOf(endpoint),
      retryAfterMs: null,
    });
  }
}

/**
 * Runs one of ccxt's calls with the only questions it may ask, and returns their answers. A failure below it fails the
 * call even where ccxt swallows it. What ccxt throws by itself is a failure too.
 */
export async function callGuarded(
  allowed: readonly Endpoint<unknown>[],
  options: ReadOptions,
  call: () => Promise<unknown>,
): Promise<Pick<CallContext, 'answers' | 'answeredAt'>> {
  const context: CallContext = {
    allowed,
    signal: options.signal,
    onProgress: options.onProgress,
    answers: [],
    answeredAt: null,
    failures: [],
  };
  const where = allowed.map(nameOf).join(', ');
  let thrown: unknown = null;
  try {
    await callContext.run(context, call);
  } catch (error) {
    thrown = error;
  }
  const [first] = context.failures;
  if (first !== undefined) throw first;
  if (thrown instanceof ExchangeFailure) throw thrown;
  if (thrown !== null && options.signal?.aborted === true) {
    throw new ExchangeFailure({
      kind: 'timeout',
      message: `${where} was given up by its caller`,
      where,
      retryAfterMs: null,
    });
  }
  // Its text may hold a signed address, so only its name is told.
  if (thrown !== null) {
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    const message = `${where}: ccxt could not ask or could not read the answer (${name})`;
    throw new ExchangeFailure({ kind: 'unreadable', message, where, retryAfterMs: null });
  }
  if (context.answers.length === 0) {
    throw new ExchangeFailure({ kind: 'bug', message: `${where} was never asked`, where, retryAfterMs: null });
  }
  return context;
}
