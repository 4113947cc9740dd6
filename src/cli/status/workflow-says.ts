import type { AccountTotals } from '../../ledger/contract/ledger.js';
import { diagnose } from '../../watch/diagnose.js';
import type { SilenceFinding } from '../../domain/gate/silence-finding.js';
import { silenceOf } from '../../domain/gate/silence.js';
import type { TemporalView } from '../../watch/temporal-view.js';
import type { Phase, ReconciliationStatus } from '../../workflows/messages.js';
import type { ErrorReport } from '../context/errors.js';

/** What Temporal reports about one account. */
export type WorkflowSays =
  /** The workflow itself answered. */
  | { kind: 'answered'; status: ReconciliationStatus }
  /** It runs; its phase comes from Temporal's description, without querying the workflow. */
  | { kind: 'running'; phase: Phase }
  | { kind: 'not_started' }
  /** It does not run, or could not answer. */
  | { kind: 'silent'; error: ErrorReport };

/** How old the newest poll may be for a command that observes once. Temporal's long poll lasts a minute. */
const POLL_FRESH_MS = 90_000;

/** What Temporal shows about the account without querying its workflow. Pure. */
export function saysOf(account: string, totals: AccountTotals | null, view: TemporalView, at: Date): WorkflowSays {
  const seen = view.accounts.get(account);
  if (seen === undefined) return { kind: 'not_started' };
  const { workflow } = seen;
  if (workflow.kind !== 'running' && totals?.active !== true) return { kind: 'not_started' };
  const finding = findingOf(account, totals, view, at);
  if (finding !== null && finding.kind !== 'intervention_lost') return { kind: 'silent', error: reportOf(finding) };
  return { kind: 'running', phase: phaseOf(workflow.kind === 'running' ? workflow.activities : [], totals) };
}

/** Why the account is not checked although it should be, from one observation; null if nothing is wrong. */
export function findingOf(
  account: string,
  totals: AccountTotals | null,
  view: TemporalView,
  at: Date,
): SilenceFinding | null {
  const seen = view.accounts.get(account);
  if (seen === undefined) return null;
  const { lastPoll, taskQueue, routing } = view;
  const polledRecently = lastPoll !== null && at.getTime() - lastPoll.getTime() <= POLL_FRESH_MS;
  return diagnose({
    account,
    paused: totals?.paused ?? null,
    ...seen,
    taskQueue,
    routing,
    noWorkerSince: polledRecently ? null : (lastPoll ?? at),
    overdue: totals === null ? null : silenceOf(totals),
    at,
  });
}

export function reportOf({ text, remedy }: SilenceFinding): ErrorReport {
  return { kind: 'refused', message: text, where: null, remedy, stack: null };
}

function phaseOf(activities: readonly string[], totals: AccountTotals | null): Phase {
  if (activities.some((name) => name === 'observe' || name.startsWith('fetch'))) return 'looking';
  if (activities.includes('judge')) return 'judging';
  if (activities.includes('record')) return 'recording';
  return totals?.paused === true ? 'paused' : 'waiting';
}
