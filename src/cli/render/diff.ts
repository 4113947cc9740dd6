import type { AccountConfig } from '../../config/config.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ObservationAnswer } from '../../observe/observe.js';
import { comparisonDocument, renderComparison } from './comparison.js';
import type { Style } from '../terminal/style.js';
import { columns } from '../terminal/table.js';

/** The JSON of `diff`: that of `compare`, plus the account and what each side reports about itself. */
export function diffDocument(account: AccountConfig, answer: ObservationAnswer) {
  return {
    account: account.name,
    ...comparisonDocument(answer),
    moved_while_read: answer.comparison.inconsistent,
    exchange: { id: account.exchange.id, ...sideDocument(answer.exchange) },
    internal: { kind: account.internal.kind, ...sideDocument(answer.internal) },
  };
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

export function renderDiff(account: AccountConfig, answer: ObservationAnswer, style: Style, width: number): string[] {
  const sides = [answer.exchange, answer.internal];
  const row = (title: string, cell: (side: Snapshot) => string): string[] => [style.faint(title), ...sides.map(cell)];
  return [
    ...columns([
      [
        style.strong(account.name),
        style.strong(account.exchange.id),
        style.strong(`internal (${account.internal.kind})`),
      ],
      row('positions', (side) => String(side.positions.length)),
      row('open orders', (side) => String(side.orders.length)),
      row('mode', (side) => side.positionMode ?? 'not reported'),
      row('own clock', (side) => `${iso(side.asOf)} (${clockDifference(side)})`),
      row('read took', (side) => `${side.readEndedAt - side.readStartedAt} ms`),
    ]),
    '',
    ...renderComparison(answer, style, width),
    ...(answer.outcome === 'drifted'
      ? [
          '',
          style.faint(
            `One observation never confirms a difference: it may be a race. \`plumbline run ${account.name}\` confirms.`,
          ),
        ]
      : []),
  ];
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
