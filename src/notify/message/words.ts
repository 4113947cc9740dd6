import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { InterventionOccasion } from '../../domain/lifecycle/occasion.js';
import type { Severity } from '../../domain/policy/severity.js';
import type { CallFacts } from './call-facts.js';
import type { Item, Parts } from './fit.js';

/** A message before outside text is made safe and before it is cut to size. */
export interface Words {
  subject: Subject;
  parts: Parts;
}

/** If the subject is too long, only `what` is shortened. */
export interface Subject {
  before: string;
  what: string;
  after: string;
}

export interface Answer {
  by: string;
  note: string;
}

/** A call of one account. */
export interface AccountCall {
  account: string;
  exchange: string;
  occasion: InterventionOccasion;
  severity: Severity;
  openedAt: Date;
  reasons: readonly InterventionReason[];
  /** Null: the ledger does not answer, or does not know the account. */
  facts: CallFacts | null;
  /** For `acknowledged`, and for `resolved` afterwards. */
  answer: Answer | null;
  now: Date;
}

/** What is open now, and what is over. */
export interface Standing {
  /** The most serious first. */
  items: readonly (Item & { subject: string })[];
  /** How many open items are not in `items`. */
  unlisted: number;
  hasDrift: boolean;
  /** Whether the account cannot be checked. */
  hasFailure: boolean;
  /** Reasons that are over. */
  over: readonly InterventionReason[];
}

/** Whether the call is acknowledged. Else it waits for somebody, also if what it was about is over. */
export function isAnswered({ occasion, answer }: { occasion: InterventionOccasion; answer: Answer | null }): boolean {
  return occasion === 'acknowledged' || (occasion === 'resolved' && answer !== null);
}
