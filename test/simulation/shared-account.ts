import { addDecimals, negateDecimal } from '../../src/domain/decimal/decimal.js';
import type { PositionRow, Rows } from './rows.js';

/*
 * A shared account: two bots with a source each, or an owner who holds something beside the bots.
 */

/** What one source of internal state answers, with its time by its own clock. */
export interface Served {
  name: string;
  rows: Rows;
  asOf: number;
}

/** Two bots on one account: the second one trades one symbol, and holds a constant part of every other, against the first. */
export interface SecondBot {
  symbol: string;
  /** By symbol, signed: what it holds of symbols that the first one trades. In one-way mode only. */
  against: Record<string, string>;
}

/** What the first bot answers: all but the second one's symbol, and what offsets the second one's constant part. */
export function rowsOfFirst(rows: Rows, { symbol, against }: SecondBot): Rows {
  const own = rows.positions.filter((row) => row.symbol !== symbol);
  const orders = rows.orders.filter((row) => row.symbol !== symbol);
  const offset = Object.entries(against).map(([name, amount]) => net(name, negateDecimal(amount)));
  return { ...rows, orders, positions: summed([...own, ...offset]) };
}

export function rowsOfSecond(rows: Rows, { symbol, against }: SecondBot): Rows {
  const own = rows.positions.filter((row) => row.symbol === symbol);
  const orders = rows.orders.filter((row) => row.symbol === symbol);
  const constant = Object.entries(against).map(([name, amount]) => net(name, amount));
  return { balances: {}, orders, positions: [...own, ...constant] };
}

/** Both bots' rows as one. */
export function together(parts: readonly Served[]): Rows {
  return {
    positions: summed(parts.flatMap(({ rows }) => rows.positions)),
    orders: parts.flatMap(({ rows }) => rows.orders),
    balances: Object.assign({}, ...parts.map(({ rows }) => rows.balances)) as Rows['balances'],
  };
}

/** The bots' rows and what the owner holds beside them, as the account's baseline says. */
export function withOwners(
  rows: Rows,
  positions: Record<string, string>,
  balances: Record<string, string>,
  slot: string,
): Rows {
  const held = Object.entries(positions).map(([symbol, amount]): PositionRow => ({ symbol, slot, amount }));
  // Also of a currency that the bots do not show, because they have none of it.
  const currencies = new Set([...Object.keys(rows.balances), ...Object.keys(balances)]);
  const all = Object.fromEntries(
    [...currencies].map((currency) => [
      currency,
      addDecimals(rows.balances[currency] ?? '0', balances[currency] ?? '0'),
    ]),
  );
  return { ...rows, positions: summed([...rows.positions, ...held]), balances: all };
}

function net(symbol: string, amount: string): PositionRow {
  return { symbol, slot: 'net', amount };
}

function summed(rows: readonly PositionRow[]): PositionRow[] {
  const byKey = new Map<string, PositionRow>();
  for (const row of rows) {
    const key = `${row.symbol}|${row.slot}`;
    const amount = addDecimals(byKey.get(key)?.amount ?? '0', row.amount);
    byKey.set(key, { symbol: row.symbol, slot: row.slot, amount });
  }
  return [...byKey.values()].filter(({ amount }) => amount !== '0');
}
