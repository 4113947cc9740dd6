import { BitgetError, empty, PLAN_DOES_NOT_EXIST, verificationFailed } from './shared/errors.js';
import { holdSideOf, marginCoinOf } from './account.js';
import { cancelEach, directionAsked } from './orders.js';
import {
  noteOf,
  PLAN_KINDS,
  PLAN_TYPES,
  planKindOf,
  planTypeOf,
  type PlanKind,
  type PlanType,
} from './shared/plan-types.js';
import { endedPlanRow, endedPlanStatusOf, planRow, idsOf } from './shared/rows.js';
import {
  contractOf,
  contractsListed,
  listed,
  optionalContractOf,
  pageOf,
  productTypeOf,
  read,
  trade,
  within,
  type Route,
  type SignedCall,
} from './shared/route.js';
import type { Market } from '../../engine/market.js';
import { isConditional, type Order, type OrderRequest, type OrderType } from '../../engine/order.js';
import { compareDecimals, isDecimal, isZero } from '@plumbline/primitives/decimal';

/**
 * Trigger orders, trailing stops, take-profit and stop-loss orders of futures. Pages under
 * https://www.bitget.com/api-doc/contract/plan/: Place-Plan-Order, Place-Tpsl-Order, Place-Pos-Tpsl-Order,
 * Modify-Plan-Order, Modify-Tpsl-Order, Cancel-Plan-Order, get-orders-plan-pending, orders-plan-history,
 * Plan-Sub-Orders.
 *
 * No answer mixes two of the three kinds: `planType` is mandatory, and `profit_loss` covers five types.
 */
export const PLANS: Route[] = [
  trade('/api/v2/mix/order/place-plan-order', 10, placePlan),
  trade('/api/v2/mix/order/place-tpsl-order', 10, placeTpsl),
  trade('/api/v2/mix/order/place-pos-tpsl', 10, placePositionTpsl),
  trade('/api/v2/mix/order/modify-plan-order', 10, modifyPlan),
  trade('/api/v2/mix/order/modify-tpsl-order', 10, modifyPlan),
  trade('/api/v2/mix/order/cancel-plan-order', 10, (call) => {
    const named = call.parameters.list('orderIdList');
    const planType = call.parameters.word('planType', [...PLAN_TYPES, 'profit_loss']);
    const isOfType = (order: Order): boolean => {
      const type = planTypeOf(order);
      // Ids identify their orders; without ids the type selects, which defaults to a normal plan.
      if (named !== undefined && planType === undefined) return true;
      return type === (planType ?? 'normal_plan') || planKindOf(type) === planType;
    };
    const isListed = plansOf(call);
    return cancelEach(call, named, (order) => isListed(order) && isOfType(order));
  }),

  read('/api/v2/mix/order/orders-plan-pending', 10, (call) => {
    const page = pageOf(askedPlans(call, call.account.open()), call, idOf);
    return listed('entrustedList', page, (order) => planRow(order, marketOf(call, order)), idOf);
  }),
  read('/api/v2/mix/order/orders-plan-history', 10, (call) => {
    const status = call.parameters.word('planStatus', ['executed', 'fail_execute', 'cancelled']);
    const ended = askedPlans(call, [...call.account.endedOrders.values()]);
    const page = pageOf(
      ended.filter((order) => status === undefined || endedPlanStatusOf(order) === status),
      call,
      idOf,
    );
    const rowOf = (order: Order): unknown => endedPlanRow(order, marketOf(call, order), executedOrder(call, order));
    return listed('entrustedList', page, rowOf, idOf);
  }),
  read('/api/v2/mix/order/plan-sub-order', 10, (call) => {
    productTypeOf(call);
    const order = call.account.findOrder({ id: call.parameters.mandatory('planOrderId') });
    if (order === null || !isConditional(order.type)) throw PLAN_DOES_NOT_EXIST;
    const executed = executedOrder(call, order);
    if (executed === null) return [];
    return [{ orderId: executed.id, price: executed.price ?? '', type: executed.type, status: 'success' }];
  }),
];

const idOf = ({ id }: Order): string => id;

function marketOf({ engine }: SignedCall, { symbol }: Order): Market {
  return engine.market(symbol);
}

function executedOrder({ account }: SignedCall, { triggeredOrderId }: Order): Order | null {
  return triggeredOrderId === null ? null : account.findOrder({ id: triggeredOrderId });
}

