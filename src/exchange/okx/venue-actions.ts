import { z } from 'zod';
import {
  isZero,
  multiplyDecimals,
  negateDecimal,
  normalizeDecimal,
  addDecimals,
} from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import { knownMarket } from '../profile/known-market.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { priceOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { envelope } from './common.js';

/*
 * What OKX itself did to an account: its bills. Source: www.okx.com/docs-v5/en, "Get bills details (last 7 days)", with the types
 * and subtypes that its parameters list.
 *
 * - Liquidation, auto-deleveraging and delivery have a type each: one request answers for all positions. `sz` is in contracts;
 *   the subtype tells the side.
 * - A currency's other bills are transfers (deposits and withdrawals pass through the funding account), funding, interest,
 *   conversions, and the fees of trades. Borrowing changes no cash of the account's own.
 * - Older bills are not read, so that their differences get no cause.
 */

const BILL = z.object({
  billId: word,
  ccy: z.string(),
  instId: z.string(),
  type: word,
  subType: z.string(),
  balChg: z.union([decimalText, z.literal('')]),
  fee: z.union([decimalText, z.literal('')]).nullish(),
  sz: z.union([decimalText, z.literal('')]).nullish(),
  px: z.union([decimalText, z.literal('')]).nullish(),
  ts: timeMs,
});
type Bill = z.infer<typeof BILL>;

const BILLS = get('/api/v5/account/bills', 'privateGetAccountBills', envelope(z.array(BILL)));

const WINDOW_MS = 7 * 24 * 60 * 60 * 1000;
const PAGE = 100;
/** Pages read of one type, or of one currency. */
const MAX_PAGES = 5;

/** Bill types of what OKX does to positions. */
const POSITION_TYPES: readonly [string, PositionAct][] = [
  ['5', 'liquidation'],
  ['9', 'deleveraging'],
  ['3', 'settlement'],
];
/** Subtypes that close a short or buy; the others close a long or sell. Transfers and clawbacks are neither. */
const BUYS = ['101', '102', '105', '106', '126', '127', '113'];
const SELLS = ['100', '103', '104', '107', '125', '128', '112'];

/** What moves a currency, by bill type. */
const CURRENCY_TYPES: Readonly<Record<string, CurrencyAct>> = {
  '1': 'transfer',
  '12': 'transfer',
  '26': 'transfer',
  '4': 'conversion',
  '11': 'conversion',
  '27': 'conversion',
  '28': 'conversion',
  '29': 'conversion',
  '30': 'conversion',
  '7': 'interest',
  '381': 'interest',
  '8': 'funding',
  '10': 'fee',
  '250': 'fee',
  '251': 'fee',
};
/** Trades, and what trades by force or in blocks: their fees are summed. */
const TRADES = ['2', '5', '9', '14', '24'];

/**
 * Bills of forced trades of the symbols, and bills of the currencies, of the last seven days. Throws ExchangeFailure.
 */
export async function readOkxVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const begin = String(Math.max(since, session.exchangeTime() - WINDOW_MS));
  const venueActions: VenueAction[] = [];
  if (symbols.length > 0) {
    for (const [type, kind] of POSITION_TYPES) {
      for (const bill of await newestBills(session, { type, begin })) {
        const act = await positionAct(session, kind, bill);
        if (act !== null && symbols.includes(act.symbol)) venueActions.push(act);
      }
    }
  }
  for (const currency of currencies) {
    const bills = await newestBills(session, { ccy: currency, begin });
    venueActions.push(
      ...currencyActs(
        currency,
        bills.filter(({ ccy }) => session.currency(ccy) === currency),
      ),
    );
  }
  return venueActions;
}

async function newestBills(session: ReadSession, params: Params): Promise<Bill[]> {
  const bills: Bill[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const last = bills.at(-1);
    const after: Params = last === undefined ? {} : { after: last.billId };
    const { data } = await session.ask(BILLS, { ...params, limit: String(PAGE), ...after });
    bills.push(...data);
    if (data.length < PAGE) break;
  }
  return bills;
}

async function positionAct(session: ReadSession, kind: PositionAct, bill: Bill): Promise<VenueAction | null> {
  const size = priceOf(bill.sz);
  const isBuy = BUYS.includes(bill.subType);
  if (size === null || (!isBuy && !SELLS.includes(bill.subType)) || bill.instId === '') return null;
  // Options are not read, and an instrument that was delivered may have left the list.
  const market = await knownMarket(session, BILLS, bill.instId, ['linear', 'inverse', 'spot']);
  if (market === null) return null;
  const amount = multiplyDecimals(size, market.contractSize);
  return {
    kind,
    symbol: market.symbol,
    change: isBuy ? amount : negateDecimal(amount),
    price: priceOf(bill.px),
    at: bill.ts,
  };
}

/** A paid fee is below zero. Fees are summed: one currency may have hundreds. */
function currencyActs(currency: string, bills: readonly Bill[]): VenueAction[] {
  const acts: VenueAction[] = [];
  let fees = '0';
  let lastFee: number | null = null;
  for (const { type, balChg, fee, ts } of bills) {
    if (TRADES.includes(type) && priceOf(fee) !== null) {
      fees = addDecimals(fees, fee ?? '0');
      lastFee = Math.max(lastFee ?? 0, ts);
    }
    const kind = Object.hasOwn(CURRENCY_TYPES, type) ? CURRENCY_TYPES[type] : undefined;
    if (kind === undefined || balChg === '' || isZero(balChg)) continue;
    acts.push({ kind, symbol: currency, change: normalizeDecimal(balChg), price: null, at: ts });
  }
  if (isZero(fees)) return acts;
  return [...acts, { kind: 'fee', symbol: currency, change: normalizeDecimal(fees), price: null, at: lastFee }];
}
