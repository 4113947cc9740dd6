import { isZero, multiplyDecimals, signOf } from '../../domain/decimal/decimal.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { Market } from './markets.js';
import type { ReadSession } from './read-session.js';

/** A price; null for "0", "" and an absent field, which mean that there is none. */
export function priceOf(text: string | null | undefined): string | null {
  return text === null || text === undefined || text === '' || isZero(text) ? null : text;
}

/** A time; null for 0, which means that there is none. */
export function timeOf(time: number | null | undefined): number | null {
  return time === null || time === undefined || time === 0 ? null : time;
}

/** The amount of an order in its market's unit. Throws `RowRefusal` for an amount that no open order can have. */
export function amountOf(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  id: string,
  contracts: string | null | undefined,
  market: Market,
): string {
  if (contracts === null || contracts === undefined || signOf(contracts) <= 0) {
    throw session.refuseRow(endpoint, market.symbol, `reported order ${id} with the amount ${contracts ?? 'left out'}`);
  }
  return multiplyDecimals(contracts, market.contractSize);
}
