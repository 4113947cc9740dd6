import type { Account } from './account.js';
import { notionalOf, type Market } from './market.js';
import { isConditional, type Actor, type Order, type OrderRequest, type PositionSlot } from './order.js';
import { Rejection } from './rejection.js';
import { isMultipleOf } from './rounding.js';
import { goesOffAt } from './trigger.js';
import { absoluteDecimal, compareDecimals, isDecimal, signOf, type DecimalText } from '@plumbline/primitives/decimal';

const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

interface Placing {
  account: Account;
  market: Market;
  price: DecimalText;
  actor: Actor;
  id: string;
  now: number;
}

/** Turns a request into an open, unfilled order, or throws the exchange's Rejection. */
export function makeOrder(request: OrderRequest, { account, market, price, actor, id, now }: Placing): Order {
  const conditional = isConditional(request.type);
  const slot = slotFor(account, market, request);
  checkPrices(request, market);
  checkAmount(request, market, price);
  checkReduceOnly(request, account, slot, conditional);
  const triggerPrice = triggerPriceFor(request, price);
  const clientOrderId = request.clientOrderId ?? `${CLIENT_ID_PREFIX[actor]}${id}`;
  checkClientOrderId(account, clientOrderId, request.type);
  return {
    id,
    clientOrderId,
    account: account.id,
    symbol: market.symbol,
    side: request.side,
    type: request.type,
    slot,
    price: hasLimitPrice(request.type) ? (request.price ?? null) : null,
    triggerPrice,
    amount: request.amount ?? null,
    filled: '0',
    filledValue: '0',
    timeInForce: request.timeInForce ?? 'GTC',
    goodTillDate: goodTillDateFor(request),
    reduceOnly: request.reduceOnly === true,
    closePosition: request.closePosition === true,
    trailing: trailingFor(request, price),
    status: 'open',
    endReason: null,
    placedBy: actor,
    createdAt: now,
    updatedAt: now,
    triggeredAt: null,
    triggeredOrderId: null,
    triggeredFrom: null,
    note: request.note ?? null,
    conditionalType: null,
    listId: null,
    amendments: 0,
  };
}

/** The prefix by which exchanges mark an order's origin, such as the web page's. */
const CLIENT_ID_PREFIX: Record<Actor, string> = {
  bot: 'bot-',
  manual: 'web_',
  api: 'api-',
  market: 'sys-',
  liquidation: 'autoclose-',
};

export function checkPriceStep(market: Market, name: string, value: DecimalText): void {
  if (!isDecimal(value) || signOf(value) <= 0) {
    throw new Rejection(
      'price_step',
      `${name} ${value} is not above zero; send a price such as ${market.initialPrice}`,
    );
  }
  if (!isMultipleOf(value, market.priceStep)) {
    throw new Rejection(
      'price_step',
      `${name} ${value} is not a multiple of ${market.symbol}'s step ${market.priceStep}`,
    );
  }
}

export function checkAmountStep(market: Market, amount: DecimalText): void {
  if (!isDecimal(amount) || signOf(amount) <= 0) {
    throw new Rejection('amount_too_small', `amount ${amount} is not above zero; send at least ${market.amountStep}`);
  }
  if (!isMultipleOf(amount, market.amountStep)) {
    throw new Rejection(
      'amount_step',
      `amount ${amount} is not a multiple of ${market.symbol}'s step ${market.amountStep}`,
    );
  }
}

/** How much an order may still reduce its position, as an unsigned amount; zero if it would increase it. */
export function reducibleAmount(account: Account, order: Pick<Order, 'symbol' | 'slot' | 'side'>): DecimalText {
  const { amount } = account.position(order.symbol, order.slot);
  const reduces = signOf(amount) === (order.side === 'sell' ? 1 : -1);
  return reduces ? absoluteDecimal(amount) : '0';
}

/** Orders that may never open a position: reduce-only ones, and in hedge mode those against their leg's side. */
export function mayOnlyReduce(order: Pick<Order, 'reduceOnly' | 'closePosition' | 'slot' | 'side'>): boolean {
  const againstLeg =
    (order.slot === 'long' && order.side === 'sell') || (order.slot === 'short' && order.side === 'buy');
  return order.reduceOnly || order.closePosition || againstLeg;
}

function hasLimitPrice(type: Order['type']): boolean {
  return type === 'limit' || type === 'stop' || type === 'take_profit';
}

function slotFor(account: Account, market: Market, request: OrderRequest): PositionSlot {
  if (market.kind === 'spot') {
    const { positionSide, reduceOnly, closePosition } = request;
    if (positionSide === undefined && reduceOnly !== true && closePosition !== true) return 'net';
    throw new Rejection('bad_parameter', `${market.symbol} is a spot market: there is no position to open or reduce`);
  }
  if (account.positionMode === 'one-way') {
    if (request.positionSide === undefined) return 'net';
    throw new Rejection(
      'position_side_mismatch',
      `position side ${request.positionSide} needs hedge mode; leave it out, or switch the account's position mode`,
    );
  }
  if (request.positionSide !== undefined) return request.positionSide;
  throw new Rejection('position_side_mismatch', 'the account is in hedge mode: send position side long or short');
}

