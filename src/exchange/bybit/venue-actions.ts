import { z } from 'zod';
import {
  addDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  normalizeDecimal,
  signOf,
} from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import type { Market } from '../profile/markets.js';
import { averagePriceOf, sumOf, type OwnTrade } from '../profile/missing-orders.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { envelope } from './common.js';
import { newestRows } from './lists.js';

/*
 * What Bybit itself did to an account. Source: "Get Trade History", "Get Transaction Log", "Enums Definitions" (execType,
 * createType, type(uta-translog)) of bybit-exchange.github.io/docs/v5.
 *
 * - Positions: executions. A laddered liquidation trades in the market (execType Trade), so its createType tells; a takeover is
 *   BustTrade, auto-deleveraging AdlTrade; a dated contract ends by Delivery or Settle.
 * - Balances: the transaction log of the unified account. Funding is SETTLEMENT; deposits and withdrawals pass through the
 *   funding account, so they are transfers. Borrowed and repaid amounts leave `walletBalance - spotBorrow` as it is.
 * - Both go back seven days in one request. Older records are not read, so that their differences get no cause.
 */

const EXECUTION = z.object({
  symbol: word,
  orderId: z.string(),
  side: z.string(),
  execPrice: decimalText,
  execQty: decimalText,
  execType: word,
  createType: z.string().nullish(),
  execTime: timeMs,
});
type Execution = z.infer<typeof EXECUTION>;

const EXECUTIONS = get(
  '/v5/execution/list',
  'privateGetV5ExecutionList',
  envelope(z.object({ nextPageCursor: z.string().nullish(), list: z.array(EXECUTION) })),
);

const LOG_ROW = z.object({
  type: word,
  currency: word,
  change: z.union([decimalText, z.literal('')]),
  fee: z.union([decimalText, z.literal('')]).nullish(),
  transactionTime: timeMs,
});
type LogRow = z.infer<typeof LOG_ROW>;

const TRANSACTION_LOG = get(
  '/v5/account/transaction-log',
  'privateGetV5AccountTransactionLog',
  envelope(z.object({ nextPageCursor: z.string().nullish(), list: z.array(LOG_ROW) })),
);

const WINDOW_MS = 7 * 24 * 60 * 60 * 1000;
/** Pages read of one symbol's executions and of one currency's log. */
const MAX_PAGES = 5;

/** By execType, else by createType. */
const ACTS: readonly [PositionAct, RegExp][] = [
  ['liquidation', /^(?:BustTrade|CreateByLiq|CreateByTakeOver)/],
  ['deleveraging', /^(?:AdlTrade|CreateByAdl)/],
  ['settlement', /^(?:Delivery|Settle|CreateBySettle)/],
];

/** What moves a currency, by the type of the log. What is not listed here is a trade, a loan, or unknown. */
const CURRENCY_ACTS: readonly [CurrencyAct, RegExp][] = [
  ['funding', /^SETTLEMENT$/],
  ['interest', /INTEREST/],
  ['fee', /(?:^|_)FEE(?:_|$)/],
  ['conversion', /^(?:CURRENCY_(?:BUY|SELL)|CONVERT|SPOT_REPAYMENT_(?:BUY|SELL)|IDN_CONVERT_(?:IN|OUT))$/],
  ['deposit', /^AIRDROP$/],
  ['transfer', /(?:^|_)(?:TRANSFER_(?:IN|OUT)|SUBSCRIPTION|REDEMPTION|REFUND)(?:_|$)/],
];

/**
 * Forced executions of the symbols and log entries of the currencies, of the last seven days. Throws ExchangeFailure.
 */
export async function readBybitVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const now = session.exchangeTime();
  const startTime = String(Math.max(since, now - WINDOW_MS));
  const endTime = String(now);
  const venueActions: VenueAction[] = [];
  for (const symbol of symbols) {
    const market = await session.marketOf(symbol);
    if (market === null || market.kind === 'spot') continue;
    const params = { category: market.kind, symbol: market.id, startTime, endTime, limit: '100' };
    venueActions.push(...actsOn(market, await newestRows(session, EXECUTIONS, params, MAX_PAGES)));
  }
  for (const currency of currencies) {
    const params = { accountType: 'UNIFIED', currency, startTime, endTime, limit: '50' };
    const rows = await newestRows(session, TRANSACTION_LOG, params, MAX_PAGES);
    venueActions.push(
      ...actsOnCurrency(
        currency,
        rows.filter((row) => session.currency(row.currency) === currency),
      ),
    );
  }
  return venueActions;
}

/** One act for each order of the exchange, which may trade many times. */
function actsOn(market: Market, rows: readonly Execution[]): VenueAction[] {
  const byOrder = new Map<string, { kind: PositionAct; side: string; trades: OwnTrade[] }>();
  for (const { symbol, orderId, side, execPrice, execQty, execType, createType, execTime } of rows) {
    const kind = kindOf([execType, createType ?? '']);
    if (symbol !== market.id || kind === null || (side !== 'Buy' && side !== 'Sell')) continue;
    const key = `${kind} ${side} ${orderId}`;
    const act = byOrder.get(key) ?? { kind, side, trades: [] };
    act.trades.push({ price: execPrice, amount: execQty, at: execTime });
    byOrder.set(key, act);
  }
  return [...byOrder.values()].map(({ kind, side, trades }) => ({
    kind,
    symbol: market.symbol,
    change: signed(multiplyDecimals(sumOf(trades), market.contractSize), side === 'Buy'),
    price: averagePriceOf(trades, market),
    at: Math.max(...trades.map(({ at }) => at)),
  }));
}

function kindOf(words: readonly string[]): PositionAct | null {
  return ACTS.find(([, names]) => words.some((name) => names.test(name)))?.[0] ?? null;
}

/** Fees of trades are summed: one currency may have hundreds. */
function actsOnCurrency(currency: string, rows: readonly LogRow[]): VenueAction[] {
  const acts: VenueAction[] = [];
  let fees = '0';
  let lastFee: number | null = null;
  for (const { type, change, fee, transactionTime } of rows) {
    if (type === 'TRADE') {
      if (fee === undefined || fee === null || fee === '' || isZero(fee)) continue;
      fees = addDecimals(fees, fee);
      lastFee = Math.max(lastFee ?? 0, transactionTime);
      continue;
    }
    const kind = CURRENCY_ACTS.find(([, names]) => names.test(type))?.[0];
    if (kind === undefined || change === '' || isZero(change)) continue;
    acts.push({ kind, symbol: currency, change: normalizeDecimal(change), price: null, at: transactionTime });
  }
  if (signOf(fees) === 0) return acts;
  return [...acts, { kind: 'fee', symbol: currency, change: negateDecimal(fees), price: null, at: lastFee }];
}

function signed(amount: string, up: boolean): string {
  return up ? amount : negateDecimal(amount);
}
