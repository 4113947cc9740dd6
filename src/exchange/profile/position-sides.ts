import { addDecimals } from '../../domain/decimal/decimal.js';
import type { Position } from '../../domain/snapshot/snapshot.js';

/**
 * One position for each symbol and side, amounts summed: exchanges keep a cross and an isolated position apart, and
 * sub-positions of one contract.
 */
export function summedBySide(positions: readonly Position[]): Position[] {
  const bySide = new Map<string, Position>();
  for (const position of positions) {
    const key = `${position.symbol} ${position.side}`;
    const other = bySide.get(key);
    bySide.set(
      key,
      other === undefined
        ? position
        : {
            ...position,
            amount: addDecimals(other.amount, position.amount),
            changedAt: latest(other.changedAt, position.changedAt),
          },
    );
  }
  return [...bySide.values()];
}

/** Whether a symbol has two legs. Give it what `summedBySide` returned. */
export function hasBothSides(positions: readonly Position[]): boolean {
  return new Set(positions.map(({ symbol }) => symbol)).size < positions.length;
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}
