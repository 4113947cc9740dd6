import { z } from 'zod';
import {
  addDecimals,
  isZero,
  multiplyDecimals,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../../domain/decimal/decimal.js';
import type { Balance, Position, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import { rowsOf } from '../profile/unread.js';
import type { ReadSession } from '../profile/read-session.js';
import { NOT_ASKED, type NotRead } from '../profile/define-exchange.js';
import { Totals } from './shared/totals.js';
import {
  changeTimeOf,
  checkMode,
  envelope,
  NOTHING,
  optionalTime,
  POS_MODE,
  PRODUCTS,
  type Modes,
} from './shared/common.js';
import { convertRows, isZeroIn, marketOfRow, type RowList } from './shared/convert.js';

/*
 * Positions and balances of a classic account. Source: bitget.com/api-doc, pages contract/position/get-all-position,
 * contract/account/Get-Account-List, spot/account/Get-Account-Assets, common/account/Funding-Assets and All-Account-Balance.
 *
 * - Positions: all of a product type in one answer, unpaged. `total` is unsigned and in the base coin, also of coin-margined
 *   contracts; `holdSide` is the side in both position modes.
 * - Balances: the sum of the spot account, the funding account and the three futures accounts, per coin. The equity of a futures
 *   account changes with prices, so the profit or loss of open positions is subtracted. Where USDT futures use several coins as
 *   margin, the pages do not define the sum: balances are then a gap.
 * - Margin accounts, earn products and bots of the exchange are not read. One question tells which of them hold something; each
 *   that does is a gap.
 */

const POSITION_ROW = z.object({
  symbol: word,
  holdSide: z.enum(['long', 'short']),
  total: decimalText,
  posMode: POS_MODE,
  openPriceAvg: z.string().nullish(),
  markPrice: z.string().nullish().catch(null),
  cTime: optionalTime,
  uTime: optionalTime,
});

const POSITIONS = get(
  '/api/v2/mix/position/all-position',
  'privateMixGetV2MixPositionAllPosition',
  envelope(z.array(rowsOf(POSITION_ROW, { symbol: 'symbol', skip: (raw) => isZeroIn(raw, 'total') }))),
  { scope: 'positions' },
);

const ASSET_ROW = z.object({ coin: word, available: decimalText, frozen: decimalText, locked: decimalText });

const SPOT_ASSETS = get(
  '/api/v2/spot/account/assets',
  'privateSpotGetV2SpotAccountAssets',
  envelope(z.array(rowsOf(ASSET_ROW, { symbol: 'coin' }))),
  { scope: 'balances' },
);

/** `frozen` may be "", which is zero: the page's own example has it. */
const FUNDING_ROW = z.object({ coin: word, available: decimalText, frozen: z.union([decimalText, NOTHING]) });

const FUNDING_ASSETS = get(
  '/api/v2/account/funding-assets',
  'privateSpotGetV2AccountFundingAssets',
  envelope(z.array(rowsOf(FUNDING_ROW, { symbol: 'coin' }))),
  { scope: 'balances' },
);

const profit = z.union([decimalText, NOTHING]);

const ACCOUNT_ROW = z.object({
  marginCoin: word,
  accountEquity: decimalText,
  unrealizedPL: profit,
  crossedUnrealizedPL: profit.nullish(),
  isolatedUnrealizedPL: profit.nullish(),
  assetMode: z.enum(['single', 'union']).nullish(),
});
type AccountRow = z.infer<typeof ACCOUNT_ROW>;

const ACCOUNTS = get(
  '/api/v2/mix/account/accounts',
  'privateMixGetV2MixAccountAccounts',
  envelope(z.array(rowsOf(ACCOUNT_ROW, { symbol: 'marginCoin' }))),
  { scope: 'balances' },
);

const WALLETS = get(
  '/api/v2/account/all-account-balance',
  'privateSpotGetV2AccountAllAccountBalance',
  envelope(z.array(z.object({ accountType: word, usdtBalance: z.union([decimalText, NOTHING]).nullish() })).min(1)),
);

/** The positions of all product types. Throws ExchangeFailure. */
export async function readPositions(session: ReadSession, modes: Modes): Promise<Position[]> {
  const positions: Position[] = [];
  for (const product of PRODUCTS) {
    const { productType, path } = product;
    const list: RowList = { session, endpoint: POSITIONS, product, scope: `positions:${path}` };
    const rows = (await session.ask(POSITIONS, { productType })).data;
    const read = await convertRows(list, rows, async (row): Promise<Position> => {
      const market = await marketOfRow(list, row.symbol);
      if (signOf(row.total) < 0) {
        const what = `reported a ${row.holdSide} position of ${row.total} in ${row.symbol}`;
        throw session.refuseRow(POSITIONS, market.symbol, what);
      }
      checkMode(session, POSITIONS, market.symbol, row.posMode, modes[productType]);
      session.notePrice(market.symbol, row.openPriceAvg, row.markPrice);
      return {
        symbol: market.symbol,
        side: row.holdSide,
        amount: multiplyDecimals(row.total, market.contractSize),
        changedAt: changeTimeOf(row),
      };
    });
    positions.push(...read);
  }
  return positions;
}

/** The balances of the spot account, with what orders lock. Throws ExchangeFailure. */
export async function readSpotBalances(session: ReadSession): Promise<Balance[]> {
  const rows = (await session.ask(SPOT_ASSETS)).data;
  return session.convert(SPOT_ASSETS, rows, ({ coin, available, frozen, locked }) => ({
    currency: session.currency(coin.toUpperCase()),
    total: addDecimals(available, addDecimals(frozen, locked)),
  }));
}

/** The balance of each coin in all accounts. All but the spot account are asked only where balances are compared. */
export async function readBalances(session: ReadSession, spot: readonly Balance[]): Promise<Balance[] | NotRead> {
  if (!session.wantsBalances) return NOT_ASKED;
  const totals = new Totals(spot);
  const funding = (await session.ask(FUNDING_ASSETS)).data;
  const held = await session.convert(FUNDING_ASSETS, funding, ({ coin, available, frozen }) => ({
    currency: session.currency(coin.toUpperCase()),
    total: addDecimals(available, frozen === '' ? '0' : frozen),
  }));
  totals.add(held);
  let isUnion = false;
  for (const { productType } of PRODUCTS) {
    const rows = (await session.ask(ACCOUNTS, { productType })).data;
    const balances = await session.convert(ACCOUNTS, rows, (row) => {
      isUnion ||= row.assetMode === 'union';
      const currency = session.currency(row.marginCoin.toUpperCase());
      const profit = openProfitOf(row);
      if (profit === null) throw session.refuseRow(ACCOUNTS, currency, `reported ${currency} with one of two profits`);
      return { currency, total: subtractDecimals(row.accountEquity, profit) };
    });
    if (isUnion) return { reason: 'USDT futures use several coins as margin; their sum is not reported' };
    totals.add(balances);
  }
  return totals.list();
}

/** The profit of cross and isolated positions, where both are reported; "" means that there is none. Null where only one is. */
function openProfitOf({ unrealizedPL, crossedUnrealizedPL, isolatedUnrealizedPL }: AccountRow): DecimalText | null {
  const isThere = (part: DecimalText | null | undefined): part is DecimalText =>
    part !== undefined && part !== null && part !== '';
  const apart = [crossedUnrealizedPL, isolatedUnrealizedPL].filter(isThere);
  if (apart.length === 0) return isThere(unrealizedPL) ? unrealizedPL : '0';
  const [crossed = '0', isolated] = apart;
  return isolated === undefined ? null : addDecimals(crossed, isolated);
}

/** Kinds of accounts whose balances are read. */
const READ_WALLETS = ['spot', 'futures', 'funding'];
const WALLET_NAMES: Readonly<Record<string, string>> = {
  margin: 'the margin accounts',
  earn: 'earn products',
  bots: "Bitget's own bots",
};
/** The key has no permission for this question. */
const NO_PERMISSION = ['40014', '40016', '40022', '40023', '40024', '40025', '40026', '40031'];

/** Accounts that hold something and are not read. */
export async function readWalletGaps(session: ReadSession): Promise<ScopeGap[]> {
  if (!session.wantsBalances) return [];
  const answer = await session.askUnless(NO_PERMISSION, WALLETS);
  if (answer === null) {
    const reason = 'margin, earn and bot accounts are not read, and this key may not ask whether they hold anything';
    return [{ scope: 'balances:other', reason }];
  }
  return answer.data.flatMap(({ accountType, usdtBalance }) => {
    if (READ_WALLETS.includes(accountType)) return [];
    const scope = `balances:${accountType}`;
    const name = WALLET_NAMES[accountType] ?? `the account "${accountType}"`;
    if (usdtBalance === undefined || usdtBalance === null || usdtBalance === '') {
      return [{ scope, reason: `${name} may hold something, which is not read` }];
    }
    // Without the value, which moves with every price.
    return isZero(usdtBalance) ? [] : [{ scope, reason: `${name} hold something, which is not read` }];
  });
}
