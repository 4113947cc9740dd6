import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from './ledger/contract/ledger.js';
import type { WorkerReport } from './ledger/contract/workers.js';

const REPORT_EVERY_MS = 15_000;
const FORGOTTEN_WITHIN_MS = 2_000;

export interface RegularReports {
  now(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Tells the ledger which accounts this worker knows, at once and then regularly, so that `plumbline apply` can refuse an account
 * that no worker knows. Never throws: while the ledger is unavailable, runs fail anyway.
 */
export function reportRegularly(
  ledger: Pick<Ledger, 'reportWorker' | 'forgetWorker'>,
  known: () => Omit<WorkerReport, 'worker'>,
): RegularReports {
  const worker = `${process.pid}@${hostname()} ${randomBytes(4).toString('hex')}`;
  let work = Promise.resolve();
  const now = async (): Promise<void> => {
    work = work.then(async () => ledger.reportWorker({ worker, ...known() })).catch(() => undefined);
    return work;
  };
  const timer = setInterval(() => void now(), REPORT_EVERY_MS);
  timer.unref();
  void now();
  return {
    now,
    async close() {
      clearInterval(timer);
      // Without the ledger the row counts for a minute more.
      const forgotten = work.then(async () => ledger.forgetWorker(worker)).catch(() => undefined);
      await Promise.race([forgotten, delay(FORGOTTEN_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}
