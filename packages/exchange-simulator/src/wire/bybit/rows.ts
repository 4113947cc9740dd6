import { leverageOf } from './margin.js';
import { symbolIdOf } from './route.js';
import type { Account } from '../../engine/account.js';
import type { FundingPayment } from '../../engine/funding.js';
import { settledValueOf, type Market } from '../../engine/market.js';
import { averagePriceOf, isConditional, remainingOf, type Order, type Trade } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { profitOf, type Position } from '../../engine/position.js';
import { decimalsOf, padDecimals } from '../../engine/rounding.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  signOf,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/*
 * Rows, field by field as in the response tables of https://bybit-exchange.github.io/docs/v5/: order/open-order,
 * order/order-list, order/execution, position; their enums in https://bybit-exchange.github.io/docs/v5/enum. Numbers are
 * texts, times are texts of milliseconds. Linear amounts are base units, inverse ones US dollars: the engine's units.
 */

const INITIAL_RATE = '0.1';
const MAINTENANCE_RATE = '0.005';

/**
 * The id under which Bybit shows an order. A conditional order keeps its id when it triggers ("Triggered" is only a
 * short state before "New"), whereas the engine creates a second order.
 */
export function shownId(order: Order): string {
  return order.triggeredFrom ?? order.id;
}

/** The orders that are shown: one for each that was placed. */
export function shownOrders(orders: readonly Order[]): Order[] {
  return orders.filter(({ status }) => status !== 'triggered');
}

/** The order behind a wire id: the order that a triggered conditional one became, otherwise the order itself. */
export function orderById(account: Account, id: string): Order | null {
  const order = account.findOrder({ id });
  if (order === null || order.triggeredFrom !== null) return null;
  return order.triggeredOrderId === null ? order : account.findOrder({ id: order.triggeredOrderId });
}

export function createdAtOf(order: Order, account: Account): number {
  return originOf(order, account).createdAt;
}

function originOf(order: Order, account: Account): Order {
  return order.triggeredFrom === null ? order : (account.findOrder({ id: order.triggeredFrom }) ?? order);
}

export function positionIdxOf(slot: Position['slot']): 0 | 1 | 2 {
  return slot === 'net' ? 0 : slot === 'long' ? 1 : 2;
}

export function orderRow(order: Order, market: Market, account: Account): Record<string, unknown> {
  const origin = originOf(order, account);
  const isOpen = order.status === 'open';
  const left = isOpen ? (remainingOf(order) ?? '0') : '0';
  const average = averagePriceOf(order);
  const filledTrades = isZero(order.filled) ? [] : account.trades.filter(({ orderId }) => orderId === order.id);
  const stopType = stopOrderTypeOf(origin);
  const isSpot = market.kind === 'spot';
  return {
    orderId: shownId(order),
    orderLinkId: order.clientOrderId,
    parentOrderLinkId: '',
    blockTradeId: '',
    symbol: symbolIdOf(market),
    price: priceOf(market, order.price),
    qty: quantityOf(market, order.amount ?? '0'),
    side: sideOf(order.side),
    isLeverage: isSpot ? '0' : '',
    positionIdx: positionIdxOf(order.slot),
    orderStatus: statusOf(order, market),
    ...(isSpot ? {} : { createType: createTypeOf(order, origin) }),
    cancelType: cancelTypeOf(order, origin),
    rejectReason: rejectReasonOf(order),
    avgPrice: average ?? '',
    leavesQty: quantityOf(market, left),
    leavesValue: order.price === null ? '0' : settledValueOf(market, left, order.price),
    cumExecQty: quantityOf(market, order.filled),
    cumExecValue: average === null ? '0' : settledValueOf(market, order.filled, average),
    cumExecFee: filledTrades.reduce((sum, { fee }) => addDecimals(sum, fee), '0'),
    timeInForce: timeInForceOf(order),
    orderType: order.price === null ? 'Market' : 'Limit',
    stopOrderType: stopType,
    orderIv: '',
    marketUnit: '',
    triggerPrice: origin.trailing?.activationPrice ?? origin.triggerPrice ?? '',
    takeProfit: '',
    stopLoss: '',
    tpslMode: stopType === '' || stopType === 'Stop' ? '' : origin.closePosition ? 'Full' : 'Partial',
    ocoTriggerBy: '',
    tpLimitPrice: '',
    slLimitPrice: '',
    tpTriggerBy: '',
    slTriggerBy: '',
    triggerDirection: isSpot ? 0 : triggerDirectionOf(origin),
    triggerBy: isConditionalOrder(origin) ? 'LastPrice' : '',
    lastPriceOnCreated: '',
    reduceOnly: !isSpot && mayOnlyReduce(order),
    closeOnTrigger: origin.closePosition,
    placeType: '',
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    createdTime: String(origin.createdAt),
    updatedTime: String(order.updatedAt),
  };
}

