import { Counter, Gauge, Registry } from 'prom-client';
import { NOT_COMPARED_REASONS } from '../domain/snapshot/snapshot.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import type { AccountTotals } from '../ledger/contract/ledger.js';
import type { ChannelTotals } from '../ledger/contract/notifications.js';
import { NO_WATCH, type WatchView } from '../watch/finding.js';
import { overdueSeconds, silenceOf } from '../domain/gate/silence.js';
import { tradingGateOf, withFinding } from '../domain/gate/trading-gate.js';

const HOUR_SECONDS = 3_600;

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The Prometheus text of all accounts, O(accounts). Pure: ages are computed with the database's clock, which the totals
 * carry.
 *
 * A new registry is made for every scrape. So concurrent scrapes cannot mix, a counter is exactly the ledger's total,
 * and an account that is gone leaves no stale series. Every type of every account is present from its registration on,
 * with 0.
 *
 * `last_reconciliation_age_hr` is hours since the last success, and before the first success hours since the account
 * was registered: the age of an account that never succeeds must grow, or an alert on it would never fire.
 *
 * An account that was stopped on purpose keeps its counters, `plumbline_account_active` with 0 and a closed gate. It has no
 * age, streak, pause, call or open discrepancy, because an alert on one of these would fire forever.
 */
