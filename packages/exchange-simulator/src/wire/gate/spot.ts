import { GateError, invalid, missing, ORDER_FINISHED, ORDER_NOT_FOUND } from './errors.js';
import {
  CANCELLING,
  clientIdIn,
  isFoundByText,
  newestFirst,
  pageByNumber,
  pageByOffset,
  pairNamed,
  signed,
  SPOT_PLACING,
  within,
  idOf,
  type Route,
  type SignedCall,
} from './route.js';
import { decimalIn } from './futures-orders.js';
import { spotAccountRow, spotOrderRow, spotPriceOrderRow, spotTradeRow } from './spot-rows.js';
import { isConditional, type Order, type TimeInForce } from '../../engine/order.js';
import { divideDecimals, floorToStep } from '../../engine/rounding.js';
import { compareDecimals, isZero, multiplyDecimals, negateDecimal } from '@plumbline/primitives/decimal';

/**
 * Spot accounts, orders, trades and price-triggered orders: "List spot accounts", "List all open orders", "List orders",
 * "Create an order", "Get a single order", "Cancel a single order", "List personal trading history", "Retrieve running auto
 * order list", "Create a price-triggered order" of https://www.gate.com/docs/developers/apiv4/en/.
 */
export const SPOT: Route[] = [
  signed('GET', '/spot/accounts', (call) => {
    const only = call.parameters.text('currency');
    const locked = call.engine.locked(call.account.id);
    return [...call.account.wallet]
      .filter(([currency, { balance }]) => (only === undefined ? !isZero(balance) : currency === only))
      .map(([currency, { balance }]) => spotAccountRow(currency, { balance, locked: locked.get(currency) ?? '0' }));
  }),
  signed('GET', '/spot/account_book', accountBook),
  signed('GET', '/spot/open_orders', openOrders),
  signed('GET', '/spot/orders', (call) => {
    const status = call.parameters.mandatoryWord('status', ['open', 'finished']);
    const { symbol } = pairNamed(call, call.parameters.mandatory('currency_pair'));
    const orders = regularOrders(call).filter(
      (order) => order.symbol === symbol && (order.status === 'open') === (status === 'open'),
    );
    const asked = within(newestFirst(orders), call, ({ createdAt }) => createdAt);
    const atMost = status === 'open' ? 100 : 1_000;
    return pageByNumber(asked, call, { byDefault: 100, atMost }).map((order) => spotOrderRow(call, order));
  }),
  signed('POST', '/spot/orders', placeOrder, { limit: SPOT_PLACING, status: 201 }),
  signed('GET', '/spot/orders/:order_id', (call) => spotOrderRow(call, requested(call))),
  signed(
    'DELETE',
    '/spot/orders/:order_id',
    (call) => {
      const order = requested(call);
      if (order.status !== 'open') throw new GateError('ORDER_CLOSED', 'Order already closed');
      return spotOrderRow(call, call.engine.cancel({ account: call.account.id, id: order.id }, 'api'));
    },
    { limit: CANCELLING },
  ),
  signed('GET', '/spot/my_trades', (call) => {
    const pair = call.parameters.text('currency_pair');
    const symbol = pair === undefined ? undefined : pairNamed(call, pair).symbol;
    const orderId = call.parameters.text('order_id');
    const trades = call.account.trades.filter(
      (trade) =>
        call.engine.market(trade.symbol).kind === 'spot' &&
        (symbol === undefined || trade.symbol === symbol) &&
        (orderId === undefined || trade.orderId === orderId),
    );
    const asked = within(newestFirst(trades), call, ({ at }) => at);
    return pageByNumber(asked, call, { byDefault: 100, atMost: 1_000 }).map((trade) => spotTradeRow(call, trade));
  }),

  signed('GET', '/spot/price_orders', (call) => {
    const status = call.parameters.mandatoryWord('status', ['open', 'finished']);
    const market = call.parameters.text('market');
    const symbol = market === undefined ? undefined : pairNamed(call, market).symbol;
    const orders = priceOrders(call).filter(
      (order) => (order.status === 'open') === (status === 'open') && (symbol === undefined || order.symbol === symbol),
    );
    return pageByOffset(newestFirst(orders), call, ({ id }) => id).map((order) => spotPriceOrderRow(call, order));
  }),
  signed('POST', '/spot/price_orders', placePriceOrder, { limit: SPOT_PLACING, status: 201 }),
  signed('GET', '/spot/price_orders/:order_id', (call) => spotPriceOrderRow(call, requestedPriceOrder(call))),
  signed(
    'DELETE',
    '/spot/price_orders/:order_id',
    (call) => {
      const order = requestedPriceOrder(call);
      if (order.status !== 'open') throw ORDER_FINISHED;
      return spotPriceOrderRow(call, call.engine.cancel({ account: call.account.id, id: order.id }, 'api'));
    },
    { limit: CANCELLING },
  ),
];

