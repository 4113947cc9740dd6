import { redactCredentials } from './credential-patterns.js';
import { decodedViews, identity, withoutWhiteSpace, type View } from './decoded-view.js';
import { FragmentIndex, type Span } from './fragment-index.js';
import { type Match, NeedleIndex } from './needle-index.js';
import { redactValue } from './redact-value.js';
import { REDACTED } from './redacted.js';
import { formsOf, SHORTEST_SECRET } from './secret-forms.js';

export { REDACTED } from './redacted.js';

/** The one place through which every text leaves the worker. */
export interface Redactor {
  /**
   * Makes a secret known. Secrets of fewer than four characters are not looked for: every text would have holes. They
   * are still cut out wherever a header, parameter or field names them.
   */
  add(secret: string): void;
  /** The text without secrets. Redact first, shorten afterwards. Redacting twice changes nothing. */
  text(text: string): string;
  /**
   * The value without secrets in any text, key, error, cause or stack of it, as plain data that JSON can hold: errors
   * become objects, cycles and depths are cut. The value itself stays as it is.
   */
  value(value: unknown): unknown;
}

/** White space is looked through only for secrets that are long enough not to come about by joining words. */
const SHORTEST_WRAPPED = 12;

/**
 * Finds the given secrets as they are and as programs write them: percent-encoded (in part, or twice), escaped as in JSON,
 * HTML, JavaScript, shells or SQL, nested, in base64 (alone or as part of `user:secret`), in hexadecimal, wrapped over lines,
 * line by line, cut off at either end, in any case. Besides them it cuts out what is a credential by its shape
 * (`credential-patterns.ts`).
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

/** Of a base64 text in which a secret stands the whole goes. */
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
 * What only joining brought to light. A run of base64 has no end where words are joined: of it goes the match, and the two
 * units on each side that share bits with the secret, as far as they were its neighbours before.
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
    // What touches or overlaps the last span is part of the same hole.
    if (start > at || at === 0) result += text.slice(at, start) + REDACTED;
    at = end;
  }
  return result + text.slice(at);
}
