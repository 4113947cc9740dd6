import type { InterventionReason } from './intervention.js';

/** Failed runs since the last verdict, and whether a human was called for them. One call per streak. */
export interface Streak {
  failures: number;
  called: boolean;
}

/** A pause: by whom, why, and since when (ISO 8601, UTC). */
export interface Pause {
  by: string;
  reason: string;
  since: string;
}

/** An intervention that the ledger holds and nobody has acknowledged. Times are ISO 8601, UTC. */
export interface OpenIntervention {
  interventionId: string;
  openedAt: string;
  /** The newest reasons, at most 100. */
  reasons: InterventionReason[];
  notifiedTimes: number;
  snoozedUntil: string | null;
}

/**
 * What the ledger knows of an account. A workflow that starts takes it over, so a workflow that was terminated loses
 * nothing that was recorded.
 */
export interface KnownAccount {
  /** 0 before the first run. */
  lastRunNumber: number;
  streak: Streak;
  paused: Pause | null;
  /** ISO 8601, UTC. */
  lastSuccessAt: string | null;
  openIntervention: OpenIntervention | null;
}
