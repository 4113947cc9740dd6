import { addDecimals } from '../decimal/decimal.js';
import { BALANCES, covers, type Scope } from '../snapshot/scope.js';
import type { Balance, Snapshot } from '../snapshot/snapshot.js';

/**
 * The snapshot with the currencies that its codes mean (`currencyCodes`): rows of one currency are summed, and scopes and gaps
 * that name a code are about its currency. A code that an ignore rule names stays as it is, so the rule finds it.
 */
export function withUnifiedCurrencies(snapshot: Snapshot, ignored: ReadonlySet<string>): Snapshot {
  const { currencyCodes } = snapshot;
  if (currencyCodes === undefined) return snapshot;
  const codeOf = (currency: string): string =>
    ignored.has(currency) || !Object.hasOwn(currencyCodes, currency) ? currency : (currencyCodes[currency] ?? currency);
  const scopeOf = (scope: Scope): Scope => {
    const [list, code] = scope.split(':');
    return list === BALANCES && code !== undefined ? `${BALANCES}:${codeOf(code)}` : scope;
  };
  return {
    ...snapshot,
    balances: summed(snapshot.balances.map(({ currency, total }) => ({ currency: codeOf(currency), total }))),
    scopes: [...new Set(snapshot.scopes.map(scopeOf))],
    gaps: snapshot.gaps.map((gap) => ({ ...gap, scope: scopeOf(gap.scope) })),
    ...(snapshot.unread === undefined
      ? {}
      : {
          unread: snapshot.unread.map((part) =>
            covers(BALANCES, part.scope)
              ? { ...part, scope: scopeOf(part.scope), symbol: part.symbol === null ? null : codeOf(part.symbol) }
              : part,
          ),
        }),
  };
}

/** One row for each currency. */
export function summed(balances: readonly Balance[]): Balance[] {
  const byCurrency = new Map<string, Balance>();
  for (const { currency, total } of balances) {
    const known = byCurrency.get(currency);
    byCurrency.set(currency, { currency, total: known === undefined ? total : addDecimals(known.total, total) });
  }
  return [...byCurrency.values()];
}
