import { BitgetError, doesNotExist, empty, verificationFailed, wrong } from './errors.js';
import type { Caller } from './security.js';
import type { Engine } from '../../../engine/engine.js';
import type { Market } from '../../../engine/market.js';
import { isObject, type BodyObject, type BodyValue } from '../../json-body.js';

/** One request, as an endpoint receives it. */
export interface WireCall {
  engine: Engine;
  /** The server's time, milliseconds. */
  now: number;
  parameters: Parameters;
}

export type SignedCall = WireCall & Caller;

export interface Route {
  method: 'GET' | 'POST';
  path: string;
  /** Requests per second: per address for public endpoints and per user for the others. */
  perSecond: number;
  needs: 'nothing' | 'key' | 'trade';
  /** Returns `data`. Throws BitgetError or Rejection. */
  answer: (call: WireCall, caller: Caller | null) => unknown;
}

export function open(path: string, perSecond: number, answer: (call: WireCall) => unknown): Route {
  return { method: 'GET', path, perSecond, needs: 'nothing', answer };
}

export function read(path: string, perSecond: number, answer: (call: SignedCall) => unknown): Route {
  return { method: 'GET', path, perSecond, needs: 'key', answer: withCaller(answer) };
}

export function trade(path: string, perSecond: number, answer: (call: SignedCall) => unknown): Route {
  return { method: 'POST', path, perSecond, needs: 'trade', answer: withCaller(answer) };
}

function withCaller(answer: (call: SignedCall) => unknown): Route['answer'] {
  return (call, caller) => {
    if (caller === null) throw new BitgetError('40001', 'ACCESS_KEY cannot be empty');
    return answer({ ...call, ...caller });
  };
}

/** The parameters of one request, from its query or its JSON body; invalid ones throw Bitget's own errors. */
export class Parameters {
  constructor(private readonly values: BodyObject) {}

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw wrong(name);
    return value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw empty(name);
    return value;
  }

  /** One of the words, in any case; undefined if it was not sent. */
  word<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate.toLowerCase() === value);
    if (found === undefined) throw wrong(name);
    return found;
  }

  mandatoryWord<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.word(name, allowed);
    if (value === undefined) throw empty(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value)) throw wrong(name);
    return Number(value);
  }

  /** A list of objects; undefined if it was not sent. */
  list(name: string): Parameters[] | undefined {
    const value: BodyValue | undefined = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (!Array.isArray(value)) throw wrong(name);
    return value.map((item) => {
      if (!isObject(item)) throw wrong(name);
      return new Parameters(item);
    });
  }
}

/** Types with an S are demo trading, which has no contracts here. */
const PRODUCT_TYPES = [
  'USDT-FUTURES',
  'USDC-FUTURES',
  'COIN-FUTURES',
  'SUSDT-FUTURES',
  'SUSDC-FUTURES',
  'SCOIN-FUTURES',
] as const;
export type ProductType = (typeof PRODUCT_TYPES)[number];

export function productTypeOf({ parameters }: WireCall): ProductType {
  return parameters.mandatoryWord('productType', PRODUCT_TYPES);
}

/**
 * The contracts of a product type. Bitget counts coin-margined contracts in the base coin, and the engine, which counts
 * them in dollars, cannot express that exactly. So COIN-FUTURES exists and has no contracts.
 */
export function contractsListed(engine: Engine, productType: ProductType): Market[] {
  const settle = productType.split('-')[0];
  return engine.markets('bitget').filter((market) => market.kind === 'linear' && market.settle === settle);
}

export function spotListed(engine: Engine): Market[] {
  return engine.markets('bitget').filter(({ kind }) => kind === 'spot');
}

/** "BTCUSDT" for USDT-margined contracts and spot pairs, "BTCPERP" for USDC-margined contracts. */
export function symbolIdOf(market: Market): string {
  return market.kind === 'linear' && market.settle === 'USDC' ? `${market.base}PERP` : market.base + market.quote;
}

/** The contract that `symbol` names within the product type. Throws BitgetError. */
export function contractOf(call: WireCall): Market {
  const id = call.parameters.mandatory('symbol');
  return named(id, contractsListed(call.engine, productTypeOf(call)));
}

/** Null if no symbol was sent. */
export function optionalContractOf(call: WireCall): Market | null {
  return call.parameters.text('symbol') === undefined ? null : contractOf(call);
}

export function pairOf(call: WireCall): Market {
  return named(call.parameters.mandatory('symbol'), spotListed(call.engine));
}

export function optionalPairOf(call: WireCall): Market | null {
  return call.parameters.text('symbol') === undefined ? null : pairOf(call);
}

function named(id: string, markets: readonly Market[]): Market {
  const market = markets.find((candidate) => symbolIdOf(candidate) === id.toUpperCase());
  if (market === undefined) throw doesNotExist(id);
  return market;
}

const DAY_MS = 86_400_000;

/**
 * The rows created between `startTime` and `endTime`, by default in the last `days`, which is also the maximum span.
 */
export function within<T>(rows: readonly T[], call: WireCall, timeOf: (row: T) => number, days = 90): T[] {
  const spanMs = days * DAY_MS;
  const given = { start: call.parameters.integer('startTime'), end: call.parameters.integer('endTime') };
  const start = given.start ?? (given.end ?? call.now) - spanMs;
  const end = given.end ?? Math.min(call.now, start + spanMs);
  if (start > end) throw new BitgetError('40707', 'Start time is greater than end time');
  if (end - start > spanMs) throw new BitgetError('40705', `The start and end time cannot exceed ${days} days`);
  return rows.filter((row) => timeOf(row) >= start && timeOf(row) <= end);
}

const LARGEST_PAGE = 100;

/** Newest first, those with an id below `idLessThan`, at most `limit`. Ids grow with time. */
export function pageOf<T>(rows: readonly T[], call: WireCall, idOf: (row: T) => string, byDefault = LARGEST_PAGE): T[] {
  const before = call.parameters.integer('idLessThan');
  const limit = call.parameters.integer('limit') ?? byDefault;
  if (limit < 1 || limit > LARGEST_PAGE) throw verificationFailed(`limit should be between 1 and ${LARGEST_PAGE}`);
  return rows
    .filter((row) => before === undefined || Number(idOf(row)) < before)
    .toSorted((a, b) => Number(idOf(b)) - Number(idOf(a)))
    .slice(0, limit);
}

/** A page under its name, with the id to continue from. An empty one is null, as on the exchange. */
export function listed<T>(
  name: string,
  page: readonly T[],
  rowOf: (item: T) => unknown,
  idOf: (item: T) => string,
): unknown {
  const last = page.at(-1);
  return { [name]: last === undefined ? null : page.map(rowOf), endId: last === undefined ? null : idOf(last) };
}
