import type { AccountCheck, Check, CheckState } from '../check/check-answer.js';
import type { ReadCost } from '../check/check-cost.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { columns, fitted, wrap } from '../terminal/table.js';
import { visibleWidth } from '../terminal/width.js';

/** A line of the table, also for checks that belong to no account. */
export type Reported = Pick<Check, 'state' | 'text' | 'remedy'> & { name: string };

/** One account: its verdict, each check in one line, and the cost of each scope. */
export function renderCheck(answer: AccountCheck, style: Style, width: number): string[] {
  const verdict = answer.ready ? style.good('✓ a run would succeed') : style.bad('✗ a run would fail');
  const { id } = answer.account.exchange;
  const place = answer.environment === 'live' ? id : `${id} (${answer.environment})`;
  return [
    ...fitted(`${style.strong(answer.account.name)}  ${place}  ${verdict}`, width),
    ...renderReported(
      answer.checks.map(({ check, ...reported }) => ({ name: check, ...reported })),
      style,
      width,
    ),
    ...(answer.cost === null ? [] : ['', ...renderCost(answer.cost, style, width)]),
  ];
}

/** Checks as lines of at most `width` columns, each with its remedy if it has one. */
export function renderReported(reported: readonly Reported[], style: Style, width: number): string[] {
  const nameWidth = Math.max(...reported.map(({ name }) => name.length));
  const indent = ' '.repeat(nameWidth + 6);
  return reported.flatMap(({ name, state, text, remedy }) => {
    const [first = '', ...rest] = wrap(`${indent}${text}`, width, indent);
    const title = `  ${mark(state, style)} ${name}${' '.repeat(nameWidth - name.length)}  `;
    const lines = [title + first.slice(indent.length), ...rest];
    return remedy === null
      ? lines
      : [...lines, ...wrap(`${indent}${style.faint('what to do:')} ${remedy}`, width, indent)];
  });
}

function mark(state: CheckState, style: Style): string {
  switch (state) {
    case 'ok':
      return style.good('✓');
    case 'note':
      return style.faint('·');
    case 'warning':
      return style.warning('!');
    case 'failed':
      return style.bad('✗');
    case 'skipped':
      return style.faint('-');
  }
}

function renderCost(cost: ReadCost, style: Style, width: number): string[] {
  const header = ['  SCOPES', 'FOUND', 'CALLS', 'WEIGHT'].map((title) => style.faint(title));
  const numbers = cost.parts.map(({ scopes, found, calls, weight }) => [
    scopes.length === 0 ? '' : String(found),
    String(calls),
    decimal(weight),
  ]);
  const room = width - visibleWidth(columns([header.slice(1), ...numbers])[0] ?? '') - 4;
  const rows = cost.parts.flatMap(({ scopes }, index) => {
    const named = scopes.length === 0 ? 'clock, mode and the like' : scopes.join(', ');
    const [first = '', ...rest] = wrap(`  ${named}`, Math.max(room, 24), '    ');
    return [[first, ...(numbers[index] ?? [])], ...rest.map((line) => [line])];
  });
  const share = ((cost.weight / cost.budgetPerMinute) * 100).toFixed(1);
  const each = `one observation: ${count(cost.calls, 'call')}, weight ${decimal(cost.weight)}`;
  return [
    ...columns([header, ...rows]),
    ...wrap(
      `  ${each}, ${share} % of the ${decimal(cost.budgetPerMinute)} that Plumbline allows itself a minute`,
      width,
      '  ',
    ),
  ];
}

/** Weights come from ccxt; some are fractions. */
function decimal(weight: number): string {
  return String(Math.round(weight * 100) / 100);
}
