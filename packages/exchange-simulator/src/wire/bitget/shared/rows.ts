import { planTypeOf, type PlanType } from './plan-types.js';
import { symbolIdOf } from './route.js';
import type { Account } from '../../../engine/account.js';
import type { Market } from '../../../engine/market.js';
import { averagePriceOf, type Order, type PositionSlot, type Trade } from '../../../engine/order.js';
import { mayOnlyReduce } from '../../../engine/placing.js';
import { addDecimals, isZero, multiplyDecimals, negateDecimal, normalizeDecimal } from '@plumbline/primitives/decimal';

export const LEVERAGE = '20';
/** Client ids that the engine assigned, because none was sent. */
const GENERATED_ID = /^(?:api-|web_)\d+$/;

/**
 * Rows of futures orders, trigger orders and fills. Pages under https://www.bitget.com/api-doc/contract/: trade/
 * Get-Orders-Pending, Get-Order-Details, Get-Orders-History, Get-Order-Fills; plan/get-orders-plan-pending,
 * orders-plan-history.
 */
export function orderRow(order: Order, market: Market, account: Account): Record<string, unknown> {
  const { status, ...common } = orderFields(order, market, account);
  return { ...common, status };
}

/** If a trigger order has no client id, the order that it became is found by the trigger order's id. */
function clientOidOf({ clientOrderId, triggeredFrom }: Order): string {
  return triggeredFrom !== null && GENERATED_ID.test(clientOrderId) ? triggeredFrom : clientOrderId;
}

/** "Get Order Detail" has `state` where the lists have `status`. */
export function orderDetail(order: Order, market: Market, account: Account): Record<string, unknown> {
  const { status, ...common } = orderFields(order, market, account);
  return {
    ...common,
    state: status,
    cancelReason: status === 'canceled' ? 'normal_cancel' : '',
  };
}

function orderFields(order: Order, market: Market, account: Account): Record<string, unknown> {
  const trades = isZero(order.filled) ? [] : account.trades.filter(({ orderId }) => orderId === order.id);
  const average = averagePriceOf(order);
  return {
    symbol: symbolIdOf(market),
    size: plain(order.amount ?? '0'),
    orderId: order.id,
    clientOid: clientOidOf(order),
    baseVolume: plain(order.filled),
    fee: isZero(order.filled) ? '0' : negateDecimal(trades.reduce((sum, { fee }) => addDecimals(sum, fee), '0')),
    price: order.price === null ? '' : plain(order.price),
    priceAvg: average === null ? '' : plain(average),
    status: statusOf(order),
    ...directionOf(order),
    force: forceOf(order),
    totalProfits: trades.reduce((sum, { realizedProfit }) => addDecimals(sum, realizedProfit), '0'),
    marginCoin: market.settle,
    quoteVolume: plain(order.filledValue),
    leverage: LEVERAGE,
    marginMode: 'crossed',
    reduceOnly: mayOnlyReduce(order) ? 'YES' : 'NO',
    enterPointSource: sourceOf(order),
    orderType: order.type === 'market' ? 'market' : 'limit',
    orderSource: order.placedBy === 'liquidation' ? 'liquidation' : order.type === 'market' ? 'market' : 'normal',
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
    presetStopSurplusPrice: '',
    presetStopLossPrice: '',
  };
}

/** A trigger order that still waits. The row does not show whether it is reduce-only. */
export function planRow(order: Order, market: Market): Record<string, unknown> {
  return { ...planFields(order, market), planStatus: 'live' };
}

/** A trigger order that triggered or ended, with the resulting order. */
export function endedPlanRow(order: Order, market: Market, executed: Order | null): Record<string, unknown> {
  const average = executed === null ? null : averagePriceOf(executed);
  return {
    ...planFields(order, market),
    planStatus: endedPlanStatusOf(order),
    executeOrderId: executed?.id ?? '',
    baseVolume: executed === null ? '' : plain(executed.filled),
    priceAvg: average === null ? '' : plain(average),
  };
}

export function endedPlanStatusOf(order: Order): 'executed' | 'fail_execute' | 'cancelled' {
  if (order.status === 'triggered') return 'executed';
  return order.endReason === 'nothing_to_reduce' ? 'fail_execute' : 'cancelled';
}

