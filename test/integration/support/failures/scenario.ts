import type { FailureKind } from '../../../../src/domain/failure/failure.js';
import type { RecordedRun } from '../../../../src/domain/lifecycle/run.js';
import type { CauseKind } from '../../../../src/domain/explain/cause.js';
import type { AccountTotals, DiscrepancyRow } from '../../../../src/ledger/contract/ledger.js';
import { worldStateSchema } from '../../../../packages/exchange-simulator/src/world.js';
import type { Reported } from '../drift-cases.js';
import type { AccountOptions, SimulatedAccount } from '../simulated-world.js';

/** A failure that another system really had, reproduced. */
export interface Scenario {
  /** The project and issue number of the failure, and what must be right instead. */
  title: string;
  options?: AccountOptions;
  /** The state on which exchange and bot agree before. */
  scene: (account: SimulatedAccount) => Promise<void>;
  acts: Act[];
}

/**
 * An event, and everything that the run after it must report. What the run opens and resolves follows from the
 * discrepancies that are open before and after it; if none are named, nothing may be reported.
 */
export interface Act {
  /** What the act shows, for the reader of a failing test. */
  shows: string;
  happens?: (account: SimulatedAccount) => Promise<unknown>;
  /** How it is run, if something has to happen in the middle of it. */
  run?: (account: SimulatedAccount) => Promise<RecordedRun>;
  /** Set if the run must fail. */
  fails?: { kind: FailureKind; message: RegExp };
  /** All discrepancies that are open after it, whichever run opened them. */
  stands?: Reported[];
  /** The causes of those that it opened; by default each forms its own cause, unexplained. */
  causes?: `${CauseKind} ${number}`[];
  /** Texts that a human gets: of the calls, and of the open discrepancies and their remedies. */
  says?: RegExp[];
  /** Further expectations after the act. */
  sees?: Seen;
}

/** Further values to check; as in `toMatchObject`, only those named here are compared. */
interface Seen {
  run?: FieldsOf<RecordedRun>;
  /** Payload of the event with which the run ended. */
  ended?: Record<string, unknown>;
  open?: FieldsOf<DiscrepancyRow>[];
  totals?: FieldsOf<AccountTotals>;
}

/** Values, or matchers for them. */
type FieldsOf<T> = { [Field in keyof T]?: unknown };

/** Everything that is known about an account after an act. */
export interface View {
  run: RecordedRun;
  open: DiscrepancyRow[];
  ended: Record<string, unknown>;
  /** The run's calls by the cause that each names. */
  causes: { reported: string; text: string }[];
  /** Discrepancy types of the run's events. */
  opened: string[];
  resolved: string[];
  calledFor: string[];
  totals: AccountTotals;
  faults: string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes the state of exchange and bot look as if it had come about that many days earlier. */
export function daysAgo({ simulator }: SimulatedAccount, days: number): void {
  const isTime = /^(?:at|due|\w+At)$/;
  const earlier = JSON.stringify(simulator.snapshotState(), (key, value: unknown) =>
    typeof value === 'number' && isTime.test(key) ? value - days * DAY_MS : value,
  );
  simulator.restoreState(worldStateSchema.parse(JSON.parse(earlier)));
}
