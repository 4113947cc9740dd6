import { GateError, invalid, ORDER_FINISHED, ORDER_NOT_FOUND } from './errors.js';
import { decimalIn, sizeAsked, symbolsOf } from './futures-orders.js';
import { signedContracts } from './futures-rows.js';
import {
  CANCELLING,
  clientIdIn,
  contractsListed,
  FUTURES_PLACING,
  idOf,
  newestFirst,
  openedSettleOf,
  pageByOffset,
  Parameters,
  secondsOf,
  signed,
  sizeShown,
  textOf,
  unitsFor,
  type Route,
  type SignedCall,
} from './route.js';
import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type OrderRequest, type OrderType } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { absoluteDecimal, compareDecimals, isZero, normalizeDecimal } from '@plumbline/primitives/decimal';
import { userIdOf } from '../user-id.js';

/**
 * Price-triggered orders, including take-profit and stop-loss: "List all auto orders", "Create a price-triggered
 * order", "Get a price-triggered order", "Modify a single auto order" and models FuturesPriceTriggeredOrder,
 * FuturesInitialOrder, FuturesPriceTrigger of https://www.gate.com/docs/developers/apiv4/en/. Trailing orders have a
 * separate list. `initial.amount` is the size with its decimals, and wins over `initial.size`.
 */
export const PRICE_ORDERS: Route[] = [
  signed('GET', '/futures/:settle/price_orders', (call) => {
    const status = call.parameters.mandatoryWord('status', ['open', 'finished']);
    const orders = priceOrders(call).filter((order) => (order.status === 'open') === (status === 'open'));
    return pageByOffset(newestFirst(orders), call, ({ id }) => id).map((order) => priceOrderRow(call, order));
  }),
  signed('POST', '/futures/:settle/price_orders', placePriceOrder, { limit: FUTURES_PLACING, status: 201 }),
  signed(
    'DELETE',
    '/futures/:settle/price_orders',
    (call) =>
      priceOrders(call)
        .filter(({ status }) => status === 'open')
        .map((order) => cancelled(call, order)),
    { limit: CANCELLING },
  ),
  signed('PUT', '/futures/:settle/price_orders/amend', amendPriceOrder, { limit: FUTURES_PLACING }),
  signed('GET', '/futures/:settle/price_orders/:order_id', (call) => priceOrderRow(call, requested(call))),
  signed('DELETE', '/futures/:settle/price_orders/:order_id', (call) => cancelled(call, requested(call)), {
    limit: CANCELLING,
  }),
];

function isPriceOrder(order: Order): boolean {
  return isConditional(order.type) && order.trailing === null;
}

function priceOrders(call: SignedCall): Order[] {
  const isAsked = symbolsOf(call);
  return call.account.allOrders().filter((order) => isPriceOrder(order) && isAsked(order));
}

function requested(call: SignedCall): Order {
  const order = call.account.findOrder({ id: call.parameters.mandatory('order_id') });
  const isAsked = symbolsOf(call);
  if (order === null || !isPriceOrder(order) || !isAsked(order)) throw ORDER_NOT_FOUND;
  return order;
}

function cancelled(call: SignedCall, order: Order): unknown {
  if (order.status !== 'open') throw ORDER_FINISHED;
  return priceOrderRow(call, call.engine.cancel({ account: call.account.id, id: order.id }, 'api'));
}

/** 1: triggers at or above the price, 2: at or below it. */
function ruleOf({ type, side }: Order): 1 | 2 {
  const isStop = type === 'stop' || type === 'stop_market';
  return isStop === (side === 'buy') ? 1 : 2;
}

function priceOrderRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const ended = order.status !== 'open';
  const contracts = signedContracts(market, order.side, order.amount ?? '0');
  return {
    id: Number(order.id),
    user: userIdOf(call.account.id),
    create_time: secondsOf(order.createdAt),
    ...(ended ? { finish_time: secondsOf(order.updatedAt), finish_as: finishOf(order) } : {}),
    trade_id: order.triggeredOrderId === null ? 0 : Number(order.triggeredOrderId),
    status: ended ? 'finished' : 'open',
    reason: '',
    order_type: orderTypeOf(order),
    me_order_id: 0,
    trigger: {
      strategy_type: 0,
      price_type: 1,
      price: normalizeDecimal(order.triggerPrice ?? '0'),
      rule: ruleOf(order),
      expiration: 0,
    },
    initial: {
      contract: idOf(market),
      size: sizeShown({ ...call, sizesAsText: false }, contracts),
      amount: contracts,
      price: order.price === null ? '0' : normalizeDecimal(order.price),
      tif: order.price === null ? 'ioc' : 'gtc',
      text: textOf(order),
      iceberg: 0,
      is_close: order.closePosition,
      is_reduce_only: order.closePosition || mayOnlyReduce(order),
      auto_size: order.closePosition && order.slot !== 'net' ? `close_${order.slot}` : '',
    },
  };
}

