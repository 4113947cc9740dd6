import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import { stepsText } from '../domain/lifecycle/advice.js';
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
  /** The account's page; null if none is configured. */
  link: string | null;
}

/** The intervention's current details in the Web UI, in Markdown. Outside text is escaped, so it is never markup. */
export function renderIntervention(status: InterventionStatus, aside: Aside): string {
  return cut(report(status, aside), LIMITS.currentDetails.value);
}

function report(status: InterventionStatus, { uncounted, refused, link }: Aside): string {
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
    // Above the reasons, because these may be cut.
    ...(status.acknowledgedBy === null && status.standing ? [adviceLine(status), ''] : []),
    ...(earlier > 0 ? [`- ${earlier} earlier reasons`] : []),
    ...reasons,
    ...(status.snoozedUntil === null || status.acknowledgedBy !== null ? [] : ['', snoozeLine(status)]),
    ...(status.standing || status.acknowledgedBy !== null
      ? []
      : ['', 'No discrepancy is open any more. The call stays open until somebody acknowledges it.']),
    ...(status.channels.length === 0 ? [] : ['', channelsLine(status)]),
    ...(uncounted === 0 ? [] : ['', `${uncounted} more reasons: see \`plumbline events ${status.account}\``]),
    ...(refused === null ? [] : ['', shown(refused)]),
    ...(link === null ? [] : ['', `[See the state](${link})`]),
  ].join('\n');
}

/** The same steps as everywhere else. An account's name needs no escaping in Markdown. */
function adviceLine({ account, reasons }: InterventionStatus): string {
  const types: readonly string[] = DISCREPANCY_TYPES;
  const isFailure = !reasons.some(({ action }) => types.includes(action));
  return `What to do: ${stepsText(account, { isFailure, isCalled: true })}`;
}

function snoozeLine({ snoozedUntil, snoozedBy, snoozeNote }: InterventionStatus): string {
  const who = snoozedBy === null ? '' : ` by ${shown(snoozedBy)}: ${shown(snoozeNote ?? '')}`;
  return `Snoozed until ${snoozedUntil}${who}`;
}

const STATES = {
  waiting: 'not delivered yet',
  delivered: 'delivered',
  failed: 'refused',
  held: 'waits for the end of the quiet hours',
} as const;

function channelsLine({ channels }: InterventionStatus): string {
  return `Channels: ${channels.map(({ channel, state }) => `${shown(channel)} (${STATES[state]})`).join(', ')}`;
}

function shown(text: string): string {
  return markdown(cut(text, MAX_SHOWN));
}
