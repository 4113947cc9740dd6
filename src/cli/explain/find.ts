import { suggest } from '../../config/suggest.js';
import type { DiscrepancyRow } from '../../ledger/contract/ledger.js';
import type { Explanation } from './words.js';

/** The explanations of a word. A setting is found by its whole path, or by the end of it, such as `interval_minutes`. */
export function explanationsOf(word: string, known: readonly Explanation[]): Explanation[] {
  const wanted = word.trim().toLowerCase();
  const found = known.filter((each) => {
    const name = each.word.toLowerCase();
    return name === wanted || (each.sort === 'setting' && name.endsWith(`.${wanted}`));
  });
  // A setting that can stand in several places, with the same meaning, is one.
  const places = new Map<string, Explanation>();
  for (const each of found) {
    const before = places.get(each.meaning);
    places.set(each.meaning, before === undefined ? each : { ...before, word: `${before.word}, ${each.word}` });
  }
  return [...places.values()];
}

/** The discrepancies that are about a key: its identity or id, an order id, a symbol or a currency. */
export function aboutKey(key: string, rows: readonly DiscrepancyRow[]): DiscrepancyRow[] {
  const wanted = key.trim();
  const base = (symbol: string): string => symbol.split('/', 1)[0] ?? symbol;
  return rows.filter(
    ({ id, identity, symbol }) =>
      id === wanted ||
      identity === wanted ||
      symbol === wanted ||
      base(symbol) === wanted ||
      identity.split(/[|:]/).includes(wanted),
  );
}

/** The known word that is most similar, or null. */
export function meant(word: string, known: readonly Explanation[]): string | null {
  return suggest(
    word,
    known.map(({ word: each, sort }) => (sort === 'setting' ? (each.split('.').at(-1) ?? each) : each)),
  );
}