/** The trigger orders of the product type, or of the requested symbol. */
function plansOf(call: SignedCall): (order: Order) => boolean {
  const market = optionalContractOf(call);
  const symbols = new Set(contractsListed(call.engine, productTypeOf(call)).map(({ symbol }) => symbol));
  return ({ type, symbol }) =>
    isConditional(type) && symbols.has(symbol) && (market === null || symbol === market.symbol);
}

function askedPlans(call: SignedCall, orders: readonly Order[]): Order[] {
  const kind: PlanKind = call.parameters.mandatoryWord('planType', PLAN_KINDS);
  const isListed = plansOf(call);
  const [id, clientId] = [call.parameters.text('orderId'), call.parameters.text('clientOid')];
  const asked = orders.filter((order) => {
    if (!isListed(order) || planKindOf(planTypeOf(order)) !== kind) return false;
    if (id !== undefined) return order.id === id;
    return clientId === undefined || order.clientOrderId === clientId;
  });
  return within(asked, call, ({ createdAt }) => createdAt);
}

function placePlan(call: SignedCall): unknown {
  const { parameters } = call;
  const market = contractOf(call);
  marginCoinOf(call, market);
  parameters.mandatoryWord('marginMode', ['crossed', 'isolated']);
  const planType = parameters.mandatoryWord('planType', ['normal_plan', 'track_plan']);
  const orderType = parameters.mandatoryWord('orderType', ['limit', 'market']);
  const triggerPrice = priceOf(call, 'triggerPrice');
  const direction = directionAsked(call);
  const common = {
    symbol: market.symbol,
    amount: parameters.mandatory('size'),
    clientOrderId: parameters.text('clientOid'),
    ...direction,
  };
  if (planType === 'normal_plan') {
    const comparison = compareDecimals(triggerPrice, call.engine.price(market.symbol));
    if (comparison === 0) throw verificationFailed('triggerPrice is the current price');
    // It triggers from either side: above the price a buy is a stop in the engine, below it a take-profit.
    const isStop = comparison > 0 === (direction.side === 'buy');
    const type = triggerType(isStop, orderType === 'limit');
    const price = orderType === 'limit' ? parameters.mandatory('price') : undefined;
    return placed(call, planType, { ...common, type, triggerPrice, price });
  }
  if (orderType !== 'market') throw verificationFailed('orderType of track_plan must be market');
  return placed(call, planType, {
    ...common,
    type: 'trailing_stop_market',
    callbackPercent: parameters.mandatory('callbackRatio'),
    activationPrice: activationOf(call, market, direction.side, triggerPrice),
  });
}

/** Take-profit or stop-loss of a part of the position or of all of it, or a trailing one. */
function placeTpsl(call: SignedCall): unknown {
  const { parameters } = call;
  const market = contractOf(call);
  marginCoinOf(call, market);
  const planType = parameters.mandatoryWord('planType', [
    'profit_plan',
    'loss_plan',
    'moving_plan',
    'pos_profit',
    'pos_loss',
  ]);
  return placeOneTpsl(call, market, {
    planType,
    triggerPrice: priceOf(call, 'triggerPrice'),
    executePrice: parameters.text('executePrice'),
    size: parameters.text('size'),
    clientOid: parameters.text('clientOid'),
  });
}

/** Take-profit and stop-loss together; with a size for a part, without one for the whole position. */
function placePositionTpsl(call: SignedCall): unknown {
  const { parameters } = call;
  const market = contractOf(call);
  marginCoinOf(call, market);
  const both = (['Surplus', 'Loss'] as const).flatMap((name) => {
    if (parameters.text(`stop${name}TriggerPrice`) === undefined) return [];
    const size = parameters.text(`stop${name}Size`);
    const kind = name === 'Surplus' ? 'profit' : 'loss';
    const planType = size === undefined ? (`pos_${kind}` as const) : (`${kind}_plan` as const);
    const triggerPrice = priceOf(call, `stop${name}TriggerPrice`);
    const executePrice = parameters.text(`stop${name}ExecutePrice`);
    return [{ planType, triggerPrice, executePrice, size, clientOid: parameters.text(`stop${name}ClientOid`) }];
  });
  if (both.length === 0) throw empty('stopSurplusTriggerPrice');
  return both.map((one) => {
    const { orderId, clientOid } = placeOneTpsl(call, market, one);
    const isLoss = one.planType.includes('loss');
    return { orderId, stopSurplusClientOid: isLoss ? '' : clientOid, stopLossClientOid: isLoss ? clientOid : '' };
  });
}

interface Tpsl {
  planType: Exclude<PlanType, 'normal_plan' | 'track_plan'>;
  triggerPrice: string;
  executePrice: string | undefined;
  size: string | undefined;
  clientOid: string | undefined;
}

