import type { z } from 'zod';
import { marketPath } from '../../domain/snapshot/scope.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import type { Endpoint } from '../transport/endpoint.js';

/*
 * Gate keeps a separate account for each of its futures products: perpetuals settled in USDT and in BTC, and delivery contracts
 * (dated) settled in USDT. Each has the same endpoints under its own path. Source: www.gate.com/docs/developers/apiv4/en,
 * "Futures", "Delivery".
 */

export interface Product {
  /** The first segment of its paths. */
  kind: 'futures' | 'delivery';
  settle: 'usdt' | 'btc';
  /** The scope path of its contracts. Perpetuals and delivery contracts of one settle currency share it. */
  path: string;
}

export const PERPETUAL_USDT: Product = { kind: 'futures', settle: 'usdt', path: 'linear:USDT' };
export const PERPETUAL_BTC: Product = { kind: 'futures', settle: 'btc', path: 'inverse:BTC' };
export const DELIVERY_USDT: Product = { kind: 'delivery', settle: 'usdt', path: 'linear:USDT' };
export const PRODUCTS: readonly Product[] = [PERPETUAL_USDT, PERPETUAL_BTC, DELIVERY_USDT];

/** An endpoint of a product's account; `scope` is what it lists, without the product's path. */
export function productEndpoint<T>(
  { kind, settle, path: ownPath }: Product,
  path: string,
  call: string,
  scope: string | null,
  shape: z.ZodType<T>,
): Endpoint<T> {
  return {
    method: 'GET',
    path: `/${kind}/${settle}/${path}`,
    call: `${kind === 'futures' ? 'privateFuturesGetSettle' : 'privateDeliveryGetSettle'}${call}`,
    ...(scope === null ? {} : { scope: `${scope}:${ownPath}` }),
    shape,
  };
}

/** The parameter of the path. */
export function settleParam({ settle }: Product): Params {
  return { settle };
}

/** Whether the market is a dated contract: its unified symbol ends with a date. */
export function isDelivery({ symbol }: Pick<Market, 'symbol'>): boolean {
  return /-\d{6}$/.test(symbol);
}

/** The product that lists a market; null for spot and for contracts that are not read. */
export function productOf(market: Market): Product | null {
  const kind = isDelivery(market) ? 'delivery' : 'futures';
  return PRODUCTS.find((product) => product.kind === kind && product.settle === market.settleId) ?? null;
}

/**
 * The market of a row. Null for a quanto contract: its worth is a share of the settle currency, so its size is no amount of the
 * base currency. Throws `RowRefusal` for an unknown market.
 */
export async function contractOf(
  session: ReadSession,
  { path }: Product,
  id: string,
  from: Endpoint<unknown>,
): Promise<Market | null> {
  const market = await session.market(id, from, ['linear', 'inverse']);
  return marketPath(market.symbol) === path ? market : null;
}
