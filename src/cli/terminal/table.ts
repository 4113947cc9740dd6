import { seen } from './own-codes.js';
import { breakable, visibleWidth } from './width.js';

const GAP = '  ';

/**
 * Lines of left-aligned columns, each as wide as its widest cell, without trailing blanks. Cells may contain colours.
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, visibleWidth(cell))));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - visibleWidth(cell)))
      .join(GAP)
      .trimEnd(),
  );
}

/** Two columns: a title, and a text that is broken within its column. */
export function titled(rows: readonly (readonly string[])[], width: number): string[] {
  const room = Math.max(0, ...rows.map(([title = '']) => visibleWidth(title))) + GAP.length;
  const indent = ' '.repeat(room);
  return rows.flatMap(([title = '', text = '']) => {
    const [first = '', ...rest] = wrap(indent + text, width, indent);
    return [title + ' '.repeat(room - visibleWidth(title)) + first.slice(room), ...rest];
  });
}

/** The line as it is, or broken between words if it is wider than `width`. */
export function fitted(line: string, width: number, indent = '  '): string[] {
  return visibleWidth(line) <= width ? [line] : wrap(line, width, indent);
}

/**
 * Breaks a text between words so that no line is wider than `width`; further lines begin with `indent`. A word that is wider
 * than a line stays whole, so that an id or an address can be copied.
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  const words = seen(text);
  const pieces = words
    .trim()
    .split(/ +/)
    .flatMap((word) => breakable(word).map((piece, index) => ({ piece, gap: index === 0 ? ' ' : '' })));
  let line = /^ */.exec(words)?.[0] ?? '';
  let empty = true;
  for (const { piece, gap } of pieces) {
    if (!empty && visibleWidth(line + gap + piece) > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? piece : gap + piece;
    empty = false;
  }
  return [...lines, line];
}

/** The part of an output that decides how lines are broken. */
export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
}

/** Breaks sentences to the width of a terminal. Elsewhere each stays one line, so that a program can find it. */
export function sentences(lines: readonly string[], { isTTY, columns }: Terminal): string[] {
  if (!isTTY) return [...lines];
  return lines.flatMap((line) => fitted(line, columns, `${/^ */.exec(line)?.[0] ?? ''}  `));
}
