import { plain, ZERO, type Decimal } from './numbers.js';
import type { Leg } from './terms.js';

export interface Position {
  symbol: string;
  leg: Leg;
  /** Base units; below zero is short. */
  amount: Decimal;
}

/** The positions of a record, and which of them changed. */
export class Positions {
  readonly #positions = new Map<string, Position>();
  readonly #changed = new Set<string>();

  held(): Position[] {
    return [...this.#positions.values()].filter(({ amount }) => amount.digits !== 0n);
  }

  amountOf(symbol: string, leg: Leg): Decimal {
    return this.#positions.get(keyOf(symbol, leg))?.amount ?? ZERO;
  }

  set(position: Position): void {
    const key = keyOf(position.symbol, position.leg);
    this.#positions.set(key, position);
    this.#changed.add(key);
  }

  /** The positions that changed since the last call, in the form of the record's file. */
  takeChanges(): unknown[] {
    const changed = [...this.#changed].map((key) => this.#positions.get(key)).filter((at) => at !== undefined);
    this.#changed.clear();
    return changed.map(savedOf);
  }

  everything(): unknown[] {
    this.#changed.clear();
    return [...this.#positions.values()].map(savedOf);
  }
}

function keyOf(symbol: string, leg: Leg): string {
  return `${symbol} ${leg ?? ''}`;
}

function savedOf({ symbol, leg, amount }: Position): unknown {
  return [symbol, leg, plain(amount)];
}
