/**
 * A text as it reads after one or more decodings, with the way back: the unit at `i` of `text` stands for the span from
 * `starts[i]` to `ends[i]` of the original. So a secret that is found decoded is cut out where it stands encoded.
 */
export interface View {
  text: string;
  starts: ArrayLike<number>;
  ends: ArrayLike<number>;
}

/** Encodings nest ("a URL in JSON in JSON"); deeper than this nothing real does. */
const DEEPEST_NESTING = 6;

const ENCODED = /[%\\&]/;

/** The text decoded once, twice and so on until it stands still. The text itself is not among them. */
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

/** The text as it is, as a view. */
export function identity(text: string): View {
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  for (let i = 0; i < text.length; i++) {
    starts[i] = i;
    ends[i] = i + 1;
  }
  return { text, starts, ends };
}

const BLANK = /\s/;

/** The view without white space: keys that were wrapped or indented are whole again. Null where there is none. */
export function withoutWhiteSpace(view: View): View | null {
  if (!BLANK.test(view.text)) return null;
  const builder = new ViewBuilder(view);
  for (let i = 0; i < view.text.length; i++) {
    const unit = view.text[i] ?? '';
    if (!BLANK.test(unit)) builder.add(unit, i, i + 1);
  }
  return builder.view();
}

/** The last of the decodings of a text: what all its encodings have in common. */
export function canonical(text: string): string {
  return decodedViews(text).at(-1)?.text ?? text;
}

/** One decoding of all that is percent-encoded, backslash-escaped or an HTML entity; null where nothing is. */
function decode(view: View): View | null {
  const { text } = view;
  const builder = new ViewBuilder(view);
  let changed = false;
  for (let i = 0; i < text.length;) {
    const unit = text[i] ?? '';
    const decoded =
      unit === '%' ? percent(text, i) : unit === '\\' ? escape(text, i) : unit === '&' ? entity(text, i) : null;
    if (decoded === null) {
      builder.add(unit, i, i + 1);
      i += 1;
    } else {
      builder.add(decoded.text, i, i + decoded.length);
      i += decoded.length;
      changed = true;
    }
  }
  return changed ? builder.view() : null;
}

class ViewBuilder {
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  constructor(private readonly from: View) {}

  add(text: string, start: number, end: number): void {
    this.#parts.push(text);
    for (let i = 0; i < text.length; i++) {
      this.#starts.push(this.from.starts[start] ?? 0);
      this.#ends.push(this.from.ends[end - 1] ?? 0);
    }
  }

  view(): View {
    return { text: this.#parts.join(''), starts: this.#starts, ends: this.#ends };
  }
}

/** What an encoded sequence stands for, and how many units of the text it takes. */
interface Decoded {
  text: string;
  length: number;
}

/** One character, of one to four percent-encoded bytes of UTF-8. */
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
};

/** JSON's and JavaScript's escapes. */
function escape(text: string, at: number): Decoded | null {
  const kind = text[at + 1] ?? '';
  if (Object.hasOwn(ESCAPES, kind)) return { text: ESCAPES[kind] ?? '', length: 2 };
  const length = kind === 'u' ? 4 : kind === 'x' ? 2 : 0;
  if (length === 0) return null;
  const code = hexadecimal(text.slice(at + 2, at + 2 + length), length);
  return code === null ? null : { text: String.fromCharCode(code), length: length + 2 };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** HTML's and XML's entities. */
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
