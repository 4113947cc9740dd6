import { BinanceError, INVALID_SYMBOL, mandatoryParameter } from './errors.js';
import type { SecurityType } from './security.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One validated request, as an endpoint receives it. */
export interface WireCall {
  engine: Engine;
  /** The server's time, milliseconds. */
  now: number;
  parameters: Parameters;
  markets: MarketIds;
}

export interface SignedCall extends WireCall {
  account: Account;
  key: ApiKey;
}

export interface Route {
  method: Method;
  path: string;
  security: SecurityType;
  /** What the request adds to the minute's weight. */
  weight: (parameters: Parameters) => number;
  /** Returns the JSON of the answer. Throws BinanceError or Rejection. */
  answer: (call: WireCall, caller: { account: Account; key: ApiKey } | null) => unknown;
}

/** A public endpoint. */
export function open(path: string, weight: Weight, answer: (call: WireCall) => unknown): Route {
  return { method: 'GET', path, security: 'NONE', weight: weightOf(weight), answer };
}

/** An endpoint that requires a key and a signature. */
export function signed(
  method: Method,
  path: string,
  security: 'USER_DATA' | 'TRADE',
  weight: Weight,
  answer: (call: SignedCall) => unknown,
): Route {
  return {
    method,
    path,
    security,
    weight: weightOf(weight),
    answer: (call, caller) => {
      if (caller === null) throw new BinanceError(401, -2014, 'API-key format invalid.');
      return answer({ ...call, ...caller });
    },
  };
}

/** Weight as documented: one number, one with a symbol and one without, or by the parameters. */
type Weight = number | { withSymbol: number; without: number } | ((parameters: Parameters) => number);

function weightOf(weight: Weight): (parameters: Parameters) => number {
  if (typeof weight === 'number') return () => weight;
  if (typeof weight === 'function') return weight;
  return (parameters) => (parameters.has('symbol') ? weight.withSymbol : weight.without);
}

/** Converts between the exchange's ids and the engine's markets. */
export interface MarketIds {
  all: (engine: Engine) => Market[];
  /** Throws Invalid symbol. */
  byId: (engine: Engine, id: string) => Market;
}

/** The parameters of one request; invalid ones throw Binance's own errors. */
export class Parameters {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw mandatoryParameter(name);
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], code: number, message: string): T {
    const value = this.mandatory(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new BinanceError(400, code, message);
    return found;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,16}$/.test(value)) {
      throw new BinanceError(
        400,
        -1100,
        `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`,
      );
    }
    return Number(value);
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }
}

/** The market that `symbol` names; throws if it is missing or unknown. */
export function marketOf(call: WireCall): Market {
  return call.markets.byId(call.engine, call.parameters.mandatory('symbol'));
}

/** The market that `symbol` names, or null if it was not sent. */
export function optionalMarketOf(call: WireCall): Market | null {
  const id = call.parameters.text('symbol');
  return id === undefined ? null : call.markets.byId(call.engine, id);
}

/** Markets under the ids that `idOf` gives; `isListed` excludes those that this exchange does not trade. */
export function marketIds(idOf: (market: Market) => string, isListed: (market: Market) => boolean): MarketIds {
  const all = (engine: Engine): Market[] => engine.markets().filter(isListed);
  return {
    all,
    byId: (engine, id) => {
      const market = all(engine).find((candidate) => idOf(candidate) === id);
      if (market === undefined) throw INVALID_SYMBOL;
      return market;
    },
  };
}
