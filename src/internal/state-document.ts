import type { z } from 'zod';
import { atOnce, type Pieces } from '../domain/pieces.js';
import { FailureError, type FailureKind } from '../domain/failure/failure.js';
import { JsonTextError } from '../domain/text/json-reader.js';
import { LIMITS, requireLength, TooLargeError } from '../domain/limits/limits.js';
import { covers } from '../domain/snapshot/scope.js';
import type { Balance, MarketFacts, OpenOrder, Position, Side, Snapshot } from '../domain/snapshot/snapshot.js';
import { limitOfIssue } from '../config/limit-issues.js';
import { expectation, formatPath, showValue, valueAt } from '../config/issues.js';
import { writtenJson } from '../domain/text/exact-json.js';
import {
  ROW_LISTS,
  stateSchema,
  type OrderDocument,
  type PositionDocument,
  type StateDocument,
} from './state-schema.js';

export interface StateDocumentOptions {
  side: Side;
  /** When the read of the text began and ended, milliseconds of the reader's clock. */
  receivedAt: { startedAt: number; endedAt: number };
}

/**
 * Reads an internal-state document, completely or not at all. Numbers keep their exact text.
 *
 * Throws FailureError: `unreadable` if the text is no JSON or a field is wrong, with the field's path in `where`
 * (`positions[3].amount`); `too_large` if a limit is exceeded; `incomplete` if a named scope has no list; `unsupported` for
 * another version.
 */
export function* stateDocument(text: string, options: StateDocumentOptions): Pieces<Snapshot> {
  try {
    const raw = yield* jsonOf(text, options.side);
    refuseTooManyRows(raw);
    const document = yield* checkedDocument(raw, options.side);
    return yield* new StateReader(document, options).snapshot();
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    throw failure('too_large', options.side, error.message, error.where, error.remedy);
  }
}

/** Like `stateDocument`, synchronously. */
export function parseStateDocument(text: string, options: StateDocumentOptions): Snapshot {
  return atOnce(stateDocument(text, options));
}

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

/** Rows that are checked in one piece, which takes a few milliseconds. */
const ROWS_AT_ONCE = 500;

/** Checks the document without its rows first, then the rows in pieces. */
function* checkedDocument(raw: unknown, side: Side): Pieces<StateDocument> {
  const lists = Object.keys(ROW_LISTS) as (keyof typeof ROW_LISTS)[];
  const long = lists.filter((list) => Array.isArray(valueAt(raw, [list])));
  const head = stateSchema.safeParse(long.length === 0 ? raw : { ...(raw as object), ...emptied(long) });
  if (!head.success) throw wrongField(head.error.issues, raw, side);
  const document = head.data;
  for (const list of long) {
    const rows = valueAt(raw, [list]) as unknown[];
    const checked: unknown[] = [];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const piece = ROW_LISTS[list].safeParse(rows.slice(from, from + ROWS_AT_ONCE));
      if (!piece.success)
        throw wrongField(
          piece.error.issues.map((issue) => moved(issue, list, from)),
          raw,
          side,
        );
      for (const row of piece.data) checked.push(row);
      yield;
    }
    Object.assign(document, { [list]: checked });
  }
  return document;
}

function emptied(lists: readonly string[]): Record<string, []> {
  return Object.fromEntries(lists.map((list) => [list, []]));
}

/** An issue of a piece of a list, with its path in the document. */
function moved(issue: z.core.$ZodIssue, list: string, from: number): z.core.$ZodIssue {
  const [index, ...rest] = issue.path;
  return { ...issue, path: [list, from + Number(index), ...rest] };
}

function wrongField(issues: readonly z.core.$ZodIssue[], raw: unknown, side: Side): FailureError {
  const [first] = issues;
  if (first === undefined) throw new RangeError('a refused document has at least one issue');
  const path = formatPath(first.path);
  const value = valueAt(raw, first.path);
  const expected = expectation(first);
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  const found = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  const subject = path === '' ? 'the document' : path;
  const otherVersion = path === 'version' && value !== undefined;
  const limit = first.code === 'too_big' ? 'idLength' : limitOfIssue(first);
  if (limit !== null) {
    return failure('too_large', side, `${subject} ${found}, expected ${expected}${more}`, path, LIMITS[limit].remedy);
  }
  return failure(
    otherVersion ? 'unsupported' : 'unreadable',
    side,
    `${subject} ${found}, expected ${expected}${more}`,
    path === '' ? null : path,
    `correct ${subject} in the program that writes the document; internal-state.schema.json defines its form`,
  );
}

function failure(kind: FailureKind, side: Side, problem: string, where: string | null, remedy: string): FailureError {
  const document = side === 'internal' ? 'the internal state' : 'the exchange document';
  return new FailureError({
    kind,
    side,
    message: `${document} cannot be used: ${problem}`,
    where,
    remedy,
    retryAfterMs: null,
  });
}

