import { atOnce, type Pieces } from '../domain/pieces.js';
import type { FailureError } from '../domain/failure/failure.js';
import { JsonTextError } from '../domain/text/json-reader.js';
import { requireLength, TooLargeError } from '../domain/limits/limits.js';
import { withoutGaps } from '../domain/snapshot/scope-parts.js';
import { covers } from '../domain/snapshot/scope.js';
import type { Balance, MarketFacts, OpenOrder, Position, Side, Snapshot } from '../domain/snapshot/snapshot.js';
import { formatPath, valueAt } from '../config/issues.js';
import { writtenJson } from '../domain/text/exact-json.js';
import { checkedRows, ROWS_AT_ONCE, UnreadRows, type CheckedRow } from './checked-rows.js';
import {
  ROW_LISTS,
  type MarketDocument,
  stateSchema,
  type OrderDocument,
  type PositionDocument,
  type StateDocument,
} from './state-schema.js';
import { failure, wrongField } from './wrong-document.js';

export interface StateDocumentOptions {
  side: Side;
  /** When the read of the text began and ended, milliseconds of the reader's clock. */
  receivedAt: { startedAt: number; endedAt: number };
}

/**
 * Reads an internal-state document. Numbers keep their exact text. Because of a row with a wrong field its symbol is not compared
 * (`unread`); because of a row without a symbol its whole list is not compared. Rows that repeat a position, an order or a currency are kept; see
 * `withoutRepeats`.
 *
 * Throws FailureError: `unreadable` if the text is no JSON or a field outside the rows is wrong, with the field's path in
 * `where` (`gaps[3].scope`); `too_large` if a limit is exceeded; `incomplete` if a named scope has no list; `unsupported` for
 * another version.
 */
export function* stateDocument(text: string, options: StateDocumentOptions): Pieces<Snapshot> {
  return yield* stateOfJson(yield* stateJson(text, options.side), options);
}

/** The first step of `stateDocument`: the text as JSON. Throws as it does. */
export function* stateJson(text: string, side: Side): Pieces<unknown> {
  try {
    return yield* jsonOf(text, side);
  } catch (error) {
    throw withinLimits(error, side);
  }
}

/** The second step of `stateDocument`: the state that the JSON describes. Throws as it does. */
export function* stateOfJson(raw: unknown, options: StateDocumentOptions): Pieces<Snapshot> {
  try {
    refuseTooManyRows(raw);
    const unread = new UnreadRows();
    const document = yield* checkedDocument(raw, options.side, unread);
    return yield* new StateReader(document, options, unread).snapshot();
  } catch (error) {
    throw withinLimits(error, options.side);
  }
}

function withinLimits(error: unknown, side: Side): unknown {
  if (!(error instanceof TooLargeError)) return error;
  return failure('too_large', side, error.message, error.where, error.remedy);
}

/** Like `stateDocument`, synchronously. */
export function parseStateDocument(text: string, options: StateDocumentOptions): Snapshot {
  return atOnce(stateDocument(text, options));
}

/** A document whose rows were checked one by one. */
type CheckedDocument = Omit<StateDocument, 'positions' | 'orders' | 'balances'> & {
  positions?: CheckedRow<PositionDocument>[] | null | undefined;
  orders?: CheckedRow<OrderDocument>[] | null | undefined;
  balances?: CheckedRow<Balance>[] | null | undefined;
};

/** Checks the number of rows before the rows themselves are checked. */
function refuseTooManyRows(raw: unknown): void {
  for (const list of ['scopes', 'gaps', 'positions', 'orders', 'balances'] as const) {
    const rows = valueAt(raw, [list]);
    if (Array.isArray(rows)) requireLength(list, rows.length, list);
  }
  const markets = valueAt(raw, ['markets']);
  if (typeof markets === 'object' && markets !== null) requireLength('markets', Object.keys(markets).length, 'markets');
}

