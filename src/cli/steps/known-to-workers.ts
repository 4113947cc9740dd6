import { setTimeout as delay } from 'node:timers/promises';
import type { PlumblineClient } from '../../client.js';
import type { PlumblineConfig } from '../../config/config.js';
import type { Ledger } from '../../ledger/contract/ledger.js';
import type { Cli } from '../context/cli.js';
import { CommandError, reportOf, type ErrorReport } from '../context/errors.js';
import type { WorkerReport } from '../../ledger/contract/workers.js';
import { withoutIdle } from '../versions/worker-versions.js';

export interface Knowing {
  workers: number;
  /** Accounts that no worker knows. Empty if no worker reports, because then nothing is known. */
  missing: string[];
  /** Accounts that some workers know, and how many. */
  partly: { account: string; by: number }[];
}

export function whoKnows(accounts: readonly string[], workers: readonly Pick<WorkerReport, 'accounts'>[]): Knowing {
  const sets = workers.map((worker) => new Set(worker.accounts));
  if (sets.length === 0) return { workers: 0, missing: [], partly: [] };
  const counted = accounts.map((account) => ({ account, by: sets.filter((set) => set.has(account)).length }));
  return {
    workers: sets.length,
    missing: counted.filter(({ by }) => by === 0).map(({ account }) => account),
    partly: counted.filter(({ by }) => by > 0 && by < sets.length),
  };
}

interface UnknownParts {
  ledger: Pick<Ledger, 'workers'>;
  client: PlumblineClient;
  /** Takes the refused accounts. */
  stuck: Map<string, ErrorReport>;
  cli: Cli;
}

/** How long a worker may take to notice that the file has changed, and to report. */
const NOTICED_WITHIN_MS = 6_000;
const ASK_EVERY_MS = 500;

/** Refuses accounts that no running worker knows, because their runs would only fail. Without any worker, runs wait for one. */
export async function refuseUnknown(
  config: PlumblineConfig,
  { ledger, client, stuck, cli }: UnknownParts,
): Promise<void> {
  const wanted = config.accounts.filter(({ enabled }) => enabled).map(({ name }) => name);
  const { missing, partly, workers } = await untilKnown(async () => {
    const [reports, polling] = await Promise.all([ledger.workers(client.taskQueue), client.workers()]);
    // A worker whose version is not current runs, but takes no account.
    return whoKnows(wanted, withoutIdle(reports, polling));
  });
  for (const account of missing) {
    const names =
      workers === 1 ? 'the running worker does not know it' : `none of the ${workers} running workers knows it`;
    const error = new CommandError(`${account}: ${names}, so each of its runs would fail`, UNKNOWN_REMEDY);
    if (!stuck.has(account)) stuck.set(account, reportOf(error));
  }
  for (const { account, by } of partly) {
    cli.note(`${cli.style.warning('warning:')} ${account}: only ${by} of the ${workers} running workers know it`);
  }
}

const UNKNOWN_REMEDY =
  'give the worker the same file; it reads a changed one by itself, and its log says why it refuses one. Then apply again';

async function untilKnown(ask: () => Promise<Knowing>): Promise<Knowing> {
  const until = performance.now() + NOTICED_WITHIN_MS;
  for (;;) {
    const known = await ask();
    if ((known.missing.length === 0 && known.partly.length === 0) || performance.now() > until) return known;
    await delay(ASK_EVERY_MS);
  }
}
