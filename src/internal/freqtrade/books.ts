import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../../domain/decimal/decimal.js';
import type { Pieces } from '../../domain/pieces.js';
import { LIMITS } from '../../domain/limits/limits.js';
import { scopeOfBalance, scopeOfPosition } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, OrderSide, Position, Unread } from '../../domain/snapshot/snapshot.js';
import { UnreadParts } from '../../domain/snapshot/unread-parts.js';
import { visible } from '../../domain/text/shown-text.js';
import { valueAt } from '../../config/issues.js';
import { writtenNumber } from '../../domain/text/exact-json.js';
import { ROWS_AT_ONCE } from '../checked-rows.js';
import { problemOf } from '../answer-problem.js';
import { keyOf, priceOf, type StoredBooks } from './database.js';
import { tradeShape, type FreqtradeOrder, type FreqtradeTrade } from './shapes.js';

export type TradingMode = 'spot' | 'futures';

/** What Freqtrade's open trades say about the account. */
export interface Books {
  /** In futures mode, one for each pair. */
  positions: Position[];
  orders: OpenOrder[];
  /** In spot mode, by base currency: what the account holds at least for these trades. */
  holdings: Balance[];
  unread: Unread[];
  /** Ids of the open trades, by pair. */
  trades: Record<string, string[]>;
}

/**
 * Reads the open trades (`GET /status`). An unreadable trade or order costs its own pair; one without a pair costs all.
 *
 * - A position is the trade's `amount` plus what its OPEN orders have filled: entries add, exits and stops take off. Freqtrade
 *   books an order's fills in `amount` only when the order is closed.
 * - An order has no client order id, because Freqtrade does not store it.
 * - `safe_price` is the average price of an order that has filled anything, and of an order without one its price, else its
 *   stop price. So it is the price of an unfilled limit order and the trigger price of an unfilled stop that becomes a market
 *   order. Elsewhere the two are null, and a null is not compared. With the database both are the database's.
 *
 * @param stored the database's books, which agree with the trades (`disagreement`); null if only the API is read
 */
export function* booksOf(
  trades: readonly unknown[],
  mode: TradingMode,
  stored: StoredBooks | null = null,
): Pieces<Books> {
  const unread = new UnreadParts();
  const lost = new Set<string>();
  const amounts = new Map<string, DecimalText>();
  const holdings = new Map<string, DecimalText>();
  const orders: OpenOrder[] = [];
  const ids = new Map<string, string[]>();
  for (const [index, row] of trades.entries()) {
    if (index % ROWS_AT_ONCE === 0) yield;
    const trade = readTrade(row, stored);
    const { pair, base, id } = namesOf(row);
    if (pair !== null && id !== null) ids.set(pair, [...(ids.get(pair) ?? []), id]);
    if (typeof trade === 'string') {
      if (pair !== null) lost.add(pair);
      for (const part of unreadOf(row, index, trade, mode)) unread.add(part);
      if (base !== null) lost.add(base);
      continue;
    }
    const { pair: symbol } = trade.row;
    const signed = trade.row.is_short ? negateDecimal(trade.owned) : trade.owned;
    amounts.set(symbol, addDecimals(amounts.get(symbol) ?? '0', signed));
    const coin = trade.row.base_currency ?? baseOf(symbol);
    holdings.set(coin, addDecimals(holdings.get(coin) ?? '0', subtractDecimals(trade.owned, feeNotBooked(trade.row))));
    orders.push(...trade.orders);
  }
  const held = mode === 'futures' ? amounts : new Map<string, DecimalText>();
  return {
    positions: [...held].filter(([pair, amount]) => !lost.has(pair) && !isZero(amount)).map(positionOf),
    orders,
    holdings: (mode === 'spot' ? [...holdings] : [])
      .filter(([currency]) => !lost.has(currency))
      .map(([currency, total]) => ({ currency, total })),
    unread: unread.list(),
    trades: Object.fromEntries(ids),
  };
}

function positionOf([symbol, amount]: [string, DecimalText]): Position {
  return { symbol, side: signOf(amount) < 0 ? 'short' : 'long', amount: absoluteDecimal(amount), changedAt: null };
}

interface ReadTrade {
  row: FreqtradeTrade;
  /** What the trade holds, fills of open orders included. Unsigned, except where a trade has sold more than it had. */
  owned: DecimalText;
  orders: OpenOrder[];
}

/** The trade, or what is wrong with it. */
function readTrade(answer: unknown, stored: StoredBooks | null): ReadTrade | string {
  const parsed = tradeShape.safeParse(answer);
  if (!parsed.success) return problemOf(parsed.error, answer);
  const row = parsed.data;
  if (signOf(row.amount) < 0) return `amount is ${row.amount}; is_short gives the direction, so it has no sign`;
  let owned = row.amount;
  const orders: OpenOrder[] = [];
  for (const [index, order] of row.orders.entries()) {
    if (!order.is_open) continue;
    const open = orderOf(row, order, stored);
    if (typeof open === 'string') return `orders[${index}].${open}`;
    owned = isEntry(row, order) ? addDecimals(owned, open.filled) : subtractDecimals(owned, open.filled);
    orders.push(open);
  }
  return { row, owned, orders };
}