function* jsonOf(text: string, side: Side): Pieces<unknown> {
  try {
    return yield* writtenJson(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    const html = /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text);
    throw failure(
      'unreadable',
      side,
      html ? 'it is an HTML or XML page, not JSON' : error.message,
      null,
      html
        ? 'check that the address serves the state, not a login or error page'
        : error.truncated
          ? 'write the document to another file and rename it when it is complete; over HTTP send its Content-Length'
          : 'write the document as JSON (RFC 8259)',
    );
  }
}

/** Checks the document without its rows first, then the rows in pieces. */
function* checkedDocument(raw: unknown, side: Side, unread: UnreadRows): Pieces<CheckedDocument> {
  const lists = Object.keys(ROW_LISTS) as (keyof typeof ROW_LISTS)[];
  const long = lists.filter((list) => Array.isArray(valueAt(raw, [list])));
  const head = stateSchema.safeParse(long.length === 0 ? raw : { ...(raw as object), ...emptied(long) });
  if (!head.success) throw wrongField(head.error.issues, raw, side);
  const document: CheckedDocument = head.data;
  for (const list of long) {
    const checked = yield* checkedRows(list, valueAt(raw, [list]) as unknown[], unread, (issues) =>
      wrongField(issues, raw, side),
    );
    Object.assign(document, { [list]: checked });
  }
  return document;
}

function emptied(lists: readonly string[]): Record<string, []> {
  return Object.fromEntries(lists.map((list) => [list, []]));
}

/** Converts the document's rows to the domain's, and checks what needs more than one field. */
class StateReader {
  constructor(
    private readonly document: CheckedDocument,
    private readonly options: StateDocumentOptions,
    private readonly unread: UnreadRows,
  ) {}

  *snapshot(): Pieces<Snapshot> {
    const { document, options } = this;
    const gaps = document.gaps ?? [];
    const positions = this.positions(this.listOf('positions', document.positions));
    yield;
    const orders = yield* this.orders(this.listOf('orders', document.orders));
    const balances = this.balances(this.listOf('balances', document.balances));
    yield;
    const unread = this.unread.list();
    return {
      side: options.side,
      readStartedAt: options.receivedAt.startedAt,
      readEndedAt: options.receivedAt.endedAt,
      asOf: document.as_of,
      positionMode: document.position_mode ?? null,
      scopes: options.side === 'internal' ? withoutGaps(document.scopes, gaps) : document.scopes,
      gaps,
      positions,
      orders,
      balances,
      markets: this.markets(),
      ...(unread.length === 0 ? {} : { unread }),
    };
  }

  /** A missing list is empty only if no scope covers it; otherwise its content is unknown, which is an error. */
  private listOf<Row>(
    name: 'positions' | 'orders' | 'balances',
    rows: readonly Row[] | null | undefined,
  ): readonly Row[] {
    if (rows !== null && rows !== undefined) return rows;
    const named = this.document.scopes.find((scope) => covers(name, scope));
    if (named === undefined) return [];
    throw failure(
      'incomplete',
      this.options.side,
      `scopes names "${named}", but there is no list "${name}"`,
      name,
      `write "${name}": [] if there are none, or omit "${named}" from scopes while they are not known`,
    );
  }

  private positions(rows: readonly CheckedRow<PositionDocument>[]): Position[] {
    const positions: Position[] = [];
    for (const [index, row] of rows.entries()) {
      if (row === null) continue;
      const { symbol, amount } = row;
      if (row.side !== null && row.side !== undefined && isNegative(amount)) {
        this.unread.add('positions', index, row, `amount is ${amount}, and the row has a side`);
        continue;
      }
      if (isZero(amount)) continue;
      const side = row.side ?? (isNegative(amount) ? 'short' : 'long');
      positions.push({ symbol, side, amount: amount.replace('-', ''), changedAt: row.changed_at ?? null });
    }
    return positions;
  }

  private *orders(rows: readonly CheckedRow<OrderDocument>[]): Pieces<OpenOrder[]> {
    const orders: OpenOrder[] = [];
    for (const [index, row] of rows.entries()) {
      if (index % ROWS_AT_ONCE === 0) yield;
      if (row === null) continue;
      const order = orderOf(row);
      if (typeof order === 'string') this.unread.add('orders', index, row, order);
      else orders.push(order);
    }
    return orders;
  }

