import type { CompareRules } from '../../../src/domain/policy/policy.js';
import type { Balance, MarketFacts, OpenOrder, Position } from '../../../src/domain/snapshot/snapshot.js';
import { exact, isNear } from './exact.js';

/*
 * An account is a list of things: a position, a holding, an order. Each thing is known as it truly is, and shows itself
 * differently on the two sides: in other texts, rows, units and ids. Whether the two sides differ in it follows from what
 * was planted, not from the rows.
 */

export interface Rows {
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
}

/** Whether two amounts of a symbol or currency are equal for this account. */
export type Near = (symbol: string, a: bigint, b: bigint) => boolean;

export interface Thing {
  /** Symbol, or the currency of a holding. */
  symbol: string;
  part: 'positions' | 'orders' | 'balances';
  /** What was done to it, for the count of kinds. */
  kind: string;
  exchange: Partial<Rows>;
  internal: Partial<Rows>;
  /** What the owner holds of it beside the bot: a baseline of the account. */
  beside?: { symbol: string; amount: string };
  /** Whether the sides differ in it; null: the rules allow both answers. */
  differs: (near: Near, rules: CompareRules) => boolean | null;
}

/** Makes a thing. The number keeps ids of different things apart. */
export type MakeThing = (number: number) => Thing;

export const LINEAR: Record<string, MarketFacts> = {
  'BTC/USDT:USDT': { amountStep: '0.001', minAmount: '0.001', contractSize: '0.001', price: '60000' },
  'ETH/USDT:USDT': { amountStep: '0.01', contractSize: '0.1', price: '3000' },
  'DOGE/USDT:USDT': { amountStep: '10', minAmount: '10', contractSize: '10', price: '0.2' },
  'BTC/USDT:USDT-261225': { amountStep: '0.01', contractSize: '0.01', price: '61000' },
};
export const INVERSE: Record<string, MarketFacts> = {
  'BTC/USD:BTC': { amountStep: '100', minAmount: '100', contractSize: '100', price: '60000' },
  'ETH/USD:ETH': { amountStep: '10', contractSize: '10', price: '3000' },
  'SOL/USD:SOL': { amountStep: '1', price: '150' },
  'BTC/USD:BTC-261225': { amountStep: '100', contractSize: '100', price: '61000' },
};
/** Markets of currencies: the step of an amount, and the least order. */
export const CURRENCIES: Record<string, MarketFacts> = {
  BTC: { amountStep: '0.00001', minAmount: '0.0001' },
  ETH: { amountStep: '0.0001', minAmount: '0.002' },
  SHIB: { amountStep: '1', minAmount: '1000' },
  BNB: { amountStep: '0.001' },
};
const SPOT: Record<string, MarketFacts> = {
  'BTC/USDT': { amountStep: '0.00001', price: '60000' },
  'ETH/USDT': { amountStep: '0.0001', price: '3000' },
};
export const MARKETS: Record<string, MarketFacts> = { ...LINEAR, ...INVERSE, ...SPOT, ...CURRENCIES };
export const ORDER_SYMBOLS = ['BTC/USDT:USDT', 'DOGE/USDT:USDT', 'BTC/USD:BTC', 'BTC/USDT'];

export function stepOf(symbol: string): bigint {
  return exact(MARKETS[symbol]?.amountStep ?? '0.00000001');
}

export function isInverseSymbol(symbol: string): boolean {
  return symbol in INVERSE;
}

/** The equality of amounts under the account's rules, from the documented defaults. */
export function nearOf({ tolerance }: Pick<CompareRules, 'tolerance'>): Near {
  return (symbol, a, b) => {
    const usual = isInverseSymbol(symbol)
      ? { amount: exact('0.00000001'), share: exact('0.000000001') }
      : { amount: symbol in MARKETS ? stepOf(symbol) / 2n : exact('0.000000005'), share: 0n };
    return isNear(a, b, tolerance[symbol] ?? tolerance['*'], usual);
  };
}
