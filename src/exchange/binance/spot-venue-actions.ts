import { z } from 'zod';
import { multiplyDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { CurrencyAct, VenueAction } from '../../domain/explain/cause.js';
import type { Market } from '../profile/markets.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { whatIsAnswered } from './common.js';

/*
 * What moved the spot wallet besides the amounts of trades. Source: "Deposit History", "Withdraw History", "DustLog", "Asset
 * Dividend Record" and "Query User Universal Transfer History" of the wallet documentation, "Get Convert Trade History" of the
 * convert documentation, "Account trade list" of the spot documentation.
 *
 * Subscriptions to earn products are not reported by any of these.
 */

/** 1: success, 6: credited but not yet to be withdrawn. */
const CREDITED = ['1', '6'];
/** 0: email sent, 2: awaiting approval, 4: processing, 6: completed. In each of them the wallet no longer has the amount. */
const TAKEN = ['0', '2', '4', '6'];
const SPOT_WALLET = '0';

const wallet = z.string().nullish();

const DEPOSITS = get(
  '/sapi/v1/capital/deposit/hisrec',
  'sapiGetCapitalDepositHisrec',
  z.array(
    z.object({
      coin: word,
      amount: decimalText,
      status: z.string(),
      insertTime: timeMs,
      completeTime: timeMs.nullish(),
      walletType: wallet,
    }),
  ),
);

/** "2019-10-12 11:12:02", UTC. */
const utcTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'not a time')
  .transform((text) => Date.parse(`${text.replace(' ', 'T')}Z`));

const WITHDRAWALS = get(
  '/sapi/v1/capital/withdraw/history',
  'sapiGetCapitalWithdrawHistory',
  z.array(
    z.object({
      coin: word,
      /** Without the fee. */
      amount: decimalText,
      transactionFee: decimalText,
      status: z.string(),
      applyTime: utcTime,
      walletType: wallet,
    }),
  ),
);

const DUST = get(
  '/sapi/v1/asset/dribblet',
  'sapiGetAssetDribblet',
  z.object({
    userAssetDribblets: z.array(
      z.object({
        userAssetDribbletDetails: z.array(
          z.object({
            fromAsset: word,
            amount: decimalText,
            /** BNB where it is absent. */
            targetAsset: word.nullish(),
            /** What was credited, after the service charge. */
            transferedAmount: decimalText,
            operateTime: timeMs,
          }),
        ),
      }),
    ),
  }),
);

const CONVERSIONS = get(
  '/sapi/v1/convert/tradeFlow',
  'sapiGetConvertTradeFlow',
  z.object({
    list: z.array(
      z.object({
        orderStatus: z.string(),
        fromAsset: word,
        fromAmount: decimalText,
        toAsset: word,
        toAmount: decimalText,
        createTime: timeMs,
      }),
    ),
  }),
);

const DIVIDENDS = get(
  '/sapi/v1/asset/assetDividend',
  'sapiGetAssetAssetDividend',
  z.object({
    rows: z.array(
      z.object({
        asset: word,
        amount: decimalText,
        divTime: timeMs,
        /** 1: received, -1: taken back. */
        direction: z.string().nullish(),
      }),
    ),
  }),
);

const TRANSFERS = get(
  '/sapi/v1/asset/transfer',
  'sapiGetAssetTransfer',
  z.object({
    rows: z
      .array(z.object({ asset: word, amount: decimalText, status: z.string(), timestamp: timeMs }))
      // Left out where there is none.
      .nullish(),
  }),
);

/** Wallets between which a transfer is asked for, each in both directions. */
const OTHER_WALLETS = ['UMFUTURE', 'CMFUTURE', 'MARGIN', 'FUNDING'];

const DISTRIBUTIONS = get(
  '/sapi/v1/asset/assetDistributionHistory',
  'sapiGetAssetAssetDistributionHistory',
  z.object({ rows: z.array(z.object({ asset: word, amount: decimalText, divTime: timeMs })) }),
);

const OWN_TRADES = get(
  '/api/v3/myTrades',
  'privateGetMyTrades',
  z.array(z.object({ commission: decimalText, commissionAsset: word, time: timeMs })),
);

/** The largest answers. More rows in the requested time are not read, so that their differences get no cause. */
const LIMIT = '1000';
const DIVIDENDS_LIMIT = '500';
const TRANSFERS_LIMIT = '100';
/** Markets whose trades are asked for fees in one call: each question weighs 20. */
const MAX_MARKETS = 10;
/** Quote currencies that are tried for a currency that alone differs. */
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'USD'];
/** The longest interval that the history of conversions accepts. */
const CONVERSIONS_MS = 30 * 24 * 60 * 60 * 1000;

/** What moved the balances of the currencies since then. A question that fails is left out. */
export async function readSpotVenueActions(
  session: ReadSession,
  question: VenueActionQuestion,
): Promise<VenueAction[]> {
  const { since } = question;
  const startTime = String(since);
  return readAll(question, [
    () => readDeposits(session, startTime),
    () => readWithdrawals(session, startTime),
    () => readDust(session, startTime),
    () => readConversions(session, since),
    () => readDividends(session, startTime),
    ...transferQuestions(session, startTime),
    ...(await feeQuestions(session, question)),
  ]);
}

/** Binance.US reports less. */
export async function readUsVenueActions(session: ReadSession, question: VenueActionQuestion): Promise<VenueAction[]> {
  const startTime = String(question.since);
  return readAll(question, [
    () => readDeposits(session, startTime),
    () => readWithdrawals(session, startTime),
    () => readDistributions(session, startTime),
    ...(await feeQuestions(session, question)),
  ]);
}

