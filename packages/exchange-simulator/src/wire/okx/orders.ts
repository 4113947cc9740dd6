import { Big } from 'big.js';
import {
  emptyParameter,
  NOTHING_TO_AMEND,
  NOTHING_TO_CANCEL,
  operations,
  ORDER_NOT_FOUND,
  parameterError,
  type Envelope,
  type OkxError,
} from './errors.js';
import { page, within } from './pages.js';
import {
  chosenMarkets,
  INSTRUMENT_TYPES,
  marketById,
  read,
  trade,
  unitsOf,
  type Parameters,
  type Route,
  type SignedCall,
} from './route.js';
import { orderRow, orderTypeOf } from './rows.js';
import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type OrderRequest, type TimeInForce } from '../../engine/order.js';
import { isZero } from '@plumbline/primitives/decimal';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Regular orders; algo orders are separate. https://www.okx.com/docs-v5/en/#order-book-trading-trade-:
 * post-place-order, post-place-multiple-orders, post-cancel-order, post-cancel-multiple-orders, post-amend-order,
 * get-order-details, get-order-list, get-order-history-last-7-days, get-order-history-last-3-months.
 */
export const ORDERS: Route[] = [
  read('/api/v5/trade/order', 60, details),
  read('/api/v5/trade/orders-pending', 60, pending),
  read('/api/v5/trade/orders-history', 40, (call) => history(call, 7 * DAY_MS)),
  read('/api/v5/trade/orders-history-archive', 20, (call) => history(call, 90 * DAY_MS)),
  trade('/api/v5/trade/order', 60, (call) => place(call)),
  trade('/api/v5/trade/batch-orders', 150, (call) => place(call)),
  trade('/api/v5/trade/cancel-order', 60, (call) => cancel(call)),
  trade('/api/v5/trade/cancel-batch-orders', 150, (call) => cancel(call)),
  trade('/api/v5/trade/amend-order', 60, (call) => amend(call)),
];

function pending(call: SignedCall): readonly unknown[] {
  const { parameters, account, engine } = call;
  const [state, types] = [parameters.text('state'), parameters.text('ordType')?.split(',')];
  const symbols = new Set(chosenMarkets(call).map(({ symbol }) => symbol));
  const orders = account.open().filter((order) => {
    if (isConditional(order.type) || !symbols.has(order.symbol)) return false;
    const isLive = isZero(order.filled);
    return (state === undefined || isLive === (state === 'live')) && (types?.includes(orderTypeOf(order)) ?? true);
  });
  return page(orders, call, ({ id }) => id).map((order) => orderRow(order, engine.market(order.symbol), account));
}

/** Ended orders by their end time; canceled ones that never filled are kept for two hours. */
function history(call: SignedCall, backMs: number): readonly unknown[] {
  const { parameters, account, engine } = call;
  parameters.oneOf('instType', INSTRUMENT_TYPES);
  const symbols = new Set(chosenMarkets(call).map(({ symbol }) => symbol));
  const ended = [...account.endedOrders.values()].filter(
    (order) => !isConditional(order.type) && symbols.has(order.symbol) && !isForgotten(order, call.now),
  );
  const wanted = within(ended, call, backMs, ({ updatedAt }) => updatedAt);
  return page(wanted, call, ({ id }) => id).map((order) => orderRow(order, engine.market(order.symbol), account));
}

/** "The incomplete orders that have been canceled are only reserved for 2 hours." */
export function isForgotten(order: Order, now: number): boolean {
  const endedEmpty = order.status !== 'open' && order.status !== 'filled' && isZero(order.filled);
  return endedEmpty && now - order.updatedAt > 2 * HOUR_MS;
}

function details(call: SignedCall): readonly unknown[] {
  const market = marketById(call.engine, call.parameters.mandatory('instId'));
  const order = named(call, call.parameters, market, ORDER_NOT_FOUND);
  if (isForgotten(order, call.now)) throw ORDER_NOT_FOUND;
  return [orderRow(order, market, call.account)];
}

/**
 * The regular order that `ordId` or `clOrdId` names. The id takes precedence; if several have the client id, the latest one.
 */
function named({ account }: SignedCall, item: Parameters, market: Market, notFound: OkxError): Order {
  const [id, clientOrderId] = [item.text('ordId'), item.text('clOrdId')];
  if (id === undefined && clientOrderId === undefined) throw emptyParameter('ordId or clOrdId');
  const isMeant = (order: Order): boolean => order.symbol === market.symbol && !isConditional(order.type);
  const order =
    id === undefined
      ? account.allOrders().findLast((each) => each.clientOrderId === clientOrderId && isMeant(each))
      : account.findOrder({ id });
  if (order === undefined || order === null || !isMeant(order)) throw notFound;
  return order;
}

