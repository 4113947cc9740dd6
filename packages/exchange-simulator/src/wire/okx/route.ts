import { emptyParameter, OkxError, parameterError, UNKNOWN_INSTRUMENT, type Envelope } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';
import { divideDecimals } from '../../engine/rounding.js';
import { multiplyDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/** One validated request, as an endpoint receives it. */
export interface WireCall {
  engine: Engine;
  /** The server's time, milliseconds. */
  now: number;
  parameters: Parameters;
  /** The items of a list body; of any other body the body alone. */
  items: readonly Parameters[];
}

export interface SignedCall extends WireCall {
  account: Account;
  key: ApiKey;
}

export interface Route {
  method: 'GET' | 'POST';
  path: string;
  access: 'public' | 'read' | 'trade';
  /** Requests per two seconds: per account, on public endpoints per address. */
  perTwoSeconds: number;
  /** Returns `data` of the envelope, or the envelope. Throws OkxError or Rejection. */
  answer: (call: WireCall, caller: { account: Account; key: ApiKey } | null) => readonly unknown[] | Envelope;
}

type Answer<C> = (call: C) => readonly unknown[] | Envelope;

export function open(path: string, perTwoSeconds: number, answer: Answer<WireCall>): Route {
  return { method: 'GET', path, access: 'public', perTwoSeconds, answer };
}

export function read(path: string, perTwoSeconds: number, answer: Answer<SignedCall>): Route {
  return { method: 'GET', path, access: 'read', perTwoSeconds, answer: signed(answer) };
}

export function trade(path: string, perTwoSeconds: number, answer: Answer<SignedCall>): Route {
  return { method: 'POST', path, access: 'trade', perTwoSeconds, answer: signed(answer) };
}

function signed(answer: Answer<SignedCall>): Route['answer'] {
  return (call, caller) => {
    if (caller === null) throw new OkxError('50103', 'Request header OK-ACCESS-KEY cannot be empty.', 401);
    return answer({ ...call, ...caller });
  };
}

/** The parameters of one request or item; invalid ones throw OKX's own errors. */
export class Parameters {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw emptyParameter(name);
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.mandatory(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw parameterError(name);
    return found;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,16}$/.test(value)) throw parameterError(name);
    return Number(value);
  }

  flag(name: string): boolean {
    return this.text(name) === 'true';
  }
}

export type InstrumentType = 'SPOT' | 'SWAP';
export const INSTRUMENT_TYPES = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'EVENTS'] as const;

export function instrumentTypeOf(market: Market): InstrumentType {
  return market.kind === 'spot' ? 'SPOT' : 'SWAP';
}

/** "BTC/USDT:USDT" is BTC-USDT-SWAP, "BTC/USDT" is BTC-USDT. */
export function instrumentIdOf(market: Market): string {
  const pair = `${market.base}-${market.quote}`;
  return market.kind === 'spot' ? pair : `${pair}-SWAP`;
}

/**
 * `ctVal`: the size of one contract, in base units or US dollars. If the engine counts in units, it is ten of the
 * market's steps, because OKX's contracts are small and are traded in tenths.
 */
export function contractValueOf(market: Market): DecimalText {
  if (market.kind === 'spot') return '1';
  return market.contractSize === '1' ? multiplyDecimals(market.amountStep, '10') : market.contractSize;
}

/** `sz` of the exchange: contracts, on spot base units. */
export function contractsOf(market: Market, amount: DecimalText): DecimalText {
  return divideDecimals(amount, contractValueOf(market));
}

export function unitsOf(market: Market, contracts: DecimalText): DecimalText {
  return multiplyDecimals(contracts, contractValueOf(market));
}

export function listedMarkets(engine: Engine): Market[] {
  return engine.markets('okx');
}

export function marketById(engine: Engine, id: string): Market {
  const market = listedMarkets(engine).find((candidate) => instrumentIdOf(candidate) === id);
  if (market === undefined) throw UNKNOWN_INSTRUMENT;
  return market;
}

/** The markets that match `instType`, `uly` or `instFamily`, and `instId`. */
export function chosenMarkets({ engine, parameters }: WireCall): Market[] {
  const type = parameters.text('instType') === undefined ? undefined : parameters.oneOf('instType', INSTRUMENT_TYPES);
  const family = parameters.text('instFamily') ?? parameters.text('uly');
  const ids = parameters.text('instId')?.split(',');
  if (ids !== undefined && ids.length > 10) throw parameterError('instId');
  const named = ids === undefined ? listedMarkets(engine) : ids.map((id) => marketById(engine, id));
  return named.filter(
    (market) =>
      (type === undefined || instrumentTypeOf(market) === type) &&
      (family === undefined || `${market.base}-${market.quote}` === family),
  );
}