/** An empty position (requested by its symbol) has no side. */
export function positionRow(position: Position, market: Market, mark: DecimalText, account: Account): object {
  const size = absoluteDecimal(position.amount);
  const isEmpty = isZero(size);
  const value = isEmpty ? '0' : settledValueOf(market, size, position.entryPrice);
  const last = account.trades.findLast(({ symbol }) => symbol === market.symbol);
  return {
    positionIdx: positionIdxOf(position.slot),
    riskId: 1,
    riskLimitValue: '2000000',
    symbol: symbolIdOf(market),
    side: isEmpty ? '' : signOf(position.amount) > 0 ? 'Buy' : 'Sell',
    size: quantityOf(market, size),
    avgPrice: position.entryPrice,
    positionValue: value,
    tradeMode: 0,
    autoAddMargin: 0,
    positionStatus: 'Normal',
    leverage: leverageOf(account, market),
    markPrice: priceOf(market, mark),
    liqPrice: '',
    bustPrice: '',
    positionIM: padDecimals(multiplyDecimals(value, INITIAL_RATE), 8),
    positionMM: padDecimals(multiplyDecimals(value, MAINTENANCE_RATE), 8),
    positionBalance: '0',
    tpslMode: 'Full',
    ...stopsOf(position, market, account),
    unrealisedPnl: isEmpty ? '' : padDecimals(profitOf(market, position.amount, position.entryPrice, mark), 8),
    curRealisedPnl: '0',
    cumRealisedPnl: '0',
    adlRankIndicator: isEmpty ? 0 : 2,
    isReduceOnly: false,
    mmrSysUpdatedTime: '',
    leverageSysUpdatedTime: '',
    createdTime: String(position.updatedAt),
    updatedTime: String(position.updatedAt),
    seq: last === undefined ? -1 : Number(last.id),
  };
}

/** Prices at which the whole position would be closed, as set with "Set Trading Stop". */
function stopsOf(position: Position, market: Market, account: Account): Record<string, string> {
  const own = account
    .open()
    .filter(({ symbol, slot, closePosition }) => symbol === market.symbol && slot === position.slot && closePosition);
  const priceOfType = (type: Order['type']): string => own.find((order) => order.type === type)?.triggerPrice ?? '';
  return {
    takeProfit: priceOfType('take_profit_market'),
    stopLoss: priceOfType('stop_market'),
    trailingStop: '0',
  };
}

export function tradeRow(trade: Trade, market: Market, account: Account): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  const origin = order === null ? null : originOf(order, account);
  return {
    ...executionCommon(market),
    orderId: order === null ? trade.orderId : shownId(order),
    orderLinkId: order?.clientOrderId ?? '',
    side: sideOf(trade.side),
    orderPrice: priceOf(market, order?.price ?? null),
    orderQty: quantityOf(market, order?.amount ?? trade.amount),
    leavesQty: quantityOf(market, order?.status === 'open' ? (remainingOf(order) ?? '0') : '0'),
    ...(market.kind === 'spot' || order === null || origin === null ? {} : { createType: createTypeOf(order, origin) }),
    orderType: order?.price === null ? 'Market' : 'Limit',
    stopOrderType: origin === null ? '' : stopOrderTypeOf(origin),
    execFee: trade.fee,
    execId: trade.id,
    execPrice: priceOf(market, trade.price),
    execQty: quantityOf(market, trade.amount),
    execType: order?.placedBy === 'liquidation' ? 'BustTrade' : 'Trade',
    execValue: settledValueOf(market, trade.amount, trade.price),
    execTime: String(trade.at),
    feeCurrency: market.kind === 'spot' ? trade.feeCurrency : '',
    isMaker: trade.maker,
    feeRate: trade.maker ? '0.0002' : '0.0004',
    markPrice: priceOf(market, trade.price),
    seq: Number(trade.id),
  };
}

/** A funding time as an execution: it has id, price and quantity like a trade, but nothing was traded. */
export function fundingRow(funding: FundingPayment, market: Market): Record<string, unknown> {
  const size = quantityOf(market, absoluteDecimal(funding.amount));
  return {
    ...executionCommon(market),
    orderId: `${funding.symbol}-funding-${funding.id}`,
    orderLinkId: '',
    side: signOf(funding.amount) > 0 ? 'Sell' : 'Buy',
    orderPrice: '0',
    orderQty: '0',
    leavesQty: '0',
    createType: '',
    orderType: 'UNKNOWN',
    stopOrderType: 'UNKNOWN',
    execFee: negateDecimal(funding.payment),
    execId: funding.id,
    execPrice: priceOf(market, funding.price),
    execQty: size,
    execType: 'Funding',
    execValue: settledValueOf(market, size, funding.price),
    execTime: String(funding.at),
    feeCurrency: '',
    isMaker: false,
    feeRate: funding.rate,
    markPrice: priceOf(market, funding.price),
    seq: Number(funding.id),
  };
}

