import { Book, type RecordLine } from './book.js';
import { Calls } from './calls.js';
import { exportState } from './export-state.js';
import { fieldsOf, isFields, textOf, type Fields } from './fields.js';
import { COMPACT_BYTES, FULL_BYTES, Journal, type JournalLine } from './journal.js';
import { Hooks } from './hooks.js';
import { snakeCase } from './methods.js';
import { negate, number, plain, type Decimal } from './numbers.js';
import { rowOf, type OrderRow } from './order.js';
import type { Position } from './positions.js';
import type { State } from './state.js';

/** An amount in base units: "0.5", or a number. */
export type Amount = string | number | bigint;
/** By symbol, short below zero; in hedge mode also by side. */
export type Positions = Readonly<Record<string, Amount | { long?: Amount; short?: Amount }>>;

export interface WatchOptions {
  /** The file of the record, which outlives the process. Null: memory only, and a restart forgets. */
  record: string | null;
  /**
   * What the bot holds at the start of a new record, in base units (quote value of inverse contracts); else it is flat. An existing
   * record goes on instead.
   */
  positions?: Positions;
  /** Default `one-way`. */
  positionMode?: 'one-way' | 'hedge';
}

/** The state of a record: positions, and open orders. */
export interface RecordState extends State {
  positions: readonly object[];
  orders: readonly OrderRow[];
}

/** The record may be wrong, so there is no state to export. The message says what happened and what to do. */
export class RecordFailed extends Error {
  override readonly name = 'RecordFailed';
}

/**
 * Watches a ccxt object from now on. The object stays the same; its calls, answers and errors do too.
 *
 * @throws RecordInUse if another process writes the record, RecordUnreadable if its file is damaged, TypeError for an invalid option
 */
export function watch(exchange: object, options: WatchOptions): Watched {
  return new Watched(exchange, options);
}

type Method = (...args: unknown[]) => unknown;

const MAX_OPEN = 10_000;
const watchedObjects = new WeakSet();

/** The record of one ccxt object. */
export class Watched {
  readonly #exchange: Record<string, unknown>;
  readonly #hedge: boolean;
  readonly #book: Book;
  #hooks: Hooks | null = null;
  #journal: Journal | null = null;
  #problem: string | null = null;