function isEntry({ is_short: isShort }: FreqtradeTrade, { ft_order_side: side }: FreqtradeOrder): boolean {
  return side === (isShort ? 'sell' : 'buy');
}

/** The open order, or what is wrong with it. */
function orderOf(trade: FreqtradeTrade, order: FreqtradeOrder, stored: StoredBooks | null): OpenOrder | string {
  const filled = order.filled ?? '0';
  const amount = order.amount ?? '0';
  if (order.order_id === null) return 'order_id is empty, expected the id that the exchange gave';
  if (signOf(filled) < 0) return `filled is ${filled}; it must be the amount filled so far, or 0`;
  if (signOf(amount) <= 0) return `amount is ${order.amount ?? 'null'}, expected an amount above zero`;
  const conditional = order.ft_order_side === 'stoploss';
  const type = (order.order_type ?? 'market').toLowerCase();
  const prices = stored === null ? shownPrices(order, type) : storedPrices(stored, trade, order.order_id);
  if (typeof prices === 'string') return prices;
  const hasPrice = conditional ? type !== 'market' : type === 'limit';
  return {
    id: order.order_id,
    clientOrderId: null,
    symbol: trade.pair,
    side: sideOf(trade, order),
    type,
    price: hasPrice ? prices.price : null,
    triggerPrice: conditional ? prices.triggerPrice : null,
    amount,
    filled,
    conditional,
    changedAt: null,
  };
}

interface Prices {
  price: DecimalText | null;
  triggerPrice: DecimalText | null;
}

/** What `safe_price` says of an order: the price of one kind, the trigger price of another, and of others neither. */
function shownPrices({ safe_price: shown, filled, ft_order_side: side }: FreqtradeOrder, type: string): Prices {
  const isTold = isZero(filled ?? '0') && shown !== null && shown !== undefined && !isZero(shown);
  const told = isTold ? shown : null;
  if (side !== 'stoploss') return { price: told, triggerPrice: null };
  return { price: null, triggerPrice: type === 'market' ? told : null };
}

/** The database's prices of an order, or what is wrong with them. */
function storedPrices(stored: StoredBooks, { pair }: FreqtradeTrade, id: string): Prices | string {
  const row = stored.orders.get(keyOf({ pair, id }));
  if (row === undefined) return 'order_id is not in the database';
  const [price, trigger] = [priceOf(row.price), priceOf(row.stopPrice)];
  if ('problem' in price) return `price ${price.problem} (in the database)`;
  if ('problem' in trigger) return `stop_price ${trigger.problem} (in the database)`;
  return { price: price.price, triggerPrice: trigger.price };
}

/** A stop closes its trade, so it is on the side of the exit. */
function sideOf({ is_short: isShort }: FreqtradeTrade, { ft_order_side: side }: FreqtradeOrder): OrderSide {
  if (side !== 'stoploss') return side;
  return isShort ? 'buy' : 'sell';
}

/**
 * The fees of entries that the exchange took in the base currency and that Freqtrade has not taken off `amount`: those of open
 * orders, and those that it pays from the rest of the wallet ("Eating Fee into dust").
 */
function feeNotBooked(trade: FreqtradeTrade): DecimalText {
  const { fee_open: rate, fee_open_currency: currency } = trade;
  const base = trade.base_currency ?? baseOf(trade.pair);
  if (rate === null || rate === undefined || signOf(rate) < 0) return '0';
  if (currency !== null && currency !== undefined && currency !== base) return '0';
  return trade.orders
    .filter((order) => isEntry(trade, order) && (order.ft_fee_base ?? null) === null)
    .reduce((sum, { filled }) => addDecimals(sum, multiplyDecimals(filled ?? '0', rate)), '0');
}

function baseOf(pair: string): string {
  return pair.split('/')[0] ?? pair;
}

/** The pair, the base currency and the id that a row names; null if it names none. */
function namesOf(row: unknown): { pair: string | null; base: string | null; id: string | null } {
  const pair = valueAt(row, ['pair']);
  const id = writtenNumber(valueAt(row, ['trade_id']));
  if (typeof pair !== 'string' || pair === '' || pair.length > LIMITS.idLength.value) {
    return { pair: null, base: null, id };
  }
  return { pair, base: baseOf(pair), id };
}

function unreadOf(row: unknown, index: number, problem: string, mode: TradingMode): Unread[] {
  const { pair, base } = namesOf(row);
  const number = writtenNumber(valueAt(row, ['trade_id']));
  const name = `trade ${number ?? `[${index}] of /status`}${pair === null ? '' : ` (${visible(pair)})`}`;
  const reason = `${visible(name)} cannot be read: ${problem}`.slice(0, LIMITS.reasonLength.value);
  const part = { code: 'ROW_UNREADABLE', reason } as const;
  const held = mode === 'futures' ? { scope: 'positions', symbol: pair } : { scope: 'balances', symbol: base };
  if (pair !== null && base !== null) {
    held.scope = mode === 'futures' ? scopeOfPosition({ symbol: pair }) : scopeOfBalance({ currency: base });
  }
  return [
    { ...part, scope: 'orders', symbol: pair },
    { ...part, ...held },
  ];
}
