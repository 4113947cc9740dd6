import { addDecimals, negateDecimal, type DecimalText } from '../decimal/decimal.js';
import type { Position, PositionSide, Snapshot } from './snapshot.js';

/** One key of the position comparison, with the position of each side. */
export interface PositionKey {
  symbol: string;
  /** The leg in hedge mode; null in one-way mode, where the sign of the amount is a part of the value. */
  side: PositionSide | null;
  exchange: Position | null;
  internal: Position | null;
}

interface Legs {
  long: Position | null;
  short: Position | null;
}

type Rows = Pick<Snapshot, 'positionMode' | 'positions'>;

/**
 * The keys of both sides' positions: (symbol, leg) in hedge mode, else (symbol).
 *
 * An account is in hedge mode if one side says so. If one side has two legs of a symbol, that symbol is in hedge mode,
 * because no one-way account can have two legs. Rows of one side that share symbol and leg are summed into one position: a
 * bot may keep a row per trade, an exchange one per margin mode.
 */
export function positionKeys(exchange: Rows, internal: Rows): PositionKey[] {
  const hedge = exchange.positionMode === 'hedge' || internal.positionMode === 'hedge';
  const ofExchange = legsBySymbol(exchange.positions);
  const ofInternal = legsBySymbol(internal.positions);
  const keys: PositionKey[] = [];
  for (const symbol of new Set([...ofExchange.keys(), ...ofInternal.keys()])) {
    const outside = ofExchange.get(symbol) ?? NO_LEGS;
    const inside = ofInternal.get(symbol) ?? NO_LEGS;
    if (!hedge && !isHedged(outside) && !isHedged(inside)) {
      keys.push({
        symbol,
        side: null,
        exchange: outside.long ?? outside.short,
        internal: inside.long ?? inside.short,
      });
      continue;
    }
    for (const side of ['long', 'short'] as const) {
      if (outside[side] === null && inside[side] === null) continue;
      keys.push({ symbol, side, exchange: outside[side], internal: inside[side] });
    }
  }
  return keys;
}

/** The amount in base units: above zero for long, below for short, "0" for no position. */
export function signedAmount(position: Pick<Position, 'side' | 'amount'> | null): DecimalText {
  if (position === null) return '0';
  return position.side === 'long' ? position.amount : negateDecimal(position.amount);
}

const NO_LEGS: Legs = { long: null, short: null };

function isHedged(legs: Legs): boolean {
  return legs.long !== null && legs.short !== null;
}

function legsBySymbol(positions: readonly Position[]): Map<string, Legs> {
  const bySymbol = new Map<string, Legs>();
  for (const position of positions) {
    let legs = bySymbol.get(position.symbol);
    if (legs === undefined) bySymbol.set(position.symbol, (legs = { long: null, short: null }));
    legs[position.side] = withRow(legs[position.side], position);
  }
  return bySymbol;
}

/** The position of one symbol and leg with one more row of it: amounts are summed. */
export function withRow(known: Position | null | undefined, row: Position): Position {
  if (known === null || known === undefined) return row;
  const amount = addDecimals(known.amount, row.amount);
  return { ...known, amount, changedAt: latest(known.changedAt, row.changedAt) };
}

/** The later of two times; null if one is not reported, because it may be the later one. */
function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}