function placeOneTpsl(call: SignedCall, market: Market, tpsl: Tpsl): { orderId: string; clientOid: string } {
  const holdSide = holdSideOf(call);
  const side = holdSide === 'long' ? 'sell' : 'buy';
  const { planType, triggerPrice } = tpsl;
  const hedged = call.account.positionMode === 'hedge';
  const direction = { side, ...(hedged ? { positionSide: holdSide } : {}) } as const;
  const common = { symbol: market.symbol, clientOrderId: tpsl.clientOid, ...direction };
  const reduceOnly = hedged ? {} : { reduceOnly: true };
  if (planType === 'moving_plan') {
    return placed(call, planType, {
      ...common,
      ...reduceOnly,
      type: 'trailing_stop_market',
      amount: mandatorySize(tpsl),
      callbackPercent: call.parameters.mandatory('rangeRate'),
      activationPrice: activationOf(call, market, side, triggerPrice),
    });
  }
  const isStop = planType === 'loss_plan' || planType === 'pos_loss';
  checkSide(call, market, { isStop, holdSide, triggerPrice });
  const isLimit = tpsl.executePrice !== undefined && isDecimal(tpsl.executePrice) && !isZero(tpsl.executePrice);
  const ofPosition = planType === 'pos_profit' || planType === 'pos_loss';
  if (ofPosition && isLimit) throw verificationFailed('executePrice of a whole position is not simulated');
  return placed(call, planType, {
    ...common,
    type: triggerType(isStop, isLimit),
    triggerPrice,
    price: isLimit ? tpsl.executePrice : undefined,
    ...(ofPosition ? { closePosition: true } : { ...reduceOnly, amount: mandatorySize(tpsl) }),
  });
}

function mandatorySize({ size }: Tpsl): string {
  if (size === undefined) throw empty('size');
  return size;
}

function placed(call: SignedCall, planType: PlanType, request: OrderRequest): { orderId: string; clientOid: string } {
  return idsOf(call.engine.place(call.account.id, 'api', { ...request, note: noteOf(planType) }));
}

function priceOf(call: SignedCall, name: string): string {
  const price = call.parameters.mandatory(name);
  if (!isDecimal(price)) throw verificationFailed(name);
  return price;
}

function triggerType(isStop: boolean, isLimit: boolean): OrderType {
  if (isStop) return isLimit ? 'stop' : 'stop_market';
  return isLimit ? 'take_profit' : 'take_profit_market';
}

/** Undefined if the price has already reached it: the order trails from now on. */
function activationOf(call: SignedCall, market: Market, side: 'buy' | 'sell', price: string): string | undefined {
  const ahead = compareDecimals(price, call.engine.price(market.symbol)) === (side === 'sell' ? 1 : -1);
  return ahead ? price : undefined;
}

/** The trigger must lie on the correct side of the price ("40830" and the codes next to it). */
function checkSide(
  call: SignedCall,
  market: Market,
  { isStop, holdSide, triggerPrice }: { isStop: boolean; holdSide: 'long' | 'short'; triggerPrice: string },
): void {
  const above = compareDecimals(triggerPrice, call.engine.price(market.symbol)) > 0;
  if (above === ((holdSide === 'long') !== isStop)) return;
  const name = isStop ? 'stop loss' : 'take profit';
  const code = isStop ? (holdSide === 'long' ? '40834' : '40836') : holdSide === 'long' ? '40830' : '40832';
  const should = above ? 'less' : 'greater';
  throw new BitgetError(
    code,
    `The ${name} price of the ${holdSide} position should be ${should} than the current price`,
  );
}

function modifyPlan(call: SignedCall): unknown {
  const { parameters } = call;
  productTypeOf(call);
  const [id, clientId] = [parameters.text('orderId'), parameters.text('clientOid')];
  if (id === undefined && clientId === undefined) throw empty('orderId');
  const order = call.account.findOrder(id === undefined ? { clientOrderId: clientId } : { id });
  if (order === null || !isConditional(order.type) || order.status !== 'open') throw PLAN_DOES_NOT_EXIST;
  const price = parameters.text('newPrice') ?? parameters.text('executePrice');
  const amended = call.engine.amend(
    { account: call.account.id, id: order.id },
    {
      triggerPrice: parameters.text('newTriggerPrice') ?? parameters.text('triggerPrice'),
      price: price === undefined || (isDecimal(price) && isZero(price)) ? undefined : price,
      amount: parameters.text('newSize') ?? parameters.text('size'),
    },
    'api',
  );
  return idsOf(amended);
}
