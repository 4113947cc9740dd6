import type { Account } from './account.js';
import type { EngineEvent, OrderChange } from './events.js';
import type { Market } from './market.js';
import {
  isConditional,
  remainingOf,
  type Actor,
  type EndReason,
  type Order,
  type OrderRequest,
  type Trade,
} from './order.js';
import { makeOrder, mayOnlyReduce, reducibleAmount } from './placing.js';
import { changePosition, type Position } from './position.js';
import { smallerOf } from './rounding.js';
import { feeOf, walletChangesOf } from './spot.js';
import { observePrice } from './trigger.js';
import {
  addDecimals,
  compareDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  signOf,
  type DecimalText,
} from '@plumbline/primitives/decimal';

const FEE_RATE = { maker: '0.0002', taker: '0.0004' };

/** How the client order ids of forced orders begin, as on Binance. */
const AUTOCLOSE = { liquidation: 'autoclose-', market: 'settlement_autoclose-' };

/** What matching needs to know about the exchange. */
export interface MatchingContext {
  now: () => number;
  market: (symbol: string) => Market;
  price: (symbol: string) => DecimalText;
  takeId: (sequence: 'regular' | 'trade') => string;
  emit: (event: EngineEvent) => void;
}

/** Executes accepted orders: fills, triggers and ends them, and updates positions and wallets. */
export class Matching {
  constructor(private readonly exchange: MatchingContext) {}

  /** Executes a regular order that has just been placed or amended. */
  execute(account: Account, order: Order, actor: Actor): void {
    const price = this.exchange.price(order.symbol);
    const remaining = remainingOf(order);
    if (remaining === null) return;
    if (order.type === 'market' || reaches(order, price)) {
      if (order.timeInForce === 'GTX') this.end(account, order, 'expired', 'post_only', 'market');
      else this.fillPart(account, order, remaining, price, false, actor);
    } else if (order.timeInForce === 'IOC') this.end(account, order, 'expired', 'immediate_or_cancel', 'market');
    else if (order.timeInForce === 'FOK') this.end(account, order, 'expired', 'fill_or_kill', 'market');
  }

  fillIfReached(account: Account, order: Order, price: DecimalText): void {
    const remaining = remainingOf(order);
    if (remaining === null || order.price === null || !reaches(order, price)) return;
    this.fillPart(account, order, remaining, order.price, true, 'market');
  }

  observe(account: Account, order: Order, price: DecimalText): void {
    const { goesOff, trailing } = observePrice(order, price);
    if (goesOff) this.goOff(account, { ...order, trailing });
    else if (trailing !== null) account.store({ ...order, trailing });
  }

  /** A conditional order becomes a regular one: with a new id under the same client order id, or in place. */
  private goOff(account: Account, order: Order): void {
    const reducible = mayOnlyReduce(order) ? reducibleAmount(account, order) : null;
    if (reducible !== null && isZero(reducible)) {
      this.end(account, order, 'expired', 'nothing_to_reduce', 'market');
      return;
    }
    const now = this.exchange.now();
    const amount = order.amount ?? reducible ?? '0';
    const reduceOnly = order.reduceOnly || order.closePosition;
    this.endOthersOfList(account, order, 'expired');
    if (this.exchange.market(order.symbol).keepsOrderId === true && isConditional(order.type)) {
      const active: Order = {
        ...order,
        type: order.price === null ? 'market' : 'limit',
        conditionalType: order.type,
        amount,
        reduceOnly,
        closePosition: false,
        triggeredAt: now,
        updatedAt: now,
      };
      this.record(account, active, 'new', 'market');
      this.execute(account, active, 'market');
      return;
    }
    const id = this.exchange.takeId('regular');
    const triggered: Order = { ...order, status: 'triggered', triggeredAt: now, triggeredOrderId: id, updatedAt: now };
    this.record(account, triggered, 'triggered', 'market');
    const isLimit = order.price !== null;
    const child: Order = {
      ...order,
      id,
      type: isLimit ? 'limit' : 'market',
      amount,
      triggerPrice: null,
      trailing: null,
      triggeredFrom: order.id,
      reduceOnly,
      closePosition: false,
      createdAt: now,
      updatedAt: now,
    };
    this.record(account, child, 'new', 'market');
    this.execute(account, child, 'market');
  }

  /**
   * Fills as much of the order as allowed. Null if it was reduce-only with nothing left to reduce; it has then expired.
   */
  fillPart(
    account: Account,
    order: Order,
    wanted: DecimalText,
    price: DecimalText,
    maker: boolean,
    actor: Actor,
  ): Trade | null {
    const reducible = mayOnlyReduce(order) ? reducibleAmount(account, order) : wanted;
    const amount = smallerOf(wanted, reducible);
    if (isZero(amount)) {
      this.end(account, order, 'expired', 'nothing_to_reduce', 'market');
      return null;
    }
    const market = this.exchange.market(order.symbol);
    const filled = addDecimals(order.filled, amount);
    const isComplete = order.amount === null || compareDecimals(filled, order.amount) >= 0;
    const after: Order = {
      ...order,
      filled,
      filledValue: addDecimals(order.filledValue, multiplyDecimals(price, amount)),
      status: isComplete ? 'filled' : 'open',
      updatedAt: this.exchange.now(),
    };
    const trade = this.bookTrade(account, market, after, amount, price, maker);
    this.record(account, after, 'fill', actor, trade);
    this.endOthersOfList(account, after, 'expired');
    if (!isComplete && compareDecimals(amount, wanted) < 0) {
      this.end(account, after, 'expired', 'nothing_to_reduce', 'market');
    }
    if (isZero(account.position(order.symbol, order.slot).amount)) this.expireReducers(account, after);
    return trade;
  }

