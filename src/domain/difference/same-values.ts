import { equalDecimals } from '../decimal/decimal.js';
import type { Difference } from './difference.js';
import type { Balance, OpenOrder, Position } from '../snapshot/snapshot.js';

/**
 * Whether two differences of one identity show the same two values. Times of change and explanations do not count. Numbers
 * are compared as decimals.
 */
export function showsSameValues(a: Difference, b: Difference): boolean {
  switch (a.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      return a.type === b.type && samePosition(a.exchange, b.exchange);
    case 'POSITION_CLOSED_EXTERNALLY':
      return a.type === b.type && samePosition(a.internal, b.internal);
    case 'POSITION_SIZE_CHANGED':
      return a.type === b.type && samePosition(a.exchange, b.exchange) && samePosition(a.internal, b.internal);
    case 'ORDER_PLACED_EXTERNALLY':
      return a.type === b.type && sameTerms(a.exchange, b.exchange) && sameFill(a.exchange, b.exchange);
    case 'ORDER_MISSING_ON_EXCHANGE':
      return a.type === b.type && sameTerms(a.internal, b.internal) && sameFill(a.internal, b.internal);
    case 'ORDER_AMENDED_EXTERNALLY':
      return a.type === b.type && sameTerms(a.exchange, b.exchange) && sameTerms(a.internal, b.internal);
    case 'ORDER_FILL_MISSED':
      return a.type === b.type && sameFill(a.exchange, b.exchange) && sameFill(a.internal, b.internal);
    case 'BALANCE_CHANGED_EXTERNALLY':
      return a.type === b.type && sameTotal(a.exchange, b.exchange) && sameTotal(a.internal, b.internal);
  }
}

function samePosition(a: Position, b: Position): boolean {
  return a.side === b.side && equalDecimals(a.amount, b.amount);
}

function sameTerms(a: OpenOrder, b: OpenOrder): boolean {
  return (
    a.side === b.side &&
    sameNumber(a.price, b.price) &&
    sameNumber(a.triggerPrice, b.triggerPrice) &&
    sameNumber(a.secondTriggerPrice ?? null, b.secondTriggerPrice ?? null) &&
    sameNumber(a.amount, b.amount)
  );
}

function sameFill(a: OpenOrder, b: OpenOrder): boolean {
  return equalDecimals(a.filled, b.filled);
}

function sameTotal(a: Balance, b: Balance): boolean {
  return equalDecimals(a.total, b.total);
}

function sameNumber(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && equalDecimals(a, b));
}
