import { fieldsOf, isFields, textOf, type Fields } from './fields.js';
import { aboveZero, add, number, ZERO, type Decimal } from './numbers.js';
import type { Order } from './order.js';
import { TRIGGERS } from './terms.js';

/** Whether an order with this status of ccxt has ended. */
export function isEnd(status: unknown): boolean {
  return typeof status === 'string' && ['closed', 'canceled', 'cancelled', 'expired', 'rejected'].includes(status);
}

export function triggerOf(row: Fields): Decimal | null {
  for (const name of TRIGGERS) {
    const price = aboveZero(row[name]);
    if (price !== null) return price;
  }
  return null;
}

/** The fee in the base currency, which a spot exchange takes out of what was bought. */
export function baseFee(symbol: string, row: Fields): Decimal {
  if (symbol.includes(':')) return ZERO;
  const [base] = symbol.split('/');
  const listed: unknown = row['fees'];
  const fees: unknown[] = Array.isArray(listed) && listed.length > 0 ? listed : [row['fee']];
  return fees
    .filter(isFields)
    .filter(({ currency }) => currency === base)
    .reduce((total, { cost }) => add(total, number(cost) ?? ZERO), ZERO);
}

/** The id of the order that a conditional order became; null if it waits, or keeps its id. */
export function triggeredId(row: Fields, order: Order): string | null {
  if (!order.conditional) return null;
  const info = fieldsOf(row['info']);
  const child = textOf(info['actualOrderId']) ?? (textOf(info['algoId']) === null ? null : textOf(info['ordId']));
  return child === null || child === '0' || child === order.id ? null : child;
}

/** The identity of a trade: the same text in every answer that has it. */
export function tradeKey(trade: Fields): string {
  return textOf(trade['id']) ?? `${String(trade['timestamp'])} ${String(trade['amount'])} ${String(trade['price'])}`;
}

/** The row of each order: the answers of a batch come in the order of its requests. */
export function rowsFor(rows: readonly unknown[], orders: readonly Order[]): unknown[] {
  if (rows.length === orders.length) return [...rows];
  return orders.map(({ clientId }) =>
    clientId === null ? {} : rows.find((row) => textOf(fieldsOf(row)['clientOrderId']) === clientId),
  );
}
