import { isZero } from '../../domain/decimal/decimal.js';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { changeTimeOf, idOf, pageParams, PLAN_QUESTIONS, productOf, readByIds, UNKNOWN_ORDER } from './common.js';
import { MIX_FILLS, MIX_HISTORY, MIX_ORDER, MIX_PLANS } from './history.js';
import { SPOT_FILLS, SPOT_HISTORY, SPOT_ORDER, SPOT_PLANS } from './history.js';
import type { Fill, Order, Plan, SpotFill } from './history.js';
import {
  explanationByTrades,
  explanationOf,
  isRemembered,
  neverSeen,
  unknownCause,
} from '../profile/missing-orders.js';
import type { OrderEnd, OwnTrade } from '../profile/missing-orders.js';

/*
 * What became of a Bitget order that is not open: plan history where it waited for a trigger, then the order query, the history
 * of orders, and own trades. Source: bitget.com/api-doc, pages contract/trade/Get-Order-Details, Get-Orders-History and
 * Get-Order-Fills, contract/plan/orders-plan-history, spot/trade/Get-Order-Info, Get-History-Orders and Get-Fills,
 * spot/plan/Get-History-Plan-Order.
 *
 * - Histories reach back 90 days.
 * - The order query names the status `state` in its example and `status` in its table; spot says "cancelled", futures "canceled".
 * - A futures plan that triggered names the order it became (executeOrderId), a spot plan does not. TP/SL orders of spot are
 *   in the history of orders.
 * - Amounts are in the base coin, of coin-margined contracts too: the average price weighs by amount, never harmonically.
 * - The lists of fills hold trades only: funding is in the account's bills.
 */

/** Bitget's 90 days without a margin of a day. */
const REMEMBERED_MS = 89 * 24 * 60 * 60 * 1000;

/** Orders of the exchange's own: a liquidation, whole or in part, a netting of legs, a deleveraging. */
const LIQUIDATING_SIDE = /^(?:burst|reduce|offset|dte_sys_adl)_/;

export async function explainBitgetOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const asked = new Question(session, order, market);
  return (
    (order.conditional ? await asked.plan() : null) ??
    (await asked.orderQuery(asked.by)) ??
    (await asked.history()) ??
    (await asked.trades()) ??
    (isRemembered(order, session.exchangeTime(), REMEMBERED_MS) === true
      ? neverSeen('order query, histories and own trades')
      : unknownCause(
          'neither order query, histories nor own trades know it; Bitget reports the last 90 days, and this order is ' +
            (order.changedAt === null ? 'of unknown age' : 'older'),
        ))
  );
}

/** Each question answers with null where it does not know the order. */
class Question {
  /** What the order is asked by. */
  readonly by: Params;
  private readonly spot: boolean;
  /** Futures questions need the product type besides the symbol. */
  private readonly of: Params;

  constructor(
    private readonly session: ReadSession,
    private readonly order: OpenOrder,
    private readonly market: Market,
  ) {
    this.by = order.id !== null ? { orderId: order.id } : { clientOid: order.clientOrderId ?? '' };
    this.spot = market.kind === 'spot';
    this.of = { symbol: market.id, ...(this.spot ? {} : { productType: productOf(market).productType }) };
  }

  async orderQuery(by: Params): Promise<MissingOrderExplanation | null> {
    const found = await this.queryOrder(by);
    return found === null ? null : this.explain(found, 'order query');
  }

  async history(): Promise<MissingOrderExplanation | null> {
    const endpoint = this.spot ? SPOT_HISTORY : MIX_HISTORY;
    // Spot's history is not asked by client order id.
    if (this.spot && this.order.id === null) return null;
    const rows = this.spot
      ? (
          await this.session.ask(SPOT_HISTORY, {
            ...this.of,
            ...this.by,
            ...(this.order.conditional ? { tpslType: 'tpsl' } : {}),
          })
        ).data
      : ((await this.session.ask(MIX_HISTORY, { ...this.of, ...this.by })).data.entrustedList ?? []);
    const found = this.onlyOwn(endpoint, rows);
    return found === null ? null : this.explain(found, 'closed orders');
  }

  async trades(): Promise<MissingOrderExplanation | null> {
    const { id } = this.order;
    if (id === null) return null;
    const trades = this.spot ? await this.spotTrades(id) : await this.mixTrades(id);
    // Amounts are in the base coin, whatever the contract.
    return explanationByTrades(trades, this.order, { ...this.market, kind: 'linear' });
  }

  async plan(): Promise<MissingOrderExplanation | null> {
    return this.spot ? this.spotPlan() : this.mixPlan();
  }

  private async mixPlan(): Promise<MissingOrderExplanation | null> {
    for (const planType of Object.keys(PLAN_QUESTIONS)) {
      const { data } = await this.session.ask(MIX_PLANS, { ...this.of, ...this.by, planType });
      const plan = this.onlyOwn(MIX_PLANS, data.entrustedList ?? []);
      if (plan === null) continue;
      const { planStatus, executeOrderId } = plan;
      if (planStatus !== 'executed') return this.endOfPlan(planStatus, plan);
      if (executeOrderId === undefined || executeOrderId === null || !/^[1-9]\d*$/.test(executeOrderId)) {
        return unknownCause('plan history: executed, but it names no order that it became');
      }
      return this.became(executeOrderId);
    }
    return null;
  }

