import { BitgetError, empty, ORDER_DOES_NOT_EXIST, ORDER_NOT_FOUND, wrong } from './shared/errors.js';
import { marginCoinOf } from './account.js';
import { fillRow, orderDetail, orderRow, statusOf, idsOf } from './shared/rows.js';
import {
  contractOf,
  contractsListed,
  listed,
  optionalContractOf,
  pageOf,
  productTypeOf,
  read,
  symbolIdOf,
  trade,
  within,
  type Parameters,
  type Route,
  type SignedCall,
} from './shared/route.js';
import { isConditional, type Order, type OrderRequest, type TimeInForce } from '../../engine/order.js';
import { Rejection } from '../../engine/rejection.js';
import { absoluteDecimal, isZero, signOf } from '@plumbline/primitives/decimal';

/**
 * Futures orders and fills. Pages under https://www.bitget.com/api-doc/contract/trade/: Place-Order, Modify-Order,
 * Cancel-Order, Batch-Cancel-Orders, Cancel-All-Orders, Flash-Close-Position, Get-Order-Details, Get-Orders-Pending,
 * Get-Orders-History, Get-Order-Fills, Get-Fill-History.
 */
export const ORDERS: Route[] = [
  trade('/api/v2/mix/order/place-order', 10, placeOrder),
  trade('/api/v2/mix/order/modify-order', 10, modifyOrder),
  trade('/api/v2/mix/order/cancel-order', 10, (call) => {
    const { symbol } = contractOf(call);
    const order = requested(call, call.parameters, (candidate) => candidate.symbol === symbol);
    if (order === null) throw ORDER_DOES_NOT_EXIST;
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return idsOf(order);
  }),
  trade('/api/v2/mix/order/batch-cancel-orders', 10, (call) => {
    const market = optionalContractOf(call);
    return cancelEach(call, call.parameters.list('orderIdList'), regularOf(call, market?.symbol));
  }),
  trade('/api/v2/mix/order/cancel-all-orders', 10, (call) => cancelEach(call, undefined, regularOf(call, undefined))),
  trade('/api/v2/mix/order/close-positions', 1, closePositions),

  read('/api/v2/mix/order/detail', 10, (call) => {
    const market = contractOf(call);
    const order = requested(call, call.parameters, (candidate) => candidate.symbol === market.symbol);
    if (order === null) throw ORDER_NOT_FOUND;
    return orderDetail(order, market, call.account);
  }),
  read('/api/v2/mix/order/orders-pending', 10, (call) => {
    const status = call.parameters.word('status', ['live', 'partially_filled']);
    const orders = asked(call, call.account.open()).filter(
      (order) => status === undefined || statusOf(order) === status,
    );
    return orderList(call, orders);
  }),
  read('/api/v2/mix/order/orders-history', 10, (call) =>
    orderList(call, asked(call, [...call.account.endedOrders.values()])),
  ),
  read('/api/v2/mix/order/fills', 10, (call) => fills(call, 90)),
  read('/api/v2/mix/order/fill-history', 10, (call) => fills(call, 7)),
];

const idOf = ({ id }: Order): string => id;

/** The regular orders of the product type, or those of the requested symbol, id or client id. */
function asked(call: SignedCall, orders: readonly Order[]): Order[] {
  const market = optionalContractOf(call);
  const isAsked = regularOf(call, market?.symbol);
  const [id, clientId] = [call.parameters.text('orderId'), call.parameters.text('clientOid')];
  return orders.filter((order) => {
    if (!isAsked(order)) return false;
    if (id !== undefined) return order.id === id;
    return clientId === undefined || order.clientOrderId === clientId;
  });
}

function regularOf(call: SignedCall, symbol: string | undefined): (order: Order) => boolean {
  const symbols = new Set(contractsListed(call.engine, productTypeOf(call)).map((market) => market.symbol));
  return (order) =>
    !isConditional(order.type) && symbols.has(order.symbol) && (symbol === undefined || order.symbol === symbol);
}

function orderList(call: SignedCall, orders: readonly Order[]): unknown {
  const page = pageOf(
    within(orders, call, ({ createdAt }) => createdAt),
    call,
    idOf,
  );
  return listed(
    'entrustedList',
    page,
    (order) => orderRow(order, call.engine.market(order.symbol), call.account),
    idOf,
  );
}

function fills(call: SignedCall, days: number): unknown {
  const market = optionalContractOf(call);
  const symbols = new Set(contractsListed(call.engine, productTypeOf(call)).map(({ symbol }) => symbol));
  const orderId = call.parameters.text('orderId');
  const trades = call.account.trades.filter(
    (each) =>
      symbols.has(each.symbol) &&
      (market === null || each.symbol === market.symbol) &&
      (orderId === undefined || each.orderId === orderId),
  );
  const page = pageOf(
    within(trades, call, ({ at }) => at, days),
    call,
    ({ id }) => id,
  );
  return listed(
    'fillList',
    page,
    (each) => fillRow(each, call.engine.market(each.symbol), call.account),
    ({ id }) => id,
  );
}

/** The regular order that `orderId` names, otherwise the latest with the `clientOid`. Null if there is none. */
function requested(call: SignedCall, by: Parameters, matches: (order: Order) => boolean): Order | null {
  const [id, clientId] = [by.text('orderId'), by.text('clientOid')];
  if (id === undefined && clientId === undefined) throw empty('orderId');
  const order = call.account.findOrder(id === undefined ? { clientOrderId: clientId } : { id });
  return order !== null && !isConditional(order.type) && matches(order) ? order : null;
}

