/** A check that did not hold. */
export interface Violation {
  check: string;
  account: string | null;
  text: string;
}

/** What was checked, how often, and what did not hold. */
export class Findings {
  readonly violations: Violation[] = [];
  /** Why an account is bricked, by account. */
  readonly bricked = new Map<string, string>();
  private readonly counts = new Map<string, { checked: number; violated: number }>();

  /** Counts one check of this name. `text` describes the violation. */
  expect(check: string, holds: boolean, account: string | null, text: string): void {
    const count = this.countOf(check);
    count.checked += 1;
    if (holds) return;
    count.violated += 1;
    this.violations.push({ check, account, text });
  }

  /** Marks an account that no longer reconciles, or will not after the next restart of its worker. */
  brick(account: string, why: string): void {
    this.bricked.set(account, [this.bricked.get(account), why].filter(Boolean).join('; '));
  }

  /** Runs a group of checks. If it fails to run, that is a violation too, and the other groups still run. */
  async group(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.expect(name, false, null, `could not be checked: ${message.slice(0, 600)}`);
    }
  }

  table(): { check: string; checked: number; violated: number }[] {
    return [...this.counts].map(([check, count]) => ({ check, ...count }));
  }

  private countOf(check: string): { checked: number; violated: number } {
    const known = this.counts.get(check);
    if (known !== undefined) return known;
    const fresh = { checked: 0, violated: 0 };
    this.counts.set(check, fresh);
    return fresh;
  }
}
