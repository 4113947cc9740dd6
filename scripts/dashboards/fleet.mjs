import {
  dashboard,
  graph,
  greenFrom,
  neutral,
  orangeFrom,
  redFrom,
  row,
  series,
  stat,
  table,
  words,
} from './panels.mjs';

/** Each account once, however many `serve` show it. */
const each = (metric) => `max by (account) (${metric})`;
/** How many accounts have it; none if no account is known, so that "nothing is scraped" does not look like "all is well". */
const count = (metric, condition) => `sum(max by (account) (${metric}) ${condition})`;

const YES = words({ 0: ['no', 'green'], 1: ['yes', 'red'] });

const overview = row(
  'Now',
  stat({
    title: 'Accounts',
    description: 'Accounts that are reconciled. Stopped ones do not count.',
    expr: count('plumbline_account_active', '== bool 1'),
  }),
  stat({
    title: 'Trading gates closed',
    description: 'Accounts whose bot must not trade now.',
    expr: 'sum((min by (account) (reconciliation_gate_open) == bool 0) and (max by (account) (plumbline_account_active) == 1))',
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Open interventions',
    description: 'Interventions that nobody has acknowledged.',
    expr: `sum(${each('plumbline_open_interventions')})`,
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Not checked',
    description: 'Accounts that are not checked although they should be, for any reason.',
    expr: count('plumbline_account_silent', '== bool 1'),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Workflow tasks fail',
    description: 'Accounts whose workflow makes no progress. Unknown while no `serve` reaches Temporal.',
    expr: count('plumbline_workflow_task_failing', '== bool 1'),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Calls that reach nobody',
    description: 'Accounts with a call that no channel has delivered.',
    expr: count('plumbline_call_undelivered_seconds', '> bool 0'),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Open discrepancies',
    description: 'Over all accounts, accepted ones included.',
    expr: 'sum(max by (account, type) (reconciliation_open_discrepancies))',
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Accepted discrepancies',
    description: 'Open ones that somebody has accepted for a time. They do not close the trading gate.',
    expr: `sum(${each('plumbline_accepted_discrepancies')})`,
    thresholds: orangeFrom(1),
  }),
  stat({
    title: 'Failing',
    description: 'Accounts whose last run failed.',
    expr: count('reconciliation_consecutive_failures', '> bool 0'),
    thresholds: orangeFrom(1),
  }),
  stat({
    title: 'Paused',
    description: 'Accounts whose schedule is paused.',
    expr: count('reconciliation_paused', '== bool 1'),
    thresholds: orangeFrom(1),
  }),
  stat({
    title: 'Temporal reachable',
    description: 'Whether each `serve` that watches reaches Temporal.',
    expr: 'min(plumbline_watch_temporal_up)',
    mappings: words({ 0: ['no', 'red'], 1: ['yes', 'green'] }),
    thresholds: greenFrom(1),
  }),
  stat({
    title: 'Processes down',
    description: 'Scrape targets that do not answer, `serve` and workers.',
    expr: 'sum(up{job=~"plumbline.*"} == bool 0)',
    thresholds: redFrom(1),
  }),
);

const accounts = row(
  'Accounts',
  table({
    title: 'Accounts',
    description: 'A stopped account has a closed gate and no other value.',
    key: 'account',
    link: {
      title: 'The account',
      url: '/d/plumbline-account?var-account=${__data.fields.account}&var-datasource=${datasource}&${__url_time_range}',
    },
    columns: [
      {
        name: 'trading gate',
        expr: 'min by (account) (reconciliation_gate_open)',
        mappings: words({ 0: ['closed', 'red'], 1: ['open', 'green'] }),
      },
      { name: 'last success', expr: `${each('last_reconciliation_age_hr')} * 3600`, unit: 's' },
      { name: 'failed in a row', expr: each('reconciliation_consecutive_failures'), thresholds: orangeFrom(1) },
      {
        name: 'open',
        expr: 'sum by (account) (max by (account, type) (reconciliation_open_discrepancies))',
        thresholds: redFrom(1),
      },
      { name: 'interventions', expr: each('plumbline_open_interventions'), thresholds: redFrom(1) },
      { name: 'not checked', expr: each('plumbline_account_silent'), mappings: YES },
      { name: 'overdue', expr: each('reconciliation_overdue_seconds'), unit: 's', thresholds: redFrom(60) },
      {
        name: 'paused',
        expr: each('reconciliation_paused'),
        mappings: words({ 0: ['no', 'green'], 1: ['yes', 'orange'] }),
      },
      {
        name: 'not compared',
        expr: 'sum by (account) (max by (account, reason) (reconciliation_not_compared))',
        thresholds: orangeFrom(1),
      },
    ],
  }),
  table({
    title: 'Alerts that fire',
    description: 'Rules of deploy/prometheus/rules.yml. Empty when all is well.',
    key: 'alertname',
    height: 6,
    columns: [
      {
        name: 'firing',
        expr: 'max by (alertname, severity, account, channel, instance) (ALERTS{alertname=~"Plumbline.*", alertstate="firing"})',
      },
    ],
  }),
);

