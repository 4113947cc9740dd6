import { notComparedName, type Comparison } from '../../domain/compare/observation.js';
import { differenceDocument } from '../../report/documents.js';
import { notComparedText } from '../../report/not-compared.js';
import type { ComparisonAnswer, DescribedDifference } from '../../observe/answer.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { titled, wrap } from '../terminal/table.js';

/** The JSON form that scripts rely on. */
export function comparisonDocument({ outcome, differences, comparison }: ComparisonAnswer) {
  return {
    outcome,
    differences: differences.map((each) => differenceDocument(each.difference, each)),
    coverage: {
      compared: comparison.compared,
      not_compared: comparison.notCompared.map(notComparedName),
      complete: comparison.notCompared.length === 0,
      reasons: comparison.notCompared.map(notComparedText),
    },
    ignored: comparison.ignored,
    rows_not_compared: comparison.uncompared,
  };
}

/** The differences, then what was compared, not compared and left out, as lines. */
export function renderComparison(answer: ComparisonAnswer, style: Style, width: number): string[] {
  const { comparison, differences } = answer;
  return [
    headline(answer, style),
    ...differences.flatMap((each) => ['', ...renderDifference(each, style, width)]),
    '',
    ...titled(
      [
        ['compared', comparison.compared.join(', ')],
        ...comparison.notCompared.map((gap) => [style.warning('not compared'), notComparedText(gap)]),
        ...moreThanBots(comparison).map((line) => ['accepted', line]),
        ...leftOut(comparison).map((line) => [style.warning('left out'), line]),
        ...comparison.inconsistent.map((symbol) => [
          style.warning('moved'),
          `${symbol}: it moved while it was read, so this observation proves nothing about it`,
        ]),
      ],
      width,
    ),
  ];
}

function headline({ outcome, differences, comparison }: ComparisonAnswer, style: Style): string {
  const gaps = comparison.notCompared.length;
  if (outcome === 'matched' && gaps > 0) {
    const agree = 'both sides agree on what was compared';
    return `${style.good('✓ matched')}${style.warning(` with ${count(gaps, 'gap')}`)}  ${agree}`;
  }
  if (outcome === 'matched') return `${style.good('✓ matched')}  both sides agree on everything that was compared`;
  return `${style.bad('✗ drifted')}  ${count(differences.length, 'difference')}`;
}

/** A difference as lines: type, description and remedy. */
export function renderDifference(each: DescribedDifference, style: Style, width: number): string[] {
  return [
    style.bad(each.difference.type),
    ...wrap(`  ${each.description}`, width, '  '),
    ...wrap(`  ${style.faint('to fix it:')} ${each.remedy}`, width, '    '),
  ];
}

const AT_LEAST = 'at_least ';
/** Currencies that are named. */
const NAMED = 10;

/** Balances that the rule `at_least` accepted: they were compared, and the exchange holds more. */
function moreThanBots({ ignored }: Comparison): string[] {
  const currencies = Object.keys(ignored).flatMap((rule) =>
    rule.startsWith(AT_LEAST) ? [rule.slice(AT_LEAST.length)] : [],
  );
  if (currencies.length === 0) return [];
  const more = currencies.length - NAMED;
  const named = `${currencies.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [`the exchange holds more ${named} than the bot's state says (at_least)`];
}

function leftOut({ ignored, uncompared }: Comparison): string[] {
  const rest = Object.entries(ignored).filter(([rule]) => !rule.startsWith(AT_LEAST));
  const rules = rest.map(([rule, rows]) => `${count(rows, 'row')} by the ignore rule "${rule}"`);
  const outside = (['exchange', 'internal'] as const)
    .filter((side) => uncompared[side] > 0)
    .map((side) => `${count(uncompared[side], 'row')} of the ${side} side, in scopes that were not compared`);
  return [...rules, ...outside];
}
