import { foldCase, NeedleIndex } from './needle-index.js';

/** A part of a text, from `start` up to but not including `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Parts of shorter secrets are not searched for, because they could be ordinary words. */
const SHORTEST_SECRET = 16;
/** A part with mixed kinds of characters is rarely an ordinary word; a part with few kinds may be one, so it must be longer. */
const SHORTEST_MIXED = 8;
const SHORTEST_PLAIN = 12;

/**
 * Finds the remains of secrets that were cut off earlier: the beginning of a secret at the end of the text or before dots,
 * or the end of a secret at the beginning of the text or after dots.
 */
export class FragmentIndex {
  readonly #beginnings = new Fragments(1);
  readonly #endings = new Fragments(-1);

  add(secret: string): void {
    // The beginning of a URL or a PEM block is not secret.
    if (secret.length < SHORTEST_SECRET || /^\S{1,20}:\/\/|^-----/.test(secret)) return;
    this.#beginnings.add(secret.slice(0, shortest(secret)), secret);
    this.#endings.add(secret.slice(-shortest(secret)), secret);
  }

  find(text: string): Span[] {
    return [
      ...this.#beginnings.find(text).filter(({ end }) => CUT_AFTER.test(text.slice(end, end + 8))),
      ...this.#endings.find(text).filter(({ start }) => CUT_BEFORE.test(text.slice(Math.max(0, start - 4), start))),
    ];
  }
}

/** The text after a beginning: only closing quotes and brackets, or dots. */
const CUT_AFTER = /^["'`)\]}\s]*$|^["'`]?(?:\.{3}|\u2026)/;
const CUT_BEFORE = /^["'`]?$|(?:\.{3}|\u2026)["'`]?$/;

function shortest(secret: string): number {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9_-]/].filter((kind) => kind.test(secret));
  return kinds.length >= 3 ? SHORTEST_MIXED : SHORTEST_PLAIN;
}

/** An index of the beginnings (direction 1) or ends (direction -1) of secrets. */
class Fragments {
  readonly #index = new NeedleIndex();
  readonly #wholes = new Map<string, string[]>();

  constructor(private readonly direction: 1 | -1) {}

  add(fragment: string, whole: string): void {
    this.#index.add({ text: fragment, base64: false });
    this.#wholes.set(fragment, [...(this.#wholes.get(fragment) ?? []), foldCase(whole)]);
  }

  /** The spans of fragments, extended as long as the text equals the secret. */
  find(text: string): Span[] {
    const found = this.#index.find(text);
    if (found.length === 0) return [];
    const folded = foldCase(text);
    return found.flatMap(({ needle, start, end }) =>
      (this.#wholes.get(needle.text) ?? []).map((whole) => {
        let length = end - start;
        if (this.direction === 1) {
          while (start + length < folded.length && folded[start + length] === whole[length]) length++;
          return { start, end: start + length };
        }
        while (length < end && folded[end - length - 1] === whole[whole.length - length - 1]) length++;
        return { start: end - length, end };
      }),
    );
  }
}
