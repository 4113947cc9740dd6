import { acceptDiscrepancies } from './write/acceptances.js';
import { resolveDiscrepancies } from './write/resolutions.js';
import { recordCancellation, recordPause, recordRefusal, recordRepair } from './write/account-changes.js';
import { actOf } from './read/acts.js';
import { findAccounts, listAccounts } from './read/account-totals.js';
import { Database, type DatabaseOptions } from './store/database.js';
import { deploymentIdOf } from './read/deployment.js';
import { expectSign } from './write/expected-sign.js';
import { readHeads } from './read/heads.js';
import { recordFinding } from './write/inspections.js';
import {
  acknowledgeIntervention,
  addInterventionReason,
  openIntervention,
  recordNotification,
  snoozeIntervention,
} from './write/interventions.js';
import type { GateFeed } from './contract/gate.js';
import type { Ledger } from './contract/ledger.js';
import { ListeningGateFeed } from './read/gate-feed.js';
import { acknowledgedBy, openInterventionOf, streakOf } from './read/known-account.js';
import { callsNamedIn, listChannelTotals, listNotifications } from './read/notifications.js';
import { pushedStateOf } from './read/pushed-state.js';
import { listDiscrepancies, listEvents, listInterventions, listRuns } from './read/listings.js';
import { requireCurrentSchema } from './migrate/migrate.js';
import { listOverview } from './read/overview.js';
import { recordDelivery, recordDeliveryFailure } from './write/deliveries.js';
import { wantNotification } from './write/notifications.js';
import { pruneEvidence, PruneProgress } from './write/prune.js';
import { storePush } from './write/pushed-state.js';
import { RecentBodies } from './store/recent-bodies.js';
import { recordFailure } from './write/record-failure.js';
import { recordVerdict } from './write/record-verdict.js';
import { deactivateAccount, registerAccount } from './write/registration.js';
import { spendBudget } from './write/request-budget.js';
import { SharedRead } from './read/shared-read.js';
import { encodeSnapshot, putKnownSnapshots, storeSnapshots, type EncodedSnapshot } from './write/snapshots.js';
import { loadObservations, loadRun, storedSides } from './read/stored-observations.js';
import { readTimeline } from './read/timeline.js';
import { listWorkers } from './read/workers.js';
import { forgetWorker, reportWorker } from './write/workers.js';
import { verifyLedger } from './verify/verify.js';

export { ensureDatabase, migrateLedger } from './migrate/migrate.js';

/**
 * The ledger in the PostgreSQL database of the URL. It connects on first use; its schema must exist (`migrateLedger`).
 * Throws FailureError of kind `configuration` if the URL cannot be parsed; no error contains the URL.
 */
