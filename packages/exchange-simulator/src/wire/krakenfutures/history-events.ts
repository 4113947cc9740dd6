import { accountUuid, eventUuid, fillUuid, orderUuid } from './ids.js';
import { listedMarkets, symbolIdOf } from './markets.js';
import type { SignedCall } from './route.js';
import { clientIdOf, endReasonOf, limitPriceOf, triggerPriceOf, triggersAbove } from './rows.js';
import type { Account } from '../../engine/account.js';
import { settledValueOf, type Market } from '../../engine/market.js';
import { isConditional, type Order, type Trade } from '../../engine/order.js';
import {
  addDecimals,
  compareDecimals,
  multiplyDecimals,
  normalizeDecimal,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/** One element of a history page. */
export interface HistoryEvent {
  uid: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  tradeable: string;
  /** Whether the order or trigger was created or ended by the event; events in between are `changed`. */
  stage: 'opened' | 'changed' | 'closed';
  event: Record<string, unknown>;
}

/** https://docs.kraken.com/api/docs/futures-api/history/get-order-events; oldest first. */
export function orderEvents({ engine, account }: SignedCall): HistoryEvent[] {
  const tradesOf = new Map<string, Trade[]>();
  for (const trade of account.trades) tradesOf.set(trade.orderId, [...(tradesOf.get(trade.orderId) ?? []), trade]);
  return listedOrders(engine, account)
    .filter(({ order }) => !isConditional(order.type))
    .flatMap(({ order, market }) => eventsOfOrder(order, market, tradesOf.get(order.id) ?? []));
}

function eventsOfOrder(order: Order, market: Market, trades: readonly Trade[]): HistoryEvent[] {
  const tradeable = symbolIdOf(market);
  const at = (n: number, timestamp: number, stage: HistoryEvent['stage'], event: object): HistoryEvent => {
    return { uid: eventUuid(order.id, n), timestamp, tradeable, stage, event: { ...event } };
  };
  if (order.endReason === 'post_only') {
    const rejected = {
      order: historyOrder(order, market, '0'),
      orderError: 'POST_WOULD_EXECUTE',
      reason: reasonOf(order),
    };
    return [at(0, order.updatedAt, 'closed', { OrderRejected: rejected })];
  }
  const placed = {
    order: historyOrder(order, market, '0'),
    reason: order.triggeredFrom === null ? 'new_user_order' : 'limit_from_stop',
    reducedQuantity: '',
  };
  const events = [at(0, order.createdAt, 'opened', { OrderPlaced: placed })];
  let filled = '0';
  for (const trade of trades) {
    const oldOrder = historyOrder(order, market, filled);
    filled = addDecimals(filled, trade.amount);
    const full = order.amount !== null && compareDecimals(filled, order.amount) >= 0;
    const updated = {
      oldOrder,
      newOrder: historyOrder(order, market, filled),
      reason: full ? 'full_fill' : 'partial_fill',
      reducedQuantity: '0',
    };
    events.push(at(events.length, trade.at, full ? 'closed' : 'changed', { OrderUpdated: updated }));
  }
  if (order.status === 'canceled' || order.status === 'expired') {
    const cancelled = { order: historyOrder(order, market, order.filled), reason: reasonOf(order) };
    events.push(at(events.length, order.updatedAt, 'closed', { OrderCancelled: cancelled }));
  }
  return events;
}

/** https://docs.kraken.com/api/docs/futures-api/history/get-trigger-events; oldest first. */
export function triggerEvents({ engine, account }: SignedCall): HistoryEvent[] {
  return listedOrders(engine, account)
    .filter(({ order }) => isConditional(order.type))
    .flatMap(({ order, market }) => eventsOfTrigger(order, market));
}

function eventsOfTrigger(order: Order, market: Market): HistoryEvent[] {
  const trigger = historyTrigger(order, market);
  const tradeable = symbolIdOf(market);
  const placed: HistoryEvent = {
    uid: eventUuid(order.id, 0),
    timestamp: order.createdAt,
    tradeable,
    stage: 'opened',
    event: { OrderTriggerPlaced: { order: trigger, reason: 'new_user_order' } },
  };
  if (order.status === 'open') return [placed];
  const event =
    order.status === 'triggered'
      ? { OrderTriggerActivated: { order: trigger } }
      : { OrderTriggerCancelled: { order: trigger, reason: reasonOf(order) } };
  return [placed, { uid: eventUuid(order.id, 1), timestamp: order.updatedAt, tradeable, stage: 'closed', event }];
}

/** https://docs.kraken.com/api/docs/futures-api/history/get-execution-events; oldest first. */
export function executionEvents({ engine, account }: SignedCall): HistoryEvent[] {
  const markets = new Map(listedMarkets(engine).map((market) => [market.symbol, market]));
  const filled = new Map<string, DecimalText>();
  const sizes = sizesAfter(account);
  return account.trades.flatMap((trade) => {
    const [market, order] = [markets.get(trade.symbol), account.findOrder({ id: trade.orderId })];
    if (market === undefined || order === null) return [];
    const before = filled.get(order.id) ?? '0';
    filled.set(order.id, addDecimals(before, trade.amount));
    const execution = {
      uid: fillUuid(trade.id),
      order: historyOrder(order, market, addDecimals(before, trade.amount)),
      timestamp: trade.at,
      quantity: normalizeDecimal(trade.amount),
      price: normalizeDecimal(trade.price),
      markPrice: normalizeDecimal(trade.price),
      executionType: trade.maker ? 'maker' : 'taker',
      limitFilled: order.amount !== null && compareDecimals(addDecimals(before, trade.amount), order.amount) >= 0,
      ...(trade.maker ? {} : { oldTakerOrder: historyOrder(order, market, before) }),
      usdValue: market.kind === 'inverse' ? trade.amount : settledValueOf(market, trade.amount, trade.price),
      orderData: {
        fee: normalizeDecimal(trade.fee),
        positionSize: sizes.get(trade.id) ?? '0',
        feeCalculationInfo: [
          {
            percentageFee: trade.maker ? '0.02' : '0.04',
            userFeeDiscountApplied: null,
            marketShareRebateCredited: null,
          },
        ],
      },
    };
    const event = { Execution: { execution, takerReducedQuantity: '' } };
    return [
      { uid: eventUuid(trade.id, 9), timestamp: trade.at, tradeable: symbolIdOf(market), stage: 'changed', event },
    ];
  });
}

/** The signed size of the position after each trade, computed backwards from the present position. */
export function sizesAfter(account: Account): Map<string, DecimalText> {
  const sizes = new Map<string, DecimalText>();
  const current = new Map<string, DecimalText>();
  for (const { id, symbol, slot, side, amount } of account.trades.toReversed()) {
    const size = current.get(symbol) ?? account.position(symbol, slot).amount;
    sizes.set(id, size);
    current.set(symbol, subtractDecimals(size, side === 'buy' ? amount : multiplyDecimals(amount, '-1')));
  }
  return sizes;
}

function listedOrders(engine: SignedCall['engine'], account: Account): { order: Order; market: Market }[] {
  const markets = new Map(listedMarkets(engine).map((market) => [market.symbol, market]));
  return account.allOrders().flatMap((order) => {
    const market = markets.get(order.symbol);
    return market === undefined ? [] : [{ order, market }];
  });
}

function historyOrder(order: Order, market: Market, filled: DecimalText): Record<string, unknown> {
  return {
    uid: orderUuid(order.id),
    accountUid: accountUuid(order.account),
    tradeable: symbolIdOf(market),
    direction: order.side === 'buy' ? 'Buy' : 'Sell',
    quantity: normalizeDecimal(order.amount ?? '0'),
    filled,
    timestamp: order.createdAt,
    limitPrice: normalizeDecimal(limitPriceOf(order, market)),
    orderType: historyTypeOf(order),
    clientId: clientIdOf(order) ?? '',
    reduceOnly: order.reduceOnly,
    lastUpdateTimestamp: order.updatedAt,
    spotData: null,
  };
}

function historyTypeOf(order: Order): string {
  if (order.placedBy === 'liquidation') return 'Liquidation';
  if (order.type === 'market') return 'Market';
  if (order.timeInForce === 'IOC' || order.timeInForce === 'FOK') return 'IoC';
  return order.timeInForce === 'GTX' ? 'Post' : 'Limit';
}

function historyTrigger(order: Order, market: Market): Record<string, unknown> {
  return {
    uid: orderUuid(order.id),
    accountId: 1,
    accountUid: accountUuid(order.account),
    tradeable: symbolIdOf(market),
    direction: order.side === 'buy' ? 'Buy' : 'Sell',
    quantity: normalizeDecimal(order.amount ?? '0'),
    timestamp: order.createdAt,
    limitPrice: normalizeDecimal(order.price ?? '0'),
    orderType: order.price === null ? 'mkt' : 'lmt',
    clientId: clientIdOf(order) ?? '',
    reduceOnly: order.reduceOnly,
    lastUpdateTimestamp: order.updatedAt,
    triggerOptions: {
      triggerPrice: normalizeDecimal(triggerPriceOf(order, market) ?? '0'),
      triggerSignal: 'MarkPrice',
      triggerSide: triggersAbove(order) ? 'Above' : 'Below',
      ...(order.trailing === null
        ? {}
        : { trailingStopOptions: { maxDeviation: order.trailing.callbackPercent, unit: 'Percent' } }),
    },
  };
}

function reasonOf(order: Order): string {
  return endReasonOf(order).toLowerCase();
}
