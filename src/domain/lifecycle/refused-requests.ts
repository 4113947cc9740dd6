/** Requests that a workflow refused, those of one message counted together. */
export interface RefusedRequests {
  account: string;
  /** Makes it count once. */
  requestId: string;
  /** The signal or update: "pause". */
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
