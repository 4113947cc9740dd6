import type { NotCompared } from '../domain/compare/observation.js';

/** A scope that was not compared, and why, in one line. */
export function notComparedText(gap: NotCompared): string {
  const silent = gap.missing === 'both' ? 'neither side answered' : `the ${gap.missing} side did not answer`;
  return `${gap.scope}: ${silent} (${gap.reason})`;
}
