import { z } from 'zod';
import type { Scope } from '../../../domain/snapshot/scope.js';
import { type Endpoint, word } from '../../transport/endpoint.js';
import { readAllPages } from '../../profile/paging.js';
import type { Params, ReadSession } from '../../profile/read-session.js';
import { rowsOf, type ReadRow, type RowForm } from '../../profile/unread.js';
import {
  changeTimeOf,
  envelope,
  idIn,
  PAGE,
  PRODUCTS,
  type Envelope,
  type Product,
  type TimeField,
} from '../shared/common.js';
import type { Market } from '../../profile/markets.js';
import { UNIFIED_SUFFIX } from '../shared/account-kind.js';

/*
 * What the pages of a unified account have in common. Source: bitget.com/api-doc/uta, pages trade/Get-Order-Pending,
 * trade/Get-Position and uta/enum.
 *
 * - A category is SPOT, MARGIN (spot pairs with borrowed coins, the same wallet), or one of three product types of futures.
 * - Lists are `{list, cursor}`, newest first. The cursor is the smallest id of the page, also on the last one; only an empty page
 *   proves the end. A list without rows is [] on some pages and null on others (seen on a live account, 2026-10).
 * - The names of coin-margined contracts end with "_CM" and count in contracts of 1 USD: an amount is quote value.
 */

/** Every list of orders is asked for each of them. */
export interface Category {
  category: 'SPOT' | 'MARGIN' | Product['productType'];
  /** Null: spot pairs. */
  product: Product | null;
  /** Path of its scopes. */
  path: string;
}

export const FUTURES: readonly (Category & { product: Product })[] = PRODUCTS.map((product) => ({
  category: product.productType,
  product,
  path: product.path,
}));
export const SPOT: Category = { category: 'SPOT', product: null, path: 'spot' };
export const MARGIN: Category = { category: 'MARGIN', product: null, path: 'spot' };

/** The scope of the orders of a category. */
export function scopeOf(kind: 'regular' | 'conditional', { path }: Category): Scope {
  return `orders:${kind}:${path}`;
}

export interface CursorList<Row> {
  list: Row[] | null;
  cursor?: string | null | undefined;
}

/** A page of rows that are checked one by one. */
export function cursorRows<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<CursorList<ReadRow<Row>>>> {
  return envelope(z.object({ list: z.array(named(row)).nullable(), cursor: z.string().nullish() }));
}

/** A page of rows that are checked together: histories, where one unknown word ends the question. */
export function cursorPage<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<CursorList<Row>>> {
  return envelope(z.object({ list: z.array(row).nullable(), cursor: z.string().nullish() }));
}

/** A row of a list whose market is in its field `symbol`. */
export function named<Row>(row: z.ZodType<Row>, skip?: RowForm['skip']): z.ZodType<ReadRow<Row>> {
  return rowsOf(row, { symbol: 'symbol', ...(skip === undefined ? {} : { skip }) });
}

/** A category in a row: in capitals on most pages, not on all. */
export const CATEGORY = word.transform((text) => text.toUpperCase());

/** All rows of a list with cursors. */
export async function readByCursor<Row extends object>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<CursorList<Row>>>,
  params: Params,
  idField: 'orderId' | 'execId' = 'orderId',
): Promise<Row[]> {
  return readAllPages<Row>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf: (row) => idIn(row, idField) ?? '',
    ask: async (cursor) => {
      const paged = { ...params, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) };
      const { list, cursor: next } = (await session.ask(endpoint, paged)).data;
      const rows = list ?? [];
      if (rows.length === 0) return { rows, next: null };
      if (next === undefined || next === null || next === '') {
        // A full page without a cursor cannot be the last one for certain.
        if (rows.length < PAGE) return { rows, next: null };
        throw session.failure('incomplete', endpoint, `reported a full page of ${rows.length} rows and no cursor`);
      }
      return { rows, next };
    },
  });
}

/** Whether a row's name is this market's: a classic and a unified contract may share the unified symbol. */
export function isOf(symbol: string, { id, kind }: Market): boolean {
  const name = symbol.toUpperCase();
  return name === id || (kind === 'inverse' && bare(name) === bare(id));
}

/** The name of a market on unified accounts. */
export function unifiedIdOf({ id, kind, symbol }: Market): string {
  return kind === 'inverse' && !symbol.includes('-') ? `${bare(id)}${UNIFIED_SUFFIX}` : id;
}

function bare(name: string): string {
  return name.endsWith(UNIFIED_SUFFIX) ? name.slice(0, -UNIFIED_SUFFIX.length) : name;
}

interface TimedRow {
  orderId: string;
  clientOid?: string | null | undefined;
  createdTime?: TimeField;
  updatedTime?: TimeField;
}

/** The common fields of open orders and of strategy orders. */
export function unifiedCommonOf(row: TimedRow, symbol: string, type: string) {
  return {
    id: row.orderId,
    clientOrderId: row.clientOid === undefined || row.clientOid === '' ? null : row.clientOid,
    symbol,
    type,
    changedAt: unifiedTimeOf(row),
  };
}

/** The last change of a row. */
export function unifiedTimeOf({
  createdTime,
  updatedTime,
}: Pick<TimedRow, 'createdTime' | 'updatedTime'>): number | null {
  return changeTimeOf({ cTime: createdTime, uTime: updatedTime });
}
