import { z } from 'zod';
import { subtractDecimals } from '../../../domain/decimal/decimal.js';
import { rowsOf, type ReadRow } from '../../profile/unread.js';
import { decimalText, idText, timeMs, word } from '../../transport/endpoint.js';
import { isNothing } from '../common.js';

/*
 * Rows of Binance's futures APIs. Those of USD-M, COIN-M and portfolio margin differ only in names.
 *
 * A field is `nullish` only where its absence is harmless: there is no such price, or the time is not reported.
 */

const SIDE = z.enum(['BUY', 'SELL']);
const POSITION_SIDE = z.enum(['BOTH', 'LONG', 'SHORT']);

const POSITION_ROW = z.object({
  symbol: word,
  positionSide: POSITION_SIDE,
  /** Contracts: of USD-M base units. */
  positionAmt: decimalText,
  entryPrice: z.string().nullish(),
  markPrice: z.string().nullish().catch(null),
  updateTime: timeMs.nullish(),
});
export type PositionRow = z.infer<typeof POSITION_ROW>;

export const POSITIONS = z.array(
  rowsOf(POSITION_ROW, { symbol: 'symbol', skip: (raw) => isNothing(raw['positionAmt']) }),
);

/** Only of trailing stops; empty where the order is active from the start. */
const activatePrice = z.union([decimalText, z.literal('')]).nullish();

const TRIGGERED_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'] as const;
export const TRAILING = 'TRAILING_STOP_MARKET';

const ORDER_ROW = z
  .object({
    symbol: word,
    orderId: idText,
    clientOrderId: word,
    side: SIDE,
    positionSide: POSITION_SIDE.nullish(),
    type: z.enum(['LIMIT', 'MARKET', 'LIQUIDATION', ...TRIGGERED_TYPES]),
    status: z.enum(['NEW', 'PARTIALLY_FILLED']),
    price: decimalText,
    stopPrice: decimalText.nullish(),
    activatePrice,
    origQty: decimalText,
    executedQty: decimalText,
    closePosition: z.boolean().nullish(),
    updateTime: timeMs.nullish(),
  })
  .refine((row) => !waits(row.type) || row.type === TRAILING || isPresent(row.stopPrice), {
    path: ['stopPrice'],
    error: 'a price is owed',
  });
export type OrderRow = z.infer<typeof ORDER_ROW>;

/** An order that waits for a trigger, in the words of the algo service. */
export interface ConditionalRow {
  symbol: string;
  id: string;
  clientOrderId: string;
  side: z.infer<typeof SIDE>;
  positionSide?: z.infer<typeof POSITION_SIDE> | null | undefined;
  type: (typeof TRIGGERED_TYPES)[number];
  status: string | null;
  price: string | null | undefined;
  triggerPrice: string | null | undefined;
  activatePrice: string | null | undefined;
  amount: string | null | undefined;
  closePosition: boolean;
  updateTime: number | null | undefined;
}

