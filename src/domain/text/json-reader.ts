import type { Pieces } from '../pieces.js';
import { LIMITS, TooLargeError } from '../limits/limits.js';

export interface JsonReaderOptions {
  /** Converts a number. It gets the text of the number, so no float is involved. */
  number: (text: string) => unknown;
  /** `bounded`: texts that are numbers have the limits of numbers, for documents that may write numbers as texts. */
  numericTexts?: 'bounded';
}

/** A number as it is written, for documents in which a number and a text are not the same. */
export class WrittenNumber {
  constructor(readonly value: string) {}
}

export type JsonFault = 'empty' | 'cut' | 'duplicate' | 'malformed';

/** Characters that are read in one piece, which takes a few milliseconds. */
const PIECE = 256 * 1024;

/** Reads a JSON document in pieces. Throws JsonTextError and TooLargeError; see `JsonReader`. */
export function* readJson(text: string, options: JsonReaderOptions): Pieces<unknown> {
  const reader = new JsonReader(text, options);
  while (!reader.readOn(PIECE)) yield;
  return reader.value;
}

/** The text is not one complete JSON document. The message never quotes the text. */
export class JsonTextError extends SyntaxError {
  override readonly name = 'JsonTextError';
  constructor(
    message: string,
    readonly fault: JsonFault,
  ) {
    super(message);
  }

  /** The text ends before the document does: an unfinished write, a cut connection. */
  get truncated(): boolean {
    return this.fault === 'cut' || this.fault === 'empty';
  }
}

type Container = unknown[] | Record<string, unknown>;

/** What the reader accepts next. */
type Next = 'value' | 'value or ]' | 'key' | 'key or }' | 'separator' | 'end';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const CAPITAL_E = 0x45;
const SMALL_E = 0x65;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** A text that has the form of a number. */
const NUMERIC = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/;
/** How many keys of a map are remembered, because the next map probably has the same ones. */
const MOST_USUAL = 200;
/** V8 stores a substring of at least this length as a view that keeps its parent string in memory. */
const SHORTEST_VIEW = 13;

/**
 * Reads one JSON document piece by piece. Each `readOn` reads about the given number of characters, so a large document
 * does not block the event loop. Differs from JSON.parse in three ways:
 *
 * - `number` gets the text of each number;
 * - a key that occurs twice in a map with different values is an error, because one of them is wrong;
 * - depth, number of values, and lengths of texts and numbers are bounded (`LIMITS`).
 *
 * Keys such as `__proto__` are ordinary keys. Throws JsonTextError and TooLargeError.
 */
export class JsonReader {
  /** The document, after `readOn` has returned true. */
  value: unknown = undefined;

  private at: number;
  private next: Next = 'value';
  private readonly stack: Container[] = [];
  /** The key that waits for its value, for each map on the stack. */
  private readonly keys: string[] = [];
  private container: Container | null = null;
  private key = '';
  /** The keys of the last map at each depth, with quotes. Rows of a list usually have the same keys in the same order. */
  private readonly usual: string[][] = [];
  private readonly usualNames: string[][] = [];
  /** Number of keys read so far in the current map of each depth. */
  private readonly keyCounts: number[] = [];
  private values = 0;

