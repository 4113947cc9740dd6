import type { Findings } from '../findings.js';
import type { DiscrepancyRow, InterventionRow } from '../ledger-tables.js';
import type { OutsideRecord, PlantedDrift } from '../record.js';
import type { Stage } from '../stage.js';
import { isOf } from '../watcher.js';

/**
 * A run that read both sides before a drift was resolved may be recorded this much later: workers die and the ledger is
 * unreachable.
 */
const LATE_VERDICT_MS = 150_000;

/** Compares discrepancies and interventions with the planted drifts. */
export async function checkDrifts(stage: Stage, record: OutsideRecord, findings: Findings): Promise<void> {
  const discrepancies = await stage.tables.discrepancies();
  const interventions = await stage.tables.interventions();
  for (const drift of record.drifts) {
    const rows = discrepancies.filter((row) => isOf(row, drift) && row.openedAt.getTime() <= endOf(drift));
    if (rows.length === 0) continue;
    const what = `the ${drift.kind} drift ${drift.id} in ${drift.symbol}`;
    findings.expect(
      'each confirmed drift led to a call that named it',
      isCalledFor(drift, interventions),
      drift.account,
      `nobody was called for ${what}, planted at ${new Date(drift.plantedAt).toISOString()}: ${rows[0]?.description}`,
    );
    for (const row of rows) {
      const early = row.resolvedAt !== null && row.resolvedAt.getTime() < (drift.resolvingAt ?? Infinity);
      // A drift may look different while it is being made; then another discrepancy for it must be open.
      const replaced = rows.some(
        (other) => other !== row && (other.resolvedAt === null || other.resolvedAt > row.openedAt),
      );
      findings.expect(
        'no discrepancy is resolved while its drift stands',
        !early || replaced,
        drift.account,
        `${what}: "${row.description}" was resolved at ${row.resolvedAt?.toISOString()}`,
      );
    }
  }
  for (const row of discrepancies) {
    findings.expect(
      'each discrepancy is a drift that was planted',
      record.drifts.some((drift) => isOf(row, drift) && row.openedAt.getTime() <= endOf(drift)),
      row.account,
      `"${row.description}", opened at ${row.openedAt.toISOString()}, was never planted`,
    );
  }
  checkReasons(record, interventions, findings);
  checkAcknowledgements(record, interventions, findings);
}

function endOf({ resolvedAt }: PlantedDrift): number {
  return resolvedAt === null ? Infinity : resolvedAt + LATE_VERDICT_MS;
}

export function isCalledFor(drift: PlantedDrift, interventions: readonly InterventionRow[]): boolean {
  return interventions.some(
    ({ account, reasons }) =>
      account === drift.account &&
      reasons.some(({ text, at }) => text.includes(drift.symbol) && Date.parse(at) >= drift.plantedAt),
  );
}

function checkReasons(record: OutsideRecord, interventions: readonly InterventionRow[], findings: Findings): void {
  for (const { account, text, outcome } of record.reasons) {
    const found = interventions
      .filter((row) => row.account === account)
      .flatMap(({ reasons }) => reasons)
      .filter((reason) => reason.text === text).length;
    findings.expect(
      'each reason that was accepted is in the ledger once',
      outcome === 'accepted' ? found === 1 : found <= 1,
      account,
      `"${text}" (${outcome}) is there ${found} times`,
    );
  }
}

/**
 * Every acknowledgement that was answered must be recorded as answered, and nothing may be acknowledged without a
 * person.
 */
function checkAcknowledgements(
  record: OutsideRecord,
  interventions: readonly InterventionRow[],
  findings: Findings,
): void {
  const byId = new Map(interventions.map((row) => [row.id, row]));
  for (const { account, by, note, outcome, interventionId, acknowledgedBy } of record.acks) {
    if (outcome !== 'accepted') continue;
    const row = interventionId === null ? undefined : byId.get(interventionId);
    const rule = 'each acknowledgement is in the ledger as answered';
    const reported = `${by} was answered that ${interventionId} is acknowledged by ${acknowledgedBy}`;
    if (row === undefined) {
      findings.expect(rule, false, account, `${reported}, and the ledger does not know it`);
      continue;
    }
    const own = acknowledgedBy === by ? row.note === note : true;
    const same = row.state === 'acknowledged' && row.acknowledgedBy === acknowledgedBy && own;
    findings.expect(rule, same, account, `${reported}; the ledger has it ${row.state} by ${row.acknowledgedBy}`);
  }
  for (const row of interventions) {
    if (row.state !== 'acknowledged') continue;
    const asked = record.acks.some(
      ({ account, by, note }) => account === row.account && by === row.acknowledgedBy && note === row.note,
    );
    findings.expect(
      'nothing is acknowledged by itself',
      asked,
      row.account,
      `${row.id} is acknowledged by ${row.acknowledgedBy} ("${row.note}"), who never asked`,
    );
  }
}

/** A drift that existed until the end must be in the ledger by now. */
export function checkOpen(
  drifts: readonly PlantedDrift[],
  discrepancies: readonly DiscrepancyRow[],
  findings: Findings,
): void {
  for (const drift of drifts) {
    findings.expect(
      'each drift that stands is confirmed',
      discrepancies.some((row) => isOf(row, drift)),
      drift.account,
      `the ${drift.kind} drift ${drift.id} in ${drift.symbol} stands since ${new Date(drift.plantedAt).toISOString()}`,
    );
  }
}
