import { FailureError } from '../domain/failure/failure.js';
import type { MarketFacts, Position, Snapshot } from '../domain/snapshot/snapshot.js';
import type { ExchangeReader, ReadOptions } from '../exchange/exchange-reader.js';
import { checkFreshness } from '../internal/freshness.js';
import type { AccountSides } from './account-sides.js';

interface InternalReadOptions extends ReadOptions {
  now: () => number;
  maxInternalAgeSeconds: number;
}

/**
 * Reads the bot's state, checks its freshness, and converts the exchange's own symbols ("BTCUSDT") to unified ones with the
 * exchange's markets. Adds the amount steps of these markets, which the tolerance of positions that only the bot has needs.
 */
export async function readInternal(sides: AccountSides, options: InternalReadOptions): Promise<Snapshot> {
  const snapshot = await sides.internal.readState(options.signal === undefined ? {} : { signal: options.signal });
  const stale = checkFreshness(snapshot, options.now(), options.maxInternalAgeSeconds);
  if (stale !== null) throw new FailureError(stale);

  if (symbolsOf(snapshot).length === 0) return snapshot;
  return unified(snapshot, await sides.exchange(), options);
}

/** The distinct symbols of a side's positions and orders. */
export function symbolsOf({ positions, orders }: Snapshot): string[] {
  return [...new Set([...positions, ...orders].map(({ symbol }) => symbol))];
}

/**
 * Internal state with the exchange's unified symbols. Throws FailureError if the exchange does not have a symbol.
 */
export async function unified(
  snapshot: Snapshot,
  reader: Pick<ExchangeReader, 'exchangeId' | 'resolveMarket'>,
  options: ReadOptions,
): Promise<Snapshot> {
  const names = new Map<string, string>();
  const markets: Record<string, MarketFacts> = { ...snapshot.markets };
  for (const symbol of symbolsOf(snapshot)) {
    const market = await reader.resolveMarket(symbol, options);
    if (market === null) throw unknownSymbol(symbol, reader.exchangeId);
    names.set(symbol, market.symbol);
    markets[market.symbol] = market.facts;
  }
  const rename = <Row extends { symbol: string }>(row: Row): Row => ({
    ...row,
    symbol: names.get(row.symbol) ?? row.symbol,
  });
  const positions = snapshot.positions.map(rename);
  refuseTwice(positions);
  return { ...snapshot, positions, orders: snapshot.orders.map(rename), markets };
}

/** Refuses two rows for one market under two names ("BTCUSDT" and "BTC/USDT:USDT"), because only one can be right. */
function refuseTwice(positions: readonly Position[]): void {
  const seen = new Set<string>();
  for (const { symbol, side } of positions) {
    const row = `${symbol} ${side}`;
    if (seen.has(row)) throw positionTwice(row);
    seen.add(row);
  }
}

function positionTwice(row: string): FailureError {
  return new FailureError({
    kind: 'unreadable',
    side: 'internal',
    message: `the internal state has the position ${row} twice, under two names of one market`,
    where: 'positions',
    remedy: "Write each position once, under ccxt's unified symbol.",
    retryAfterMs: null,
  });
}

function unknownSymbol(symbol: string, exchangeId: string): FailureError {
  return new FailureError({
    kind: 'unreadable',
    side: 'internal',
    message: `the internal state names the symbol "${symbol}", which ${exchangeId} does not have`,
    where: 'symbol',
    remedy: `Use ccxt's unified symbol ("BTC/USDT:USDT") or the exchange's own id ("BTCUSDT") of a market of ${exchangeId}.`,
    retryAfterMs: null,
  });
}
