import type { Scope } from '../../../domain/snapshot/scope.js';
import { isZero } from '../../../domain/decimal/decimal.js';
import { nameOf, type Endpoint } from '../../transport/endpoint.js';
import type { Market, MarketKind } from '../../profile/markets.js';
import { isDecimal } from '../../../domain/decimal/decimal.js';
import { RowRefusal, UnreadRow, type RowIn } from '../../profile/unread.js';
import type { ReadSession } from '../../profile/read-session.js';
import { idOf, productOf, type Product } from './common.js';

/** A list of rows of one product or of spot. */
export interface RowList {
  session: ReadSession;
  endpoint: Endpoint<unknown>;
  /** Null: spot. */
  product: Product | null;
  scope: Scope;
}

/**
 * Converts the rows of a list, like `session.convert`. On Bitget most names mean a spot pair and a contract, and some rows have
 * them in lower case; so the market of a row that cannot be read is looked up here, in the list's own product.
 */
export async function convertRows<Item, Out>(
  list: RowList,
  rows: readonly Item[],
  read: (row: RowIn<Item>) => Out | null | Promise<Out | null>,
): Promise<Out[]> {
  const { session, endpoint, scope } = list;
  const others: Item[] = [];
  for (const row of rows) {
    if (!(row instanceof UnreadRow) || row.symbol === null) {
      others.push(row);
      continue;
    }
    const reason = `${nameOf(endpoint)}: a row of ${row.symbol} cannot be read: ${row.problem}`;
    session.unread.add({ scope, symbol: await symbolOf(list, row.symbol), code: 'ROW_UNREADABLE', reason });
  }
  const nameless = others.find((row) => row instanceof UnreadRow);
  if (!(nameless instanceof UnreadRow) || others.length === rows.length) {
    return session.convert(endpoint, others, read, scope);
  }
  const reason = `${nameOf(endpoint)}: a row without a symbol cannot be read: ${nameless.problem}`;
  session.unread.add({ scope, symbol: null, code: 'ROW_UNREADABLE', reason });
  const named = others.filter((row) => !(row instanceof UnreadRow));
  return session.convert(endpoint, named, read, scope);
}

/** The unified symbol of a row's market; the raw name where the market is not known. */
async function symbolOf(list: RowList, name: string): Promise<string> {
  try {
    return (await marketOfRow(list, name)).symbol;
  } catch (error) {
    if (error instanceof RowRefusal) return name;
    throw error;
  }
}

const CONTRACTS: readonly MarketKind[] = ['linear', 'inverse'];
const SPOT: readonly MarketKind[] = ['spot'];

/** The market of a row. Throws `RowRefusal` for a market that is unknown or belongs to another product. */
export async function marketOfRow({ session, endpoint, product }: RowList, symbol: string): Promise<Market> {
  if (product === null) return session.market(idOf(symbol), endpoint, SPOT);
  const market = await session.market(idOf(symbol), endpoint, CONTRACTS);
  const { productType } = productOf(market);
  if (productType === product.productType) return market;
  throw session.refuseRow(
    endpoint,
    market.symbol,
    `was asked for ${product.productType} and reported ${symbol}, which is of ${productType}`,
  );
}

/** Whether a number field of a raw row is zero. */
export function isZeroIn(raw: Readonly<Record<string, unknown>>, field: string): boolean {
  const value = raw[field];
  return typeof value === 'string' && isDecimal(value) && isZero(value);
}
