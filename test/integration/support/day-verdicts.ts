import { negateDecimal, normalizeDecimal, signOf, subtractDecimals } from '../../../src/domain/decimal/decimal.js';
import type { Difference, DiscrepancyType, MissingCause } from '../../../src/domain/difference/difference.js';
import type { FailureKind } from '../../../src/domain/failure/failure.js';
import type { Outcome, RecordedRun } from '../../../src/domain/lifecycle/run.js';
import type { Balance, OpenOrder, Position } from '../../../src/domain/snapshot/snapshot.js';
import { BASES, symbolOn, type PlayedWire } from './eight-wires.js';
import type { Act, Report } from './trading-day.js';

/** A discrepancy without exchange-specific values: symbols, ids, contracts. Amounts are signed base units. */
export interface OpenRow {
  type: DiscrepancyType;
  /** The base currency, or its name in the ledger if the day does not trade it. */
  of: string;
  exchange: string | null;
  internal: string | null;
  /** For a missing order. */
  cause?: MissingCause;
}

/** The result of an act: one run's verdict, and everything that is open after it. */
export interface Verdict {
  act: string;
  outcome: Outcome;
  failure: FailureKind | null;
  open: OpenRow[];
  /** How many of the open ones this run saw. */
  seen: number;
  opened: number;
  resolved: number;
}

export function actsOn(day: readonly Act[], { kind }: PlayedWire): Act[] {
  return day.filter(({ needs }) => needs === undefined || needs === kind);
}

/** The script's expectation for each act that has a meaning on this wire. */
export function scriptedVerdicts(day: readonly Act[], wire: PlayedWire): Verdict[] {
  const open = new Map<string, OpenRow>();
  return actsOn(day, wire).map(({ title, reports = [], fixes, fails = null }) => {
    const before = [...open.keys()];
    const fixed = before.filter((key) => fixes === 'everything' || (fixes !== undefined && key === heldOf(fixes)));
    for (const key of fixed) open.delete(key);
    for (const report of reports) open.set(keyOf(report), openRowOf(report, wire));
    const found = open.size > 0 ? 'drifted' : 'matched';
    return {
      act: title,
      outcome: fails === null ? found : 'failed',
      failure: fails,
      open: sorted([...open.values()]),
      seen: fails === null ? open.size : 0,
      opened: [...open.keys()].filter((key) => !before.includes(key)).length,
      resolved: fixed.length,
    };
  });
}

/** The same for a real run, with the open discrepancies of the ledger after it. */
export function reportedVerdict(act: string, run: RecordedRun, open: readonly Difference[], wire: PlayedWire): Verdict {
  return {
    act,
    outcome: run.outcome,
    failure: run.failure?.kind ?? null,
    open: sorted(open.map((difference) => reportedOpenRow(difference, wire))),
    seen: run.discrepancies,
    opened: run.opened.length,
    resolved: run.resolved,
  };
}

/** Converts the verdicts of an exchange that reports every cause to those of a wire that may not report one. */
export function asSaidBy(wire: PlayedWire, verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.map((verdict) => ({ ...verdict, open: verdict.open.map((each) => said(each, wire)) }));
}

export function reportsEveryCause({ liquidatedOrders: { resting, waiting } }: PlayedWire): boolean {
  return resting === 'liquidated' && waiting === 'liquidated';
}

function said(row: OpenRow, { liquidatedOrders }: PlayedWire): OpenRow {
  if (row.cause !== 'liquidated') return row;
  return { ...row, cause: row.internal?.includes(TRIGGER) ? liquidatedOrders.waiting : liquidatedOrders.resting };
}

/** The text before the trigger price in the description of an order. */
const TRIGGER = ' from ';

/** What each act added or changed. */
export type News = Pick<Verdict, 'act' | 'outcome'> & { news: OpenRow[] };

