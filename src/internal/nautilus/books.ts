import { absoluteDecimal, isZero, multiplyDecimals, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { LIMITS, requireLength } from '../../domain/limits/limits.js';
import type { Pieces } from '../../domain/pieces.js';
import type { OpenOrder, Position, Unread } from '../../domain/snapshot/snapshot.js';
import { UnreadParts } from '../../domain/snapshot/unread-parts.js';
import { visible } from '../../domain/text/shown-text.js';
import { valueAt } from '../../config/issues.js';
import { ROWS_AT_ONCE } from '../checked-rows.js';
import { sourceFailure } from '../source-failure.js';
import { timedShape } from './events.js';
import { nameOf, symbolOf, type Instrument } from './instruments.js';
import { replayOrder, replayPosition, type ReplayedOrder, type ReplayedPosition } from './replay.js';

/** Events of orders by client order id, and fills of positions by position id. An event that cannot be decoded is null. */
export interface StoredEvents {
  orders: ReadonlyMap<string, readonly unknown[]>;
  positions: ReadonlyMap<string, readonly unknown[]>;
}

/** A list of events that cannot be read. */
interface Broken {
  list: 'orders' | 'positions';
  name: string;
  /** Null if no event says it. */
  instrumentId: string | null;
  accountId: string | null;
  problem: string;
}

export interface Replayed {
  orders: ReplayedOrder[];
  positions: ReplayedPosition[];
  broken: Broken[];
  /** The time of the newest event, milliseconds; null without one. */
  newestEventAt: number | null;
}

/** The strategy to which NautilusTrader's reconciliation gives orders and positions that it found at the exchange. */
const EXTERNAL = 'EXTERNAL';

/**
 * Replays the lists: orders that the exchange may have, and positions that are not flat. Left out is what the bot did not do
 * itself (strategy EXTERNAL), and what the exchange does not have: orders that were not sent yet, and emulated ones.
 */
export function* replayed({ orders, positions }: StoredEvents): Pieces<Replayed> {
  const found: Replayed = { orders: [], positions: [], broken: [], newestEventAt: null };
  let count = 0;
  const lists = [
    ...[...orders].map(([name, rows]) => ({ list: 'orders', name, rows }) as const),
    ...[...positions].map(([name, rows]) => ({ list: 'positions', name, rows }) as const),
  ];
  for (const { list, name, rows } of lists) {
    count += rows.length;
    if (count >= ROWS_AT_ONCE) {
      count = 0;
      yield;
    }
    for (const row of rows) found.newestEventAt = newer(found.newestEventAt, timeOf(row));
    // A position whose id is the exchange's has the fills of everyone who traded it.
    const own = rows.filter((row) => valueAt(row, ['strategy_id']) !== EXTERNAL);
    if (own.length === 0 && rows.length > 0) continue;
    const state = list === 'orders' ? replayOrder(own) : replayPosition(own);
    if (typeof state === 'string') {
      const [instrumentId, accountId] = [textIn(rows, 'instrument_id'), textIn(rows, 'account_id')];
      found.broken.push({ list, name, instrumentId, accountId, problem: state });
    } else if ('signed' in state) {
      if (!isZero(state.signed)) found.positions.push(state);
    } else if (!state.isEmulated && state.status !== 'local' && state.status !== 'closed') found.orders.push(state);
  }
  return found;
}

/** The time of any event; null if it has none that can be read. */
export function timeOf(row: unknown): number | null {
  const parsed = timedShape.safeParse(row);
  return parsed.success ? parsed.data.ts_event : null;
}

export function newer(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function textIn(rows: readonly unknown[], field: string): string | null {
  for (const row of rows) {
    const value = valueAt(row, [field]);
    if (typeof value === 'string' && value !== '' && value.length <= LIMITS.idLength.value) return value;
  }
  return null;
}

/** The part of the bot's state that is the account's. Null: all of it, if it covers one venue and one account. */
export interface Part {
  venue: string | null;
  accountId: string | null;
  /** ccxt's id of the account's exchange; null if it is not known. */
  exchange: string | null;
}

/** @throws FailureError `configuration` if the state covers several venues or accounts and the configuration names none */
export function partOf({ orders, positions, broken, newestEventAt }: Replayed, part: Part): Replayed {
  const { venue, accountId } = part;
  const isOurs = (row: { instrumentId: string | null; accountId: string | null }): boolean =>
    (venue === null || row.instrumentId === null || nameOf(row.instrumentId).venue === venue) &&
    (accountId === null || row.accountId === null || row.accountId === accountId);
  const ours = { orders: orders.filter(isOurs), positions: positions.filter(isOurs), broken: broken.filter(isOurs) };
  const rows = [...ours.orders, ...ours.positions];
  const [venues, accounts] = [rows.map((row) => nameOf(row.instrumentId).venue), rows.map((row) => row.accountId)];
  requireOne('venue', 'venues', venues);
  requireOne(
    'account_id',
    'accounts',
    accounts.flatMap((each) => each ?? []),
  );
  requireOfExchange(part, venues, accounts);
  return { ...ours, newestEventAt };
}

/** Words that begin the venues of NautilusTrader's adapters. Configurations may lengthen them: `BINANCE_FUTURES`. */
const VENUES = ['BINANCE', 'BYBIT', 'OKX', 'HYPERLIQUID', 'KRAKEN'];
/** What an account id of its adapter for Binance does not have in it. */
const FOREIGN_ACCOUNTS: Readonly<Record<string, RegExp>> = {
  binance: /\b(?:USDT|COIN)_FUTURES?\b/,
  binanceusdm: /\b(?:SPOT|MARGIN|ISOLATED_MARGIN|COIN_FUTURES?)\b/,
  binancecoinm: /\b(?:SPOT|MARGIN|ISOLATED_MARGIN|USDT_FUTURES?)\b/,
};

/**
 * A bot of several venues may have rows of one venue only, at a moment, and that need not be the account's.
 *
 * @throws FailureError `configuration` if what is not named in the configuration is that of another exchange
 */
function requireOfExchange(part: Part, [venue]: readonly string[], accountIds: readonly (string | null)[]): void {
  const { exchange } = part;
  if (exchange === null) return;
  const expected = VENUES.find((name) => exchange.toUpperCase().startsWith(name));
  if (part.venue === null && venue !== undefined && expected !== undefined && !venue.startsWith(expected)) {
    throw ofOther('venue', venue, exchange);
  }
  const other = accountIds.find((id) => id !== null && FOREIGN_ACCOUNTS[exchange]?.test(id) === true) ?? null;
  if (part.accountId === null && other !== null) throw ofOther('account_id', other, exchange);
}

function ofOther(field: 'venue' | 'account_id', found: string, exchange: string): FailureError {
  return sourceFailure(
    'configuration',
    `the bot's state covers the ${field} ${visible(found)}, and the account is one of ${exchange}`,
    `name that of this account with internal.${field}`,
    { where: `internal.${field}` },
  );
}

function requireOne(field: string, what: string, names: readonly string[]): void {
  const distinct = [...new Set(names)].toSorted();
  if (distinct.length < 2) return;
  throw sourceFailure(
    'configuration',
    `the bot's state covers several ${what}: ${distinct.slice(0, 10).map(visible).join(', ')}`,
    `name that of this account with internal.${field}`,
    { where: `internal.${field}` },
  );
}

/** The instruments of all rows. */
export function instrumentIdsOf({ orders, positions, broken }: Replayed): string[] {
  const ids = [...orders, ...positions, ...broken].flatMap(({ instrumentId }) => instrumentId ?? []);
  return [...new Set(ids)];
}

/** What the bot's events say about the account. */
export interface Books {
  /** One for each position id, so that several strategies have a row each. */
  positions: Position[];
  orders: OpenOrder[];
  unread: Unread[];
}

/**
 * The rows of the account, in base units (of inverse contracts: quote value).
 *
 * @param instruments definitions by id; an instrument without one has no entry
 * @param isMultiplied whether quantities count units of the instrument, whose multiplier is then needed
 */
export function booksOf(part: Replayed, instruments: ReadonlyMap<string, Instrument>, isMultiplied: boolean): Books {
  const unread = new UnreadParts();
  requireLength('orders', part.orders.length, 'orders');
  requireLength('positions', part.positions.length, 'positions');
  const refuse = (list: Broken['list'], name: string, instrumentId: string | null, problem: string): void => {
    const symbol = instrumentId === null ? null : symbolOf(instrumentId, instruments.get(instrumentId) ?? null);
    const named = instrumentId === null ? visible(name) : `${visible(name)} (${visible(instrumentId)})`;
    const reason = `${list === 'orders' ? 'order' : 'position'} ${named} cannot be read: ${problem}`;
    unread.add({ scope: list, symbol, code: 'ROW_UNREADABLE', reason: reason.slice(0, LIMITS.reasonLength.value) });
  };
  for (const { list, name, instrumentId, problem } of part.broken) refuse(list, name, instrumentId, problem);
  const positions: Position[] = [];
  for (const { instrumentId, strategyId, signed } of part.positions) {
    const unit = unitOf(instrumentId);
    if (unit === null) refuse('positions', strategyId, instrumentId, NO_DEFINITION);
    else {
      const amount = multiplyDecimals(absoluteDecimal(signed), unit.multiplier);
      positions.push({ symbol: unit.symbol, side: signOf(signed) < 0 ? 'short' : 'long', amount, changedAt: null });
    }
  }
  const orders: OpenOrder[] = [];
  for (const order of part.orders) {
    const unit = unitOf(order.instrumentId);
    const row = unit === null ? NO_DEFINITION : orderOf(order, unit);
    if (typeof row === 'string') refuse('orders', order.clientOrderId, order.instrumentId, row);
    else orders.push(row);
  }
  return { positions, orders, unread: unread.list() };

  function unitOf(instrumentId: string): Unit | null {
    const instrument = instruments.get(instrumentId) ?? null;
    const symbol = symbolOf(instrumentId, instrument);
    if (!isMultiplied) return { symbol, multiplier: '1' };
    return instrument === null ? null : { symbol, multiplier: instrument.multiplier };
  }
}

interface Unit {
  symbol: string;
  multiplier: DecimalText;
}

const NO_DEFINITION =
  'its instrument has no readable definition in the cache, so its unit is not known; if the quantities are coins (or contracts), set amounts: base (or contracts)';

/** Orders whose price or trigger moves with the market, so that the bot does not know it. */
const TRAILING = new Set(['TRAILING_STOP_MARKET', 'TRAILING_STOP_LIMIT']);
const WAITS_FOR_TRIGGER = new Set([...TRAILING, 'STOP_MARKET', 'STOP_LIMIT', 'MARKET_IF_TOUCHED', 'LIMIT_IF_TOUCHED']);

/** The open order, or what is wrong with it. */
function orderOf(order: ReplayedOrder, { symbol, multiplier }: Unit): OpenOrder | string {
  if (order.isQuoteQuantity) return 'its quantity is a value in the quote currency';
  if (signOf(order.quantity) <= 0) return `quantity is ${order.quantity}, expected an amount above zero`;
  const conditional = WAITS_FOR_TRIGGER.has(order.type) && order.status !== 'triggered';
  const isTrailing = TRAILING.has(order.type);
  return {
    id: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol,
    side: order.side,
    type: order.type.toLowerCase(),
    price: isTrailing ? null : order.price,
    triggerPrice: conditional && !isTrailing ? order.triggerPrice : null,
    amount: multiplyDecimals(order.quantity, multiplier),
    filled: multiplyDecimals(order.filled, multiplier),
    conditional,
    changedAt: null,
  };
}
