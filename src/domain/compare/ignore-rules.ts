import type { Difference, DiscrepancyType } from '../difference/difference.js';
import { familyOf } from '../difference/identity.js';
import type { CompareRules } from '../policy/policy.js';

/**
 * Finds the ignore rule that applies to a row or a difference, as text ("symbol DOGE/USDT:USDT"). Rules by symbol (or
 * currency) and by prefix of the client order id exclude rows, so both sides can never agree on their keys. A rule by type
 * hides only the difference.
 */
export class IgnoreRules {
  readonly #symbols: ReadonlySet<string>;
  readonly #types: ReadonlySet<DiscrepancyType>;
  readonly #prefixes: readonly string[];
  readonly #balances: boolean;

  constructor({ ignore, compareBalances }: CompareRules) {
    this.#symbols = new Set(ignore.symbols);
    this.#types = new Set(ignore.types);
    this.#prefixes = ignore.clientOrderIdPrefixes;
    this.#balances = compareBalances;
  }

  /** The rule that excludes the rows of one key; null if none does. */
  ofRows(symbol: string, clientOrderIds: readonly (string | null)[]): string | null {
    if (this.#symbols.has(symbol)) return `symbol ${symbol}`;
    const prefix = this.#prefixes.find((start) => clientOrderIds.some((id) => id?.startsWith(start) === true));
    return prefix === undefined ? null : `client order id prefix ${prefix}`;
  }

  /** The rule that hides differences of the type; null if none does. */
  ofType(type: DiscrepancyType): string | null {
    return this.#types.has(type) ? `type ${type}` : null;
  }

  /** The rule that excludes the rows of the difference's key from observations; null if none does. */
  ofRowsOf({ type, symbol, exchange, internal }: Difference): string | null {
    if (familyOf(type) === 'balance' && !this.#balances) return 'balances are not compared';
    const ids = [exchange, internal].flatMap((row) =>
      row !== null && 'clientOrderId' in row ? [row.clientOrderId] : [],
    );
    return this.ofRows(symbol, ids);
  }

  /** The rule that hides a difference like this one; null if none does. */
  ofDifference(difference: Difference): string | null {
    return this.ofRowsOf(difference) ?? this.ofType(difference.type);
  }
}
