import { setImmediate } from 'node:timers/promises';
import type { Pieces } from '../domain/pieces.js';

export { atOnce, type Pieces } from '../domain/pieces.js';

/** Longest time that one turn takes, milliseconds, if no piece takes longer. */
const TURN_MS = 10;

/**
 * Does the work in turns, between which timers, heartbeats and other accounts get theirs. A large account must not hold the
 * event loop.
 */
export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (let began = performance.now(); ;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}

/**
 * For a loop that awaits anyway: `next` gives the others their turn when this one took long enough. Awaiting what is there
 * already does not.
 */
export class Turns {
  private began = performance.now();

  async next(): Promise<void> {
    if (performance.now() - this.began < TURN_MS) return;
    await setImmediate();
    this.began = performance.now();
  }
}
