import type { z } from 'zod';
import { expectation, formatPath, showValue, valueAt } from '../config/issues.js';
import { limitOfIssue } from '../config/limit-issues.js';
import { FailureError, type Failure, type FailureKind } from '../domain/failure/failure.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { Side } from '../domain/snapshot/snapshot.js';

export interface WrongField {
  /** From the document's root, such as `positions[3].amount`; empty for the document itself. */
  path: string;
  problem: string;
}

/** How many wrong fields an error lists. */
const MAX_FIELDS = 20;

/** A document that cannot be used as a whole, with its wrong fields. */
export class WrongDocumentError extends FailureError {
  constructor(
    failure: Failure,
    readonly fields: readonly WrongField[],
  ) {
    super(failure);
  }
}

/** The failure of a document with wrong fields. Its message names the first. */
export function wrongField(issues: readonly z.core.$ZodIssue[], raw: unknown, side: Side): FailureError {
  const [first] = issues;
  if (first === undefined) throw new RangeError('a refused document has at least one issue');
  const path = formatPath(first.path);
  const value = valueAt(raw, first.path);
  const expected = expectation(first);
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  const found = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  const subject = path === '' ? 'the document' : path;
  const otherVersion = path === 'version' && value !== undefined;
  const fields = issues.slice(0, MAX_FIELDS).map((issue) => fieldOf(issue, raw));
  const limit = first.code === 'too_big' ? 'idLength' : limitOfIssue(first);
  if (limit !== null) {
    return failure(
      'too_large',
      side,
      `${subject} ${found}, expected ${expected}${more}`,
      path,
      LIMITS[limit].remedy,
      fields,
    );
  }
  return failure(
    otherVersion ? 'unsupported' : 'unreadable',
    side,
    `${subject} ${found}, expected ${expected}${more}`,
    path === '' ? null : path,
    `correct ${subject} in the program that writes the document; internal-state.schema.json defines its form`,
    fields,
  );
}

function fieldOf(issue: z.core.$ZodIssue, raw: unknown): WrongField {
  const value = valueAt(raw, issue.path);
  const found = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  return { path: formatPath(issue.path), problem: `${found}, expected ${expectation(issue)}` };
}

export function failure(
  kind: FailureKind,
  side: Side,
  problem: string,
  where: string | null,
  remedy: string,
  fields: readonly WrongField[] = where === null ? [] : [{ path: where, problem }],
): WrongDocumentError {
  const document = side === 'internal' ? 'the internal state' : 'the exchange document';
  const message = `${document} cannot be used: ${problem}`;
  return new WrongDocumentError({ kind, side, message, where, remedy, retryAfterMs: null }, fields);
}
