import { advance } from '../../src/domain/lifecycle/lifecycle.js';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';
import type {
  Ledger,
  OpenDiscrepancy,
  RunSoFar,
  StoredObservation,
  VerdictRecord,
} from '../../src/ledger/contract/ledger.js';

/** The part of a ledger that a verdict needs, in memory. */
export class MemoryLedger implements Pick<Ledger, 'account' | 'loadRun' | 'recordVerdict'> {
  observations: StoredObservation[] = [];
  readonly verdicts: { record: VerdictRecord; opened: string[]; resolved: string[] }[] = [];
  private open = new Map<string, OpenDiscrepancy>();

  async account(): Promise<null> {
    return null;
  }

  async loadRun(): Promise<RunSoFar> {
    return { recorded: null, observations: this.observations, open: [...this.open.values()] };
  }

  openIdentities(): string[] {
    return [...this.open.keys()];
  }

  async recordVerdict(record: VerdictRecord): Promise<RecordedRun> {
    const changes = advance([...this.open.values()], record);
    const opened: string[] = [];
    for (const { change, confirmed } of changes.sightings) {
      if (change === 'opened') opened.push(confirmed.identity);
      this.open.set(confirmed.identity, discrepancy(confirmed));
    }
    for (const { identity } of changes.resolved) this.open.delete(identity);
    this.verdicts.push({ record, opened, resolved: changes.resolved.map(({ identity }) => identity) });
    return {
      outcome: record.confirmed.length > 0 ? 'drifted' : 'matched',
      runNumber: record.key.runNumber,
      looks: record.looks,
      discrepancies: record.confirmed.length,
      byType: {},
      opened: [],
      resolved: changes.resolved.length,
      openDiscrepancies: this.open.size,
      unsettled: record.unconfirmed.length,
      unsettledRunsInARow: 0,
      compared: record.compared.length,
      notCompared: [],
      failure: null,
      calls: [],
      lastEvent: null,
    };
  }
}

function discrepancy({
  identity,
  difference,
  description,
  remedy,
}: VerdictRecord['confirmed'][number]): OpenDiscrepancy {
  const { type, symbol } = difference;
  const at = new Date(0);
  return {
    id: identity,
    identity,
    type,
    symbol,
    description,
    remedy,
    difference,
    openedAt: at,
    lastSeenAt: at,
    timesSeen: 1,
    decision: null,
  };
}
