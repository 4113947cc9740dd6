import {
  absoluteDecimal,
  compareDecimals,
  multiplyDecimals,
  subtractDecimals,
  type DecimalText,
} from '../decimal/decimal.js';
import type { Difference } from '../difference/difference.js';
import { signedAmount } from '../snapshot/position-legs.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import { countsValue } from '../snapshot/unit.js';

/** Currencies that are worth about one US dollar, the usual ones first. */
export const DOLLARS: ReadonlySet<string> = new Set([
  'USDT',
  'USDC',
  'USD',
  'FDUSD',
  'BUSD',
  'TUSD',
  'USDP',
  'DAI',
  'USDE',
  'PYUSD',
  'RLUSD',
  'USD1',
]);

function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}

/**
 * What a difference is worth in its symbol's quote currency: for linear and spot markets amount times price; for
 * inverse contracts the amount, which is quote value already; for a dollar coin the amount; for any other currency amount times
 * dollar price. Null without an amount or a price.
 *
 * @param price of the symbol in its quote currency, or of a currency in dollars; null if none is known
 */
export function valueOf(difference: Difference, price: DecimalText | null): DecimalText | null {
  const amount = amountOf(difference);
  if (amount === null) return null;
  const isBalance = difference.type === 'BALANCE_CHANGED_EXTERNALLY';
  if (isBalance ? isDollar(difference.symbol) : countsValue(measured(difference))) return amount;
  return price === null ? null : multiplyDecimals(amount, price);
}

/** Whether its value is in dollars (or a dollar coin) and not in another quote currency. */
export function isInDollars({ type, symbol }: Difference): boolean {
  if (type === 'BALANCE_CHANGED_EXTERNALLY') return true;
  const [pair = symbol] = symbol.split(':');
  return isDollar(pair.split('/')[1] ?? '');
}

function measured({ symbol, exchange, internal }: Difference): { symbol: string; unit?: 'base' } {
  const rows = [exchange, internal].filter((row) => row !== null);
  return rows.some((row) => 'unit' in row && row.unit === 'base') ? { symbol, unit: 'base' } : { symbol };
}

/**
 * By how much the two sides differ, in the market's unit, not negative. An order that only one side has, or whose terms
 * differ, counts with its whole amount. Null if an order closes a whole position, because it names no amount.
 */
export function amountOf(difference: Difference): DecimalText | null {
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
    case 'POSITION_CLOSED_EXTERNALLY':
      return apart(signedAmount(difference.exchange), signedAmount(difference.internal));
    case 'ORDER_PLACED_EXTERNALLY':
      return difference.exchange.amount;
    case 'ORDER_MISSING_ON_EXCHANGE':
      return difference.internal.amount;
    case 'ORDER_AMENDED_EXTERNALLY':
      return amendedAmount(difference);
    case 'ORDER_FILL_MISSED':
      return apart(difference.exchange.filled, difference.internal.filled);
    case 'BALANCE_CHANGED_EXTERNALLY':
      return apart(difference.exchange.total, difference.internal.total);
  }
}

function amendedAmount({
  exchange,
  internal,
  terms,
}: Extract<Difference, { type: 'ORDER_AMENDED_EXTERNALLY' }>): DecimalText | null {
  if (!hasAmount(exchange) || !hasAmount(internal)) return null;
  if (terms?.length === 1 && terms[0] === 'amount') return apart(exchange.amount, internal.amount);
  return compareDecimals(exchange.amount, internal.amount) > 0 ? exchange.amount : internal.amount;
}

function hasAmount(order: OpenOrder): order is OpenOrder & { amount: DecimalText } {
  return order.amount !== null;
}

function apart(a: DecimalText, b: DecimalText): DecimalText {
  return absoluteDecimal(subtractDecimals(a, b));
}
