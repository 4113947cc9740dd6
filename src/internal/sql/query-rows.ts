import { LIMITS } from '../../domain/limits/limits.js';
import { suggest } from '../../config/suggest.js';
import type { FailureError } from '../../domain/failure/failure.js';
import type { SourceWarning } from '../internal-source.js';
import { sourceFailure } from '../source-failure.js';
import { ROW_LISTS } from '../state-schema.js';

export type ListName = keyof typeof ROW_LISTS;
export type QueryName = 'as_of' | ListName;

/** A query of the configuration, checked by `oneSelect`, or one of Plumbline's own. The name is a word of a-z and _. */
export interface Query<Name extends string = string> {
  name: Name;
  sql: string;
}

/** What the type of a column decides. `naive time`: a date or a time without a zone. `time as UTC`: one taken as UTC. */
export type ColumnType = 'boolean' | 'float' | 'time' | 'time as UTC' | 'naive time' | 'binary' | 'other';
export interface Column {
  name: string;
  type: ColumnType;
}
/** Null, or the database's exact text of the value. */
export type Cell = string | null;

/** A value that is no text and no number. No field takes it, so it costs its row: as a text it could pass for an id. */
export function noText(what: string): string {
  return `${NO_TEXT}${what}`;
}
/** No database has this character in a text that an exchange knows. */
const NO_TEXT = '\u0000';

/** Receives the answer of one query: its columns once, then its rows. Throws FailureError. */
export interface Answer {
  columns(columns: readonly Column[]): void;
  /** Notes that a column holds floats, where only a value says so. */
  float(column: string): void;
  row(cells: readonly Cell[]): void;
}

/** Bytes of all answers of one read. */
export class ByteBudget {
  private left: number;

  constructor(private readonly maxBytes: number) {
    this.left = maxBytes;
  }

  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left >= 0) return;
    const message = `the queries answer with more than ${this.maxBytes} bytes`;
    throw sourceFailure('too_large', message, LIMITS.internalBytes.remedy);
  }
}

/** Columns that a list must have. An order needs one of its two ids besides. */
const NEEDED: Readonly<Record<ListName, readonly string[]>> = {
  positions: ['symbol', 'amount'],
  orders: ['symbol', 'side', 'type', 'amount', 'filled'],
  balances: ['currency', 'total'],
};
const NUMBERS = new Set(['amount', 'filled', 'price', 'trigger_price', 'second_trigger_price', 'total']);

/** Collects the rows of a list as JSON of the documented form. Values stay texts, so no number becomes a float. */
export class ListAnswer implements Answer {
  private readonly pieces: string[] = [];
  private names: readonly string[] = [];
  private booleans: readonly boolean[] = [];
  private times: readonly boolean[] = [];
  private binaries: readonly boolean[] = [];
  private readonly floats = new Set<string>();
  private readonly unknown: string[] = [];
  private takenAsUtc: string | null = null;

  constructor(
    private readonly list: ListName,
    private readonly budget: ByteBudget,
  ) {}

  columns(columns: readonly Column[]): void {
    const { list } = this;
    const known = knownColumns(list);
    this.names = columns.map(({ name }) => name);
    const missing = NEEDED[list].filter((name) => !this.names.includes(name));
    if (list === 'orders' && !this.names.includes('id') && !this.names.includes('client_order_id')) missing.push('id');
    if (missing[0] !== undefined) {
      const nearest = suggest(missing[0], this.names);
      const hint = nearest === null ? '' : ` (it has "${nearest}")`;
      throw this.wrong(`has no column ${missing.join(', ')}${hint}`, `name the column: select ... as ${missing[0]}`);
    }
    const twice = this.names.find((name, index) => this.names.indexOf(name) !== index);
    if (twice !== undefined) throw this.wrong(`has two columns ${twice}`, 'keep one of the two');
    const naive = columns.find(({ name, type }) => name === 'changed_at' && type === 'naive time');
    if (naive !== undefined) throw naiveTime(list, naive.name);
    this.takenAsUtc = columns.find(({ name, type }) => name === 'changed_at' && type === 'time as UTC')?.name ?? null;
    for (const { name, type } of columns) {
      if (!known.includes(name)) this.unknown.push(name);
      if (type === 'float') this.float(name);
    }
    this.booleans = columns.map(({ name, type }) => type === 'boolean' || name === 'conditional');
    this.times = this.names.map((name) => name === 'changed_at');
    this.binaries = columns.map(({ type }) => type === 'binary');
  }

  row(cells: readonly Cell[]): void {
    if (this.pieces.length >= LIMITS[this.list].value) {
      const { value, remedy } = LIMITS[this.list];
      throw sourceFailure('too_large', `the query ${this.list} has more than ${value} rows`, remedy, {
        where: `internal.${this.list}`,
      });
    }
    const fields: Record<string, string | boolean | null | readonly string[]> = {};
    for (const [index, name] of this.names.entries()) {
      const cell = cells[index] ?? null;
      if (cell?.startsWith(NO_TEXT) === true) fields[name] = [cell.slice(NO_TEXT.length)];
      else if (cell !== null && this.binaries[index] === true) fields[name] = ['a binary value'];
      else if (this.booleans[index] === true) fields[name] = booleanOf(cell);
      else fields[name] = this.times[index] === true ? isoTime(cell) : cell;
    }
    const piece = JSON.stringify(fields);
    this.budget.spend(Buffer.byteLength(piece));
    this.pieces.push(piece);
  }

  float(name: string): void {
    if (NUMBERS.has(name)) this.floats.add(name);
  }

  json(): string {
    return `[${this.pieces.join(',')}]`;
  }

