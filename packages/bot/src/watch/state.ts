/**
 * The internal-state document. `version`, `as_of` (now, and always later than before) and `scopes` (the lists that the state
 * has) are filled in if they are missing. Numbers may be texts, numbers or bigints.
 */
export interface State {
  as_of?: string;
  scopes?: readonly string[];
  positions?: readonly object[];
  orders?: readonly object[];
  balances?: readonly object[];
  [field: string]: unknown;
}

const LISTS = ['positions', 'orders', 'balances'] as const;

/** Milliseconds since the epoch, always later than the previous result, because a clock may be set back. */
export class Clock {
  #lastMs = 0;

  now(): string {
    this.#lastMs = Math.max(this.#lastMs + 1, Date.now());
    return new Date(this.#lastMs).toISOString();
  }
}

export function completed(state: State, clock: Clock): State & { as_of: string } {
  const as_of = state.as_of ?? clock.now();
  const scopes = state.scopes ?? LISTS.filter((name) => state[name] !== undefined && state[name] !== null);
  return { version: 1, ...state, as_of, scopes };
}

/** @throws TypeError if the state cannot be written as JSON */
export function stateText(state: State): string {
  return JSON.stringify(state, exact);
}

/** JSON writes NaN and infinity as null, which reads as "no amount". */
function exact(name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${name} is ${value}`);
  return value;
}
