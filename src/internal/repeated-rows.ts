import { absoluteDecimal, addDecimals, isZero, signOf } from '../domain/decimal/decimal.js';
import { signedAmount, withRow } from '../domain/snapshot/position-legs.js';
import { scopeOfBalance, scopeOfOrder, scopeOfPosition } from '../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, Snapshot } from '../domain/snapshot/snapshot.js';
import { UnreadParts } from '../domain/snapshot/unread-parts.js';

/**
 * Internal state with one row for each position, order and currency.
 *
 * - If a row is a trade (`rows: trades`), the rows of a position are summed, in one-way mode with their signs. Otherwise several
 *   rows of one position cannot both be right, and the symbol is not compared.
 * - An order that is listed twice is not compared, unless both rows say the same. So is a currency that is listed twice.
 */
export function withoutRepeats(snapshot: Snapshot, rows: 'positions' | 'trades'): Snapshot {
  const unread = new UnreadParts();
  for (const part of snapshot.unread ?? []) unread.add(part);
  const positions = rows === 'trades' ? summedTrades(snapshot, unread) : singlePositions(snapshot, unread);
  const orders = distinctOrders(snapshot.orders, unread, () => 'is listed twice');
  const balances = singleBalances(snapshot, unread);
  const parts = unread.list();
  const { unread: _, ...rest } = snapshot;
  return { ...rest, positions, orders, balances, ...(parts.length === 0 ? {} : { unread: parts }) };
}

function singlePositions({ side, positions, positionMode }: Snapshot, unread: UnreadParts): Position[] {
  const keyOf = ({ symbol, side }: Position): string => (positionMode === 'one-way' ? symbol : `${symbol} ${side}`);
  const repeated = new Set<string>();
  for (const [first, ...more] of grouped(positions, keyOf).values()) {
    if (first === undefined || more.length === 0) continue;
    repeated.add(first.symbol);
    const reason = `the ${side} state has ${more.length + 1} rows of the position ${keyOf(first)}; if a row is a trade, set "rows: trades" of its source (internal.rows) to sum them`;
    unread.add({ scope: scopeOfPosition(first), symbol: first.symbol, code: 'ROW_UNREADABLE', reason });
  }
  return repeated.size === 0 ? positions : positions.filter(({ symbol }) => !repeated.has(symbol));
}

function summedTrades({ side, positions, positionMode }: Snapshot, unread: UnreadParts): Position[] {
  const sums: Position[] = [];
  for (const [symbol, trades] of grouped(positions, (row) => row.symbol)) {
    const sides = new Set(trades.map((trade) => trade.side));
    if (positionMode === null && sides.size > 1) {
      const reason = `the ${side} state has trades on both sides of ${symbol}; it must name its position_mode: "one-way" if they offset each other, "hedge" if not`;
      unread.add({ scope: scopeOfPosition({ symbol }), symbol, code: 'ROW_UNREADABLE', reason });
    } else sums.push(...(positionMode === 'one-way' ? netOf(trades) : legsOf(trades)));
  }
  return sums;
}

/** One position with the sum of the signed amounts; none if they offset each other. */
export function netOf(rows: readonly Position[]): Position[] {
  const [first, ...more] = rows;
  if (first === undefined || more.length === 0) return [...rows];
  const sum = rows.reduce((total, row) => addDecimals(total, signedAmount(row)), '0');
  if (isZero(sum)) return [];
  const times = rows.map(({ changedAt }) => changedAt);
  const changedAt = times.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)));
  return [{ symbol: first.symbol, side: signOf(sum) < 0 ? 'short' : 'long', amount: absoluteDecimal(sum), changedAt }];
}

/** One position for each side of a symbol. */
export function legsOf(rows: readonly Position[]): Position[] {
  return [...grouped(rows, ({ symbol, side }) => `${symbol} ${side}`).values()].flatMap((leg) => {
    const [first, ...more] = leg;
    return first === undefined ? [] : [more.reduce((sum, row) => withRow(sum, row), first)];
  });
}

/**
 * The orders, each once. Rows that give the same order with different content are all left out, and reported as not
 * compared.
 *
 * @param problemOf what is wrong with an order that has several rows; the text follows "order 17"
 */
export function distinctOrders(
  orders: readonly OpenOrder[],
  unread: UnreadParts,
  problemOf: (rows: readonly OpenOrder[]) => string,
): OpenOrder[] {
  const groups: OpenOrder[][] = [];
  const byId = new Map<string, OpenOrder[]>();
  const byClientId = new Map<string, OpenOrder[]>();
  for (const order of orders) {
    // Order ids are unique only within a market.
    const idKey = order.id === null ? null : `${order.symbol} ${order.id}`;
    const clientKey = order.clientOrderId === null ? null : `${order.symbol} ${order.clientOrderId}`;
    const sameId = idKey === null ? undefined : byId.get(idKey);
    const sameClient = clientKey === null ? undefined : byClientId.get(clientKey);
    // A client order id tells two orders apart only if one of them has no exchange id yet.
    const known = sameId ?? (order.id === null || sameClient?.[0]?.id === null ? sameClient : undefined);
    const group = known ?? [];
    if (known === undefined) groups.push(group);
    group.push(order);
    if (idKey !== null) byId.set(idKey, group);
    if (clientKey !== null && sameClient === undefined) byClientId.set(clientKey, group);
  }
  if (groups.length === orders.length) return [...orders];
  return groups.flatMap((rows) => {
    const [first, ...more] = rows;
    if (first === undefined || more.length === 0) return rows;
    const name = first.id ?? `"${first.clientOrderId ?? ''}"`;
    const reason = `order ${name} of ${first.symbol} ${problemOf(rows)}`;
    unread.add({ scope: scopeOfOrder(first), symbol: first.symbol, code: 'ROW_UNREADABLE', reason });
    return more.every((row) => JSON.stringify(row) === JSON.stringify(first)) ? [first] : [];
  });
}

function singleBalances({ side, balances }: Snapshot, unread: UnreadParts): Balance[] {
  const repeated = new Set<string>();
  for (const [currency, { length }] of grouped(balances, (row) => row.currency)) {
    if (length < 2) continue;
    repeated.add(currency);
    const reason = `the ${side} state has ${length} rows of the balance ${currency}`;
    unread.add({ scope: scopeOfBalance({ currency }), symbol: currency, code: 'ROW_UNREADABLE', reason });
  }
  return balances.filter(({ currency }) => !repeated.has(currency));
}

/** Rows by key, in their order. */
export function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  return groups;
}