function planFields(order: Order, market: Market): Record<string, unknown> {
  const planType = planTypeOf(order);
  const triggerPrice = order.triggerPrice ?? order.trailing?.activationPrice ?? null;
  const trigger = triggerPrice === null ? '' : plain(triggerPrice);
  const price = order.price === null ? '' : plain(order.price);
  return {
    planType,
    symbol: symbolIdOf(market),
    // A take-profit or stop-loss of the whole position has no size of its own.
    size: plain(order.amount ?? '0'),
    orderId: order.id,
    clientOid: order.clientOrderId,
    price,
    executePrice: price,
    callbackRatio: order.trailing === null ? '' : plain(order.trailing.callbackPercent),
    triggerPrice: trigger,
    triggerType: 'mark_price',
    ...directionOf(order),
    marginCoin: market.settle,
    marginMode: 'crossed',
    enterPointSource: sourceOf(order),
    orderType: order.price === null ? 'market' : 'limit',
    orderSource: order.price === null ? 'market' : 'normal',
    ...presetsOf(planType, trigger, price),
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
  };
}

/** Take-profit and stop-loss orders repeat their trigger in the fields of their kind. */
function presetsOf(planType: PlanType, trigger: string, price: string): Record<string, unknown> {
  const own = (isOwn: boolean, value: string): string | null => (isOwn ? value : null);
  const [profit, loss] = [planType.endsWith('profit') || planType === 'profit_plan', planType.includes('loss')];
  return {
    stopSurplusTriggerPrice: own(profit, trigger),
    stopSurplusExecutePrice: own(profit && price !== '', price),
    stopSurplusTriggerType: own(profit, 'mark_price'),
    stopLossTriggerPrice: own(loss, trigger),
    stopLossExecutePrice: own(loss && price !== '', price),
    stopLossTriggerType: own(loss, 'mark_price'),
  };
}

export function fillRow(trade: Trade, market: Market, account: Account): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  const placedBy = order?.placedBy ?? 'api';
  const { side, tradeSide, posMode } = directionOf({ ...trade, placedBy });
  return {
    tradeId: trade.id,
    symbol: symbolIdOf(market),
    marginCoin: market.settle,
    orderId: trade.orderId,
    price: plain(trade.price),
    baseVolume: plain(trade.amount),
    feeDetail: [
      { deduction: 'no', feeCoin: trade.feeCurrency, totalDeductionFee: '0', totalFee: negateDecimal(trade.fee) },
    ],
    side,
    quoteVolume: multiplyDecimals(trade.price, trade.amount),
    profit: normalizeDecimal(trade.realizedProfit),
    enterPointSource: sourceOf({ placedBy }),
    tradeSide,
    posMode,
    tradeScope: trade.maker ? 'maker' : 'taker',
    cTime: String(trade.at),
  };
}

interface Direction {
  side: 'buy' | 'sell';
  posSide: PositionSlot;
  tradeSide: string;
  posMode: 'one_way_mode' | 'hedge_mode';
}

/**
 * In one-way mode `side` is the order's side. In hedge mode it is the side of the position ("buy" for a long one), and
 * `tradeSide` says whether the order opens or closes it: closing a long position is buy and close ("Place Order").
 */
export function directionOf({ slot, side, placedBy }: Pick<Order, 'slot' | 'side' | 'placedBy'>): Direction {
  const burst = placedBy === 'liquidation';
  if (slot === 'net') {
    return { side, posSide: slot, tradeSide: `${burst ? 'burst_' : ''}${side}_single`, posMode: 'one_way_mode' };
  }
  const opens = (slot === 'long') === (side === 'buy');
  const tradeSide = burst ? `burst_close_${slot}` : opens ? 'open' : 'close';
  return { side: slot === 'long' ? 'buy' : 'sell', posSide: slot, tradeSide, posMode: 'hedge_mode' };
}

/** A canceled or expired order is "canceled", even if it was partly filled. */
export function statusOf(order: Order): 'live' | 'partially_filled' | 'filled' | 'canceled' {
  if (order.status === 'open') return isZero(order.filled) ? 'live' : 'partially_filled';
  return order.status === 'filled' ? 'filled' : 'canceled';
}

export function forceOf({ timeInForce }: Order): 'gtc' | 'ioc' | 'fok' | 'post_only' {
  if (timeInForce === 'IOC') return 'ioc';
  if (timeInForce === 'FOK') return 'fok';
  return timeInForce === 'GTX' ? 'post_only' : 'gtc';
}

export function sourceOf({ placedBy }: Pick<Order, 'placedBy'>): 'WEB' | 'API' | 'SYS' {
  if (placedBy === 'manual') return 'WEB';
  return placedBy === 'market' || placedBy === 'liquidation' ? 'SYS' : 'API';
}

export function plain(text: string): string {
  return normalizeDecimal(text);
}

export function idsOf(order: Order): { orderId: string; clientOid: string } {
  return { orderId: order.id, clientOid: order.clientOrderId };
}
