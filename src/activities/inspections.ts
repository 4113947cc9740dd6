import type { ExchangeInspector, ReadOptions } from '../exchange/exchange-reader.js';
import type { ActivityDependencies } from './dependencies.js';

/** How often the powers of a key are read. A change is detected after at most a day. */
const EVERY_MS = 24 * 60 * 60 * 1000;
/** The interval after a failed question. */
const AGAIN_AFTER_MS = 60 * 60 * 1000;

type Inspect = (account: string, reader: ExchangeInspector, options: ReadOptions) => Promise<void>;

/**
 * Reads what the account's key may do, once a day and immediately for a new key, and records it in the ledger. It is a part
 * of reading the account and not a separate activity, so it adds nothing to workflow history. Never throws: a run must not
 * fail because its key could not be audited.
 */
export function createInspections({
  ledger,
  redact,
  now,
}: Pick<ActivityDependencies, 'ledger' | 'redact' | 'now'>): Inspect {
  // By reader, because a new key comes with a new worker process, which has new readers.
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
        ...(reader.environment === undefined ? {} : { environment: reader.environment }),
        key: { ...key, note: redact(key.note) },
      });
      if (key.answer !== 'failed') dueAt.set(reader, now() + EVERY_MS);
    } catch {
      // The ledger is unavailable, which the run itself detects, or the read was cancelled.
    }
  };
}
