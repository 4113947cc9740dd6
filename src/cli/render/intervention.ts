import type { InterventionRow } from '../../ledger/contract/ledger.js';
import type { InterventionStatus } from '../../workflows/messages.js';
import type { AnsweredCall } from '../steps/answer-intervention.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';
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
    // In the order in which the steps are safe: acknowledging comes last.
    lines.push(
      style.faint(`  see:   plumbline discrepancies ${row.account}; plumbline runs ${row.account}`),
      style.faint(`  fix it, then run:  plumbline run ${row.account}`),
      style.faint(`  last:  plumbline acknowledge ${row.account} --note "what was found and done"`),
    );
  }
  return lines;
}
