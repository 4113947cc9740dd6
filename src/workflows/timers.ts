import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

interface Running {
  atMs: number;
  scope: CancellationScope;
}

/** A set of named timers. */
export class Timers<Name extends string> {
  private readonly running = new Map<Name, Running>();

  /**
   * @param fired is called when a timer fires
   * @param summaryOf what the Web UI shows of a timer
   */
  constructor(
    private readonly fired: (name: Name, atMs: number) => void,
    private readonly summaryOf: (name: Name, atMs: number) => string,
  ) {}

  /** Makes exactly these timers run. A running timer with the same time is kept. */
  set(wanted: readonly { name: Name; atMs: number }[], nowMs: number): void {
    for (const [name, { atMs, scope }] of this.running) {
      if (wanted.some((each) => each.name === name && each.atMs === atMs)) continue;
      this.running.delete(name);
      scope.cancel();
    }
    for (const { name, atMs } of wanted) {
      if (!this.running.has(name)) void this.run(name, atMs, Math.max(atMs - nowMs, 1));
    }
  }

  private async run(name: Name, atMs: number, waitMs: number): Promise<void> {
    const scope = new CancellationScope();
    this.running.set(name, { atMs, scope });
    try {
      await scope.run(async () => sleep(waitMs, { summary: this.summaryOf(name, atMs) }));
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    }
    this.running.delete(name);
    this.fired(name, atMs);
  }
}
