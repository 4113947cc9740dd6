import { LIMITS } from '../domain/limits/limits.js';
import { hasExpired, scopeOfOrder, scopeOfPosition } from '../domain/snapshot/scope.js';
import type { OpenOrder, Position, Unread, UnreadCode } from '../domain/snapshot/snapshot.js';
import type { MarketAnswer } from '../exchange/exchange-reader.js';

/** A symbol of internal state without exactly one market on the exchange. */
export interface UnresolvedSymbol {
  /** As in internal state. */
  symbol: string;
  code: Extract<UnreadCode, `SYMBOL_${string}`>;
  /** One line: what it probably is, and what a person can do. */
  reason: string;
  /** The symbols that are not compared because of it: the markets that it may mean, or its own name. */
  costs: string[];
}

/**
 * Explains a symbol that the exchange does not have, or has twice: what it probably is.
 *
 * @param asked the name that was looked up: the symbol, or what an alias makes of it
 * @param nowMs the reader's clock; contracts expire on a date
 */
export function unresolved(
  symbol: string,
  asked: string,
  answer: Exclude<MarketAnswer, { kind: 'found' }>,
  { exchangeId, nowMs }: { exchangeId: string; nowMs: number },
): UnresolvedSymbol {
  const name = asked === symbol ? `"${symbol}"` : `"${asked}" (the alias of "${symbol}")`;
  if (answer.kind === 'ambiguous') {
    const means = answer.candidates.map((each) => `${each} (${kindOf(each)})`).join(' and ');
    const reason = `${name} means two markets of ${exchangeId}: ${means}; the bot must use the unified symbol, or an alias must name it`;
    return { symbol, code: 'SYMBOL_AMBIGUOUS', reason: bounded(reason), costs: answer.candidates };
  }
  const expiry = expiryOf(asked, nowMs);
  if (expiry !== null) {
    const reason = `${name} expired and settled on ${expiry}: the bot should remove it from its state`;
    return { symbol, code: 'SYMBOL_EXPIRED', reason: bounded(reason), costs: [symbol] };
  }
  const near = answer.near.length === 0 ? '' : ` (near names: ${answer.near.join(', ')})`;
  const reason = `${exchangeId} has no market ${name}: renamed, delisted or expired${near}; an alias can name the market that it became`;
  return { symbol, code: 'SYMBOL_UNKNOWN', reason: bounded(reason), costs: [symbol] };
}

/** The unread rows of an unresolved symbol: its positions and orders, in the scopes of their rows. */
export function unreadOf(
  { code, reason, costs }: UnresolvedSymbol,
  positions: Position[],
  orders: OpenOrder[],
): Unread[] {
  const scopes = (symbol: string): string[] => {
    const isUnified = symbol.includes('/');
    const classes = [...new Set(orders.map(({ conditional }) => conditional))];
    return [
      ...(positions.length === 0 ? [] : [isUnified ? scopeOfPosition({ symbol }) : 'positions']),
      ...classes.map((conditional) =>
        isUnified ? scopeOfOrder({ symbol, conditional }) : `orders:${conditional ? 'conditional' : 'regular'}`,
      ),
    ];
  };
  return costs.flatMap((symbol) => scopes(symbol).map((scope) => ({ scope, symbol, code, reason })));
}

function kindOf(symbol: string): string {
  if (!symbol.includes(':')) return 'spot';
  return /:[^-]+-\d/.test(symbol) ? 'dated contract' : 'swap';
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** Dates in exchanges' own names of contracts: "BTCUSDT_261225", "BTC_USDT_20261225", "BTC-25DEC26". */
const OWN_DATES = [/[-_](?:20)?(\d\d)(\d\d)(\d\d)(?:$|[-_])/, /-(\d{1,2})([A-Z]{3})(\d\d)(?:$|-)/i];

/** The day (ISO 8601) on which the contract expired; null if the name has no date, or one that is not over. */
function expiryOf(name: string, nowMs: number): string | null {
  const unified = /:[^-:]+-(\d\d)(\d\d)(\d\d)(?:-|$)/.exec(name);
  if (unified !== null) return hasExpired(name, nowMs) ? isoDay(unified[1], unified[2], unified[3]) : null;
  const [numeric, named] = OWN_DATES.map((form) => form.exec(name));
  const month = named === null || named === undefined ? 0 : MONTHS.indexOf((named[2] ?? '').toUpperCase()) + 1;
  const day = numeric
    ? isoDay(numeric[1], numeric[2], numeric[3])
    : named && month > 0
      ? isoDay(named[3], String(month), named[1])
      : null;
  const settledAt = day === null ? NaN : Date.parse(`${day}T08:00:00Z`);
  return day !== null && settledAt <= nowMs ? day : null;
}

function isoDay(year = '', month = '', day = ''): string | null {
  const text = `20${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

/** Long names must not make a reason that is refused. */
function bounded(reason: string): string {
  const most = LIMITS.reasonLength.value;
  return reason.length <= most ? reason : `${reason.slice(0, most - 3)}...`;
}
