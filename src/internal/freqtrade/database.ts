import { isDecimal, normalizeDecimal, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import { FailureError } from '../../domain/failure/failure.js';
import { LIMITS } from '../../domain/limits/limits.js';
import { visible } from '../../domain/text/shown-text.js';
import { sourceFailure } from '../source-failure.js';
import type { BotDatabase, DatabaseRead } from '../sql/bot-database.js';
import { ByteBudget, type Answer, type Cell, type Column, type Query } from '../sql/query-rows.js';

// Freqtrade's own database, which has the price and the trigger price of each order; its API shows one of the two at most.

type QueryName = 'trades' | 'orders';

/** The same texts on SQLite and PostgreSQL (tables of freqtrade/persistence/trade_model.py; the same in 2024.10 and 2026.9). */
const QUERIES: readonly Query<QueryName>[] = [
  { name: 'trades', sql: 'select id, pair, amount from trades where is_open' },
  {
    name: 'orders',
    sql: `select o.ft_trade_id as trade, o.order_id as id, o.ft_pair as pair, o.price, o.stop_price, o.filled
      from orders o join trades t on t.id = o.ft_trade_id where t.is_open and o.ft_is_open`,
  },
];

/** An open order. Numbers are texts as the database writes them, or null. */
export interface StoredOrder {
  trade: string;
  id: string;
  pair: string;
  price: string | null;
  stopPrice: string | null;
  filled: string | null;
}

/** The open trades of the database, and their open orders. */
export interface StoredBooks {
  /** `amount` of each open trade, by its id. */
  trades: ReadonlyMap<string, string | null>;
  /** By `keyOf`. */
  orders: ReadonlyMap<string, StoredOrder>;
}

/** Freqtrade's orders are unique by pair and id. */
export function keyOf(order: Pick<StoredOrder, 'pair' | 'id'>): string {
  return `${order.pair} ${order.id}`;
}

/**
 * Reads the open trades and their open orders in one transaction.
 *
 * @throws FailureError; when the signal aborts, any error
 */
export async function readBooks(database: BotDatabase, read: DatabaseRead, maxBytes: number): Promise<StoredBooks> {
  const place = database.place();
  const budget = new ByteBudget(maxBytes);
  const answers = new Map<QueryName, Rows>();
  try {
    await database.read(place, read, QUERIES, ({ name }) => {
      const rows = new Rows(name, budget);
      answers.set(name, rows);
      return rows;
    });
    const trades = (answers.get('trades')?.rows ?? []).map(({ id, amount = null }) => [id ?? '', amount] as const);
    const orders = (answers.get('orders')?.rows ?? []).map((row): StoredOrder => {
      const { trade, id, pair, price = null, stop_price: stopPrice = null, filled = null } = row;
      return { trade: trade ?? '', id: id ?? '', pair: pair ?? '', price, stopPrice, filled };
    });
    const dry = orders.find(({ id }) => id.startsWith('dry_run_'));
    if (dry !== undefined) throw dryRun(dry);
    return { trades: new Map(trades), orders: new Map(orders.map((order) => [keyOf(order), order])) };
  } catch (error) {
    if (read.signal.aborted) throw error;
    throw database.placed(place, withRemedy(database.failureOf(error, place)));
  }
}

/** Failures of a query name the query; the queries are Plumbline's, so the database is the wrong one. */
function withRemedy(error: FailureError): FailureError {
  const { failure } = error;
  const isQuery = QUERIES.some(({ name }) => failure.where === `internal.${name}`);
  if (failure.kind !== 'configuration' || !isQuery) return error;
  const remedy = `check that it is the database of this bot (${DB_URL}), of Freqtrade 2024.10 or later`;
  return new FailureError({ ...failure, where: 'internal.database', remedy }, { cause: error.cause });
}

const DB_URL = 'db_url in its configuration, user_data/tradesv3.sqlite by default';

function dryRun({ id }: StoredOrder): FailureError {
  const message = `it is the database of a dry run: it has the open order ${visible(id.slice(0, 60))}`;
  const remedy = `set internal.database to the database of the live bot (${DB_URL})`;
  return sourceFailure('configuration', message, remedy, { where: 'internal.database' });
}

class Rows implements Answer {
  readonly rows: Record<string, Cell>[] = [];
  private names: readonly string[] = [];

  constructor(
    private readonly name: 'trades' | 'orders',
    private readonly budget: ByteBudget,
  ) {}

  columns(columns: readonly Column[]): void {
    this.names = columns.map(({ name }) => name);
  }

  /** Freqtrade stores floats, whose shortest text is what its API writes. */
  float(): void {}

  row(cells: readonly Cell[]): void {
    const { value, remedy } = LIMITS[this.name === 'trades' ? 'positions' : 'orders'];
    if (this.rows.length >= value) {
      throw sourceFailure('too_large', `it has more than ${value} open ${this.name}`, remedy);
    }
    this.budget.spend(cells.reduce((bytes, cell) => bytes + Buffer.byteLength(cell ?? ''), 0));
    this.rows.push(Object.fromEntries(this.names.map((name, index) => [name, cells[index] ?? null])));
  }
}

/** A price above zero; null if there is none; what is wrong with any other text. */
export function priceOf(text: string | null): { price: DecimalText | null } | { problem: string } {
  if (text === null || text === '') return { price: null };
  if (!isDecimal(text)) return { problem: `is ${visible(text.slice(0, 60))}, expected a price` };
  const price = normalizeDecimal(text);
  // Exchanges write 0 or -1 where an order has no price of its own.
  return { price: signOf(price) > 0 ? price : null };
}
