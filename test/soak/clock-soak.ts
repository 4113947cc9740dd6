import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import { workflowBundle } from '../integration/support/workflows.js';
import { nothing, sum, describeResult, type SoakResult } from './clock-result.js';
import { ClockRound, TooBusy, type DueWindow, type RoundKind } from './clock-round.js';

export interface SoakOptions {
  temporal: { address: string; namespace: string };
  /** An empty database for the soak. */
  databaseUrl: string;
  workflows: number;
  /** Played in turn until `untilMs`, each at least once. */
  kinds: readonly RoundKind[];
  /** Milliseconds since the epoch. */
  untilMs: number;
  /** Moved later if the machine is too busy. */
  window: DueWindow;
  report: (line: string) => void;
}

/**
 * If the first runs take longer than this, the machine is too busy for a soak; a tick must lie within the shortest
 * interval.
 */
const LATEST_WINDOW_MS = 60_000;

/** Late enough for the first runs to end on a busy machine, and wide enough for timers to fire one by one. */
export function ampleWindow(workflows: number): DueWindow {
  const fromMs = 10_000 + workflows * 200;
  return { fromMs, toMs: fromMs + 5_000 + workflows * 50 };
}

/**
 * Lets timers fire on uncached workflows while these are queried, round after round, and checks the histories: one run
 * serves every tick in time, no workflow task fails, and every history replays.
 */
export async function soakClock(options: SoakOptions): Promise<SoakResult> {
  const { temporal, databaseUrl, workflows, kinds, untilMs, report } = options;
  await migrateLedger(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-soak-'));
  const connection = await Connection.connect({ address: temporal.address });
  const ledger = createLedger(databaseUrl);
  try {
    const codePath = join(folder, 'workflow-bundle.js');
    await writeFile(codePath, (await workflowBundle()).code);
    const client = new Client({ connection, namespace: temporal.namespace });
    const shared = { client, ledger, workflows, worker: { ...temporal, ledgerUrl: databaseUrl, codePath } };
    let { window } = options;
    let total = nothing();
    for (let round = 0; round < kinds.length || Date.now() < untilMs;) {
      const kind = kinds[round % kinds.length] ?? 'late';
      // A killed worker leaves its tasks to timeouts; one that ends in order returns them.
      const endsBy = Math.floor(round / kinds.length) % 2 === 0 ? 'SIGTERM' : 'SIGKILL';
      const result = await new ClockRound({ ...shared, window, kind, endsBy }).play().catch((error: unknown) => {
        if (!(error instanceof TooBusy) || window.fromMs > LATEST_WINDOW_MS) throw error;
        return null;
      });
      if (result === null) {
        window = { fromMs: window.fromMs * 2, toMs: window.toMs * 2 };
        report(`The machine is busy: the timers are due ${window.fromMs / 1000} s after the start from now on.`);
        continue;
      }
      total = sum(total, result);
      round += 1;
      report(`round ${round} (${kind}, worker ended by ${endsBy}): ${describeResult(result)}`);
    }
    return total;
  } finally {
    await ledger.close();
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  }
}
