import { z } from 'zod';
import { readAllPages } from '../profile/paging.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { EmptyRow, UnreadRow, type ReadRow, type RowIn } from '../profile/unread.js';
import { decimalText, timeMs, type Endpoint } from '../transport/endpoint.js';
import { priceOf } from '../profile/rows.js';
import type { Envelope } from './common.js';

export const priceText = z.union([decimalText, z.literal('')]).nullish();
/** "" means that there is none. */
export const timeText = z.union([timeMs, z.literal('').transform(() => 0)]).nullish();
/** The unit of an order's size. "" is the default: the quote currency of a market buy, otherwise the base currency. */
export const unitText = z.enum(['', 'base_ccy', 'quote_ccy']).nullish();

export const PAGE = 100;

/** All rows of a list that is paged by the id of the last row; only an empty page proves the end. */
export async function readList<Row>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<ReadRow<Row>>>,
  idField: keyof RowIn<ReadRow<Row>> & string,
  ask: (page: Params) => Promise<Envelope<ReadRow<Row>>>,
): Promise<ReadRow<Row>[]> {
  const idOf = (row: ReadRow<Row>): string | null =>
    row instanceof UnreadRow || row instanceof EmptyRow
      ? row.text(idField)
      : String((row as Record<string, unknown>)[idField]);
  return readAllPages<ReadRow<Row>>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf: (row) => idOf(row) ?? '',
    ask: async (after) => {
      const { data } = await ask({ limit: String(PAGE), ...(after === null ? {} : { after }) });
      const last = data.at(-1);
      const next = last === undefined ? null : idOf(last);
      // A last row without an id does not give the next page, and a short page may be the last one.
      if (last !== undefined && next === null && data.length === PAGE) {
        throw session.failure('incomplete', endpoint, `ended a page with a row without its ${idField}`);
      }
      return { rows: data, next };
    },
  });
}

/** A limit price; null for -1, which stands for the market price. */
export function limitPriceOf(text: string | null | undefined): string | null {
  return isMarketPrice(text) ? null : priceOf(text);
}

/** Whether a price stands for the market price. */
export function isMarketPrice(text: string | null | undefined): boolean {
  return text === '-1';
}
