/**
 * Makes outside text (ids, symbols, answers, names, notes) safe to show. On a terminal or in a browser, control
 * characters, escape sequences and marks that change the writing direction could hide, forge or reorder what a person reads.
 */

/**
 * Characters that are invisible or change others: controls (C0, DEL, C1), format characters (bidi marks, zero width), line
 * and paragraph separators, lone surrogates, private and unassigned characters, default-ignorable ones, spaces other than
 * the plain space, and the Braille blank.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** One line in which every unseen character is written as its code: `\u001b`, `\u202e`, `\u{e0041}`. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, escapeOf);
}

/** Like `visible`, but keeps line ends: for Plumbline's own texts that quote outside text. */
export function visibleLines(text: string): string {
  return text.replaceAll(UNSEEN, (character) => (character === '\n' ? character : escapeOf(character)));
}

/** JSON of the same value, with every unseen character except line ends written as an escape. */
export function visibleJson(json: string): string {
  return json.replaceAll(UNSEEN, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => unitOf(character, at)).join(''),
  );
}

function unitOf(character: string, at: number): string {
  return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** ASCII punctuation that may have a meaning in Markdown or in embedded HTML. */
const MARKUP = /[\\`*_{}[\]()<>#+|!~&$:.^=-]/g;
/** Punctuation that has no meaning between letters or digits: "BTC/USDT:USDT", "0.5", "ORDER_FILL_MISSED", "bot-17". */
const BETWEEN = /(?<=[\p{L}\p{N}])[.:+_=-](?=[\p{L}\p{N}])/gu;
/** Renderers turn a bare address into a link, even if parts of it are escaped. */
const ADDRESS = /www\.|:\/\/|@|mailto:|xmpp:/i;

/**
 * Visible text without Markdown meaning: it creates no link, image, heading, list, table cell, code or HTML. A word that
 * looks like an address becomes code, because renderers do not turn code into links.
 */
export function markdown(text: string): string {
  return visible(text)
    .trim()
    .split(' ')
    .map((word) => (ADDRESS.test(word) ? code(word) : escaped(word)))
    .join(' ');
}

/** Visible text as a code span. */
export function code(text: string): string {
  const line = visible(text).replaceAll('`', "'").replaceAll('|', '\\|');
  return line === '' ? '' : `\`${line}\``;
}

function escaped(word: string): string {
  const kept = new Set(Array.from(word.matchAll(BETWEEN), ({ index }) => index));
  return word.replaceAll(MARKUP, (character, at: number) => (kept.has(at) ? character : `\\${character}`));
}

/** A copy of plain data in which every text is visible: for the data of a page or table. */
export function visibleIn<T>(value: T): T {
  return mapTexts(value) as T;
}

function mapTexts(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(mapTexts);
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visible(key), mapTexts(inner)]));
}
