import { isCancellation, log } from '@temporalio/workflow';
import type { InterventionAnswer, InterventionRecord } from '../activities/activity-messages.js';
import { intervening } from './proxies.js';

/**
 * The records of one intervention, for the ledger. They are written in order. Messages do not wait for them, because an
 * unavailable database must not delay a call.
 */
export class InterventionRecords {
  private chain: Promise<void> = Promise.resolve();
  /** Those that the ledger does not have yet, in order. */
  readonly waiting: InterventionRecord[] = [];

  /** @param answered is called with the ledger's answer to each record; workers of earlier versions give none */
  constructor(
    private readonly answered: (request: InterventionRecord, answer: InterventionAnswer | undefined) => void,
  ) {}

  /** @throws if the ledger refuses it; later records are still written */
  add(request: InterventionRecord): Promise<void> {
    this.waiting.push(request);
    const recording = this.addAfter(this.chain, request);
    this.chain = recording.catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      log.error('The ledger refused a record of the intervention', { kind: request.kind, error });
    });
    return recording;
  }

  /** Ignores the error, because `add` logs it. */
  addQuietly(request: InterventionRecord): Promise<void> {
    return this.add(request).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
  }

  /** Resolves when every record so far is written or refused. */
  written(): Promise<void> {
    return this.chain;
  }

  private async addAfter(earlier: Promise<void>, request: InterventionRecord): Promise<void> {
    await earlier;
    try {
      this.answered(request, await intervening.recordIntervention(request));
    } finally {
      this.waiting.splice(this.waiting.indexOf(request), 1);
    }
  }
}
