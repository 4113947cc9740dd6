import type { z } from 'zod';
import { expectation, showValue, valueAt } from '../config/issues.js';
import { limitOfIssue } from '../config/limit-issues.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { Pieces } from '../domain/pieces.js';
import { scopeOfPosition } from '../domain/snapshot/scope.js';
import type { Unread } from '../domain/snapshot/snapshot.js';
import { UnreadParts } from '../domain/snapshot/unread-parts.js';
import { visible } from '../domain/text/shown-text.js';
import { ROW_LISTS } from './state-schema.js';

type ListName = keyof typeof ROW_LISTS;

/** A valid row; null in the place of an invalid one. */
export type CheckedRow<Row> = Row | null;

/** Rows that are checked in one piece, which takes a few milliseconds. */
export const ROWS_AT_ONCE = 500;

/** Collects the rows that cannot be read, by the symbols that are therefore not compared. */
export class UnreadRows {
  private readonly parts = new UnreadParts();

  /** @param problem what is wrong with the row: "amount is null, expected a decimal number" */
  add(list: ListName, index: number, row: unknown, problem: string): void {
    const symbol = symbolOf(row, list);
    const reason = `${list}[${index}]${symbol === null ? '' : ` (${visible(symbol)})`} cannot be read: ${problem}`;
    this.parts.add({
      scope: list === 'positions' && symbol?.includes('/') === true ? scopeOfPosition({ symbol }) : list,
      symbol,
      code: 'ROW_UNREADABLE',
      reason: reason.slice(0, LIMITS.reasonLength.value),
    });
  }

  list(): Unread[] {
    return this.parts.list();
  }
}

/**
 * The rows of a list, checked one by one.
 *
 * @param refused makes the error for a value that is not a row at all, or that exceeds a limit; its issues have paths from
 *   the document
 */
export function* checkedRows(
  list: ListName,
  rows: readonly unknown[],
  unread: UnreadRows,
  refused: (issues: readonly z.core.$ZodIssue[]) => Error,
): Pieces<CheckedRow<unknown>[]> {
  const checked: CheckedRow<unknown>[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE);
    const piece = ROW_LISTS[list].safeParse(some);
    if (piece.success) {
      for (const row of piece.data) checked.push(row);
    } else {
      for (const [offset, row] of some.entries()) {
        const parsed = ROW_LISTS[list].element.safeParse(row);
        if (parsed.success) {
          checked.push(parsed.data);
          continue;
        }
        const { issues } = parsed.error;
        const index = from + offset;
        if (!isRow(row) || issues.some(isLimit)) throw refused(issues.map((issue) => moved(issue, list, index)));
        unread.add(list, index, row, problemOf(issues, row));
        checked.push(null);
      }
    }
    yield;
  }
  return checked;
}

function isRow(row: unknown): boolean {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

function isLimit(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'too_big' || limitOfIssue(issue) !== null;
}

/** An issue of a row, with its path in the document. */
function moved(issue: z.core.$ZodIssue, list: string, index: number): z.core.$ZodIssue {
  return { ...issue, path: [list, index, ...issue.path] };
}

function problemOf(issues: readonly z.core.$ZodIssue[], row: unknown): string {
  const [first] = issues;
  if (first === undefined) throw new RangeError('a refused row has at least one issue');
  const value = valueAt(row, first.path);
  const found = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  return `${first.path.join('.')} ${found}, expected ${expectation(first)}${more}`;
}

/** The symbol (of balances the currency) that the row names; null if it names none. */
function symbolOf(row: unknown, list: ListName): string | null {
  const name = valueAt(row, [list === 'balances' ? 'currency' : 'symbol']);
  return typeof name === 'string' && name !== '' && name.length <= LIMITS.idLength.value ? name : null;
}
