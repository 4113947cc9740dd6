import { z } from 'zod';
import { addDecimals, isZero, type DecimalText } from '../../domain/decimal/decimal.js';
import type { Balance, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, word } from '../transport/endpoint.js';
import { envelope } from './common.js';

/*
 * KuCoin's wallets. Source: www.kucoin.com/docs-new/rest/account-info/account-funding, Get Account List - Spot, Get
 * Account - Cross Margin, Get Account - Isolated Margin.
 *
 * - Balances are those of the spot trading account (`trade`, and `trade_hf` of old). The funding account (`main`), the
 *   margin accounts and the futures wallets are other accounts of the same currencies: a sum would match no bot's
 *   state. Those that hold something are gaps.
 * - `queryType=ALL` covers the margin accounts of low and high frequency.
 */

const ACCOUNT_ROW = z.object({ currency: word, type: word, balance: decimalText });
const ACCOUNT_ROWS = z.array(rowsOf(ACCOUNT_ROW, { symbol: 'currency' }));
const ACCOUNTS = get('/api/v1/accounts', 'privateGetAccounts', envelope(ACCOUNT_ROWS), { scope: 'balances' });

const TRADING = ['trade', 'trade_hf'];
/** Types of old, whose content is in the margin accounts. */
const ABANDONED = ['margin', 'isolated', 'margin_v2', 'isolated_v2'];

export interface SpotWallets {
  balances: Balance[];
  /** By account type, the currencies that another account of this list holds. */
  others: Map<string, string[]>;
}

/** The balances of the spot trading account, and which other accounts hold something. Throws ExchangeFailure. */
export async function readSpotWallets(session: ReadSession): Promise<SpotWallets> {
  const totals = new Map<string, DecimalText>();
  const others = new Map<string, string[]>();
  const rows = (await session.ask(ACCOUNTS)).data;
  for (const { currency, type, balance } of await session.convert(ACCOUNTS, rows, (row) => row)) {
    const code = session.currency(currency);
    if (TRADING.includes(type)) totals.set(code, addDecimals(totals.get(code) ?? '0', balance));
    else if (!ABANDONED.includes(type) && !isZero(balance)) others.set(type, [...(others.get(type) ?? []), code]);
  }
  const balances = [...totals].flatMap(([currency, total]) => (isZero(total) ? [] : [{ currency, total }]));
  return { balances, others };
}

const ASSET = z.object({ currency: word, total: decimalText, liability: decimalText });
const CROSS = get(
  '/api/v3/margin/accounts',
  'privateGetMarginAccounts',
  envelope(z.object({ accounts: z.array(ASSET) })),
);
const ISOLATED = get(
  '/api/v3/isolated/accounts',
  'privateGetIsolatedAccounts',
  envelope(z.object({ assets: z.array(z.object({ baseAsset: ASSET, quoteAsset: ASSET })) })),
);
type Asset = z.infer<typeof ASSET>;

const ALL = { queryType: 'ALL' };
const NO_PERMISSION = '400007';

/** Gaps for the margin accounts: none where they hold nothing. */
export async function readMarginGaps(session: ReadSession): Promise<ScopeGap[]> {
  const cross = await session.askUnless([NO_PERMISSION], CROSS, ALL);
  const isolated = await session.askUnless([NO_PERMISSION], ISOLATED, ALL);
  if (cross === null || isolated === null) return marginGaps('the key may not ask what the margin accounts hold');
  const assets = [
    ...cross.data.accounts,
    ...isolated.data.assets.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]),
  ];
  const held = named(session, assets, ({ total }) => total);
  const owed = named(session, assets, ({ liability }) => liability);
  if (held === '' && owed === '') return [];
  const debts = owed === '' ? '' : ` and owe ${owed}`;
  return marginGaps(`the margin accounts hold ${held === '' ? 'nothing' : held}${debts}, and are not read`);
}

function marginGaps(reason: string): ScopeGap[] {
  const scopes = ['positions:spot', 'orders:regular:margin', 'orders:conditional:margin', 'balances:margin'];
  return scopes.map((scope) => ({ scope, reason }));
}

function named(session: ReadSession, assets: readonly Asset[], amount: (asset: Asset) => DecimalText): string {
  return listed(assets.filter((asset) => !isZero(amount(asset))).map(({ currency }) => session.currency(currency)));
}

const NAMED = 5;

/** "BTC, ETH and 3 more" */
export function listed(currencies: readonly string[]): string {
  const all = [...new Set(currencies)].toSorted();
  const more = all.length - NAMED;
  return `${all.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