type Question = () => Promise<VenueAction[]>;

async function readAll({ currencies }: VenueActionQuestion, questions: readonly Question[]): Promise<VenueAction[]> {
  if (currencies.length === 0) return [];
  const actions = await whatIsAnswered(questions);
  return actions.filter(({ symbol, change }) => currencies.includes(symbol) && signOf(change) !== 0);
}

async function readDeposits(session: ReadSession, startTime: string): Promise<VenueAction[]> {
  const rows = await session.ask(DEPOSITS, { startTime, limit: LIMIT });
  return rows
    .filter(({ status, walletType }) => CREDITED.includes(status) && (walletType ?? SPOT_WALLET) === SPOT_WALLET)
    .map((row) => act(session, 'deposit', row.coin, row.amount, row.completeTime ?? row.insertTime));
}

async function readWithdrawals(session: ReadSession, startTime: string): Promise<VenueAction[]> {
  const rows = await session.ask(WITHDRAWALS, { startTime, limit: LIMIT });
  return rows
    .filter(({ status, walletType }) => TAKEN.includes(status) && (walletType ?? SPOT_WALLET) === SPOT_WALLET)
    .flatMap(({ coin, amount, transactionFee, applyTime }) => [
      act(session, 'withdrawal', coin, negative(amount), applyTime),
      act(session, 'fee', coin, negative(transactionFee), applyTime),
    ]);
}

async function readDust(session: ReadSession, startTime: string): Promise<VenueAction[]> {
  const { userAssetDribblets } = await session.ask(DUST, { startTime });
  return userAssetDribblets.flatMap(({ userAssetDribbletDetails }) =>
    userAssetDribbletDetails.flatMap(({ fromAsset, amount, targetAsset, transferedAmount, operateTime }) => [
      act(session, 'conversion', fromAsset, negative(amount), operateTime),
      act(session, 'conversion', targetAsset ?? 'BNB', transferedAmount, operateTime),
    ]),
  );
}

async function readConversions(session: ReadSession, since: number): Promise<VenueAction[]> {
  const endTime = session.exchangeTime();
  const startTime = String(Math.max(since, endTime - CONVERSIONS_MS));
  const { list } = await session.ask(CONVERSIONS, { startTime, endTime: String(endTime), limit: LIMIT });
  return list
    .filter(({ orderStatus }) => orderStatus === 'SUCCESS')
    .flatMap(({ fromAsset, fromAmount, toAsset, toAmount, createTime }) => [
      act(session, 'conversion', fromAsset, negative(fromAmount), createTime),
      act(session, 'conversion', toAsset, toAmount, createTime),
    ]);
}

async function readDividends(session: ReadSession, startTime: string): Promise<VenueAction[]> {
  const { rows } = await session.ask(DIVIDENDS, { startTime, limit: DIVIDENDS_LIMIT });
  return rows.map(({ asset, amount, divTime, direction }) =>
    act(session, 'interest', asset, direction === '-1' ? negative(amount) : amount, divTime),
  );
}

async function readDistributions(session: ReadSession, startTime: string): Promise<VenueAction[]> {
  const { rows } = await session.ask(DISTRIBUTIONS, { startTime, limit: DIVIDENDS_LIMIT });
  return rows.map(({ asset, amount, divTime }) => act(session, 'interest', asset, amount, divTime));
}

function transferQuestions(session: ReadSession, startTime: string): Question[] {
  const types = OTHER_WALLETS.flatMap((other) => [`MAIN_${other}`, `${other}_MAIN`]);
  return types.map((type) => async () => {
    const { rows } = await session.ask(TRANSFERS, { type, startTime, size: TRANSFERS_LIMIT });
    const made = (rows ?? []).filter(({ status }) => status === 'CONFIRMED');
    return made.map(({ asset, amount, timestamp }) =>
      act(session, 'transfer', asset, type.startsWith('MAIN_') ? negative(amount) : amount, timestamp),
    );
  });
}

/** Fees that trades took from the bought currency, or from BNB. */
async function feeQuestions(session: ReadSession, question: VenueActionQuestion): Promise<Question[]> {
  const params = { startTime: String(question.since), limit: LIMIT };
  return (await marketsOf(session, question)).map(({ id }) => async () => {
    const trades = await session.ask(OWN_TRADES, { symbol: id, ...params });
    return trades.map((row) => act(session, 'fee', row.commissionAsset, negative(row.commission), row.time));
  });
}

/** The markets named in the question, then those of two of its currencies, then of one with a usual quote currency. */
async function marketsOf(session: ReadSession, { symbols, currencies }: VenueActionQuestion): Promise<Market[]> {
  const pairs = currencies.flatMap((base) => currencies.map((quote) => `${base}/${quote}`));
  const usual = currencies.flatMap((base) => QUOTES.map((quote) => `${base}/${quote}`));
  const listed = new Set(session.symbols());
  const asked = [...new Set([...symbols, ...pairs, ...usual])].filter((symbol) => listed.has(symbol));
  const markets: Market[] = [];
  for (const symbol of asked.slice(0, MAX_MARKETS)) {
    const market = await session.marketOf(symbol);
    if (market?.kind === 'spot') markets.push(market);
  }
  return markets;
}

function act(session: ReadSession, kind: CurrencyAct, asset: string, amount: string, at: number): VenueAction {
  return { kind, symbol: session.currency(asset), change: normalizeDecimal(amount), price: null, at };
}

function negative(amount: string): string {
  return multiplyDecimals(amount, '-1');
}
