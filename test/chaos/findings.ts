/** Something that must hold and did not. */
export interface Violation {
  check: string;
  account: string | null;
  text: string;
}

/** What was checked, how often, and what did not hold. */
export class Findings {
  readonly violations: Violation[] = [];
  /** By account: why it is bricked. */
  readonly bricked = new Map<string, string>();
  private readonly counts = new Map<string, { checked: number; violated: number }>();

  /** Counts one check of this name. `text` says what is wrong where it does not hold. */
  expect(check: string, holds: boolean, account: string | null, text: string): void {
    const count = this.countOf(check);
    count.checked += 1;
    if (holds) return;
    count.violated += 1;
    this.violations.push({ check, account, text });
  }

  /** An account that reconciles no more, or will not after the next restart of its worker. */
  brick(account: string, why: string): void {
    this.bricked.set(account, [this.bricked.get(account), why].filter(Boolean).join('; '));
  }

  /** A group of checks; that it cannot be made is a violation too, and keeps no other from being made. */
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
