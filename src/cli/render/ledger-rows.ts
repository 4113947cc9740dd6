import { visible } from '../../domain/text/shown-text.js';
import type { Outcome } from '../../domain/lifecycle/run.js';
import type { DiscrepancyRow, LedgerEvent, RunRow } from '../../ledger/contract/ledger.js';
import { count } from '../terminal/count.js';
import { outcomeMark } from './outcome.js';
import type { Style } from '../terminal/style.js';
import { visibleWidth } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';
import { ago, duration, stamp } from '../terminal/time.js';

/** One line per run, so that a followed list grows line by line. */
export function renderRun(run: RunRow, style: Style): string {
  const took = duration(run.endedAt.getTime() - run.startedAt.getTime());
  return [
    style.faint(stamp(run.startedAt)),
    `#${run.runNumber}`.padStart(6),
    padded(outcomeMark(run.outcome, style), WIDEST_OUTCOME),
    run.trigger.padEnd('schedule'.length),
    took.padStart(7),
    count(run.looks, 'observation').padEnd('10 observations'.length),
    remarks(run).join('; '),
  ]
    .join('  ')
    .trimEnd();
}

const OUTCOMES: readonly Outcome[] = ['matched', 'drifted', 'failed'];
const WIDEST_OUTCOME = Math.max(...OUTCOMES.map((outcome) => outcome.length + 2));

function remarks(run: RunRow): string[] {
  const said: string[] = [];
  if (run.failure !== null) said.push(`${run.failure.kind}: ${run.failure.message}`);
  if (run.discrepancies > 0) said.push(count(run.discrepancies, 'discrepancy', 'discrepancies'));
  if (run.unsettled.length > 0) said.push(`${run.unsettled.length} unconfirmed`);
  if (run.notCompared.length > 0) said.push(`not compared: ${run.notCompared.map(({ scope }) => scope).join(', ')}`);
  return said;
}

export function renderEvent(event: LedgerEvent, style: Style, width: number): string {
  const colour = EVENT_COLOURS[event.type];
  const head = `${style.faint(stamp(event.at))}  ${String(event.sequence).padStart(6)}  ${colour === null ? event.type : style[colour](event.type)}`;
  const room = Math.max(20, width - visibleWidth(head) - 2);
  const fields = Object.entries(event.payload)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const payload = visible(fields);
  return `${head}  ${payload.length > room ? `${payload.slice(0, room - 1)}…` : payload}`.trimEnd();
}

const EVENT_COLOURS: Record<LedgerEvent['type'], 'good' | 'warning' | 'bad' | null> = {
  RECONCILIATION_COMPLETED: null,
  RECONCILIATION_FAILED: 'warning',
  RECONCILIATION_PAUSED: 'warning',
  RECONCILIATION_RESUMED: null,
  MANUAL_INTERVENTION: 'bad',
  DISCREPANCY_RESOLVED: 'good',
  MANUAL_REVIEW_ACKNOWLEDGED: 'good',
  KEY_PERMISSIONS_CHANGED: 'warning',
  ACCOUNT_REGISTERED: null,
  POLICY_CHANGED: null,
  RECONCILIATION_STOPPED: 'warning',
  RECONCILIATION_CANCELLED: 'bad',
  REQUEST_REFUSED: 'warning',
  ACCOUNT_REPAIRED: 'good',
  INTERVENTION_SNOOZED: 'warning',
  DISCREPANCY_ACCEPTED: 'warning',
  ACCEPTANCE_ENDED: 'warning',
};

export function renderDiscrepancy(row: DiscrepancyRow, now: Date, style: Style, width: number): string[] {
  const open = row.state === 'open';
  const seen = `opened ${stamp(row.openedAt)}, seen ${count(row.timesSeen, 'time')}, last ${ago(row.lastSeenAt, now)}`;
  const head = `${open ? style.bad('open') : style.good('resolved')}  ${style.strong(row.type)}`;
  const lines = [head, ...wrap(`  ${row.description}`, width, '  ')];
  if (open) lines.push(...wrap(`  ${style.faint('to fix it:')} ${row.remedy}`, width, '    '));
  if (row.ignoredBy !== null) {
    const rule = `${style.warning('now ignored by a rule')} (${row.ignoredBy})`;
    lines.push(...wrap(`  ${rule}: still open until both sides agree in an observation`, width, '    '));
  }
  if (open && row.accepted !== null) {
    const { by, until, note } = row.accepted;
    const still = until.getTime() > now.getTime();
    const head = still ? style.warning('accepted') : style.faint('no longer accepted');
    lines.push(...wrap(`  ${head} by ${by} until ${stamp(until)}: ${note}`, width, '    '));
  }
  const end = row.resolvedAt === null ? seen : `${seen}; resolved ${stamp(row.resolvedAt)}`;
  return [...lines, ...wrap(style.faint(`  ${end}`), width, '  '), style.faint(`  id ${row.id}`)];
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleWidth(text)));
}
