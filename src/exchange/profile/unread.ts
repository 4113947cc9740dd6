import { z } from 'zod';
import { visible } from '../../domain/text/shown-text.js';
import type { UnreadCode } from '../../domain/snapshot/snapshot.js';

/*
 * A row that cannot be read makes its own symbol unread, never the account.
 *
 * - `rowsOf` checks the rows of a list one by one: a row with an unknown word becomes an `UnreadRow`.
 * - `ReadSession.convert` converts the rows. It records each `UnreadRow`, and each row whose conversion throws a
 *   `RowRefusal`, as not read. Every other error fails the read.
 */

/** A row of a list that does not have the form that its endpoint documents. */
export class UnreadRow {
  constructor(
    private readonly raw: unknown,
    /** The exchange's own name of the market or currency; null if the row does not say. */
    readonly symbol: string | null,
    /** What is wrong: `status is "FROZEN", expected one of "NEW", "PARTIALLY_FILLED"`. */
    readonly problem: string,
  ) {}

  /** A field of the row as text, such as the id that is the next page's cursor; null if it has none. */
  text(field: string): string | null {
    return textAt(this.raw, field);
  }

  /** Equal for equal rows only. Pages use it in place of an id. */
  get key(): string {
    return `unread ${JSON.stringify(this.raw)}`;
  }
}

/** A row that holds nothing, such as a position of zero. It was left out before it was checked. */
export class EmptyRow {
  constructor(private readonly raw: unknown) {}

  text(field: string): string | null {
    return textAt(this.raw, field);
  }

  get key(): string {
    return `empty ${JSON.stringify(this.raw)}`;
  }
}

/** Thrown by a conversion to refuse one row: its market is not known, or a value makes no sense. */
export class RowRefusal extends Error {
  override readonly name = 'RowRefusal';
  constructor(
    readonly code: UnreadCode,
    /** The unified symbol or the exchange's own name. */
    readonly symbol: string,
    /** The endpoint, as failures name it. */
    readonly where: string,
    what: string,
  ) {
    super(`${where} ${what}`);
  }
}

export interface RowForm {
  /** The field that names the market or currency. */
  symbol: string;
  /** True for rows that hold nothing (a position of zero): they are left out before the check and may have empty fields. */
  skip?: (raw: Readonly<Record<string, unknown>>) => boolean;
}

/** What a list's shape gives for one row. */
export type ReadRow<Row> = Row | UnreadRow | EmptyRow;

/** The rows of a list that a profile converts. */
export type RowIn<Item> = Exclude<Item, UnreadRow | EmptyRow>;

/** Whether the row is unread or holds nothing, so that a profile does not convert it. */
export function isAside(row: unknown): row is UnreadRow | EmptyRow {
  return row instanceof UnreadRow || row instanceof EmptyRow;
}

/**
 * The shape of one row in a list: `z.array(rowsOf(ROW, { symbol: 'symbol' }))`. It never refuses a row that is an object, so
 * one bad row does not make the whole answer unreadable. Anything else in the list does.
 */
export function rowsOf<Row>(row: z.ZodType<Row>, { symbol, skip }: RowForm): z.ZodType<ReadRow<Row>> {
  return z.record(z.string(), z.unknown()).transform((raw): ReadRow<Row> => {
    if (skip?.(raw) === true) return new EmptyRow(raw);
    const parsed = row.safeParse(raw);
    return parsed.success ? parsed.data : new UnreadRow(raw, textAt(raw, symbol), problemOf(parsed.error, raw));
  });
}

/** Longest part of a value that is shown. */
const SHOWN = 40;

function problemOf(error: z.ZodError, raw: unknown): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'it cannot be read';
  const field = issue.path.join('.');
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    raw,
  );
  const found = value === undefined ? 'is missing' : `is ${visible(JSON.stringify(value)).slice(0, SHOWN)}`;
  return `${field} ${found}${expectationOf(issue)}`;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `; known are ${issue.values.map(String).join(', ')}`;
  return issue.code === 'custom' ? `: ${issue.message}` : '';
}

function textAt(raw: unknown, field: string): string | null {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, field)) return null;
  const value = (raw as Record<string, unknown>)[field];
  return typeof value === 'string' && value !== '' ? value : null;
}
