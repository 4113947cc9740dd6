import { Big } from 'big.js';
import type { MissingCause, MissingOrderExplanation } from '../../domain/difference/difference.js';
import { addDecimals, compareDecimals, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Market } from './markets.js';

/** How the exchange says an order stands. `open` is an answer too: the order is there again. */
export type OrderEnd = Exclude<MissingCause, 'unknown' | 'never_seen'> | 'open';

/** One order as an order query or a history reports it. */
export interface ReportedOrder {
  end: OrderEnd;
  /** Contracts (units of the exchange) filled; null where it is not reported. */
  filled: string | null;
  averagePrice: string | null;
  /** The exchange's own time of the end, milliseconds. */
  at: number | null;
  /** The exchange's own word for why ("insufficient margin"); null where it gives none. */
  reason?: string | null;
}

export function explanationOf(order: ReportedOrder, market: Market, source: string): MissingOrderExplanation {
  if (order.end === 'open') return stillOpen(source);
  return {
    cause: order.end,
    filled: order.filled === null ? null : multiplyDecimals(order.filled, market.contractSize),
    averagePrice: order.averagePrice === null || isZero(order.averagePrice) ? null : order.averagePrice,
    at: order.at,
    source: order.reason === undefined || order.reason === null ? source : `${source}: ${order.reason}`,
  };
}

/** One of the bot's own trades, as far as it explains an order. Funding and insurance rows are not trades: leave them out. */
export interface OwnTrade {
  price: string;
  /** Contracts (units of the exchange). */
  amount: string;
  at: number;
}

/** Trades alone say "filled" only where they fill the whole order. Null where there is none. */
export function explanationByTrades(
  trades: readonly OwnTrade[],
  order: OpenOrder,
  market: Market,
): MissingOrderExplanation | null {
  if (trades.length === 0) return null;
  const contracts = trades.reduce((sum, trade) => addDecimals(sum, trade.amount), '0');
  const filled = multiplyDecimals(contracts, market.contractSize);
  const whole = order.amount !== null && compareDecimals(filled, order.amount) >= 0;
  return {
    cause: whole ? 'filled' : 'unknown',
    filled,
    averagePrice: averagePrice(trades, market),
    at: Math.max(...trades.map(({ at }) => at)),
    source: whole ? 'own trades' : 'own trades show a part of it filled; what became of the rest is not reported',
  };
}

/** The price at which all could have been traded at once: of inverse contracts the harmonic mean. */
function averagePrice(trades: readonly OwnTrade[], market: Market): string | null {
  const zero = new Big(0);
  const contracts = trades.reduce((sum, { amount }) => sum.plus(amount), zero);
  const worth = trades.reduce((sum, { amount, price }) => {
    return sum.plus(market.kind === 'inverse' ? new Big(amount).div(price) : new Big(amount).times(price));
  }, zero);
  if (contracts.eq(0) || worth.eq(0)) return null;
  return (market.kind === 'inverse' ? contracts.div(worth) : worth.div(contracts)).toFixed();
}

/** No answer knows the order, and the exchange would if it had ever seen it. */
export function neverSeen(notKnownTo: string): MissingOrderExplanation {
  return { cause: 'never_seen', filled: null, averagePrice: null, at: null, source: `not known to ${notKnownTo}` };
}

/** Nothing explains it; `source` says what was asked and why it does not. */
export function unknownCause(source: string): MissingOrderExplanation {
  return { cause: 'unknown', filled: null, averagePrice: null, at: null, source };
}

/** The exchange's own answer contradicts its list of open orders; see `withoutContradicted`. */
function stillOpen(source: string): MissingOrderExplanation {
  return { ...unknownCause(`${source}: the order is open`), stillOpen: true };
}

/**
 * Whether an order is younger than what the exchange remembers of orders that ended unfilled, so that its not knowing it
 * means something. Without an exchange id the bot never had an acknowledgement: such an order was never long open. Null
 * where the age is not known.
 */
export function isRemembered(order: OpenOrder, exchangeTime: number, rememberedMs: number): boolean | null {
  if (order.changedAt !== null) return exchangeTime - order.changedAt < rememberedMs;
  return order.id === null ? true : null;
}
