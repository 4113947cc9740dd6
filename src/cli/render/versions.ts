import type { VersionRow, Versions, VersionState } from '../versions/worker-versions.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { columns, wrap } from '../terminal/table.js';
import { ago, duration } from '../terminal/time.js';

/** The JSON of `versions`. A `build` of null stands for workers without a version. */
export function versionsDocument(deployment: string, { rows, previous }: Versions) {
  return {
    deployment,
    previous: previous === undefined ? null : { build: previous?.buildId ?? null },
    versions: rows.map((row) => ({
      build: row.version?.buildId ?? null,
      state: row.state,
      workers: row.workers,
      current_at: row.currentAt?.toISOString() ?? null,
      may_be_stopped: mayBeStopped(row, rows),
    })),
  };
}

/** Only if a worker of the current version runs: otherwise these may be needed for a rollback. */
function mayBeStopped({ state, workers }: VersionRow, rows: readonly VersionRow[]): boolean {
  return state === 'drained' && workers > 0 && rows.some((row) => row.state === 'current' && row.workers > 0);
}

const STATES: Record<VersionState, string> = {
  current: 'current: gets the work',
  ramping: 'ramping: gets a share of the work',
  waiting: 'not promoted: gets no work',
  draining: 'draining: gets no work, wait a few minutes',
  drained: 'drained: gets no work',
};

export function renderVersions(
  deployment: string,
  { rows }: Versions,
  { style, width, now }: { style: Style; width: number; now: Date },
): string[] {
  const head = ['VERSION', 'WORKERS', 'CURRENT', 'STATE'].map((title) => style.faint(title));
  const lines = columns([head, ...rows.map((row) => cells(row, rows, { style, now }))]);
  return [
    style.faint(`worker deployment ${deployment}`),
    ...lines,
    ...remarks(rows).flatMap((text) => wrap(text, width, '  ')),
  ];
}

function cells(row: VersionRow, rows: readonly VersionRow[], { style, now }: { style: Style; now: Date }): string[] {
  return [
    style.strong(row.version?.buildId ?? '(without a version)'),
    String(row.workers),
    when(row, now),
    `${STATES[row.state]}${mayBeStopped(row, rows) ? ', may be stopped' : ''}`,
  ];
}

function when({ state, currentAt }: VersionRow, now: Date): string {
  if (currentAt === null) return state === 'waiting' ? 'never' : '?';
  return state === 'current' ? `for ${duration(now.getTime() - currentAt.getTime())}` : ago(currentAt, now);
}

function remarks(rows: readonly VersionRow[]): string[] {
  const current = rows.find(({ state }) => state === 'current');
  const waiting = rows.filter(({ state, workers }) => state === 'waiting' && workers > 0);
  const lines: string[] = [];
  if (current !== undefined && current.workers === 0) {
    lines.push(
      'No worker of the current version runs, so nothing is checked: start one, or promote a version that runs.',
    );
  }
  for (const { version, workers } of waiting) {
    lines.push(
      `${count(workers, 'worker')} of ${version?.buildId} ${workers === 1 ? 'waits' : 'wait'}: plumbline versions promote ${version?.buildId}`,
    );
  }
  return lines;
}
