/**
 * Text from outside (ids, symbols, answers, names, notes) as a person sees it. On a terminal or in a browser a control
 * character, an escape sequence or a mark that turns the direction of writing could hide, forge or reorder what is read.
 */

/**
 * Characters that are not seen or that act on others: controls (C0, DEL, C1), format characters (bidi marks, zero width),
 * line and paragraph separators, surrogates without their half, private and unassigned ones, those that every font may leave out,
 * spaces that look like others, and the Braille blank. A plain space stays.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** On one line, every unseen character written as its code: `\u001b`, `\u202e`, `\u{e0041}`. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, escapeOf);
}

/** As `visible`, but lines stay lines: for texts of our own that quote others. */
export function visibleLines(text: string): string {
  return text.replaceAll(UNSEEN, (character) => (character === '\n' ? character : escapeOf(character)));
}

/** A JSON text of the same value in which no unseen character stands but the line ends between its parts. */
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

/** ASCII punctuation that may mean something in Markdown, or in the HTML in it. */
const MARKUP = /[\\`*_{}[\]()<>#+|!~&$:.^=-]/g;
/** Of these, what means nothing between two letters or digits: "BTC/USDT:USDT", "0.5", "ORDER_FILL_MISSED", "bot-17". */
const BETWEEN = /(?<=[\p{L}\p{N}])[.:+_=-](?=[\p{L}\p{N}])/gu;
/** Renderers make a link of a bare address, whatever is escaped in it. */
const ADDRESS = /www\.|:\/\/|@|mailto:|xmpp:/i;

/**
 * Visible, and without a meaning in Markdown: no link, image, heading, list, table cell, code or HTML comes of it. A word
 * that looks like an address becomes code, which no renderer turns into a link.
 */
export function markdown(text: string): string {
  return visible(text)
    .trim()
    .split(' ')
    .map((word) => (ADDRESS.test(word) ? code(word) : escaped(word)))
    .join(' ');
}

/** Visible, as a code span. */
export function code(text: string): string {
  const line = visible(text).replaceAll('`', "'").replaceAll('|', '\\|');
  return line === '' ? '' : `\`${line}\``;
}

function escaped(word: string): string {
  const kept = new Set(Array.from(word.matchAll(BETWEEN), ({ index }) => index));
  return word.replaceAll(MARKUP, (character, at: number) => (kept.has(at) ? character : `\\${character}`));
}

/** Every text in a value of plain data made visible, the rest as it is: for what a page or table is made of. */
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
