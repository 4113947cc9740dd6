import { z } from 'zod';
import {
  isDecimal,
  multiplyDecimals,
  normalizeDecimal,
  signOf,
  type DecimalText,
} from '../../domain/decimal/decimal.js';
import type { CcxtExchange } from '../transport/ccxt-exchange.js';

export type MarketKind = 'spot' | 'linear' | 'inverse';

/** The fields of a ccxt market that are used. */
export interface Market {
  /** The exchange's own id: "BTCUSDT". */
  id: string;
  /** ccxt's unified symbol: "BTC/USDT:USDT". */
  symbol: string;
  kind: MarketKind;
  /** Base units of one contract; "1" on spot. Of an inverse contract: units of the quote currency. */
  contractSize: DecimalText;
  /** Smallest step of amounts, in the same units as amounts. */
  amountStep: DecimalText;
  /** The smallest amount of an order, in the same units; null where it is not reported. */
  minAmount: DecimalText | null;
  /** The exchange's own id of the currency it settles in; null on spot. */
  settleId: string | null;
}

const positive = z.string().refine((text) => isDecimal(text) && signOf(text) > 0);
/** Where the exchange reports none, ccxt inserts a whole number. */
const wholeNumber = z.number().int().positive().transform(String);

/** The name of a ccxt market in the exchange's rows. */
export type MarketNaming = (market: { id: string; baseName: string | null; contract: boolean }) => string;

const CCXT_MARKET = z.object({
  id: z.string().min(1),
  baseName: z.string().min(1).nullish(),
  symbol: z.string().min(1),
  contract: z.boolean(),
  linear: z.boolean().nullish(),
  inverse: z.boolean().nullish(),
  option: z.boolean().nullish(),
  contractSize: z.union([positive, wholeNumber]).nullish(),
  settleId: z.string().nullish(),
  precision: z.object({ amount: positive }),
  // Only shown, never decided on, so an unreadable one counts as none.
  limits: z
    .object({ amount: z.object({ min: z.union([positive, wholeNumber]).nullish() }) })
    .nullish()
    .catch(null),
});

const CCXT_NAMES = CCXT_MARKET.pick({ id: true, baseName: true, contract: true });

/**
 * Reads a ccxt market; null for one that cannot be used (no amount step, an option). `contractSize` replaces ccxt's where a
 * profile knows better.
 */
export function readMarket(raw: unknown, contractSize?: DecimalText): Market | null {
  const parsed = CCXT_MARKET.safeParse(raw);
  if (!parsed.success || parsed.data.option === true) return null;
  const { id, symbol, contract, linear, inverse, precision, settleId } = parsed.data;
  const least = parsed.data.limits?.amount.min ?? null;
  if (!contract) {
    return {
      id,
      symbol,
      kind: 'spot',
      contractSize: '1',
      amountStep: normalizeDecimal(precision.amount),
      minAmount: least === null ? null : normalizeDecimal(least),
      settleId: null,
    };
  }
  const kind = linear === true ? 'linear' : inverse === true ? 'inverse' : null;
  const size = contractSize ?? parsed.data.contractSize ?? null;
  if (kind === null || size === null) return null;
  const amountStep = multiplyDecimals(precision.amount, size);
  const minAmount = least === null ? null : multiplyDecimals(least, size);
  return { id, symbol, kind, contractSize: size, amountStep, minAmount, settleId: settleId ?? null };
}

/** ccxt's markets, by symbol and by the exchange's own id. */
export class MarketIndex {
  /** ccxt's markets by the names of `naming`, and the list that they were made from. */
  private named: { of: unknown; byName: Map<string, unknown[]> } = { of: undefined, byName: new Map() };

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly contractSize: DecimalText | undefined,
    private readonly naming?: MarketNaming,
  ) {}

  /** All markets of the given kinds that carry the exchange's id: on some exchanges spot and swap share one. */
  byId(id: string, kinds: readonly MarketKind[]): Market[] {
    return this.rawById(id).flatMap((raw) => {
      const market = this.read(raw);
      return market !== null && kinds.includes(market.kind) ? [market] : [];
    });
  }

  bySymbol(symbol: string): Market | null {
    return this.read(own(this.exchange.markets, symbol));
  }

  all(): Market[] {
    return Object.values(this.exchange.markets ?? {}).flatMap((raw) => this.read(raw) ?? []);
  }

  private read(raw: unknown): Market | null {
    const market = readMarket(raw, this.contractSize);
    return market === null || this.naming === undefined ? market : { ...market, id: this.nameOf(raw) ?? market.id };
  }

  private nameOf(raw: unknown): string | null {
    const names = CCXT_NAMES.safeParse(raw);
    if (!names.success || this.naming === undefined) return null;
    const { id, baseName = null, contract } = names.data;
    return this.naming({ id, baseName, contract });
  }

  private rawById(id: string): unknown[] {
    if (this.naming === undefined) return own(this.exchange.markets_by_id, id) ?? [];
    const lists = this.exchange.markets_by_id;
    if (this.named.of !== lists) {
      const byName = new Map<string, unknown[]>();
      for (const raw of Object.values(lists ?? {}).flat()) {
        const name = this.nameOf(raw);
        if (name !== null) byName.set(name, [...(byName.get(name) ?? []), raw]);
      }
      this.named = { of: lists, byName };
    }
    return this.named.byName.get(id) ?? [];
  }
}

/** An id comes from outside, so "constructor" must not match. */
function own<T>(map: Record<string, T> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
