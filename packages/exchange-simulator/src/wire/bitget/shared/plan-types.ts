import { mayOnlyReduce } from '../../../engine/placing.js';
import type { Order } from '../../../engine/order.js';

export const PLAN_TYPES = [
  'normal_plan',
  'track_plan',
  'profit_plan',
  'loss_plan',
  'moving_plan',
  'pos_profit',
  'pos_loss',
] as const;
export type PlanType = (typeof PLAN_TYPES)[number];

/** The kinds by which trigger orders are requested; `profit_loss` covers five of the seven types. */
export const PLAN_KINDS = ['normal_plan', 'track_plan', 'profit_loss'] as const;
export type PlanKind = (typeof PLAN_KINDS)[number];

export function planKindOf(type: PlanType): PlanKind {
  return type === 'normal_plan' || type === 'track_plan' ? type : 'profit_loss';
}

/**
 * The Bitget type of a conditional order: the one it was placed with (kept in its note), otherwise the one its rules
 * match.
 */
export function planTypeOf(order: Order): PlanType {
  const placedAs = PLAN_TYPES.find((type) => order.note === noteOf(type));
  if (placedAs !== undefined) return placedAs;
  if (order.trailing !== null) return mayOnlyReduce(order) ? 'moving_plan' : 'track_plan';
  const takesProfit = order.type === 'take_profit' || order.type === 'take_profit_market';
  if (order.closePosition) return takesProfit ? 'pos_profit' : 'pos_loss';
  if (mayOnlyReduce(order)) return takesProfit ? 'profit_plan' : 'loss_plan';
  return 'normal_plan';
}

export function noteOf(type: PlanType): string {
  return `bitget:${type}`;
}
