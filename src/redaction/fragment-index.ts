import { foldCase, NeedleIndex } from './needle-index.js';

/** A piece of a text, from `start` to before `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Of shorter secrets no part is looked for: it would be a word. */
const SHORTEST_SECRET = 16;
/** A part of mixed characters is no word by chance; one of letters alone may be. */
const SHORTEST_MIXED = 8;
const SHORTEST_PLAIN = 12;

/**
 * Finds what is left of secrets that were cut off before the text came here: a beginning at the end of the text or before
 * dots, an end at the beginning of the text or after dots.
 */
export class FragmentIndex {
  readonly #beginnings = new Fragments(1);
  readonly #endings = new Fragments(-1);

  add(secret: string): void {
    // An address or a PEM block begins with what is no secret.
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

/** Nothing but closing brackets, or dots. */
const CUT_AFTER = /^["'`)\]}\s]*$|^["'`]?(?:\.{3}|\u2026)/;
const CUT_BEFORE = /^["'`]?$|(?:\.{3}|\u2026)["'`]?$/;

function shortest(secret: string): number {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9_-]/].filter((kind) => kind.test(secret));
  return kinds.length >= 3 ? SHORTEST_MIXED : SHORTEST_PLAIN;
}

/** Beginnings (direction 1) or ends (direction -1) of secrets. */
class Fragments {
  readonly #index = new NeedleIndex();
  readonly #wholes = new Map<string, string[]>();

  constructor(private readonly direction: 1 | -1) {}

  add(fragment: string, whole: string): void {
    this.#index.add({ text: fragment, base64: false });
    this.#wholes.set(fragment, [...(this.#wholes.get(fragment) ?? []), foldCase(whole)]);
  }

  /** Where a fragment stands, with what goes on like the secret. */
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
