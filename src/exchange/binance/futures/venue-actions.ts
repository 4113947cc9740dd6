import { z } from 'zod';
import { isZero, multiplyDecimals, normalizeDecimal } from '../../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../../domain/explain/cause.js';
import { decimalText, timeMs, word } from '../../transport/endpoint.js';
import { whatIsAnswered } from '../common.js';
import type { Market } from '../../profile/markets.js';
import type { VenueActionQuestion } from '../../profile/profile.js';
import type { ReadSession } from '../../profile/read-session.js';
import type { FuturesApi } from './api.js';
import { apiOf, type FuturesApis } from './portfolio-margin.js';

/*
 * What happened to a futures account besides the bot's orders: orders of Binance's risk engine and of settlements, and what
 * moved the wallet. Source: "User's Force Orders", "All Orders" and "Get Income History" of the USDⓈ-M, COIN-M and portfolio
 * margin documentation.
 *
 * Realized profit and loss is left out: it belongs to the trades of a position.
 */

const FORCED_ORDER = z.object({
  symbol: word,
  side: z.enum(['BUY', 'SELL']),
  /** Of a liquidation "autoclose-...", of a deleveraging "adl_autoclose". Source: "Order Update" event. */
  clientOrderId: z.string(),
  executedQty: decimalText,
  avgPrice: decimalText,
  updateTime: timeMs,
});
type ForcedOrder = z.infer<typeof FORCED_ORDER>;

const FORCED_ORDERS = z.array(FORCED_ORDER);

const SETTLED = /^settlement_autoclose/;

const INCOME = z.array(
  z.object({ symbol: z.string().nullish(), incomeType: z.string(), asset: word, income: decimalText, time: timeMs }),
);

/** Kinds of income that move the wallet without a trade, and the fees of trades. */
const ACTS: Readonly<Record<string, CurrencyAct>> = {
  FUNDING_FEE: 'funding',
  TRANSFER: 'transfer',
  INTERNAL_TRANSFER: 'transfer',
  CROSS_COLLATERAL_TRANSFER: 'transfer',
  STRATEGY_UMFUTURES_TRANSFER: 'transfer',
  WELCOME_BONUS: 'transfer',
  CONTEST_REWARD: 'transfer',
  FUTURES_PRESENT: 'transfer',
  COMMISSION: 'fee',
  COMMISSION_REBATE: 'fee',
  REFERRAL_KICKBACK: 'fee',
  API_REBATE: 'fee',
  /** The fee of a liquidation, paid to the insurance fund. */
  INSURANCE_CLEAR: 'fee',
  AUTO_EXCHANGE: 'conversion',
  COIN_SWAP_DEPOSIT: 'conversion',
  COIN_SWAP_WITHDRAW: 'conversion',
  FEE_RETURN: 'fee',
  BFUSD_REWARD: 'interest',
};

/** The largest answers. More rows in the requested time are not read, so that their differences get no cause. */
const FORCE_ORDERS_LIMIT = '100';
const HISTORY_LIMIT = '1000';

/**
 * Liquidations, deleveragings and settlements of the symbols, and income of the currencies. A question that fails is
 * left out.
 */
export async function readFuturesVenueActions(
  session: ReadSession,
  apis: FuturesApis,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const api = apiOf(session, apis);
  const startTime = String(since);
  const ofSymbols = symbols.flatMap((symbol) => [
    () => readForced(session, api, symbol, startTime),
    () => readSettled(session, api, symbol, startTime),
  ]);
  const ofWallet = currencies.length === 0 ? [] : [() => readIncome(session, api, startTime, currencies)];
  return whatIsAnswered([...ofSymbols, ...ofWallet]);
}

async function readForced(
  session: ReadSession,
  { question }: FuturesApi,
  symbol: string,
  startTime: string,
): Promise<VenueAction[]> {
  const market = await session.marketOf(symbol);
  if (market === null) return [];
  const params = { symbol: market.id, startTime, limit: FORCE_ORDERS_LIMIT };
  const orders = await session.ask(question('forceOrders', FORCED_ORDERS), params);
  return orders.map((order) =>
    actOf(order, order.clientOrderId.startsWith('adl') ? 'deleveraging' : 'liquidation', market),
  );
}

/** Settlements are no forced orders: they are among all orders, with a client order id of their own. */
async function readSettled(
  session: ReadSession,
  { question }: FuturesApi,
  symbol: string,
  startTime: string,
): Promise<VenueAction[]> {
  const market = await session.marketOf(symbol);
  if (market === null) return [];
  const params = { symbol: market.id, startTime, limit: HISTORY_LIMIT };
  const orders = await session.ask(question('allOrders', FORCED_ORDERS), params);
  const settled = orders.filter(
    ({ clientOrderId, executedQty }) => SETTLED.test(clientOrderId) && !isZero(executedQty),
  );
  return settled.map((order) => actOf(order, 'settlement', market));
}

function actOf(
  { side, executedQty, avgPrice, updateTime }: ForcedOrder,
  kind: PositionAct,
  market: Market,
): VenueAction {
  const amount = multiplyDecimals(executedQty, market.contractSize);
  const change = multiplyDecimals(amount, side === 'SELL' ? '-1' : '1');
  return { kind, symbol: market.symbol, change, price: avgPrice, at: updateTime };
}

async function readIncome(
  session: ReadSession,
  api: FuturesApi,
  startTime: string,
  currencies: readonly string[],
): Promise<VenueAction[]> {
  const rows = await session.ask(api.question('income', INCOME), { startTime, limit: HISTORY_LIMIT });
  const own = new Set(session.marketIds());
  return rows.flatMap(({ symbol, incomeType, asset, income, time }) => {
    const currency = session.currency(asset);
    const kind = Object.hasOwn(ACTS, incomeType) ? ACTS[incomeType] : undefined;
    // USD-M and COIN-M share one history, and each has its own wallet.
    const isOther = (symbol ?? '') !== '' && !own.has(symbol ?? '');
    if (kind === undefined || isOther || !currencies.includes(currency)) return [];
    return [{ kind, symbol: currency, change: normalizeDecimal(income), price: null, at: time }];
  });
}
