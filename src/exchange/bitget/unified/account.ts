import { z } from 'zod';
import {
  addDecimals,
  compareDecimals,
  isZero,
  multiplyDecimals,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../../../domain/decimal/decimal.js';
import type { Balance, Position, PositionMode } from '../../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../../transport/endpoint.js';
import { rowsOf } from '../../profile/unread.js';
import type { ReadSession } from '../../profile/read-session.js';
import { Totals } from '../shared/totals.js';
import { changeTimeOf, checkMode, envelope, optionalTime, POS_MODE } from '../shared/common.js';
import { convertRows, isZeroIn, marketOfRow, type RowList } from '../shared/convert.js';
import { FUTURES, named } from './categories.js';

/*
 * Positions and assets of a unified account. Source: bitget.com/api-doc/uta, pages trade/Get-Position, account/Get-Account,
 * account/Get-Account-Funding-Assets and uta/intro ("Asset-related Terminology").
 *
 * - Positions: all of a category in one answer, unpaged; null without positions. `total` is unsigned, `posSide` the side in both
 *   holding modes. `avgPrice` is the entry price.
 * - "Coin equity = Balance + Frozen margin + unrealized PnL": `balance` leaves out what spot orders lock (`locked`), so a total is
 *   balance + locked. ccxt had the same defect (pull request 30083).
 * - "Debt = ABS(min(balance + unrealized PnL, 0))": a debt is a balance below zero already and is not subtracted again.
 *   A row with a debt and a balance above zero has another form: it is read if its equity shows which, and refused
 *   otherwise.
 * - Without a debt, an equity below balance + locked does not show whether the balance includes the locked part; seen
 *   on a live account with resting coin-margined orders. While no position explains it, such a row is refused.
 * - Only assets that are not zero are reported. The funding wallet is another account of the same owner: both are summed.
 */

const POSITION_ROW = z.object({
  symbol: word,
  holdMode: POS_MODE,
  posSide: z.enum(['long', 'short']),
  total: decimalText,
  marginCoin: z.string().nullish(),
  avgPrice: z.string().nullish(),
  markPrice: z.string().nullish().catch(null),
  createdTime: optionalTime,
  updatedTime: optionalTime,
});

const POSITIONS = get(
  '/api/v3/position/current-position',
  'privateUtaGetV3PositionCurrentPosition',
  envelope(z.object({ list: z.array(named(POSITION_ROW, (raw) => isZeroIn(raw, 'total'))).nullable() })),
  { scope: 'positions' },
);

const ASSET_ROW = z.object({
  coin: word,
  balance: decimalText,
  locked: decimalText,
  debt: decimalText,
  equity: decimalText.nullish(),
});
type AssetRow = z.infer<typeof ASSET_ROW>;

const ASSETS = get(
  '/api/v3/account/assets',
  'privateUtaGetV3AccountAssets',
  envelope(z.object({ assets: z.array(rowsOf(ASSET_ROW, { symbol: 'coin' })) })),
  { scope: 'balances' },
);

const FUNDING_ROW = z.object({ coin: word, balance: decimalText });

const FUNDING_ASSETS = get(
  '/api/v3/account/funding-assets',
  'privateUtaGetV3AccountFundingAssets',
  envelope(z.array(rowsOf(FUNDING_ROW, { symbol: 'coin' }))),
  { scope: 'balances' },
);

export interface UnifiedHeld {
  positions: Position[];
  balances: Balance[];
}

/** Positions, and the assets of the trading account: what every fill changes. */
export async function readUnifiedHeld(session: ReadSession, mode: PositionMode): Promise<UnifiedHeld> {
  const margins = new Set<string>();
  const positions: Position[] = [];
  for (const { category, product, path } of FUTURES) {
    const list: RowList = { session, endpoint: POSITIONS, product, scope: `positions:${path}` };
    const rows = (await session.ask(POSITIONS, { category })).data.list ?? [];
    const read = await convertRows(list, rows, async (row): Promise<Position> => {
      margins.add((row.marginCoin ?? '').toUpperCase());
      const market = await marketOfRow(list, row.symbol);
      if (signOf(row.total) < 0) {
        const what = `reported a ${row.posSide} position of ${row.total} in ${row.symbol}`;
        throw session.refuseRow(POSITIONS, market.symbol, what);
      }
      checkMode(session, POSITIONS, market.symbol, row.holdMode, mode);
      session.notePrice(market.symbol, row.avgPrice, row.markPrice);
      return {
        symbol: market.symbol,
        side: row.posSide,
        amount: multiplyDecimals(row.total, market.contractSize),
        changedAt: changeTimeOf({ cTime: row.createdTime, uTime: row.updatedTime }),
      };
    });
    positions.push(...read);
  }
  const { assets } = (await session.ask(ASSETS)).data;
  const balances = await session.convert(ASSETS, assets, (row): Balance => {
    const currency = session.currency(row.coin);
    const total = totalOf(row, margins.has(row.coin.toUpperCase()));
    if (total !== null) return { currency, total };
    const { balance, locked, debt, equity } = row;
    const reported = `balance ${balance}, locked ${locked}, debt ${debt} and equity ${equity ?? 'left out'}`;
    throw session.refuseRow(ASSETS, currency, `reported ${row.coin} with ${reported}, which do not add up`);
  });
  return { positions, balances };
}

/** Null where the fields do not say what is held. */
function totalOf({ balance, locked, debt, equity }: AssetRow, hasPositions: boolean): DecimalText | null {
  const total = addDecimals(balance, locked);
  const known = equity ?? null;
  const equal = (amount: DecimalText): boolean => known !== null && compareDecimals(known, amount) === 0;
  if (!isZero(debt) && signOf(balance) > 0) {
    const net = subtractDecimals(total, debt);
    if (equal(net)) return net;
    return equal(total) ? total : null;
  }
  const isShort = known !== null && isZero(debt) && !isZero(locked) && compareDecimals(known, total) < 0;
  return isShort && !hasPositions ? null : total;
}

/** The balance of each coin in the trading account and in the funding wallet. */
export async function readUnifiedBalances(session: ReadSession, trading: readonly Balance[]): Promise<Balance[]> {
  const totals = new Totals(trading);
  const rows = (await session.ask(FUNDING_ASSETS)).data;
  const funding = await session.convert(FUNDING_ASSETS, rows, ({ coin, balance }) => ({
    currency: session.currency(coin),
    total: balance,
  }));
  totals.add(funding);
  return totals.list();
}
