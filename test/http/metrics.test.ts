import { describe, expect, it } from '@jest/globals';
import { NOT_COMPARED_REASONS } from '../../src/domain/snapshot/snapshot.js';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { renderMetrics } from '../../src/http/metrics.js';
import type { Exposition } from './exposition.js';
import { parseExposition, valueOf } from './exposition.js';
import type { SilenceFinding } from '../../src/domain/gate/silence-finding.js';
import type { WatchView } from '../../src/watch/finding.js';
import { minutesAgo, totals, zeroCounts } from './totals.js';

async function scrape(...accounts: Parameters<typeof totals>[0][]): Promise<Exposition> {
  return parseExposition(await renderMetrics(accounts.map(totals), { version: '1.2.3' }));
}

const main = { account: 'main' };

const failing: SilenceFinding = {
  kind: 'task_failing',
  since: minutesAgo(2),
  text: 'it fails its tasks',
  remedy: 'repair it',
};
const watching = (finding: SilenceFinding | null, up: boolean): WatchView => ({
  findingOf: () => finding,
  temporalUp: () => up,
});
async function scrapeWatched(watch: WatchView): Promise<Exposition> {
  return parseExposition(await renderMetrics([totals()], { version: '1' }, watch));
}

describe('the metrics', () => {
  it('have the names and types of the contract', async () => {
    const { types } = await scrape({});
    expect(Object.fromEntries(types)).toEqual({
      reconciliation_discrepancy_total: 'counter',
      reconciliation_failure_total: 'counter',
      reconciliation_success_total: 'counter',
      reconciliation_consecutive_failures: 'gauge',
      last_reconciliation_age_hr: 'gauge',
      reconciliation_open_discrepancies: 'gauge',
      reconciliation_gate_open: 'gauge',
      reconciliation_paused: 'gauge',
      plumbline_open_interventions: 'gauge',
      plumbline_call_undelivered_seconds: 'gauge',
      plumbline_account_active: 'gauge',
      plumbline_build_info: 'gauge',
      reconciliation_overdue_seconds: 'gauge',
      plumbline_account_silent: 'gauge',
      plumbline_workflow_task_failing: 'gauge',
      reconciliation_not_compared: 'gauge',
      plumbline_accepted_discrepancies: 'gauge',
      plumbline_watch_temporal_up: 'gauge',
      plumbline_gate_max_age_hr: 'gauge',
      notification_delivered_total: 'counter',
      notification_failure_total: 'counter',
      notification_last_success_age_seconds: 'gauge',
    });
  });

  it('show every type of an account that has never run, with 0', async () => {
    const fresh = { successTotal: 0, failureTotal: 0, lastSuccessAt: null, lastRunAt: null, lastOutcome: null };
    const exposition = await scrape({ ...fresh, registeredAt: minutesAgo(90) });
    for (const type of DISCREPANCY_TYPES) {
      expect(valueOf(exposition, 'reconciliation_discrepancy_total', { ...main, type })).toBe(0);
      expect(valueOf(exposition, 'reconciliation_open_discrepancies', { ...main, type })).toBe(0);
    }
    for (const reason of NOT_COMPARED_REASONS) {
      expect(valueOf(exposition, 'reconciliation_not_compared', { ...main, reason })).toBe(0);
    }
    for (const name of ['reconciliation_success_total', 'reconciliation_failure_total', 'reconciliation_gate_open']) {
      expect(valueOf(exposition, name, main)).toBe(0);
    }
    // The age of an account that never succeeds counts from its registration.
    expect(valueOf(exposition, 'last_reconciliation_age_hr', main)).toBe(1.5);
  });

  it("are exactly the ledger's totals, however often they are scraped", async () => {
    const account = {
      successTotal: 7,
      failureTotal: 3,
      consecutiveFailures: 2,
      paused: true,
      interventionsOpen: 1,
      openInterventions: 1,
      discrepancyTotal: { ...zeroCounts(), ORDER_FILL_MISSED: 40 },
      openDiscrepancies: { ...zeroCounts(), ORDER_FILL_MISSED: 1 },
      lastSuccessAt: minutesAgo(120),
    };
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      const exposition = await scrape(account);
      const type = 'ORDER_FILL_MISSED';
      expect(valueOf(exposition, 'reconciliation_success_total', main)).toBe(7);
      expect(valueOf(exposition, 'reconciliation_failure_total', main)).toBe(3);
      expect(valueOf(exposition, 'reconciliation_consecutive_failures', main)).toBe(2);
      expect(valueOf(exposition, 'reconciliation_discrepancy_total', { ...main, type })).toBe(40);
      expect(valueOf(exposition, 'reconciliation_open_discrepancies', { ...main, type })).toBe(1);
      expect(valueOf(exposition, 'last_reconciliation_age_hr', main)).toBe(2);
      expect(valueOf(exposition, 'reconciliation_paused', main)).toBe(1);
      expect(valueOf(exposition, 'plumbline_open_interventions', main)).toBe(1);
      expect(valueOf(exposition, 'reconciliation_gate_open', main)).toBe(0);
    }
  });

  it('count what channels delivered and failed to deliver', async () => {
    const of = { deliveredTotal: 40, failureTotal: 3, lastSuccessAt: minutesAgo(2), readAt: minutesAgo(0) };
    const text = await renderMetrics([], { version: '1' }, undefined, [
      { channel: 'chat', ...of },
      { channel: 'phone', ...of, deliveredTotal: 0, lastSuccessAt: null },
    ]);
    const exposition = parseExposition(text);
    const values = (channel: string) =>
      ['notification_delivered_total', 'notification_failure_total', 'notification_last_success_age_seconds'].map(
        (name) => valueOf(exposition, name, { channel }),
      );
    expect(values('chat')).toEqual([40, 3, 120]);
    expect(values('phone')).toEqual([0, 3, null]);
  });

  it('show an open trading gate for a healthy account', async () => {
    expect(valueOf(await scrape({}), 'reconciliation_gate_open', main)).toBe(1);
  });

  it('keep accounts apart, whatever their names', async () => {
    const name = 'a "quoted"\\name';
    const exposition = await scrape({ account: name, successTotal: 1 }, { account: 'b', successTotal: 2 });
    const successes = exposition.samples.filter((sample) => sample.name === 'reconciliation_success_total');
    expect(successes.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('show for how long a call has reached nobody', async () => {
    const name = 'plumbline_call_undelivered_seconds';
    expect(valueOf(await scrape({}), name, main)).toBe(0);
    expect(valueOf(await scrape({ undeliveredSince: minutesAgo(3) }), name, main)).toBe(180);
  });

  it('give a stopped account its counters and a closed trading gate, and nothing that could raise an alarm', async () => {
    const exposition = await scrape({
      active: false,
      paused: true,
      consecutiveFailures: 9,
      interventionsOpen: 1,
      undeliveredSince: minutesAgo(3),
      openDiscrepancies: { ...zeroCounts(), ORDER_FILL_MISSED: 1 },
    });
    for (const name of [
      'last_reconciliation_age_hr',
      'reconciliation_consecutive_failures',
      'reconciliation_paused',
      'reconciliation_open_discrepancies',
      'plumbline_open_interventions',
      'plumbline_call_undelivered_seconds',
    ])
      expect({ name, value: valueOf(exposition, name, main) }).toEqual({ name, value: null });
    expect(valueOf(exposition, 'reconciliation_success_total', main)).toBe(12);
    expect(valueOf(exposition, 'reconciliation_gate_open', main)).toBe(0);
    expect(valueOf(exposition, 'plumbline_account_active', main)).toBe(0);
  });

  it('show a closed trading gate while an intervention is due', async () => {
    expect(valueOf(await scrape({ callDueSince: minutesAgo(0) }), 'reconciliation_gate_open', main)).toBe(0);
  });

  it("never make an age negative because the ledger's clock runs ahead", async () => {
    expect(valueOf(await scrape({ lastSuccessAt: minutesAgo(-1) }), 'last_reconciliation_age_hr', main)).toBe(0);
  });

  it('report how late a sign of life is, and that a late account is silent', async () => {
    const late = await scrape({ expectedAt: minutesAgo(1.5) });
    expect(valueOf(late, 'reconciliation_overdue_seconds', main)).toBe(90);
    expect(valueOf(late, 'plumbline_account_silent', main)).toBe(1);
    expect(valueOf(late, 'reconciliation_gate_open', main)).toBe(0);
    for (const quiet of [
      {},
      { paused: true, expectedAt: minutesAgo(9) },
      { active: false, expectedAt: minutesAgo(9) },
    ]) {
      const exposition = await scrape(quiet);
      expect(valueOf(exposition, 'reconciliation_overdue_seconds', main)).toBe(0);
      expect(valueOf(exposition, 'plumbline_account_silent', main)).toBe(0);
    }
  });

  it('show what the watcher found, with a closed trading gate', async () => {
    const found = await scrapeWatched(watching(failing, true));
    expect(valueOf(found, 'plumbline_workflow_task_failing', main)).toBe(1);
    expect(valueOf(found, 'plumbline_account_silent', main)).toBe(1);
    expect(valueOf(found, 'reconciliation_gate_open', main)).toBe(0);
    expect(valueOf(found, 'plumbline_watch_temporal_up', {})).toBe(1);
    const well = await scrapeWatched(watching(null, true));
    expect(valueOf(well, 'plumbline_workflow_task_failing', main)).toBe(0);
    expect(valueOf(well, 'reconciliation_gate_open', main)).toBe(1);
  });

  it('omit task failures while Temporal cannot be reached', async () => {
    const away = await scrapeWatched(watching(null, false));
    expect(valueOf(away, 'plumbline_workflow_task_failing', main)).toBeNull();
    expect(valueOf(away, 'plumbline_watch_temporal_up', {})).toBe(0);
    expect(valueOf(await scrape({}), 'plumbline_watch_temporal_up', {})).toBeNull();
  });
});