function executionCommon(market: Market): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    execFeeV2: '',
    tradeIv: '',
    markIv: '',
    indexPrice: '',
    underlyingPrice: '',
    blockTradeId: '',
    closedSize: '',
    extraFees: '',
  };
}

export function isConditionalOrder(order: Order): boolean {
  return isConditional(order.type) || order.conditionalType !== null;
}

/**
 * TP/SL of a position are "TakeProfit" and "StopLoss", or "Partial..." with their own amount. A conditional order that
 * was sent as such ("Place Order" with a trigger price) is "Stop", whatever its purpose.
 */
export function stopOrderTypeOf(origin: Order): string {
  const type = origin.conditionalType ?? origin.type;
  if (!isConditional(type)) return '';
  if (type === 'trailing_stop_market') return 'TrailingStop';
  const kind = type.startsWith('take_profit') ? 'TakeProfit' : 'StopLoss';
  if (origin.closePosition) return kind;
  return origin.placedBy !== 'api' && origin.reduceOnly ? `Partial${kind}` : 'Stop';
}

function statusOf(order: Order, market: Market): string {
  if (order.status === 'open') {
    if (isConditional(order.type)) return 'Untriggered';
    return isZero(order.filled) ? 'New' : 'PartiallyFilled';
  }
  if (order.status === 'filled') return 'Filled';
  if (order.status === 'rejected') return 'Rejected';
  if (isConditional(order.type)) return 'Deactivated';
  return market.kind === 'spot' && !isZero(order.filled) ? 'PartiallyFilledCanceled' : 'Cancelled';
}

function createTypeOf(order: Order, origin: Order): string {
  if (order.placedBy === 'liquidation') return 'CreateByLiq';
  const stopType = stopOrderTypeOf(origin);
  if (stopType === '') return 'CreateByUser';
  return stopType === 'Stop' ? 'CreateByStopOrder' : `CreateBy${stopType}`;
}

function cancelTypeOf(order: Order, origin: Order): string {
  if (order.status === 'canceled') {
    return order.endReason === 'one_cancels_other' ? 'CancelByOCOTpCanceledBySlTriggered' : 'CancelByUser';
  }
  if (order.status !== 'expired') return 'UNKNOWN';
  if (order.endReason === 'liquidation') return 'CancelAllBeforeLiq';
  if (order.endReason === 'nothing_to_reduce') {
    return origin.closePosition ? 'CancelByTpSlTsClear' : 'CancelByReduceOnly';
  }
  return order.endReason === 'by_request' || order.endReason === 'good_till_date' ? 'CancelByAdmin' : 'UNKNOWN';
}

function rejectReasonOf(order: Order): string {
  if (order.status === 'canceled') return 'EC_PerCancelRequest';
  if (order.endReason === 'immediate_or_cancel') return 'EC_NoImmediateQtyToFill';
  if (order.endReason === 'fill_or_kill') return 'EC_NoEnoughQtyToFill';
  return order.endReason === 'post_only' ? 'EC_PostOnlyWillTakeLiquidity' : 'EC_NoError';
}

/** Market orders are IOC; there is no good-till-date. */
function timeInForceOf(order: Order): string {
  if (order.price === null) return 'IOC';
  if (order.timeInForce === 'GTX') return 'PostOnly';
  return order.timeInForce === 'GTD' ? 'GTC' : order.timeInForce;
}

/** 1 triggers when the price rises to the trigger, 2 when it falls to it. */
export function triggerDirectionOf(origin: Pick<Order, 'type' | 'conditionalType' | 'side'>): 0 | 1 | 2 {
  const type = origin.conditionalType ?? origin.type;
  if (!isConditional(type)) return 0;
  const isStop = !type.startsWith('take_profit');
  return isStop === (origin.side === 'buy') ? 1 : 2;
}

function sideOf(side: 'buy' | 'sell'): 'Buy' | 'Sell' {
  return side === 'buy' ? 'Buy' : 'Sell';
}

function quantityOf(market: Market, amount: DecimalText): string {
  return padDecimals(amount, decimalsOf(market.amountStep));
}

function priceOf(market: Market, price: DecimalText | null): string {
  return price === null ? '0' : padDecimals(price, decimalsOf(market.priceStep));
}
