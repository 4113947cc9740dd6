import { GateError, invalid, ORDER_FINISHED, ORDER_NOT_FOUND } from './errors.js';
import { closedByTrade, liquidationRow, orderRow, tradeRow } from './futures-rows.js';
import {
  CANCELLING,
  clientIdIn,
  contractOf,
  contractsListed,
  FUTURES_PLACING,
  isForgotten,
  isFoundByText,
  newestFirst,
  openedSettleOf,
  optionalContractOf,
  pageByOffset,
  signed,
  unitsFor,
  within,
  type Parameters,
  type Route,
  type SignedCall,
} from './route.js';
import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type OrderRequest, type TimeInForce, type Trade } from '../../engine/order.js';
import { absoluteDecimal, isDecimal, isZero, signOf, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Futures orders, trades and liquidations: "List futures orders", "Create a futures order", "Cancel all open orders matched",
 * "Get a single order", "Amend an order", "List personal trading history" (also by time range), "List liquidation history"
 * of https://www.gate.com/docs/developers/apiv4/en/.
 */
export const FUTURES_ORDERS: Route[] = [
  signed('GET', '/futures/:settle/orders', (call) => {
    const status = call.parameters.mandatoryWord('status', ['open', 'finished']);
    const orders = regularOrders(call).filter((order) => (order.status === 'open') === (status === 'open'));
    return pageByOffset(newestFirst(orders), call, ({ id }) => id).map((order) => orderRow(call, order));
  }),
  signed('GET', '/futures/:settle/orders_timerange', (call) => {
    const orders = within(regularOrders(call), call, ({ createdAt }) => createdAt);
    return pageByOffset(newestFirst(orders), call, ({ id }) => id).map((order) => orderRow(call, order));
  }),
  signed('POST', '/futures/:settle/orders', placeOrder, { limit: FUTURES_PLACING, status: 201 }),
  signed(
    'DELETE',
    '/futures/:settle/orders',
    (call) => {
      const side = call.parameters.word('side', ['bid', 'ask']);
      const wanted = regularOrders(call).filter(
        (order) => order.status === 'open' && (side === undefined || order.side === (side === 'bid' ? 'buy' : 'sell')),
      );
      return wanted.map((order) => cancelled(call, order));
    },
    { limit: CANCELLING },
  ),
  signed('GET', '/futures/:settle/orders/:order_id', (call) => orderRow(call, requested(call))),
  signed(
    'PUT',
    '/futures/:settle/orders/:order_id',
    (call) => {
      const order = requested(call);
      const market = call.engine.market(order.symbol);
      const size = call.parameters.text('size');
      const amount = size === undefined ? undefined : unitsFor(market, absoluteDecimal(decimalIn('size', size)));
      const change = { price: call.parameters.text('price'), amount };
      return orderRow(call, call.engine.amend({ account: call.account.id, id: order.id }, change, 'api'));
    },
    { limit: FUTURES_PLACING },
  ),
  signed('DELETE', '/futures/:settle/orders/:order_id', (call) => cancelled(call, requested(call)), {
    limit: CANCELLING,
  }),

  signed('GET', '/futures/:settle/my_trades', (call) => {
    const closed = closedByTrade(call.account);
    const page = pageByOffset(newestFirst(ownTrades(call)), call, ({ id }) => id);
    return page.map((trade) => ({ id: Number(trade.id), ...tradeRow(call, trade, closed) }));
  }),
  signed('GET', '/futures/:settle/my_trades_timerange', (call) => {
    const closed = closedByTrade(call.account);
    const trades = within(ownTrades(call), call, ({ at }) => at);
    const page = pageByOffset(newestFirst(trades), call, ({ id }) => id);
    return page.map((trade) => ({ trade_id: trade.id, ...tradeRow(call, trade, closed) }));
  }),
  signed('GET', '/futures/:settle/liquidates', (call) => {
    const forced = regularOrders(call).filter(({ placedBy }) => placedBy === 'liquidation');
    const page = pageByOffset(newestFirst(within(forced, call, ({ createdAt }) => createdAt)), call, ({ id }) => id);
    return page.map((order) => liquidationRow(call, order));
  }),
  // The engine never deleverages.
  signed('GET', '/futures/:settle/auto_deleverages', (call) => {
    openedSettleOf(call);
    return [];
  }),
];

/** All orders of the settle currency or the contract, except conditional and forgotten ones. */
function regularOrders(call: SignedCall): Order[] {
  const isAsked = symbolsOf(call);
  return call.account
    .allOrders()
    .filter((order) => !isConditional(order.type) && isAsked(order) && !isForgotten(order, call.now));
}

function ownTrades(call: SignedCall): Trade[] {
  const isAsked = symbolsOf(call);
  const order = call.parameters.text('order');
  return call.account.trades.filter((trade) => isAsked(trade) && (order === undefined || trade.orderId === order));
}

/** Matches rows of the requested contract, otherwise all of the settle currency. */
export function symbolsOf(call: SignedCall): (row: { symbol: string }) => boolean {
  const settle = openedSettleOf(call);
  const contract = optionalContractOf(call);
  const symbols = new Set(
    contract === null ? contractsListed(call.engine, settle).map(({ symbol }) => symbol) : [contract.symbol],
  );
  return ({ symbol }) => symbols.has(symbol);
}

/** The order that the path names by its id or its text. */
function requested(call: SignedCall): Order {
  const reference = call.parameters.mandatory('order_id');
  const isAsked = symbolsOf(call);
  const byText = reference.startsWith('t-');
  const order = call.account.findOrder(byText ? { clientOrderId: clientIdIn(reference) } : { id: reference });
  if (order === null || isConditional(order.type) || !isAsked(order) || isForgotten(order, call.now)) {
    throw ORDER_NOT_FOUND;
  }
  if (byText && !isFoundByText(order, call.now)) throw ORDER_NOT_FOUND;
  return order;
}

function cancelled(call: SignedCall, order: Order): unknown {
  if (order.status !== 'open') throw ORDER_FINISHED;
  return orderRow(call, call.engine.cancel({ account: call.account.id, id: order.id }, 'api'));
}

const TIFS: Record<'gtc' | 'ioc' | 'poc' | 'fok', TimeInForce> = { gtc: 'GTC', ioc: 'IOC', poc: 'GTX', fok: 'FOK' };

/**
 * A price of 0 is a market order. A size of 0 closes a position: with `close` in single mode, by `auto_size` in dual
 * mode.
 */
function placeOrder(call: SignedCall): unknown {
  const { parameters } = call;
  openedSettleOf(call);
  const market = contractOf(call);
  const price = decimalIn('price', parameters.text('price') ?? '0');
  const tif = parameters.word('tif', ['gtc', 'ioc', 'poc', 'fok']) ?? 'gtc';
  const isMarket = isZero(price);
  if (isMarket && tif !== 'ioc' && tif !== 'fok') throw invalid('tif', tif);
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    type: isMarket ? 'market' : 'limit',
    ...(isMarket ? {} : { price, timeInForce: TIFS[tif] }),
    ...sizeAsked(call, market, parameters, parameters.flag('reduce_only')),
    clientOrderId: clientIdIn(parameters.text('text')),
  });
  if (order.endReason === 'post_only') {
    throw new GateError(
      'ORDER_POC_IMMEDIATE',
      `order price ${price} while counter price ${call.engine.price(market.symbol)}`,
    );
  }
  return orderRow(call, order);
}

