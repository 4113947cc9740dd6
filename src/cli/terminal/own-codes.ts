import { randomBytes } from 'node:crypto';
import { visible } from '../../domain/text/shown-text.js';

/*
 * A line mixes our colour codes with text from outside. So that no outside text can pass for a colour, our codes carry
 * a mark that is unknown outside this process, until the line is written.
 */

const MARK = randomBytes(12).toString('hex');
const OWN_CODE = new RegExp(`\u001B${MARK}\\[([\\d;]*m)`, 'g');

/** Marks a colour code that Plumbline itself writes. */
export function ownCode(code: string): string {
  return code.replaceAll('\u001B[', `\u001B${MARK}[`);
}

/** The visible text on one line, with our codes still marked. Idempotent. */
export function seen(text: string): string {
  return betweenCodes(text, (code) => `\u001B${MARK}[${code}`);
}

/** The text for a terminal: our codes are kept, other control characters are made visible, all on one line. */
export function terminalLine(text: string): string {
  return betweenCodes(text, (code) => `\u001B[${code}`);
}

/** The visible text without any codes. */
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
