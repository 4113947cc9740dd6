import { LIMITS, requireLength, TooLargeError } from '../../domain/limits/limits.js';
import { nameOf, type Endpoint } from '../transport/endpoint.js';
import type { ReadSession } from './read-session.js';
import { isAside, type RowIn } from './unread.js';

export interface Page<Row> {
  rows: Row[];
  /** The cursor of the next page; null where the exchange says that this is the last one. */
  next: string | null;
  /** Whether the page has fewer rows than it could have; set where `pageSize` does not show it. */
  short?: boolean;
}

export interface Paging<Row> {
  session: ReadSession;
  endpoint: Endpoint<unknown>;
  /** The largest page of the exchange, which is requested. */
  pageSize: number;
  /** Not called for rows that could not be read. */
  idOf: (row: RowIn<Row>) => string;
  /** Requests the page at a cursor; null is the first one. */
  ask: (cursor: string | null) => Promise<Page<Row>>;
}

/** The limit for an exchange that never says "last". */
const MAX_PAGES = LIMITS.pages.value;

/**
 * All rows of a list that is paged by a cursor. Throws `incomplete` unless these prove that it is whole:
 *
 * - the end is seen: the exchange says so, or a page is empty;
 * - no row comes twice, which happens when rows move between pages or a page is repeated;
 * - no cursor comes twice;
 * - only the last page with rows is short.
 *
 * Where the cursor is the id of the last row and the exchange does not mark the last page, return that id as `next` for every
 * page with rows: the empty page after them proves the end.
 */
export async function readAllPages<Row>(paging: Paging<Row>): Promise<Row[]> {
  const { session, endpoint, pageSize, idOf, ask } = paging;
  const rows: Row[] = [];
  const ids = new Set<string>();
  const cursors = new Set<string>();
  let cursor: string | null = null;
  let short = false;
  for (let number = 1; number <= MAX_PAGES; number++) {
    const page: Page<Row> = await ask(cursor);
    if (page.rows.length === 0) return rows;
    if (short) {
      throw session.failure('incomplete', endpoint, `reported a short page ${number - 1}, which was not the last`);
    }
    short = page.short ?? page.rows.length < pageSize;
    for (const row of page.rows) {
      const id = keyOf(row, idOf);
      if (ids.has(id)) {
        throw session.failure('incomplete', endpoint, `reported ${id} twice, the second time on page ${number}`);
      }
      ids.add(id);
      rows.push(row);
    }
    // Every paged list holds orders, positions or balances; the limit of orders is the largest of the three.
    requireLength('orders', rows.length, `the list of ${nameOf(endpoint)}`);
    if (page.next === null) return rows;
    if (cursors.has(page.next)) {
      throw session.failure('incomplete', endpoint, `repeated a cursor after page ${number}`);
    }
    cursors.add(page.next);
    cursor = page.next;
  }
  throw new TooLargeError('pages', 'more', `the list of ${nameOf(endpoint)}`);
}

/** What identifies a row in its list. */
function keyOf<Row>(row: Row, idOf: (row: RowIn<Row>) => string): string {
  return isAside(row) ? row.key : idOf(row as RowIn<Row>);
}

export interface OffsetPaging<Row> {
  session: ReadSession;
  endpoint: Endpoint<unknown>;
  pageSize: number;
  idOf: (row: RowIn<Row>) => string;
  /** Requests up to `pageSize` rows from the row numbered `offset` (from 0). */
  ask: (offset: number) => Promise<Row[]>;
}

/**
 * All rows of a list that is paged by row numbers. When a row ends during the read, all rows after it move up, and the reader
 * would skip one. So every page begins with the last row of the page before. If it begins with another row, the list has
 * moved and the read is `incomplete`. A page with only that row proves the end.
 */
export async function readAllByOffset<Row>(paging: OffsetPaging<Row>): Promise<Row[]> {
  const { session, endpoint, pageSize, idOf, ask } = paging;
  let first = true;
  let last: string | null = null;
  let seen = 0;
  return readAllPages({
    session,
    endpoint,
    pageSize,
    idOf,
    ask: async () => {
      const rows = await ask(first ? 0 : seen - 1);
      const begun = first ? rows : rows.slice(1);
      const [start] = rows;
      if (!first && (start === undefined || keyOf<Row>(start, idOf) !== last)) {
        throw session.failure('incomplete', endpoint, `changed its list during the read, at row ${seen}`);
      }
      first = false;
      seen += begun.length;
      const end = begun.at(-1);
      last = end === undefined ? last : keyOf<Row>(end, idOf);
      return { rows: begun, next: end === undefined ? null : `after ${seen}`, short: rows.length < pageSize };
    },
  });
}

export interface NumberedPage<Row> {
  rows: Row[];
  /** Rows of the whole list. */
  total: number;
}

export interface NumberPaging<Row> {
  session: ReadSession;
  endpoint: Endpoint<unknown>;
  idOf: (row: RowIn<Row>) => string;
  /** Requests a page by its number, from 1. */
  ask: (number: number) => Promise<NumberedPage<Row>>;
}

/**
 * All rows of a list that is paged by numbers and says how many rows it has. A row that ends while the list is read changes that
 * total, so that a list that moved is `incomplete`; so is one with a row twice, or with fewer or more rows than it says.
 */
export async function readAllByNumber<Row>({ session, endpoint, idOf, ask }: NumberPaging<Row>): Promise<Row[]> {
  const rows = new Map<string, Row>();
  const fail = (what: string): Error => session.failure('incomplete', endpoint, what);
  let total: number | null = null;
  for (let number = 1; number <= MAX_PAGES; number++) {
    const page: NumberedPage<Row> = await ask(number);
    if (total !== null && page.total !== total) throw fail(`reported a total of ${total} rows, then of ${page.total}`);
    total = page.total;
    for (const row of page.rows) {
      const id = keyOf(row, idOf);
      if (rows.has(id)) throw fail(`reported ${id} twice, the second time on page ${number}`);
      rows.set(id, row);
    }
    requireLength('orders', rows.size, `the list of ${nameOf(endpoint)}`);
    if (rows.size > total) throw fail(`reported more rows than its total of ${total}`);
    if (rows.size === total) return [...rows.values()];
    if (page.rows.length === 0) throw fail(`gave an empty page ${number}, with ${rows.size} of ${total} rows reported`);
  }
  throw new TooLargeError('pages', 'more', `the list of ${nameOf(endpoint)}`);
}
