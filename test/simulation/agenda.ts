/** The world's only clock: what is due happens in the order of its time, and of being put down where times are equal. */
export class Agenda {
  now: number;
  private readonly entries: { at: number; action: () => void }[] = [];

  constructor(
    start: number,
    /** Called after all that happens at one time: the place to look at what it changed. */
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

  /** Lets the time pass, and all that is due in it happen. */
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
