import { redactCredentials } from './credential-patterns.js';
import { decodedViews, identity, withoutWhiteSpace, type View } from './decoded-view.js';
import { FragmentIndex, type Span } from './fragment-index.js';
import { type Match, NeedleIndex } from './needle-index.js';
import { redactValue } from './redact-value.js';
import { REDACTED } from './redacted.js';
import { formsOf, SHORTEST_SECRET } from './secret-forms.js';

export { REDACTED } from './redacted.js';

/** Removes secrets. Every text that leaves the worker passes through it. */
export interface Redactor {
  /**
   * Adds a secret. Secrets of fewer than four characters are not searched for, because they would match ordinary text. They
   * are still removed where a header, parameter or field names them.
   */
  add(secret: string): void;
  /** The text without secrets. Redact before shortening. Idempotent. */
  text(text: string): string;
  /**
   * A copy of the value without secrets in any text, key, error, cause or stack. The copy is plain data for JSON: errors
   * become objects, cycles and deep nesting are cut.
   */
  value(value: unknown): unknown;
}

/** Only secrets of this length are searched for across white space, because joined words could match shorter ones. */
const SHORTEST_WRAPPED = 12;

/**
 * Removes the given secrets, verbatim and in the forms in which programs write them: percent-encoded (partly, or twice),
 * escaped as in JSON, HTML, JavaScript, shells or SQL, nested, in base64 (alone or as a part of `user:secret`), in
 * hexadecimal, wrapped over lines, line by line, cut off at either end, in upper or lower case. Also removes unknown
 * credentials by their form (`credential-patterns.ts`).
 */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  const index = new NeedleIndex();
  const fragments = new FragmentIndex();

  function add(secret: string): void {
    if (known.has(secret) || secret.trim().length < SHORTEST_SECRET) return;
    known.add(secret);
    for (const form of formsOf(secret)) index.add(form);
    fragments.add(secret);
  }

  function text(raw: string): string {
    return redactCredentials(known.size === 0 ? raw : cut(raw, spansOf(raw)));
  }

  function spansOf(raw: string): Span[] {
    const views = [identity(raw), ...decodedViews(raw)];
    return views.flatMap((view) => {
      const joined = withoutWhiteSpace(view);
      return [
        ...origins(view, widened(view.text, index.find(view.text))),
        ...origins(view, fragments.find(view.text)),
        ...(joined === null ? [] : origins(joined, acrossGaps(joined, index.find(joined.text, SHORTEST_WRAPPED)))),
      ];
    });
  }

  for (const secret of secrets) add(secret);
  return { add, text, value: (value) => redactValue(value, text) };
}

function origins(view: View, spans: readonly Span[]): Span[] {
  return spans.map(({ start, end }) => ({ start: view.starts[start] ?? 0, end: view.ends[end - 1] ?? 0 }));
}

const BASE64_UNIT = /[A-Za-z0-9+/_=-]/;

/** The spans of matches. A match in base64 is extended to the whole base64 text. */
function widened(text: string, matches: readonly Match[]): Span[] {
  const spans: Span[] = [];
  let runEnd = 0;
  for (const { needle, start, end } of matches) {
    if (!needle.base64) spans.push({ start, end });
    else if (end > runEnd) {
      let from = start;
      runEnd = end;
      while (from > 0 && BASE64_UNIT.test(text[from - 1] ?? '')) from--;
      while (runEnd < text.length && BASE64_UNIT.test(text[runEnd] ?? '')) runEnd++;
      spans.push({ start: from, end: runEnd });
    }
  }
  return spans;
}

/**
 * The spans of matches that exist only without the white space. Joined words have no end of a base64 text, so only the match
 * is removed, and up to two code units on each side that share bits with the secret, if they were adjacent in the original.
 */
function acrossGaps(joined: View, matches: readonly Match[]): Span[] {
  const adjoins = (at: number): boolean => at > 0 && joined.starts[at] === joined.ends[at - 1];
  return matches.flatMap(({ needle, start, end }) => {
    let gap = start + 1;
    while (gap < end && adjoins(gap)) gap++;
    if (gap >= end) return [];
    let from = start;
    let to = end;
    if (needle.base64) {
      while (from > start - 2 && adjoins(from)) from--;
      while (to < end + 2 && to < joined.text.length && adjoins(to)) to++;
    }
    return [{ start: from, end: to }];
  });
}

function cut(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let result = '';
  let at = 0;
  for (const { start, end } of spans) {
    if (end <= at) continue;
    // A span that touches or overlaps the previous one is merged with it.
    if (start > at || at === 0) result += text.slice(at, start) + REDACTED;
    at = end;
  }
  return result + text.slice(at);
}
