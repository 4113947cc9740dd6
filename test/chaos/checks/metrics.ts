import { parseExposition, valueOf } from '../../http/exposition.js';
import { until } from '../deadline.js';
import type { Findings } from '../findings.js';
import type { DiscrepancyRow, InterventionRow, RunRow } from '../ledger-tables.js';
import type { Stage } from '../stage.js';

const RULE = 'metrics are what the ledger counts to';

/** Compares the metrics of `serve` with counts computed from the ledger's rows. */
export async function checkMetrics(stage: Stage, findings: Findings): Promise<void> {
  const { counts, text } = await until(60_000, 'a moment in which nothing is recorded', async () => {
    const before = await countsOf(stage);
    const response = await fetch(`${stage.serveUrl}/metrics`, { signal: AbortSignal.timeout(20_000) });
    const scraped = await response.text();
    const after = await countsOf(stage);
    return JSON.stringify(before) === JSON.stringify(after) ? { counts: before, text: scraped } : null;
  });
  const exposition = parseExposition(text);
  for (const [account, series] of Object.entries(counts)) {
    for (const { name, labels, value } of series) {
      const shown = valueOf(exposition, name, { account, ...labels });
      const label = Object.values(labels).join(',');
      findings.expect(RULE, shown === value, account, `${name}{${label}} is ${shown}, recounted ${value}`);
    }
  }
}

interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

async function countsOf({ accounts, tables }: Stage): Promise<Record<string, Series[]>> {
  const discrepancies = await tables.discrepancies();
  const interventions = await tables.openInterventions();
  const counts: Record<string, Series[]> = {};
  for (const { name } of accounts) {
    const of = <Row extends { account: string }>(rows: readonly Row[]): Row[] =>
      rows.filter((row) => row.account === name);
    counts[name] = seriesOf(await tables.runs(name), of(discrepancies), of(interventions));
  }
  return counts;
}

function seriesOf(
  runs: readonly RunRow[],
  discrepancies: readonly DiscrepancyRow[],
  interventions: readonly InterventionRow[],
): Series[] {
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
  const lastSuccess = runs.findLastIndex(({ outcome }) => outcome !== 'failed');
  const found: Record<string, number> = {};
  for (const { byType } of runs) {
    for (const [type, count] of Object.entries(byType)) found[type] = (found[type] ?? 0) + count;
  }
  const open: Record<string, number> = Object.fromEntries(Object.keys(found).map((type) => [type, 0]));
  for (const { state, type } of discrepancies) if (state === 'open') open[type] = (open[type] ?? 0) + 1;
  const plain = (name: string, value: number): Series => ({ name, labels: {}, value });
  const byType = (name: string, values: Record<string, number>): Series[] =>
    Object.entries(values).map(([type, value]) => ({ name, labels: { type }, value }));
  return [
    plain('reconciliation_success_total', runs.length - failed),
    plain('reconciliation_failure_total', failed),
    plain('reconciliation_consecutive_failures', runs.length - 1 - lastSuccess),
    plain('plumbline_open_interventions', interventions.length),
    ...byType('reconciliation_discrepancy_total', found),
    ...byType('reconciliation_open_discrepancies', open),
  ];
}
