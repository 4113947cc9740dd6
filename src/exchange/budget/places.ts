/** A fixed number of places, given in the order of the requests. A caller that gives up leaves the queue. */
export class Places {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly count: number) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Resolves with a function that frees the place; further calls of it do nothing. Rejects with the signal's reason. */
  async take(signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.taken < this.count) this.taken += 1;
    else await this.wait(signal);
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      const next = this.waiting.shift();
      if (next === undefined) this.taken -= 1;
      else next();
    };
  }

  private async wait(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(next), 1);
        reject(signal?.reason);
      };
      const next = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(next);
    });
  }
}