export function createLedger(url: string, options: DatabaseOptions = {}): Ledger {
  const database = new Database(url, options);
  const recent = new RecentBodies();
  const feeds = new Set<GateFeed>();
  const pruned = new PruneProgress();
  const totals = new SharedRead(async (names) =>
    database.read('read the account', async (session) => findAccounts(session, names)),
  );
  const putSnapshots: Ledger['putSnapshots'] = async (key, observation, snapshots) => {
    if (snapshots.length === 0) return [];
    const encoded: EncodedSnapshot[] = [];
    for (const taken of snapshots) encoded.push(await encodeSnapshot(taken, recent));
    const doing = 'store the snapshot';
    const receipts = encoded.every(({ isKnown }) => isKnown)
      ? await database.read(doing, async (session) => putKnownSnapshots(session, key, observation, encoded))
      : null;
    return (
      receipts ?? database.transaction(doing, async (session) => storeSnapshots(session, key, observation, encoded))
    );
  };
  return {
    registerAccount: async (request) =>
      database.transaction('register the account', async (session) => registerAccount(session, request)),
    deactivateAccount: async (name, by, via) =>
      database.transaction('deactivate the account', async (session) => deactivateAccount(session, name, by, via)),
    recordCancellation: async (request) =>
      database.transaction('record the cancellation', async (session) => recordCancellation(session, request)),
    recordRepair: async (request) =>
      database.transaction('record the repair', async (session) => recordRepair(session, request)),
    recordRefusal: async (request) =>
      database.transaction('record what was refused', async (session) => recordRefusal(session, request)),
    expectSign: async (name, withinSeconds) =>
      database.read('note a sign of life', async (session) => expectSign(session, name, withinSeconds)),
    streak: async (name) => database.read('read the streak', async (session) => streakOf(session, name)),

    putSnapshot: async (key, observation, taken) => {
      const [receipt] = await putSnapshots(key, observation, [taken]);
      if (receipt === undefined) throw new TypeError('a stored snapshot has no receipt');
      return receipt;
    },
    putSnapshots,
    storedSides: async (key, observation) =>
      database.read('find the snapshots', async (session) => storedSides(session, key, observation)),
    loadRun: async (key) => database.read('load the run', async (session) => loadRun(session, key, recent)),
    loadObservations: async (key) =>
      database.read('load the observations', async (session) => loadObservations(session, key, recent)),

    recordVerdict: async (record) =>
      database.transaction('record the verdict', async (session) => recordVerdict(session, record)),
    recordFailure: async (record) =>
      database.transaction('record the failure', async (session) => recordFailure(session, record)),
    recordPause: async (change) =>
      database.transaction('record the pause', async (session) => recordPause(session, change)),

    recordFinding: async (name, finding) =>
      database.transaction('record what the key may do', async (session) => recordFinding(session, name, finding)),

    openIntervention: async (request) =>
      database.transaction('open the intervention', async (session) => openIntervention(session, request)),
    addInterventionReason: async (request) =>
      database.transaction('add the reason', async (session) => addInterventionReason(session, request)),
    recordNotification: async (request) =>
      database.transaction('record the notification', async (session) => recordNotification(session, request)),
    snoozeIntervention: async (request) =>
      database.transaction('snooze the intervention', async (session) => snoozeIntervention(session, request)),
    acknowledgeIntervention: async (request) =>
      database.transaction('acknowledge the intervention', async (session) =>
        acknowledgeIntervention(session, request),
      ),
    openInterventionOf: async (name) =>
      database.read('find the intervention', async (session) => openInterventionOf(session, name)),
    acknowledgedBy: async (id) =>
      database.read('find the acknowledgement', async (session) => acknowledgedBy(session, id)),

    acceptDiscrepancies: async (request) =>
      database.transaction('accept discrepancies', async (session) => acceptDiscrepancies(session, request)),

    actOf: async (name, requestId, interventionId) =>
      database.read('find an act', async (session) => actOf(session, name, requestId, interventionId)),

    resolveDiscrepancies: async (request) =>
      database.transaction('resolve discrepancies', async (session) => resolveDiscrepancies(session, request)),

    wantNotification: async (wanted) => wantNotification(database, wanted),
    recordDelivery: async (batch, receipt) => recordDelivery(database, batch, receipt),
    recordDeliveryFailure: async (batch, failure) => recordDeliveryFailure(database, batch, failure),
    notifications: async (name, limit) =>
      database.read('list notifications', async (session) => listNotifications(session, name, limit)),
    namedIn: async (channel, receipt) =>
      database.read('find the calls of a message', async (session) => callsNamedIn(session, channel, receipt)),
    channelTotals: async () => database.read('read the totals of channels', listChannelTotals),

    storePush: async (push) =>
      database.transaction('store the pushed state', async (session) => storePush(session, push)),
    pushedState: async (name) =>
      database.read('read the pushed state', async (session) => pushedStateOf(session, name)),

    reportWorker: async (report) =>
      database.transaction('note what a worker knows', async (session) => reportWorker(session, report)),
    forgetWorker: async (worker) =>
      database.transaction('note the end of a worker', async (session) => forgetWorker(session, worker)),
    workers: async (taskQueue) => database.read('list the workers', async (session) => listWorkers(session, taskQueue)),

    accounts: async () => database.read('list the accounts', async (session) => listAccounts(session)),
    account: async (name) => totals.get(name),
    overview: async (name) => database.read('list the accounts', async (session) => listOverview(session, name)),
    timeline: async (name, request) =>
      database.read('read the timeline', async (session) => readTimeline(session, name, request)),
    runs: async (name, page) => database.read('list runs', async (session) => listRuns(session, name, page)),
    events: async (name, page) => database.read('list events', async (session) => listEvents(session, name, page)),
    discrepancies: async (name, page) =>
      database.read('list discrepancies', async (session) => listDiscrepancies(session, name, page)),
    interventions: async (filter = {}) =>
      database.read('list interventions', async (session) => listInterventions(session, filter)),

    verify: async (name, options) =>
      database.readConsistently('be verified', async (session) => verifyLedger(session, name ?? null, options)),
    heads: async (name) => database.read('read its heads', async (session) => readHeads(session, name ?? null)),
    pruneEvidence: async (keepDays) => pruneEvidence(database, keepDays, pruned),
    spendBudget: async (exchange, costMs) =>
      database.read('share the request budget', async (session) => spendBudget(session, exchange, costMs)),
    deploymentId: async () => database.read('read which deployment it is', deploymentIdOf),
    followGates: (follower) => {
      const feed = new ListeningGateFeed(url, follower, options);
      feeds.add(feed);
      return feed;
    },
    ping: async () =>
      database.read('be reached', async (session) => requireCurrentSchema(session, database.description)),
    close: async () => {
      await Promise.all([...feeds].map(async (feed) => feed.close()));
      await database.close();
    },
  };
}
