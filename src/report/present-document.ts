import type { Present } from '../acts/present.js';
import { stepsText } from '../domain/lifecycle/advice.js';
import { discrepancyDocument, interventionDocument, tradingGateDocument } from './documents.js';

/** What is true of an account after an act, in the form for programs. */
export function presentDocument(present: Present) {
  return {
    gate: present.gate === null ? null : tradingGateDocument(present.gate),
    standing: present.standing.map(discrepancyDocument),
    standing_count: present.standingCount,
    intervention: present.intervention === null ? null : interventionDocument(present.intervention),
  };
}

/** The same in words. */
export interface PresentWords {
  state: 'open' | 'closed' | 'unknown';
  /** "1 discrepancy is open: ..."; empty if the gate is open and nothing is accepted. */
  details: string;
  /** What to do, in the order that is safe: look, fix, run, acknowledge. Null if nothing has to be done. */
  next: string | null;
}

export function presentWords({ account, gate, standing, standingCount, intervention }: Present): PresentWords {
  if (gate === null) return { state: 'unknown', details: 'the ledger does not answer; treat it as closed', next: null };
  const accepted = gate.accepted === 0 ? null : `${gate.accepted} accepted for now`;
  const shown = standing.slice(0, MAX_SHOWN).map(({ description }) => description);
  const more = standingCount > shown.length ? [`and ${standingCount - shown.length} more`] : [];
  const open =
    standingCount === 0
      ? null
      : `${standingCount === 1 ? '1 discrepancy is open' : `${standingCount} discrepancies are open`}: ${[...shown, ...more].join('; ')}`;
  // The gate's own line about open discrepancies would say the same again.
  const reasons = gate.reasons.filter((reason) => open === null || !/^\d+ discrepanc(y is|ies are) open/.test(reason));
  const details = [open, ...reasons, accepted].filter((part) => part !== null).join('; ');
  if (gate.open) return { state: 'open', details, next: null };
  const isCalling = intervention !== null && intervention.state !== 'acknowledged';
  const next = stepsText(account, { isFailure: standingCount === 0, isCalled: isCalling });
  return { state: 'closed', details, next };
}

/** "gate: CLOSED, 1 discrepancy is open: ...", in one line. */
export function gateSentence(present: Present): string {
  const { state, details } = presentWords(present);
  const gate = { open: 'OPEN', closed: 'CLOSED', unknown: 'NOT KNOWN' }[state];
  return `gate: ${gate}${details === '' ? '' : `, ${details}`}`;
}

const MAX_SHOWN = 3;
