import type { FailureKind } from '../../../../src/domain/failure/failure.js';
import type { RecordedRun } from '../../../../src/domain/lifecycle/run.js';
import type { CauseKind } from '../../../../src/domain/explain/cause.js';
import type { AccountTotals, DiscrepancyRow } from '../../../../src/ledger/contract/ledger.js';
import { worldStateSchema } from '../../../../src/simulator/world.js';
import type { Reported } from '../drift-cases.js';
import type { AccountOptions, SimulatedAccount } from '../simulated-world.js';

/** A failure that another system really had, played as it came about there. */
export interface Scenario {
  /** Whose failure it was, by its number in that project, and what must be right instead. */
  title: string;
  options?: AccountOptions;
  /** What exchange and bot agree on before. */
  scene: (account: SimulatedAccount) => Promise<void>;
  acts: Act[];
}

/**
 * Something that happens, and all that the run after it must say. What the run opens and resolves follows from what stood
 * before it and what stands after it; where nothing is named, nothing may be reported.
 */
export interface Act {
  /** What it shows, for whoever reads a failing test. */
  shows: string;
  happens?: (account: SimulatedAccount) => Promise<unknown>;
  /** How it is run, where something has to happen in the middle of it. */
  run?: (account: SimulatedAccount) => Promise<RecordedRun>;
  /** The run could not tell. */
  fails?: { kind: FailureKind; message: RegExp };
  /** All discrepancies that stand after it, whichever run opened them. */
  stands?: Reported[];
  /** The causes of those that it opened, where they are not each reported by itself, unexplained. */
  causes?: `${CauseKind} ${number}`[];
  /** In the words that a human gets: of the calls, and of what stands and what would fix it. */
  says?: RegExp[];
  /** More that is to be seen after it. */
  sees?: Seen;
}

/** What is looked at besides; as in `toMatchObject`, only what is named here has to be so. */
interface Seen {
  run?: FieldsOf<RecordedRun>;
  /** Payload of the event with which the run ended. */
  ended?: Record<string, unknown>;
  open?: FieldsOf<DiscrepancyRow>[];
  totals?: FieldsOf<AccountTotals>;
}

/** Values, or matchers of them. */
type FieldsOf<T> = { [Field in keyof T]?: unknown };

/** All that is known of an account after an act. */
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

/** All that exchange and bot hold, as if it had happened so many days earlier. */
export function daysAgo({ simulator }: SimulatedAccount, days: number): void {
  const isTime = /^(?:at|due|\w+At)$/;
  const earlier = JSON.stringify(simulator.snapshotState(), (key, value: unknown) =>
    typeof value === 'number' && isTime.test(key) ? value - days * DAY_MS : value,
  );
  simulator.restoreState(worldStateSchema.parse(JSON.parse(earlier)));
}
