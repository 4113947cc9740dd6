import { Big } from 'big.js';
import { hlNumber, sizeDecimalsOf } from './markets.js';
import { addressOfAccount } from './wallets.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type Trade } from '../../engine/order.js';
import { trailingTriggerPrice } from '../../engine/trigger.js';
import {
  absoluteDecimal,
  addDecimals,
  compareDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

const CLIENT_ORDER_ID = /^0x[0-9a-f]{32}$/;

/** This exchange accepts one form of client id: 16 bytes in hex. Any other id of the engine is shown as none. */
export function cloidOf(order: Order): string | null {
  return CLIENT_ORDER_ID.test(order.clientOrderId) ? order.clientOrderId : null;
}

/** A trigger order keeps its number when it triggers: the engine's resulting order is shown under the old number. */
export function oidOf(order: Pick<Order, 'id' | 'triggeredFrom'>): number {
  return Number(order.triggeredFrom ?? order.id);
}

/** The latest order behind a number or a client id; null if the account never had it. */
export function orderByOid(account: Account, oid: number | string): Order | null {
  const found = account.findOrder(typeof oid === 'number' ? { id: String(oid) } : { clientOrderId: oid });
  const became = found?.triggeredOrderId ?? null;
  return became === null ? found : (account.findOrder({ id: became }) ?? found);
}

/**
 * A row of `frontendOpenOrders`, and the `order` of `orderStatus` and `historicalOrders`:
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint
 *
 * Orders that close a whole position (TP/SL of a position) have size 0.
 */
export function orderRow(order: Order, market: Market): Record<string, unknown> {
  const trigger = triggerPriceOf(order, market);
  const waits = isConditional(order.type);
  return {
    coin: market.base,
    side: sideOf(order.side),
    limitPx: hlNumber(limitPriceOf(order, market)),
    sz: hlNumber(order.amount === null ? '0' : remainingSize(order, order.amount)),
    oid: oidOf(order),
    timestamp: order.createdAt,
    triggerCondition: waits ? conditionOf(order, trigger) : wentOff(order) ? 'Triggered' : 'N/A',
    isTrigger: waits,
    triggerPx: hlNumber(trigger ?? '0'),
    children: [],
    isPositionTpsl: order.closePosition,
    reduceOnly: order.reduceOnly || order.closePosition,
    orderType: ORDER_TYPES[order.type],
    origSz: hlNumber(order.amount ?? '0'),
    tif: timeInForceOf(order),
    cloid: cloidOf(order),
  };
}

/** Whether a conditional order triggered: the engine created a new order for it, or the same one continues. */
function wentOff(order: Order): boolean {
  return order.triggeredFrom !== null || order.conditionalType !== null;
}

/** A row of `openOrders`, which has fewer fields. */
export function openOrderRow(order: Order, market: Market): Record<string, unknown> {
  const { coin, side, limitPx, sz, oid, timestamp, origSz, cloid } = orderRow(order, market);
  return { coin, side, limitPx, sz, oid, timestamp, origSz, ...(cloid === null ? {} : { cloid }) };
}

function remainingSize(order: Order, amount: DecimalText): DecimalText {
  return order.status === 'filled' ? '0' : subtractDecimals(amount, order.filled);
}

const ORDER_TYPES: Record<Order['type'], string> = {
  limit: 'Limit',
  market: 'Market',
  stop: 'Stop Limit',
  stop_market: 'Stop Market',
  take_profit: 'Take Profit Limit',
  take_profit_market: 'Take Profit Market',
  trailing_stop_market: 'Stop Market',
};

function timeInForceOf(order: Order): string | null {
  if (isConditional(order.type)) return null;
  if (order.placedBy === 'liquidation') return 'LiquidationMarket';
  if (order.type === 'market') return 'FrontendMarket';
  if (order.timeInForce === 'IOC' || order.timeInForce === 'FOK') return 'Ioc';
  return order.timeInForce === 'GTX' ? 'Alo' : 'Gtc';
}

/** Market orders, and triggers that become one, have a limit 10 % away ("Take profit and stop loss orders"). */
function limitPriceOf(order: Order, market: Market): DecimalText {
  if (order.price !== null) return order.price;
  const from = triggerPriceOf(order, market) ?? (isZero(order.filled) ? '0' : firstPriceOf(order));
  return rounded(multiplyDecimals(from, order.side === 'buy' ? '1.1' : '0.9'), market);
}

function firstPriceOf(order: Order): DecimalText {
  return new Big(order.filledValue).div(order.filled).toFixed();
}

function triggerPriceOf(order: Order, market: Market): DecimalText | null {
  if (!isConditional(order.type)) return null;
  if (order.trailing === null) return order.triggerPrice;
  const price = trailingTriggerPrice(order.side, order.trailing);
  return price === null ? null : rounded(price, market);
}

function rounded(price: DecimalText, market: Market): DecimalText {
  const precise = new Big(price).toFixed(6 - sizeDecimalsOf(market));
  return new Big(new Big(precise).toPrecision(5)).toFixed();
}

function conditionOf(order: Order, trigger: DecimalText | null): string {
  const isTakeProfit = order.type === 'take_profit' || order.type === 'take_profit_market';
  const above = isTakeProfit === (order.side === 'sell');
  return `Price ${above ? 'above' : 'below'} ${trigger ?? '0'}`;
}

/** `status` of `orderStatus`, in the words of "Query order status by oid or cloid". */
export function statusOf(order: Order): string {
  switch (order.status) {
    case 'open':
      return wentOff(order) ? 'triggered' : 'open';
    case 'expired':
      return ENDS[order.endReason ?? 'by_request'];
    case 'filled':
    case 'canceled':
    case 'rejected':
    case 'triggered':
      return order.status;
  }
}

const ENDS: Record<NonNullable<Order['endReason']>, string> = {
  immediate_or_cancel: 'iocCancelRejected',
  fill_or_kill: 'iocCancelRejected',
  post_only: 'badAloPxRejected',
  good_till_date: 'scheduledCancel',
  nothing_to_reduce: 'reduceOnlyCanceled',
  amended_below_filled: 'canceled',
  one_cancels_other: 'siblingFilledCanceled',
  market_closed: 'delistedCanceled',
  liquidation: 'liquidatedCanceled',
  by_request: 'scheduledCancel',
};

/** An order and its result, in the form of `orderStatus` and `historicalOrders`. */
export function statusRow(order: Order, market: Market): Record<string, unknown> {
  return { order: orderRow(order, market), status: statusOf(order), statusTimestamp: order.updatedAt };
}

/** A row of `userFills` and `userFillsByTime`. `before` is the signed position before the trade. */
export function fillRow(account: Account, market: Market, trade: Trade, before: DecimalText): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  const cloid = order === null ? null : cloidOf(order);
  return {
    coin: market.base,
    px: hlNumber(trade.price),
    sz: hlNumber(trade.amount),
    side: sideOf(trade.side),
    time: trade.at,
    startPosition: hlNumber(before),
    dir: directionOf(trade, before),
    closedPnl: hlNumber(trade.realizedProfit),
    hash: hashOf(trade.id),
    oid: order === null ? Number(trade.orderId) : oidOf(order),
    crossed: !trade.maker,
    fee: hlNumber(trade.fee),
    tid: Number(trade.id),
    ...(cloid === null ? {} : { cloid }),
    ...(order?.placedBy === 'liquidation' ? { liquidation: liquidationOf(account, trade) } : {}),
    feeToken: 'USDC',
    twapId: null,
  };
}

