import { notComparedName, type NotCompared } from '../domain/compare/observation.js';

/** A scope, or a symbol in it, that was not compared, and why, in one line. */
export function notComparedText(gap: NotCompared): string {
  if (gap.code === 'SWITCHED_OFF' || gap.code === 'ATTACHED_ORDER') return `${notComparedName(gap)}: ${gap.reason}`;
  if (gap.code !== undefined) {
    const where =
      gap.missing === 'both' ? 'both sides' : gap.missing === 'exchange' ? 'the exchange' : 'internal state';
    return `${notComparedName(gap)}: ${gap.code} on ${where} (${gap.reason})`;
  }
  const silent = gap.missing === 'both' ? 'neither side answered' : `the ${gap.missing} side did not answer`;
  return `${notComparedName(gap)}: ${silent} (${gap.reason})`;
}
