import type { Snapshot, Unread } from '../../src/domain/snapshot/snapshot.js';
import type { World } from './world.js';

/**
 * The snapshot with its unread rows: a row with an unknown word, and rows of the bots whose symbol the exchange no
 * longer lists.
 */
export function withUnreadRows(snapshot: Snapshot, world: World): Snapshot {
  const { agenda, oddRows, script } = world;
  const unread: Unread[] = [];
  const odd = oddRows.filter(({ side, until }) => side === snapshot.side && until > agenda.now);
  const isOdd = (list: string, symbol: string): boolean =>
    odd.some((row) => row.list === list && row.symbol === symbol);
  const known = new Set(
    world.engine.allMarkets().flatMap(({ symbol, closed, expiresAt }) => {
      // The name of an expired dated contract is still known.
      return closed === true && expiresAt === undefined ? [] : [symbol];
    }),
  );
  const once = new Set<string>();
  const isRead = (list: string, symbol: string, scope: string): boolean => {
    const isUnknown = snapshot.side === 'internal' && list !== 'balances' && !known.has(symbol);
    // Only one row has the word; the other rows of its symbol can be read.
    const isStrange = isOdd(list, symbol) && !once.has(`${list} ${symbol}`);
    if (!isUnknown && !isStrange) return true;
    once.add(`${list} ${symbol}`);
    const code = isUnknown ? ('SYMBOL_UNKNOWN' as const) : ('ROW_UNREADABLE' as const);
    unread.push({
      scope,
      symbol,
      code,
      reason: isUnknown ? `${symbol} is not listed` : 'status "SUSPENDED" is not known',
    });
    return false;
  };
  const { orders: kind } = world.kind;
  const positions = snapshot.positions.filter(({ symbol }) =>
    isRead(script.kind === 'spot' ? 'balances' : 'positions', symbol, `positions:${kind}`),
  );
  const orders = snapshot.orders.filter(({ symbol, conditional }) =>
    isRead('orders', symbol, `orders:${conditional ? 'conditional' : 'regular'}:${kind}`),
  );
  const balances = snapshot.balances.filter(({ currency }) => isRead('balances', currency, `balances:${currency}`));
  return unread.length === 0 ? snapshot : { ...snapshot, positions, orders, balances, unread };
}

/** What a side could not read, as "order BTC/USDT" or "position BTC/USDT:USDT"; a spot position is a balance. */
export function unreadKeys(...snapshots: readonly Snapshot[]): Set<string> {
  return new Set(
    snapshots.flatMap(({ unread = [] }) =>
      unread.map(({ scope, symbol }) => {
        if (scope.startsWith('positions:spot')) return `balance ${symbol?.split('/')[0]}`;
        return `${scope.split(':')[0]?.replace(/s$/, '')} ${symbol}`;
      }),
    ),
  );
}

/** The name of an identity in `unreadKeys`: "order-fill|BTC/USDT|id:7" is of "order BTC/USDT". */
export function nameOf(identity: string): string {
  const [family = '', symbol = ''] = identity.split('|');
  return `${family.replace(/-.*$/, '')} ${symbol}`;
}
