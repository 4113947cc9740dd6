import { withRow } from '../../domain/snapshot/position-legs.js';
import type { Position } from '../../domain/snapshot/snapshot.js';

/**
 * One position for each symbol and side, amounts summed: exchanges keep a cross and an isolated position apart, and
 * sub-positions of one contract.
 */
export function summedBySide(positions: readonly Position[]): Position[] {
  const bySide = new Map<string, Position>();
  for (const position of positions) {
    const key = `${position.symbol} ${position.side}`;
    bySide.set(key, withRow(bySide.get(key), position));
  }
  return [...bySide.values()];
}

/** Whether a symbol has two legs. Give it what `summedBySide` returned. */
export function hasBothSides(positions: readonly Position[]): boolean {
  return new Set(positions.map(({ symbol }) => symbol)).size < positions.length;
}
