import { silenceOf, SILENT_AFTER_SECONDS } from '../../domain/gate/silence.js';
import type { SilenceFinding } from '../../domain/gate/silence-finding.js';
import { tradingGateOf, withFinding, type TradingGate } from '../../domain/gate/trading-gate.js';
import { cut } from '../../domain/lifecycle/bounded.js';
import type { AccountOverview } from '../../ledger/contract/ledger.js';
import { sumOfTypes } from '../../report/documents.js';
import { stampText } from './times.js';

/** The standing of an account in one word, the most serious first; lists are in this order. */
export const STANDINGS = [
  'intervention',
  'drift',
  'unknown',
  'overdue',
  'paused',
  'accepted',
  'ok',
  'stopped',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** The standing in words. */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  intervention: 'Needs a human',
  drift: 'Drifted',
  unknown: 'Unknown',
  overdue: 'Overdue',
  paused: 'Paused',
  accepted: 'Drift accepted',
  ok: 'Matched',
  stopped: 'Stopped',
};

export interface Verdict {
  standing: Standing;
  /** More than the standing in one line; empty if there is nothing to add. */
  detail: string;
  /** Null if it is not known. */
  since: Date | null;
  /** After this time the verdict is not valid any more, unless a run came; null if no run is expected. */
  validUntil: Date | null;
  gate: TradingGate;
}

const MAX_DETAIL = 160;

/**
 * The verdict on an account. Pure. "Matched" needs a recent success and a sign of life in time; everything else that is not a drift
 * is unknown, overdue or paused.
 *
 * @param now the database's clock
 */
export function verdictOf(overview: AccountOverview, finding: SilenceFinding | null, now: Date): Verdict {
  const totals = { ...overview.totals, readAt: now };
  const gate = withFinding(tradingGateOf(totals), finding);
  const isWatched = totals.active && !totals.paused;
  const validUntil =
    isWatched && totals.expectedAt !== null
      ? new Date(totals.expectedAt.getTime() + SILENT_AFTER_SECONDS * 1_000)
      : null;
  const { standing, detail, since } = standingOf({ ...overview, totals }, finding);
  return { standing, detail: cut(detail, MAX_DETAIL), since, validUntil, gate };
}

type Said = Pick<Verdict, 'standing' | 'detail' | 'since'>;

function standingOf(
  { totals, lastRun, pause, intervention, discrepancies }: AccountOverview,
  finding: SilenceFinding | null,
): Said {
  const open = sumOfTypes(totals.openDiscrepancies);
  // A position is more serious than its orders.
  const first = discrepancies.find(({ type }) => type.startsWith('POSITION_')) ?? discrepancies[0];
  const more = first === undefined ? '' : `${first.description}${open > 1 ? `, and ${open - 1} more` : ''}`;
  if (intervention !== null) {
    const reason = intervention.reasons.at(-1)?.text ?? '';
    return { standing: 'intervention', detail: more === '' ? reason : more, since: intervention.openedAt };
  }
  if (totals.callDueSince !== null) {
    const detail = more === '' ? 'a human is being called' : `${more} (a human is being called)`;
    return { standing: 'intervention', detail, since: totals.callDueSince };
  }
  if (!totals.active) return { standing: 'stopped', detail: 'its reconciliation was stopped', since: totals.lastRunAt };
  if (open > totals.acceptedDiscrepancies) {
    return { standing: 'drift', detail: more, since: oldestOf(discrepancies.map(({ openedAt }) => openedAt)) };
  }
  // Between two runs a difference may have been seen and not yet be stored as open, as with a rule that only records it.
  if (totals.lastOutcome === 'drifted' && open === 0) {
    return { standing: 'drift', detail: 'the last run found a difference', since: totals.lastRunAt };
  }
  const unknown = unknownOf({ totals, lastRun });
  if (unknown !== null) return { standing: 'unknown', ...unknown };
  const silence = finding ?? silenceOf(totals);
  if (silence !== null) {
    // The text of the ledger's finding counts seconds, which a page that is not read again would show wrongly.
    const detail =
      silence.kind === 'overdue'
        ? 'its next sign of life is late: nobody knows whether it still matches'
        : silence.text;
    return { standing: 'overdue', detail, since: silence.since };
  }
  if (totals.paused) {
    const who = pause === null ? '' : `by ${pause.by}: ${pause.reason}`;
    return { standing: 'paused', detail: who, since: pause?.since ?? null };
  }
  if (open > 0) {
    const until = discrepancies.flatMap(({ accepted }) => accepted?.until ?? []);
    const ends = oldestOf(until);
    const detail = `${more}${ends === null ? '' : `; accepted until ${stampText(ends)}`}`;
    return { standing: 'accepted', detail, since: oldestOf(discrepancies.map(({ openedAt }) => openedAt)) };
  }
  const gaps = lastRun?.notCompared.length ?? 0;
  const unconfirmed = lastRun?.unsettled.length ?? 0;
  const remarks = [
    ...(gaps === 0 ? [] : [`with ${gaps === 1 ? '1 gap' : `${gaps} gaps`}`]),
    ...(unconfirmed === 0 ? [] : [`${unconfirmed} kept changing`]),
  ];
  return { standing: 'ok', detail: remarks.join(', '), since: null };
}

/** Why it is not known whether both sides agree; null if the last run found out. */
function unknownOf({
  totals,
  lastRun,
}: Pick<AccountOverview, 'totals' | 'lastRun'>): { detail: string; since: Date | null } | null {
  const { lastOutcome, lastSuccessAt, policy, readAt } = totals;
  if (lastOutcome === 'failed') {
    return { detail: lastRun?.failure?.message ?? 'the last run failed', since: lastSuccessAt };
  }
  if (lastSuccessAt === null) return { detail: 'no run has ended yet', since: totals.registeredAt };
  const ageMinutes = (readAt.getTime() - lastSuccessAt.getTime()) / 60_000;
  // Negated so that NaN counts as too old. A paused account is shown as paused.
  if (!totals.paused && !(ageMinutes <= policy.gateMaxAgeMinutes)) {
    return { detail: `the last verdict is older than ${policy.gateMaxAgeMinutes} minutes`, since: lastSuccessAt };
  }
  return null;
}

function oldestOf(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.min(...times.map((at) => at.getTime())));
}
