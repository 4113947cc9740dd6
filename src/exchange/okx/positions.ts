import { z } from 'zod';
import {
  absoluteDecimal,
  compareDecimals,
  isDecimal,
  isZero,
  multiplyDecimals,
  signOf,
} from '../../domain/decimal/decimal.js';
import type { Position, PositionMode, PositionSide } from '../../domain/snapshot/snapshot.js';
import { decimalText, get, word } from '../transport/endpoint.js';
import { otherContractSize } from '../profile/contract-value.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { summedBySide } from '../profile/position-sides.js';
import { timeOf } from '../profile/rows.js';
import { rowsOf } from '../profile/unread.js';
import { envelope, okxMarket } from './common.js';
import { timeText } from './lists.js';

/*
 * Positions of OKX. Source: www.okx.com/docs-v5/en, "Get positions".
 *
 * - Without a filter the answer has the positions of all instrument types, whatever they settle in, unpaged.
 * - With posSide net the sign of `pos` is the side; long and short rows are the legs of hedge mode, which is set for the swaps
 *   and futures of the whole account. One symbol may have a cross and an isolated position: they are summed by side.
 * - `pos` counts contracts: of ctVal base units, of inverse contracts of ctVal USD.
 * - `notionalUsd` of a linear contract is pos x ctVal x markPx in dollars: it shows a ctVal that changed after the instruments
 *   were read. Stablecoins are not exactly a dollar, so only a factor of two counts; contract sizes change by more.
 * - A margin position is of a spot pair, and always net with a positive `pos`: in the base currency (posCcy) it is long, in the
 *   quote currency short. What a short has sold is its liability, in the base currency.
 */

const POSITION_ROW = z.object({
  instType: word,
  instId: word,
  posSide: word,
  pos: decimalText,
  posCcy: z.string().nullish(),
  liab: z.string().nullish(),
  liabCcy: z.string().nullish(),
  avgPx: z.string().nullish(),
  markPx: z.string().nullish(),
  notionalUsd: z.string().nullish(),
  uTime: timeText,
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const POSITIONS = get(
  '/api/v5/account/positions',
  'privateGetAccountPositions',
  envelope(z.array(rowsOf(POSITION_ROW, { symbol: 'instId', skip: ({ pos }) => isNothing(pos) }))),
  { scope: 'positions' },
);

export interface HeldPositions {
  positions: Position[];
  /** How many positions of each instrument type were left out. */
  leftOut: Map<string, number>;
}

/** All positions of the account. Throws ExchangeFailure, also for a row in another position mode than `mode`. */
export async function readOkxPositions(session: ReadSession, mode: PositionMode): Promise<HeldPositions> {
  const { data } = await session.ask(POSITIONS);
  const leftOut = new Map<string, number>();
  const positions = await session.convert(POSITIONS, data, async (row): Promise<Position | null> => {
    const market = await okxMarket(session, row, POSITIONS);
    if (market === null) {
      leftOut.set(row.instType, (leftOut.get(row.instType) ?? 0) + 1);
      return null;
    }
    const { side, size } =
      row.instType === 'MARGIN' ? marginHolding(session, row, market) : holding(session, row, mode, market);
    checkContractSize(session, row, market);
    const amount = multiplyDecimals(size, market.contractSize);
    session.notePrice(market.symbol, row.avgPx, row.markPx);
    return { symbol: market.symbol, side, amount, changedAt: timeOf(row.uTime) };
  });
  return { positions: summedBySide(positions), leftOut };
}

interface Holding {
  side: PositionSide;
  size: string;
}

/** Throws `incomplete` for a leg in an account without legs, and the other way round. */
function holding(session: ReadSession, row: PositionRow, mode: PositionMode, { symbol }: Market): Holding {
  const reported = `reported a ${row.posSide} position of ${row.pos} in ${row.instId}`;
  if (row.posSide !== 'net' && row.posSide !== 'long' && row.posSide !== 'short') {
    throw session.refuseRow(POSITIONS, symbol, `${reported}: known sides are net, long, short`);
  }
  if ((row.posSide === 'net') !== (mode === 'one-way')) {
    const account = `but the account is in ${mode} mode: the mode was just changed`;
    throw session.failure('incomplete', POSITIONS, `${reported}, ${account}`);
  }
  const sign = signOf(row.pos);
  if (row.posSide === 'net') return { side: sign < 0 ? 'short' : 'long', size: absoluteDecimal(row.pos) };
  if (sign > 0) return { side: row.posSide, size: row.pos };
  throw session.refuseRow(POSITIONS, symbol, reported);
}

function marginHolding(session: ReadSession, row: PositionRow, { symbol }: Market): Holding {
  const [base, quote] = row.instId.split('-');
  if (row.posSide === 'net' && signOf(row.pos) > 0) {
    if (row.posCcy === base) return { side: 'long', size: row.pos };
    const owed = decimalText.safeParse(row.liab);
    if (row.posCcy === quote && row.liabCcy === base && owed.success && !isZero(owed.data)) {
      return { side: 'short', size: absoluteDecimal(owed.data) };
    }
  }
  const reported = `${row.posSide} ${row.pos} ${row.posCcy ?? ''}, liability ${row.liab ?? ''} ${row.liabCcy ?? ''}`;
  throw session.refuseRow(POSITIONS, symbol, `reported a margin position in ${row.instId} of ${reported}`);
}

function checkContractSize(session: ReadSession, row: PositionRow, market: Market): void {
  if (market.kind !== 'linear') return;
  const contracts = absoluteDecimal(row.pos);
  const size = otherContractSize({ contracts, value: row.notionalUsd, price: row.markPx }, market);
  if (size === null) return;
  const known = market.contractSize;
  const isOther =
    compareDecimals(size, multiplyDecimals(known, '2')) >= 0 ||
    compareDecimals(multiplyDecimals(size, '2'), known) <= 0;
  if (!isOther) return;
  const reported = `reported ${row.instId} at a value of about ${size} a contract`;
  throw session.refuseRow(
    POSITIONS,
    market.symbol,
    `${reported}, where the list of instruments says ${known}: it has changed`,
  );
}

function isNothing(pos: unknown): boolean {
  return typeof pos === 'string' && isDecimal(pos) && isZero(pos);
}
