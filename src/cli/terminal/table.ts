import { seen } from './own-codes.js';
import { visibleWidth } from './style.js';

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

/** Breaks a text between words so that no line is wider than `width`; further lines begin with `indent`. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  const words = seen(text);
  let line = /^ */.exec(words)?.[0] ?? '';
  let empty = true;
  for (const word of words.trim().split(/ +/)) {
    if (!empty && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
