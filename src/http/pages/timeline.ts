import type { Timeline, TimelineRequest, TimelineSpan } from '../../ledger/contract/ledger.js';
import { html, type Html } from './html.js';
import { counted } from './page.js';
import { shortStamp, spanText, stampText } from './times.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The spans that people choose from, with the length of one cell. */
export const RANGES = {
  day: { words: 'Day', rangeMs: DAY_MS, cellMs: 30 * MINUTE_MS },
  week: { words: 'Week', rangeMs: 7 * DAY_MS, cellMs: 3 * HOUR_MS },
  month: { words: 'Month', rangeMs: 30 * DAY_MS, cellMs: 12 * HOUR_MS },
} as const;
export type Range = keyof typeof RANGES;

export interface TimelineFrame {
  range: Range;
  /** The start of the first cell. */
  from: Date;
  cellMs: number;
  cells: number;
}

/** How many runs a timeline reads at most. */
const MAX_RUNS = 50_000;

/** The cells that end with the present one. A cell is never shorter than the account's interval, so that a healthy row has no holes. */
export function frameOf(range: Range, intervalMinutes: number, now: Date): TimelineFrame {
  const { rangeMs, cellMs: usual } = RANGES[range];
  const cellMs = Math.max(usual, Math.ceil((intervalMinutes * MINUTE_MS) / usual) * usual);
  const cells = Math.max(1, Math.ceil(rangeMs / cellMs));
  const end = Math.floor(now.getTime() / cellMs) * cellMs + cellMs;
  return { range, from: new Date(end - cells * cellMs), cellMs, cells };
}

/** Reads twice the scheduled runs, because people request some. */
export function requestOf({ from, cellMs, cells }: TimelineFrame, intervalMinutes: number): TimelineRequest {
  const scheduled = (cellMs * cells) / (Math.max(intervalMinutes, 0.1) * MINUTE_MS);
  return { from, spanSeconds: cellMs / 1_000, maxRuns: Math.min(MAX_RUNS, Math.ceil(scheduled * 2) + 200) };
}

type CellKind = 'matched' | 'gaps' | 'drifted' | 'failed' | 'none' | 'before' | 'unread';

export interface TimelineView {
  account: string;
  timeline: Timeline;
  frame: TimelineFrame;
  registeredAt: Date;
  now: Date;
}

/** The runs as a row of cells. The kinds differ in height and pattern, not only in colour. */
export function timelineSection({ account, timeline, frame, registeredAt, now }: TimelineView): Html {
  const spans = new Map(timeline.spans.map((span) => [span.index, span]));
  const cells = Array.from({ length: frame.cells }, (_, index) => {
    const from = new Date(frame.from.getTime() + index * frame.cellMs);
    const to = new Date(from.getTime() + frame.cellMs);
    return cell(account, { span: spans.get(index) ?? null, from, to, registeredAt, cutAt: timeline.cutAt });
  });
  const totals = timeline.spans.reduce(
    (sum, span) => ({
      matched: sum.matched + span.matched,
      drifted: sum.drifted + span.drifted,
      failed: sum.failed + span.failed,
    }),
    { matched: 0, drifted: 0, failed: 0 },
  );
  const all = totals.matched + totals.drifted + totals.failed;
  const words =
    all === 0
      ? 'No run ended in this time.'
      : `${counted(all, 'run')}: ${[
          [totals.matched, 'matched'],
          [totals.drifted, 'drifted'],
          [totals.failed, 'failed'],
        ]
          .map(([count, what]) => `${count?.toLocaleString('en')} ${what}`)
          .join(', ')}.`;
  return html`<div class="section-head">
      <h2>Runs</h2>
      <nav class="ranges" aria-label="Length of the timeline">
        ${(Object.keys(RANGES) as Range[]).map((range) => html`<a href="?range=${range}#runs" ${range === frame.range ? html`aria-current="true"` : null}>${RANGES[range].words}</a>`)}
      </nav>
    </div>
    <p class="faint">
      ${words} One cell is
      ${spanText(frame.cellMs)}.${timeline.cutAt === null ? null : ` Runs before ${stampText(timeline.cutAt)} were not read.`}
    </p>
    <ol class="timeline" data-cells="${frame.cells}">
      ${cells}
    </ol>
    <p class="timeline-ends faint"><span>${shortStamp(frame.from)}</span><span>${shortStamp(now)} (now)</span></p>
    <ul class="legend faint" aria-label="Meaning of the cells">
      <li><span class="cell matched"></span> matched</li>
      <li><span class="cell gaps"></span> matched, with gaps</li>
      <li><span class="cell drifted"></span> drifted</li>
      <li><span class="cell failed"></span> failed: not known</li>
      <li><span class="cell none"></span> no run</li>
    </ul>`;
}

interface Cell {
  span: TimelineSpan | null;
  from: Date;
  to: Date;
  registeredAt: Date;
  cutAt: Date | null;
}

function cell(account: string, { span, from, to, registeredAt, cutAt }: Cell): Html {
  const kind = kindOf({ span, from, to, registeredAt, cutAt });
  const when = `${shortStamp(from)} to ${shortStamp(to).slice(6)}`;
  const text = `${when}: ${wordsOf(kind, span)}`;
  if (span === null || (kind !== 'drifted' && kind !== 'failed')) {
    return html`<li>
      <span class="cell ${kind}" title="${text}"><span class="visually-hidden">${text}</span></span>
    </li>`;
  }
  return html`<li>
    <a class="cell ${kind}" href="${account}/runs/${span.worstRun}" title="${text}"
      ><span class="visually-hidden">${text}</span></a
    >
  </li>`;
}

function kindOf({ span, to, from, registeredAt, cutAt }: Cell): CellKind {
  if (span === null) {
    if (to <= registeredAt) return 'before';
    return cutAt !== null && from < cutAt ? 'unread' : 'none';
  }
  if (span.drifted > 0) return 'drifted';
  if (span.failed > 0) return 'failed';
  return span.matchedWithGaps > 0 ? 'gaps' : 'matched';
}

function wordsOf(kind: CellKind, span: TimelineSpan | null): string {
  if (span === null) return NO_RUN_WORDS[kind] ?? 'no run';
  const { matched, matchedWithGaps, drifted, failed } = span;
  const parts = [
    matched > 0 ? `${matched} matched${matchedWithGaps > 0 ? ` (${matchedWithGaps} with gaps)` : ''}` : null,
    drifted > 0 ? `${drifted} drifted` : null,
    failed > 0 ? `${failed} failed` : null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

const NO_RUN_WORDS: Partial<Record<CellKind, string>> = { before: 'not registered yet', unread: 'not read' };