const time = row(
  'Over time',
  graph({
    title: 'Runs',
    description: 'Runs per minute that reached a verdict (matched or drifted), and failed ones.',
    stacked: true,
    queries: [
      series('60 * sum(max by (account) (rate(reconciliation_success_total[$__rate_interval])))', 'verdict'),
      series('60 * sum(max by (account) (rate(reconciliation_failure_total[$__rate_interval])))', 'failed'),
    ],
  }),
  graph({
    title: 'Open discrepancies by type',
    description: 'Types that no account has are left out.',
    stacked: true,
    queries: [series('sum by (type) (max by (account, type) (reconciliation_open_discrepancies)) > 0', '{{type}}')],
  }),
  graph({
    title: 'Age of the last success, as a part of what the trading gate allows',
    description: 'The ten highest. At 100 % the trading gate closes.',
    unit: 'percentunit',
    limit: redFrom(1),
    queries: [
      series(`topk(10, ${each('last_reconciliation_age_hr')} / ${each('plumbline_gate_max_age_hr')})`, '{{account}}'),
    ],
  }),
  graph({
    title: 'Signs of life that are late',
    description: 'The ten latest. Above 60 s the account counts as not checked.',
    unit: 's',
    limit: redFrom(60),
    queries: [series(`topk(10, ${each('reconciliation_overdue_seconds')})`, '{{account}}')],
  }),
);

const messages = row(
  'Messages',
  graph({
    title: 'Notifications',
    description: 'Delivered and failed attempts in each interval, by channel.',
    stacked: true,
    queries: [
      series('max by (channel) (increase(notification_delivered_total[$__rate_interval]))', '{{channel}} delivered'),
      series('max by (channel) (increase(notification_failure_total[$__rate_interval]))', '{{channel}} failed'),
    ],
  }),
  graph({
    title: 'Calls that reach nobody, and channels since their last success',
    description: 'The trading gate closes when a call has reached nobody for two minutes.',
    unit: 's',
    queries: [
      series(`topk(5, ${each('plumbline_call_undelivered_seconds')})`, 'call of {{account}}'),
      series('min by (channel) (notification_last_success_age_seconds)', '{{channel}}: last success'),
    ],
  }),
);

const workers = row(
  'Workers',
  graph({
    title: 'Duration of phases',
    description: 'Median and 95th percentile, over all accounts and workers.',
    unit: 's',
    queries: [0.5, 0.95].map((part) =>
      series(
        `histogram_quantile(${part}, sum by (le, phase) (rate(reconciliation_duration_seconds_bucket[$__rate_interval])))`,
        `{{phase}} p${part * 100}`,
      ),
    ),
  }),
  graph({
    title: 'Free slots of workers',
    description: 'At 0 a worker takes no more tasks of that kind. The lowest of all workers.',
    queries: [series('min by (worker_type) (temporal_worker_task_slots_available)', '{{worker_type}}')],
  }),
  graph({
    title: 'How long tasks wait for a worker',
    description: '95th percentile. It rises when there are too few workers.',
    unit: 's',
    queries: [
      series(
        'histogram_quantile(0.95, sum by (le) (rate(temporal_activity_schedule_to_start_latency_seconds_bucket[$__rate_interval])))',
        'activities',
      ),
      series(
        'histogram_quantile(0.95, sum by (le) (rate(temporal_workflow_task_schedule_to_start_latency_seconds_bucket[$__rate_interval])))',
        'workflow tasks',
      ),
    ],
  }),
  graph({
    title: 'Failures in workers',
    description: "Failed attempts of activities, and pings that a dead man's switch did not accept.",
    stacked: true,
    queries: [
      series(
        'sum by (activity_type) (increase(temporal_activity_execution_failed_total[$__rate_interval]))',
        '{{activity_type}}',
      ),
      series('sum(increase(reconciliation_heartbeat_failure_total[$__rate_interval]))', "pings of dead man's switches"),
    ],
  }),
);

const servers = row(
  'serve',
  graph({
    title: 'Trading gates in memory',
    description: 'Their age. Above 10 s every trading gate is closed.',
    unit: 's',
    width: 8,
    limit: redFrom(10),
    queries: [series('gate_age_seconds', '{{instance}}')],
  }),
  graph({
    title: 'Bots that wait for a change',
    description: 'Requests of trading gates with `wait`.',
    width: 8,
    queries: [series('gate_waiting_requests', '{{instance}}')],
  }),
  graph({
    title: 'Memory',
    description: 'Resident memory of each `serve`.',
    unit: 'bytes',
    width: 8,
    queries: [series('process_resident_memory_bytes{job=~"plumbline.*"}', '{{instance}}')],
  }),
  table({
    title: 'Versions',
    description: 'The version of each `serve`.',
    key: 'version',
    height: 4,
    columns: [{ name: 'processes', expr: 'sum by (version) (plumbline_build_info)', thresholds: neutral }],
  }),
);

export const fleet = dashboard({
  uid: 'plumbline-fleet',
  title: 'Plumbline: all accounts',
  description: 'Which accounts match, which need somebody, and whether Plumbline itself is well.',
  from: 'now-24h',
  rows: [overview, accounts, time, messages, workers, servers],
});
