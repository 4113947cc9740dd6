/**
 * The world's only clock. Due events happen in the order of their time; events of the same time in the order of
 * scheduling.
 */
export class Agenda {
  now: number;
  private readonly entries: { at: number; action: () => void }[] = [];

  constructor(
    start: number,
    /** Called after all events of one time, to inspect what they changed. */
    private readonly afterAll: () => void,
  ) {
    this.now = start;
  }

  at(time: number, action: () => void): void {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.at ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, { at: Math.max(time, this.now), action });
  }

  /** Lets time pass until then, and executes everything that becomes due. */
  passUntil(time: number): void {
    for (let next = this.entries[0]; next !== undefined && next.at <= time; next = this.entries[0]) {
      this.entries.shift();
      this.now = next.at;
      next.action();
      if (this.entries[0] === undefined || this.entries[0].at > this.now) this.afterAll();
    }
    this.now = Math.max(this.now, time);
  }

  pass(milliseconds: number): void {
    this.passUntil(this.now + milliseconds);
  }
}
