import type { AccountState } from './profile/profile.js';
import { ExchangeFailure } from './transport/error-kinds.js';

/** Throws `incomplete` for a row that comes twice, because such a list may also miss another row. */
export function checkDuplicates(state: AccountState): void {
  const seen = new Set<string>();
  const keys = [
    ...state.positions.map((row) => `position ${row.symbol} ${row.side}`),
    ...state.orders.map((row) => `${row.conditional ? 'conditional order' : 'order'} ${row.symbol} ${row.id}`),
    ...state.balances.map((row) => `balance ${row.currency}`),
  ];
  for (const key of keys) {
    if (seen.has(key)) {
      throw new ExchangeFailure({
        kind: 'incomplete',
        message: `the exchange reported ${key} twice in one read`,
        where: key,
        retryAfterMs: null,
      });
    }
    seen.add(key);
  }
}
