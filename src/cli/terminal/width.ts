import { eastAsianWidth } from 'get-east-asian-width';
import { visible } from '../../domain/text/shown-text.js';
import { withoutCodes } from './own-codes.js';

/** Characters that are drawn on the one before, such as accents. */
const COMBINING = /[\p{Mn}\p{Me}]/u;
const PLAIN_ASCII = /^[\u0020-\u007E]*$/;

/** How many columns a text takes on a terminal: two for wide letters and emoji, none for accents and our colour codes. */
export function visibleWidth(text: string): number {
  const shown = withoutCodes(text);
  if (PLAIN_ASCII.test(shown)) return shown.length;
  let width = 0;
  for (const character of shown) width += widthOf(character);
  return width;
}

/** The text in one line of at most `most` columns, cut with an ellipsis. For texts without colour codes. */
export function shortened(text: string, most: number): string {
  const shown = visible(text).replaceAll(/\s+/g, ' ').trim();
  if (visibleWidth(shown) <= most) return shown;
  let [kept, width] = ['', 0];
  for (const character of shown) {
    width += widthOf(character);
    if (width > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The parts of a word between which a line may end: around wide letters, because their scripts have no spaces. */
export function breakable(word: string): string[] {
  if (PLAIN_ASCII.test(word)) return [word];
  const parts: string[] = [];
  let wasWide = true;
  for (const character of word) {
    const width = widthOf(character);
    if (parts.length > 0 && (width === 0 || (width === 1 && !wasWide))) parts.push((parts.pop() ?? '') + character);
    else parts.push(character);
    if (width > 0) wasWide = width === 2;
  }
  return parts;
}

function widthOf(character: string): number {
  return COMBINING.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
