import type { PushedState } from '../../domain/account/pushed-state.js';

/** A document that a bot pushed, and that can be read. */
export interface Push {
  account: string;
  document: Uint8Array;
  /** SHA-256 of the document, hexadecimal. */
  sha256: string;
  /** The time of the state, by the bot's clock. */
  asOf: Date;
}

/**
 * What became of a push. `repeated`: the same document is stored already, so an attempt is repeated. `outdated`: the stored
 * state is as new or newer, and was kept.
 */
export type PushResult = { result: 'stored' | 'repeated' } | { result: 'outdated'; storedAsOf: Date };

export interface PushLedger {
  /**
   * Replaces the state of the account if this one is newer. A stored state whose time lies further ahead of the database's clock
   * than a bot's clock may is always replaced, so that a wrong clock does not block later pushes.
   */
  storePush(push: Push): Promise<PushResult>;
  /** Null if the bot of the account has pushed nothing yet. */
  pushedState(account: string): Promise<PushedState | null>;
}
