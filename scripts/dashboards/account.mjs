import {
  dashboard,
  graph,
  greenFrom,
  labelVariable,
  orangeFrom,
  redFrom,
  row,
  series,
  stat,
  states,
  words,
} from './panels.mjs';

const OF = '{account="$account"}';
/** The account's value, from whichever `serve` shows it. */
const one = (metric) => `max(${metric}${OF})`;

const present = row(
  'Now',
  stat({
    title: 'Trading gate',
    description: 'Whether the bot may trade.',
    expr: `min(reconciliation_gate_open${OF})`,
    mappings: words({ 0: ['closed', 'red'], 1: ['open', 'green'] }),
    thresholds: greenFrom(1),
  }),
  stat({
    title: 'Reconciled',
    description: 'No: the account was stopped on purpose. The other values are unknown then.',
    expr: one('plumbline_account_active'),
    mappings: words({ 0: ['stopped', 'text'], 1: ['yes', 'green'] }),
    thresholds: greenFrom(1),
  }),
  stat({
    title: 'Last success',
    description: 'Time since the last run with a verdict, before the first one since the registration.',
    expr: `${one('last_reconciliation_age_hr')} * 3600`,
    unit: 's',
  }),
  stat({
    title: 'Failed in a row',
    description: 'Failed runs since the last success.',
    expr: one('reconciliation_consecutive_failures'),
    thresholds: orangeFrom(1),
  }),
  stat({
    title: 'Open discrepancies',
    description: 'Accepted ones included.',
    expr: `sum(max by (type) (reconciliation_open_discrepancies${OF}))`,
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Accepted',
    description: 'Open discrepancies that somebody has accepted for a time.',
    expr: one('plumbline_accepted_discrepancies'),
    thresholds: orangeFrom(1),
  }),
  stat({
    title: 'Open interventions',
    description: 'Nobody has acknowledged them.',
    expr: one('plumbline_open_interventions'),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Call reaches nobody for',
    description: 'Time for which no channel has delivered the oldest call that pages.',
    expr: one('plumbline_call_undelivered_seconds'),
    unit: 's',
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Not checked',
    description: 'Whether the account is not checked although it should be.',
    expr: one('plumbline_account_silent'),
    mappings: words({ 0: ['no', 'green'], 1: ['yes', 'red'] }),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Sign of life late by',
    description: 'Above 60 s the account counts as not checked.',
    expr: one('reconciliation_overdue_seconds'),
    unit: 's',
    thresholds: redFrom(60),
  }),
  stat({
    title: 'Workflow tasks fail',
    description: 'Whether its workflow makes no progress. Unknown while no `serve` reaches Temporal.',
    expr: one('plumbline_workflow_task_failing'),
    mappings: words({ 0: ['no', 'green'], 1: ['yes', 'red'] }),
    thresholds: redFrom(1),
  }),
  stat({
    title: 'Paused',
    description: 'Whether its schedule is paused.',
    expr: one('reconciliation_paused'),
    mappings: words({ 0: ['no', 'green'], 1: ['yes', 'orange'] }),
    thresholds: orangeFrom(1),
  }),
);

const GOOD = words({ 0: ['no', 'green'], 1: ['yes', 'red'] });

const history = row(
  'Over time',
  states({
    title: 'States',
    description:
      'Red: the bot may not trade, a call is open, the account is not checked, its workflow fails, or it is paused.',
    mappings: GOOD,
    queries: [
      series(`max(1 - reconciliation_gate_open${OF})`, 'trading gate closed'),
      series(`max(plumbline_open_interventions${OF}) > bool 0`, 'intervention open'),
      series(one('plumbline_account_silent'), 'not checked'),
      series(one('plumbline_workflow_task_failing'), 'workflow tasks fail'),
      series(one('reconciliation_paused'), 'paused'),
    ],
  }),
  graph({
    title: 'Runs',
    description: 'Runs in each interval that reached a verdict (matched or drifted), and failed ones.',
    stacked: true,
    queries: [
      series(`max(increase(reconciliation_success_total${OF}[$__rate_interval]))`, 'verdict'),
      series(`max(increase(reconciliation_failure_total${OF}[$__rate_interval]))`, 'failed'),
    ],
  }),
  graph({
    title: 'Age of the last success',
    description: 'Above the limit the trading gate closes.',
    unit: 'h',
    queries: [
      series(one('last_reconciliation_age_hr'), 'age'),
      series(one('plumbline_gate_max_age_hr'), 'limit of the trading gate'),
    ],
  }),
  graph({
    title: 'Open discrepancies by type',
    description: 'Types without an open discrepancy are left out.',
    stacked: true,
    queries: [series(`max by (type) (reconciliation_open_discrepancies${OF}) > 0`, '{{type}}')],
  }),
  graph({
    title: 'Confirmed discrepancies by type',
    description: 'In each interval. One that stays open counts in every run that finds it.',
    stacked: true,
    queries: [
      series(`max by (type) (increase(reconciliation_discrepancy_total${OF}[$__rate_interval])) > 0`, '{{type}}'),
    ],
  }),
  graph({
    title: 'Not compared by the last run',
    description: 'Scopes and symbols, by reason. A match says nothing about them.',
    stacked: true,
    queries: [series(`max by (reason) (reconciliation_not_compared${OF})`, '{{reason}}')],
  }),
  graph({
    title: 'Streak of failures, and how late the sign of life is',
    description: 'Failed runs in a row, and seconds.',
    queries: [
      series(one('reconciliation_consecutive_failures'), 'failed in a row'),
      series(one('reconciliation_overdue_seconds'), 'seconds late'),
    ],
  }),
  graph({
    title: "Pings that its dead man's switch did not accept",
    description: "From the workers. Empty for an account without a dead man's switch.",
    queries: [series(`sum(increase(reconciliation_heartbeat_failure_total${OF}[$__rate_interval]))`, 'failed pings')],
  }),
);

export const account = dashboard({
  uid: 'plumbline-account',
  title: 'Plumbline: one account',
  description: 'One account: its present state, and how it came about.',
  from: 'now-7d',
  variables: [labelVariable('account', 'Account', 'label_values(plumbline_account_active, account)')],
  links: [
    {
      type: 'link',
      title: 'All accounts',
      url: '/d/plumbline-fleet',
      keepTime: true,
      includeVars: false,
      icon: 'dashboard',
    },
  ],
  rows: [present, history],
});
