import { z } from 'zod';
import { isDecimal, multiplyDecimals, normalizeDecimal, signOf, type DecimalText } from '../domain/decimal.js';
import type { CcxtExchange } from './load-ccxt.js';

export type MarketKind = 'spot' | 'linear' | 'inverse';

/** What is relied on of one of ccxt's markets. */
export interface Market {
  /** The exchange's own id: "BTCUSDT". */
  id: string;
  /** ccxt's unified symbol: "BTC/USDT:USDT". */
  symbol: string;
  kind: MarketKind;
  /** Base units of one contract; "1" on spot. Of an inverse contract: units of the quote currency. */
  contractSize: DecimalText;
  /** Smallest difference of amounts, in the same units as amounts. */
  amountStep: DecimalText;
}

const positive = z.string().refine((text) => isDecimal(text) && signOf(text) > 0);

const CCXT_MARKET = z.object({
  id: z.string().min(1),
  symbol: z.string().min(1),
  contract: z.boolean(),
  linear: z.boolean().nullish(),
  inverse: z.boolean().nullish(),
  option: z.boolean().nullish(),
  contractSize: positive.nullish(),
  precision: z.object({ amount: positive }),
});

/** Makes a Market of ccxt's; null for one that cannot be relied on (no step, an option). */
export function readMarket(raw: unknown): Market | null {
  const parsed = CCXT_MARKET.safeParse(raw);
  if (!parsed.success || parsed.data.option === true) return null;
  const { id, symbol, contract, linear, inverse, contractSize, precision } = parsed.data;
  if (!contract) return { id, symbol, kind: 'spot', contractSize: '1', amountStep: normalizeDecimal(precision.amount) };
  if (contractSize === undefined || contractSize === null) return null;
  const kind = linear === true ? 'linear' : inverse === true ? 'inverse' : null;
  if (kind === null) return null;
  return { id, symbol, kind, contractSize, amountStep: multiplyDecimals(precision.amount, contractSize) };
}

/** All markets that carry the exchange's id: on some exchanges spot and swap share one. */
export function marketsById(exchange: CcxtExchange, id: string, kinds: readonly MarketKind[]): Market[] {
  return (own(exchange.markets_by_id, id) ?? []).flatMap((raw) => {
    const market = readMarket(raw);
    return market !== null && kinds.includes(market.kind) ? [market] : [];
  });
}

export function marketBySymbol(exchange: CcxtExchange, symbol: string): Market | null {
  return readMarket(own(exchange.markets, symbol));
}

/** An id is text from outside: "constructor" is no market. */
function own<T>(map: Record<string, T> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
