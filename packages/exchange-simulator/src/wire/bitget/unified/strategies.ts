import { BitgetError, empty, verificationFailed } from '../shared/errors.js';
import { plain, idsOf } from '../shared/rows.js';
import { read, trade, type Route, type SignedCall } from '../shared/route.js';
import { categoryOf, categoryOfMarket, marketOf, unifiedIdOf, type Category } from './categories.js';
import { directionAsked, isIn } from './orders.js';
import { cursorPage, withinSpan } from './pages.js';
import type { Market } from '../../../engine/market.js';
import { isConditional, type Order, type OrderRequest } from '../../../engine/order.js';
import { mayOnlyReduce } from '../../../engine/placing.js';
import { compareDecimals, isDecimal } from '@plumbline/primitives/decimal';

/**
 * Strategy orders: TP/SL of a position (`tpsl`), and trigger orders. Pages under https://www.bitget.com/api-doc/uta/strategy/:
 * Place-Strategy-Order, Cancel-Strategy-Order, Get-Unfilled-Strategy-Orders, Get-History-Strategy-Orders.
 *
 * The open ones are a list without pages. The order that a triggered one became is on a page of its own. Not simulated:
 * a row with a take-profit and a stop-loss together; coin-margined contracts, which have no strategy orders.
 */
export const UNIFIED_STRATEGIES: Route[] = [
  trade('/api/v3/trade/place-strategy-order', 10, place),
  trade('/api/v3/trade/cancel-strategy-order', 10, (call) => {
    const [id, clientOrderId] = [call.parameters.text('orderId'), call.parameters.text('clientOid')];
    if (id === undefined && clientOrderId === undefined) throw empty('orderId');
    const order = call.account.findOrder(id === undefined ? { clientOrderId } : { id });
    if (order === null || !isConditional(order.type) || order.status !== 'open') {
      throw new BitgetError('25597', 'Strategy does not exist or has already been stopped');
    }
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return null;
  }),
  read('/api/v3/trade/unfilled-strategy-orders', 20, (call) =>
    asked(call, call.account.open(), categoryOf(call))
      .toSorted((a, b) => Number(b.id) - Number(a.id))
      .map((order) => strategyRow(call, order)),
  ),
  read('/api/v3/trade/history-strategy-orders', 20, (call) => {
    const ended = asked(call, [...call.account.endedOrders.values()], categoryOf(call));
    const { page, cursor } = cursorPage(
      withinSpan(ended, call, ({ createdAt }) => createdAt),
      call,
      ({ id }) => id,
    );
    return { list: page.map((order) => strategyRow(call, order)), cursor };
  }),
  read('/api/v3/trade/strategy-sub-orders', 20, (call) => {
    const order = call.account.findOrder({ id: call.parameters.mandatory('orderId') });
    const id = order?.triggeredOrderId ?? null;
    const placed = id === null ? null : call.account.findOrder({ id });
    return { list: placed === null ? [] : [{ subOrderId: placed.id, status: subStatusOf(placed) }] };
  }),
];

function subStatusOf({ status, endReason }: Order): string {
  if (status === 'open') return 'live';
  return endReason === 'nothing_to_reduce' ? 'failed' : status === 'filled' ? 'filled' : 'cancelled';
}

type StrategyType = 'tpsl' | 'trigger';

function asked(call: SignedCall, orders: readonly Order[], category: Category): Order[] {
  const type = call.parameters.word('type', ['tpsl', 'trigger']);
  return orders.filter(
    (order) =>
      isConditional(order.type) && isIn(call, order.symbol, category) && (type === undefined || typeOf(order) === type),
  );
}

/** What only reduces a position is its TP/SL; all others, and all on spot, are trigger orders. */
function typeOf(order: Order): StrategyType {
  return mayOnlyReduce(order) ? 'tpsl' : 'trigger';
}

function isProfit({ type }: Order): boolean {
  return type === 'take_profit' || type === 'take_profit_market';
}

function strategyRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const type = typeOf(order);
  const trigger = order.triggerPrice === null ? '' : plain(order.triggerPrice);
  const price = order.price === null ? '' : plain(order.price);
  const kind = order.price === null ? 'market' : 'limit';
  const only = (shown: boolean, value: string): string => (shown ? value : '');
  const [profit, loss] = [type === 'tpsl' && isProfit(order), type === 'tpsl' && !isProfit(order)];
  return {
    orderId: order.id,
    clientOid: order.clientOrderId,
    category: categoryOfMarket(market),
    symbol: unifiedIdOf(market),
    type,
    // A TP/SL of the whole position has no quantity.
    qty: order.amount === null ? '' : plain(order.amount),
    side: order.side,
    posSide: market.kind === 'spot' ? '' : posSideOf(order),
    reduceOnly: mayOnlyReduce(order) ? 'yes' : 'no',
    status: statusOf(order),
    tpTriggerBy: only(profit, 'mark'),
    slTriggerBy: only(loss, 'mark'),
    takeProfit: only(profit, trigger),
    stopLoss: only(loss, trigger),
    tpOrderType: only(profit, kind),
    slOrderType: only(loss, kind),
    tpLimitPrice: only(profit, price),
    slLimitPrice: only(loss, price),
    triggerBy: only(type === 'trigger', 'mark'),
    triggerPrice: only(type === 'trigger', trigger),
    triggerOrderType: only(type === 'trigger', kind),
    triggerOrderPrice: only(type === 'trigger', price),
    createdTime: String(order.createdAt),
    updatedTime: String(order.updatedAt),
  };
}

/** The position that it opens or closes: in one-way mode a reducing sell closes a long one. */
function posSideOf(order: Order): 'long' | 'short' {
  if (order.slot !== 'net') return order.slot;
  return (order.side === 'buy') === mayOnlyReduce(order) ? 'short' : 'long';
}

function statusOf(order: Order): string {
  if (order.status === 'open') return 'pending';
  if (order.status === 'triggered') return 'success';
  return order.endReason === 'nothing_to_reduce' ? 'failed' : 'cancelled';
}

function place(call: SignedCall): unknown {
  const { parameters } = call;
  const category = categoryOf(call);
  if (category === 'COIN-FUTURES' || category === 'MARGIN') {
    throw new BitgetError('25240', `${category} does not support this operation`);
  }
  const market = marketOf(call, category);
  const type = parameters.word('type', ['tpsl', 'trigger']) ?? 'tpsl';
  const order = type === 'tpsl' ? tpsl(call, market) : trigger(call, market);
  return idsOf(call.engine.place(call.account.id, 'api', { ...order, clientOrderId: parameters.text('clientOid') }));
}

function tpsl(call: SignedCall, market: Market): OrderRequest {
  const { parameters } = call;
  if (market.kind === 'spot')
    throw new BitgetError('25593', 'The current trading type does not support TP/SL settings');
  const posSide = parameters.mandatoryWord('posSide', ['long', 'short']);
  const [takeProfit, stopLoss] = [parameters.text('takeProfit'), parameters.text('stopLoss')];
  if (takeProfit !== undefined && stopLoss !== undefined) throw verificationFailed('both triggers are not simulated');
  const triggerPrice = takeProfit ?? stopLoss;
  if (triggerPrice === undefined) throw empty('takeProfit');
  const isLimit =
    parameters.word(takeProfit === undefined ? 'slOrderType' : 'tpOrderType', ['limit', 'market']) === 'limit';
  const name = takeProfit === undefined ? 'stop' : 'take_profit';
  const hedged = call.account.positionMode === 'hedge';
  const partial = parameters.word('tpslMode', ['full', 'partial']) === 'partial';
  return {
    symbol: market.symbol,
    side: posSide === 'long' ? 'sell' : 'buy',
    type: isLimit ? name : `${name}_market`,
    triggerPrice,
    price: isLimit ? parameters.mandatory(takeProfit === undefined ? 'slLimitPrice' : 'tpLimitPrice') : undefined,
    ...(hedged ? { positionSide: posSide } : {}),
    ...(partial
      ? { amount: parameters.mandatory('qty'), ...(hedged ? {} : { reduceOnly: true }) }
      : { closePosition: true }),
  };
}

function trigger(call: SignedCall, market: Market): OrderRequest {
  const { parameters } = call;
  const triggerPrice = parameters.mandatory('triggerPrice');
  if (!isDecimal(triggerPrice)) throw verificationFailed('triggerPrice');
  const comparison = compareDecimals(triggerPrice, call.engine.price(market.symbol));
  if (comparison === 0) throw verificationFailed('triggerPrice is the current price');
  const direction = directionAsked(call, market);
  // It triggers from either side: above the price a buy is a stop in the engine, below it a take-profit.
  const name = comparison > 0 === (direction.side === 'buy') ? 'stop' : 'take_profit';
  const isLimit = parameters.mandatoryWord('triggerOrderType', ['limit', 'market']) === 'limit';
  return {
    symbol: market.symbol,
    type: isLimit ? name : `${name}_market`,
    triggerPrice,
    amount: parameters.mandatory('qty'),
    price: isLimit ? parameters.mandatory('triggerOrderPrice') : undefined,
    ...direction,
  };
}
