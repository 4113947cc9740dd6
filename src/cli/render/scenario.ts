import type { Act, ActResult, Claim, Verdict } from '@plumbline/dev-stack';
import { count } from '../terminal/count.js';
import { outcomeMark } from './outcome.js';
import type { Style } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';

const indent = '    ';

export function renderActTitle(number: number, { title, description }: Act, style: Style, width: number): string[] {
  const lines = wrap(`${indent}${description}`, width, indent);
  return ['', `${String(number).padStart(2)}  ${style.strong(title)}`, ...lines.map((line) => style.faint(line))];
}

/** The result of the act; a claim that the verdict itself reports is shown only if it does not hold. */
export function renderActResult({ runs, claims }: ActResult, style: Style, width: number): string[] {
  const shown = claims.filter(({ holds, implied }) => !holds || !implied);
  return [...runs.flatMap((run) => renderRun(run, style, width)), ...shown.map((claim) => renderClaim(claim, style))];
}

function renderRun(run: Verdict, style: Style, width: number): string[] {
  const lines = [
    `${indent}${outcomeMark(run.outcome, style)}  run ${run.runNumber}, ${count(run.looks, 'observation')}`,
  ];
  for (const { type, description } of run.opened) {
    lines.push(`${indent}  ${style.warning(type)}`, ...wrap(`${indent}  ${description}`, width, `${indent}  `));
  }
  if (run.failure !== null) {
    lines.push(...wrap(`${indent}  ${run.failure.kind}: ${run.failure.message}`, width, `${indent}  `));
  }
  return lines;
}

function renderClaim({ text, holds, seen }: Claim, style: Style): string {
  return holds ? `${indent}${style.good('✓')} ${text}` : `${indent}${style.bad(`✗ ${text}`)} (seen: ${seen})`;
}