/** Converts the document's rows to the domain's, and checks what needs more than one field. */
class StateReader {
  constructor(
    private readonly document: StateDocument,
    private readonly options: StateDocumentOptions,
  ) {}

  *snapshot(): Pieces<Snapshot> {
    const { document, options } = this;
    const positions = this.positions(this.listOf('positions', document.positions));
    yield;
    const orders = yield* this.orders(this.listOf('orders', document.orders));
    const balances = this.balances(this.listOf('balances', document.balances));
    yield;
    return {
      side: options.side,
      readStartedAt: options.receivedAt.startedAt,
      readEndedAt: options.receivedAt.endedAt,
      asOf: document.as_of,
      positionMode: document.position_mode ?? null,
      scopes: document.scopes,
      gaps: document.gaps ?? [],
      positions,
      orders,
      balances,
      markets: this.markets(),
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

  private positions(rows: readonly PositionDocument[]): Position[] {
    const positions: Position[] = [];
    const places = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const { symbol, amount } = row;
      const at = `positions[${index}]`;
      if (row.side !== null && row.side !== undefined && isNegative(amount)) {
        throw this.wrong(
          `${at}.amount`,
          `is ${amount}, and the row has a side`,
          'give the amount without a sign, or omit the side',
        );
      }
      if (isZero(amount)) continue;
      const side = row.side ?? (isNegative(amount) ? 'short' : 'long');
      // Only hedge mode has two legs of one symbol.
      const key = this.document.position_mode === 'one-way' ? symbol : `${symbol} ${side}`;
      const earlier = places.get(key);
      if (earlier !== undefined) throw this.twice(at, `the position ${key}`, `positions[${earlier}]`);
      places.set(key, index);
      positions.push({ symbol, side, amount: amount.replace('-', ''), changedAt: row.changed_at ?? null });
    }
    return positions;
  }

  private *orders(rows: readonly OrderDocument[]): Pieces<OpenOrder[]> {
    const places = new Map<string, number>();
    const orders: OpenOrder[] = [];
    for (const [index, row] of rows.entries()) {
      if (index % ROWS_AT_ONCE === 0) yield;
      const at = `orders[${index}]`;
      const order = this.order(row, at);
      // Order ids are unique only within a market.
      const key = `${order.symbol} ${order.id === null ? `client ${order.clientOrderId}` : order.id}`;
      const earlier = places.get(key);
      if (earlier !== undefined) throw this.twice(at, `the order ${key}`, `orders[${earlier}]`);
      places.set(key, index);
      orders.push(order);
    }
    return orders;
  }

  private order(row: OrderDocument, at: string): OpenOrder {
    const id = row.id ?? null;
    const clientOrderId = row.client_order_id ?? null;
    if (id === null && clientOrderId === null) {
      throw this.wrong(at, 'has neither id nor client_order_id', "give the exchange's id or the client order id");
    }
    const type = row.type.toLowerCase();
    const triggerPrice = withoutZero(row.trigger_price);
    const conditional = row.conditional ?? (triggerPrice !== null || CONDITIONAL_TYPE.test(type));
    if (isNegative(row.filled))
      throw this.wrong(`${at}.filled`, `is ${row.filled}`, 'give the amount filled so far, or 0');
    if (row.amount !== null && isNegative(row.amount)) {
      throw this.wrong(
        `${at}.amount`,
        `is ${row.amount}`,
        "give the amount without a sign; the order's side gives the direction",
      );
    }
    const amount = withoutZero(row.amount);
    if (amount === null && !conditional) {
      throw this.wrong(
        `${at}.amount`,
        `is ${row.amount ?? 'null'}`,
        'give the whole amount; only an order that closes a whole position has none',
      );
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
    };
  }

  private balances(rows: readonly Balance[]): Balance[] {
    const places = new Map<string, number>();
    return rows.map(({ currency, total }, index) => {
      const earlier = places.get(currency);
      if (earlier !== undefined) {
        throw this.twice(`balances[${index}]`, `the balance of ${currency}`, `balances[${earlier}]`);
      }
      places.set(currency, index);
      return { currency, total };
    });
  }

  private markets(): Record<string, MarketFacts> {
    const entries = Object.entries(this.document.markets ?? {}).map(([symbol, amountStep]): [string, MarketFacts] => {
      if (isNegative(amountStep) || isZero(amountStep)) {
        throw this.wrong(formatPath(['markets', symbol]), `is ${amountStep}`, 'give the amount step, above zero');
      }
      return [symbol, { amountStep }];
    });
    return Object.fromEntries(entries);
  }

  private twice(at: string, what: string, earlier: string): FailureError {
    return this.wrong(at, `is ${what}, which ${earlier} already has`, 'write each row once');
  }

  private wrong(at: string, problem: string, remedy: string): FailureError {
    return failure('unreadable', this.options.side, `${at} ${problem}`, at, remedy);
  }
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
