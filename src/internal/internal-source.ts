import type { Snapshot } from '../domain/snapshot/snapshot.js';

export interface InternalReadOptions {
  signal?: AbortSignal;
}

/** Where a bot's own state comes from. */
export interface InternalSource {
  /** For people: "http http://127.0.0.1:8080/state", without secrets. */
  readonly description: string;
  /**
   * Reads the internal state once. Symbols come back as the document has them; `fetchInternalState` makes them unified.
   * Throws FailureError (side `internal`).
   */
  readState(options?: InternalReadOptions): Promise<Snapshot>;
}
