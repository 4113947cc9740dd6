import type { InterventionStatus } from './messages.js';

/** The intervention's current details in the Web UI, in Markdown. */
export function renderIntervention(
  status: InterventionStatus,
  { uncounted, refused }: { uncounted: number; refused: string | null },
): string {
  const answered =
    status.acknowledgedBy === null
      ? `called ${status.notifiedTimes} time(s)`
      : `acknowledged by ${status.acknowledgedBy}`;
  const reasons = status.reasons.map(({ at, action, text }) => `- ${at} \`${action}\` ${text}`);
  return [
    `**${status.account}: ${status.state}**, open since ${status.openedAt}, ${answered}`,
    '',
    ...reasons,
    ...(uncounted === 0 ? [] : ['', `${uncounted} more reasons: see \`plumbline events ${status.account}\``]),
    ...(refused === null ? [] : ['', refused]),
  ].join('\n');
}