/** "Query spot account transaction history": fills and fees of orders, which are the only changes that the engine records. */
function accountBook(call: SignedCall): unknown {
  const only = call.parameters.text('currency');
  const rows = within(newestFirst(call.account.trades), call, ({ at }) => at).flatMap((trade) => {
    const market = call.engine.market(trade.symbol);
    if (market.kind !== 'spot') return [];
    const cost = multiplyDecimals(trade.amount, trade.price);
    const [bought, paid] = trade.side === 'buy' ? [trade.amount, cost] : [cost, trade.amount];
    const [base, quote] = trade.side === 'buy' ? [market.base, market.quote] : [market.quote, market.base];
    const change = (type: string, currency: string, amount: string) => ({
      id: `${trade.id}-${type}-${currency}`,
      time: trade.at,
      currency,
      change: amount,
      balance: '0',
      type,
      text: trade.orderId,
    });
    return [
      change('order_fill', base, bought),
      change('order_fill', quote, negateDecimal(paid)),
      change('order_fee', trade.feeCurrency, negateDecimal(trade.fee)),
    ].filter(({ currency, change: amount }) => !isZero(amount) && (only === undefined || only === currency));
  });
  return pageByNumber(rows, call, { byDefault: 100, atMost: 1_000 });
}

function spotOrders(call: SignedCall): Order[] {
  return call.account.allOrders().filter(({ symbol }) => call.engine.market(symbol).kind === 'spot');
}

function regularOrders(call: SignedCall): Order[] {
  return spotOrders(call).filter(({ type }) => !isConditional(type));
}

function priceOrders(call: SignedCall): Order[] {
  return spotOrders(call).filter(({ type }) => isConditional(type));
}

/** Grouped by pair: each with its count and one page of its orders. */
function openOrders(call: SignedCall): unknown {
  const byPair = new Map<string, Order[]>();
  for (const order of newestFirst(regularOrders(call))) {
    if (order.status !== 'open') continue;
    const pair = idOf(call.engine.market(order.symbol));
    byPair.set(pair, [...(byPair.get(pair) ?? []), order]);
  }
  return [...byPair].map(([currency_pair, orders]) => ({
    currency_pair,
    total: orders.length,
    orders: pageByNumber(orders, call, { byDefault: 100, atMost: 100 }).map((order) => spotOrderRow(call, order)),
  }));
}

/** The order that the path names by its id or its text, with its pair. */
function requested(call: SignedCall): Order {
  const reference = call.parameters.mandatory('order_id');
  const pair = call.parameters.text('currency_pair');
  if (pair === undefined) throw missing('currency_pair');
  const { symbol } = pairNamed(call, pair);
  const byText = reference.startsWith('t-');
  const order = call.account.findOrder(byText ? { clientOrderId: clientIdIn(reference) } : { id: reference });
  if (order === null || isConditional(order.type) || order.symbol !== symbol) throw ORDER_NOT_FOUND;
  if (byText && !isFoundByText(order, call.now)) throw ORDER_NOT_FOUND;
  return order;
}

function requestedPriceOrder(call: SignedCall): Order {
  const id = call.parameters.mandatory('order_id');
  const order = priceOrders(call).find((each) => each.id === id);
  if (order === undefined) throw ORDER_NOT_FOUND;
  return order;
}

const TIFS: Record<'gtc' | 'ioc' | 'poc' | 'fok', TimeInForce> = { gtc: 'GTC', ioc: 'IOC', poc: 'GTX', fok: 'FOK' };

function placeOrder(call: SignedCall): unknown {
  const { parameters } = call;
  const market = pairNamed(call, parameters.mandatory('currency_pair'));
  const side = parameters.mandatoryWord('side', ['buy', 'sell']);
  const type = parameters.word('type', ['limit', 'market']) ?? 'limit';
  const tif = parameters.word('time_in_force', ['gtc', 'ioc', 'poc', 'fok']) ?? 'gtc';
  const asked = decimalIn('amount', parameters.mandatory('amount'));
  const common = { symbol: market.symbol, side, type, clientOrderId: clientIdIn(parameters.text('text')) };
  if (type === 'market') {
    if (tif !== 'ioc' && tif !== 'fok') throw invalid('time_in_force', tif);
    const bought = divideDecimals(asked, call.engine.price(market.symbol));
    const amount = side === 'buy' ? floorToStep(bought, market.amountStep) : asked;
    return spotOrderRow(call, call.engine.place(call.account.id, 'api', { ...common, amount }));
  }
  const price = parameters.mandatory('price');
  const order = call.engine.place(call.account.id, 'api', { ...common, amount: asked, price, timeInForce: TIFS[tif] });
  if (order.endReason === 'post_only') {
    throw new GateError('POC_FILL_IMMEDIATELY', "Order would match and take immediately so it's cancelled");
  }
  return spotOrderRow(call, order);
}

function placePriceOrder(call: SignedCall): unknown {
  const market = pairNamed(call, call.parameters.mandatory('market'));
  const [trigger, put] = [call.parameters.object('trigger'), call.parameters.object('put')];
  const rule = trigger.mandatoryWord('rule', ['>=', '<=']);
  const triggerPrice = decimalIn('trigger.price', trigger.mandatory('price'));
  const comparison = compareDecimals(triggerPrice, call.engine.price(market.symbol));
  if (comparison !== (rule === '>=' ? 1 : -1)) throw invalid('trigger.price', triggerPrice);
  const side = put.mandatoryWord('side', ['buy', 'sell']);
  const isLimit = (put.word('type', ['limit', 'market']) ?? 'limit') === 'limit';
  const isStop = (rule === '>=') === (side === 'buy');
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    side,
    type: isStop ? (isLimit ? 'stop' : 'stop_market') : isLimit ? 'take_profit' : 'take_profit_market',
    amount: put.mandatory('amount'),
    price: isLimit ? put.mandatory('price') : undefined,
    triggerPrice,
    clientOrderId: clientIdIn(put.text('text')),
  });
  return { id: Number(order.id) };
}
