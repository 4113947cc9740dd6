import type { LosslessNumber } from 'lossless-json';
import { GateError, invalid, missing, type Product } from './errors.js';
import type { Caller } from './security.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';
import type { Order } from '../../engine/order.js';
import { divideDecimals, floorToStep } from '../../engine/rounding.js';
import {
  absoluteDecimal,
  isZero,
  multiplyDecimals,
  negateDecimal,
  signOf,
  type DecimalText,
} from '@plumbline/primitives/decimal';
import { jsonNumber } from '../exact-body.js';
import { isObject, type BodyObject } from '../json-body.js';

/** One request, as an endpoint receives it. */
export interface WireCall {
  engine: Engine;
  /** The server's time, milliseconds. */
  now: number;
  /** The parameters of the path, such as `settle`, and of the query or the JSON body. */
  parameters: Parameters;
  /** Headers of the answer. */
  answerHeaders: Record<string, string>;
  /** Whether sizes are requested as text that may have decimals (`X-Gate-Size-Decimal: 1`) instead of as integers. */
  sizesAsText: boolean;
}

export type SignedCall = WireCall & Caller;

/** Requests allowed in a period of seconds. */
export interface Limit {
  requests: number;
  seconds: number;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Below `/api/v4`, with Fastify's `:names`. */
  path: string;
  product: Product;
  /** Per address for public endpoints and per user for the others, separate for each endpoint. */
  limit: Limit;
  needs: 'nothing' | 'key';
  status: 200 | 201;
  /** Throws GateError or Rejection. */
  answer: (call: WireCall, caller: Caller | null) => unknown;
}

/** "200r/10s per endpoint", the limit of most endpoints ("Rate limit"). */
const USUAL: Limit = { requests: 200, seconds: 10 };
export const FUTURES_PLACING: Limit = { requests: 100, seconds: 1 };
export const SPOT_PLACING: Limit = { requests: 10, seconds: 1 };
export const CANCELLING: Limit = { requests: 200, seconds: 1 };

export function open(path: string, answer: (call: WireCall) => unknown): Route {
  const product: Product = path.startsWith('/spot') ? 'spot' : 'futures';
  return { method: 'GET', path, product, limit: USUAL, needs: 'nothing', status: 200, answer };
}

/** An endpoint that requires a key; all methods except GET require one that may trade. */
export function signed(
  method: Route['method'],
  path: string,
  answer: (call: SignedCall) => unknown,
  { limit = USUAL, status = 200 }: Partial<Pick<Route, 'limit' | 'status'>> = {},
): Route {
  const product: Product = path.startsWith('/spot') ? 'spot' : 'futures';
  const withCaller: Route['answer'] = (call, caller) => {
    if (caller === null) throw new GateError('MISSING_REQUIRED_HEADER', 'Missing required header: KEY', 401);
    return answer({ ...call, ...caller });
  };
  return { method, path, product, limit, needs: 'key', status, answer: withCaller };
}

/** The parameters of one request; invalid ones throw Gate's own errors. */
export class Parameters {
  constructor(private readonly values: BodyObject) {}

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw invalid(name, JSON.stringify(value));
    return value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  word<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw invalid(name, value);
    return found;
  }

  mandatoryWord<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.word(name, allowed);
    if (value === undefined) throw missing(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value)) throw invalid(name, value);
    return Number(value);
  }

  /** The same parameters with other values for some. */
  with(values: BodyObject): Parameters {
    return new Parameters({ ...this.values, ...values });
  }

  flag(name: string): boolean {
    return this.text(name) === 'true';
  }

  /** An object within the body; an empty one if it was not sent. */
  object(name: string): Parameters {
    const value = this.values[name];
    return new Parameters(isObject(value) ? value : {});
  }
}

const SETTLES = ['usdt', 'btc'] as const;
export type Settle = (typeof SETTLES)[number];

export function settleOf({ parameters }: WireCall): Settle {
  return parameters.mandatoryWord('settle', SETTLES);
}

/** The settle currency of the path; throws if the account has no futures account in it. */
export function openedSettleOf(call: SignedCall): Settle {
  const settle = settleOf(call);
  if (call.account.wallet.has(settle.toUpperCase())) return settle;
  throw new GateError('USER_NOT_FOUND', 'please transfer funds first to create futures account');
}

/** Linear contracts settled in USDT, inverse ones settled in BTC. */
export function contractsListed(engine: Engine, settle: Settle): Market[] {
  return engine
    .markets('gate')
    .filter(({ kind, settle: currency }) => kind !== 'spot' && currency === settle.toUpperCase());
}

export function spotListed(engine: Engine): Market[] {
  return engine.markets('gate').filter(({ kind }) => kind === 'spot');
}

/** "BTC_USDT", for contracts and pairs. */
export function idOf(market: Market): string {
  return `${market.base}_${market.quote}`;
}

export function contractOf(call: WireCall, name: 'contract' = 'contract'): Market {
  const id = call.parameters.mandatory(name);
  const market = contractsListed(call.engine, settleOf(call)).find((candidate) => idOf(candidate) === id);
  if (market === undefined) throw new GateError('CONTRACT_NOT_FOUND', 'Contract not found', 404);
  return market;
}

export function optionalContractOf(call: WireCall): Market | null {
  return call.parameters.text('contract') === undefined ? null : contractOf(call);
}

