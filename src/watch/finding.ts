/** What stops an account from being checked, worst first. */
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
  /** One line: what was found. */
  text: string;
  /** One line: what to do about it. */
  remedy: string;
}

/** What a watcher knows at this moment. */
export interface WatchView {
  /** Null: nothing is found, or not found out yet. */
  findingOf(account: string): Finding | null;
  /** Whether Temporal answered in the last pass; null before the first pass, and where no watcher runs. */
  temporalUp(): boolean | null;
}

/** Where no watcher runs: the ledger alone reports who is silent. */
export const NO_WATCH: WatchView = { findingOf: () => null, temporalUp: () => null };
