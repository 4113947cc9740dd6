import type { Needle } from './secret-forms.js';

export interface Match {
  needle: Needle;
  start: number;
  end: number;
}

/** Needles are found by their first units; no needle is shorter. */
const HEAD = 4;
/** Needles from this length on are found in any case: nothing else looks like them. */
const CASE_BLIND_FROM = 8;
const BITS = 16;

interface Entry {
  needle: Needle;
  folded: string;
}

/** Finds many texts in one, in time that does not grow with their number. */
export class NeedleIndex {
  readonly #byHead = new Map<string, Entry[]>();
  /** Which hashes of heads occur at all; nearly every place of a text ends here. */
  readonly #heads = new Uint8Array(1 << BITS);

  add(needle: Needle): void {
    if (needle.text.length < HEAD) throw new RangeError(`a needle has at least ${HEAD} units`);
    const folded = foldCase(needle.text);
    const head = folded.slice(0, HEAD);
    const entries = this.#byHead.get(head) ?? [];
    if (entries.some((entry) => entry.needle.text === needle.text && entry.needle.base64 === needle.base64)) return;
    entries.push({ needle, folded });
    this.#byHead.set(head, entries);
    this.#heads[hashAt(head, 0)] = 1;
  }

  /** All places at which a needle of at least `shortest` units stands. They may overlap. */
  find(text: string, shortest = 0): Match[] {
    const matches: Match[] = [];
    const folded = foldCase(text);
    for (let start = 0; start + HEAD <= folded.length; start++) {
      if (this.#heads[hashAt(folded, start)] === 0) continue;
      for (const entry of this.#byHead.get(folded.slice(start, start + HEAD)) ?? []) {
        const { needle } = entry;
        if (needle.text.length < shortest || !folded.startsWith(entry.folded, start)) continue;
        if (needle.text.length < CASE_BLIND_FROM && !text.startsWith(needle.text, start)) continue;
        matches.push({ needle, start, end: start + needle.text.length });
      }
    }
    return matches;
  }
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** ASCII only, so that every place stays where it is. */
export function foldCase(text: string): string {
  // Of plain ASCII the built-in does the same, ten times as fast; beyond it, lengths and letters would change.
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let i = 0; i < HEAD; i++) hash = Math.imul(hash, 31) + text.charCodeAt(at + i);
  return hash & ((1 << BITS) - 1);
}
