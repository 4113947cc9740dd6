import { compare } from '../../src/domain/compare/compare.js';
import type { Observation } from '../../src/domain/compare/observation.js';
import type { ConfirmRules } from '../../src/domain/policy/policy.js';
import { confirm } from '../../src/domain/confirm/confirm.js';
import type { Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { NOON, RULES, position, sides } from './snapshots.js';

export const CONFIRM_RULES: ConfirmRules = {
  confirmations: 2,
  settleSeconds: 10,
  graceSeconds: 30,
  maxLooks: 6,
  maxInternalAgeSeconds: 300,
};
/** An hour before the first observation. */
export const LONG_AGO = NOON - 3_600_000;

export interface ObservationFields {
  /** Seconds after the first observation, on the exchange's clock. */
  at: number;
  /**
   * Seconds on the bot's own clock at which it wrote its state. It runs four minutes ahead; by default it writes at
   * once.
   */
  writtenAt?: number;
  /** Seconds by which the exchange answered later than the bot was asked. */
  late?: number;
  exchange?: Partial<Omit<Snapshot, 'side'>>;
  internal?: Partial<Omit<Snapshot, 'side'>>;
}

export function observations(...fields: ObservationFields[]): Observation[] {
  return fields.map(({ at, writtenAt = at, late = 0, exchange = {}, internal = {} }, index) => {
    const snapshots = sides(exchange, internal);
    return {
      number: index + 1,
      exchangeClock: NOON + at * 1000,
      internalClock: NOON + 240_000 + writtenAt * 1000,
      exchangeLateMs: late * 1000,
      comparison: compare(...snapshots, RULES),
    };
  });
}

/** One observation in which the exchange holds `outside` and the bot has `inside`; "" is none. */
export function held(
  at: number,
  outside: string,
  inside: string,
  changedAt: number | null = LONG_AGO,
): ObservationFields {
  const rows = (amount: string): Position[] => (amount === '' ? [] : [position({ amount, changedAt })]);
  return { at, exchange: { positions: rows(outside) }, internal: { positions: rows(inside) } };
}

/** What is decided of a run, or in how many seconds it observes again. */
export function verdict(run: Observation[], rules: Partial<ConfirmRules> = {}): string {
  const confirmation = confirm(run, { ...CONFIRM_RULES, ...rules });
  if (confirmation.kind === 'observe_again') return `again in ${confirmation.inSeconds} s`;
  const { confirmed, unconfirmed, moving } = confirmation;
  const parts = [
    ...confirmed.map(({ difference }) => `confirmed ${difference.type}`),
    ...unconfirmed.map(({ type }) => `unconfirmed ${type}`),
    ...moving.map(({ type }) => `moving ${type}`),
  ];
  return parts.length === 0 ? 'decided' : parts.join(', ');
}

export const CHANGED = 'confirmed POSITION_SIZE_CHANGED';
export const CLOSED = 'confirmed POSITION_CLOSED_EXTERNALLY';
