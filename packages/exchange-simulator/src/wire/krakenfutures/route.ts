import { KrakenError } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import { isDecimal, type DecimalText } from '@plumbline/primitives/decimal';

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

/** Endpoints under /derivatives and under /api/history have separate budgets; public ones are free. */
export type Budget = 'free' | 'derivatives' | 'history';

export interface Route {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  access: 'public' | 'read' | 'trade';
  budget: Budget;
  cost: (parameters: Parameters) => number;
  /** Returns the answer's body, without `result` and `serverTime` if the route is under /derivatives. */
  answer: (call: WireCall, caller: { account: Account; key: ApiKey } | null) => Answer;
}

export interface Answer {
  body: Record<string, unknown>;
  headers?: Record<string, string>;
}

type Cost = number | ((parameters: Parameters) => number);

export function open(path: string, answer: (call: WireCall) => Record<string, unknown>): Route {
  return openAt(`/derivatives/api/v3/${path}`, answer);
}

/** A public endpoint of another version or another part of the API, by its whole path. */
export function openAt(path: string, answer: (call: WireCall) => Record<string, unknown>): Route {
  return {
    method: 'GET',
    path,
    access: 'public',
    budget: 'free',
    cost: () => 0,
    answer: (call) => ({ body: answer(call) }),
  };
}

export function read(path: string, cost: Cost, answer: (call: SignedCall) => Record<string, unknown>): Route {
  return derivatives('GET', path, 'read', cost, answer);
}

export function trade(path: string, cost: Cost, answer: (call: SignedCall) => Record<string, unknown>): Route {
  return derivatives('POST', path, 'trade', cost, answer);
}

export function derivatives(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  access: 'read' | 'trade',
  cost: Cost,
  answer: (call: SignedCall) => Record<string, unknown>,
): Route {
  return {
    method,
    path: `/derivatives/api/v3/${path}`,
    access,
    budget: 'derivatives',
    cost: typeof cost === 'number' ? () => cost : cost,
    answer: (call, caller) => ({ body: answer(signedCall(call, caller)) }),
  };
}

/** Served under both versions: ccxt requests v2 for what the documentation shows under v3, in the same form. */
export function history(path: string, answer: (call: SignedCall) => Answer): Route[] {
  return ['v2', 'v3'].map((version) => ({
    method: 'GET',
    path: `/api/history/${version}/${path}`,
    access: 'read',
    budget: 'history',
    cost: () => 1,
    answer: (call, caller) => answer(signedCall(call, caller)),
  }));
}

function signedCall(call: WireCall, caller: { account: Account; key: ApiKey } | null): SignedCall {
  if (caller === null) throw new KrakenError('authenticationError');
  return { ...call, ...caller };
}

/** The parameters of one request, from the query and a form in the body. */
export class Parameters {
  constructor(private readonly values: URLSearchParams) {}

  /** Undefined if it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === null || value === '' ? undefined : value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new KrakenError('requiredArgumentMissing');
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.mandatory(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new KrakenError('invalidArgument');
    return found;
  }

  decimal(name: string): DecimalText | undefined {
    const value = this.text(name);
    if (value !== undefined && !isDecimal(value)) throw new KrakenError('invalidArgument');
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,16}$/.test(value)) throw new KrakenError('invalidArgument');
    return Number(value);
  }

  /** Null if it was not sent. */
  flag(name: string): boolean | null {
    const value = this.text(name)?.toLowerCase();
    return value === undefined ? null : value === 'true';
  }

  /** A parameter that may be sent several times, "orderIds=a&orderIds=b", or once with commas. */
  list(name: string): string[] {
    return this.values.getAll(name).flatMap((value) => value.split(',').filter((part) => part !== ''));
  }
}
