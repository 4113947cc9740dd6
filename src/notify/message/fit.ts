import { cut } from '../../domain/lifecycle/bounded.js';

/** One item of a message. */
export interface Item {
  /** Complete: a headline and its lines. */
  lines: readonly string[];
  /** The same in one line, where there is no room for all lines. */
  brief: string;
}

export interface Parts {
  head: readonly string[];
  items: readonly Item[];
  /** How many items there are besides `items`. */
  unlisted: number;
  /** The line with the number of items that are not listed. */
  more: (count: number) => string;
  tail: readonly string[];
}

/** Characters of one line. A longer text of an exchange or a person is cut, and ends with "…". */
const MAX_LINE = 400;

/**
 * The lines of a message of at most `max` characters. If there is not enough room, the last items are shortened to one line
 * first, then left out and counted. A line is complete or absent.
 */
export function fit(parts: Parts, max: number): string {
  const { items, unlisted, more } = parts;
  const total = items.length + unlisted;
  /** The first `complete` of the first `listed` items with all their lines. */
  const textOf = (listed: number, complete: number): string => {
    const shown = items
      .slice(0, listed)
      .map(({ lines, brief }, index) => numbered(index < complete ? lines : [brief], index, total));
    const left = total - listed;
    return joined([parts.head, ...blocksOf(shown), left === 0 ? [] : [more(left)], parts.tail]);
  };
  const listed = largest(items.length, (count) => textOf(count, 0).length <= max);
  if (listed < 0) return wholeLines(joined([parts.head, parts.tail]), max);
  return textOf(
    listed,
    Math.max(
      0,
      largest(listed, (count) => textOf(listed, count).length <= max),
    ),
  );
}

/** The largest number up to `most` that fits; -1 if not even 0 does. */
function largest(most: number, fits: (count: number) => boolean): number {
  for (let count = most; count >= 0; count -= 1) if (fits(count)) return count;
  return -1;
}

/** Complete items are separated by empty lines; one-line items are not. */
function blocksOf(items: readonly (readonly string[])[]): string[][] {
  const blocks: string[][] = [];
  let isOpen = false;
  for (const lines of items) {
    const isSingle = lines.length === 1;
    const before = blocks.at(-1);
    if (isSingle && isOpen && before !== undefined) before.push(...lines);
    else blocks.push([...lines]);
    isOpen = isSingle;
  }
  return blocks;
}

function numbered(lines: readonly string[], index: number, total: number): string[] {
  if (total === 1) return [...lines];
  const [first = '', ...rest] = lines;
  return [`${index + 1}. ${first}`, ...rest.map((line) => `   ${line}`)];
}

function joined(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => cut(line, MAX_LINE)).join('\n'))
    .join('\n\n');
}

function wholeLines(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = text.lastIndexOf('\n', max);
  return end < 0 ? cut(text, max) : text.slice(0, end).trimEnd();
}
