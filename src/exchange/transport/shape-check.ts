import type { z } from 'zod';
import type { Pieces } from '../../domain/pieces.js';
import type { ExactJson } from '../../domain/text/exact-json.js';

/** Rows per piece: a few milliseconds of work. */
const ROWS_AT_ONCE = 500;
/** Maximum depth of a list of rows in an answer: `{data: {list: [...]}}`. */
const DEEPEST_LIST = 3;

type Path = readonly string[];

export type ShapeCheck<T> = { ok: true; value: T } | { ok: false; issues: z.core.$ZodIssue[] };

/**
 * Checks an answer against its endpoint's shape. A long list of rows is checked in pieces. Each piece is the whole answer with
 * some of the rows, so a profile declares one shape.
 *
 * A shape must treat each row independently. Where it does not (the number of rows changes), the answer is checked in one
 * piece.
 */
export function* checkShape<T>(shape: z.ZodType<T>, document: ExactJson): Pieces<ShapeCheck<T>> {
  const path = longestList(document, []);
  const rows = path === null ? null : listAt(document, path);
  if (path === null || rows === null) return checkWhole(shape, document);
  let whole: unknown = null;
  const checked: unknown[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const part = rows.slice(from, from + ROWS_AT_ONCE);
    const parsed = shape.safeParse(withList(document, path, part));
    if (!parsed.success) return { ok: false, issues: parsed.error.issues.map((issue) => moved(issue, path, from)) };
    const list = listAt(parsed.data, path);
    if (list?.length !== part.length) return checkWhole(shape, document);
    for (const row of list) checked.push(row);
    whole ??= parsed.data;
    yield;
  }
  return { ok: true, value: withList(whole, path, checked) as T };
}

/** The path of the longest list; null where none is long enough to be checked in pieces. */
function longestList(value: ExactJson, path: Path): Path | null {
  if (Array.isArray(value)) return value.length > ROWS_AT_ONCE ? path : null;
  if (typeof value !== 'object' || value === null || path.length >= DEEPEST_LIST) return null;
  let longest: Path | null = null;
  let length = 0;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) continue;
    const found = longestList(inner, [...path, key]);
    const size = found === null ? 0 : (listAt(value, found.slice(path.length))?.length ?? 0);
    if (size > length) [longest, length] = [found, size];
  }
  return longest;
}

function listAt(value: unknown, path: Path): unknown[] | null {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null;
    at = (at as Record<string, unknown>)[key];
  }
  return Array.isArray(at) ? at : null;
}

function withList(value: unknown, path: Path, list: unknown[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return list;
  const map = value as Record<string, unknown>;
  return { ...map, [key]: withList(map[key], rest, list) };
}

/** An issue of a piece, with its path in the whole answer. */
function moved(issue: z.core.$ZodIssue, path: Path, from: number): z.core.$ZodIssue {
  const index = issue.path[path.length];
  if (typeof index !== 'number') return issue;
  return { ...issue, path: [...issue.path.slice(0, path.length), index + from, ...issue.path.slice(path.length + 1)] };
}

function checkWhole<T>(shape: z.ZodType<T>, document: ExactJson): ShapeCheck<T> {
  const parsed = shape.safeParse(document);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, issues: parsed.error.issues };
}