  private balances(rows: readonly CheckedRow<Balance>[]): Balance[] {
    return rows.flatMap((row) => (row === null ? [] : [{ currency: row.currency, total: row.total }]));
  }

  private markets(): Record<string, MarketFacts> {
    const entries = Object.entries(this.document.markets ?? {}).map(([symbol, facts]): [string, MarketFacts] => {
      const { amount_step: amountStep, ...more } = typeof facts === 'string' ? { amount_step: facts } : facts;
      const given = { amount_step: amountStep, ...more };
      for (const [name, value] of Object.entries(given)) {
        if (value === null || value === undefined || name === 'unit') continue;
        if (!isNegative(value) && !isZero(value)) continue;
        const at = formatPath(typeof facts === 'string' ? ['markets', symbol] : ['markets', symbol, name]);
        throw this.wrong(at, `is ${value}`, `give the ${name.replace('_', ' ')}, above zero`);
      }
      return [symbol, marketFacts(given)];
    });
    return Object.fromEntries(entries);
  }

  private wrong(at: string, problem: string, remedy: string): FailureError {
    return failure('unreadable', this.options.side, `${at} ${problem}`, at, remedy);
  }
}

/** The order, or what is wrong with its row. */
function orderOf(row: OrderDocument): OpenOrder | string {
  const id = row.id ?? null;
  const clientOrderId = row.client_order_id ?? null;
  if (id === null && clientOrderId === null) return 'it has neither id nor client_order_id';
  const type = row.type.toLowerCase();
  const triggerPrice = withoutZero(row.trigger_price);
  const secondTriggerPrice = withoutZero(row.second_trigger_price);
  const conditional = row.conditional ?? (triggerPrice !== null || CONDITIONAL_TYPE.test(type));
  if (isNegative(row.filled)) return `filled is ${row.filled}; it must be the amount filled so far, or 0`;
  if (row.amount !== null && isNegative(row.amount)) {
    return `amount is ${row.amount}; the order's side gives the direction, so the amount has no sign`;
  }
  const amount = withoutZero(row.amount);
  if (amount === null && !conditional) {
    return `amount is ${row.amount ?? 'null'}; only an order that closes a whole position has none`;
  }
  return {
    id,
    clientOrderId,
    symbol: row.symbol,
    side: row.side,
    type,
    price: withoutZero(row.price),
    triggerPrice,
    amount,
    filled: row.filled,
    conditional,
    changedAt: row.changed_at ?? null,
    ...(row.parent === null || row.parent === undefined ? {} : { parent: row.parent }),
    ...(secondTriggerPrice === null ? {} : { secondTriggerPrice }),
  };
}

function marketFacts(facts: MarketDocument): MarketFacts {
  const { amount_step: amountStep, min_amount: minAmount, contract_size: contractSize, unit, price } = facts;
  return {
    amountStep,
    ...(minAmount === null || minAmount === undefined ? {} : { minAmount }),
    ...(contractSize === null || contractSize === undefined ? {} : { contractSize }),
    ...(unit === null || unit === undefined ? {} : { unit }),
    ...(price === null || price === undefined ? {} : { price }),
  };
}

/** Types of orders that wait for a trigger, in the terms of ccxt and of the exchanges. */
const CONDITIONAL_TYPE =
  /(?:^|[^a-z])(?:stop|take|trailing|trigger|conditional|oco|tpsl|tp|sl)(?:[^a-z]|$)|stop|takeprofit|if.?touched/;

/** The schema returns numbers in plain digits, so their text is enough and 100,000 rows need no decimal objects. */
function isZero(plain: string): boolean {
  return !/[1-9]/.test(plain);
}

function isNegative(plain: string): boolean {
  return plain.startsWith('-') && !isZero(plain);
}

/** Null for zero, because exchanges write 0 for "no price" and for "the whole position". */
function withoutZero(value: string | null | undefined): string | null {
  return value === null || value === undefined || isZero(value) ? null : value;
}