type SizeAsked = Pick<OrderRequest, 'side' | 'amount' | 'reduceOnly' | 'positionSide'>;

/**
 * The meaning of a signed number of contracts. In dual mode a reduce-only order changes the leg of the opposite side: a
 * negative number closes the long leg.
 */
export function sizeAsked(call: SignedCall, market: Market, asked: Parameters, reduceOnly: boolean): SizeAsked {
  const size = decimalIn('size', asked.text('size') ?? '0');
  if (isZero(size)) return wholePosition(call, market, asked);
  const side = signOf(size) > 0 ? 'buy' : 'sell';
  const amount = unitsFor(market, absoluteDecimal(size));
  if (call.account.positionMode === 'one-way') return { side, amount, reduceOnly };
  const isLong = (side === 'buy') !== reduceOnly;
  return { side, amount, positionSide: isLong ? 'long' : 'short' };
}

function wholePosition(call: SignedCall, market: Market, asked: Parameters): SizeAsked {
  if (call.account.positionMode === 'hedge') {
    const autoSize = asked.word('auto_size', ['close_long', 'close_short']);
    if (autoSize === undefined) throw invalid('auto_size', asked.text('auto_size') ?? '');
    const slot = autoSize === 'close_long' ? 'long' : 'short';
    const amount = heldIn(call, market, slot);
    return { side: slot === 'long' ? 'sell' : 'buy', amount, positionSide: slot };
  }
  if (!asked.flag('close')) throw invalid('size', '0');
  const held = call.account.position(market.symbol, 'net').amount;
  return { side: signOf(held) > 0 ? 'sell' : 'buy', amount: heldIn(call, market, 'net'), reduceOnly: true };
}

function heldIn(call: SignedCall, market: Market, slot: 'net' | 'long' | 'short'): DecimalText {
  const { amount } = call.account.position(market.symbol, slot);
  if (isZero(amount)) throw new GateError('POSITION_EMPTY', 'Position is empty');
  return absoluteDecimal(amount);
}

export function decimalIn(name: string, text: string): DecimalText {
  if (!isDecimal(text)) throw invalid(name, text);
  return text;
}
