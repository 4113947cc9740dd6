import type { Market } from '../profile/markets.js';
import type { Known, Memory, MissingOrders, OrderEnd, OrderQuestion, OrderSource } from '../profile/missing-orders.js';
import { noSuchOrder, orderSource, tradeSource, unfilled, type OrderRow } from '../profile/order-sources.js';
import type { Params } from '../profile/read-session.js';
import { LIQUIDATION_TEXT, NO_SUCH_ORDER, textFor } from './common.js';
import {
  DELIVERY_QUESTIONS,
  FUTURES_QUESTIONS,
  SPOT_QUESTIONS,
  type PriceOrder,
  type Questions,
  type Reported,
} from './order-answers.js';
import { isDelivery } from './products.js';

/*
 * What became of a Gate order that is not open: the order query, the newest finished orders of its market, then own trades. An
 * order that waited for a price has a query of its own, which names the order that it became.
 *
 * Gate forgets: an order canceled without a fill is gone after 10 minutes (found by its text for 60 seconds). How long it
 * remembers price orders is not documented. Source: www.gate.com/docs/developers/apiv4/en, "Query single order details",
 * "Query futures order list", "List orders", "Query personal trading records", "Query single auto order details".
 */

/** Gate's 10 minutes, less two. */
const MEMORY: Memory = { ms: 8 * 60 * 1000, says: 'Gate forgets an order canceled without a fill after 10 minutes' };
const PRICE_ORDER_MEMORY: Memory = { ms: null, says: 'Gate does not say how long it remembers price orders' };
const HISTORY_PAGE = 100;

/** How an order finished, by all words that are documented; null: the word does not tell. */
const ENDS: Readonly<Record<string, OrderEnd | null>> = {
  filled: 'filled',
  cancelled: 'canceled',
  liquidated: 'liquidated',
  liquidate_cancelled: 'liquidated',
  auto_deleveraged: 'liquidated',
  ioc: 'expired',
  fok: 'expired',
  poc: 'rejected',
  small: 'rejected',
  depth_not_enough: 'canceled',
  trader_not_enough: 'canceled',
  price_protect_cancelled: 'canceled',
  reduce_only: 'canceled',
  reduce_out: 'canceled',
  position_closed: 'canceled',
  stp: 'canceled',
  unknown: null,
};

/** Fills of Gate's insurance fund belong to no order. */
const INSURANCE_TEXT = /^insurance/;

/** Where a kind of market has its orders: its endpoints, and how their parameters name a market and an order. */
interface Place {
  isHere: (market: Market) => boolean;
  questions: Questions;
  /** Parameters of the path. */
  base: (market: Market) => Params;
  /** Parameters that limit a list to the market. */
  only: (market: Market) => Params;
  /** The parameter that limits the list of own trades to one order. */
  orderParam: string;
}

const SPOT: Place = {
  isHere: ({ kind }) => kind === 'spot',
  questions: SPOT_QUESTIONS,
  base: () => ({}),
  only: ({ id }) => ({ currency_pair: id }),
  orderParam: 'order_id',
};
const FUTURES: Place = {
  isHere: (market) => market.kind !== 'spot' && !isDelivery(market),
  questions: FUTURES_QUESTIONS,
  base: ({ settleId }) => ({ settle: settleId ?? '' }),
  only: ({ id }) => ({ contract: id }),
  orderParam: 'order',
};
const DELIVERY: Place = {
  ...FUTURES,
  isHere: (market) => market.kind !== 'spot' && isDelivery(market),
  questions: DELIVERY_QUESTIONS,
};

/** Price orders have no query by text. */
function priceOrders({ isHere, questions, base }: Place): OrderSource {
  return orderSource({
    name: 'price order query',
    when: ({ order, market }) => order.conditional && order.id !== null && isHere(market),
    endpoint: questions.priceOrder,
    params: ({ order, market }) => ({ ...base(market), order_id: order.id ?? '' }),
    rows: (row) => [row],
    read: readPriceOrder,
    only: true,
    codes: noSuchOrder(...NO_SUCH_ORDER),
  });
}

function regular({ isHere, questions, base, only, orderParam }: Place): OrderSource[] {
  const when = ({ market }: OrderQuestion): boolean => isHere(market);
  const trades = tradeSource({
    name: 'own trades',
    rows: ({ session, market }, id) => {
      const params = { ...base(market), ...only(market), [orderParam]: id, limit: String(HISTORY_PAGE) };
      return session.ask(questions.trades, params);
    },
    read: (row) => (INSURANCE_TEXT.test(row.text) ? null : { ...row, liquidates: LIQUIDATION_TEXT.test(row.text) }),
  });
  return [
    orderSource({
      name: 'order query',
      when,
      endpoint: questions.order,
      // Without an id, the owner's text names the order.
      params: ({ order, market }) => ({
        ...base(market),
        order_id: order.id ?? textFor(order.clientOrderId ?? ''),
        ...(market.kind === 'spot' ? only(market) : {}),
      }),
      rows: (row) => [row],
      read,
      only: true,
      codes: noSuchOrder(...NO_SUCH_ORDER),
    }),
    orderSource({
      name: 'closed orders',
      when,
      endpoint: questions.finished,
      params: ({ market }) => ({
        ...base(market),
        ...only(market),
        status: 'finished',
        limit: String(HISTORY_PAGE),
      }),
      rows: (rows) => rows,
      read,
    }),
    { ...trades, when: (question) => when(question) && question.order.id !== null },
  ];
}

const PLACES = [SPOT, FUTURES, DELIVERY];
const REGULAR = PLACES.flatMap(regular);

export const GATE_MISSING_ORDERS: MissingOrders = {
  sources: [...PLACES.map(priceOrders), ...REGULAR],
  afterTrigger: REGULAR,
  memory: ({ order }) => (order.conditional ? PRICE_ORDER_MEMORY : MEMORY),
};

function read(row: Reported, { order: { clientOrderId } }: OrderQuestion): OrderRow {
  const own = row.text === textFor(clientOrderId ?? '');
  return { id: row.id, clientOrderId: own ? clientOrderId : null, market: row.market, says: endOf(row) };
}

function endOf({ open, finishedAs: finished, liquidation, filled, averagePrice, at }: Reported): Known {
  const finishedAs = finished ?? 'cancelled';
  const end = open ? 'open' : liquidation ? 'liquidated' : (ENDS[finishedAs] ?? null);
  // The order is not open, but the word does not show how it ended.
  if (end === null) return { undecided: `the order query: it ended as "${finishedAs}", with ${filled} filled` };
  return {
    end,
    isFilled: finishedAs === 'filled' && !open,
    filled,
    averagePrice,
    at,
    reason: ['filled', 'cancelled'].includes(finishedAs) ? null : finishedAs,
  };
}

function readPriceOrder({ id, market, end, becameId, at, reason }: PriceOrder): OrderRow {
  const says: Known = end === 'triggered' ? { became: becameId } : unfilled(end, at, reason);
  return { id, clientOrderId: null, market, says };
}
