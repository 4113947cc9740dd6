import { z } from 'zod';
import { isZero, multiplyDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { gateTime } from './common.js';
import { isDelivery, productEndpoint, productOf, PRODUCTS, settleParam, type Product } from './products.js';

/*
 * What Gate itself did to an account. Source: www.gate.com/docs/developers/apiv4/en, "Query liquidation history",
 * "Query ADL auto-deleveraging order information", "Query personal trading records by time range", "Query settlement
 * records" of delivery, "Query spot account transaction history" with the list "AccountBook type".
 *
 * - A liquidation reports the size of the position, so the position changed by its opposite. ADL reports the traded size.
 * - A contract that is delisted is closed by trades with the text "clear".
 * - The spot account's book has every change of a balance with its type; orders are types of their own.
 * - Times in questions are seconds.
 */

const LIQUIDATION = z.object({
  time: decimalText,
  contract: word,
  size: decimalText,
  fill_price: decimalText.nullish(),
});
const DELEVERAGING = z.object({
  time: decimalText,
  contract: word,
  trade_size: decimalText,
  fill_price: decimalText.nullish(),
});
const TRADE = z.object({
  create_time: decimalText,
  contract: word,
  size: decimalText,
  price: decimalText,
  text: z.string().nullish(),
});
const SETTLEMENT = z.object({
  time: decimalText,
  contract: word,
  size: decimalText,
  settle_price: decimalText.nullish(),
});

const endpointsOf = (product: Product) => ({
  liquidations: productEndpoint(product, 'liquidates', 'Liquidates', null, z.array(LIQUIDATION)),
  deleveragings: productEndpoint(product, 'auto_deleverages', 'AutoDeleverages', null, z.array(DELEVERAGING)),
  trades: productEndpoint(product, 'my_trades_timerange', 'MyTradesTimerange', null, z.array(TRADE)),
  settlements: productEndpoint(product, 'settlements', 'Settlements', null, z.array(SETTLEMENT)),
});
const ENDPOINTS = new Map(PRODUCTS.map((product) => [product, endpointsOf(product)]));

const BOOK_ROW = z.object({ time: decimalText, currency: word, change: decimalText, type: z.string() });
const BOOK = get('/spot/account_book', 'privateSpotGetAccountBook', z.array(BOOK_ROW));

/** The largest answers. More rows in the requested time are not read, so that their differences get no cause. */
const PAGE = '100';
const BOOK_PAGE = '1000';
/** The spot book answers for 30 days at most. */
const BOOK_MS = 29 * 24 * 60 * 60 * 1000;

/** Types of the spot account's book that are not orders of the account. */
const TYPES: readonly [RegExp, CurrencyAct][] = [
  [/^(?:deposit|airdrop|award|trading_rewards|purchase_bonus|mining_rewards)(?!_rej)/, 'deposit'],
  [/withdraw/, 'withdrawal'],
  [/^dust_swap_(?:dctd|gt_add)$|^eth_swap$|^cv_|^flash_swap|^points_purchase$/, 'conversion'],
  [/_fee$|_rebate$|^referral|^system_fee$|^subs_deduct$/, 'fee'],
  [/interest|_int(?:_in)?$/, 'interest'],
  [/_in$|_out$|trf|^borrow$|_borrow$|^repay$|_repay$|^lend|^redeem$|^push_|^collected$/, 'transfer'],
];

function kindOf(type: string): CurrencyAct | null {
  return TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? null;
}

/**
 * Liquidations, deleveragings and settlements of the symbols, and entries of the account book of the currencies. Throws
 * ExchangeFailure.
 */
export async function readGateVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const actions: VenueAction[] = [];
  for (const symbol of symbols) {
    const market = await session.marketOf(symbol);
    if (market !== null) actions.push(...(await readContract(session, market, since)));
  }
  for (const currency of currencies) actions.push(...(await readBook(session, currency, since)));
  return actions;
}

async function readContract(session: ReadSession, market: Market, since: number): Promise<VenueAction[]> {
  const product = productOf(market);
  const endpoints = product === null ? undefined : ENDPOINTS.get(product);
  if (product === null || endpoints === undefined) return [];
  const act = (kind: PositionAct, contracts: string, price: string | null | undefined, at: string): VenueAction[] => {
    if (isZero(contracts)) return [];
    const change = multiplyDecimals(contracts, market.contractSize);
    return [{ kind, symbol: market.symbol, change, price: price ?? null, at: gateTime(at) }];
  };
  const closed = (size: string): string => multiplyDecimals(size, '-1');
  const params: Params = { ...settleParam(product), contract: market.id, limit: PAGE };
  const inTime = { ...params, from: String(Math.floor(since / 1000)) };
  const liquidations = await session.ask(endpoints.liquidations, isDelivery(market) ? params : inTime);
  const actions = liquidations.flatMap((row) => act('liquidation', closed(row.size), row.fill_price, row.time));
  if (isDelivery(market)) {
    const settled = await session.ask(endpoints.settlements, params);
    actions.push(...settled.flatMap((row) => act('settlement', closed(row.size), row.settle_price, row.time)));
  } else {
    const reduced = await session.ask(endpoints.deleveragings, inTime);
    actions.push(...reduced.flatMap((row) => act('deleveraging', row.trade_size, row.fill_price, row.time)));
    const cleared = (await session.ask(endpoints.trades, inTime)).filter(
      ({ text }) => text?.startsWith('clear') === true,
    );
    actions.push(...cleared.flatMap((row) => act('settlement', row.size, row.price, row.create_time)));
  }
  return actions.filter(({ at }) => at === null || at >= since);
}

async function readBook(session: ReadSession, currency: string, since: number): Promise<VenueAction[]> {
  const from = Math.max(since, session.exchangeTime() - BOOK_MS);
  // A currency that ccxt renames is found among all.
  const only: Params = session.currency(currency) === currency ? { currency } : {};
  const rows = await session.ask(BOOK, { ...only, from: String(Math.floor(from / 1000)), limit: BOOK_PAGE });
  return rows.flatMap(({ time, change, type, ...row }): VenueAction[] => {
    const kind = kindOf(type);
    if (kind === null || signOf(change) === 0 || session.currency(row.currency) !== currency) return [];
    return [{ kind, symbol: currency, change: normalizeDecimal(change), price: null, at: gateTime(time) }];
  });
}
