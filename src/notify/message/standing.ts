import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import { driftItems, reasonItem } from './drift-items.js';
import { isAboutDrift, isGivenFor } from './reason-texts.js';
import { isAboutFailure, reasonItemOf } from './reason-words.js';
import type { AccountCall, Standing } from './words.js';

/** The present state of a call: open differences from the facts, everything else from the reasons. */
export function standingOf({ exchange, occasion, reasons, facts, now }: AccountCall): Standing {
  // The message reports the end of the call, so everything is over even if the ledger does not answer.
  if (occasion === 'resolved' && facts === null) {
    return { items: [], unlisted: 0, hasDrift: false, hasFailure: false, over: distinct(reasons) };
  }
  const ofDrift = distinct(reasons.filter(isAboutDrift));
  const others = newestFailureOnly(distinct(reasons.filter((reason) => !isAboutDrift(reason))));
  const open = facts?.discrepancies ?? [];
  const calling = open.filter(({ calls, accepted }) => calls && accepted === null);
  const drifts = facts === null ? ofDrift.map(reasonItem) : driftItems(calling, reasons, now);
  const isOver = (reason: InterventionReason): boolean =>
    facts !== null && isAboutFailure(reason) && facts.failure === null;
  const failure = facts?.failure ?? null;
  const remaining = others
    .filter((reason) => !isOver(reason))
    .map((reason) => reasonItemOf(reason, { exchange, failure, now }))
    .toSorted((a, b) => a.rank - b.rank);
  const unlisted = Math.max(0, (facts?.openDiscrepancies ?? 0) - open.length);
  // If not all open differences are known, a reason counts as still open.
  const gone =
    facts === null || unlisted > 0
      ? []
      : ofDrift.filter((reason) => !open.some(({ difference }) => isGivenFor(reason, difference)));
  return {
    items: [
      ...(occasion === 'reason' ? drifts.toSorted((a, b) => Number(b.isCalled) - Number(a.isCalled)) : drifts),
      ...remaining,
    ],
    unlisted,
    hasDrift: drifts.length > 0,
    hasFailure: remaining.some(({ isFailure }) => isFailure),
    over: [...gone, ...others.filter(isOver)],
  };
}

function distinct(reasons: readonly InterventionReason[]): InterventionReason[] {
  return [...new Map(reasons.map((reason) => [`${reason.action} ${reason.text}`, reason])).values()];
}

/** A later streak of failures replaces an earlier one. */
function newestFailureOnly(reasons: readonly InterventionReason[]): InterventionReason[] {
  const newest = reasons.findLast(isAboutFailure);
  return reasons.filter((reason) => !isAboutFailure(reason) || reason === newest);
}
