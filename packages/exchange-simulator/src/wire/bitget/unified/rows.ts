import { categoryOfMarket, unifiedIdOf } from './categories.js';
import { directionOf, forceOf, LEVERAGE, plain, statusOf } from '../shared/rows.js';
import type { Account } from '../../../engine/account.js';
import { settledValueOf, type Market } from '../../../engine/market.js';
import { averagePriceOf, type Order, type Trade } from '../../../engine/order.js';
import { mayOnlyReduce } from '../../../engine/placing.js';
import { profitOf, type Position } from '../../../engine/position.js';
import { divideDecimals } from '../../../engine/rounding.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  normalizeDecimal,
  signOf,
} from '@plumbline/primitives/decimal';

/**
 * Rows of a unified account. Pages under https://www.bitget.com/api-doc/uta/trade/: Get-Position, Get-Order-Details,
 * Get-Order-Pending, Get-Order-History, Get-Order-Fills. `side` is the order's own side in both holding modes; spot rows have
 * neither a position side nor a holding mode.
 */
export function positionRow(
  position: Position,
  market: Market,
  { frozen, price }: { frozen: string; price: string },
): Record<string, unknown> {
  const total = absoluteDecimal(position.amount);
  return {
    category: categoryOfMarket(market),
    symbol: unifiedIdOf(market),
    marginCoin: market.settle,
    holdMode: position.slot === 'net' ? 'one_way_mode' : 'hedge_mode',
    posSide: signOf(position.amount) > 0 ? 'long' : 'short',
    marginMode: 'crossed',
    positionBalance: divideDecimals(settledValueOf(market, total, position.entryPrice), LEVERAGE),
    available: normalizeDecimal(addDecimals(total, negateDecimal(frozen))),
    frozen,
    total,
    leverage: LEVERAGE,
    curRealisedPnl: '0',
    avgPrice: plain(position.entryPrice),
    positionStatus: 'normal',
    unrealisedPnl: profitOf(market, position.amount, position.entryPrice, price),
    liquidationPrice: '0',
    mmr: '0.004',
    profitRate: '0',
    markPrice: price,
    breakEvenPrice: plain(position.entryPrice),
    totalFunding: '0',
    openFeeTotal: '0',
    closeFeeTotal: '0',
    createdTime: String(position.updatedAt),
    updatedTime: String(position.updatedAt),
  };
}

/** An open order. `qty` and `cumExecQty` count in the base coin, of coin-margined contracts in the quote coin. */
export function orderRow(order: Order, market: Market, account: Account): Record<string, unknown> {
  const average = averagePriceOf(order);
  const isSpot = market.kind === 'spot';
  const byValue = isSpot && order.type === 'market' && order.side === 'buy';
  const status = statusOf(order);
  return {
    orderId: order.id,
    clientOid: order.clientOrderId,
    category: categoryOfMarket(market),
    symbol: unifiedIdOf(market),
    orderType: order.type === 'market' ? 'market' : 'limit',
    side: order.side,
    price: order.price === null ? '0' : plain(order.price),
    qty: byValue ? '0' : plain(order.amount ?? '0'),
    amount: byValue ? plain(order.filledValue) : '0',
    cumExecQty: plain(order.filled),
    cumExecValue: plain(order.filledValue),
    avgPrice: average === null ? '0' : plain(average),
    timeInForce: forceOf(order),
    orderStatus: status === 'canceled' ? 'cancelled' : status,
    posSide: isSpot ? '' : order.slot === 'net' ? '' : order.slot,
    holdMode: isSpot ? '' : order.slot === 'net' ? 'one_way_mode' : 'hedge_mode',
    delegateType: delegateTypeOf(order),
    reduceOnly: mayOnlyReduce(order) ? 'YES' : 'NO',
    marginMode: 'crossed',
    stpMode: 'none',
    takeProfit: '',
    stopLoss: '',
    tpTriggerBy: '',
    slTriggerBy: '',
    tpOrderType: '',
    slOrderType: '',
    tpLimitPrice: '',
    slLimitPrice: '',
    feeDetail: feesOf(order, account),
    createdTime: String(order.createdAt),
    updatedTime: String(order.updatedAt),
  };
}

/** An order of any status, as the order query and the history show it. */
export function orderDetail(order: Order, market: Market, account: Account): Record<string, unknown> {
  return {
    ...orderRow(order, market, account),
    tradeSide: market.kind === 'spot' ? '' : tradeSideOf(order),
    cancelReason: cancelReasonOf(order),
    execType: order.placedBy === 'liquidation' ? 'liquidation' : market.kind === 'spot' ? '' : 'normal',
  };
}

function cancelReasonOf(order: Order): string {
  if (statusOf(order) !== 'canceled') return '';
  if (order.endReason === 'immediate_or_cancel') return 'ioc_not_full_cancel';
  if (order.endReason === 'fill_or_kill') return 'fok_not_full_cancel';
  if (order.endReason === 'post_only') return 'post_only_fill_cancel';
  return order.endReason === 'liquidation' ? 'burst_cancel' : 'normal_cancel';
}

function delegateTypeOf(order: Order): string {
  if (order.placedBy === 'liquidation') return 'liquidation';
  return order.type === 'market' ? 'market' : 'normal';
}

/** "open_long" and "close_long", "buy_single" in one-way mode. */
function tradeSideOf(order: Pick<Order, 'slot' | 'side' | 'placedBy'>): string {
  const { tradeSide } = directionOf(order);
  return tradeSide === 'open' || tradeSide === 'close' ? `${tradeSide}_${order.slot}` : tradeSide;
}

function feesOf(order: Order, account: Account): Record<string, unknown>[] {
  const trades = isZero(order.filled) ? [] : account.trades.filter(({ orderId }) => orderId === order.id);
  const [first] = trades;
  if (first === undefined) return [{ feeCoin: null, fee: null }];
  return [{ feeCoin: first.feeCurrency, fee: trades.reduce((sum, { fee }) => addDecimals(sum, fee), '0') }];
}

export function fillRow(trade: Trade, market: Market, account: Account): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  const placedBy = order?.placedBy ?? 'api';
  return {
    execId: trade.id,
    execLinkId: trade.id,
    orderId: trade.orderId,
    clientOid: order?.clientOrderId ?? '',
    category: categoryOfMarket(market),
    symbol: unifiedIdOf(market),
    orderType: order?.type === 'limit' ? 'limit' : 'market',
    side: trade.side,
    execPrice: plain(trade.price),
    execQty: plain(trade.amount),
    execValue: market.kind === 'inverse' ? plain(trade.amount) : multiplyDecimals(trade.price, trade.amount),
    tradeScope: trade.maker ? 'maker' : 'taker',
    tradeSide: market.kind === 'spot' ? '' : tradeSideOf({ ...trade, placedBy }),
    feeDetail: [{ feeCoin: trade.feeCurrency, fee: trade.fee }],
    createdTime: String(trade.at),
    updatedTime: String(trade.at),
    execPnl: normalizeDecimal(trade.realizedProfit),
    isRPI: 'no',
  };
}
