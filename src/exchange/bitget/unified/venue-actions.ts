import { z } from 'zod';
import {
  absoluteDecimal,
  addDecimals,
  compareDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
} from '../../../domain/decimal/decimal.js';
import type { VenueAction } from '../../../domain/explain/cause.js';
import { decimalText, timeMs, word, get, type Endpoint } from '../../transport/endpoint.js';
import type { VenueActionQuestion } from '../../profile/profile.js';
import type { Market } from '../../profile/markets.js';
import type { Params, ReadSession } from '../../profile/read-session.js';
import { actOfRecord, actOfWalletBill, positionActOf, positionChange, signedChange, windowOf } from '../shared/acts.js';
import { envelope, NOTHING, PAGE, productOf, type Envelope } from '../shared/common.js';
import { SIDE } from '../shared/rows.js';
import { cursorPage, FUTURES, isOf, unifiedIdOf, type CursorList } from './categories.js';

/*
 * What Bitget did to a unified account, and money that came or went. Source: bitget.com/api-doc/uta, pages
 * trade/Get-Order-History, trade/Get-Order-Fills, account/Get-Financial-Records, account/deposit/Get-Deposit-Records,
 * account/withdrawal/Get-Withdrawal-Records and uta/enum; the records of the funding wallet as ccxt quotes them.
 *
 * - `execType` of an order says liquidation, forced reduction, offset or delivery; only the trades report deleveraging
 *   (tradeSide).
 * - A transfer between the trading account and the funding wallet is two records, one in each.
 * - Deposits and withdrawals have records of their own; the record of the wallet that they reached is left out then.
 * - The newest 100 orders of a market and trades of a category, and 300 records of each category are read.
 */

const ORDER = z.object({
  symbol: word,
  side: SIDE,
  cumExecQty: decimalText,
  avgPrice: z.union([decimalText, NOTHING]).nullish(),
  execType: z.string().nullish(),
  updatedTime: timeMs,
});
const ORDERS = get('/api/v3/trade/history-orders', 'privateUtaGetV3TradeHistoryOrders', cursorPage(ORDER));

const FILL = z.object({
  symbol: word,
  side: SIDE,
  execQty: decimalText,
  execPrice: decimalText,
  tradeSide: z.string().nullish(),
  createdTime: timeMs,
});
const FILLS = get('/api/v3/trade/fills', 'privateUtaGetV3TradeFills', cursorPage(FILL));

const RECORD = z.object({
  coin: word,
  type: word,
  amount: decimalText,
  fee: z.union([decimalText, NOTHING]).nullish(),
  groupType: z.string().nullish(),
  ts: timeMs,
});
const RECORDS = get('/api/v3/account/financial-records', 'privateUtaGetV3AccountFinancialRecords', cursorPage(RECORD));
const FUNDING_RECORDS = get(
  '/api/v3/account/funding-financial-records',
  'privateUtaGetV3AccountFundingFinancialRecords',
  cursorPage(RECORD),
);

const PASSAGE = z.object({
  coin: word,
  /** Of a withdrawal with its fee. */
  size: decimalText,
  status: z.string(),
  createdTime: timeMs,
  updatedTime: timeMs.nullish(),
});
const DEPOSITS = get(
  '/api/v3/account/deposit-records',
  'privateUtaGetV3AccountDepositRecords',
  envelope(z.array(PASSAGE).nullable()),
);
const WITHDRAWALS = get(
  '/api/v3/account/withdrawal-records',
  'privateUtaGetV3AccountWithdrawalRecords',
  envelope(z.array(PASSAGE).nullable()),
);

const RECORD_PAGES = 3;
/** Between a deposit and the record of the wallet that it reached. */
const SAME_MS = 60 * 60 * 1000;

/** Forced orders and deleveragings of the markets, and records of the currencies. Throws ExchangeFailure. */
export async function readUnifiedActs(
  session: ReadSession,
  question: VenueActionQuestion,
  markets: readonly Market[],
): Promise<VenueAction[]> {
  const acts: VenueAction[] = [];
  for (const market of markets) acts.push(...(await readForcedOrders(session, question.since, market)));
  acts.push(...(await readDeleveragings(session, question.since, markets)));
  if (question.currencies.length === 0) return acts;
  const passages = [
    ...(await readPassages(session, question, DEPOSITS, 'deposit')),
    ...(await readPassages(session, question, WITHDRAWALS, 'withdrawal')),
  ];
  const records: VenueAction[] = [];
  for (const category of ['SPOT', 'MARGIN', ...FUTURES.map((one) => one.category), 'OTHER']) {
    records.push(...(await readRecords(session, question, RECORDS, { category })));
  }
  records.push(...(await readRecords(session, question, FUNDING_RECORDS, {})));
  return [...acts, ...passages, ...records.filter((record) => !passages.some((one) => isSame(one, record)))];
}

