/** Maximum number of names per read. */
const MAX_NAMES = 1_000;
/** A slower read blocks nobody: the next one starts in parallel. */
const SLOW_MS = 100;
/** Maximum number of parallel reads. */
const MAX_READS = 4;

interface Waiting<Answer> {
  resolve: (answer: Answer | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Answers many callers with one read. Each caller gets the result of a read that began after its request, so no answer
 * is older than the question. Under load, callers queue while a read is in progress, and the next read answers all of
 * them: the more callers, the fewer reads per caller.
 */
export class SharedRead<Answer> {
  private waiting = new Map<string, Waiting<Answer>[]>();
  private underWay = 0;
  private begunAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;

  /** @param read returns an answer for each name that exists */
  constructor(
    private readonly read: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
    private readonly slowMs = SLOW_MS,
  ) {}

  /** Null if the read finds nothing under the name. Rejects if the read does. */
  async get(name: string): Promise<Answer | null> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(name);
      if (others === undefined) this.waiting.set(name, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      this.begin();
    });
  }

  private begin(): void {
    if (this.waiting.size === 0 || this.underWay >= MAX_READS) return;
    const earlyMs = this.underWay === 0 ? 0 : this.begunAt + this.slowMs - performance.now();
    if (earlyMs > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.begin();
      }, earlyMs).unref();
      return;
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const names = [...this.waiting.keys()].slice(0, MAX_NAMES);
    const asked = new Map(names.map((name) => [name, this.waiting.get(name) ?? []]));
    for (const name of names) this.waiting.delete(name);
    this.underWay++;
    this.begunAt = performance.now();
    void this.answer(asked).finally(() => {
      this.underWay--;
      this.begin();
    });
  }

  private async answer(asked: ReadonlyMap<string, Waiting<Answer>[]>): Promise<void> {
    try {
      const found = await this.read([...asked.keys()]);
      for (const [name, callers] of asked) for (const { resolve } of callers) resolve(found.get(name) ?? null);
    } catch (error) {
      for (const callers of asked.values()) for (const { reject } of callers) reject(error);
    }
  }
}
