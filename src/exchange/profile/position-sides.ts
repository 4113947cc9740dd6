import { withRow } from '../../domain/snapshot/position-legs.js';
import type { Position } from '../../domain/snapshot/snapshot.js';

/**
 * One position per symbol and side, with the amounts summed. Exchanges report cross and isolated positions, and sub-positions
 * of one contract, as separate rows.
 */
export function summedBySide(positions: readonly Position[]): Position[] {
  const bySide = new Map<string, Position>();
  for (const position of positions) {
    const key = `${position.symbol} ${position.side}`;
    bySide.set(key, withRow(bySide.get(key), position));
  }
  return [...bySide.values()];
}

/** Whether a symbol has two legs. Takes the result of `summedBySide`. */
export function hasBothSides(positions: readonly Position[]): boolean {
  return new Set(positions.map(({ symbol }) => symbol)).size < positions.length;
}
