import type { Needle } from './secret-forms.js';

export interface Match {
  needle: Needle;
  start: number;
  end: number;
}

/** Needles are indexed by this many first code units; a needle is at least this long. */
const HEAD = 4;
/** Needles of at least this length are matched case-insensitively, because ordinary text does not match them by chance. */
const CASE_BLIND_FROM = 8;
const BITS = 16;

interface Entry {
  needle: Needle;
  folded: string;
}

/** Finds many needles in a text, in time that does not depend on their number. */
export class NeedleIndex {
  readonly #byHead = new Map<string, Entry[]>();
  /** The hashes of all heads. Rules out nearly every position of a text. */
  readonly #heads = new Uint8Array(1 << BITS);

  add(needle: Needle): void {
    if (needle.text.length < HEAD) throw new RangeError(`a needle has at least ${HEAD} units`);
    const folded = foldCase(needle.text);
    const head = folded.slice(0, HEAD);
    const entries = this.#byHead.get(head) ?? [];
    if (entries.some((entry) => entry.needle.text === needle.text && entry.needle.base64 === needle.base64)) return;
    entries.push({ needle, folded });
    this.#byHead.set(head, entries);
    let hash = 0;
    for (let at = 0; at < HEAD; at++) hash = rolled(hash, head.charCodeAt(at));
    this.#heads[hash] = 1;
  }

  /** All matches of needles with at least `shortest` code units. They may overlap. */
  find(text: string, shortest = 0): Match[] {
    const matches: Match[] = [];
    const folded = foldCase(text);
    let hash = 0;
    for (let at = 0; at < folded.length; at++) {
      hash = rolled(hash, folded.charCodeAt(at));
      if (this.#heads[hash] === 0) continue;
      const start = at + 1 - HEAD;
      if (start < 0) continue;
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

/** Lower case for ASCII only, so that positions do not change. */
export function foldCase(text: string): string {
  // For plain ASCII the built-in is equivalent and ten times as fast. For other text it would change lengths and letters.
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A hash of the last `HEAD` code units: each step moves the older ones towards the end, and the fifth is shifted out. */
function rolled(hash: number, unit: number): number {
  return ((hash << (BITS / HEAD)) ^ unit) & ((1 << BITS) - 1);
}
