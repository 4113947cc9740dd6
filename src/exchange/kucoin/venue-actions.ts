import { z } from 'zod';
import { isZero, multiplyDecimals, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { envelope, readIsHighFrequency } from './common.js';

/*
 * What KuCoin itself did to an account. Source: www.kucoin.com/docs-new/rest, futures-trading/orders/get-trade-history
 * (`tradeTypes`), account-info/account-funding (Get Account Ledgers - Trade_hf, Get Account Ledgers - Spot/Margin).
 *
 * - Liquidation, ADL and settlement are trades with a type of their own.
 * - The ledger of the spot account has every change with its `bizType`; `amount` is unsigned, and of a trade includes the fee.
 * - Funding is paid from the futures wallet, which is not compared.
 */

const FILL = z.object({
  symbol: word,
  side: z.enum(['buy', 'sell']),
  price: decimalText,
  size: decimalText,
  tradeType: z.string(),
  createdAt: timeMs,
});
const FILLS = get('/api/v1/fills', 'futuresPrivateGetFills', envelope(z.object({ items: z.array(FILL) })));

const ENTRY = z.object({
  currency: word,
  amount: decimalText,
  fee: decimalText.nullish(),
  accountType: z.string(),
  bizType: z.string(),
  direction: z.enum(['in', 'out']),
  createdAt: timeMs,
});
const HF_LEDGER = get('/api/v1/hf/accounts/ledgers', 'privateGetHfAccountsLedgers', envelope(z.array(ENTRY)));
const LEDGER = get(
  '/api/v1/accounts/ledgers',
  'privateGetAccountsLedgers',
  envelope(z.object({ items: z.array(ENTRY) })),
);

/** The largest answers, newest first. What is older is not read, so that its differences get no cause. */
const FILLS_PAGE = '1000';
const HF_PAGE = '200';
const LEDGER_PAGE = '500';
/** The ledgers answer for a day at most where the question has a start. */
const LEDGER_MS = 24 * 60 * 60 * 1000;

function actOf(tradeType: string): PositionAct | null {
  if (/^liquid/i.test(tradeType)) return 'liquidation';
  if (/^adl/i.test(tradeType)) return 'deleveraging';
  return /^settle/i.test(tradeType) ? 'settlement' : null;
}

/** Types of a ledger, in the words of both: "TRANSFER", "Sub-account transfer", "Deposit". */
const TYPES: readonly [RegExp, CurrencyAct][] = [
  [/transfer/i, 'transfer'],
  [/deposit|bonus|airdrop|reward/i, 'deposit'],
  [/withdraw/i, 'withdrawal'],
  [/convert|small.?asset/i, 'conversion'],
  [/fee|rebate/i, 'fee'],
  [/interest/i, 'interest'],
  [/lend|loan|borrow|repa(?:y|id)|staking|earn|subscri|redempt/i, 'transfer'],
];
const TRADE = /exchange/i;

/** Forced trades of the symbols, and ledger entries of the currencies. Throws ExchangeFailure. */
export async function readKucoinVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const actions: VenueAction[] = [];
  for (const symbol of symbols) actions.push(...(await readContract(session, symbol, since)));
  if (currencies.length > 0) actions.push(...(await readLedger(session, currencies, since)));
  return actions;
}

async function readContract(session: ReadSession, symbol: string, since: number): Promise<VenueAction[]> {
  const market = await session.marketOf(symbol);
  if (market === null || market.kind === 'spot') return [];
  const params = {
    symbol: market.id,
    startAt: String(since),
    tradeTypes: 'adl,liquid,settlement',
    pageSize: FILLS_PAGE,
  };
  const { items } = (await session.ask(FILLS, params)).data;
  return items.flatMap(({ side, price, size, tradeType, createdAt, ...row }): VenueAction[] => {
    const kind = actOf(tradeType);
    if (kind === null || row.symbol !== market.id) return [];
    const change = multiplyDecimals(multiplyDecimals(size, market.contractSize), side === 'buy' ? '1' : '-1');
    return [{ kind, symbol, change, price, at: timeOf(createdAt) }];
  });
}

async function readLedger(session: ReadSession, currencies: readonly string[], since: number): Promise<VenueAction[]> {
  const startAt = String(Math.max(since, session.exchangeTime() - LEDGER_MS));
  const isHf = await readIsHighFrequency(session);
  const actions: VenueAction[] = [];
  for (const currency of currencies) {
    // A currency that ccxt renames is found among all.
    const only: Params = session.currency(currency) === currency ? { currency } : {};
    const entries = isHf
      ? (await session.ask(HF_LEDGER, { ...only, startAt, limit: HF_PAGE })).data
      : (await session.ask(LEDGER, { ...only, startAt, pageSize: LEDGER_PAGE })).data.items;
    const own = entries.filter(
      (entry) => session.currency(entry.currency) === currency && isTrading(entry.accountType),
    );
    actions.push(...own.flatMap((entry) => actionOf(entry, currency)));
  }
  return actions;
}

function isTrading(accountType: string): boolean {
  return /^trade/i.test(accountType);
}

function actionOf(
  { amount, fee, bizType, direction, createdAt }: z.infer<typeof ENTRY>,
  symbol: string,
): VenueAction[] {
  const at = timeOf(createdAt);
  if (TRADE.test(bizType)) {
    if (fee === null || fee === undefined || isZero(fee)) return [];
    return [{ kind: 'fee', symbol, change: multiplyDecimals(fee, '-1'), price: null, at }];
  }
  const kind = TYPES.find(([pattern]) => pattern.test(bizType))?.[1];
  if (kind === undefined || isZero(amount)) return [];
  const change = direction === 'in' ? normalizeDecimal(amount) : multiplyDecimals(amount, '-1');
  return [{ kind, symbol, change, price: null, at }];
}
