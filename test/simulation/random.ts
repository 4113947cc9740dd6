/** A small deterministic generator (mulberry32): the same seed creates the same world on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
    // Neighbouring seeds start with similar numbers; a few rounds separate them.
    for (let i = 0; i < 3; i += 1) this.next();
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Null only if the list is empty. */
  pick<T>(list: readonly T[]): T | null {
    return list[Math.floor(this.next() * list.length)] ?? null;
  }

  /** A delay with a long tail: mostly a small part of `most`, sometimes nearly or exactly all of it. */
  longTail(most: number): number {
    if (this.chance(0.03)) return most;
    return Math.floor(most * this.next() ** 5);
  }

  seed(): number {
    return Math.floor(this.next() * 2 ** 32);
  }
}
