import { z } from 'zod';
import { isDecimal, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { timeOf } from '../profile/rows.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { listOf, readList, type Part } from './lists.js';

/*
 * Positions of Bybit. Source: "Get Position Info" of bybit-exchange.github.io/docs/v5.
 *
 * - Category linear needs a settleCoin; category inverse answers for all coins. Pages of 200.
 * - With positionIdx 0 the position is one-way, 1 and 2 are the legs of hedge mode; the mode is set per symbol or coin, so an
 *   account may have both.
 * - Sizes of linear contracts are in base units, of inverse ones in USD.
 * - A row without a position has no side, and its other fields may be empty.
 */

const POSITION_ROW = z.object({
  symbol: word,
  positionIdx: z.enum(['0', '1', '2']),
  side: z.enum(['Buy', 'Sell', '']),
  size: decimalText,
  /** Empty for a position that was never traded. */
  avgPrice: z.string().nullish(),
  markPrice: z.string().nullish().catch(null),
  updatedTime: z.union([timeMs, z.literal('').transform(() => 0)]).nullish(),
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const POSITIONS = get(
  '/v5/position/list',
  'privateGetV5PositionList',
  listOf(rowsOf(POSITION_ROW, { symbol: 'symbol', skip: ({ size }) => isNothing(size) })),
  { scope: 'positions' },
);

const PAGE = 200;

export interface HeldPosition {
  position: Position;
  mode: PositionMode;
}

/** The positions of one part of the account. Throws ExchangeFailure. */
export async function readPositions(session: ReadSession, part: Part): Promise<HeldPosition[]> {
  const rows = await readList(session, POSITIONS, part, PAGE, (row) => `${row.symbol} ${row.positionIdx}`);
  const read = async (row: PositionRow): Promise<HeldPosition> => readPosition(session, row, part);
  return session.convert(POSITIONS, rows, read, `positions:${part.path}`, [part.category]);
}

async function readPosition(session: ReadSession, row: PositionRow, { category }: Part): Promise<HeldPosition> {
  const market = await session.market(row.symbol, POSITIONS, [category]);
  const side = row.positionIdx === '0' ? row.side : row.positionIdx === '1' ? 'Buy' : 'Sell';
  if (side === '' || side !== row.side || row.size.startsWith('-')) {
    const reported = `${row.side} ${row.size} with positionIdx ${row.positionIdx}`;
    throw session.refuseRow(POSITIONS, market.symbol, `reported a position ${reported} in ${row.symbol}`);
  }
  session.notePrice(market.symbol, row.avgPrice, row.markPrice);
  return {
    mode: row.positionIdx === '0' ? 'one-way' : 'hedge',
    position: {
      symbol: market.symbol,
      side: side === 'Buy' ? 'long' : 'short',
      amount: multiplyDecimals(row.size, market.contractSize),
      changedAt: timeOf(row.updatedTime),
    },
  };
}

function isNothing(size: unknown): boolean {
  return typeof size === 'string' && isDecimal(size) && isZero(size);
}