/** `FillLiquidation` of https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions */
function liquidationOf(account: Account, { price }: Trade): Record<string, unknown> {
  return { liquidatedUser: addressOfAccount(account), markPx: hlNumber(price), method: 'market' };
}

function directionOf({ side, amount }: Trade, before: DecimalText): string {
  const delta = side === 'buy' ? amount : negateDecimal(amount);
  const after = addDecimals(before, delta);
  const [from, to] = [signOf(before), signOf(after)];
  if (from !== 0 && to !== 0 && from !== to) return from > 0 ? 'Long > Short' : 'Short > Long';
  const grows = compareDecimals(absoluteDecimal(after), absoluteDecimal(before)) > 0;
  const isLong = (grows ? to : from) > 0;
  return `${grows ? 'Open' : 'Close'} ${isLong ? 'Long' : 'Short'}`;
}

/** The signed size of the position before each trade, computed backwards from the present position. */
export function sizesBefore(account: Account): Map<string, DecimalText> {
  const [sizes, current] = [new Map<string, DecimalText>(), new Map<string, DecimalText>()];
  for (const { id, symbol, slot, side, amount } of account.trades.toReversed()) {
    const after = current.get(symbol) ?? account.position(symbol, slot).amount;
    const before = subtractDecimals(after, side === 'buy' ? amount : negateDecimal(amount));
    sizes.set(id, before);
    current.set(symbol, before);
  }
  return sizes;
}

/** "B" is a bid, "A" an ask ("Notation"). */
export function sideOf(side: 'buy' | 'sell'): 'A' | 'B' {
  return side === 'buy' ? 'B' : 'A';
}

export function hashOf(id: string): string {
  return `0x${Number(id).toString(16).padStart(64, '0')}`;
}
