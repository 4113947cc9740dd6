import { DISCREPANCY_TYPES } from '../../domain/difference/difference.js';
import { stepsText } from '../../domain/lifecycle/advice.js';
import type { InterventionRow } from '../../ledger/contract/ledger.js';
import type { InterventionStatus } from '../../workflows/messages.js';
import type { AnsweredCall } from '../../acts/answer-call.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { fitted, wrap } from '../terminal/table.js';
import { receiptsOf } from './notifications.js';
import { ago, stamp } from '../terminal/time.js';

export function interventionStatusDocument(status: InterventionStatus) {
  return {
    id: status.interventionId,
    account: status.account,
    state: status.state,
    opened_at: status.openedAt,
    reasons: status.reasons,
    notified_times: status.notifiedTimes,
    snoozed_until: status.snoozedUntil,
    acknowledged_by: status.acknowledgedBy,
  };
}

/** As `interventionStatusDocument`, plus whether the workflow or the ledger took the answer. */
export function answeredDocument({ status, withoutWorkflow }: AnsweredCall) {
  return {
    ...interventionStatusDocument(status),
    taken_by: withoutWorkflow === null ? 'workflow' : 'ledger',
    without_workflow: withoutWorkflow,
  };
}

export function withoutWorkflowNote({ status, withoutWorkflow }: AnsweredCall, style: Style): string {
  return (
    `${style.warning('its workflow did not answer')} (${withoutWorkflow}): the ledger took it; ` +
    `see \`plumbline repair ${status.account}\``
  );
}

export function renderInterventions(
  rows: readonly InterventionRow[],
  now: Date,
  style: Style,
  width: number,
): string[] {
  if (rows.length === 0) return [`${style.good('✓')} no intervention is open`];
  return rows.flatMap((row, index) => [...(index === 0 ? [] : ['']), ...renderIntervention(row, now, style, width)]);
}

/** What is open now, if it differs from what the reasons say. */
function standing({ state, reasons, now }: InterventionRow, style: Style, width: number): string[] {
  if (state === 'acknowledged' || !reasons.some(isAboutDrift)) return [];
  const said = reasons.map(({ text }) => text).join('\n');
  const moved = now.filter((description) => !said.includes(description));
  const none = now.length === 0 ? [style.faint('  now: no discrepancy is open')] : [];
  return [...moved.flatMap((description) => wrap(`  ${style.faint('now:')} ${description}`, width, '    ')), ...none];
}

function isAboutDrift({ action }: InterventionRow['reasons'][number]): boolean {
  return (DISCREPANCY_TYPES as readonly string[]).includes(action);
}

function renderIntervention(row: InterventionRow, now: Date, style: Style, width: number): string[] {
  const state = row.state === 'acknowledged' ? style.good(row.state) : style.bad(row.state);
  const lines = [
    ...fitted(
      `${state}  ${style.strong(row.account)}  since ${stamp(row.openedAt)} (${ago(row.openedAt, now)}), ` +
        `notified ${count(row.notifiedTimes, 'time')}`,
      width,
    ),
    ...row.reasons.flatMap((reason) => wrap(`  ${reason.action}  ${reason.text}`, width, '    ')),
    ...standing(row, style, width),
    ...receiptsOf(row.notifications, now, style).flatMap((line) => wrap(`  ${line}`, width, '    ')),
  ];
  if (row.snoozedUntil !== null && row.state === 'snoozed') {
    const who = row.snoozedBy === null ? '' : ` (${row.snoozedBy}: ${row.snoozeNote ?? ''})`;
    lines.push(...wrap(style.faint(`  reminders are silent until ${stamp(row.snoozedUntil)}${who}`), width, '    '));
  }
  if (row.acknowledgedAt !== null) {
    lines.push(...wrap(`  by ${row.acknowledgedBy} at ${stamp(row.acknowledgedAt)}: ${row.note}`, width, '    '));
  } else {
    const isFailure = !row.reasons.some(isAboutDrift) && row.now.length === 0;
    const steps = stepsText(row.account, { isFailure, isCalled: true });
    lines.push(...wrap(`  ${style.faint('what to do:')} ${steps}`, width, '    '));
  }
  return lines;
}
