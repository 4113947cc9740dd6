import { idsOf } from '../shared/rows.js';
import { BitgetError, empty, wrong } from '../shared/errors.js';
import { read, trade, type Route, type SignedCall } from '../shared/route.js';
import { CATEGORIES, categoryOf, categoryOfMarket, marketOf, type Category } from './categories.js';
import { cursorPage, withinSpan } from './pages.js';
import { fillRow, orderDetail, orderRow } from './rows.js';
import type { Market } from '../../../engine/market.js';
import { isConditional, type Order, type OrderRequest, type TimeInForce } from '../../../engine/order.js';
import { divideDecimals, floorToStep } from '../../../engine/rounding.js';
import { isDecimal } from '@plumbline/primitives/decimal';

/**
 * Orders and fills. Pages under https://www.bitget.com/api-doc/uta/trade/: Place-Order, Cancel-Order, Get-Order-Details,
 * Get-Order-Pending, Get-Order-History, Get-Order-Fills. No order is a margin order here, and none has a preset TP/SL.
 */
export const UNIFIED_ORDERS: Route[] = [
  trade('/api/v3/trade/place-order', 10, placeOrder),
  trade('/api/v3/trade/cancel-order', 10, (call) => {
    const order = requested(call);
    if (order === null || order.status !== 'open') throw NO_ORDER;
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return idsOf(order);
  }),
  read('/api/v3/trade/order-info', 20, (call) => {
    const order = requested(call);
    if (order === null) throw NO_ORDER;
    return orderDetail(order, call.engine.market(order.symbol), call.account);
  }),
  read('/api/v3/trade/unfilled-orders', 20, (call) => {
    const category = call.parameters.word('category', CATEGORIES);
    const { page, cursor } = cursorPage(regularOf(call, call.account.open(), category), call, idOf);
    return { list: page.map((order) => orderRow(order, marketOfOrder(call, order), call.account)), cursor };
  }),
  read('/api/v3/trade/history-orders', 20, (call) => {
    const ended = regularOf(call, [...call.account.endedOrders.values()], categoryOf(call));
    const { page, cursor } = cursorPage(
      withinSpan(ended, call, ({ createdAt }) => createdAt),
      call,
      idOf,
    );
    return { list: page.map((order) => orderDetail(order, marketOfOrder(call, order), call.account)), cursor };
  }),
  read('/api/v3/trade/fills', 20, (call) => {
    const category = call.parameters.word('category', CATEGORIES);
    const orderId = call.parameters.text('orderId');
    const asked = call.account.trades.filter(
      (each) => (orderId === undefined || each.orderId === orderId) && isIn(call, each.symbol, category),
    );
    const { page, cursor } = cursorPage(
      withinSpan(asked, call, ({ at }) => at),
      call,
      ({ id }) => id,
    );
    // Without fills the list is null, where the list of open orders is empty.
    return {
      list: page.length === 0 ? null : page.map((each) => fillRow(each, call.engine.market(each.symbol), call.account)),
      cursor,
    };
  }),
];

const NO_ORDER = new BitgetError('25204', 'Order does not exist');

const idOf = ({ id }: Order): string => id;

function marketOfOrder({ engine }: SignedCall, { symbol }: Order): Market {
  return engine.market(symbol);
}

/** Whether a market belongs to the category; without one, all do. */
export function isIn({ engine }: SignedCall, symbol: string, category: Category | undefined): boolean {
  return category === undefined || categoryOfMarket(engine.market(symbol)) === category;
}

function regularOf(call: SignedCall, orders: readonly Order[], category: Category | undefined): Order[] {
  const only = category === undefined || call.parameters.text('symbol') === undefined ? null : marketOf(call, category);
  return orders.filter(
    ({ type, symbol }) =>
      !isConditional(type) && isIn(call, symbol, category) && (only === null || symbol === only.symbol),
  );
}

/** The regular order that `orderId` names, otherwise the latest with the `clientOid`. */
function requested(call: SignedCall): Order | null {
  const [id, clientOrderId] = [call.parameters.text('orderId'), call.parameters.text('clientOid')];
  if (id === undefined && clientOrderId === undefined) throw empty('orderId');
  const order = call.account.findOrder(id === undefined ? { clientOrderId } : { id });
  return order === null || isConditional(order.type) ? null : order;
}

const FORCES: Record<'gtc' | 'ioc' | 'fok' | 'post_only', TimeInForce> = {
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  post_only: 'GTX',
};

function placeOrder(call: SignedCall): unknown {
  const { parameters } = call;
  const category = categoryOf(call);
  if (category === 'MARGIN') throw new BitgetError('25240', 'MARGIN does not support this operation');
  const market = marketOf(call, category);
  const type = parameters.mandatoryWord('orderType', ['limit', 'market']);
  const side = parameters.mandatoryWord('side', ['buy', 'sell']);
  const qty = parameters.mandatory('qty');
  const byValue = market.kind === 'spot' && type === 'market' && side === 'buy' && isDecimal(qty);
  const force = parameters.word('timeInForce', ['gtc', 'ioc', 'fok', 'post_only']) ?? 'gtc';
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    type,
    amount: byValue ? floorToStep(divideDecimals(qty, call.engine.price(market.symbol)), market.amountStep) : qty,
    clientOrderId: parameters.text('clientOid'),
    ...(type === 'limit' ? { price: parameters.mandatory('price'), timeInForce: FORCES[force] } : {}),
    ...directionAsked(call, market),
  });
  return idsOf(order);
}

/** `side` is the order's own side in both modes; hedge mode needs `posSide`. */
export function directionAsked(
  call: SignedCall,
  market: Market,
): Pick<OrderRequest, 'side' | 'positionSide' | 'reduceOnly'> {
  const side = call.parameters.mandatoryWord('side', ['buy', 'sell']);
  if (market.kind === 'spot') return { side };
  if (call.account.positionMode === 'one-way') {
    return { side, reduceOnly: call.parameters.word('reduceOnly', ['yes', 'no']) === 'yes' };
  }
  const positionSide = call.parameters.word('posSide', ['long', 'short']);
  if (positionSide === undefined) throw wrong('posSide');
  return { side, positionSide };
}