async function readForcedOrders(session: ReadSession, since: number, market: Market): Promise<VenueAction[]> {
  const category = productOf(market).productType;
  const params = { category, symbol: unifiedIdOf(market), ...windowOf(session, since), limit: String(PAGE) };
  const orders = (await session.ask(ORDERS, params)).data.list ?? [];
  return orders.flatMap(({ symbol, side, cumExecQty, avgPrice, execType, updatedTime }) => {
    const kind = positionActOf({ cause: execType });
    if (kind === null || !isOf(symbol, market) || isZero(cumExecQty)) return [];
    const change = positionChange(multiplyDecimals(cumExecQty, market.contractSize), side, null);
    const price = avgPrice === undefined || avgPrice === '' ? null : avgPrice;
    return { kind, symbol: market.symbol, change, price, at: updatedTime };
  });
}

async function readDeleveragings(
  session: ReadSession,
  since: number,
  markets: readonly Market[],
): Promise<VenueAction[]> {
  const acts: VenueAction[] = [];
  for (const category of new Set(markets.map((market) => productOf(market).productType))) {
    const params = { category, ...windowOf(session, since), limit: String(PAGE) };
    for (const fill of (await session.ask(FILLS, params)).data.list ?? []) {
      const { symbol, side, execQty, execPrice, tradeSide, createdTime } = fill;
      const market = markets.find((one) => productOf(one).productType === category && isOf(symbol, one));
      if (market === undefined || positionActOf({ tradeSide }) !== 'deleveraging') continue;
      const change = positionChange(multiplyDecimals(execQty, market.contractSize), side, tradeSide);
      acts.push({ kind: 'deleveraging', symbol: market.symbol, change, price: execPrice, at: createdTime });
    }
  }
  return acts;
}

async function readPassages(
  session: ReadSession,
  { since, currencies }: VenueActionQuestion,
  endpoint: typeof DEPOSITS,
  kind: 'deposit' | 'withdrawal',
): Promise<VenueAction[]> {
  const rows = (await session.ask(endpoint, { ...windowOf(session, since), limit: String(PAGE) })).data ?? [];
  return rows.flatMap(({ coin, size, status, createdTime, updatedTime }) => {
    const symbol = session.currency(coin.toUpperCase());
    if (status !== 'success' || !currencies.includes(symbol)) return [];
    const change = kind === 'deposit' ? absoluteDecimal(size) : negateDecimal(absoluteDecimal(size));
    return { kind, symbol, change, price: null, at: updatedTime ?? createdTime };
  });
}

async function readRecords(
  session: ReadSession,
  { since, currencies }: VenueActionQuestion,
  endpoint: Endpoint<Envelope<CursorList<z.infer<typeof RECORD>>>>,
  of: Params,
): Promise<VenueAction[]> {
  const [only] = currencies;
  const coin = only !== undefined && currencies.length === 1 ? { coin: only } : {};
  const acts: VenueAction[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < RECORD_PAGES; page++) {
    const next = cursor === undefined || cursor === null || cursor === '' ? {} : { cursor };
    const params = { ...of, ...coin, ...windowOf(session, since), limit: String(PAGE), ...next };
    const { list, cursor: following } = (await session.ask(endpoint, params)).data;
    for (const { coin: id, type, amount, fee, groupType, ts } of list ?? []) {
      const kind = groupType === undefined || groupType === null ? actOfRecord(type) : actOfWalletBill(groupType, type);
      const symbol = session.currency(id.toUpperCase());
      if (kind === null || !currencies.includes(symbol)) continue;
      const paid = fee === undefined || fee === null || fee === '' ? '0' : fee;
      acts.push({ kind, symbol, change: addDecimals(signedChange(amount, type), paid), price: null, at: ts });
    }
    cursor = following;
    if ((list ?? []).length < PAGE || cursor === undefined || cursor === null || cursor === '') break;
  }
  return acts;
}

/** Whether a wallet's record is of a deposit or withdrawal that is reported already. */
function isSame(passage: VenueAction, record: VenueAction): boolean {
  if (record.kind === passage.kind && record.symbol === passage.symbol) return true;
  if (record.kind !== 'transfer' || record.symbol !== passage.symbol) return false;
  const isNear = Math.abs((record.at ?? 0) - (passage.at ?? 0)) <= SAME_MS;
  return isNear && compareDecimals(record.change, passage.change) === 0;
}
