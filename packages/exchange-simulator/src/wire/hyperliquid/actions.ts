import { z } from 'zod';
import { hlNumber, isPriceAllowed, listedMarkets } from './markets.js';
import { cloidOf, oidOf, orderByOid } from './rows.js';
import type { Account } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';
import { averagePriceOf, type Order, type OrderRequest } from '../../engine/order.js';
import { Rejection, type RejectionReason } from '../../engine/rejection.js';
import { isDecimal } from '@plumbline/primitives/decimal';

const decimal = z.string().refine(isDecimal);
const cloid = z.string().regex(/^0x[0-9a-f]{32}$/);
const oid = z.union([z.number().int().nonnegative(), cloid]);

const orderWire = z.object({
  a: z.number().int(),
  b: z.boolean(),
  p: decimal,
  s: decimal,
  r: z.boolean(),
  t: z.union([
    z.object({ limit: z.object({ tif: z.enum(['Alo', 'Ioc', 'Gtc', 'FrontendMarket']) }) }),
    z.object({ trigger: z.object({ isMarket: z.boolean(), triggerPx: decimal, tpsl: z.enum(['tp', 'sl']) }) }),
  ]),
  c: cloid.nullish(),
});
type OrderWire = z.output<typeof orderWire>;

export const actionSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('order'),
    orders: z.array(orderWire).min(1),
    grouping: z.enum(['na', 'normalTpsl', 'positionTpsl']),
  }),
  z.object({ type: z.literal('cancel'), cancels: z.array(z.object({ a: z.number().int(), o: z.number().int() })) }),
  z.object({ type: z.literal('cancelByCloid'), cancels: z.array(z.object({ asset: z.number().int(), cloid })) }),
  z.object({ type: z.literal('modify'), oid, order: orderWire }),
  z.object({ type: z.literal('batchModify'), modifies: z.array(z.object({ oid, order: orderWire })).min(1) }),
  z.object({ type: z.literal('updateLeverage'), asset: z.number().int(), isCross: z.boolean(), leverage: z.number() }),
  z.object({ type: z.literal('setReferrer'), code: z.string() }),
]);
export type Action = z.output<typeof actionSchema>;

/** The number of orders in the action: its weight is 1, plus 1 for every 40 of them. */
export function batchLengthOf(action: Action): number {
  if (action.type === 'order') return action.orders.length;
  if (action.type === 'cancel' || action.type === 'cancelByCloid') return action.cancels.length;
  return action.type === 'batchModify' ? action.modifies.length : 1;
}

/**
 * `POST /exchange`: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint. The error of
 * one order of a batch is at its place in `statuses`, in the words of
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses
 */
export function perform(engine: Engine, account: Account, action: Action): unknown {
  const floor: Floor = { engine, account };
  switch (action.type) {
    case 'order': {
      const closes = action.grouping === 'positionTpsl';
      const statuses = action.orders.map((order) => placed(floor, order, closes));
      return { type: 'order', data: { statuses } };
    }
    case 'cancel': {
      const statuses = action.cancels.map(({ a, o }) => canceled(floor, a, o));
      return { type: 'cancel', data: { statuses } };
    }
    case 'cancelByCloid': {
      const statuses = action.cancels.map((each) => canceled(floor, each.asset, each.cloid));
      return { type: 'cancel', data: { statuses } };
    }
    case 'modify':
    case 'batchModify': {
      const modifies = action.type === 'modify' ? [action] : action.modifies;
      return { type: 'order', data: { statuses: modifies.map((each) => modified(floor, each)) } };
    }
    case 'updateLeverage':
    case 'setReferrer':
      return { type: 'default' };
  }
}

interface Floor {
  engine: Engine;
  account: Account;
}

type Status = { resting: object } | { filled: object } | { error: string } | 'success';

function placed({ engine, account }: Floor, wire: OrderWire, closesPosition: boolean): Status {
  const market = listedMarkets(engine)[wire.a];
  if (market === undefined) return { error: `Order has invalid asset. asset=${wire.a}` };
  const request = requestOf(market, wire, closesPosition);
  const prices = [request.price, request.triggerPrice].filter((price) => price !== undefined);
  if (!prices.every((price) => isPriceAllowed(market, price))) return inAsset(REFUSALS.price_step, wire.a);
  try {
    return statusAfter(engine, market, wire.a, engine.place(account.id, 'api', request));
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return inAsset(REFUSALS[error.reason], wire.a);
  }
}

