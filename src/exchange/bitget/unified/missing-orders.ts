import type { OrderQuestion, OrderSource } from '../../profile/missing-orders.js';
import {
  hasId,
  isConditional,
  namedBy,
  noSuchOrder,
  orderSource,
  tradeSource,
  unfilled,
} from '../../profile/order-sources.js';
import type { OrderRow } from '../../profile/order-sources.js';
import type { Params } from '../../profile/read-session.js';
import { endOfOrder, positionActOf } from '../shared/acts.js';
import { PAGE, productOf, UNKNOWN_ORDER } from '../shared/common.js';
import type { Market } from '../../profile/markets.js';
import { isOf, MARGIN, readByCursor, SPOT, unifiedTimeOf } from './categories.js';
import {
  HISTORY_ORDERS,
  HISTORY_STRATEGIES,
  ORDER_INFO,
  SUB_ORDERS,
  UNIFIED_FILLS,
  type Strategy,
  type UnifiedFill,
  type UnifiedOrder,
} from './history.js';

/*
 * What became of an order of a unified account that is not open: history of strategy orders where it waited for a
 * trigger, then the order query, the history of orders, and own trades. Source: bitget.com/api-doc/uta, pages
 * trade/Get-Order-Details, Get-Order-History and Get-Order-Fills, strategy/Get-History-Strategy-Orders; uta/enum for
 * cancelReason and execType.
 *
 * - Histories reach back 90 days. They cannot be asked by id, but the page after the next id begins with the order.
 * - A pair of spot has orders of two categories, SPOT and MARGIN.
 * - A strategy order that triggered names the orders that it placed on a page of its own (strategy-sub-orders).
 * - Amounts of coin-margined contracts are contracts of 1 USD, so the average price of trades is the harmonic mean.
 */

export const UNIFIED_QUERY = orderSource({
  name: 'order query',
  endpoint: ORDER_INFO,
  params: ({ order }) => namedBy(order, 'orderId', 'clientOid'),
  rows: ({ data }) => [data],
  read,
  only: true,
  codes: noSuchOrder(...UNKNOWN_ORDER),
});

export const UNIFIED_CLOSED = orderSource({
  name: 'closed orders',
  endpoint: HISTORY_ORDERS,
  params: (question) => categoriesOf(question.market).map((category) => ({ category, ...pageAt(question) })),
  rows: ({ data }) => data.list ?? [],
  read,
  full: ({ data }, question) => (data.list ?? []).length >= PAGE && !hasId(question),
});

export const UNIFIED_TRADES = tradeSource<UnifiedFill & { market: string }>({
  name: 'own trades',
  rows: async ({ session, market }, orderId) => {
    const rows: UnifiedFill[] = [];
    for (const category of categoriesOf(market)) {
      rows.push(...(await readByCursor<UnifiedFill>(session, UNIFIED_FILLS, { category, orderId }, 'execId')));
    }
    return rows.map((row) => ({ ...row, market: nameOfMarket(row.symbol, market) }));
  },
  read: ({ orderId, market, execPrice, execQty, createdTime, tradeSide }) => {
    const act = positionActOf({ tradeSide });
    const liquidates = act === 'liquidation' || act === 'deleveraging';
    return {
      orderId,
      market,
      price: execPrice,
      amount: execQty,
      at: createdTime,
      ...(liquidates ? { liquidates } : {}),
    };
  },
});

const strategyHistory = orderSource({
  name: 'history of strategy orders',
  endpoint: HISTORY_STRATEGIES,
  params: (question) => categoriesOf(question.market).map((category) => ({ category, ...pageAt(question) })),
  rows: ({ data }) => data.list ?? [],
  read: readStrategy,
  full: ({ data }, question) => (data.list ?? []).length >= PAGE && !hasId(question),
});

/** A triggered one is followed to the order that it placed, which another page names. */
export const UNIFIED_STRATEGIES: OrderSource = {
  name: strategyHistory.name,
  when: isConditional,
  ask: async (question) => {
    const known = await strategyHistory.ask(question);
    if (known === null || known === 'unread' || !('became' in known) || known.became === null) return known;
    const placed = (await question.session.askIfThere(SUB_ORDERS, { orderId: known.became }))?.data ?? [];
    const ids = placed.flatMap(({ subOrderId }) => (/^[1-9]\d*$/.test(subOrderId ?? '') ? [subOrderId ?? ''] : []));
    return { became: ids.length === 1 ? (ids[0] ?? null) : null };
  },
};

function categoriesOf(market: Market): string[] {
  return market.kind === 'spot' ? [SPOT.category, MARGIN.category] : [productOf(market).productType];
}

function pageAt({ order: { id } }: OrderQuestion): Params {
  const isNumber = id !== null && /^\d+$/.test(id);
  return { limit: String(PAGE), ...(isNumber ? { cursor: String(BigInt(id) + 1n) } : {}) };
}

function nameOfMarket(symbol: string, market: Market): string {
  return isOf(symbol, market) ? market.id : symbol;
}

function read(order: UnifiedOrder, { market }: OrderQuestion): OrderRow {
  const { orderId, clientOid, symbol, cancelReason, avgPrice, timeInForce, orderStatus, execType } = order;
  return {
    id: orderId,
    clientOrderId: clientOid,
    market: nameOfMarket(symbol, market),
    says: {
      end: endOfOrder({ status: orderStatus, force: timeInForce, cancelReason, cause: execType }),
      filled: order.cumExecQty,
      averagePrice: avgPrice === undefined || avgPrice === '' ? null : avgPrice,
      at: unifiedTimeOf(order),
      reason: cancelReason === '' || cancelReason === 'normal_cancel' ? null : (cancelReason ?? null),
    },
  };
}

function readStrategy(strategy: Strategy, { market }: OrderQuestion): OrderRow {
  const { orderId, clientOid, symbol, status } = strategy;
  const names = { id: orderId, clientOrderId: clientOid, market: nameOfMarket(symbol, market) };
  const at = unifiedTimeOf(strategy);
  if (status === undefined || status === null) {
    return { ...names, says: { undecided: 'the history of strategy orders does not say how it ended' } };
  }
  // Its own id, until the page of its orders has named the order that it placed.
  if (status === 'success') return { ...names, says: { became: orderId } };
  if (status === 'failed') {
    return { ...names, says: unfilled('rejected', at, 'the order could not be placed when it triggered') };
  }
  return { ...names, says: unfilled(status === 'cancelled' ? 'canceled' : 'open', at) };
}
