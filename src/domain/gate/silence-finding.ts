/** What stops an account from being checked; the most serious first. */
export type SilenceKind =
  | 'no_workflow'
  | 'no_worker'
  | 'task_failing'
  /** Its sign of life is overdue, whatever the reason. */
  | 'overdue'
  /** The account is checked, but nobody is reminded of its open intervention. */
  | 'intervention_lost';

/** Why an account is silent. */
export interface SilenceFinding {
  kind: SilenceKind;
  since: Date;
  /** What was found, one line. */
  text: string;
  /** What to do, one line. */
  remedy: string;
}
