import { isZero } from '../../domain/decimal/decimal.js';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { LIQUIDATION_TEXT, NO_SUCH_ORDER, textFor } from './common.js';
import { FUTURES_QUESTIONS, SPOT_QUESTIONS, type Questions, type Reported } from './order-answers.js';
import {
  explanationByTrades,
  explanationOf,
  isRemembered,
  neverSeen,
  unknownCause,
} from '../profile/missing-orders.js';
import type { OrderEnd } from '../profile/missing-orders.js';

/*
 * What became of a Gate order that is not open: the order query, the newest finished orders of its market, then own trades. An
 * order that waited for a price has a query of its own, which names the order that it became.
 *
 * Gate forgets: an order canceled without a fill is gone after 10 minutes (found by its text for 60 seconds). How long it
 * remembers price orders is not reported. Source: www.gate.com/docs/developers/apiv4/en, "Query single order details",
 * "Query futures order list", "List orders", "Query personal trading records", "Query single auto order details".
 */

/** Gate's 10 minutes without a margin of two. */
const REMEMBERED_MS = 8 * 60 * 1000;
const HISTORY_PAGE = 100;

/** How an order was finished, where that is not by its owner's cancel. The rest is canceled, for the reason that it names. */
const ENDS: Readonly<Record<string, OrderEnd>> = {
  filled: 'filled',
  liquidated: 'liquidated',
  liquidate_cancelled: 'liquidated',
  auto_deleveraged: 'liquidated',
  ioc: 'expired',
  fok: 'expired',
  poc: 'rejected',
};

/** Fills that Gate's insurance fund made of a position are nobody's order. */
const INSURANCE_TEXT = /^insurance/;

export async function explainGateOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const place = placeOf(market);
  const waited = order.conditional ? await explainPriceOrder(session, order, market, place) : null;
  if (waited !== null) return waited;
  const found = await findOrder(session, order, market, place);
  if (found !== null) return explain(session, found.reported, market, found.source, place);
  if (order.id !== null) {
    const traded = await explainByTrades(session, order, order.id, market, place);
    if (traded !== null) return traded;
  }
  if (order.conditional) {
    return unknownCause(
      'neither price orders nor orders know it; Gate does not say how long it remembers price orders',
    );
  }
  return isRemembered(order, session.exchangeTime(), REMEMBERED_MS) === true
    ? neverSeen('order query, finished orders and own trades')
    : unknownCause(
        'neither order query, finished orders nor own trades know it; Gate forgets an order canceled without a fill after ' +
          `10 minutes, and this one is ${order.changedAt === null ? 'of unknown age' : 'older'}`,
      );
}

/** Where a market's orders are asked for. */
interface Place {
  questions: Questions;
  /** In the path. */
  base: Params;
  /** Names the market in lists. */
  only: Params;
  /** Names an order in the list of own trades. */
  orderParam: string;
}

function placeOf(market: Market): Place {
  if (market.kind === 'spot') {
    return { questions: SPOT_QUESTIONS, base: {}, only: { currency_pair: market.id }, orderParam: 'order_id' };
  }
  const base = { settle: market.settleId ?? '' };
  return { questions: FUTURES_QUESTIONS, base, only: { contract: market.id }, orderParam: 'order' };
}

interface Found {
  reported: Reported;
  source: string;
}

async function findOrder(session: ReadSession, order: OpenOrder, market: Market, place: Place): Promise<Found | null> {
  const { questions, base, only } = place;
  // Without an id the owner's text takes its place.
  const text = textFor(order.clientOrderId ?? '');
  const isIt = (reported: Reported): boolean =>
    reported.market === market.id && (order.id !== null ? reported.id === order.id : reported.text === text);
  const params = { ...base, order_id: order.id ?? text, ...(market.kind === 'spot' ? only : {}) };
  const asked = await session.askUnless(NO_SUCH_ORDER, questions.order, params);
  if (asked !== null) {
    if (isIt(asked)) return { reported: asked, source: 'order query' };
    throw session.failure('incomplete', questions.order, `answered for another order (${asked.market} ${asked.id})`);
  }
  const list = { ...base, ...only, status: 'finished', limit: String(HISTORY_PAGE) };
  const reported = (await session.ask(questions.finished, list)).find(isIt);
  return reported === undefined ? null : { reported, source: 'closed orders' };
}

function explain(
  session: ReadSession,
  reported: Reported,
  market: Market,
  source: string,
  { questions }: Place,
): MissingOrderExplanation {
  if (reported.finishedAs === 'filled' && !reported.open && isZero(reported.filled)) {
    throw session.failure('unreadable', questions.order, `reported order ${reported.id} as filled with nothing filled`);
  }
  const finishedAs = reported.finishedAs ?? 'cancelled';
  const end = reported.open ? 'open' : reported.liquidation ? 'liquidated' : (ENDS[finishedAs] ?? 'canceled');
  return explanationOf(
    {
      end,
      filled: reported.filled,
      averagePrice: reported.averagePrice,
      at: reported.at,
      reason: ['filled', 'cancelled'].includes(finishedAs) ? null : finishedAs,
    },
    market,
    source,
  );
}

async function explainByTrades(
  session: ReadSession,
  order: OpenOrder,
  id: string,
  market: Market,
  { questions, base, only, orderParam }: Place,
): Promise<MissingOrderExplanation | null> {
  const trades = await session.ask(questions.trades, {
    ...base,
    ...only,
    [orderParam]: id,
    limit: String(HISTORY_PAGE),
  });
  const own = trades.filter(
    ({ orderId, market: of, text }) => orderId === id && of === market.id && !INSURANCE_TEXT.test(text),
  );
  const traded = explanationByTrades(own, order, market);
  if (traded === null) return null;
  return own.some(({ text }) => LIQUIDATION_TEXT.test(text)) ? { ...traded, cause: 'liquidated' } : traded;
}

/** Null where Gate knows no such price order, or cannot be asked: they have no query by text. */
async function explainPriceOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
  place: Place,
): Promise<MissingOrderExplanation | null> {
  if (order.id === null) return null;
  const endpoint = place.questions.priceOrder;
  const reported = await session.askUnless(NO_SUCH_ORDER, endpoint, { ...place.base, order_id: order.id });
  if (reported === null) return null;
  if (reported.id !== order.id || reported.market !== market.id) {
    throw session.failure('incomplete', endpoint, `answered for another order (${reported.market} ${reported.id})`);
  }
  const { end, becameId, at, reason } = reported;
  if (end !== 'triggered') {
    return explanationOf({ end, filled: '0', averagePrice: null, at, reason }, market, 'price order query');
  }
  if (becameId === null) return unknownCause('it triggered, but the price order query names no order that it became');
  const became = { ...order, id: becameId, clientOrderId: null, conditional: false };
  const found = await findOrder(session, became, market, place);
  if (found === null) {
    const traded = await explainByTrades(session, became, becameId, market, place);
    return traded ?? unknownCause(`triggered as order ${becameId}, which order query and closed orders do not know`);
  }
  if (found.reported.open) return unknownCause(`triggered, and open as order ${becameId}`);
  return explain(
    session,
    found.reported,
    market,
    `${found.source} of ${becameId}, which it became when it triggered`,
    place,
  );
}
