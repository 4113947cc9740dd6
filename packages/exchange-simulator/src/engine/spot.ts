import { Big } from 'big.js';
import type { Account } from './account.js';
import { settledValueOf, type Market } from './market.js';
import { remainingOf, type Order, type Trade } from './order.js';
import { Rejection } from './rejection.js';
import {
  compareDecimals,
  multiplyDecimals,
  negateDecimal,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/** What this file needs from the exchange. */
interface Exchange {
  market(symbol: string): Market;
  price(symbol: string): DecimalText;
}

/**
 * The fee of a trade. On spot it is taken from the received currency (base when buying, quote when selling), on a
 * derivative from the settle currency.
 */
export function feeOf(
  market: Market,
  side: Order['side'],
  amount: DecimalText,
  price: DecimalText,
  rate: DecimalText,
): Pick<Trade, 'fee' | 'feeCurrency'> {
  if (market.kind === 'spot' && side === 'buy') {
    return { fee: multiplyDecimals(amount, rate), feeCurrency: market.base };
  }
  return { fee: multiplyDecimals(settledValueOf(market, amount, price), rate), feeCurrency: market.settle };
}

/** The wallet changes of a trade, by currency: base and quote on spot, profit less fee on a derivative. */
export function walletChangesOf(
  market: Market,
  trade: Pick<Trade, 'side' | 'amount' | 'price' | 'realizedProfit' | 'fee' | 'feeCurrency'>,
): Map<string, DecimalText> {
  if (market.kind !== 'spot') {
    return new Map([[trade.feeCurrency, subtractDecimals(trade.realizedProfit, trade.fee)]]);
  }
  const value = multiplyDecimals(trade.amount, trade.price);
  const [base, quote] =
    trade.side === 'buy' ? [trade.amount, negateDecimal(value)] : [negateDecimal(trade.amount), value];
  const changes = new Map([
    [market.base, base],
    [market.quote, quote],
  ]);
  changes.set(trade.feeCurrency, subtractDecimals(changes.get(trade.feeCurrency) ?? '0', trade.fee));
  return changes;
}

/** The amounts that the account's open spot orders lock, by currency. Orders of one list lock only once. */
export function lockedBalances(account: Account, exchange: Exchange): Map<string, DecimalText> {
  return lockedBy(account.open(), exchange);
}

/** Throws Rejection if the free balance does not cover what new or amended spot orders would lock. */
export function checkFunds(account: Account, orders: readonly Order[], exchange: Exchange): void {
  const ids = new Set(orders.map(({ id }) => id));
  // A market order locks nothing, but must be payable at the present price.
  const asLimits = orders.map((order) =>
    order.type === 'market' ? { ...order, price: exchange.price(order.symbol) } : order,
  );
  const needed = lockedBy(asLimits, exchange);
  if (needed.size === 0) return;
  const locked = lockedBy(
    account.open().filter(({ id }) => !ids.has(id)),
    exchange,
  );
  for (const [currency, amount] of needed) {
    const free = subtractDecimals(account.wallet.get(currency)?.balance ?? '0', locked.get(currency) ?? '0');
    if (compareDecimals(amount, free) <= 0) continue;
    throw new Rejection(
      'insufficient_balance',
      `the order needs ${amount} ${currency}, and ${free} are free; send a smaller amount`,
    );
  }
}

function lockedBy(orders: readonly Order[], exchange: Exchange): Map<string, DecimalText> {
  const locked = new Map<string, Big>();
  const byList = new Map<string, Big>();
  for (const order of orders) {
    const held = heldBy(order, exchange);
    if (held === null) continue;
    let { amount } = held;
    if (order.listId !== null) {
      const key = `${order.listId}|${held.currency}`;
      const before = byList.get(key) ?? ZERO;
      const larger = amount.gt(before) ? amount : before;
      byList.set(key, larger);
      amount = larger.minus(before);
    }
    locked.set(held.currency, (locked.get(held.currency) ?? ZERO).plus(amount));
  }
  return new Map([...locked].map(([currency, amount]) => [currency, amount.toFixed()]));
}

/** Orders are replaced and never changed, so each one's lock is computed once: an account may have thousands. */
const heldByOrder = new WeakMap<Order, Held>();
const ZERO = new Big(0);

interface Held {
  currency: string;
  amount: Big;
}

/** Null for an order that locks nothing: an order for a contract, or for a whole position. */
function heldBy(order: Order, exchange: Exchange): Held | null {
  const known = heldByOrder.get(order);
  if (known !== undefined) return known;
  const market = exchange.market(order.symbol);
  const remaining = remainingOf(order);
  if (market.kind !== 'spot' || remaining === null) return null;
  const price = order.price ?? order.triggerPrice ?? '0';
  const held =
    order.side === 'buy'
      ? { currency: market.quote, amount: new Big(remaining).times(price) }
      : { currency: market.base, amount: new Big(remaining) };
  heldByOrder.set(order, held);
  return held;
}
