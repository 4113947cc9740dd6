import { setTimeout as delay } from 'node:timers/promises';

export interface PushRunsOptions {
  /** Requests a run of the account. */
  run: (account: string, by: string) => Promise<void>;
  /** A run that could not be requested. The push itself was stored. */
  failed: (account: string, error: unknown) => void;
}

/**
 * Requests a run after a push, at most one of an account in each period. A push within the period is not forgotten: its run is
 * requested when the period ends, once for all of them, so the newest state is always compared.
 */
export class PushRuns {
  /** The accounts whose period has not ended, and who pushed within it; null: nobody. */
  private readonly waiting = new Map<string, { by: string | null }>();
  private readonly closed = new AbortController();

  constructor(private readonly options: PushRunsOptions) {}

  /** Returns at once. */
  pushed(account: string, by: string, everySeconds: number): void {
    const period = this.waiting.get(account);
    if (period === undefined) void this.runsOf(account, by, everySeconds);
    else period.by = by;
  }

  close(): void {
    this.closed.abort();
  }

  /** Ends with the first period in which nobody pushed. */
  private async runsOf(account: string, first: string, everySeconds: number): Promise<void> {
    const { signal } = this.closed;
    for (let by: string | null = first; by !== null && !signal.aborted;) {
      const period: { by: string | null } = { by: null };
      this.waiting.set(account, period);
      await this.options.run(account, by).catch((error: unknown) => this.options.failed(account, error));
      await delay(everySeconds * 1000, undefined, { signal, ref: false }).catch(() => {});
      ({ by } = period);
    }
    this.waiting.delete(account);
  }
}
