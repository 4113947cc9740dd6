import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@plumbline/primitives/free-port';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { serve, type Served, type ServedLedger } from '../../src/http/serve.js';
import type { AccountTotals, Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { WatchView } from '../../src/watch/finding.js';
import { serveWorkerMetrics } from '../../src/worker-metrics.js';
import { drift, recordScenario, timedOut, verdict } from '../http/ledger-scenario.js';
import { CHANNEL_DOWN, toSend, wanted } from '../ledger/wanted.js';
import { createTestDatabase } from '../support/postgres.js';
import { readRepositoryFile } from './compose-file.js';

export const STOPPED = 'stopped';
/** The account that has drifted and failed, and has a dead man's switch. */
export const TROUBLED = 'drifting';
const ALIVE = ['late', 'blind', 'wedged', 'held', 'unreached'] as const;
const MINUTE_MS = 60_000;

export interface ScrapedStack {
  /** `host:port` by job. */
  targets: Record<string, string[]>;
  /** Another run, another failed message, a failed ping: what rates need between two scrapes. */
  moveOn(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a Prometheus scrapes, with every kind of trouble in it: two `serve` on one real ledger, one of which reaches Temporal;
 * a worker; and one of each that is down.
 */
export async function startScrapedStack(): Promise<ScrapedStack> {
  const database = await createTestDatabase();
  await migrateLedger(database.url);
  const ledger = createLedger(database.url);
  await recordTrouble(ledger);
  const log = createLogger({ name: 'serve', level: 'silent', redactor: createRedactor() });
  const aged: ServedLedger = { ...ledger, accounts: async () => (await ledger.accounts()).map(inTime) };
  const start = async (watch: WatchView): Promise<Served> =>
    serve({ ledger: aged, host: '127.0.0.1', port: 0, version: '1.2.3', log, watch });
  const servers = [await start(watching), await start(cutOff)];

  const sdk = createServer((_request, response) => response.end(readRepositoryFile(SDK_METRICS)));
  sdk.listen(0, '127.0.0.1');
  await once(sdk, 'listening');
  const { port } = sdk.address() as AddressInfo;
  const worker = await serveWorkerMetrics({
    host: '127.0.0.1',
    port: 0,
    sdkUrl: `http://127.0.0.1:${port}/metrics`,
    heartbeats: [TROUBLED],
  });

  const observe = (): void => ['exchange', 'internal', 'judge'].forEach((phase) => worker.observe(phase, 0.2));
  // A series that is new has not increased yet.
  observe();

  let runNumber = 5;
  return {
    targets: {
      plumbline: [...servers.map(({ url }) => new URL(url).host), `127.0.0.1:${await freePort()}`],
      'plumbline-worker': [new URL(worker.url).host, `127.0.0.1:${await freePort()}`],
    },
    async moveOn() {
      observe();
      worker.heartbeatFailed(TROUBLED);
      await failMessage(ledger, 'unreached', runNumber);
      await ledger.recordVerdict(verdict(TROUBLED, runNumber++, drift));
      await ledger.recordFailure(timedOut(TROUBLED, runNumber++, 1));
      await ledger.recordFailure(timedOut(TROUBLED, runNumber++, 2));
    },
    async close() {
      for (const server of servers) await server.close();
      await worker.close();
      sdk.close();
      await ledger.close();
      await database.drop();
    },
  };
}

/** Recorded from a worker that ran, because the SDK has these metrics only after it has done work. */
const SDK_METRICS = 'test/deploy/scrapes/temporal-sdk.prom';

const watching: WatchView = {
  findingOf: (account) =>
    account === 'wedged'
      ? { kind: 'task_failing', since: new Date(), text: 'its workflow fails its tasks', remedy: 'repair it' }
      : null,
  temporalUp: () => true,
};
const cutOff: WatchView = { findingOf: () => null, temporalUp: () => false };

/** The times for which a test cannot wait. */
function inTime(totals: AccountTotals): AccountTotals {
  const ago = (minutes: number): Date => new Date(totals.readAt.getTime() - minutes * MINUTE_MS);
  if (totals.account === 'late') return { ...totals, expectedAt: ago(5) };
  if (totals.account === 'blind') return { ...totals, lastSuccessAt: ago(10_000) };
  if (totals.undeliveredSince !== null) return { ...totals, undeliveredSince: ago(5) };
  return totals;
}

async function recordTrouble(ledger: Ledger): Promise<void> {
  await recordScenario(ledger);
  for (const account of [...ALIVE, STOPPED]) {
    await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: DEFAULT_POLICY });
    await ledger.recordVerdict(verdict(account, 1));
  }
  await ledger.recordPause({ account: 'held', paused: true, by: 'ada', reason: 'maintenance', requestId: 'pause-1' });
  await failMessage(ledger, 'unreached', 1);
  const batch = await toSend(ledger, wanted(TROUBLED, { interventionId: 'intervention-1', channel: 'phone' }));
  await ledger.recordDelivery(batch, { id: 'receipt', thread: null });
  await leaveEverythingBad(ledger);
}

/** An account that was stopped with all that could raise an alarm. */
async function leaveEverythingBad(ledger: Ledger): Promise<void> {
  await ledger.recordVerdict(verdict(STOPPED, 2, drift));
  for (const streak of [1, 2, 3]) await ledger.recordFailure(timedOut(STOPPED, 2 + streak, streak));
  await failMessage(ledger, STOPPED, 1);
  await ledger.recordPause({ account: STOPPED, paused: true, by: 'ada', reason: 'maintenance', requestId: 'pause-2' });
  await ledger.deactivateAccount(STOPPED, 'ada');
}

async function failMessage(ledger: Ledger, account: string, number: number): Promise<void> {
  const interventionId = `call-${account}-${number}`;
  const reasons = [{ action: 'POSITION_OPENED_EXTERNALLY' as const, text: '0.5 BTC', at: new Date().toISOString() }];
  await ledger.openIntervention({ account, interventionId, reasons });
  const id = `${interventionId}/chat/called/1`;
  await ledger.recordDeliveryFailure(await toSend(ledger, wanted(account, { interventionId, id })), CHANNEL_DOWN);
}
