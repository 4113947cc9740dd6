import type { DiscrepancyType } from '../difference/difference.js';
import type { Failure } from '../failure/failure.js';
import type { InterventionCall } from './intervention.js';
import type { Scope } from '../snapshot/scope.js';
import type { Side } from '../snapshot/snapshot.js';

/** Identifies a run for ever: a second delivery with the same key changes nothing and gets the first answer. */
export interface RunKey {
  account: string;
  /** Temporal's run id of the workflow execution in which the run began. */
  workflowRunId: string;
  /** Counts up per account over continue-as-new, from 1. */
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

/** The answer to a recorded verdict or failure; small, it passes through workflow history. */
export interface RecordedRun {
  outcome: Outcome;
  runNumber: number;
  looks: number;
  discrepancies: number;
  /** Types of confirmed differences with their counts. */
  byType: Partial<Record<DiscrepancyType, number>>;
  /** Discrepancies that this run opened (at most 20 are described). */
  opened: { id: string; type: DiscrepancyType; description: string }[];
  resolved: number;
  openDiscrepancies: number;
  unsettled: number;
  /** The longest count of runs in a row for which one key has been unconfirmed. */
  unsettledRunsInARow: number;
  compared: number;
  notCompared: string[];
  failure: Failure | null;
  /**
   * What a human must now be notified of (at most 20 are described). The ledger decides it once, by the policy under
   * which it recorded the run, and keeps the trading gate closed from that moment on; whoever gets this answer makes
   * the call. Empty where nobody is to be called, which is not to say that no call is open.
   */
  calls: InterventionCall[];
  /**
   * The last event of this run in the ledger. Kept outside the database (in workflow history, by whoever asked for the run),
   * it shows a ledger that was rewritten as a whole. Null where the ledger could not be reached.
   */
  lastEvent: { sequence: number; hash: string } | null;
}