function checkPrices(request: OrderRequest, market: Market): void {
  if (hasLimitPrice(request.type)) {
    if (request.price === undefined) throw missing('price', request.type);
    checkPriceStep(market, 'price', request.price);
  }
  if (request.activationPrice !== undefined) checkPriceStep(market, 'activation price', request.activationPrice);
  if (!isConditional(request.type)) return;
  if (request.type === 'trailing_stop_market') {
    if (request.callbackPercent === undefined) throw missing('callback percent', request.type);
    return;
  }
  if (request.triggerPrice === undefined) throw missing('trigger price', request.type);
  checkPriceStep(market, 'trigger price', request.triggerPrice);
}

function checkAmount(request: OrderRequest, market: Market, price: DecimalText): void {
  if (request.closePosition === true) {
    if (request.type !== 'stop_market' && request.type !== 'take_profit_market') {
      throw new Rejection('bad_parameter', 'only stop_market and take_profit_market orders close a whole position');
    }
    if (request.amount !== undefined) {
      throw new Rejection('bad_parameter', 'an order that closes a whole position has no amount; leave it out');
    }
    return;
  }
  if (request.amount === undefined) throw missing('amount', request.type);
  checkAmountStep(market, request.amount);
  const value = notionalOf(market, request.amount, request.price ?? request.triggerPrice ?? price);
  if (request.reduceOnly !== true && compareDecimals(value, market.minNotional) < 0) {
    throw new Rejection(
      'notional_too_small',
      `an order of ${value} ${market.quote} is below ${market.symbol}'s minimum of ${market.minNotional}`,
    );
  }
}

function checkReduceOnly(request: OrderRequest, account: Account, slot: PositionSlot, conditional: boolean): void {
  const hedged = slot !== 'net';
  if (hedged && request.reduceOnly === true) {
    throw new Rejection(
      'reduce_only_in_hedge_mode',
      'reduce-only cannot be sent in hedge mode; the position side already implies it',
    );
  }
  const order = { ...request, reduceOnly: request.reduceOnly === true, closePosition: false, slot };
  // A conditional order is checked when it triggers, because the position may come later.
  if (conditional || !mayOnlyReduce(order)) return;
  if (signOf(reducibleAmount(account, order)) === 0) {
    throw new Rejection(
      'reduce_only',
      `there is no ${hedged ? slot : ''} position that this ${request.side} would reduce`,
    );
  }
}

function triggerPriceFor(request: OrderRequest, price: DecimalText): DecimalText | null {
  if (!isConditional(request.type) || request.type === 'trailing_stop_market') return null;
  const trigger = request.triggerPrice;
  if (trigger === undefined) throw missing('trigger price', request.type);
  if (goesOffAt(request, trigger, price)) {
    throw new Rejection(
      'would_trigger_immediately',
      `a ${request.type} ${request.side} at ${trigger} would trigger at once, the price is ${price}`,
    );
  }
  return trigger;
}

function trailingFor(request: OrderRequest, price: DecimalText): Order['trailing'] {
  if (request.type !== 'trailing_stop_market' || request.callbackPercent === undefined) return null;
  const percent = request.callbackPercent;
  if (!isDecimal(percent) || compareDecimals(percent, '0.1') < 0 || compareDecimals(percent, '10') > 0) {
    throw new Rejection('bad_parameter', `callback percent ${percent} lies outside 0.1 to 10`);
  }
  const activationPrice = request.activationPrice ?? null;
  if (activationPrice !== null && compareDecimals(activationPrice, price) !== (request.side === 'sell' ? 1 : -1)) {
    const where = request.side === 'sell' ? 'above' : 'below';
    throw new Rejection(
      'would_trigger_immediately',
      `the activation price ${activationPrice} of a trailing ${request.side} must lie ${where} the price ${price}`,
    );
  }
  return { callbackPercent: percent, activationPrice, best: activationPrice === null ? price : null };
}

function goodTillDateFor(request: OrderRequest): number | null {
  if (request.timeInForce !== 'GTD') return null;
  if (request.goodTillDate === undefined) throw missing('good till date', request.type);
  return request.goodTillDate;
}

function checkClientOrderId(account: Account, clientOrderId: string, type: Order['type']): void {
  if (!CLIENT_ORDER_ID.test(clientOrderId)) {
    throw new Rejection(
      'bad_parameter',
      `client order id "${clientOrderId}" is not 1 to 36 of letters, digits and . : / _ -`,
    );
  }
  if (account.hasOpenClientOrderId(clientOrderId, type)) {
    throw new Rejection('duplicate_client_order_id', `client order id "${clientOrderId}" belongs to an open order`);
  }
}

function missing(name: string, type: string): Rejection {
  return new Rejection('missing_parameter', `a ${type} order needs its ${name}`);
}
