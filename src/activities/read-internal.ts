import { FailureError } from '../domain/failure/failure.js';
import type { MarketFacts, Position, Snapshot } from '../domain/snapshot/snapshot.js';
import type { ExchangeReader, ReadOptions } from '../exchange/exchange-reader.js';
import { checkFreshness } from '../internal/freshness.js';
import type { AccountSides } from './dependencies.js';

interface InternalReadOptions extends ReadOptions {
  now: () => number;
  maxInternalAgeSeconds: number;
}

/**
 * Reads the bot's state: fresh, and with the exchange's own symbols ("BTCUSDT") made unified, for which the exchange's
 * markets are asked. Amount steps come along, so that a position that only the bot has is held against its step.
 */
export async function readInternal(sides: AccountSides, options: InternalReadOptions): Promise<Snapshot> {
  const snapshot = await sides.internal.readState(options.signal === undefined ? {} : { signal: options.signal });
  const stale = checkFreshness(snapshot, options.now(), options.maxInternalAgeSeconds);
  if (stale !== null) throw new FailureError(stale);

  if (symbolsOf(snapshot).length === 0) return snapshot;
  return unified(snapshot, await sides.exchange(), options);
}

/** The symbols that a side's rows name, each once. */
export function symbolsOf({ positions, orders }: Snapshot): string[] {
  return [...new Set([...positions, ...orders].map(({ symbol }) => symbol))];
}

/**
 * The internal state under the exchange's unified symbols. Throws FailureError for a symbol that the exchange does not
 * have.
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

/** One market under two names ("BTCUSDT" and "BTC/USDT:USDT") is two rows of which only one can be right. */
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