function requestOf(market: Market, { b, p, s, r, t, c }: OrderWire, closesPosition: boolean): OrderRequest {
  const common = { symbol: market.symbol, side: b ? 'buy' : 'sell', clientOrderId: c ?? undefined } as const;
  if ('limit' in t) {
    const timeInForce = ({ Alo: 'GTX', Ioc: 'IOC', FrontendMarket: 'IOC', Gtc: 'GTC' } as const)[t.limit.tif];
    return { ...common, type: 'limit', price: p, amount: s, reduceOnly: r, timeInForce };
  }
  const { isMarket, tpsl, triggerPx } = t.trigger;
  const types = { tp: ['take_profit', 'take_profit_market'], sl: ['stop', 'stop_market'] } as const;
  const type = types[tpsl][isMarket ? 1 : 0];
  const closePosition = closesPosition && isMarket;
  return {
    ...common,
    type,
    triggerPrice: triggerPx,
    price: isMarket ? undefined : p,
    amount: closePosition ? undefined : s,
    reduceOnly: r && !closePosition,
    closePosition,
  };
}

function statusAfter(engine: Engine, market: Market, asset: number, order: Order): Status {
  const price = hlNumber(engine.price(market.symbol));
  if (order.endReason === 'post_only') {
    return inAsset(`Post only order would have immediately matched, bbo was ${price}@${price}.`, asset);
  }
  if (order.endReason === 'immediate_or_cancel') {
    return inAsset('Order could not immediately match against any resting orders.', asset);
  }
  const names = { oid: oidOf(order), ...(cloidOf(order) === null ? {} : { cloid: cloidOf(order) }) };
  const average = averagePriceOf(order);
  if (order.status === 'open' || average === null) return { resting: names };
  return { filled: { totalSz: hlNumber(order.filled), avgPx: hlNumber(average), ...names } };
}

function canceled(floor: Floor, asset: number, oidOrCloid: number | string): Status {
  const order = openOrderOf(floor, oidOrCloid);
  const market = listedMarkets(floor.engine)[asset];
  if (order === null || order.symbol !== market?.symbol) {
    return inAsset('Order was never placed, already canceled, or filled.', asset);
  }
  floor.engine.cancel({ account: floor.account.id, id: order.id }, 'api');
  return 'success';
}

/** A modified order is a new one with its own number; the old one is canceled. */
function modified(floor: Floor, { oid: name, order: wire }: { oid: number | string; order: OrderWire }): Status {
  const order = openOrderOf(floor, name);
  if (order === null) return { error: 'Cannot modify canceled or filled order' };
  floor.engine.cancel({ account: floor.account.id, id: order.id }, 'api');
  return placed(floor, wire, false);
}

function openOrderOf({ account }: Floor, name: number | string): Order | null {
  const order = orderByOid(account, name);
  return order?.status === 'open' ? order : null;
}

function inAsset(text: string, asset: number): { error: string } {
  return { error: `${text} asset=${asset}` };
}

const REFUSALS: Record<RejectionReason, string> = {
  unknown_account: 'User or API Wallet does not exist.',
  unknown_symbol: 'Order has invalid asset.',
  unknown_order: 'Order was never placed, already canceled, or filled.',
  order_not_open: 'Order was never placed, already canceled, or filled.',
  missing_parameter: 'Order is incomplete.',
  bad_parameter: 'Order is invalid.',
  price_step: 'Price must be divisible by tick size.',
  amount_step: 'Order has invalid size.',
  amount_too_small: 'Order has zero size.',
  notional_too_small: 'Order must have minimum value of $10.',
  insufficient_balance: 'Insufficient margin to place order.',
  duplicate_client_order_id: 'Cloid is in use.',
  position_side_mismatch: 'Order is invalid.',
  reduce_only_in_hedge_mode: 'Order is invalid.',
  reduce_only: 'Reduce only order would increase position.',
  would_trigger_immediately: 'Invalid TP/SL price.',
  position_mode_locked: 'Order is invalid.',
  position_mode_unchanged: 'Order is invalid.',
};
