import { isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, Position } from '../../domain/snapshot/snapshot.js';

/** How often orders are read again because something held moved while they were read. */
const MAX_ROUNDS = 3;

/** All that a fill changes in one thing held. */
export interface HeldState {
  /** Which it is: no two have the same. */
  key: string;
  /** Its symbol or currency. */
  name: string;
  state: string;
}

export interface Together<Held, Orders> {
  /** Reads what moves with every fill and is cheap: positions, or balances on spot. */
  held: () => Promise<Held>;
  /** Is given what was held before. */
  orders: (before: Held) => Promise<Orders>;
  statesOf: (held: Held) => HeldState[];
}

/**
 * Reads what is held before and after the orders. Equal at both ends, nothing was filled in between, and both are of one
 * moment. Otherwise the orders are read again, a few times; what never stood still is named in `moved`.
 *
 * Orders that wait for a trigger are to be read before regular ones: one that triggers in between is then seen twice
 * rather than never.
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

/** Placing an order locks a part of a balance but leaves its total. */
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
