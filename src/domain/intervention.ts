/** Why a human is called. */
export interface InterventionReason {
  /** A discrepancy type, RECONCILIATION_FAILURE_THRESHOLD or UNSETTLED. */
  action: string;
  /** One line, redacted. */
  text: string;
  /** ISO 8601, UTC. */
  at: string;
}
