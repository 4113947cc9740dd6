import type { AccountOverview, DiscrepancyRow, LedgerEvent, RunRow, Timeline } from '../../ledger/contract/ledger.js';
import type { Proof } from '../../internal/proof.js';
import type { TimelineFrame } from './timeline.js';
import type { Verdict } from './verdict.js';
import type { Viewer } from './page.js';

/** Everything that an account's page shows. */
export interface AccountView {
  overview: AccountOverview;
  verdict: Verdict;
  /** Open discrepancies, the newest first, up to a limit. */
  open: readonly DiscrepancyRow[];
  /** The newest first. */
  runs: readonly RunRow[];
  /** The newest last. */
  events: readonly LedgerEvent[];
  timeline: Timeline;
  frame: TimelineFrame;
  /** What a match proves; null if the configuration of this server does not have the account. */
  proof: Proof | null;
  viewer: Viewer;
  /** A place in the stream at or before the moment of the read, so no change is missed. */
  place: string;
  now: Date;
  /** The result of the act that was just sent, or why it was refused. */
  notice: Notice | null;
  /** A key with which each form acts once, however often it is sent. */
  formKey: string;
}

export interface Notice {
  kind: 'done' | 'refused';
  text: string;
  remedy?: string | null;
  /** What the person typed, so that it is not lost. */
  typed?: Readonly<Record<string, string>>;
  /** The act that it is about. */
  act?: string;
}