  warnings(): SourceWarning[] {
    const { list, floats, unknown, takenAsUtc } = this;
    const warnings = takenAsUtc === null ? [] : [utcWarning(list, takenAsUtc)];
    if (floats.size > 0) {
      warnings.push({
        text: `the query ${list} has floats in ${[...floats].join(', ')}, read as the shortest text that means the same float`,
        remedy: 'nothing, if the bot stores floats; else select the exact column (numeric, integer or text)',
      });
    }
    if (unknown.length > 0) {
      warnings.push({
        text: `the query ${list} has columns that no field has, which are ignored: ${unknown.slice(0, 10).join(', ')}`,
        remedy: `remove them, or correct their names; fields of ${list} are ${knownColumns(list).join(', ')}`,
      });
    }
    return warnings;
  }

  private wrong(problem: string, remedy: string): FailureError {
    const where = `internal.${this.list}`;
    return sourceFailure('configuration', `the query ${this.list} ${problem}`, remedy, { where });
  }
}

function knownColumns(list: ListName): string[] {
  return Object.keys(ROW_LISTS[list].element.shape);
}

/** The answer of `as_of`: exactly one time. */
export class TimeAnswer implements Answer {
  private type: ColumnType = 'other';
  private rows = 0;
  private value: Cell = null;
  private takenAsUtc: string | null = null;

  columns(columns: readonly Column[]): void {
    const [column] = columns;
    if (column === undefined || columns.length !== 1) {
      throw timeFailure(`the query as_of has ${columns.length} columns`, 'select one value: the time of the bot');
    }
    if (column.type === 'naive time') throw naiveTime('as_of', column.name);
    this.type = column.type;
    if (column.type === 'time as UTC') this.takenAsUtc = column.name;
  }

  warnings(): SourceWarning[] {
    return this.takenAsUtc === null ? [] : [utcWarning('as_of', this.takenAsUtc)];
  }

  /** A float has whole milliseconds enough. */
  float(): void {}

  row([cell = null]: readonly Cell[]): void {
    this.rows++;
    this.value = cell;
    if (this.rows > 1) throw timeFailure('the query as_of has more than one row', 'select one value, such as max(...)');
  }

  /**
   * The time in ISO 8601.
   *
   * @throws FailureError `incomplete` if there is none yet, `configuration` for any other value
   */
  iso(): string {
    const { value } = this;
    if (value === null) {
      throw sourceFailure(
        'incomplete',
        this.rows === 0 ? 'the query as_of has no row' : 'the query as_of answers NULL',
        'check that the bot has written since it started, and the conditions of the query',
        { where: 'internal.as_of' },
      );
    }
    if (EPOCH.test(value)) {
      const milliseconds = Math.floor(Number(value));
      if (milliseconds >= EARLIEST_MS && milliseconds <= LATEST_MS) return new Date(milliseconds).toISOString();
      const isSeconds = milliseconds * 1000 >= EARLIEST_MS && milliseconds * 1000 <= LATEST_MS;
      throw timeFailure(
        `as_of is ${shown(value)}, expected milliseconds since 1970${isSeconds ? '; this may be seconds' : ''}`,
        isSeconds ? 'multiply it by 1000' : 'select a time with its zone, or milliseconds since 1970',
      );
    }
    const iso = isoTime(value) ?? '';
    if (this.type !== 'boolean' && ISO.test(iso) && !Number.isNaN(Date.parse(iso))) return iso;
    throw timeFailure(
      `as_of is ${shown(value)}, expected a time with its offset from UTC`,
      NAIVE.test(value) ? NAIVE_REMEDY : 'select timestamptz, ISO 8601 with an offset, or milliseconds since 1970',
    );
  }
}

const EPOCH = /^-?\d+(?:\.\d+)?$/;
/** 2001 and 2100: what lies outside is no number of milliseconds. */
const EARLIEST_MS = 1_000_000_000_000;
const LATEST_MS = 4_102_444_800_000;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const NAIVE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}[\d:.]*)?$/;
const NAIVE_REMEDY =
  "say which zone it is in: in PostgreSQL (x at time zone 'UTC'), in SQLite strftime('%Y-%m-%dT%H:%M:%fZ', x)";

function naiveTime(query: QueryName, column: string): FailureError {
  const message = `the query ${query} has a time without a zone (column ${column})`;
  return sourceFailure('configuration', message, NAIVE_REMEDY, { where: `internal.${query}` });
}

function utcWarning(query: QueryName, column: string): SourceWarning {
  return {
    text: `the query ${query} has a time without a zone (column ${column}, DATETIME), which is taken as UTC`,
    remedy: "nothing, if the bot writes UTC; else convert it: convert_tz(x, 'Europe/Berlin', '+00:00')",
  };
}

function timeFailure(message: string, remedy: string): FailureError {
  return sourceFailure('configuration', message, remedy, { where: 'internal.as_of' });
}

/** "2026-11-28 17:09:11.07+00" in the form of ISO 8601; any other text unchanged. */
function isoTime(cell: Cell): Cell {
  const [, date, time, hours, minutes] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2})(?::?(\d{2}))?$/i.exec(cell ?? '') ?? [];
  if (date === undefined || time === undefined || hours === undefined) return cell;
  return `${date}T${time}${hours.toUpperCase() === 'Z' ? 'Z' : `${hours}:${minutes ?? '00'}`}`;
}

/** Databases write "t", "true" or 1. Any other text is kept, and refused with its row. */
function booleanOf(cell: Cell): string | boolean | null {
  if (cell === 't' || cell === 'true' || cell === '1') return true;
  return cell === 'f' || cell === 'false' || cell === '0' ? false : cell;
}

function shown(written: string): string {
  const value = written.replace(NO_TEXT, '');
  return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 60)}...`);
}
