import { isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, Position } from '../../domain/snapshot/snapshot.js';

/** How often orders are read, at most, because a position or balance changed during the read. */
const MAX_ROUNDS = 3;

/** The state of one position or balance, which every fill changes. */
export interface HeldState {
  /** Unique. */
  key: string;
  /** Its symbol or currency. */
  name: string;
  state: string;
}

export interface Together<Held, Orders> {
  /** Reads what every fill changes and is cheap to read: positions, or balances on spot. */
  held: () => Promise<Held>;
  /** Receives what was held before. */
  orders: (before: Held) => Promise<Orders>;
  statesOf: (held: Held) => HeldState[];
}

/**
 * Reads what is held before and after the orders. If both are equal, nothing was filled in between, and all describe one
 * moment. Otherwise the orders are read again, a few times. `moved` names what changed every time.
 *
 * Read orders that wait for a trigger before regular ones: an order that triggers in between is then seen twice rather than
 * never.
 */
export async function readTogether<Held, Orders>(
  together: Together<Held, Orders>,
): Promise<{ held: Held; orders: Orders; moved: string[] }> {
  let before = await together.held();
  for (let round = 1; ; round++) {
    const orders = await together.orders(before);
    const after = await together.held();
    const moved = movedNames(together.statesOf(before), together.statesOf(after));
    if (moved.length === 0 || round === MAX_ROUNDS) return { held: after, orders, moved };
    before = after;
  }
}

export function statesOfPositions(positions: readonly Position[]): HeldState[] {
  return positions.map(({ symbol, side, amount, changedAt }) => ({
    key: `position ${symbol} ${side}`,
    name: symbol,
    state: `${normalizeDecimal(amount)} ${changedAt}`,
  }));
}

/** Only totals: placing an order locks a part of a balance but does not change its total. */
export function statesOfBalances(balances: readonly Balance[]): HeldState[] {
  return balances.flatMap(({ currency, total }) =>
    isZero(total) ? [] : [{ key: `balance ${currency}`, name: currency, state: normalizeDecimal(total) }],
  );
}

function movedNames(before: readonly HeldState[], after: readonly HeldState[]): string[] {
  const old = new Map(before.map(({ key, state }) => [key, state]));
  const fresh = new Map(after.map(({ key, state }) => [key, state]));
  const moved = new Set<string>();
  for (const { key, name } of [...before, ...after]) if (old.get(key) !== fresh.get(key)) moved.add(name);
  return [...moved];
}
