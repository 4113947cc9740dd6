import type { ExchangeInspector, ReadOptions } from '../exchange/exchange-reader.js';
import type { ActivityDependencies } from './dependencies.js';

/** How often a key is asked about; a change of it is known a day later at most. */
const EVERY_MS = 24 * 60 * 60 * 1000;
/** How soon it is asked about again after a question that failed. */
const AGAIN_AFTER_MS = 60 * 60 * 1000;

type Inspect = (account: string, reader: ExchangeInspector, options: ReadOptions) => Promise<void>;

/**
 * Finds out, about once a day and for each new key at once, what the key may do, and records it in the ledger. It rides
 * on a read of the account rather than being an activity of its own: nothing of it passes through workflow history, and
 * a clean run stays as small as it was. Never throws: a run must not fail because its key could not be asked about.
 */
export function createInspections({
  ledger,
  redact,
  now,
}: Pick<ActivityDependencies, 'ledger' | 'redact' | 'now'>): Inspect {
  // By reader: a worker with a new key is a new process, with new readers.
  const dueAt = new WeakMap<ExchangeInspector, number>();

  return async (account, reader, options) => {
    const due = dueAt.get(reader) ?? Number.NEGATIVE_INFINITY;
    if (now() < due) return;
    dueAt.set(reader, now() + AGAIN_AFTER_MS);
    try {
      const key = await reader.auditKey(options);
      await ledger.recordFinding(account, {
        exchange: reader.exchangeId,
        verifiedProfile: reader.verifiedProfile,
        key: { ...key, note: redact(key.note) },
      });
      if (key.answer !== 'failed') dueAt.set(reader, now() + EVERY_MS);
    } catch {
      // The ledger is away, which the run itself finds out; or the read was given up.
    }
  };
}
