import { compareDecimals } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position, Snapshot } from '../../domain/snapshot/snapshot.js';

/** A row of both sides, as they reported it. */
export interface Pair<Row> {
  exchange: Row | null;
  internal: Row | null;
  /** Whether the numbers differ exactly. The verdict also knows tolerances and rules. */
  differs: boolean;
}

export interface Pairs<Row> {
  /** Those that differ first, at most `MAX_ROWS`. */
  rows: Pair<Row>[];
  /** How many there are. */
  count: number;
  differing: number;
}

/** More would make a page that no browser shows quickly. */
export const MAX_ROWS = 300;

export function positionPairs(exchange: Snapshot, internal: Snapshot): Pairs<Position> {
  return paired(exchange.positions, internal.positions, {
    keys: ({ symbol, side }) => [`${symbol} ${side}`],
    equal: (a, b) => sameNumber(a.amount, b.amount),
  });
}

export function orderPairs(exchange: Snapshot, internal: Snapshot): Pairs<OpenOrder> {
  return paired(exchange.orders, internal.orders, {
    keys: ({ id, clientOrderId, symbol }) => [
      ...(id === null ? [] : [`id ${symbol} ${id}`]),
      ...(clientOrderId === null ? [] : [`client ${symbol} ${clientOrderId}`]),
    ],
    equal: (a, b) =>
      a.side === b.side &&
      sameNumber(a.amount, b.amount) &&
      sameNumber(a.filled, b.filled) &&
      sameNumber(a.price, b.price) &&
      sameNumber(a.triggerPrice, b.triggerPrice),
  });
}

export function balancePairs(exchange: Snapshot, internal: Snapshot): Pairs<Balance> {
  return paired(exchange.balances, internal.balances, {
    keys: ({ currency }) => [currency],
    equal: (a, b) => sameNumber(a.total, b.total),
  });
}

function paired<Row>(
  exchange: readonly Row[],
  internal: readonly Row[],
  { keys, equal }: { keys: (row: Row) => string[]; equal: (a: Row, b: Row) => boolean },
): Pairs<Row> {
  const left = new Set(internal);
  const byKey = new Map<string, Row>();
  for (const row of internal) for (const key of keys(row)) if (!byKey.has(key)) byKey.set(key, row);
  const pairs: Pair<Row>[] = exchange.map((row) => {
    const match =
      keys(row)
        .flatMap((key) => byKey.get(key) ?? [])
        .find((each) => left.has(each)) ?? null;
    if (match !== null) left.delete(match);
    return { exchange: row, internal: match, differs: match === null || !equal(row, match) };
  });
  for (const row of left) pairs.push({ exchange: null, internal: row, differs: true });
  const sorted = [...pairs.filter(({ differs }) => differs), ...pairs.filter(({ differs }) => !differs)];
  const differing = pairs.filter(({ differs }) => differs).length;
  return { rows: sorted.slice(0, MAX_ROWS), count: pairs.length, differing };
}

/** A number that one side does not report is never equal. */
function sameNumber(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : compareDecimals(a, b) === 0;
}
