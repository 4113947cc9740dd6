import type { Scope } from '../../domain/snapshot/scope.js';
import type { MarketFacts } from '../../domain/snapshot/snapshot.js';
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
  /** The least value of an order in the quote currency; null where it is not reported. */
  minCost: DecimalText | null;
  /** ccxt's codes of both currencies: of spot "BTC" and "USDT". */
  base: string;
  quote: string;
  /** Set for an inverse contract whose amounts are coins. */
  unit?: 'base';
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
    .object({
      amount: z.object({ min: z.union([positive, wholeNumber]).nullish() }),
      cost: z
        .object({ min: z.union([positive, wholeNumber]).nullish() })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});

const CCXT_NAMES = CCXT_MARKET.pick({ id: true, baseName: true, contract: true });

/** The amount step of a contract in contracts, by the exchange's own fields of it; null where ccxt's is right. */
export type ContractStep = (own: Readonly<Record<string, unknown>>) => DecimalText | null;
const OWN_FIELDS = z.object({ info: z.record(z.string(), z.unknown()) });

/** What a profile knows better than ccxt. */
export interface MarketFixes {
  contractSize?: DecimalText | undefined;
  contractStep?: ContractStep | undefined;
  countsCoins?: ((id: string) => boolean) | undefined;
}

/** Reads a ccxt market; null for one that cannot be used (no amount step, an option). */
export function readMarket(raw: unknown, { contractSize, contractStep }: MarketFixes = {}): Market | null {
  const parsed = CCXT_MARKET.safeParse(raw);
  if (!parsed.success || parsed.data.option === true) return null;
  const { id, symbol, contract, linear, inverse, precision, settleId } = parsed.data;
  const least = parsed.data.limits?.amount.min ?? null;
  const minCost = parsed.data.limits?.cost?.min ?? null;
  const [base = '', quote = ''] = (symbol.split(':')[0] ?? symbol).split('/');
  if (!contract) {
    return {
      id,
      symbol,
      kind: 'spot',
      contractSize: '1',
      amountStep: normalizeDecimal(precision.amount),
      minAmount: least === null ? null : normalizeDecimal(least),
      settleId: null,
      minCost,
      base,
      quote,
    };
  }
  const kind = linear === true ? 'linear' : inverse === true ? 'inverse' : null;
  const size = contractSize ?? parsed.data.contractSize ?? null;
  if (kind === null || size === null) return null;
  const own = contractStep === undefined ? null : OWN_FIELDS.safeParse(raw);
  const ownStep = own?.success === true ? (contractStep?.(own.data.info) ?? null) : null;
  const amountStep = multiplyDecimals(ownStep ?? precision.amount, size);
  const minAmount = least === null ? null : multiplyDecimals(least, size);
  return {
    id,
    symbol,
    kind,
    contractSize: size,
    amountStep,
    minAmount,
    settleId: settleId ?? null,
    minCost,
    base,
    quote,
  };
}

function withUnit(market: Market | null, { countsCoins }: MarketFixes): Market | null {
  return market?.kind === 'inverse' && countsCoins?.(market.id) === true ? { ...market, unit: 'base' } : market;
}

/** ccxt's markets, by symbol and by the exchange's own id. */
export class MarketIndex {
  /** ccxt's markets by the names of `naming`, and the list that they were made from. */
  private named: { of: unknown; byName: Map<string, unknown[]> } = { of: undefined, byName: new Map() };

  /** Spot markets by base currency, and the markets that they were made from. */
  private spot: { of: unknown; byBase: ReadonlyMap<string, readonly Market[]> } = { of: null, byBase: new Map() };

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly fixes: MarketFixes,
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

  /** Spot markets by the code of their base currency. */
  spotByBase(): ReadonlyMap<string, readonly Market[]> {
    if (this.spot.of !== this.exchange.markets) {
      const byBase = new Map<string, Market[]>();
      for (const market of this.all()) {
        if (market.kind === 'spot') byBase.set(market.base, [...(byBase.get(market.base) ?? []), market]);
      }
      this.spot = { of: this.exchange.markets, byBase };
    }
    return this.spot.byBase;
  }

  private read(raw: unknown): Market | null {
    const market = withUnit(readMarket(raw, this.fixes), this.fixes);
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

/** What the comparison needs to know about the market, without its price. */
export function marketFacts({ kind, amountStep, minAmount, contractSize, unit }: Market): MarketFacts {
  return {
    amountStep,
    ...(minAmount === null ? {} : { minAmount }),
    // A contract of one unit is the same as the unit.
    ...(kind === 'spot' || contractSize === '1' ? {} : { contractSize }),
    ...(unit === undefined ? {} : { unit }),
  };
}

const ALL_KINDS: readonly MarketKind[] = ['spot', 'linear', 'inverse'];

/** The kinds of markets that a scope names; all of them if it names none. */
export function kindsIn(scope: Scope | undefined): readonly MarketKind[] {
  const path = scope?.split(':') ?? [];
  const named = ALL_KINDS.filter((kind) => path.includes(kind));
  return named.length === 0 ? ALL_KINDS : named;
}
