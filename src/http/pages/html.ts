import { visible } from '../../domain/text/shown-text.js';

/** Markup that is safe to send. Only `html` makes it: everything that is not markup was escaped. */
export class Html {
  /** @param text trusted: markup that this folder wrote */
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What a template may contain. A text is escaped; null, undefined and false are nothing; lists are joined. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * A template of markup. Every text is escaped for element content and for attributes in double quotes; characters that cannot be
 * seen are shown as their codes. There is no way around it, so no name, symbol or id can become markup.
 */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(piecesOf(markup).reduce((text, piece, index) => text + textOf(parts[index - 1]) + piece));
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The markup without the indentation of the source. */
function piecesOf(markup: TemplateStringsArray): readonly string[] {
  const pieces = known.get(markup) ?? markup.map((piece) => piece.replaceAll(/\n\s*/g, '\n'));
  known.set(markup, pieces);
  return pieces;
}

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and for attributes in quotes. */
export function escaped(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A text of Plumbline's own, with commands between backticks. */
export function withCode(text: string): Html {
  const pieces = text.split('`');
  // A backtick without a partner is part of the text.
  if (pieces.length % 2 === 0) return html`${text}`;
  return html`${pieces.map((piece, index) => (index % 2 === 0 ? piece : html`<code>${piece}</code>`))}`;
}
