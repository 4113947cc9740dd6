import { Big } from 'big.js';
import type { MarginSetting } from '../margin-settings.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';
import { averagePriceOf, isConditional, type Order, type Trade } from '../../engine/order.js';
import { trailingTriggerPrice } from '../../engine/trigger.js';
import { profitOf, type Position } from '../../engine/position.js';
import { decimalsOf, padDecimals } from '../../engine/rounding.js';
import { absoluteDecimal, isZero, multiplyDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/*
 * Rows of USD-M futures, field by field as in the response examples of
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/ (page names beside each function).
 * Numbers are texts padded to the market's decimals, as the exchange writes them ("0.500"); ids and times are JSON numbers.
 */

const MAINTENANCE_RATE = '0.004';
const INITIAL_RATE = '0.05';

/** "BTC/USDT:USDT" is BTCUSDT on the wire. */
export function symbolIdOf(market: Market): string {
  return market.base + market.quote;
}

/** trade/rest-api/Query-Order, All-Orders, Current-All-Open-Orders */
export function orderRow(order: Order, market: Market): Record<string, unknown> {
  return { ...orderResult(order, market), time: order.createdAt };
}

/** trade/rest-api/New-Order, Modify-Order, Cancel-Order: as a query's row, with `cumQty` and without `time`. */
export function orderResult(order: Order, market: Market): Record<string, unknown> {
  const quantity = quantityOf(market, order.amount ?? '0');
  const executed = quantityOf(market, order.filled);
  const type = order.type.toUpperCase();
  return {
    orderId: Number(order.id),
    symbol: symbolIdOf(market),
    status: statusOf(order),
    clientOrderId: order.clientOrderId,
    price: priceOf(market, order.price),
    avgPrice: padDecimals(averagePriceOf(order) ?? '0', Math.max(2, decimalsOf(market.priceStep) + 1)),
    origQty: quantity,
    executedQty: executed,
    cumQty: executed,
    cumQuote: padDecimals(order.filledValue, 5),
    timeInForce: order.timeInForce,
    type,
    reduceOnly: order.reduceOnly,
    closePosition: order.closePosition,
    side: order.side.toUpperCase(),
    positionSide: positionSideOf(order.slot),
    stopPrice: priceOf(market, order.triggerPrice),
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: type,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    goodTillDate: order.goodTillDate ?? 0,
    updateTime: order.updatedAt,
  };
}

/** Of a trailing stop the price at which it would trigger now: it moves with the market. */
function triggerPriceOf({ side, trailing, triggerPrice }: Order): string | null {
  return trailing === null ? triggerPrice : trailingTriggerPrice(side, trailing);
}

/** trade/rest-api/Query-Algo-Order, Current-All-Algo-Open-Orders, Query-All-Algo-Orders, New-Algo-Order */
export function algoOrderRow(order: Order, market: Market, account: Account): Record<string, unknown> {
  const actual = order.triggeredOrderId === null ? null : account.findOrder({ id: order.triggeredOrderId });
  return {
    algoId: Number(order.id),
    clientAlgoId: order.clientOrderId,
    algoType: 'CONDITIONAL',
    orderType: order.type.toUpperCase(),
    symbol: symbolIdOf(market),
    side: order.side.toUpperCase(),
    positionSide: positionSideOf(order.slot),
    timeInForce: order.timeInForce,
    quantity: quantityOf(market, order.amount ?? '0'),
    algoStatus: algoStatusOf(order, actual),
    actualOrderId: order.triggeredOrderId ?? '',
    actualPrice: padDecimals((actual === null ? null : averagePriceOf(actual)) ?? '0', 5),
    triggerPrice: priceOf(market, triggerPriceOf(order)),
    price: priceOf(market, order.price),
    icebergQuantity: null,
    tpTriggerPrice: priceOf(market, null),
    tpPrice: priceOf(market, null),
    slTriggerPrice: priceOf(market, null),
    slPrice: priceOf(market, null),
    tpOrderType: '',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    workingType: 'CONTRACT_PRICE',
    priceMatch: 'NONE',
    closePosition: order.closePosition,
    priceProtect: false,
    reduceOnly: order.reduceOnly,
    ...(order.trailing === null
      ? {}
      : { activatePrice: order.trailing.activationPrice ?? '', callbackRate: order.trailing.callbackPercent }),
    createTime: order.createdAt,
    updateTime: order.updatedAt,
    triggerTime: order.triggeredAt ?? 0,
    goodTillDate: order.goodTillDate ?? 0,
  };
}

/** trade/rest-api/Account-Trade-List */
export function tradeRow(trade: Trade, market: Market): Record<string, unknown> {
  return {
    buyer: trade.side === 'buy',
    commission: padDecimals(trade.fee, 8),
    commissionAsset: trade.feeCurrency,
    id: Number(trade.id),
    maker: trade.maker,
    orderId: Number(trade.orderId),
    price: priceOf(market, trade.price),
    qty: quantityOf(market, trade.amount),
    quoteQty: padDecimals(multiplyDecimals(trade.price, trade.amount), 5),
    realizedPnl: padDecimals(trade.realizedProfit, 8),
    side: trade.side.toUpperCase(),
    positionSide: positionSideOf(trade.slot),
    symbol: symbolIdOf(market),
    time: trade.at,
  };
}

/** trade/rest-api/Position-Information-V3 */
export function positionRowV3(position: Position, market: Market, mark: DecimalText): Record<string, unknown> {
  const { notional, profit, initialMargin, maintMargin } = marginOf(position, market, mark);
  return {
    symbol: symbolIdOf(market),
    positionSide: positionSideOf(position.slot),
    positionAmt: quantityOf(market, position.amount),
    entryPrice: shortPrice(position.entryPrice),
    breakEvenPrice: shortPrice(position.entryPrice),
    markPrice: padDecimals(mark, 8),
    unRealizedProfit: padDecimals(profit, 8),
    liquidationPrice: '0',
    isolatedMargin: '0',
    notional: padDecimals(notional, 8),
    marginAsset: market.settle,
    isolatedWallet: '0',
    initialMargin,
    maintMargin,
    positionInitialMargin: initialMargin,
    openOrderInitialMargin: '0',
    adl: isZero(position.amount) ? 0 : 2,
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updatedAt,
  };
}

/** trade/rest-api/Position-Information-V2 */
export function positionRowV2(
  position: Position,
  market: Market,
  mark: DecimalText,
  setting: MarginSetting,
): Record<string, unknown> {
  const { notional, profit } = marginOf(position, market, mark);
  return {
    symbol: symbolIdOf(market),
    positionAmt: quantityOf(market, position.amount),
    entryPrice: shortPrice(position.entryPrice),
    breakEvenPrice: shortPrice(position.entryPrice),
    markPrice: padDecimals(mark, 8),
    unRealizedProfit: padDecimals(profit, 8),
    liquidationPrice: '0',
    leverage: String(setting.leverage),
    maxNotionalValue: '100000000',
    marginType: setting.mode,
    isolatedMargin: '0.00000000',
    isAutoAddMargin: 'false',
    positionSide: positionSideOf(position.slot),
    notional: isZero(notional) ? '0' : padDecimals(notional, 8),
    isolatedWallet: '0',
    updateTime: position.updatedAt,
  };
}

/** account/rest-api/Account-Information-V3, element of `positions` */
export function accountPositionRow(position: Position, market: Market, mark: DecimalText): Record<string, unknown> {
  const { notional, profit, initialMargin, maintMargin } = marginOf(position, market, mark);
  return {
    symbol: symbolIdOf(market),
    positionSide: positionSideOf(position.slot),
    positionAmt: quantityOf(market, position.amount),
    unrealizedProfit: padDecimals(profit, 8),
    isolatedMargin: '0.00000000',
    notional: isZero(notional) ? '0' : padDecimals(notional, 8),
    isolatedWallet: '0',
    initialMargin,
    maintMargin,
    updateTime: position.updatedAt,
  };
}

/** The order status in the wire's words; "common-definition", order status. */
function statusOf(order: Order): string {
  if (order.status === 'open') return isZero(order.filled) ? 'NEW' : 'PARTIALLY_FILLED';
  return order.status.toUpperCase();
}

/**
 * An algo order that triggered is TRIGGERED while the resulting order is open, and FINISHED afterwards
 * ("user-data-streams/Event-Algo-Order-Update").
 */
function algoStatusOf(order: Order, actual: Order | null): string {
  if (order.status === 'open') return 'NEW';
  if (order.status !== 'triggered') return order.status.toUpperCase();
  return actual?.status === 'open' ? 'TRIGGERED' : 'FINISHED';
}

export function positionSideOf(slot: Position['slot']): 'BOTH' | 'LONG' | 'SHORT' {
  return slot === 'net' ? 'BOTH' : slot === 'long' ? 'LONG' : 'SHORT';
}

export function isAlgoOrder(order: Order): boolean {
  return isConditional(order.type);
}

interface Margin {
  /** Signed like the position. */
  notional: DecimalText;
  profit: DecimalText;
  initialMargin: string;
  maintMargin: string;
}

function marginOf(position: Position, market: Market, mark: DecimalText): Margin {
  const notional = multiplyDecimals(position.amount, mark);
  const size = absoluteDecimal(notional);
  const margin = (rate: DecimalText): string => (isZero(size) ? '0' : padDecimals(multiplyDecimals(size, rate), 8));
  return {
    notional,
    profit: profitOf(market, position.amount, position.entryPrice, mark),
    initialMargin: margin(INITIAL_RATE),
    maintMargin: margin(MAINTENANCE_RATE),
  };
}

function quantityOf(market: Market, amount: DecimalText): string {
  return padDecimals(amount, decimalsOf(market.amountStep));
}

function priceOf(market: Market, price: DecimalText | null): string {
  return price === null ? '0' : padDecimals(price, decimalsOf(market.priceStep));
}

/** Entry prices are not padded: "0.385", but "0.0" when flat. */
function shortPrice(price: DecimalText): string {
  const text = new Big(new Big(price).toFixed(11)).toFixed();
  return text.includes('.') ? text : `${text}.0`;
}
