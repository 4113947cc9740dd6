import type { Comparison } from '../../domain/compare/observation.js';
import { differenceDocument } from '../../report/documents.js';
import { notComparedText } from '../../report/not-compared.js';
import type { ComparisonAnswer, DescribedDifference } from '../../observe/answer.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { columns, wrap } from '../terminal/table.js';

/** The JSON form that scripts rely on. */
export function comparisonDocument({ outcome, differences, comparison }: ComparisonAnswer) {
  return {
    outcome,
    differences: differences.map((each) => differenceDocument(each.difference, each)),
    coverage: {
      compared: comparison.compared,
      not_compared: comparison.notCompared.map((gap) => gap.scope),
    },
  };
}

export function renderComparison(answer: ComparisonAnswer, style: Style, width: number): string[] {
  const { comparison, differences } = answer;
  return [
    headline(answer, style),
    ...differences.flatMap((each) => ['', ...renderDifference(each, style, width)]),
    '',
    ...columns([
      ['compared', comparison.compared.join(', ')],
      ...comparison.notCompared.map((gap) => [style.warning('not compared'), notComparedText(gap)]),
      ...leftOut(comparison).map((line) => [style.warning('left out'), line]),
      ...comparison.inconsistent.map((symbol) => [
        style.warning('moved'),
        `${symbol}: it moved while it was read, so this observation proves nothing about it`,
      ]),
    ]),
  ];
}

function headline({ outcome, differences }: ComparisonAnswer, style: Style): string {
  if (outcome === 'matched') return `${style.good('✓ matched')}  both sides agree on everything that was compared`;
  return `${style.bad('✗ drifted')}  ${count(differences.length, 'difference')}`;
}

export function renderDifference(each: DescribedDifference, style: Style, width: number): string[] {
  return [
    style.bad(each.difference.type),
    ...wrap(`  ${each.description}`, width, '  '),
    ...wrap(`  ${style.faint('to fix it:')} ${each.remedy}`, width, '    '),
  ];
}

function leftOut({ ignored, uncompared }: Comparison): string[] {
  const rules = Object.entries(ignored).map(([rule, rows]) => `${count(rows, 'row')} by the ignore rule "${rule}"`);
  const outside = (['exchange', 'internal'] as const)
    .filter((side) => uncompared[side] > 0)
    .map((side) => `${count(uncompared[side], 'row')} of the ${side} side, in scopes that were not compared`);
  return [...rules, ...outside];
}
