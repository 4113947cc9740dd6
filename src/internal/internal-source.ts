import type { Snapshot } from '../domain/snapshot/snapshot.js';

export interface InternalReadOptions {
  signal?: AbortSignal;
}

/** Something about a source that fails no read, and that a person should look at. */
export interface SourceWarning {
  text: string;
  remedy: string;
}

/** A source of internal state. */
export interface InternalSource {
  /** For people, without secrets: "http http://127.0.0.1:8080/state". */
  readonly description: string;
  /** What `check` warns of after a read; redacted. Absent: nothing. */
  warnings?(): readonly SourceWarning[];
  /**
   * Reads internal state once. Symbols stay as in the document; `readInternal` converts them to unified ones. Throws
   * FailureError (side `internal`).
   */
  readState(options?: InternalReadOptions): Promise<Snapshot>;
}
