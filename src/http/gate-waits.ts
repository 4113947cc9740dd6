import type { GateCache } from './gate-cache.js';

/** How a wait ended. */
export type WaitEnd = 'changed' | 'time is over' | 'gone' | 'ending' | 'too many';

interface Waiter {
  tag: string;
  end: (how: WaitEnd) => void;
}

/** Requests that wait until a trading gate differs from what the client knows. */
export class GateWaits {
  readonly #waiters = new Map<string, Set<Waiter>>();
  #count = 0;
  #isEnding = false;

  constructor(
    private readonly cache: Pick<GateCache, 'answer' | 'onChange'>,
    private readonly limit: number,
  ) {
    cache.onChange((accounts) => {
      for (const account of accounts ?? [...this.#waiters.keys()]) this.#check(account);
    });
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Resolves when the gate's tag is another than `tag`, or when the time is over, or when the client has gone.
   *
   * @param gone aborts when the client closes its connection
   */
  async wait(account: string, tag: string, milliseconds: number, gone: AbortSignal): Promise<WaitEnd> {
    if (this.#isEnding) return 'ending';
    if (gone.aborted) return 'gone';
    if (this.#count >= this.limit) return 'too many';
    return new Promise((resolve) => {
      const waiter: Waiter = {
        tag,
        end: (how) => {
          clearTimeout(timer);
          gone.removeEventListener('abort', leave);
          if (this.#remove(account, waiter)) resolve(how);
        },
      };
      const leave = (): void => waiter.end('gone');
      const timer = setTimeout(() => waiter.end('time is over'), milliseconds);
      gone.addEventListener('abort', leave, { once: true });
      const others = this.#waiters.get(account);
      if (others === undefined) this.#waiters.set(account, new Set([waiter]));
      else others.add(waiter);
      this.#count++;
    });
  }

  /** Ends every wait, now and later: the process is ending. */
  end(): void {
    this.#isEnding = true;
    // A set may lose members during iteration.
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.end('ending');
  }

  #check(account: string): void {
    const waiters = this.#waiters.get(account);
    if (waiters === undefined) return;
    const { tag } = this.cache.answer(account);
    for (const waiter of waiters) if (waiter.tag !== tag) waiter.end('changed');
  }

  #remove(account: string, waiter: Waiter): boolean {
    const waiters = this.#waiters.get(account);
    if (waiters?.delete(waiter) !== true) return false;
    if (waiters.size === 0) this.#waiters.delete(account);
    this.#count--;
    return true;
  }
}