/** Words of the documentation. All but the first two have left the list, or are about to. */
const ALGO_STATUS = z.enum(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED', 'CANCELED', 'REJECTED', 'EXPIRED']);

const ALGO_FORM = z
  .object({
    symbol: word,
    algoId: idText,
    clientAlgoId: word,
    side: SIDE,
    positionSide: POSITION_SIDE.nullish(),
    orderType: z.enum(TRIGGERED_TYPES),
    algoStatus: ALGO_STATUS.nullish(),
    price: decimalText.nullish(),
    triggerPrice: decimalText.nullish(),
    activatePrice,
    quantity: decimalText.nullish(),
    closePosition: z.boolean().nullish(),
    updateTime: timeMs.nullish(),
  })
  .refine((row) => row.orderType === TRAILING || isPresent(row.triggerPrice), {
    path: ['triggerPrice'],
    error: 'a price is owed',
  })
  .refine((row) => !hasLimit(row.orderType) || isPresent(row.price), { path: ['price'], error: 'a price is owed' })
  .transform(({ algoId, clientAlgoId, orderType, algoStatus, quantity, closePosition, ...row }): ConditionalRow => ({
    ...row,
    id: algoId,
    clientOrderId: clientAlgoId,
    type: orderType,
    status: algoStatus ?? null,
    amount: quantity,
    price: row.price,
    triggerPrice: row.triggerPrice,
    activatePrice: row.activatePrice,
    closePosition: closePosition === true,
    updateTime: row.updateTime,
  }));

/** The answer to a new order calls its type `type`; some lists do, too. */
const ALGO_ROW = z.preprocess((raw) => {
  const row = z.record(z.string(), z.unknown()).safeParse(raw).data ?? {};
  return row['orderType'] === undefined ? { ...row, orderType: row['type'] } : row;
}, ALGO_FORM);

/** Portfolio margin's first form of conditional orders. */
const STRATEGY_ROW = z
  .object({
    symbol: word,
    strategyId: idText,
    newClientStrategyId: word,
    side: SIDE,
    positionSide: POSITION_SIDE.nullish(),
    strategyType: z.enum(TRIGGERED_TYPES),
    strategyStatus: ALGO_STATUS,
    price: decimalText.nullish(),
    stopPrice: decimalText.nullish(),
    activatePrice,
    origQty: decimalText.nullish(),
    updateTime: timeMs.nullish(),
  })
  .refine((row) => row.strategyType === TRAILING || isPresent(row.stopPrice), {
    path: ['stopPrice'],
    error: 'a price is owed',
  })
  .refine((row) => !hasLimit(row.strategyType) || isPresent(row.price), { path: ['price'], error: 'a price is owed' })
  .transform(
    ({
      strategyId,
      newClientStrategyId,
      strategyType,
      strategyStatus,
      stopPrice,
      origQty,
      ...row
    }): ConditionalRow => ({
      ...row,
      id: strategyId,
      clientOrderId: newClientStrategyId,
      type: strategyType,
      status: strategyStatus,
      amount: origQty,
      price: row.price,
      triggerPrice: stopPrice,
      activatePrice: row.activatePrice,
      closePosition: false,
      updateTime: row.updateTime,
    }),
  );

export interface BalanceRow {
  asset: string;
  balance: string;
}

const BALANCE_ROW = z.object({ asset: word, balance: decimalText });

/**
 * What the account owns of an asset: `totalWalletBalance` adds up the cross margin, USD-M and COIN-M wallets; a loan
 * and its interest are debts. `negativeBalance` is a debt that the documentation does not place, so it is not guessed.
 */
const PORTFOLIO_BALANCE_ROW = z
  .object({
    asset: word,
    totalWalletBalance: decimalText,
    crossMarginBorrowed: decimalText,
    crossMarginInterest: decimalText,
    negativeBalance: decimalText,
  })
  .refine(({ negativeBalance }) => isNothing(negativeBalance), { path: ['negativeBalance'], error: 'a debt' })
  .transform(({ asset, totalWalletBalance, crossMarginBorrowed, crossMarginInterest }): BalanceRow => {
    const balance = subtractDecimals(subtractDecimals(totalWalletBalance, crossMarginBorrowed), crossMarginInterest);
    return { asset, balance };
  });

export const OPEN_ORDERS = z.array(rowsOf(ORDER_ROW, { symbol: 'symbol' }));
export const ALGO_ORDERS = z.array(rowsOf(ALGO_ROW, { symbol: 'symbol' }));
export const STRATEGIES = z.array(rowsOf(STRATEGY_ROW, { symbol: 'symbol' }));

/** Balances of zero are left out: an asset may have empty fields then. */
export const BALANCES = balanceRows(BALANCE_ROW, ['balance']);
export const PORTFOLIO_BALANCES = balanceRows(PORTFOLIO_BALANCE_ROW, [
  'totalWalletBalance',
  'crossMarginBorrowed',
  'crossMarginInterest',
  'negativeBalance',
]);

function balanceRows(row: z.ZodType<BalanceRow>, fields: readonly string[]): z.ZodType<ReadRow<BalanceRow>[]> {
  const skip = (raw: Readonly<Record<string, unknown>>): boolean => fields.every((field) => isNothing(raw[field]));
  return z.array(rowsOf(row, { symbol: 'asset', skip })).min(1);
}

/** Whether an order of this type waits for a trigger. */
export function waits(type: string): boolean {
  return (TRIGGERED_TYPES as readonly string[]).includes(type);
}

/** Whether an order of this type becomes a limit order when it triggers. */
function hasLimit(type: string): boolean {
  return type === 'STOP' || type === 'TAKE_PROFIT';
}

function isPresent(text: string | null | undefined): boolean {
  return text !== null && text !== undefined;
}