export function pairNamed(call: WireCall, id: string): Market {
  const market = spotListed(call.engine).find((candidate) => idOf(candidate) === id);
  if (market === undefined) throw new GateError('INVALID_CURRENCY_PAIR', `Invalid currency pair ${id}`);
  return market;
}

/** Whether a part of a contract can be traded (`enable_decimal`): on markets whose contract is not one unit. */
export function hasDecimalSizes(market: Market): boolean {
  return market.kind === 'linear' && market.contractSize !== '1';
}

/**
 * The size of one contract in the engine's units. A linear contract is one amount step, or ten where sizes may be decimal; an
 * inverse one is worth one dollar, which Gate shows as a multiplier of zero.
 */
export function contractUnit(market: Market): DecimalText {
  if (market.kind === 'inverse') return '1';
  return hasDecimalSizes(market) ? multiplyDecimals(market.amountStep, '10') : market.amountStep;
}

/** Converts units to contracts, keeping the sign. */
export function contractsFor(market: Market, units: DecimalText): DecimalText {
  return divideDecimals(units, contractUnit(market));
}

export function unitsFor(market: Market, contracts: DecimalText): DecimalText {
  return multiplyDecimals(contracts, contractUnit(market));
}

/** A number of contracts in the form that the client requests: text, or an integer, which cuts decimals toward zero. */
export function sizeShown(call: WireCall, contracts: DecimalText): LosslessNumber | string {
  if (call.sizesAsText) return contracts;
  const whole = floorToStep(absoluteDecimal(contracts), '1');
  return jsonNumber(signOf(contracts) < 0 && !isZero(whole) ? negateDecimal(whole) : whole);
}

/** Seconds with milliseconds as decimals, as a JSON number. */
export function secondsOf(milliseconds: number): LosslessNumber {
  return jsonNumber(secondsText(milliseconds));
}

export function secondsText(milliseconds: number): string {
  return `${Math.floor(milliseconds / 1_000)}.${String(milliseconds % 1_000).padStart(3, '0')}`;
}

export interface Paging {
  byDefault: number;
  atMost: number;
}

/** Rows by `limit` and `offset`, starting after `last_id` if it is sent; the headers repeat the effective values. */
export function pageByOffset<T>(
  rows: readonly T[],
  call: WireCall,
  idOfRow: (row: T) => string,
  { byDefault, atMost }: Paging = { byDefault: 100, atMost: 1_000 },
): T[] {
  const limit = call.parameters.integer('limit') ?? byDefault;
  if (limit < 1 || limit > atMost) throw invalid('limit', String(limit));
  const offset = call.parameters.integer('offset') ?? 0;
  const lastId = call.parameters.integer('last_id');
  const after = lastId === undefined ? rows : rows.filter((row) => Number(idOfRow(row)) < lastId);
  call.answerHeaders['x-pagination-limit'] = String(limit);
  call.answerHeaders['x-pagination-offset'] = String(offset);
  return after.slice(offset, offset + limit);
}

/** Rows by `page`, counted from 1, and `limit`. */
export function pageByNumber<T>(
  rows: readonly T[],
  call: WireCall,
  { byDefault, atMost }: Paging,
  [pageName, limitName]: readonly [string, string] = ['page', 'limit'],
): T[] {
  const limit = call.parameters.integer(limitName) ?? byDefault;
  if (limit < 1 || limit > atMost) throw invalid(limitName, String(limit));
  const page = call.parameters.integer(pageName) ?? 1;
  if (page < 1) throw invalid(pageName, String(page));
  return rows.slice((page - 1) * limit, page * limit);
}

/** The rows between `from` and `to`, in seconds. */
export function within<T>(rows: readonly T[], call: WireCall, timeOf: (row: T) => number): T[] {
  const from = call.parameters.integer('from') ?? 0;
  const to = call.parameters.integer('to') ?? Math.ceil(call.now / 1_000);
  return rows.filter((row) => timeOf(row) >= from * 1_000 && timeOf(row) < (to + 1) * 1_000);
}

export function newestFirst<T extends { id: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => Number(b.id) - Number(a.id));
}

const MINUTE_MS = 60_000;

/** Orders that ended without a fill cannot be found after 10 minutes ("Create a futures order"). */
export function isForgotten(order: Order, now: number): boolean {
  return order.status !== 'open' && isZero(order.filled) && now - order.updatedAt > 10 * MINUTE_MS;
}

/** An order can be found by its text while it is open and for one hour afterwards ("List futures orders"). */
export function isFoundByText(order: Order, now: number): boolean {
  return order.status === 'open' || now - order.updatedAt <= 60 * MINUTE_MS;
}

const OWN_TEXT = /^t-([\w.-]{1,28})$/;

/** The client order id in a `text` such as "t-mine"; undefined if none was sent. Throws GateError. */
export function clientIdIn(text: string | undefined): string | undefined {
  if (text === undefined || text === 'api' || text === 'apiv4' || text === 'web') return undefined;
  const id = OWN_TEXT.exec(text)?.[1];
  if (id === undefined) throw invalid('text', text);
  return id;
}

/** The `text` of an order: its origin, or "t-" and the client order id. */
export function textOf(order: Pick<Order, 'placedBy' | 'clientOrderId'>, byApi: 'api' | 'apiv4' = 'api'): string {
  if (order.placedBy === 'liquidation') return 'liquidation';
  if (/^api-\d+$/.test(order.clientOrderId)) return byApi;
  if (/^web_\d+$/.test(order.clientOrderId)) return 'web';
  return `t-${order.clientOrderId}`;
}
