import type { Present } from '../../acts/present.js';
import { presentWords } from '../../report/present-document.js';
import type { Style } from '../terminal/style.js';
import { sentences, type Terminal } from '../terminal/table.js';

/** "gate: CLOSED, 1 discrepancy is open: ...", and what to do next. */
export function presentLines(present: Present, style: Style, output: Terminal): string[] {
  const { state, details, next } = presentWords(present);
  const name = { open: style.good('OPEN'), closed: style.bad('CLOSED'), unknown: style.warning('NOT KNOWN') }[state];
  const gate = `gate: ${name}${details === '' ? '' : `, ${details}`}`;
  return sentences(next === null ? [gate] : [gate, style.faint(`next: ${next}`)], output);
}