  constructor(
    private readonly text: string,
    private readonly options: JsonReaderOptions,
  ) {
    this.at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  /** Reads about `characters` more; returns true when the whole document is read. */
  readOn(characters: number): boolean {
    const { text } = this;
    const pause = this.at + characters;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB) this.at += 1;
      else if (this.at >= text.length) {
        if (this.next === 'end') return true;
        throw this.ended();
      } else {
        this.take(code);
        if (this.at >= pause) return this.next === 'end' && this.at >= text.length;
      }
    }
  }

  private take(code: number): void {
    switch (this.next) {
      case 'value or ]':
        if (code === CLOSE_LIST) return this.close();
        return this.readValue(code);
      case 'value':
        return this.readValue(code);
      case 'key or }':
        if (code === CLOSE_MAP) return this.close();
        return this.readKey(code);
      case 'key':
        return this.readKey(code);
      case 'separator':
        return this.readSeparator(code);
      case 'end':
        throw this.malformed();
    }
  }

  private readValue(code: number): void {
    this.values += 1;
    if (this.values > LIMITS.jsonValues.value) throw new TooLargeError('jsonValues', 'more');
    if (code === QUOTE) return this.put(this.readText());
    if (code === OPEN_MAP) return this.open({}, 'key or }');
    if (code === OPEN_LIST) return this.open([], 'value or ]');
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.put(this.options.number(this.readNumber()));
    if (this.text.startsWith('true', this.at)) return this.putWord(true, 4);
    if (this.text.startsWith('false', this.at)) return this.putWord(false, 5);
    if (this.text.startsWith('null', this.at)) return this.putWord(null, 4);
    throw this.isBeginningOfWord() ? this.ended() : this.malformed();
  }

  private putWord(value: boolean | null, length: number): void {
    this.at += length;
    this.put(value);
  }

  private open(container: Container, next: Next): void {
    if (this.stack.length >= LIMITS.jsonDepth.value) {
      throw new TooLargeError('jsonDepth', 'more', this.valueHere());
    }
    this.at += 1;
    this.stack.push(container);
    this.keyCounts[this.stack.length] = 0;
    this.keys.push(this.key);
    this.container = container;
    this.next = next;
  }

  private close(): void {
    this.at += 1;
    const closed = this.stack.pop();
    this.key = this.keys.pop() ?? '';
    this.container = this.stack.at(-1) ?? null;
    this.put(closed);
  }

  private put(value: unknown): void {
    const { container } = this;
    if (container === null) {
      this.value = value;
      this.next = 'end';
      return;
    }
    if (Array.isArray(container)) container.push(value);
    else this.putField(container, value);
    this.next = 'separator';
  }

  private putField(map: Record<string, unknown>, value: unknown): void {
    const { key } = this;
    const there = map[key];
    if (there === undefined) map[key] = value;
    else if (Object.hasOwn(map, key)) {
      if (!isSameScalar(there, value)) throw this.fault('duplicate', 'the same key twice with different values');
    } else {
      // A name that every object inherits. Assigning to __proto__ would change the prototype.
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }

  private readSeparator(code: number): void {
    const isList = Array.isArray(this.container);
    if (code === COMMA) {
      this.at += 1;
      this.next = isList ? 'value' : 'key';
    } else if (code === (isList ? CLOSE_LIST : CLOSE_MAP)) this.close();
    else throw this.malformed();
  }

  private readKey(code: number): void {
    if (code !== QUOTE) throw this.malformed();
    this.key = this.usualKey() ?? this.newKey();
    while (isSpace(this.text.charCodeAt(this.at))) this.at += 1;
    if (this.at >= this.text.length) throw this.ended();
    if (this.text.charCodeAt(this.at) !== COLON) throw this.malformed();
    this.at += 1;
    this.next = 'value';
  }

  /** The key here if the previous map had the same key at this place; else null. Ten times as fast as reading it. */
  private usualKey(): string | null {
    const depth = this.stack.length;
    const count = this.keyCounts[depth] ?? 0;
    const usual = this.usual[depth]?.[count];
    if (usual === undefined || !this.text.startsWith(usual, this.at)) return null;
    this.at += usual.length;
    this.keyCounts[depth] = count + 1;
    return this.usualNames[depth]?.[count] ?? null;
  }

  private newKey(): string {
    const depth = this.stack.length;
    const start = this.at;
    const key = this.readText();
    const count = this.keyCounts[depth] ?? 0;
    this.keyCounts[depth] = count + 1;
    if (count < MOST_USUAL) {
      (this.usual[depth] ??= [])[count] = detached(this.text.slice(start, this.at));
      (this.usualNames[depth] ??= [])[count] = key;
    }
    return key;
  }

  private readText(): string {
    const { text } = this;
    const start = this.at + 1;
    let end = start;
    let isEscaped = false;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        isEscaped = true;
        end += 2;
      } else if (code < SPACE) {
        this.at = end;
        throw this.malformed();
      } else if (end >= text.length) throw this.ended();
      else end += 1;
    }
    const length = end - start;
    if (length > LIMITS.numberLength.value) this.refuseLongText(start, end);
    this.at = end + 1;
    if (isEscaped) return this.unescaped(start, end);
    const value = text.slice(start, end);
    return length < SHORTEST_VIEW ? value : detached(value);
  }

  private refuseLongText(start: number, end: number): void {
    const length = end - start;
    if (length > LIMITS.jsonTextLength.value) throw new TooLargeError('jsonTextLength', length, this.valueHere());
    if (this.options.numericTexts !== 'bounded') return;
    if (NUMERIC.test(this.text.slice(start, end))) throw new TooLargeError('numberLength', length, this.valueHere());
  }

  private unescaped(start: number, end: number): string {
    try {
      return JSON.parse(this.text.slice(start - 1, end + 1)) as string;
    } catch {
      this.at = start;
      throw this.malformed();
    }
  }

  private readNumber(): string {
    const { text } = this;
    const start = this.at;
    let end = start;
    if (text.charCodeAt(end) === MINUS) end += 1;
    if (text.charCodeAt(end) === ZERO) end += 1;
    else end = this.digits(end);
    if (text.charCodeAt(end) === POINT) end = this.digits(end + 1);
    const code = text.charCodeAt(end);
    if (code === SMALL_E || code === CAPITAL_E) {
      const sign = text.charCodeAt(end + 1);
      end = this.digits(sign === PLUS || sign === MINUS ? end + 2 : end + 1);
    }
    this.at = end;
    if (end - start > LIMITS.numberLength.value) throw new TooLargeError('numberLength', end - start, this.valueHere());
    const value = text.slice(start, end);
    return value.length < SHORTEST_VIEW ? value : detached(value);
  }

  /** The index after one or more digits. */
  private digits(from: number): number {
    let end = from;
    for (let code = this.text.charCodeAt(end); code >= ZERO && code <= NINE; code = this.text.charCodeAt(end)) end += 1;
    if (end > from) return end;
    this.at = end;
    throw end >= this.text.length ? this.ended() : this.malformed();
  }

  private isBeginningOfWord(): boolean {
    const rest = this.text.slice(this.at, this.at + 5);
    return (
      this.at + rest.length === this.text.length && ['true', 'false', 'null'].some((word) => word.startsWith(rest))
    );
  }

  private ended(): JsonTextError {
    const { length } = this.text;
    if (this.text.trim() === '' || this.text === '\uFEFF') return new JsonTextError('it is empty', 'empty');
    return new JsonTextError(`it ends in the middle, after ${length} characters`, 'cut');
  }

  private malformed(): JsonTextError {
    return this.fault('malformed', 'it is not JSON');
  }

  private fault(fault: JsonFault, what: string): JsonTextError {
    return new JsonTextError(`${what} at ${this.place()}`, fault);
  }

  private valueHere(): string {
    return `the value at ${this.place()}`;
  }

  private place(): string {
    const before = this.text.slice(0, this.at);
    const line = before.split('\n').length;
    return `line ${line}, column ${this.at - before.lastIndexOf('\n')}`;
  }
}

/** Whether both values are equal scalars. Maps and lists are never equal: a repeated key with one of them is an error. */
function isSameScalar(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return a instanceof WrittenNumber && b instanceof WrittenNumber && a.value === b.value;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
}

/** A copy of a substring that does not keep the whole document in memory. */
function detached(view: string): string {
  return ` ${view}`.slice(1);
}
