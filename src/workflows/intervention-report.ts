import { cut } from '../domain/lifecycle/bounded.js';
import { LIMITS } from '../domain/limits/limits.js';
import { code, markdown } from '../domain/text/shown-text.js';
import type { InterventionStatus } from './messages.js';

/** How many of the newest reasons are shown, and how many characters of each. Bounded: every message renders the report. */
const MAX_REASONS = 20;
const MAX_SHOWN = 400;

interface Aside {
  uncounted: number;
  refused: string | null;
}

/** The intervention's current details in the Web UI, in Markdown. Outside text is escaped, so it is never markup. */
export function renderIntervention(status: InterventionStatus, aside: Aside): string {
  return cut(report(status, aside), LIMITS.currentDetails.value);
}

function report(status: InterventionStatus, { uncounted, refused }: Aside): string {
  const answered =
    status.acknowledgedBy === null
      ? `called ${status.notifiedTimes} time(s)`
      : `acknowledged by ${shown(status.acknowledgedBy)}`;
  const earlier = status.reasons.length - MAX_REASONS;
  const reasons = status.reasons
    .slice(-MAX_REASONS)
    .map(({ at, action, text }) => `- ${shown(at)} ${code(cut(action, MAX_SHOWN))} ${shown(text)}`);
  return [
    `**${markdown(status.account)}: ${status.state}**, open since ${status.openedAt}, ${answered}`,
    '',
    ...(earlier > 0 ? [`- ${earlier} earlier reasons`] : []),
    ...reasons,
    ...(uncounted === 0 ? [] : ['', `${uncounted} more reasons: see \`plumbline events ${status.account}\``]),
    ...(refused === null ? [] : ['', shown(refused)]),
  ].join('\n');
}

function shown(text: string): string {
  return markdown(cut(text, MAX_SHOWN));
}
