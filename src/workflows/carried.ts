import type { Display, RecordRequest } from '../activities/activity-messages.js';
import type { Pause } from '../domain/lifecycle/known-account.js';
import type { RunTrigger } from '../domain/lifecycle/run.js';
import type { Way } from '../domain/lifecycle/way.js';
import type { AccountState } from './account-state.js';
import type { AnsweredCall, ReconciliationStatus, RefusedMessage } from './messages.js';
import type { SetAside } from './outbox.js';

/** The state of an account that continue-as-new carries over. Every field is JSON. */
export interface Carried {
  /** The origin of the schedule's grid: the first start, milliseconds. */
  anchorMs: number;
  /** The last tick that was served or skipped, milliseconds. */
  servedTickMs: number;
  /** The tick that was next when the policy changed, until it has passed. A new policy never postpones a run. */
  plannedTickMs: number | null;
  /** Whether a tick's timer has fired and its run has not begun. */
  due: boolean;
  runNumber: number;
  hasRun: boolean;
  consecutiveFailures: number;
  /** Whether an intervention was requested for this streak already: once per streak. */
  streakReported: boolean;
  paused: Pause | null;
  forced: RunTrigger | null;
  /** Who asked for the forced run. */
  forcedBy: string[];
  /** The way of each request, at the same index as `forcedBy`. */
  forcedVia: (Way | 'unknown')[];
  lastRun: ReconciliationStatus['lastRun'];
  lastSuccessAt: string | null;
  interventionOpen: boolean;
  /** What the account's intervention has signalled since the last `takeNotice`. */
  interventionSaid: 'opened' | 'closed' | null;
  /** Whether the ledger's state was adopted. Always true for a continued workflow. */
  adopted: boolean;
  /** Whether somebody paused or resumed this workflow. Then the ledger's pause is not adopted. */
  pauseTouched: boolean;
  /** What was last sent to the open intervention: whether discrepancies are open. */
  toldStanding: boolean;
  /** Acknowledged calls. The people who were called get news when no discrepancy is open any more. */
  answered: AnsweredCall[];
  /** Whether the policy has changed since it was last sent to the open intervention. */
  rulesMoved: boolean;
  /** How the workflow may show itself; null until a worker has answered that. */
  display: Display | null;
  /** The state that the search attributes show; null if none. */
  shownState: AccountState | null;
  /** The newest request that was refused. */
  refused: RefusedMessage | null;
  /** Records that the ledger does not have yet, in order. */
  outbox: RecordRequest[];
  /** What handlers have recorded since the last `takeNotice`. */
  inbox: RecordRequest[];
  /** Records that the ledger refused permanently. */
  setAside: SetAside[];
}

/** The state of a workflow that starts. */
export function emptyState(adopted: boolean): Carried {
  const now = Date.now();
  return {
    anchorMs: now,
    servedTickMs: now,
    plannedTickMs: null,
    due: false,
    runNumber: 0,
    hasRun: false,
    consecutiveFailures: 0,
    streakReported: false,
    paused: null,
    forced: null,
    forcedBy: [],
    forcedVia: [],
    lastRun: null,
    lastSuccessAt: null,
    interventionOpen: false,
    interventionSaid: null,
    adopted,
    pauseTouched: false,
    toldStanding: true,
    answered: [],
    rulesMoved: false,
    display: null,
    shownState: null,
    refused: null,
    outbox: [],
    inbox: [],
    setAside: [],
  };
}
