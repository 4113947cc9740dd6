import type { Outcome, RecordedRun } from '../../domain/lifecycle/run.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { fitted, wrap } from '../terminal/table.js';

/** For a request that reached Temporal but no worker. */
export const LEFT_WITH_TEMPORAL = 'no worker answered in time; Temporal keeps the request until one does';

/** @param gaps scopes and symbols that the run did not compare: a match is shown with them */
export function outcomeMark(outcome: Outcome, style: Style, gaps = 0): string {
  switch (outcome) {
    case 'matched':
      return style.good('✓ matched') + (gaps === 0 ? '' : style.warning(` with ${count(gaps, 'gap')}`));
    case 'drifted':
      return style.bad('✗ drifted');
    case 'failed':
      return style.warning('! failed');
  }
}

/** The verdict of a run, for the person who requested it. */
export function renderRecordedRun(account: string, run: RecordedRun, style: Style, width: number): string[] {
  const lines = [
    ...fitted(
      `${outcomeMark(run.outcome, style, run.notCompared.length)}  ${style.strong(account)}  run ${run.runNumber}, ${count(run.looks, 'observation')}`,
      width,
    ),
  ];
  if (run.failure !== null) {
    lines.push(...wrap(`  ${run.failure.kind}: ${run.failure.message}`, width, '  '));
    lines.push(...wrap(`  ${style.faint('what to do:')} ${run.failure.remedy}`, width, '    '));
  }
  for (const [type, number] of Object.entries(run.byType)) lines.push(`  ${style.bad(type)}  ${number}`);
  for (const { type, description } of run.opened)
    lines.push(...wrap(`  new: ${type}  ${description}`, width, '       '));
  if (run.opened.length > 0) {
    lines.push(...fitted(style.faint(`  \`plumbline discrepancies ${account}\` shows each with its remedy`), width));
  }
  if (run.resolved > 0) lines.push(`  ${style.good(`${run.resolved} resolved`)}`);
  if (run.unsettled > 0) {
    lines.push(
      ...fitted(
        style.warning(
          `  ${count(run.unsettled, 'key')} not confirmed: it is not known whether both sides agree on them`,
        ),
        width,
        '    ',
      ),
    );
  }
  if (run.openDiscrepancies > 0) lines.push(`  ${count(run.openDiscrepancies, 'discrepancy', 'discrepancies')} open`);
  if (run.notCompared.length > 0) {
    lines.push(...wrap(`  ${style.warning('not compared:')} ${run.notCompared.join(', ')}`, width, '    '));
  }
  return lines;
}
