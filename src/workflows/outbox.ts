import { isCancellation, log } from '@temporalio/workflow';
import type { RecordRequest } from '../activities/activity-messages.js';
import type { RecordedRun } from '../domain/run.js';
import { recording } from './proxies.js';

/** Above it the oldest failed runs give way: history and arguments have limits, and a ledger away this long is known. */
const MAX_ITEMS = 500;

/**
 * What the ledger must still learn, in order. It is part of the workflow's durable state, so a ledger that is away for
 * hours delays the record and loses nothing.
 */
export class Outbox {
  private readonly answers = new Map<number, RecordedRun>();

  /** The account's last run in the ledger, once it was told of the account. */
  lastRunNumber: number | null = null;

  /** `items` is the workflow's carried state and is changed in place. */
  constructor(readonly items: RecordRequest[]) {}

  get size(): number {
    return this.items.length;
  }

  push(item: RecordRequest): void {
    if (this.items.length >= MAX_ITEMS) {
      const oldest = this.items.findIndex(({ kind }) => kind === 'failure');
      if (oldest >= 0) this.items.splice(oldest, 1);
      log.error('The outbox is full; the oldest failed run will not be in the ledger', { items: MAX_ITEMS });
    }
    this.items.push(item);
  }

  unrecordedRuns(): number {
    return this.items.filter(({ kind }) => kind === 'failure').length;
  }

  /** Offers all items in order. False: the ledger did not take one; it and those behind it stay. */
  async flush(): Promise<boolean> {
    for (let item = this.items[0]; item !== undefined; item = this.items[0]) {
      try {
        const { run, lastRunNumber } = await recording.record.executeWithOptions({ summary: summaryOf(item) }, [item]);
        if (run !== null) this.answers.set(run.runNumber, run);
        this.lastRunNumber = lastRunNumber ?? this.lastRunNumber;
      } catch (error) {
        if (isCancellation(error)) throw error;
        log.warn('The ledger did not take a record; it stays in the outbox', { kind: item.kind });
        return false;
      }
      this.items.shift();
    }
    return true;
  }

  /** The ledger's answer to a failed run, once. */
  takeAnswer(runNumber: number): RecordedRun | null {
    const answer = this.answers.get(runNumber) ?? null;
    this.answers.clear();
    return answer;
  }
}

function summaryOf(item: RecordRequest): string {
  switch (item.kind) {
    case 'register':
      return 'register account';
    case 'deactivate':
      return 'account stopped';
    case 'pause':
      return item.paused ? `paused by ${item.by}` : `resumed by ${item.by}`;
    case 'failure':
      return `run ${item.key.runNumber} failed: ${item.failure.kind}`;
  }
}
