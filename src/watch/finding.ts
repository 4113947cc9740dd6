/** What stops an account from being checked; the most serious first. */
export type FindingKind =
  | 'no_workflow'
  | 'no_worker'
  | 'task_failing'
  /** Its sign of life is overdue, whatever the reason. */
  | 'overdue'
  /** The account is checked, but nobody is reminded of its open intervention. */
  | 'intervention_lost';

/** Why an account is silent. */
export interface Finding {
  kind: FindingKind;
  since: Date;
  /** What was found, one line. */
  text: string;
  /** What to do, one line. */
  remedy: string;
}

/** What a watcher currently knows. */
export interface WatchView {
  /** Null if there is no finding, or no pass has ended yet. */
  findingOf(account: string): Finding | null;
  /** Whether Temporal answered in the last pass; null before the first pass, or if no watcher runs. */
  temporalUp(): boolean | null;
}

/** For processes without a watcher: only the ledger shows which accounts are silent. */
export const NO_WATCH: WatchView = { findingOf: () => null, temporalUp: () => null };
