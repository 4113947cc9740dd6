/** What a human is called for. */
export interface InterventionCall {
  /** A discrepancy type, RECONCILIATION_FAILURE_THRESHOLD or UNSETTLED. */
  action: string;
  /** One line, redacted. */
  text: string;
}

/** A reason of an intervention: a call, and when the account's workflow made it. */
export interface InterventionReason extends InterventionCall {
  /** ISO 8601, UTC. */
  at: string;
}