  private bookTrade(
    account: Account,
    market: Market,
    order: Order,
    amount: DecimalText,
    price: DecimalText,
    maker: boolean,
  ): Trade {
    const at = this.exchange.now();
    const realizedProfit = market.kind === 'spot' ? '0' : changedPosition(account, market, order, amount, price, at);
    const trade: Trade = {
      id: this.exchange.takeId('trade'),
      orderId: order.id,
      account: account.id,
      symbol: order.symbol,
      side: order.side,
      slot: order.slot,
      price,
      amount,
      realizedProfit,
      ...feeOf(market, order.side, amount, price, (market.feeRate ?? FEE_RATE)[maker ? 'maker' : 'taker']),
      maker,
      at,
    };
    for (const [currency, change] of walletChangesOf(market, trade)) account.book(currency, change, at);
    account.addTrade(trade);
    return trade;
  }

  /** If the position is gone, reduce-only orders end, as on the exchanges. */
  private expireReducers(account: Account, filled: Order): void {
    for (const order of account.open()) {
      const isSameSlot = order.symbol === filled.symbol && order.slot === filled.slot;
      const waitsForTrigger = order.type !== 'limit' && !order.closePosition;
      if (isSameSlot && mayOnlyReduce(order) && !waitsForTrigger) {
        this.end(account, order, 'expired', 'nothing_to_reduce', 'market');
      }
    }
  }

  /** The exchange closes a position: its risk engine, or (`market`) at the settlement of a market. */
  closeByForce(account: Account, position: Position, actor: 'liquidation' | 'market' = 'liquidation'): Order {
    const market = this.exchange.market(position.symbol);
    const price = this.exchange.price(position.symbol);
    const isLong = signOf(position.amount) > 0;
    const amount = isLong ? position.amount : negateDecimal(position.amount);
    const id = this.exchange.takeId('regular');
    const request: OrderRequest = {
      symbol: position.symbol,
      side: isLong ? 'sell' : 'buy',
      type: 'limit',
      price,
      amount,
      timeInForce: 'IOC',
      positionSide: position.slot === 'net' ? undefined : position.slot,
      clientOrderId: `${AUTOCLOSE[actor]}${this.exchange.now()}${id}`.slice(0, 36),
    };
    const order = makeOrder(request, {
      account,
      market: { ...market, minNotional: '0' },
      price,
      actor,
      id,
      now: this.exchange.now(),
    });
    this.record(account, order, 'new', actor);
    this.fillPart(account, order, amount, price, false, actor);
    return account.findOrder({ id }) ?? order;
  }

  end(
    account: Account,
    order: Order,
    status: 'canceled' | 'expired',
    endReason: EndReason | null,
    actor: Actor,
  ): Order {
    const ended: Order = { ...order, status, endReason, updatedAt: this.exchange.now() };
    this.record(account, ended, status, actor);
    this.endOthersOfList(account, ended, status);
    return ended;
  }

  /** OCO: if an order of a list triggers, trades or ends, the others of the list end. */
  private endOthersOfList(account: Account, order: Order, status: 'canceled' | 'expired'): void {
    if (order.listId === null) return;
    for (const other of account.open()) {
      if (other.listId !== order.listId || other.id === order.id) continue;
      const updatedAt = this.exchange.now();
      this.record(account, { ...other, status, endReason: 'one_cancels_other', updatedAt }, status, 'market');
    }
  }

  record(account: Account, order: Order, change: OrderChange, actor: Actor, trade: Trade | null = null): void {
    account.store(order);
    this.exchange.emit({ kind: 'order', change, order, trade, actor, at: this.exchange.now() });
  }
}

/** Changes the order's position and returns the realized profit. */
function changedPosition(
  account: Account,
  market: Market,
  order: Order,
  amount: DecimalText,
  price: DecimalText,
  at: number,
): DecimalText {
  const before = account.position(order.symbol, order.slot);
  const change = changePosition(market, before, order.side === 'buy' ? amount : negateDecimal(amount), price);
  account.setPosition({ ...before, amount: change.amount, entryPrice: change.entryPrice, updatedAt: at });
  return change.realizedProfit;
}

/** Whether a limit order trades at this market price. */
function reaches(order: Order, price: DecimalText): boolean {
  if (order.price === null) return true;
  const comparison = compareDecimals(price, order.price);
  return order.side === 'buy' ? comparison <= 0 : comparison >= 0;
}
