import { z } from 'zod';
import { divideDecimals } from './rounding.js';
import { multiplyDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/** A market. The engine counts amounts in units everywhere; a wire that counts contracts divides by `contractSize`. */
export interface Market {
  /** ccxt's unified symbol: "BTC/USDT:USDT". */
  symbol: string;
  base: string;
  quote: string;
  /** For a spot market the quote currency. */
  settle: string;
  kind: 'spot' | 'linear' | 'inverse';
  /** Units of one contract: base units on a linear market, units of the quote currency on an inverse one. */
  contractSize: DecimalText;
  priceStep: DecimalText;
  /** Smallest change of an amount, units. */
  amountStep: DecimalText;
  /** Smallest value of an order in the quote currency. */
  minNotional: DecimalText;
  initialPrice: DecimalText;
  /** The fee of a trade as a fraction of its value. Absent: the exchange's default. */
  feeRate?: { maker: DecimalText; taker: DecimalText } | undefined;
  /** Whether a conditional order keeps its id when it triggers; otherwise a new order replaces it. */
  keepsOrderId?: boolean | undefined;
  /**
   * Wires (ccxt ids) that list it, if others must not: its quote currency exists only there. Absent: all wires list it.
   */
  venues?: readonly string[] | undefined;
  /** When a dated contract is settled, milliseconds since the epoch; absent for all other markets. */
  expiresAt?: number | undefined;
  /** Whether it was settled, delisted or renamed: no wire lists it, and no order is accepted. */
  closed?: boolean | undefined;
}

export const marketSchema: z.ZodType<Market> = z.object({
  symbol: z.string(),
  base: z.string(),
  quote: z.string(),
  settle: z.string(),
  kind: z.enum(['spot', 'linear', 'inverse']),
  contractSize: z.string(),
  priceStep: z.string(),
  amountStep: z.string(),
  minNotional: z.string(),
  initialPrice: z.string(),
  feeRate: z.object({ maker: z.string(), taker: z.string() }).optional(),
  keepsOrderId: z.boolean().optional(),
  venues: z.array(z.string()).optional(),
  expiresAt: z.number().optional(),
  closed: z.boolean().optional(),
});

/** A spot market: trades change balances, there is no position. A conditional order keeps its id when it triggers. */
export function spotMarket(
  base: string,
  quote: string,
  rules: Pick<Market, 'priceStep' | 'amountStep' | 'initialPrice'> & Partial<Pick<Market, 'keepsOrderId' | 'feeRate'>>,
): Market {
  return {
    symbol: `${base}/${quote}`,
    base,
    quote,
    settle: quote,
    kind: 'spot',
    contractSize: '1',
    minNotional: '5',
    keepsOrderId: true,
    ...rules,
  };
}

/** A perpetual of one base currency, settled in the quote currency, counted in base units. */
export function linearMarket(
  base: string,
  quote: string,
  rules: Pick<Market, 'priceStep' | 'amountStep' | 'initialPrice'> &
    Partial<Pick<Market, 'contractSize' | 'minNotional' | 'venues' | 'keepsOrderId'>>,
): Market {
  return {
    symbol: `${base}/${quote}:${quote}`,
    base,
    quote,
    settle: quote,
    kind: 'linear',
    contractSize: '1',
    minNotional: '5',
    ...rules,
  };
}

const KRAKEN = { venues: ['krakenfutures'] };
const HYPERLIQUID = { venues: ['hyperliquid'], minNotional: '10', keepsOrderId: true };

/**
 * The markets of a new simulator: steps like those of the large exchanges, one market with contracts of 10, one
 * inverse, three spot. The last ones are listed by a single exchange, whose perpetuals have their own quote currency.
 */
export const DEFAULT_MARKETS: readonly Market[] = [
  linearMarket('BTC', 'USDT', { priceStep: '0.1', amountStep: '0.001', initialPrice: '60000' }),
  linearMarket('ETH', 'USDT', { priceStep: '0.01', amountStep: '0.001', initialPrice: '3000' }),
  linearMarket('SOL', 'USDT', { priceStep: '0.01', amountStep: '0.01', initialPrice: '150' }),
  linearMarket('BTC', 'USDC', { priceStep: '0.1', amountStep: '0.001', initialPrice: '60000' }),
  linearMarket('DOGE', 'USDT', { priceStep: '0.00001', amountStep: '10', initialPrice: '0.2', contractSize: '10' }),
  {
    symbol: 'BTC/USD:BTC',
    base: 'BTC',
    quote: 'USD',
    settle: 'BTC',
    kind: 'inverse',
    contractSize: '100',
    priceStep: '0.1',
    amountStep: '100',
    minNotional: '100',
    initialPrice: '60000',
  },
  spotMarket('BTC', 'USDT', { priceStep: '0.01', amountStep: '0.00001', initialPrice: '60000' }),
  spotMarket('ETH', 'USDT', { priceStep: '0.01', amountStep: '0.0001', initialPrice: '3000' }),
  spotMarket('BTC', 'USDC', { priceStep: '0.01', amountStep: '0.00001', initialPrice: '60000' }),
  linearMarket('BTC', 'USD', { priceStep: '1', amountStep: '0.0001', initialPrice: '60000', ...KRAKEN }),
  linearMarket('ETH', 'USD', { priceStep: '0.1', amountStep: '0.001', initialPrice: '3000', ...KRAKEN }),
  linearMarket('SOL', 'USD', { priceStep: '0.01', amountStep: '0.01', initialPrice: '150', ...KRAKEN }),
  linearMarket('DOGE', 'USD', { priceStep: '0.00001', amountStep: '10', initialPrice: '0.2', ...KRAKEN }),
  linearMarket('ETH', 'USDC', { priceStep: '0.1', amountStep: '0.0001', initialPrice: '3000', ...HYPERLIQUID }),
  linearMarket('SOL', 'USDC', { priceStep: '0.01', amountStep: '0.01', initialPrice: '150', ...HYPERLIQUID }),
  linearMarket('DOGE', 'USDC', { priceStep: '0.00001', amountStep: '1', initialPrice: '0.2', ...HYPERLIQUID }),
];

/** Converts units to the exchange's contracts: 30 DOGE are 3 contracts of 10. */
export function contractsOf(market: Market, amount: DecimalText): DecimalText {
  return divideDecimals(amount, market.contractSize);
}

/** The value of an amount at a price in the quote currency; an inverse market already counts in it. */
export function notionalOf(market: Market, amount: DecimalText, price: DecimalText): DecimalText {
  return market.kind === 'inverse' ? amount : multiplyDecimals(amount, price);
}

/** The value of an amount at a price in the settle currency, which is used for margin, fees and profit. */
export function settledValueOf(market: Market, amount: DecimalText, price: DecimalText): DecimalText {
  return market.kind === 'inverse' ? divideDecimals(amount, price) : multiplyDecimals(amount, price);
}