  private async became(id: string): Promise<MissingOrderExplanation> {
    const found = await this.queryOrder({ orderId: id }, id);
    if (found === null) return unknownCause(`triggered as order ${id}, which the order query does not know`);
    if (endOf(found) === 'open') return unknownCause(`triggered, and open as order ${id}`);
    return this.explain(found, `order query of ${id}, which it became when it triggered`);
  }

  /** Spot's plan history is asked by no id of the order's, but "ids less than" the next one begins with it. */
  private async spotPlan(): Promise<MissingOrderExplanation | null> {
    const { id, clientOrderId } = this.order;
    const from: Params = id !== null && /^\d+$/.test(id) ? { idLessThan: String(BigInt(id) + 1n) } : {};
    const { data } = await this.session.ask(SPOT_PLANS, { symbol: this.market.id, ...pageParams(null), ...from });
    const plan = (data.orderList ?? []).find(
      (row) =>
        idOf(row.symbol) === this.market.id && (id !== null ? row.orderId === id : row.clientOid === clientOrderId),
    );
    if (plan === undefined) {
      return id === null && data.nextFlag ? unknownCause('the history of plan orders is too long to decide') : null;
    }
    if (plan.status !== 'executed') return this.endOfPlan(plan.status, plan);
    return unknownCause('plan history: executed; which order it became is not reported');
  }

  private endOfPlan(status: Exclude<Plan['planStatus'], 'executed'>, plan: Pick<Plan, 'cTime' | 'uTime'>) {
    const end: OrderEnd = status === 'cancelled' ? 'canceled' : status === 'fail_execute' ? 'rejected' : 'open';
    const reason = status === 'fail_execute' ? 'the order could not be placed when it triggered' : null;
    const reported = { end, filled: '0', averagePrice: null, at: changeTimeOf(plan), reason };
    return explanationOf(reported, this.market, 'plan history');
  }

  private async queryOrder(by: Params, id = this.order.id): Promise<Order | null> {
    if (this.spot) {
      const answer = await this.session.askUnless(UNKNOWN_ORDER, SPOT_ORDER, by);
      return answer === null ? null : this.onlyOwn(SPOT_ORDER, answer.data, id);
    }
    const answer = await this.session.askUnless(UNKNOWN_ORDER, MIX_ORDER, { ...this.of, ...by });
    return answer === null ? null : this.onlyOwn(MIX_ORDER, [answer.data], id);
  }

  /** A question for one order is answered with that order or none. Throws `incomplete` for another one. */
  private onlyOwn<Row extends { symbol: string; orderId: string; clientOid?: string | null | undefined }>(
    endpoint: Endpoint<unknown>,
    rows: readonly Row[],
    id = this.order.id,
  ): Row | null {
    const own = rows.find(
      (row) =>
        idOf(row.symbol) === this.market.id &&
        (id !== null ? row.orderId === id : row.clientOid === this.order.clientOrderId),
    );
    if (own === undefined && rows.length > 0) {
      throw this.session.failure('incomplete', endpoint, 'answered for another order');
    }
    return own ?? null;
  }

  private async mixTrades(orderId: string): Promise<OwnTrade[]> {
    const rows = await readByIds({
      session: this.session,
      endpoint: MIX_FILLS,
      idOf: ({ tradeId }: Fill) => tradeId,
      ask: async (idLessThan) => {
        const { data } = await this.session.ask(MIX_FILLS, { ...this.of, orderId, ...pageParams(idLessThan) });
        return { rows: data.fillList, endId: data.endId };
      },
    });
    const own = rows.filter((row) => row.orderId === orderId);
    return own.map(({ price, baseVolume, cTime }) => ({ price, amount: baseVolume, at: cTime }));
  }

  private async spotTrades(orderId: string): Promise<OwnTrade[]> {
    const rows = await readByIds({
      session: this.session,
      endpoint: SPOT_FILLS,
      idOf: ({ tradeId }: SpotFill) => tradeId,
      ask: async (idLessThan) => {
        const { data } = await this.session.ask(SPOT_FILLS, { ...this.of, orderId, ...pageParams(idLessThan) });
        return { rows: data, endId: null };
      },
    });
    const own = rows.filter((row) => row.orderId === orderId);
    return own.map(({ priceAvg, size, cTime }) => ({ price: priceAvg, amount: size, at: cTime }));
  }

  private explain(order: Order, source: string): MissingOrderExplanation {
    if (endOf(order) === 'filled' && isZero(order.baseVolume)) {
      return unknownCause(`${source}: reported as filled with nothing executed`);
    }
    const { cancelReason, priceAvg } = order;
    return explanationOf(
      {
        end: endOf(order),
        filled: order.baseVolume,
        averagePrice: priceAvg === undefined || priceAvg === '' ? null : priceAvg,
        at: changeTimeOf(order),
        reason: cancelReason === '' || cancelReason === 'normal_cancel' ? null : (cancelReason ?? null),
      },
      this.market,
      source,
    );
  }
}

function endOf({ status, state, force, tradeSide, orderSource }: Order): OrderEnd {
  const reported = status ?? state;
  if (reported !== 'filled' && reported !== 'canceled' && reported !== 'cancelled') return 'open';
  if (orderSource === 'liquidation' || LIQUIDATING_SIDE.test(tradeSide ?? '')) return 'liquidated';
  if (reported === 'filled') return 'filled';
  // An order that may not rest ends unfilled by itself.
  return force === 'ioc' || force === 'fok' ? 'expired' : 'canceled';
}
