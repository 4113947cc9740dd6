import { setImmediate } from 'node:timers/promises';
import type { Pieces } from '../domain/pieces.js';

/** The longest time of one turn, milliseconds, if no single piece takes longer. */
const TURN_MS = 10;

/**
 * Does the work in turns. Between turns, timers, heartbeats and other accounts run, so that a large account does not block
 * the event loop.
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
 * For a loop that awaits: `next` lets other work run if the current turn has been long enough. Awaiting a settled promise
 * does not let timers run.
 */
export class Turns {
  private began = performance.now();

  async next(): Promise<void> {
    if (performance.now() - this.began < TURN_MS) return;
    await setImmediate();
    this.began = performance.now();
  }
}
