import type { DecidedDrift, DriftDecision } from './drift-rules.js';

/** A decision in one line: "record, the trading gate stays open (by drift rule 2; worth 12.5 at a price of 62500)". */
export function decisionText(decision: DecidedDrift): string {
  const { rule, price, value } = decision;
  const by = rule === null ? 'no drift rule fits, so intervene_on decides' : `by drift rule ${rule}`;
  const worth =
    value === null ? 'of unknown value' : `worth ${value}${price === null ? '' : ` at a price of ${price}`}`;
  return `${outcomeText(decision)} (${by}; ${worth})`;
}

/** "record, the trading gate stays open". */
export function outcomeText({ action, closeGate }: Pick<DriftDecision, 'action' | 'closeGate'>): string {
  return `${action}, the trading gate ${closeGate ? 'closes' : 'stays open'}`;
}