function openOrder(call: SignedCall, item: Parameters, notFound: OkxError): Order {
  const market = marketById(call.engine, item.mandatory('instId'));
  const order = named(call, item, market, notFound);
  if (order.status !== 'open') throw notFound;
  return order;
}

function idsOf(item: Parameters): object {
  return { ordId: item.text('ordId') ?? '', clOrdId: item.text('clOrdId') ?? '' };
}

function acknowledged(call: SignedCall, order: Order): object {
  return { ordId: order.id, clOrdId: order.clientOrderId, ts: String(call.now) };
}

function place(call: SignedCall): Envelope {
  return operations(
    call.items,
    (item) => {
      const order = call.engine.place(call.account.id, 'api', placeRequestOf(call, item));
      return { ...acknowledged(call, order), tag: item.text('tag') ?? '' };
    },
    (item) => ({ ordId: '', clOrdId: item.text('clOrdId') ?? '', tag: item.text('tag') ?? '', ts: String(call.now) }),
  );
}

function cancel(call: SignedCall): Envelope {
  return operations(
    call.items,
    (item) => {
      const { id } = openOrder(call, item, NOTHING_TO_CANCEL);
      return acknowledged(call, call.engine.cancel({ account: call.account.id, id }, 'api'));
    },
    idsOf,
  );
}

function amend(call: SignedCall): Envelope {
  return operations(
    call.items,
    (item) => {
      const { id, symbol } = openOrder(call, item, NOTHING_TO_AMEND);
      const [size, price] = [item.text('newSz'), item.text('newPx')];
      if (size === undefined && price === undefined) throw emptyParameter('newSz or newPx');
      const amount = size === undefined ? undefined : unitsOf(call.engine.market(symbol), size);
      const amended = call.engine.amend({ account: call.account.id, id }, { price, amount }, 'api');
      return { ...acknowledged(call, amended), reqId: item.text('reqId') ?? '' };
    },
    (item) => ({ ...idsOf(item), reqId: item.text('reqId') ?? '' }),
  );
}

const ORDER_TYPES = ['market', 'limit', 'post_only', 'fok', 'ioc', 'optimal_limit_ioc'] as const;
const TIMES_IN_FORCE: Partial<Record<(typeof ORDER_TYPES)[number], TimeInForce>> = {
  post_only: 'GTX',
  fok: 'FOK',
  ioc: 'IOC',
};

function placeRequestOf(call: SignedCall, item: Parameters): OrderRequest {
  const type = item.oneOf('ordType', ORDER_TYPES);
  const isMarket = type === 'market' || type === 'optimal_limit_ioc';
  if (item.text('attachAlgoOrds') !== undefined && item.text('attachAlgoOrds') !== '[]') {
    throw parameterError('attachAlgoOrds (not simulated; place a conditional order)');
  }
  return {
    ...commonRequest(call, item),
    type: isMarket ? 'market' : 'limit',
    price: isMarket ? undefined : item.text('px'),
    timeInForce: TIMES_IN_FORCE[type],
    clientOrderId: item.text('clOrdId'),
  };
}

/** What regular and algo orders have in common: instrument, side, leg and size. */
export function commonRequest(
  call: SignedCall,
  item: Parameters,
): Pick<OrderRequest, 'symbol' | 'side' | 'amount' | 'positionSide' | 'reduceOnly'> {
  const market = marketById(call.engine, item.mandatory('instId'));
  const isSpot = market.kind === 'spot';
  item.oneOf('tdMode', isSpot ? ['cash', 'cross'] : ['cross', 'isolated']);
  const side = item.oneOf('side', ['buy', 'sell']);
  const leg = item.text('posSide') ?? 'net';
  if (!['net', 'long', 'short'].includes(leg)) throw parameterError('posSide');
  return {
    symbol: market.symbol,
    side,
    amount: amountOf(call, item, market),
    positionSide: isSpot || leg === 'net' ? undefined : leg === 'long' ? 'long' : 'short',
    // In long/short mode OKX ignores it.
    reduceOnly: leg === 'net' && !isSpot && item.flag('reduceOnly') ? true : undefined,
  };
}

/** A spot market buy is by value unless `tgtCcy` says otherwise. */
function amountOf({ engine }: SignedCall, item: Parameters, market: Market): string | undefined {
  const size = item.text('sz');
  if (size === undefined) return undefined;
  const isSpotMarketBuy = market.kind === 'spot' && item.text('ordType') === 'market' && item.text('side') === 'buy';
  if (!isSpotMarketBuy || item.text('tgtCcy') === 'base_ccy') return unitsOf(market, size);
  const units = new Big(size).div(engine.price(market.symbol));
  return units.minus(units.mod(market.amountStep)).toFixed();
}
