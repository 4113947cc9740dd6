import { decimalExcess } from '../decimal/decimal-limits.js';
import { LIMITS, requireLength, TooLargeError, type LimitName } from '../limits/limits.js';
import type { Snapshot } from './snapshot.js';

/** What a side reported about an account, without times. */
type Reported = Pick<Snapshot, 'scopes' | 'gaps' | 'positions' | 'orders' | 'balances' | 'unread'>;

/**
 * Throws TooLargeError if a snapshot exceeds a limit: the number of rows, scopes and gaps, or the length of a text or
 * number. Snapshots of both sides pass this check before they are stored, whatever their readers have checked.
 */
export function requireSnapshotLimits(reported: Reported): void {
  for (const list of ['positions', 'orders', 'balances', 'scopes', 'gaps'] as const) {
    requireLength(list, reported[list].length, list);
  }
  for (const [index, scope] of reported.scopes.entries()) limitText('scopeLength', scope, 'scopes', index);
  for (const [index, { scope, reason }] of reported.gaps.entries()) {
    limitText('scopeLength', scope, 'gaps', index, 'scope');
    limitText('reasonLength', reason, 'gaps', index, 'reason');
  }
  for (const [index, { symbol, reason }] of (reported.unread ?? []).entries()) {
    limitText('idLength', symbol, 'unread', index, 'symbol');
    limitText('reasonLength', reason, 'unread', index, 'reason');
  }
  for (const [index, { symbol, amount }] of reported.positions.entries()) {
    limitText('idLength', symbol, 'positions', index, 'symbol');
    limitNumber(amount, 'positions', index, 'amount');
  }
  for (const [index, order] of reported.orders.entries()) {
    for (const field of ORDER_TEXTS) limitText('idLength', order[field], 'orders', index, field);
    for (const field of ORDER_NUMBERS) limitNumber(order[field], 'orders', index, field);
  }
  for (const [index, { currency, total }] of reported.balances.entries()) {
    limitText('idLength', currency, 'balances', index, 'currency');
    limitNumber(total, 'balances', index, 'total');
  }
}

const ORDER_TEXTS = ['id', 'clientOrderId', 'symbol', 'type'] as const;
const ORDER_NUMBERS = ['price', 'triggerPrice', 'amount', 'filled'] as const;

function limitText(name: LimitName, text: string | null, list: string, index: number, field?: string): void {
  if (text !== null && text.length > LIMITS[name].value) {
    throw new TooLargeError(name, text.length, placeOf(list, index, field));
  }
}

/**
 * How much longer a derived number may be. A product of two numbers within the limits (contracts and contract size) has up
 * to twice the digits, and an exponent is written out: four times the limit in total.
 */
const DERIVED = 4;

function limitNumber(text: string | null, list: string, index: number, field: string): void {
  if (text === null || text.length <= LIMITS.numberLength.value) return;
  if (text.length > DERIVED * LIMITS.numberLength.value || decimalExcess(text) === 'exponent') {
    throw new TooLargeError('numberLength', text.length, placeOf(list, index, field));
  }
}

function placeOf(list: string, index: number, field?: string): string {
  return field === undefined ? `${list}[${index}]` : `${list}[${index}].${field}`;
}
