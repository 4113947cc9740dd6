/** Requests that a workflow refused, counted by message. */
export interface RefusedRequests {
  account: string;
  /** Idempotency key: a second delivery is not counted. */
  requestId: string;
  /** Name of the signal or update, such as "pause". */
  message: string;
  /** Who sent the last one. */
  by: string;
  /** Why the last one was refused, one line. */
  reason: string;
  count: number;
  /** ISO 8601. */
  firstAt: string;
  /** ISO 8601. */
  lastAt: string;
}
