import {
  contractsFor,
  contractUnit,
  hasDecimalSizes,
  idOf,
  secondsOf,
  sizeShown,
  textOf,
  type WireCall,
  type SignedCall,
} from './route.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';
import { averagePriceOf, remainingOf, type Order, type Trade } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { smallerOf } from '../../engine/rounding.js';
import {
  absoluteDecimal,
  isZero,
  negateDecimal,
  normalizeDecimal,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';
import { userIdOf } from '../user-id.js';

export const MAKER_RATE = '0.0002';
export const TAKER_RATE = '0.0004';

/**
 * Rows of futures contracts, orders and trades: models Contract, FuturesOrder, MyFuturesTrade, MyFuturesTradeTimeRange and
 * FuturesLiquidate of https://www.gate.com/docs/developers/apiv4/en/ (also https://github.com/gate/gateapi-python, docs/).
 */
export function contractRow(call: WireCall, market: Market): Record<string, unknown> {
  const price = call.engine.price(market.symbol);
  return {
    name: idOf(market),
    type: market.kind === 'inverse' ? 'inverse' : 'direct',
    quanto_multiplier: market.kind === 'inverse' ? '0' : contractUnit(market),
    leverage_min: '1',
    leverage_max: '100',
    maintenance_rate: '0.005',
    mark_type: 'index',
    mark_price: price,
    index_price: price,
    last_price: price,
    maker_fee_rate: MAKER_RATE,
    taker_fee_rate: TAKER_RATE,
    order_price_round: market.priceStep,
    mark_price_round: market.priceStep,
    funding_rate: '0',
    funding_interval: 28_800,
    funding_next_apply: (Math.floor(call.now / 28_800_000) + 1) * 28_800,
    risk_limit_base: '1000000',
    risk_limit_step: '1000000',
    risk_limit_max: '8000000',
    order_size_min: sizeShown(call, contractsFor(market, market.amountStep)),
    order_size_max: sizeShown(call, '1000000000'),
    order_price_deviate: '0.5',
    ref_discount_rate: '0',
    ref_rebate_rate: '0.2',
    orderbook_id: 1,
    trade_id: 1,
    trade_size: 0,
    position_size: 0,
    config_change_time: 1_650_000_000,
    create_time: 1_650_000_000,
    in_delisting: false,
    orders_limit: 1_000,
    enable_bonus: false,
    enable_credit: true,
    enable_decimal: hasDecimalSizes(market),
    funding_cap_ratio: '0.75',
    status: 'trading',
  };
}

export function orderRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const average = averagePriceOf(order);
  const ended = order.status !== 'open';
  return {
    id: Number(order.id),
    user: userIdOf(call.account.id),
    create_time: secondsOf(order.createdAt),
    update_time: secondsOf(order.updatedAt),
    ...(ended ? { finish_time: secondsOf(order.updatedAt), finish_as: finishOf(order) } : {}),
    status: ended ? 'finished' : 'open',
    contract: idOf(market),
    size: sizeShown(call, signedContracts(market, order.side, order.amount ?? '0')),
    iceberg: sizeShown(call, '0'),
    price: order.price === null ? '0' : normalizeDecimal(order.price),
    is_close: false,
    is_reduce_only: mayOnlyReduce(order),
    is_liq: order.placedBy === 'liquidation',
    tif: tifOf(order),
    left: sizeShown(call, signedContracts(market, order.side, remainingOf(order) ?? '0')),
    fill_price: average === null ? '0' : normalizeDecimal(average),
    text: textOf(order),
    tkfr: TAKER_RATE,
    mkfr: MAKER_RATE,
    refu: 0,
    auto_size: '',
    stp_id: 0,
    stp_act: '-',
    amend_text: '-',
    biz_info: '-',
  };
}

/** How an order was finished; reasons that Gate has and the engine lacks are "cancelled". */
function finishOf(order: Order): string {
  if (order.status === 'filled') return 'filled';
  switch (order.endReason) {
    case 'liquidation':
      return 'liquidated';
    case 'immediate_or_cancel':
    case 'fill_or_kill':
      return 'ioc';
    case 'nothing_to_reduce':
      return isZero(order.filled) ? 'position_closed' : 'reduce_only';
    case 'post_only':
    case 'good_till_date':
    case 'amended_below_filled':
    case 'one_cancels_other':
    case 'market_closed':
    case 'by_request':
    case null:
      return 'cancelled';
  }
}

function tifOf(order: Order): 'gtc' | 'ioc' | 'poc' | 'fok' {
  if (order.type === 'market' || order.timeInForce === 'IOC') return 'ioc';
  if (order.timeInForce === 'FOK') return 'fok';
  return order.timeInForce === 'GTX' ? 'poc' : 'gtc';
}

/** Contracts: positive to buy, negative to sell. */
export function signedContracts(market: Market, side: Order['side'], units: DecimalText): DecimalText {
  const contracts = contractsFor(market, units);
  return side === 'buy' || isZero(contracts) ? contracts : negateDecimal(contracts);
}

export function tradeRow(
  call: SignedCall,
  trade: Trade,
  closed: ReadonlyMap<string, DecimalText>,
): Record<string, unknown> {
  const market = call.engine.market(trade.symbol);
  const order = call.account.findOrder({ id: trade.orderId });
  return {
    create_time: secondsOf(trade.at),
    contract: idOf(market),
    order_id: trade.orderId,
    size: sizeShown(call, signedContracts(market, trade.side, trade.amount)),
    close_size: sizeShown(call, signedContracts(market, trade.side, closed.get(trade.id) ?? '0')),
    price: normalizeDecimal(trade.price),
    role: trade.maker ? 'maker' : 'taker',
    text: order === null ? 'api' : textOf(order),
    fee: normalizeDecimal(trade.fee),
    point_fee: '0',
  };
}

/** How much of each trade closed a position, by trade id; computed backwards from the present positions. */
export function closedByTrade(account: Account): Map<string, DecimalText> {
  const after = new Map<string, DecimalText>();
  const closed = new Map<string, DecimalText>();
  for (const trade of account.trades.toReversed()) {
    const key = `${trade.symbol}|${trade.slot}`;
    const amount = after.get(key) ?? account.position(trade.symbol, trade.slot).amount;
    const change = trade.side === 'buy' ? trade.amount : negateDecimal(trade.amount);
    const before = subtractDecimals(amount, change);
    const reduces = signOf(before) !== 0 && signOf(before) !== signOf(change);
    closed.set(trade.id, reduces ? smallerOf(absoluteDecimal(before), trade.amount) : '0');
    after.set(key, before);
  }
  return closed;
}

export function liquidationRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const price = normalizeDecimal(averagePriceOf(order) ?? order.price ?? '0');
  return {
    time: Math.floor(order.createdAt / 1_000),
    contract: idOf(market),
    leverage: '20',
    // The position's size; the order is on the opposite side.
    size: sizeShown(call, signedContracts(market, order.side === 'buy' ? 'sell' : 'buy', order.filled)),
    margin: '0',
    entry_price: '0',
    liq_price: price,
    mark_price: price,
    order_id: Number(order.id),
    order_price: order.price === null ? '0' : normalizeDecimal(order.price),
    fill_price: price,
    left: sizeShown(call, signedContracts(market, order.side, remainingOf(order) ?? '0')),
  };
}
