import { normalizeDecimal, signOf } from '../decimal/decimal.js';
import type { Difference } from './difference.js';
import type { OpenOrder, Position } from '../snapshot/snapshot.js';
import { unitOf, type Measured } from '../snapshot/unit.js';

/** The exact number without trailing zeros, with thousands grouped: "60120.50" becomes "60,120.5". */
export function numberText(text: string | null): string {
  if (text === null) return 'none';
  const [whole = '', fraction] = normalizeDecimal(text).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/**
 * An amount with its unit: "0.5 BTC" of BTC/USDT:USDT, "1,000 USD of BTC/USD:BTC" of an inverse contract, "10 USDT" of a
 * balance.
 */
export function amountText(amount: string | null, of: string | Measured): string {
  const measured = typeof of === 'string' ? { symbol: of } : of;
  const unit = unitOf(measured);
  const text = `${numberText(amount)} ${unit.currency}`;
  return unit.of === 'quote' ? `${text} of ${measured.symbol}` : text;
}

/** "0.5 BTC long". */
export function positionText(position: Position): string {
  return `${amountText(position.amount, position)} ${position.side}`;
}

/** "buy 0.01 BTC limit at 60,000". */
export function orderText(row: OpenOrder): string {
  const amount = isReported(row.amount) ? amountText(row.amount, row) : 'the whole position';
  const price = isReported(row.price) ? ` at ${numberText(row.price)}` : '';
  const trigger = isReported(row.triggerPrice) ? ` triggered at ${numberText(row.triggerPrice)}` : '';
  const filled = signOf(row.filled) === 0 ? '' : `, ${amountText(row.filled, row)} filled`;
  return `${row.side} ${amount} ${row.type}${price}${trigger}${filled}`;
}

/** `order 17 ("bot-17")`, with the ids that are known. */
export function orderName({ orderId, clientOrderId }: Pick<Difference, 'orderId' | 'clientOrderId'>): string {
  if (orderId === null) return clientOrderId === null ? 'an order without an id' : `order "${clientOrderId}"`;
  return clientOrderId === null ? `order ${orderId}` : `order ${orderId} ("${clientOrderId}")`;
}

/** Whether a term of an order is reported. Many APIs send zero for "none". */
export function isReported(term: string | null): term is string {
  return term !== null && signOf(term) !== 0;
}

const MAX_LISTED = 3;

/** "a, b, c and 5 more". */
export function shortList(texts: readonly string[]): string {
  const more = texts.length - MAX_LISTED;
  return more > 0 ? `${texts.slice(0, MAX_LISTED).join(', ')} and ${more} more` : texts.join(', ');
}
