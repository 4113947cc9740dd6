import { BybitError, parameterError } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';

/** Product types as https://bybit-exchange.github.io/docs/v5/enum names them; there are no options here. */
export const CATEGORIES = ['spot', 'linear', 'inverse', 'option'] as const;
export type Category = (typeof CATEGORIES)[number];

/** One validated request, as an endpoint receives it. */
export interface WireCall {
  engine: Engine;
  /** The server's time, milliseconds. */
  now: number;
  parameters: Parameters;
}

export interface SignedCall extends WireCall {
  account: Account;
  key: ApiKey;
}

export interface Route {
  method: 'GET' | 'POST';
  path: string;
  access: 'public' | 'read' | 'trade';
  /** Requests that one account may send in one second ("Rate Limit Rules"); public endpoints have only the limit per IP. */
  perSecond: number;
  /** Returns `result` of the envelope. Throws BybitError or Rejection. */
  answer: (call: WireCall, caller: { account: Account; key: ApiKey } | null) => unknown;
}

export function open(path: string, answer: (call: WireCall) => unknown): Route {
  return { method: 'GET', path, access: 'public', perSecond: Number.POSITIVE_INFINITY, answer };
}

export function read(path: string, perSecond: number, answer: (call: SignedCall) => unknown): Route {
  return { method: 'GET', path, access: 'read', perSecond, answer: signed(answer) };
}

export function trade(path: string, perSecond: number, answer: (call: SignedCall) => unknown): Route {
  return { method: 'POST', path, access: 'trade', perSecond, answer: signed(answer) };
}

function signed(answer: (call: SignedCall) => unknown): Route['answer'] {
  return (call, caller) => {
    if (caller === null) throw new BybitError(10_003, 'API key is invalid.', 401);
    return answer({ ...call, ...caller });
  };
}

/** The parameters of one request, from the query or from the top level of the JSON body. */
export class Parameters {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw parameterError(`${name} is missing`);
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.mandatory(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw parameterError(`Illegal ${name}`);
    return found;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,16}$/.test(value)) throw parameterError(`${name} invalid`);
    return Number(value);
  }

  flag(name: string): boolean {
    return this.text(name) === 'true';
  }

  category(): Category {
    return this.oneOf('category', CATEGORIES);
  }

  cursor(): string | undefined {
    const sent = this.text('cursor');
    return sent === undefined ? undefined : decodedCursor(sent);
  }
}

/** A client may send the cursor unchanged or encode it again. */
function decodedCursor(sent: string): string {
  try {
    return decodeURIComponent(sent);
  } catch {
    throw parameterError('cursor invalid');
  }
}

/** "BTC/USDT:USDT" is BTCUSDT, "BTC/USDC:USDC" is BTCPERP, "BTC/USD:BTC" is BTCUSD; spot ids repeat the linear ones. */
export function symbolIdOf(market: Market): string {
  return market.kind === 'linear' && market.quote === 'USDC' ? `${market.base}PERP` : market.base + market.quote;
}

export function marketsOf(engine: Engine, category: Category): Market[] {
  return engine.markets('bybit').filter(({ kind }) => kind === category);
}

/** Throws if the category has no such symbol. */
export function marketById({ engine }: WireCall, category: Category, id: string): Market {
  const market = marketsOf(engine, category).find((candidate) => symbolIdOf(candidate) === id);
  if (market === undefined) throw parameterError(`symbol invalid ${id}`);
  return market;
}

/**
 * The markets that `symbol`, otherwise `baseCoin`, otherwise `settleCoin` selects; all of the category if none was
 * sent. `needsOne`: on linear one of them is mandatory.
 */
export function chosenMarkets(call: WireCall, category: Category, needsOne: boolean): Market[] {
  const { parameters } = call;
  const id = parameters.text('symbol');
  if (id !== undefined) return id.split(',').map((each) => marketById(call, category, each));
  const [base, settle] = [parameters.text('baseCoin'), parameters.text('settleCoin')];
  if (needsOne && category === 'linear' && base === undefined && settle === undefined) {
    throw new BybitError(10_001, 'Missing some parameters that must be filled in, symbol or settleCoin or baseCoin');
  }
  return marketsOf(call.engine, category).filter((market) =>
    base !== undefined ? market.base === base : settle === undefined || market.settle === settle,
  );
}
