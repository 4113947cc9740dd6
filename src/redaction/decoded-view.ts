/**
 * A decoded text with a mapping to the original: the code unit `i` of `text` comes from the span `starts[i]` to `ends[i]` of
 * the original. So a secret that is found in the decoded text is removed from the encoded one.
 */
export interface View {
  text: string;
  starts: ArrayLike<number>;
  ends: ArrayLike<number>;
}

/** How deep encodings may nest ("a URL in JSON in JSON"). Real texts nest less. */
const DEEPEST_NESTING = 6;

const ENCODED = /[%\\&]/;

/** The text decoded once, twice and so on until it no longer changes. Does not include the text itself. */
export function decodedViews(text: string): View[] {
  const views: View[] = [];
  if (!ENCODED.test(text)) return views;
  let view: View = identity(text);
  for (let depth = 0; depth < DEEPEST_NESTING; depth++) {
    const next = decode(view);
    if (next === null) break;
    views.push(next);
    view = next;
  }
  return views;
}

/** The undecoded text as a view. */
export function identity(text: string): View {
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  for (let i = 0; i < text.length; i++) {
    starts[i] = i;
    ends[i] = i + 1;
  }
  return { text, starts, ends };
}

/** The view without white space, so that wrapped or indented keys are found. Null if it has no white space. */
export function withoutWhiteSpace(view: View): View | null {
  const { text } = view;
  if (!/\s/.test(text)) return null;
  const builder = new ViewBuilder(view);
  for (const { index, 0: word } of text.matchAll(/\S+/g)) builder.copy(word, index);
  return builder.view();
}

/** The completely decoded text, which is the same for all encodings of a text. */
export function canonical(text: string): string {
  return decodedViews(text).at(-1)?.text ?? text;
}

/** Decodes percent-encodings, backslash escapes and HTML entities once; null if there are none. */
function decode(view: View): View | null {
  const { text } = view;
  const builder = new ViewBuilder(view);
  let copied = 0;
  for (const { index, 0: mark } of text.matchAll(/[%\\&]/g)) {
    // Part of a sequence that is already decoded.
    if (index < copied) continue;
    const decoded = mark === '%' ? percent(text, index) : mark === '&' ? entity(text, index) : escape(text, index);
    if (decoded === null) continue;
    builder.copy(text.slice(copied, index), copied);
    builder.replace(decoded.text, index, index + decoded.length);
    copied = index + decoded.length;
  }
  if (copied === 0) return null;
  builder.copy(text.slice(copied), copied);
  return builder.view();
}

/** Builds a view that is not longer than its source. */
class ViewBuilder {
  #text = '';
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #length = 0;

  constructor(private readonly from: View) {
    this.#starts = new Uint32Array(from.text.length);
    this.#ends = new Uint32Array(from.text.length);
  }

  /** Appends `part`, which starts at `start` in the source. */
  copy(part: string, start: number): void {
    this.#text += part;
    for (let i = start; i < start + part.length; i++) this.#point(i, i + 1);
  }

  /** Appends `part` in place of the source's text from `start` to `end`. */
  replace(part: string, start: number, end: number): void {
    this.#text += part;
    for (let i = 0; i < part.length; i++) this.#point(start, end);
  }

  #point(start: number, end: number): void {
    this.#starts[this.#length] = this.from.starts[start] ?? 0;
    this.#ends[this.#length] = this.from.ends[end - 1] ?? 0;
    this.#length++;
  }

  view(): View {
    return { text: this.#text, starts: this.#starts, ends: this.#ends };
  }
}

/** A decoded sequence, and the length of its encoding in code units. */
interface Decoded {
  text: string;
  length: number;
}

/** Decodes one character from one to four percent-encoded bytes of UTF-8. */
function percent(text: string, at: number): Decoded | null {
  const first = byteAt(text, at);
  if (first === null) return null;
  if (first < 0x80) return { text: String.fromCharCode(first), length: 3 };
  const count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (count === 0) return null;
  const bytes = [first];
  for (let i = 1; i < count; i++) {
    const byte = byteAt(text, at + i * 3);
    if (byte === null || (byte & 0xc0) !== 0x80) return null;
    bytes.push(byte);
  }
  return { text: Buffer.from(bytes).toString('utf8'), length: count * 3 };
}

function byteAt(text: string, at: number): number | null {
  return text[at] === '%' ? hexadecimal(text.slice(at + 1, at + 3), 2) : null;
}

function hexadecimal(text: string, length: number): number | null {
  return text.length === length && /^[0-9A-Fa-f]+$/.test(text) ? Number.parseInt(text, 16) : null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '"': '"',
  "'": "'",
  '`': '`',
  '/': '/',
  '\\': '\\',
  // A line continuation.
  '\n': '',
};

/** Decodes an escape of JSON or JavaScript. */
function escape(text: string, at: number): Decoded | null {
  const kind = text[at + 1] ?? '';
  if (Object.hasOwn(ESCAPES, kind)) return { text: ESCAPES[kind] ?? '', length: 2 };
  const length = kind === 'u' ? 4 : kind === 'x' ? 2 : 0;
  if (length === 0) return null;
  const code = hexadecimal(text.slice(at + 2, at + 2 + length), length);
  return code === null ? null : { text: String.fromCharCode(code), length: length + 2 };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes an entity of HTML or XML. */
function entity(text: string, at: number): Decoded | null {
  const match = /^&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([a-z]{2,4}));/.exec(text.slice(at, at + 12));
  if (match === null) return null;
  const [whole, tens, hex, name] = match;
  if (name !== undefined) {
    return Object.hasOwn(ENTITIES, name) ? { text: ENTITIES[name] ?? '', length: whole.length } : null;
  }
  const code = tens === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(tens, 10);
  return code > 0 && code <= 0x10ffff ? { text: String.fromCodePoint(code), length: whole.length } : null;
}
