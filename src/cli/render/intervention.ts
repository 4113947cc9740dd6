import type { InterventionRow } from '../../ledger/ledger.js';
import type { InterventionStatus } from '../../workflows/messages.js';
import { count } from './comparison.js';
import type { Style } from './style.js';
import { wrap } from './table.js';
import { ago, stamp } from './time.js';

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

export function renderInterventions(
  rows: readonly InterventionRow[],
  now: Date,
  style: Style,
  width: number,
): string[] {
  if (rows.length === 0) return [`${style.good('✓')} no call for a human is open`];
  return rows.flatMap((row, index) => [...(index === 0 ? [] : ['']), ...renderIntervention(row, now, style, width)]);
}

function renderIntervention(row: InterventionRow, now: Date, style: Style, width: number): string[] {
  const state = row.state === 'acknowledged' ? style.good(row.state) : style.bad(row.state);
  const lines = [
    `${state}  ${style.strong(row.account)}  since ${stamp(row.openedAt)} (${ago(row.openedAt, now)}), ` +
      `notified ${count(row.notifiedTimes, 'time')}`,
    ...row.reasons.flatMap((reason) => wrap(`  ${reason.action}  ${reason.text}`, width, '    ')),
  ];
  if (row.snoozedUntil !== null && row.state === 'snoozed') {
    lines.push(style.faint(`  reminders are silent until ${stamp(row.snoozedUntil)}`));
  }
  if (row.acknowledgedAt !== null) {
    lines.push(...wrap(`  by ${row.acknowledgedBy} at ${stamp(row.acknowledgedAt)}: ${row.note}`, width, '    '));
  } else {
    lines.push(style.faint(`  plumbline acknowledge ${row.account} --note "what was found and done"`));
  }
  return lines;
}
