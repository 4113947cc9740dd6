import type { AccountConfig } from '../../config/config.js';
import { baselineText } from '../../domain/compare/baseline.js';
import { modesDiffer } from '../../domain/compare/position-modes.js';
import { sourcesDocument } from '../check/check-document.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ObservationAnswer } from '../../observe/observe.js';
import { comparisonDocument, renderComparison } from './comparison.js';
import type { Style } from '../terminal/style.js';
import { columns, fitted, wrap } from '../terminal/table.js';
import { visibleWidth } from '../terminal/width.js';

/** The JSON of `diff`: that of `compare`, plus the account and what each side reports about itself. */
export function diffDocument(account: AccountConfig, answer: ObservationAnswer) {
  return {
    account: account.name,
    ...comparisonDocument(answer),
    moved_while_read: answer.comparison.inconsistent,
    exchange: { id: account.exchange.id, ...sideDocument(answer.exchange) },
    internal: { ...sourcesDocument(account), ...sideDocument(answer.internal), ...clocksDocument(answer.internal) },
    position_modes: modesDiffer(answer.exchange, answer.internal)?.text ?? null,
  };
}

/** Each source's own clock, if there are several. */
function clocksDocument({ sources }: Snapshot) {
  if (sources === undefined) return {};
  return { clocks: sources.map(({ name, asOf }) => ({ name, as_of: iso(asOf) })) };
}

function sourcesText({ internal }: AccountConfig): string {
  return internal.map(({ name, source }) => (name === null ? source.kind : `${name}: ${source.kind}`)).join(' + ');
}

function sideDocument(snapshot: Snapshot) {
  return {
    read_started_at: iso(snapshot.readStartedAt),
    read_ended_at: iso(snapshot.readEndedAt),
    as_of: iso(snapshot.asOf),
    position_mode: snapshot.positionMode,
    positions: snapshot.positions.length,
    orders: snapshot.orders.length,
    balances: snapshot.balances.length,
    scopes: snapshot.scopes,
    gaps: snapshot.gaps,
  };
}

/** One observation as lines: both sides with their counts and ages, then the comparison. */
export function renderDiff(account: AccountConfig, answer: ObservationAnswer, style: Style, width: number): string[] {
  const sides = [answer.exchange, answer.internal];
  const row = (title: string, cell: (side: Snapshot) => string): string[] => [style.faint(title), ...sides.map(cell)];
  return [
    ...sideBySide(
      [
        [
          style.strong(account.name),
          style.strong(account.exchange.id),
          style.strong(`internal (${sourcesText(account)})`),
        ],
        row('positions', (side) => String(side.positions.length)),
        row('open orders', (side) => String(side.orders.length)),
        ...(sides.some((side) => side.balances.length > 0)
          ? [row('balances', (side) => String(side.balances.length))]
          : []),
        row('mode', (side) => side.positionMode ?? 'not reported'),
        row('own clock', (side) => `${iso(side.asOf)} (${clockDifference(side)})`),
        row('read took', (side) => `${side.readEndedAt - side.readStartedAt} ms`),
      ],
      width,
    ),
    '',
    ...remarks(account, answer, style, width),
    ...renderComparison(answer, style, width),
    ...(answer.outcome === 'drifted'
      ? [
          '',
          ...fitted(
            `One observation never confirms a difference: it may be a race. \`plumbline run ${account.name}\` confirms.`,
            width,
          ).map(style.faint),
        ]
      : []),
  ];
}

/** The two sides next to each other; on a narrow terminal one below the other. */
function sideBySide(rows: readonly string[][], width: number): string[] {
  const table = columns(rows);
  if (table.every((line) => visibleWidth(line) <= width)) return table;
  const [[name = '', ...sides] = [], ...others] = rows;
  return [
    name,
    ...sides.flatMap((side, index) => [
      `  ${side}`,
      ...columns(others.map(([title = '', ...cells]) => [`    ${title}`, cells[index] ?? ''])),
    ]),
  ];
}

/** Shown with every result: what is held beside the bot, and position modes that differ. */
function remarks({ policy }: AccountConfig, { exchange, internal }: ObservationAnswer, style: Style, width: number) {
  const beside = baselineText(policy.baseline);
  const modes = modesDiffer(exchange, internal);
  const lines = [
    ...(beside === null ? [] : [beside]),
    ...(modes === null ? [] : [`${style.warning('position modes differ:')} ${modes.text}; ${modes.remedy}`]),
  ];
  return lines.length === 0 ? [] : [...lines.flatMap((line) => wrap(line, width, '  ')), ''];
}

/** A remark for people; no rule compares the clocks of two sides. */
function clockDifference(side: Snapshot): string {
  const difference = side.asOf - side.readEndedAt;
  if (Math.abs(difference) < 1000) return 'same as ours';
  const seconds = Math.round(Math.abs(difference) / 1000);
  return difference < 0 ? `${seconds} s behind ours` : `${seconds} s ahead of ours`;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
