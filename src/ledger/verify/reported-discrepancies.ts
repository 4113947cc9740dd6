/** The event that ends a run, and the run's row; null if an earlier version recorded it. */
export interface RunPlace {
  sequence: number;
  row: number | null;
}

/** What chained records report about an open discrepancy. */
export interface ReportedDiscrepancy {
  id: string;
  /** ISO 8601; null if an earlier version recorded it and no anchor holds it. */
  openedAt: string | null;
  /** Row of the run that opened it; null in the same case. */
  openedRow: number | null;
  /** Sequence of the event that reports its present values. */
  lastCall: number;
  /** Digest of its present words, and the sequence of the event that reports it; null in the same case. */
  words: { digest: string; sequence: number } | null;
  /** Null if nobody accepts it. */
  accepted: ReportedAcceptance | null;
  resolved: { at: string; run: RunPlace } | null;
}

/** Times are ISO 8601. */
export interface ReportedAcceptance {
  by: string;
  note: string;
  until: string;
  at: string;
}

/**
 * The discrepancies of an account as its events report them, in order. A resolved one is returned for comparison and
 * then forgotten, so memory grows with the number of open ones and not with the history.
 */
export class ReportedDiscrepancies {
  /** How many events opened a discrepancy. */
  opened = 0;
  readonly #open = new Map<string, ReportedDiscrepancy>();
  /** Resolved by the last run: later events of the same run may still report them. */
  #justResolved = new Map<string, ReportedDiscrepancy>();
  #resolved: ReportedDiscrepancy[] = [];

  add(discrepancy: ReportedDiscrepancy): void {
    this.opened += 1;
    this.#open.set(discrepancy.id, discrepancy);
  }

  find(id: string): ReportedDiscrepancy | undefined {
    return this.#open.get(id) ?? this.#justResolved.get(id);
  }

  resolve(discrepancy: ReportedDiscrepancy, resolved: NonNullable<ReportedDiscrepancy['resolved']>): void {
    discrepancy.resolved = resolved;
    this.#open.delete(discrepancy.id);
    this.#justResolved.set(discrepancy.id, discrepancy);
  }

  /** Must be called for each event that ends a run. */
  nextRun(): void {
    if (this.#justResolved.size === 0) return;
    this.#resolved.push(...this.#justResolved.values());
    this.#justResolved = new Map();
  }

  /** Returns the resolved ones that no later event reports again. */
  takeResolved(): ReportedDiscrepancy[] {
    const taken = this.#resolved;
    this.#resolved = [];
    return taken;
  }

  open(): ReportedDiscrepancy[] {
    return [...this.#open.values()];
  }
}
