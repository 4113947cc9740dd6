import { z } from 'zod';
import { readAllPages } from '../profile/paging.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import type { ReadRow, RowIn } from '../profile/unread.js';
import type { Endpoint } from '../transport/endpoint.js';
import { envelope, type Envelope } from './common.js';

/*
 * Bybit's lists: one for each category, in pages, every page with rows with a cursor. Source: "Get Position Info", "Get Open &
 * Closed Orders", "Get Trade History" of bybit-exchange.github.io/docs/v5.
 */

export const CATEGORY = z.enum(['linear', 'inverse', 'spot']);
export type Category = z.infer<typeof CATEGORY>;

export interface List<Row> {
  category: Category;
  nextPageCursor?: string | null | undefined;
  list: Row[];
}

/** The shape of a page of one category. */
export function listOf<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<List<Row>>> {
  return envelope(z.object({ category: CATEGORY, nextPageCursor: z.string().nullish(), list: z.array(row) }));
}

/** One request for a part of the account, and the scope path of its answer. */
export interface Part {
  category: Category;
  path: string;
  params: Params;
}

/** The parts of an account: linear positions and orders have to be asked for each settlement coin. */
export function partsOf(session: ReadSession): { contracts: Part[]; all: Part[] } {
  const contracts: Part[] = session.settleIds('linear').map((settleCoin) => ({
    category: 'linear',
    path: `linear:${session.currency(settleCoin)}`,
    params: { category: 'linear', settleCoin },
  }));
  contracts.push({ category: 'inverse', path: 'inverse', params: { category: 'inverse' } });
  return { contracts, all: [...contracts, { category: 'spot', path: 'spot', params: { category: 'spot' } }] };
}

/** The rows of all parts, read one after another. Throws what `read` throws. */
export async function ofEach<T>(parts: readonly Part[], read: (part: Part) => Promise<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for (const part of parts) rows.push(...(await read(part)));
  return rows;
}

/** All rows of a list. Throws `incomplete` where another category answers. */
export async function readList<Row>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<List<ReadRow<Row>>>>,
  part: Part,
  pageSize: number,
  idOf: (row: RowIn<ReadRow<Row>>) => string,
): Promise<ReadRow<Row>[]> {
  return readAllPages<ReadRow<Row>>({
    session,
    endpoint,
    pageSize,
    idOf,
    ask: async (cursor) => {
      const limit = String(pageSize);
      const { result } = await session.ask(endpoint, { ...part.params, limit, ...(cursor === null ? {} : { cursor }) });
      if (result.category !== part.category) {
        throw session.failure('incomplete', endpoint, `was asked for ${part.category} and answered ${result.category}`);
      }
      return { rows: result.list, next: cursorOf(result) };
    },
  });
}

/** The newest rows of a record that goes back for years, in at most so many pages. */
export async function newestRows<Row>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<{ nextPageCursor?: string | null | undefined; list: Row[] }>>,
  params: Params,
  pages: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const { result } = await session.ask(endpoint, cursor === null ? params : { ...params, cursor });
    rows.push(...result.list);
    cursor = cursorOf(result);
    if (cursor === null || result.list.length === 0) break;
  }
  return rows;
}

function cursorOf({ nextPageCursor }: { nextPageCursor?: string | null | undefined }): string | null {
  return nextPageCursor === undefined || nextPageCursor === '' ? null : nextPageCursor;
}
