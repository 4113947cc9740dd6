import type { InterventionRecord } from '../activities/activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { LadderState } from '../domain/lifecycle/ladder-state.js';
import type { InterventionRules } from './intervention-rules.js';

export interface InterventionInput {
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
  /** Absent if an account's workflow of an earlier version has started the intervention. */
  rules?: InterventionRules;
  /** Set by continue-as-new of an open intervention, and when a lost one is restarted from the ledger. */
  carried?: CarriedIntervention;
  /** Set by continue-as-new if reasons came after an acknowledgement. */
  again?: {
    interventionId: string;
    /** Whether the account's workflow assumes that no intervention is open and needs a signal about this one. */
    late: boolean;
    /** Messages of the acknowledged intervention that are still being delivered. */
    unsent?: DeliverRequest[];
  };
}

export interface CarriedIntervention {
  interventionId: string;
  openedAt: string;
  notifiedTimes: number;
  snoozedUntil: string | null;
  snoozedBy?: string | null;
  snoozeNote?: string | null;
  /** Absent if the ladder has not begun. */
  ladder?: LadderState;
  /** Messages that are being delivered or wait. */
  unsent?: DeliverRequest[];
  /** Records that the ledger does not have yet. */
  unrecorded?: InterventionRecord[];
  /** Reasons that no message has named yet. */
  untold?: InterventionReason[];
  /** Whether discrepancies are open. Absent: yes. */
  standing?: boolean;
}
