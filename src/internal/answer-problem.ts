import type { z } from 'zod';
import { expectation, formatPath, showValue, valueAt } from '../config/issues.js';

/** What is wrong with an answer, in one line: "orders[0].filled is -1, expected ...". */
export function problemOf(error: z.ZodError, answer: unknown): string {
  const [first] = error.issues;
  if (first === undefined) throw new RangeError('a refused answer has at least one issue');
  const value = valueAt(answer, first.path);
  const path = formatPath(first.path);
  const found = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  const more = error.issues.length === 1 ? '' : ` (and ${error.issues.length - 1} more)`;
  return `${path === '' ? 'it' : path} ${found}, expected ${expectation(first)}${more}`;
}
