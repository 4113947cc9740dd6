import { redactCredentials } from './credential-patterns.js';
import { decodedViews, identity, withoutWhiteSpace, type View } from './decoded-view.js';
import { NeedleIndex } from './needle-index.js';
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
/** A text that was shortened before it came here may end in the beginning of a secret. */
const SHORTEST_BEGINNING = 8;

/**
 * Finds the given secrets as they are and as programs write them: percent-encoded (in part, or twice), escaped as in JSON,
 * HTML or JavaScript, nested, in base64 (alone or as part of `user:secret`), in hexadecimal, wrapped over lines, line by line,
 * cut off at the end, in any case. Besides them it cuts out what is a credential by its shape (`credential-patterns.ts`).
 */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  const beginnings = new Map<string, string>();
  const index = new NeedleIndex();

  function add(secret: string): void {
    if (known.has(secret) || secret.trim().length < SHORTEST_SECRET) return;
    known.add(secret);
    for (const form of formsOf(secret)) index.add(form);
    // An address begins with what is no secret.
    if (secret.length >= SHORTEST_BEGINNING * 2 && !/^\S{1,20}:\/\/|^-----/.test(secret)) {
      beginnings.set(secret, secret.slice(0, SHORTEST_BEGINNING));
    }
  }

  function text(raw: string): string {
    return redactCredentials(known.size === 0 ? raw : cut(raw, spansOf(raw)));
  }

  function spansOf(raw: string): Span[] {
    const spans: Span[] = [];
    const collect = (view: View | null, shown: string, shortest: number): void => {
      for (const match of index.find(shown, shortest)) {
        const { start, end } = match.needle.base64 ? wholeRun(shown, match.start, match.end) : match;
        spans.push(originOf(view, start, end));
      }
    };
    collect(null, raw, 0);
    const decoded = decodedViews(raw);
    for (const view of decoded) collect(view, view.text, 0);
    for (const view of [identity(raw), ...decoded]) {
      const joined = withoutWhiteSpace(view);
      if (joined !== null) collect(joined, joined.text, SHORTEST_WRAPPED);
    }
    for (const view of [null, ...decoded]) {
      for (const { start, end } of beginningsIn(view?.text ?? raw)) spans.push(originOf(view, start, end));
    }
    return spans;
  }

  /** Beginnings of secrets that stand before the end of the text, or before dots that say that it was shortened. */
  function beginningsIn(shown: string): Span[] {
    const spans: Span[] = [];
    for (const [secret, beginning] of beginnings) {
      for (let start = shown.indexOf(beginning); start >= 0; start = shown.indexOf(beginning, start + 1)) {
        let end = start + beginning.length;
        while (end < shown.length && shown[end] === secret[end - start]) end++;
        if (/^["'`)\]}\s]*$|^["'`]?(?:\.\.\.|\u2026)/.test(shown.slice(end, end + 8))) spans.push({ start, end });
      }
    }
    return spans;
  }

  for (const secret of secrets) add(secret);
  return { add, text, value: (value) => redactValue(value, text) };
}

interface Span {
  start: number;
  end: number;
}

function originOf(view: View | null, start: number, end: number): Span {
  if (view === null) return { start, end };
  return { start: view.starts[start] ?? 0, end: view.ends[end - 1] ?? 0 };
}

const BASE64_UNIT = /[A-Za-z0-9+/_=-]/;

function wholeRun(text: string, start: number, end: number): Span {
  let from = start;
  let to = end;
  while (from > 0 && BASE64_UNIT.test(text[from - 1] ?? '')) from--;
  while (to < text.length && BASE64_UNIT.test(text[to] ?? '')) to++;
  return { start: from, end: to };
}

function cut(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let result = '';
  let at = 0;
  for (const { start, end } of spans) {
    if (end <= at) continue;
    // What touches or overlaps the last span is part of the same hole.
    if (start > at || result === '') result += text.slice(at, start) + REDACTED;
    at = end;
  }
  return result + text.slice(at);
}
