import { idOf, textOf, type SignedCall } from './route.js';
import { averagePriceOf, remainingOf, type Order, type Trade } from '../../engine/order.js';
import {
  addDecimals,
  isZero,
  multiplyDecimals,
  normalizeDecimal,
  subtractDecimals,
} from '@plumbline/primitives/decimal';
import { userIdOf } from '../user-id.js';

/** Rows of spot orders and trades: models Order, Trade and SpotPriceTriggeredOrder of https://www.gate.com/docs/developers/apiv4/en/. */
export function spotOrderRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const average = averagePriceOf(order);
  const trades = call.account.trades.filter(({ orderId }) => orderId === order.id);
  const isMarketBuy = order.type === 'market' && order.side === 'buy';
  return {
    id: order.id,
    text: textOf(order, 'apiv4'),
    amend_text: '-',
    create_time: String(Math.floor(order.createdAt / 1_000)),
    update_time: String(Math.floor(order.updatedAt / 1_000)),
    create_time_ms: order.createdAt,
    update_time_ms: order.updatedAt,
    status: order.status === 'open' ? 'open' : order.status === 'filled' ? 'closed' : 'cancelled',
    currency_pair: idOf(market),
    type: order.type === 'market' ? 'market' : 'limit',
    account: 'spot',
    side: order.side,
    // A market buy is counted in the quote currency.
    amount: normalizeDecimal(isMarketBuy ? order.filledValue : (order.amount ?? '0')),
    price: order.price === null ? '0' : normalizeDecimal(order.price),
    time_in_force: tifOf(order),
    iceberg: '0',
    left: isMarketBuy ? '0' : (remainingOf(order) ?? '0'),
    filled_amount: normalizeDecimal(order.filled),
    fill_price: normalizeDecimal(order.filledValue),
    filled_total: normalizeDecimal(order.filledValue),
    ...(average === null ? {} : { avg_deal_price: normalizeDecimal(average) }),
    fee: trades.reduce((sum, { fee }) => addDecimals(sum, fee), '0'),
    fee_currency: order.side === 'buy' ? market.base : market.quote,
    point_fee: '0',
    gt_fee: '0',
    gt_maker_fee: '0',
    gt_taker_fee: '0',
    gt_discount: false,
    rebated_fee: '0',
    rebated_fee_currency: market.quote,
    stp_id: 0,
    stp_act: '-',
    finish_as: finishOf(order),
  };
}

function finishOf(order: Order): string {
  if (order.status === 'open') return 'open';
  if (order.status === 'filled') return 'filled';
  if (order.endReason === 'immediate_or_cancel') return 'ioc';
  if (order.endReason === 'fill_or_kill') return 'fok';
  return order.endReason === 'post_only' ? 'poc' : 'cancelled';
}

function tifOf(order: Order): string {
  if (order.type === 'market' || order.timeInForce === 'IOC') return 'ioc';
  if (order.timeInForce === 'FOK') return 'fok';
  return order.timeInForce === 'GTX' ? 'poc' : 'gtc';
}

export function spotTradeRow(call: SignedCall, trade: Trade): Record<string, unknown> {
  const order = call.account.findOrder({ id: trade.orderId });
  return {
    id: trade.id,
    create_time: String(Math.floor(trade.at / 1_000)),
    create_time_ms: `${trade.at}.000000`,
    currency_pair: idOf(call.engine.market(trade.symbol)),
    side: trade.side,
    role: trade.maker ? 'maker' : 'taker',
    amount: normalizeDecimal(trade.amount),
    price: normalizeDecimal(trade.price),
    order_id: trade.orderId,
    fee: normalizeDecimal(trade.fee),
    fee_currency: trade.feeCurrency,
    point_fee: '0',
    gt_fee: '0',
    amend_text: '-',
    sequence_id: trade.id,
    text: order === null ? 'apiv4' : textOf(order, 'apiv4'),
    deal: multiplyDecimals(trade.amount, trade.price),
  };
}

export function spotPriceOrderRow(call: SignedCall, order: Order): Record<string, unknown> {
  const isStop = order.type === 'stop' || order.type === 'stop_market';
  const ended = order.status !== 'open';
  return {
    id: Number(order.id),
    user: userIdOf(call.account.id),
    market: idOf(call.engine.market(order.symbol)),
    ctime: Math.floor(order.createdAt / 1_000),
    ...(ended ? { ftime: Math.floor(order.updatedAt / 1_000) } : {}),
    fired_order_id: order.triggeredOrderId === null ? 0 : Number(order.triggeredOrderId),
    status: ended ? (order.status === 'triggered' ? 'finish' : 'cancelled') : 'open',
    reason: '',
    trigger: {
      price: normalizeDecimal(order.triggerPrice ?? '0'),
      rule: isStop === (order.side === 'buy') ? '>=' : '<=',
      expiration: 0,
    },
    put: {
      type: order.price === null ? 'market' : 'limit',
      side: order.side,
      price: order.price === null ? '0' : normalizeDecimal(order.price),
      amount: normalizeDecimal(order.amount ?? '0'),
      account: 'normal',
      time_in_force: order.price === null ? 'ioc' : 'gtc',
      text: textOf(order, 'apiv4'),
    },
  };
}

export function spotAccountRow(
  currency: string,
  { balance, locked }: { balance: string; locked: string },
): Record<string, unknown> {
  return {
    currency,
    available: subtractDecimals(balance, locked),
    locked: isZero(locked) ? '0' : normalizeDecimal(locked),
    update_id: 1,
  };
}
