import { pause, within } from './deadline.js';
import type { DiscrepancyRow, InterventionRow } from './ledger-tables.js';
import type { OutsideRecord } from './record.js';
import type { Stage } from './stage.js';

const EVERY_MS = 1_500;
/** Longer than the time for which a resolved drift is waited for. */
const RECENT_SECONDS = 300;

/** The present content of the ledger, read without the product, over connections that are never broken. */
export class Watcher {
  discrepancies: readonly DiscrepancyRow[] = [];
  openInterventions: readonly InterventionRow[] = [];
  runs = 0;

  constructor(
    private readonly stage: Stage,
    private readonly record: OutsideRecord,
  ) {}

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.observe().catch((error: unknown) => this.record.note('watcher failed', { error: String(error) }));
      await pause(EVERY_MS, signal);
    }
  }

  async observe(): Promise<void> {
    const { tables } = this.stage;
    const [heads, discrepancies, interventions, runs] = await within(
      20_000,
      'reading the ledger',
      Promise.all([
        tables.heads(),
        tables.recentDiscrepancies(RECENT_SECONDS),
        tables.openInterventions(),
        tables.runCount(),
      ]),
    );
    for (const { account, lastSequence, lastHash } of heads) this.record.headSeen(account, lastSequence, lastHash);
    this.discrepancies = discrepancies;
    this.openInterventions = interventions;
    this.runs = runs;
    for (const drift of this.record.drifts) {
      if (drift.confirmedAt !== null) continue;
      const confirmed = discrepancies.some((row) => isOf(row, drift));
      if (confirmed) drift.confirmedAt = Date.now();
    }
  }
}

/** Whether the discrepancy may be this drift: of its symbol, and opened after it was planted. */
export function isOf(row: DiscrepancyRow, drift: { account: string; symbol: string; plantedAt: number }): boolean {
  return row.account === drift.account && row.symbol === drift.symbol && row.openedAt.getTime() >= drift.plantedAt;
}
