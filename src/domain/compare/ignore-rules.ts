import type { Difference, DiscrepancyType } from '../difference/difference.js';
import { familyOf } from '../difference/identity.js';
import type { CompareRules } from '../policy/policy.js';

/** The client order ids of the rows of one order; null for a row without one. Absent for a side without a row. */
export interface ClientOrderIds {
  exchange?: string | null;
  internal?: string | null;
}

/**
 * Finds the ignore rule that applies to a row or a difference, as text ("symbol DOGE/USDT:USDT"). Rules by symbol (or
 * currency) and by client order id exclude rows, so both sides can never agree on their keys. A rule by type hides only the
 * difference.
 *
 * Rules by client order id:
 *
 * 1. A prefix that is not ours excludes the order if either row has it.
 * 2. Where only some prefixes are ours, an order is excluded if no row has one of them. An order that internal state has
 *    without a client order id is the bot's: otherwise nobody would notice that it is gone from the exchange.
 * 3. If orders without a client order id are excluded, an order is excluded if the exchange reports none for it and internal
 *    state does not have it.
 */
export class IgnoreRules {
  readonly #symbols: ReadonlySet<string>;
  readonly #types: ReadonlySet<DiscrepancyType>;
  readonly #prefixes: readonly string[];
  readonly #onlyPrefixes: readonly string[];
  readonly #unnamed: boolean;
  readonly #balances: boolean;

  constructor({ ignore, compareBalances }: CompareRules) {
    this.#symbols = new Set(ignore.symbols);
    this.#types = new Set(ignore.types);
    this.#prefixes = ignore.clientOrderIdPrefixes;
    this.#onlyPrefixes = ignore.onlyClientOrderIdPrefixes ?? [];
    this.#unnamed = ignore.ordersWithoutClientId ?? false;
    this.#balances = compareBalances !== false;
  }

  /** The rule that excludes the rows of a position or balance; null if none does. */
  ofRows(symbol: string): string | null {
    return this.#symbols.has(symbol) ? `symbol ${symbol}` : null;
  }

  /** The rule that excludes the rows of an order; null if none does. */
  ofOrder(symbol: string, { exchange, internal }: ClientOrderIds): string | null {
    const known = [exchange, internal].filter((id) => typeof id === 'string');
    const bySymbol = this.ofRows(symbol);
    if (bySymbol !== null) return bySymbol;
    const prefix = this.#prefixes.find((start) => known.some((id) => id.startsWith(start)));
    if (prefix !== undefined) return `client order id prefix ${prefix}`;
    // Internal state has the order and no client order id for it: it is the bot's, by whatever id it knows.
    if (internal === null) return null;
    if (this.#unnamed && known.length === 0) return 'orders without a client order id';
    const isOurs = this.#onlyPrefixes.some((start) => known.some((id) => id.startsWith(start)));
    if (this.#onlyPrefixes.length === 0 || isOurs) return null;
    return `other client order ids than ${this.#onlyPrefixes.join(', ')}`;
  }

  /** The rule that hides differences of the type; null if none does. */
  ofType(type: DiscrepancyType): string | null {
    return this.#types.has(type) ? `type ${type}` : null;
  }

  /** The rule that excludes the rows of the difference's key from observations; null if none does. */
  ofRowsOf({ type, symbol, exchange, internal }: Difference): string | null {
    const family = familyOf(type);
    if (family === 'balance' && !this.#balances) return 'balances are not compared';
    if (family === 'balance' || family === 'position') return this.ofRows(symbol);
    return this.ofOrder(symbol, {
      ...(exchange !== null && 'clientOrderId' in exchange ? { exchange: exchange.clientOrderId } : {}),
      ...(internal !== null && 'clientOrderId' in internal ? { internal: internal.clientOrderId } : {}),
    });
  }

  /** The rule that hides a difference like this one; null if none does. */
  ofDifference(difference: Difference): string | null {
    return this.ofRowsOf(difference) ?? this.ofType(difference.type);
  }
}
