import { z } from 'zod';
import { addDecimals, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { VenueAction } from '../../domain/explain/cause.js';
import { decimalText, timeMs, word, get } from '../transport/endpoint.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import {
  actOfFuturesBill,
  actOfWalletBill,
  positionActOf,
  positionChange,
  signedChange,
  windowOf,
} from './shared/acts.js';
import { byKind } from './shared/by-kind.js';
import { entrusted, envelope, idOf, NOTHING, PAGE, PRODUCTS, productOf, type Product } from './shared/common.js';
import { SIDE } from './shared/rows.js';
import { readUnifiedActs } from './unified/venue-actions.js';

/*
 * What Bitget did to a classic account, and money that came or went. Source: bitget.com/api-doc, pages
 * contract/trade/Get-Orders-History, contract/account/Get-Account-Bill and spot/account/Get-Account-Bills.
 *
 * - Liquidations, deleveragings and deliveries are orders in the history, placed by Bitget. Bills have their profit and not their
 *   size.
 * - A bill's change is its amount and its fee. A transfer between accounts of the same owner is two bills, one in each account.
 * - The newest 100 orders of a market, 500 bills of futures and 500 of each coin on spot are read. What is older gets no cause.
 */

const ORDER = z.object({
  symbol: word,
  baseVolume: decimalText,
  priceAvg: z.union([decimalText, NOTHING]).nullish(),
  side: SIDE,
  tradeSide: z.string().nullish(),
  orderSource: z.string().nullish(),
  cTime: timeMs,
  uTime: timeMs.nullish(),
});
const ORDERS = get('/api/v2/mix/order/orders-history', 'privateMixGetV2MixOrderOrdersHistory', entrusted(ORDER));

const FUTURES_BILL = z.object({
  billId: word,
  coin: word,
  amount: decimalText,
  fee: z.union([decimalText, NOTHING]).nullish(),
  businessType: word,
  cTime: timeMs,
});
const FUTURES_BILLS = get(
  '/api/v2/mix/account/bill',
  'privateMixGetV2MixAccountBill',
  envelope(z.object({ bills: z.array(FUTURES_BILL).nullable() })),
);

const SPOT_BILL = z.object({
  coin: word,
  groupType: word,
  businessType: word,
  size: decimalText,
  fees: z.union([decimalText, NOTHING]).nullish(),
  cTime: timeMs,
});
const SPOT_BILLS = get('/api/v2/spot/account/bills', 'privateSpotGetV2SpotAccountBills', envelope(z.array(SPOT_BILL)));
const SPOT_PAGE = '500';
const FUTURES_PAGES = 5;

/** Forced orders of the symbols and bills of the currencies, for either kind of account. Throws ExchangeFailure. */
export async function readBitgetVenueActions(
  session: ReadSession,
  question: VenueActionQuestion,
): Promise<VenueAction[]> {
  const markets: Market[] = [];
  for (const symbol of question.symbols) {
    const market = await session.marketOf(symbol);
    if (market !== null && market.kind !== 'spot') markets.push(market);
  }
  return byKind(session, {
    classic: async () => readClassicActs(session, question, markets),
    unified: async () => readUnifiedActs(session, question, markets),
  });
}

async function readClassicActs(
  session: ReadSession,
  question: VenueActionQuestion,
  markets: readonly Market[],
): Promise<VenueAction[]> {
  const acts: VenueAction[] = [];
  for (const market of markets) acts.push(...(await readForcedOrders(session, question.since, market)));
  for (const product of PRODUCTS) {
    if (question.currencies.some((currency) => isMarginOf(product, currency))) {
      acts.push(...(await readFuturesBills(session, question, product)));
    }
  }
  for (const currency of question.currencies) acts.push(...(await readSpotBills(session, question.since, currency)));
  return acts;
}

async function readForcedOrders(session: ReadSession, since: number, market: Market): Promise<VenueAction[]> {
  const { productType } = productOf(market);
  const params = { productType, symbol: market.id, ...windowOf(session, since), limit: String(PAGE) };
  const orders = (await session.ask(ORDERS, params)).data.entrustedList ?? [];
  return orders.flatMap(({ symbol, baseVolume, priceAvg, side, tradeSide, orderSource, cTime, uTime }) => {
    const kind = positionActOf({ tradeSide, cause: orderSource });
    if (kind === null || idOf(symbol) !== market.id || isZero(baseVolume)) return [];
    const amount = multiplyDecimals(baseVolume, market.contractSize);
    return {
      kind,
      symbol: market.symbol,
      change: positionChange(amount, side, tradeSide),
      price: priceAvg === undefined || priceAvg === '' ? null : priceAvg,
      at: uTime ?? cTime,
    };
  });
}

/** Coin-margined contracts are margined in their base coin, or in any coin. */
function isMarginOf({ productType }: Product, currency: string): boolean {
  if (productType === 'COIN-FUTURES') return currency !== 'USDT' && currency !== 'USDC';
  return currency === (productType === 'USDT-FUTURES' ? 'USDT' : 'USDC');
}

async function readFuturesBills(
  session: ReadSession,
  { since, currencies }: VenueActionQuestion,
  { productType }: Product,
): Promise<VenueAction[]> {
  const acts: VenueAction[] = [];
  let older: string | undefined;
  for (let page = 0; page < FUTURES_PAGES; page++) {
    const before = older === undefined ? {} : { idLessThan: older };
    const params = { productType, ...windowOf(session, since), limit: String(PAGE), ...before };
    const bills = (await session.ask(FUTURES_BILLS, params)).data.bills ?? [];
    for (const { coin, amount, fee, businessType, cTime } of bills) {
      const kind = actOfFuturesBill(businessType);
      const symbol = session.currency(coin.toUpperCase());
      if (kind === null || !currencies.includes(symbol)) continue;
      acts.push({ kind, symbol, change: withFee(amount, fee), price: null, at: cTime });
    }
    older = bills.at(-1)?.billId;
    if (bills.length < PAGE) break;
  }
  return acts;
}

async function readSpotBills(session: ReadSession, since: number, currency: string): Promise<VenueAction[]> {
  const bills = (await session.ask(SPOT_BILLS, { coin: currency, ...windowOf(session, since), limit: SPOT_PAGE })).data;
  return bills.flatMap(({ coin, groupType, businessType, size, fees, cTime }) => {
    const kind = actOfWalletBill(groupType, businessType);
    if (kind === null || session.currency(coin.toUpperCase()) !== currency) return [];
    const change = withFee(signedChange(size, businessType), fees);
    return { kind, symbol: currency, change, price: null, at: cTime };
  });
}

/** Fees are below zero in bills. */
function withFee(amount: string, fee: string | null | undefined): string {
  return fee === undefined || fee === null || fee === '' ? addDecimals(amount, '0') : addDecimals(amount, fee);
}
