import type { GateState } from '../../domain/gate/trading-gate.js';

/** What one account's trading gate is decided from, as of one read of the ledger. */
export interface ReadGateState extends GateState {
  /** When the first of the acceptances in force ends; the counts are outdated from then on. Null: none is in force. */
  acceptanceEndsAt: Date | null;
  /** Differs after every record of the account: a run, an act, an intervention, a delivery. */
  version: string;
}

/** A moment on both of this process's clocks. */
export interface Moment {
  monotonicMs: number;
  wallMs: number;
}

export interface GateReading {
  states: readonly ReadGateState[];
  /** When the statement was sent. The ledger's answer is not older. */
  askedAt: Moment;
  /**
   * Set by the last part of a read of all accounts: when that read began. An account that was not read since then is not
   * registered. Null otherwise.
   */
  completes: Moment | null;
}

/** Receives the trading gates of a ledger. Its methods must not throw. */
export interface GateFollower {
  read(reading: GateReading): void;
  /** A read failed. It is repeated until it succeeds. */
  failed(error: unknown): void;
}

export interface GateFeed {
  /** Reads these accounts soon, because their gates may have changed with time. */
  ask(accounts: readonly string[]): void;
  /** Ends the feed and its connection. */
  close(): Promise<void>;
}

/** What a process needs that answers trading gates from memory. */
export interface GateLedger {
  /**
   * Reads all trading gates, then again those that change, as soon as the database notifies it, and all of them every
   * few seconds. One connection of its own, one statement at a time.
   */
  followGates(follower: GateFollower): GateFeed;
}