function finishOf(order: Order): 'succeeded' | 'cancelled' | 'failed' | 'expired' {
  if (order.status === 'triggered') return 'succeeded';
  if (order.endReason === 'nothing_to_reduce') return 'failed';
  return order.endReason === 'good_till_date' ? 'expired' : 'cancelled';
}

/** Take-profit and stop-loss of a whole position or of a part, or neither. */
function orderTypeOf(order: Order): string {
  const side = order.side === 'sell' ? 'long' : 'short';
  if (order.closePosition) return `close-${side}-position`;
  return mayOnlyReduce(order) ? `plan-close-${side}-position` : '';
}

const ORDER_TYPES = [
  'close-long-position',
  'close-short-position',
  'plan-close-long-position',
  'plan-close-short-position',
] as const;

function placePriceOrder(call: SignedCall): unknown {
  openedSettleOf(call);
  const [trigger, initial] = [call.parameters.object('trigger'), call.parameters.object('initial')];
  const market = contractNamed(call, initial.mandatory('contract'));
  const rule = trigger.mandatoryWord('rule', ['1', '2']);
  const triggerPrice = decimalIn('trigger.price', trigger.mandatory('price'));
  checkTrigger(rule, triggerPrice, call.engine.price(market.symbol));
  const orderType = call.parameters.word('order_type', ORDER_TYPES);
  const size = decimalIn('initial.size', initial.text('amount') ?? initial.text('size') ?? '0');
  const direction = isZero(size)
    ? closing(call, market, orderType)
    : sizeAsked(call, market, new Parameters({ size }), initial.flag('reduce_only') || orderType !== undefined);
  const price = decimalIn('initial.price', initial.text('price') ?? '0');
  const isLimit = !isZero(price);
  if (isZero(size) && isLimit) throw invalid('initial.price', price);
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    type: typeOf(rule, direction.side, isLimit),
    ...direction,
    triggerPrice,
    price: isLimit ? price : undefined,
    clientOrderId: clientIdIn(initial.text('text')),
  });
  return { id: Number(order.id) };
}

/** An order for everything that is held when it triggers. */
function closing(
  call: SignedCall,
  market: Market,
  orderType: (typeof ORDER_TYPES)[number] | undefined,
): Pick<OrderRequest, 'side' | 'closePosition' | 'positionSide'> {
  const initial = call.parameters.object('initial');
  const autoSize = initial.word('auto_size', ['close_long', 'close_short']);
  const hedged = call.account.positionMode === 'hedge';
  if (hedged && autoSize === undefined) throw invalid('initial.auto_size', '');
  if (!hedged && !initial.flag('close')) throw invalid('initial.size', '0');
  const held = call.account.position(market.symbol, 'net').amount;
  const isLong =
    autoSize === undefined
      ? orderType === undefined
        ? compareDecimals(held, '0') > 0
        : orderType.includes('long')
      : autoSize === 'close_long';
  const positionSide = isLong ? 'long' : 'short';
  return { side: isLong ? 'sell' : 'buy', closePosition: true, ...(hedged ? { positionSide } : {}) };
}

function typeOf(rule: '1' | '2', side: 'buy' | 'sell', isLimit: boolean): OrderType {
  const isStop = (rule === '1') === (side === 'buy');
  if (isStop) return isLimit ? 'stop' : 'stop_market';
  return isLimit ? 'take_profit' : 'take_profit_market';
}

function checkTrigger(rule: '1' | '2', triggerPrice: string, price: string): void {
  const comparison = compareDecimals(triggerPrice, price);
  if (rule === '1' && comparison <= 0) {
    throw new GateError('AUTO_TRIGGER_PRICE_GREATE_LAST', 'invalid argument: Trigger.Price must > last_price');
  }
  if (rule === '2' && comparison >= 0) {
    throw new GateError('AUTO_TRIGGER_PRICE_LESS_LAST', 'invalid argument: Trigger.Price must < last_price');
  }
}

function contractNamed(call: SignedCall, id: string): Market {
  const market = contractsListed(call.engine, openedSettleOf(call)).find((candidate) => idOf(candidate) === id);
  if (market === undefined) throw new GateError('CONTRACT_NOT_FOUND', 'Contract not found', 404);
  return market;
}

function amendPriceOrder(call: SignedCall): unknown {
  const order = requested(call);
  const market = call.engine.market(order.symbol);
  const [size, price] = [call.parameters.text('size'), call.parameters.text('price')];
  const change = {
    triggerPrice: call.parameters.text('trigger_price'),
    price: price === undefined || isZero(decimalIn('price', price)) ? undefined : price,
    amount: size === undefined || isZero(decimalIn('size', size)) ? undefined : unitsFor(market, absoluteDecimal(size)),
  };
  call.engine.amend({ account: call.account.id, id: order.id }, change, 'api');
  return { id: Number(order.id) };
}