export function newsOf(verdicts: readonly Verdict[]): News[] {
  return verdicts.map(({ act, outcome, open }, index) => {
    const before = new Set(verdicts[index - 1]?.open.map((each) => JSON.stringify(each)));
    return { act, outcome, news: open.filter((each) => !before.has(JSON.stringify(each))) };
  });
}

/** The news of a derivative's day as spot shows them: a position is a balance there, and some acts have no meaning. */
export function asOnSpot(day: readonly Act[], spot: PlayedWire, news: readonly News[]): News[] {
  const known = new Set(actsOn(day, spot).map(({ title }) => title));
  const balance = (each: OpenRow): OpenRow =>
    each.type.startsWith('POSITION_') ? { ...each, type: 'BALANCE_CHANGED_EXTERNALLY' } : each;
  return news.filter(({ act }) => known.has(act)).map((each) => ({ ...each, news: sorted(each.news.map(balance)) }));
}

function sorted(rows: readonly OpenRow[]): OpenRow[] {
  const key = ({ type, of, internal, exchange }: OpenRow): string => [type, of, internal, exchange].join('|');
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function keyOf(report: Report): string {
  return 'type' in report ? `${report.type} ${report.order}` : heldOf(report.of);
}

function heldOf(base: string): string {
  return `held ${base}`;
}

function openRowOf(report: Report, wire: PlayedWire): OpenRow {
  const { of, exchange, internal } = report;
  if (!('type' in report)) return { type: heldType(report, wire), of, exchange, internal };
  const { type, cause } = report;
  if (cause === undefined) return { type, of, exchange, internal };
  return said({ type, of, exchange, internal, cause }, wire);
}

/** On spot a holding is a balance, elsewhere a position that opens, closes or changes. */
function heldType(
  { exchange, internal }: Pick<Report, 'exchange' | 'internal'>,
  { kind }: PlayedWire,
): DiscrepancyType {
  if (kind === 'spot') return 'BALANCE_CHANGED_EXTERNALLY';
  if (internal === '0') return 'POSITION_OPENED_EXTERNALLY';
  return exchange === '0' ? 'POSITION_CLOSED_EXTERNALLY' : 'POSITION_SIZE_CHANGED';
}

function reportedOpenRow(difference: Difference, wire: PlayedWire): OpenRow {
  const { type, symbol } = difference;
  const isBalance = type === 'BALANCE_CHANGED_EXTERNALLY';
  return {
    type,
    of: BASES.find((base) => symbol === (isBalance ? base : symbolOn(wire, base))) ?? symbol,
    exchange: sideInWords(difference.exchange, type, wire),
    internal: sideInWords(difference.internal, type, wire),
    ...(type === 'ORDER_MISSING_ON_EXCHANGE' && { cause: difference.explanation?.cause ?? 'unknown' }),
  };
}

type Row = Position | OpenOrder | Balance;

/** "-0.273" for a holding, "12.34 at 140, 4.56 filled" for an order. A balance counts from the day's opening. */
function sideInWords(row: Row | null, type: DiscrepancyType, { opening }: PlayedWire): string | null {
  if (row === null) return type.startsWith('POSITION_') ? '0' : null;
  if ('currency' in row) return normalizeDecimal(subtractDecimals(row.total, opening?.[row.currency] ?? '0'));
  const isNegative = row.side === 'short' || row.side === 'sell';
  const amount = row.amount === null ? 'all' : signed(row.amount, isNegative);
  if (!('filled' in row)) return amount;
  // Some exchanges report a price of zero for an order that becomes a market order when it triggers.
  const price = row.price === null || signOf(row.price) === 0 ? '' : ` at ${normalizeDecimal(row.price)}`;
  const trigger = row.triggerPrice === null ? '' : `${TRIGGER}${normalizeDecimal(row.triggerPrice)}`;
  const filled = signOf(row.filled) === 0 ? '' : `, ${normalizeDecimal(row.filled)} filled`;
  return `${amount}${price}${trigger}${filled}`;
}

function signed(amount: string, isNegative: boolean): string {
  return normalizeDecimal(isNegative ? negateDecimal(amount) : amount);
}
