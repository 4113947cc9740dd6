import type { InterventionReason } from './intervention.js';

/** Failed runs since the last verdict, and whether an intervention was requested for them: once per streak. */
export interface Streak {
  failures: number;
  called: boolean;
}

/** Who paused the account, why, and since when (ISO 8601, UTC). */
export interface Pause {
  by: string;
  reason: string;
  since: string;
}

/** An intervention in the ledger that nobody has acknowledged. Times are ISO 8601, UTC. */
export interface OpenIntervention {
  interventionId: string;
  openedAt: string;
  /** The newest reasons, at most 100. */
  reasons: InterventionReason[];
  notifiedTimes: number;
  snoozedUntil: string | null;
}

/**
 * What the ledger knows about an account. A workflow loads it when it starts, so nothing that was recorded is lost if an
 * earlier workflow was terminated.
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
