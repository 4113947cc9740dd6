import type { FailureError } from '../../domain/failure/failure.js';
import type { StoredEvents } from './books.js';
import type { Instrument } from './instruments.js';

/** What the bot has stored, independent of the database. */
export interface Stored {
  events: StoredEvents;
  /** When the bot was last known to live, milliseconds; null if that is not asked for. */
  heartbeatAt: number | null;
  /** The time of the newest event besides those of orders and positions; null if there is none. */
  otherEventAt: number | null;
  /** Why positions are not stored; null if they are. */
  noPositions: string | null;
  instruments: (ids: readonly string[]) => Promise<ReadonlyMap<string, Instrument>>;
}

/** A database of NautilusTrader's cache. */
export interface Store {
  /** For people, without secrets. */
  readonly description: string;
  /** Opens a connection, hands what is stored to `use`, and closes the connection. */
  read<T>(place: Place, limits: ReadLimits, use: (stored: Stored) => Promise<T>): Promise<T>;
  /** Where the database is, for failures. Reads the URL anew each time, because secrets change. */
  place(): Place;
  explain(error: unknown): FailureError;
}

export interface Place {
  name: string;
  url: string;
}

export interface ReadLimits {
  deadlineMs: number;
  signal: AbortSignal;
}
