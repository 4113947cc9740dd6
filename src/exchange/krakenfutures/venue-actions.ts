import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import type { MarketKind } from '../profile/markets.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, word } from '../transport/endpoint.js';
import { isoTime } from './common.js';

/*
 * What Kraken itself did to a Futures account, from its account log. Source: docs.kraken.com/api-reference/account-history,
 * get-account-log (the words of `info`); the Account Log feed of the Futures websocket.
 *
 * - An entry is about one asset: a currency, or a contract ("pi_xbtusd"), whose balance is the position, in contracts. So a
 *   liquidation has one entry of the contract and one of the currency that pays for it.
 * - "assignor" is a position that was taken over from a liquidated account, "unwind bankrupt" one that was ended against others;
 *   "unwind counterparty" is the other side of it, which is deleveraged. An "assignee" takes part in the assignment program by
 *   agreement: that is no act against the account.
 * - A transfer between two of the account's own wallets has two entries that add up to zero.
 * - One page has at most 500 entries; older ones of the time asked for are not read, so that their differences get no cause. The
 *   demo environment has no account log.
 */

const ENTRY = z.object({
  date: isoTime,
  asset: word,
  info: word,
  old_balance: decimalText,
  new_balance: decimalText,
  fee: decimalText.nullish(),
  trade_price: decimalText.nullish(),
});
type Entry = z.infer<typeof ENTRY>;

const ACCOUNT_LOG = get(
  '/api/history/v3/account-log',
  'historyGetAccountLog',
  z.object({ accountUid: word, logs: z.array(rowsOf(ENTRY, { symbol: 'asset' })) }),
  { scope: 'positions' },
);
const PAGE = '500';

const POSITION_ACTS: Readonly<Record<string, PositionAct>> = {
  'futures liquidation': 'liquidation',
  'futures partial liquidation': 'liquidation',
  'covered liquidation': 'liquidation',
  'futures assignor': 'liquidation',
  'futures unwind bankrupt': 'liquidation',
  'futures unwind counterparty': 'deleveraging',
  settlement: 'settlement',
};

const CURRENCY_ACTS: Readonly<Record<string, CurrencyAct>> = {
  'funding rate change': 'funding',
  'interest payment': 'interest',
  conversion: 'conversion',
  'kfee applied': 'fee',
  transfer: 'transfer',
  'cross-exchange transfer': 'transfer',
  'subaccount transfer': 'transfer',
  'admin transfer': 'transfer',
};

const KINDS: MarketKind[] = ['linear', 'inverse'];

/** Entries of the account log about the symbols and currencies. Throws ExchangeFailure. */
export async function readKrakenVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const { logs } = await session.ask(ACCOUNT_LOG, { since: String(since), sort: 'desc', count: PAGE });
  const read = await session.convert(ACCOUNT_LOG, logs, async (entry): Promise<VenueAction[]> => {
    const change = subtractDecimals(entry.new_balance, entry.old_balance);
    const isContract = entry.asset.includes('_');
    if (!isContract) return actsOnCurrency(session.currency(entry.asset.toUpperCase()), entry, change, currencies);
    const kind = own(POSITION_ACTS, entry.info);
    if (kind === null || isZero(change)) return [];
    const market = await session.market(entry.asset.toUpperCase(), ACCOUNT_LOG, KINDS);
    if (!symbols.includes(market.symbol)) return [];
    return [
      {
        kind,
        symbol: market.symbol,
        change: multiplyDecimals(change, market.contractSize),
        price: entry.trade_price ?? null,
        at: entry.date,
      },
    ];
  });
  return read.flat();
}

function actsOnCurrency(
  symbol: string,
  { info, fee = null, date: at }: Entry,
  change: string,
  currencies: readonly string[],
): VenueAction[] {
  if (!currencies.includes(symbol)) return [];
  const kind = own(CURRENCY_ACTS, info);
  if (kind !== null) return isZero(change) ? [] : [{ kind, symbol, change, price: null, at }];
  if (fee === null || isZero(fee)) return [];
  // Its sign differs between pages; a trade never earns one here.
  const paid = multiplyDecimals(absoluteDecimal(fee), '-1');
  return [{ kind: 'fee', symbol, change: paid, price: null, at }];
}

/** Words come from outside, so "constructor" must not match. */
function own<T>(table: Readonly<Record<string, T>>, word: string): T | null {
  return Object.hasOwn(table, word) ? (table[word] ?? null) : null;
}
