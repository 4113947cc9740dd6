import { randomBytes } from 'node:crypto';
import { visible } from '../../domain/text/shown-text.js';

/*
 * Colours and text from outside meet in one line. So that nothing from outside can pass for a colour, our own codes carry a mark
 * that nobody outside of this process knows, until the line is written.
 */

const MARK = randomBytes(12).toString('hex');
const OWN_CODE = new RegExp(`\u001B${MARK}\\[([\\d;]*m)`, 'g');

/** A colour code of ours, marked. */
export function ownCode(code: string): string {
  return code.replaceAll('\u001B[', `\u001B${MARK}[`);
}

/** The text as it is seen, on one line, with our own codes still marked. Applied again it changes nothing. */
export function seen(text: string): string {
  return betweenCodes(text, (code) => `\u001B${MARK}[${code}`);
}

/** The text as it goes to a terminal: our own codes, and everything else visible, on one line. */
export function terminalLine(text: string): string {
  return betweenCodes(text, (code) => `\u001B[${code}`);
}

/** The text without any codes, as it is seen. */
export function withoutCodes(text: string): string {
  return betweenCodes(text, () => '');
}

function betweenCodes(text: string, codeOf: (code: string) => string): string {
  let line = '';
  let at = 0;
  for (const match of text.matchAll(OWN_CODE)) {
    line += visible(text.slice(at, match.index)) + codeOf(match[1] ?? '');
    at = match.index + match[0].length;
  }
  return line + visible(text.slice(at));
}
