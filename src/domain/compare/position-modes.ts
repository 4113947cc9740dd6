import type { PositionMode, Snapshot } from '../snapshot/snapshot.js';

/** The position modes of both sides, where they differ. */
export interface DifferentModes {
  exchange: PositionMode;
  internal: PositionMode;
}

/** Null if the modes are the same, or if a side does not report its own. */
export function differentModes(
  exchange: Pick<Snapshot, 'positionMode'>,
  internal: Pick<Snapshot, 'positionMode'>,
): DifferentModes | null {
  const [outside, inside] = [exchange.positionMode, internal.positionMode];
  return outside === null || inside === null || outside === inside ? null : { exchange: outside, internal: inside };
}

/**
 * What a person should know if the two sides report different position modes; null if they do not. Positions are compared by
 * leg then, so nothing differs while the account is flat or has one leg.
 */
export function modesDiffer(
  exchange: Pick<Snapshot, 'positionMode'>,
  internal: Pick<Snapshot, 'positionMode'>,
): ModesWarning | null {
  const modes = differentModes(exchange, internal);
  return modes === null ? null : modesWarning(modes);
}

export interface ModesWarning {
  text: string;
  remedy: string;
}

export function modesWarning({ exchange, internal }: DifferentModes): ModesWarning {
  return {
    text: `the exchange is in ${exchange} mode, internal state says ${internal}`,
    remedy: `set the bot to ${exchange} mode (position_mode in its state), or the exchange to ${internal} mode`,
  };
}
