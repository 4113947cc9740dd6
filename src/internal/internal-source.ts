import type { Snapshot } from '../domain/snapshot/snapshot.js';

export interface InternalReadOptions {
  signal?: AbortSignal;
}

/** A source of internal state. */
export interface InternalSource {
  /** For people, without secrets: "http http://127.0.0.1:8080/state". */
  readonly description: string;
  /**
   * Reads internal state once. Symbols stay as in the document; `readInternal` converts them to unified ones. Throws
   * FailureError (side `internal`).
   */
  readState(options?: InternalReadOptions): Promise<Snapshot>;
}
