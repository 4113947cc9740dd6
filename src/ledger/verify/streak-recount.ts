import { z } from 'zod';
import type { FaultList } from './fault-list.js';
import { COUNTED_BY_LEDGER } from '../write/record-failure.js';

/**
 * Recounts an account's streak of failed runs from its events, in order.
 *
 * Failed runs of earlier versions carry the count of the account's workflow, which could be wrong after the ledger had
 * been unreachable. The recount adopts the count of such an event without comparing it. Counts of the ledger itself,
 * marked by `counted_by`, are compared with the recount.
 */
export class StreakRecount {
  failures = 0;
  called = false;
  /** Sequence of a failed run that reached the threshold, until the next event, which must call a human. */
  #due: number | null = null;

  constructor(private readonly faults: FaultList) {}

  /** Must be called for each event, in order. */
  add(sequence: number, type: string, payload: unknown): void {
    const isCall = type === 'MANUAL_INTERVENTION' && thresholdCall.safeParse(payload).success;
    if (!isCall) this.end();
    if (type === 'RECONCILIATION_COMPLETED') {
      this.failures = 0;
      this.called = false;
    } else if (type === 'RECONCILIATION_FAILED') this.#fail(sequence, counted.safeParse(payload).data);
    else if (isCall) this.#call(sequence, counted.safeParse(payload).data);
  }

  /** Must be called after the last event. */
  end(): void {
    if (this.#due !== null)
      this.faults.add(this.#due, 'reaches the threshold of failed runs, and no event calls a human');
    this.#due = null;
  }

  #fail(sequence: number, reported: Counted | undefined): void {
    this.failures += 1;
    if (reported?.counted_by !== COUNTED_BY_LEDGER) {
      this.failures = reported?.consecutive_failures ?? this.failures;
      return;
    }
    this.#compare(sequence, reported);
    if (this.failures >= reported.threshold && !this.called) this.#due = sequence;
  }

  #call(sequence: number, reported: Counted | undefined): void {
    this.#due = null;
    if (reported?.counted_by === COUNTED_BY_LEDGER) {
      this.#compare(sequence, reported);
      if (this.called) this.faults.add(sequence, 'calls a human for a streak of failed runs that has called already');
    }
    this.called = true;
  }

  #compare(sequence: number, reported: Counted): void {
    if (reported.consecutive_failures === this.failures) return;
    this.faults.add(
      sequence,
      `reports ${reported.consecutive_failures} failed runs in a row; counting again gives ${this.failures}`,
    );
  }
}

const thresholdCall = z.object({ action: z.literal('RECONCILIATION_FAILURE_THRESHOLD') });
const counted = z.object({
  consecutive_failures: z.number(),
  threshold: z.number(),
  counted_by: z.string().optional(),
});
type Counted = z.infer<typeof counted>;
