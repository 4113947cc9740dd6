import type { DiscrepancyType } from '../difference/difference.js';
import type { Failure } from '../failure/failure.js';
import type { InterventionCall } from './intervention.js';
import type { Scope } from '../snapshot/scope.js';
import type { Side } from '../snapshot/snapshot.js';

/** Identifies a run permanently. A second delivery with the same key changes nothing and gets the first answer. */
export interface RunKey {
  account: string;
  /** Temporal's run id of the workflow execution in which the run began. */
  workflowRunId: string;
  /** Counts the account's runs from 1, over continue-as-new. */
  runNumber: number;
}

export type Outcome = 'matched' | 'drifted' | 'failed';
export type RunTrigger = 'schedule' | 'forced' | 'run_now';

/** What passes through workflow history instead of a snapshot. */
export interface SnapshotReceipt {
  snapshotId: string;
  side: Side;
  /** SHA-256 over the snapshot's content without its times, hex. */
  digest: string;
  positions: number;
  orders: number;
  scopes: Scope[];
  gaps: number;
}

/** The answer to a recorded verdict or failure. Small, because it passes through workflow history. */
export interface RecordedRun {
  outcome: Outcome;
  runNumber: number;
  looks: number;
  discrepancies: number;
  /** Types of confirmed differences with their counts. */
  byType: Partial<Record<DiscrepancyType, number>>;
  /** Discrepancies that this run opened; at most 20 are described. */
  opened: { id: string; type: DiscrepancyType; description: string }[];
  resolved: number;
  openDiscrepancies: number;
  unsettled: number;
  /** The largest number of runs in a row for which a key has been unconfirmed. */
  unsettledRunsInARow: number;
  compared: number;
  notCompared: string[];
  failure: Failure | null;
  /**
   * Reasons for an intervention that this run gives; at most 20 are described. The ledger decides this once, by the policy
   * under which it recorded the run, and keeps the trading gate closed from then on. Whoever gets this answer must request
   * the intervention. Empty if the run gives no new reason; an intervention may still be open.
   */
  calls: InterventionCall[];
  /**
   * The last event of this run in the ledger. A copy outside the database (in workflow history, or with the caller of the
   * run) reveals a ledger that was rewritten as a whole. Null if the ledger could not be reached.
   */
  lastEvent: { sequence: number; hash: string } | null;
}
