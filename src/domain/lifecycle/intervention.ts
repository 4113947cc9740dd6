/** A reason that a run gives for an intervention, before it is recorded. */
export interface InterventionCall {
  /** A discrepancy type, RECONCILIATION_FAILURE_THRESHOLD or UNSETTLED. */
  action: string;
  /** One line, redacted. */
  text: string;
}

/** A recorded reason of an intervention, with the time at which the account's workflow gave it. */
export interface InterventionReason extends InterventionCall {
  /** ISO 8601, UTC. */
  at: string;
}