  constructor(exchange: object, { record, positions = {}, positionMode = 'one-way' }: WatchOptions) {
    if (positionMode !== 'one-way' && positionMode !== 'hedge') {
      throw new TypeError("positionMode must be 'one-way' or 'hedge'");
    }
    if (watchedObjects.has(exchange)) throw new TypeError('this exchange object is already watched');
    this.#exchange = exchange as Record<string, unknown>;
    this.#hedge = positionMode === 'hedge';
    this.#book = new Book((symbol) => this.#contractSize(symbol));
    const signs = typeof this.#exchange['sign'] === 'function';
    const rounded = this.#sentNumber.bind(this);
    const unified = this.#unifiedSymbol.bind(this);
    const listsStopsByKind = /okx|bitget/.test(textOf(this.#exchange['id']) ?? '');
    const settings = (): Fields => fieldsOf(this.#exchange['options']);
    const options = { hedge: this.#hedge, signs, rounded, unified, listsStopsByKind, settings };
    const calls = new Calls(this.#book, options);
    const start = positionsOf(positions, this.#hedge);
    const head = { plumbline_record: 1, exchange: textOf(this.#exchange['id']) ?? '', position_mode: positionMode };
    if (record !== null) this.#journal = new Journal(record, head);
    try {
      this.#restore(start);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#hooks = new Hooks(this.#exchange, calls, (name, note) => this.#record(name, note));
    watchedObjects.add(exchange);
  }

  // What the bot uses

  /**
   * The bot's state now, without `as_of`: for `exportState` or `Pusher.push`.
   *
   * @throws RecordFailed, or the system's error if the record's file cannot be written
   */
  state(): RecordState {
    if (this.#problem !== null) {
      throw new RecordFailed(`${this.#problem}; state the positions with correct() once you have checked them`);
    }
    const shown = this.#book.orders.open();
    if (shown.length > MAX_OPEN) {
      throw new RecordFailed(
        `${shown.length} orders are open or in doubt: fetch them, so that the record learns how they ended`,
      );
    }
    const journal = this.#journal;
    if (journal !== null && (journal.isBehind || journal.bytes > COMPACT_BYTES)) journal.rewrite(this.#whole());
    return {
      version: 1,
      position_mode: this.#hedge ? 'hedge' : 'one-way',
      scopes: ['positions', 'orders'],
      gaps: this.#gaps(),
      positions: this.#book.positions.held().map(positionRow),
      orders: shown.map(rowOf),
    };
  }

  /** Writes the state to a file. @throws what `state` and `exportState` throw */
  async export(path: string): Promise<State> {
    return exportState(this.state(), path);
  }

  /** The open orders whose create call was not answered, as rows of the state. Fetching them ends the doubt. */
  get inDoubt(): readonly OrderRow[] {
    return this.#book.orders
      .open()
      .filter(({ doubt }) => doubt !== null)
      .map(rowOf);
  }

  /** States the positions anew: the bot took something over, or its record was wrong. Symbols that are not named stay. */
  correct(positions: Positions): void {
    for (const position of positionsOf(positions, this.#hedge)) this.#book.positions.set(position);
    this.#problem = null;
    this.#save({ problem: null });
  }

  /** Ends the record and releases its file. The exchange object stays usable, and is not watched any more. */
  close(): void {
    this.#journal?.close();
    this.#journal = null;
    this.#hooks?.remove();
    this.#hooks = null;
    watchedObjects.delete(this.#exchange);
  }

  // The record's file

  #restore(start: readonly Position[]): void {
    const lines = this.#journal?.read() ?? [];
    for (const line of lines) {
      this.#book.restore(line);
      if (line.problem !== undefined) this.#problem = line.problem;
    }
    if (lines.length === 0) for (const position of start) this.#book.positions.set(position);
    this.#book.takeChanges();
    this.#journal?.rewrite(this.#whole());
  }

  #whole(): JournalLine {
    return { ...this.#book.everything(), problem: this.#problem };
  }

  #save(more: { problem?: string | null } = {}): void {
    const line = this.#book.takeChanges();
    const journal = this.#journal;
    if (journal === null || (line === null && more.problem === undefined)) return;
    try {
      journal.append({ ...(line ?? this.#nothing()), ...more });
      if (journal.bytes > FULL_BYTES) journal.rewrite(this.#whole());
    } catch {
      // The next export writes the whole record, or says that it cannot.
    }
  }

  #nothing(): RecordLine {
    const { attached, seen } = this.#book;
    return { orders: [], positions: [], trades: [], attached: [...attached], seen: [...seen] };
  }

  /** Stops that the exchange itself makes for an order have ids that the bot does not know. */
  #gaps(): { scope: string; reason: string }[] {
    const { attached, orders } = this.#book;
    const held = new Set(this.#book.positions.held().map(({ symbol }) => symbol));
    for (const order of orders.open()) if (order.attached) held.add(order.symbol);
    for (const symbol of attached) if (!held.has(symbol)) attached.delete(symbol);
    if (attached.size === 0) return [];
    const reason = `stop or take profit attached to orders of ${[...attached].toSorted().join(', ')}`;
    return [{ scope: 'orders:conditional', reason }];
  }

  // The exchange object

  #contractSize(symbol: string): Decimal | null {
    if (!symbol.includes(':')) return number(1);
    const market = fieldsOf(this.#exchange['markets'])[symbol];
    return isFields(market) ? (number(market['contractSize']) ?? number(1)) : null;
  }

  /** ccxt takes the exchange's own id of a market ("BTCUSDT") for a symbol, too, and answers with the symbol. */
  #unifiedSymbol(symbol: string): string {
    const market = this.#exchange['market'];
    if (typeof market !== 'function' || isFields(fieldsOf(this.#exchange['markets'])[symbol])) return symbol;
    try {
      return textOf(fieldsOf((market as Method).call(this.#exchange, symbol))['symbol']) ?? symbol;
    } catch {
      return symbol;
    }
  }

  /** What ccxt sends: it rounds amounts and prices to the market's precision. */
  #sentNumber(symbol: string, what: 'amount' | 'price', value: Decimal): Decimal {
    const rounding = this.#exchange[`${what}ToPrecision`];
    if (typeof rounding !== 'function') return value;
    try {
      return number((rounding as Method).call(this.#exchange, symbol, plain(value))) ?? value;
    } catch {
      return value; // The market is not known, or nothing is left of the amount.
    }
  }

  /** The bot's call goes on whatever happens to its record. */
  #record(name: string, note: () => void): void {
    try {
      note();
      this.#save();
    } catch (error) {
      const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#problem ??= `${snakeCase(name)} could not be recorded (${told})`;
      this.#save({ problem: this.#problem });
    }
  }
}

function positionRow({ symbol, leg, amount }: Position): object {
  if (leg === null) return { symbol, amount: plain(amount) };
  return { symbol, side: leg, amount: plain(leg === 'long' ? amount : negate(amount)) };
}

function positionsOf(positions: Positions, hedge: boolean): Position[] {
  return Object.entries(positions).flatMap(([symbol, held]): Position[] => {
    if (!isFields(held)) {
      const amount = stated(symbol, held);
      return [{ symbol, leg: hedge ? (amount.digits < 0n ? 'short' : 'long') : null, amount }];
    }
    return Object.entries(held).map(([side, amount]): Position => {
      if (!hedge || (side !== 'long' && side !== 'short')) {
        throw new TypeError(
          `positions: ${symbol} has sides; that needs positionMode 'hedge' and the sides long and short`,
        );
      }
      const parsed = stated(symbol, amount);
      return { symbol, leg: side, amount: side === 'long' ? parsed : negate(parsed) };
    });
  });
}

function stated(symbol: string, amount: unknown): Decimal {
  const parsed = number(amount);
  if (parsed === null)
    throw new TypeError(`positions: ${symbol} is ${String(amount)}, and must be an amount in base units`);
  return parsed;
}