/** Cancels the named orders, or all open ones that match, and reports success or failure of each. */
export function cancelEach(
  call: SignedCall,
  named: readonly Parameters[] | undefined,
  matches: (order: Order) => boolean,
): unknown {
  const successList: unknown[] = [];
  const failureList: unknown[] = [];
  const wanted = named ?? call.account.open().filter(matches).map(idsOf);
  for (const one of wanted) {
    const [orderId, clientOid] =
      'orderId' in one ? [one.orderId, one.clientOid] : [one.text('orderId') ?? '', one.text('clientOid') ?? ''];
    const order = call.account.findOrder(orderId === '' ? { clientOrderId: clientOid } : { id: orderId });
    if (order === null || !matches(order) || order.status !== 'open') {
      failureList.push({
        orderId,
        clientOid,
        errorMsg: ORDER_DOES_NOT_EXIST.message,
        errorCode: ORDER_DOES_NOT_EXIST.code,
      });
      continue;
    }
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    successList.push(idsOf(order));
  }
  return { successList, failureList };
}

const FORCES: Record<'gtc' | 'ioc' | 'fok' | 'post_only', TimeInForce> = {
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  post_only: 'GTX',
};

function placeOrder(call: SignedCall): unknown {
  const { parameters } = call;
  const market = contractOf(call);
  marginCoinOf(call, market);
  parameters.mandatoryWord('marginMode', ['crossed', 'isolated']);
  const type = parameters.mandatoryWord('orderType', ['limit', 'market']);
  const force = parameters.word('force', ['gtc', 'ioc', 'fok', 'post_only']) ?? 'gtc';
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    type,
    amount: parameters.mandatory('size'),
    ...(type === 'limit' ? { price: parameters.mandatory('price'), timeInForce: FORCES[force] } : {}),
    clientOrderId: parameters.text('clientOid'),
    ...directionAsked(call),
  });
  return idsOf(order);
}

/** What `side`, `tradeSide` and `reduceOnly` mean: `tradeSide` is ignored in one-way mode, `reduceOnly` in hedge mode. */
export function directionAsked(call: SignedCall): Pick<OrderRequest, 'side' | 'positionSide' | 'reduceOnly'> {
  const side = call.parameters.mandatoryWord('side', ['buy', 'sell']);
  if (call.account.positionMode === 'one-way') {
    return { side, reduceOnly: call.parameters.word('reduceOnly', ['YES', 'NO']) === 'YES' };
  }
  const tradeSide = call.parameters.word('tradeSide', ['open', 'close']);
  if (tradeSide === undefined) {
    throw new BitgetError('40774', 'The order type for unilateral position must also be the unilateral position type.');
  }
  const opposite = side === 'buy' ? 'sell' : 'buy';
  return { side: tradeSide === 'open' ? side : opposite, positionSide: side === 'buy' ? 'long' : 'short' };
}

/**
 * A new price and size cancel the order and place a new one under `newClientOid`; the answer does not contain its id.
 * The new one is placed first, so that a refusal changes nothing.
 */
function modifyOrder(call: SignedCall): unknown {
  const { parameters } = call;
  const market = contractOf(call);
  const order = requested(call, parameters, ({ symbol }) => symbol === market.symbol);
  if (order === null) throw ORDER_DOES_NOT_EXIST;
  if (order.status !== 'open') throw new BitgetError('45055', 'The current order status cannot be cancelled');
  const [amount, price] = [parameters.text('newSize'), parameters.text('newPrice')];
  if (amount === undefined || price === undefined) {
    throw new BitgetError('40925', 'price or size must be passed in together');
  }
  const replacement = call.engine.place(call.account.id, 'api', {
    symbol: order.symbol,
    side: order.side,
    type: 'limit',
    amount,
    price,
    timeInForce: order.timeInForce === 'GTX' ? 'GTX' : 'GTC',
    positionSide: order.slot === 'net' ? undefined : order.slot,
    reduceOnly: order.reduceOnly,
    clientOrderId: parameters.mandatory('newClientOid'),
  });
  call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
  return { orderId: order.id, clientOid: replacement.clientOrderId };
}

function closePositions(call: SignedCall): unknown {
  const market = optionalContractOf(call);
  const listedHere = new Set(contractsListed(call.engine, productTypeOf(call)).map(({ symbol }) => symbol));
  const holdSide = call.account.positionMode === 'hedge' ? call.parameters.text('holdSide') : undefined;
  if (holdSide !== undefined && holdSide !== 'long' && holdSide !== 'short') throw wrong('holdSide');
  const wanted = call.account
    .positions()
    .filter(({ symbol, amount }) => listedHere.has(symbol) && !isZero(amount))
    .filter(({ symbol }) => market === null || symbol === market.symbol)
    .filter(({ amount }) => holdSide === undefined || (signOf(amount) > 0 ? 'long' : 'short') === holdSide);
  if (wanted.length === 0) throw new Rejection('reduce_only', 'there is no position to close');
  const successList = wanted.map(({ symbol, amount, slot }) => {
    const order = call.engine.place(call.account.id, 'api', {
      symbol,
      side: signOf(amount) > 0 ? 'sell' : 'buy',
      type: 'market',
      amount: absoluteDecimal(amount),
      ...(slot === 'net' ? { reduceOnly: true } : { positionSide: slot }),
    });
    return { ...idsOf(order), symbol: symbolIdOf(call.engine.market(symbol)) };
  });
  return { successList, failureList: [] };
}
