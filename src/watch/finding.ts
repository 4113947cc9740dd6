import type { SilenceFinding } from '../domain/gate/silence-finding.js';

/** What a watcher currently knows. */
export interface WatchView {
  /** Null if there is no finding, or no pass has ended yet. */
  findingOf(account: string): SilenceFinding | null;
  /** Whether Temporal answered in the last pass; null before the first pass, or if no watcher runs. */
  temporalUp(): boolean | null;
}

/** For processes without a watcher: only the ledger shows which accounts are silent. */
export const NO_WATCH: WatchView = { findingOf: () => null, temporalUp: () => null };
