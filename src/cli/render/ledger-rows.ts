import { decisionText } from '../../domain/policy/drift-words.js';
import { notComparedName } from '../../domain/compare/observation.js';
import { eventSentence } from '../../report/event-sentence.js';
import type { DiscrepancyRow, LedgerEvent, RunRow } from '../../ledger/contract/ledger.js';
import { count } from '../terminal/count.js';
import { outcomeMark } from './outcome.js';
import type { Style } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';
import { ago, duration, stamp } from '../terminal/time.js';
import { breakable, shortened, visibleWidth } from '../terminal/width.js';

/** The names of the columns of `renderRun`. */
export function runHeader(style: Style, width: number): string {
  return style.faint(
    [
      'STARTED'.padEnd(20),
      'RUN'.padStart(6),
      ...columnsOf(width).map(({ name, room }) => name.padEnd(room)),
      'REMARKS',
    ].join(GAP),
  );
}

/**
 * A run as one line of at most `width` columns, so that a followed list grows line by line. On a narrow terminal the less
 * important columns are left out, and a long remark is cut.
 */
export function renderRun(run: RunRow, style: Style, width: number): string {
  const head = [
    style.faint(stamp(run.startedAt)),
    `#${run.runNumber}`.padStart(6),
    ...columnsOf(width).map(({ cell, room }) => padded(cell(run, style), room)),
  ].join(GAP);
  const room = Math.max(LEAST_REMARK, width - visibleWidth(head) - GAP.length);
  return `${head}${GAP}${shortened(remarks(run).join('; '), room)}`.trimEnd();
}

interface RunColumn {
  name: string;
  room: number;
  /** The terminal needs this width, otherwise the column is left out. */
  from: number;
  cell: (run: RunRow, style: Style) => string;
}

const GAP = '  ';
const LEAST_REMARK = 20;
const COLUMNS: readonly RunColumn[] = [
  {
    name: 'VERDICT',
    room: '✓ matched'.length,
    from: 0,
    cell: ({ outcome }, style) => outcomeMark(outcome, style),
  },
  { name: 'TRIGGER', room: 'schedule'.length, from: 100, cell: ({ trigger }) => trigger },
  {
    name: 'TOOK',
    room: '59m 59s'.length,
    from: 90,
    cell: ({ startedAt, endedAt }) => duration(endedAt.getTime() - startedAt.getTime()),
  },
  { name: 'OBSERVATIONS', room: 'OBSERVATIONS'.length, from: 120, cell: ({ looks }) => String(looks) },
];

function columnsOf(width: number): readonly RunColumn[] {
  return COLUMNS.filter(({ from }) => width >= from);
}

function remarks(run: RunRow): string[] {
  const said: string[] = [];
  if (run.failure !== null) said.push(`${run.failure.kind}: ${run.failure.message}`);
  if (run.discrepancies > 0) said.push(count(run.discrepancies, 'discrepancy', 'discrepancies'));
  if (run.unsettled.length > 0) said.push(`${run.unsettled.length} unconfirmed`);
  if (run.notCompared.length > 0)
    said.push(`${count(run.notCompared.length, 'gap')}: ${run.notCompared.map(notComparedName).join(', ')}`);
  return said;
}

/** An event as a sentence, in lines of at most `width` columns. A sentence longer than `MAX_SENTENCE` is cut. */
export function renderEvent(event: LedgerEvent, style: Style, width: number): string[] {
  const colour = EVENT_COLOURS[event.type];
  const head = `${stamp(event.at)}  ${`#${event.sequence}`.padStart(6)}  `;
  const indent = ' '.repeat(head.length);
  const lineWidth = Math.max(60, width);
  const words = shortened(eventSentence(event), MAX_SENTENCE).split(' ');
  const cut = (word: string): string =>
    breakable(word)
      .map((part) => shortened(part, lineWidth - indent.length))
      .join('');
  const sentence = words.map(cut).join(' ');
  const [first = '', ...others] = wrap(indent + sentence, lineWidth, indent);
  const coloured = (line: string): string => (colour === null ? line : style[colour](line));
  return [
    style.faint(head) + coloured(first.slice(head.length)),
    ...others.map((line) => indent + coloured(line.slice(indent.length))),
  ];
}

const MAX_SENTENCE = 240;

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
  NOTIFICATION_DELIVERED: null,
  NOTIFICATION_FAILED: 'bad',
};

/** A discrepancy as lines: state, description, remedy, and the rule or acceptance that applies to it. */
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
  if (row.decision !== null)
    lines.push(...wrap(`  ${style.faint('policy:')} ${decisionText(row.decision)}`, width, '    '));
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
