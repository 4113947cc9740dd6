import { editDistance } from '../config/suggest.js';
import type { MarketFacts } from '../domain/snapshot/snapshot.js';

/** What an exchange has under a name: a unified symbol, or its own id. */
export type MarketAnswer =
  | { kind: 'found'; symbol: string; facts: MarketFacts }
  /** The id means several markets of the account, such as spot and swap; their unified symbols. */
  | { kind: 'ambiguous'; candidates: string[] }
  /** No market, or none that can be read; at most three unified symbols that may be meant, the likeliest first. */
  | { kind: 'unknown'; near: string[] };

/** A market's names. */
export interface MarketName {
  symbol: string;
  id: string;
}

const MOST_NEAR = 3;

/**
 * Markets that an unknown name may mean: those of its base currency, then those whose name differs in a few letters.
 * A unified symbol is compared by its base currency with the markets of the same quote and settle currency.
 */
export function nearMarkets(name: string, markets: readonly MarketName[]): string[] {
  const [base, rest] = split(name);
  const found: { symbol: string; distance: number }[] = [];
  for (const { symbol, id } of markets) {
    const [ofBase, ofRest] = split(symbol);
    if (rest === undefined) {
      const distance = distanceUpTo(name, id, Math.max(1, Math.floor(name.length / 4)));
      if (distance !== null) found.push({ symbol, distance });
    } else if (ofBase.toUpperCase() === base.toUpperCase()) {
      found.push({ symbol, distance: 0 });
    } else if (ofRest?.toUpperCase() === rest.toUpperCase()) {
      const distance = distanceUpTo(base, ofBase, Math.max(1, Math.floor(base.length / 3)));
      if (distance !== null) found.push({ symbol, distance });
    }
  }
  const inOrder = found.toSorted((a, b) => a.distance - b.distance || (a.symbol < b.symbol ? -1 : 1));
  return inOrder.slice(0, MOST_NEAR).map(({ symbol }) => symbol);
}

/** "FTM" and "USDT:USDT" of "FTM/USDT:USDT"; the second is undefined for an exchange's own id. */
function split(symbol: string): [base: string, rest: string | undefined] {
  const at = symbol.indexOf('/');
  return at < 0 ? [symbol, undefined] : [symbol.slice(0, at), symbol.slice(at + 1)];
}

function distanceUpTo(a: string, b: string, most: number): number | null {
  if (Math.abs(a.length - b.length) > most) return null;
  const distance = editDistance(a.toLowerCase(), b.toLowerCase());
  return distance <= most ? distance : null;
}
