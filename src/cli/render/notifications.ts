import type { NotificationRow } from '../../ledger/contract/notifications.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { ago } from '../terminal/time.js';

/** One line for each channel: what became of its newest notification. */
export function newestByChannel(rows: readonly NotificationRow[], now: Date, style: Style): string[] {
  const newest = new Map(rows.toReversed().map((row) => [row.channel, row]));
  return [...newest.values()]
    .toSorted((a, b) => (a.channel < b.channel ? -1 : 1))
    .map((row) => lineOf(row, now, style));
}

/** One line for each notification, with the service's id of it. */
export function receiptsOf(rows: readonly NotificationRow[], now: Date, style: Style): string[] {
  return rows.map((row) => `${lineOf(row, now, style)}${row.receipt === null ? '' : style.faint(` (${row.receipt})`)}`);
}

/** "phone: called, failed 3 times, last wanted 2m ago: network, connection reset" */
function lineOf(
  { channel, occasion, state, wantedAt, deliveredAt, attempts, failure }: NotificationRow,
  now: Date,
  style: Style,
): string {
  const head = `${channel}: ${occasion}`;
  if (deliveredAt !== null) return `${head}, ${style.good('delivered')} ${ago(deliveredAt, now)}`;
  const age = `wanted ${ago(wantedAt, now)}`;
  if (state === 'waiting') return `${head}, ${style.warning('not delivered yet')}, ${age}`;
  const why = failure === null ? '' : `: ${failure.kind}: ${failure.message}`;
  return `${head}, ${style.bad('failed')} ${count(attempts, 'time')}, ${age}${why}`;
}
