import type { Account } from './account.js';
import type { EngineEvent } from './events.js';
import type { Matching } from './matching.js';
import { isZero } from '@plumbline/primitives/decimal';

/** What this file needs from the exchange. */
interface Exchange {
  now: () => number;
  accounts: () => Account[];
  matching: Matching;
  emit: (event: EngineEvent) => void;
}

/**
 * Ends everything in a market that is settled or delisted: orders expire, positions close at the market's price. Holdings of a
 * spot market stay in the wallet.
 */
export function endAllIn(symbol: string, { now, accounts, matching, emit }: Exchange): void {
  for (const account of accounts()) {
    for (const order of account.open()) {
      // Looked up again: the end of an order may have ended the others of its list.
      if (order.symbol !== symbol || !account.openOrders.has(order.id)) continue;
      matching.end(account, order, 'expired', 'market_closed', 'market');
    }
    for (const position of account.positions()) {
      if (position.symbol === symbol && !isZero(position.amount)) matching.closeByForce(account, position, 'market');
    }
    emit({ kind: 'account', account: account.id, at: now() });
  }
}

/** Moves positions and open orders to a market's new name. Ids and amounts stay; history keeps the old name. */
export function renameIn(account: Account, from: string, to: string, now: number): void {
  for (const order of account.open()) if (order.symbol === from) account.store({ ...order, symbol: to });
  for (const position of account.positions()) {
    if (position.symbol !== from || isZero(position.amount)) continue;
    account.setPosition({ ...position, symbol: to, updatedAt: now });
    account.setPosition({ ...position, amount: '0', entryPrice: '0', updatedAt: now });
  }
}