export async function renderMetrics(
  accounts: readonly AccountTotals[],
  build: { version: string },
  watch: WatchView = NO_WATCH,
  channels: readonly ChannelTotals[] = [],
): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['account'] as const;

  const discrepancies = new Counter({
    name: 'reconciliation_discrepancy_total',
    help: 'Confirmed discrepancies, counted in every run that finds them.',
    labelNames: ['account', 'type'] as const,
    registers,
  });
  const failures = new Counter({
    name: 'reconciliation_failure_total',
    help: 'Runs that failed: it is not known whether both sides agree.',
    labelNames,
    registers,
  });
  const successes = new Counter({
    name: 'reconciliation_success_total',
    help: 'Runs that reached a verdict, matched or drifted.',
    labelNames,
    registers,
  });
  const streak = new Gauge({
    name: 'reconciliation_consecutive_failures',
    help: 'Failed runs since the last success.',
    labelNames,
    registers,
  });
  const age = new Gauge({
    name: 'last_reconciliation_age_hr',
    help: 'Hours since the last success, before the first one hours since the account was registered.',
    labelNames,
    registers,
  });
  const open = new Gauge({
    name: 'reconciliation_open_discrepancies',
    help: 'Discrepancies that are open now, including those that an ignore rule now hides.',
    labelNames: ['account', 'type'] as const,
    registers,
  });
  const tradingGate = new Gauge({
    name: 'reconciliation_gate_open',
    help: '1 while the bot may trade, else 0: an intervention, a discrepancy that is not accepted, silence or age.',
    labelNames,
    registers,
  });
  const paused = new Gauge({
    name: 'reconciliation_paused',
    help: '1 while the schedule of the account is paused.',
    labelNames,
    registers,
  });
  const interventions = new Gauge({
    name: 'plumbline_open_interventions',
    help: 'Interventions that nobody has acknowledged.',
    labelNames,
    registers,
  });
  const undelivered = new Gauge({
    name: 'plumbline_call_undelivered_seconds',
    help: 'Seconds for which a call that pages has reached nobody, on no channel; 0 while there is none.',
    labelNames,
    registers,
  });
  const active = new Gauge({
    name: 'plumbline_account_active',
    help: '1 while the account is reconciled, 0 after it was stopped.',
    labelNames,
    registers,
  });
  const overdue = new Gauge({
    name: 'reconciliation_overdue_seconds',
    help: "Seconds by which the account's sign of life is late; 0 while it is on time, paused or stopped.",
    labelNames,
    registers,
  });
  const silent = new Gauge({
    name: 'plumbline_account_silent',
    help: '1 while the account is not checked although it should be, for any reason.',
    labelNames,
    registers,
  });
  const taskFailing = new Gauge({
    name: 'plumbline_workflow_task_failing',
    help: "1 while the account's workflow fails its tasks. Absent while Temporal cannot be reached.",
    labelNames,
    registers,
  });
  const accepted = new Gauge({
    name: 'plumbline_accepted_discrepancies',
    help: 'Open discrepancies that are accepted for now: they do not close the trading gate.',
    labelNames,
    registers,
  });
  const notCompared = new Gauge({
    name: 'reconciliation_not_compared',
    help: 'Scopes and symbols that the last run did not compare, by reason. A match says nothing about them.',
    labelNames: ['account', 'reason'] as const,
    registers,
  });
  const maxAge = new Gauge({
    name: 'plumbline_gate_max_age_hr',
    help: 'Age of the last success in hours above which the trading gate closes.',
    labelNames,
    registers,
  });
  const temporalUp = new Gauge({
    name: 'plumbline_watch_temporal_up',
    help: '1 while the watcher of this process can reach Temporal, else 0. Absent before its first pass.',
    registers,
  });
  const info = new Gauge({
    name: 'plumbline_build_info',
    help: 'Always 1; the label names the version that serves.',
    labelNames: ['version'] as const,
    registers,
  });

  info.set({ version: build.version }, 1);
  const up = watch.temporalUp();
  // A gauge without labels shows 0 before it is set, and 0 must mean "down", not "not set".
  if (up === null) temporalUp.remove();
  else temporalUp.set(up ? 1 : 0);
  for (const totals of accounts) {
    const { account } = totals;
    const finding = watch.findingOf(account);
    active.set({ account }, totals.active ? 1 : 0);
    successes.inc({ account }, totals.successTotal);
    failures.inc({ account }, totals.failureTotal);
    for (const type of DISCREPANCY_TYPES) discrepancies.inc({ account, type }, totals.discrepancyTotal[type]);
    tradingGate.set({ account }, withFinding(tradingGateOf(totals), finding).open ? 1 : 0);
    maxAge.set({ account }, totals.policy.gateMaxAgeMinutes / 60);
    overdue.set({ account }, overdueSeconds(totals));
    silent.set({ account }, (finding ?? silenceOf(totals)) === null ? 0 : 1);
    const failing = finding?.kind === 'task_failing';
    if (failing || up === true) taskFailing.set({ account }, failing ? 1 : 0);
    if (!totals.active) continue;
    const { readAt, undeliveredSince } = totals;
    age.set({ account }, secondsSince(totals.lastSuccessAt ?? totals.registeredAt, readAt) / HOUR_SECONDS);
    streak.set({ account }, totals.consecutiveFailures);
    accepted.set({ account }, totals.acceptedDiscrepancies);
    paused.set({ account }, totals.paused ? 1 : 0);
    interventions.set({ account }, totals.interventionsOpen);
    undelivered.set({ account }, undeliveredSince === null ? 0 : secondsSince(undeliveredSince, readAt));
    for (const reason of NOT_COMPARED_REASONS) notCompared.set({ account, reason }, totals.notCompared[reason]);
    for (const type of DISCREPANCY_TYPES) open.set({ account, type }, totals.openDiscrepancies[type]);
  }
  countChannels(channels, registers);
  return registry.metrics();
}

/** One sample for each channel for which a notification was ever recorded. */
function countChannels(channels: readonly ChannelTotals[], registers: Registry[]): void {
  const labelNames = ['channel'] as const;
  const delivered = new Counter({
    name: 'notification_delivered_total',
    help: 'Notifications that the channel accepted. A message for forty accounts counts forty.',
    labelNames,
    registers,
  });
  const failures = new Counter({
    name: 'notification_failure_total',
    help: 'Attempts to deliver a notification that failed. A message for forty accounts counts forty.',
    labelNames,
    registers,
  });
  const age = new Gauge({
    name: 'notification_last_success_age_seconds',
    help: 'Seconds since the channel last accepted a notification. Absent before the first time.',
    labelNames,
    registers,
  });
  for (const { channel, deliveredTotal, failureTotal, lastSuccessAt, readAt } of channels) {
    delivered.inc({ channel }, deliveredTotal);
    failures.inc({ channel }, failureTotal);
    if (lastSuccessAt !== null) age.set({ channel }, secondsSince(lastSuccessAt, readAt));
  }
}

/** Never below zero: a worker's clock may run slightly ahead of the database's. */
function secondsSince(then: Date, now: Date): number {
  return Math.max(0, now.getTime() - then.getTime()) / 1_000;
}
