import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome, RecordedRun } from '../../src/domain/lifecycle/run.js';
import type { AccountTotals, LedgerEvent, RunRow } from '../../src/ledger/contract/ledger.js';
import type { ReconciliationStatus } from '../../src/workflows/messages.js';
import { isTaken, SHARE } from '../support/thorough.js';
import { startCrashingWorker, type CrashingWorker, type CrashPoint } from './support/crashing-worker.js';
import { doge, oneWay } from './support/drift-cases.js';
import { startSimulatedWorld, type SimulatedAccount, type SimulatedWorld } from './support/simulated-world.js';
import { eventually } from './support/world.js';

/** Far above the normal duration: heartbeats and workflow tasks of dead workers time out, on a shared machine. */
const PATIENCE_MS = 300_000;

/** The third run, after two that failed: the threshold is three. */
const RUN = 3;

/** What happens in the third run, and its required result. */
interface Meeting {
  arrange: (account: SimulatedAccount) => Promise<unknown>;
  outcome: Outcome;
  /** Its only intervention. */
  call: { action: string; consecutive_failures?: number; threshold?: number };
}

const garbage: Meeting = {
  arrange: async () => {}, // The exchange continues as before.
  outcome: 'failed',
  call: { action: 'RECONCILIATION_FAILURE_THRESHOLD', consecutive_failures: 3, threshold: 3 },
};
const drift: Meeting = {
  arrange: async ({ hand }) => {
    await hand.clearFaults();
    await hand.post('/sim/orders', { actor: 'manual', symbol: doge, side: 'buy', type: 'market', amount: '300' });
  },
  outcome: 'drifted',
  call: { action: 'POSITION_OPENED_EXTERNALLY' },
};
/** The exchange must be asked what became of the order. */
const missingOrder: Meeting = {
  arrange: async ({ hand }) => {
    await hand.clearFaults();
    await hand.post('/sim/cancel', { client_order_id: 'bot-bid' });
  },
  outcome: 'drifted',
  call: { action: 'ORDER_MISSING_ON_EXCHANGE' },
};

interface Kill extends CrashPoint {
  title: string;
  meeting: Meeting;
  /** Whether the run is in the ledger when the worker has died. */
  recorded: boolean;
}

/** Ordered so that those whose death the server notices last come first. */
const kills: Kill[] = [
  {
    when: 'after',
    what: 'putSnapshots',
    look: 2,
    meeting: missingOrder,
    recorded: false,
    title: 'both sides are stored, before what is missing is explained',
  },
  { when: 'after', what: 'observe', meeting: missingOrder, recorded: true, title: 'it is judged and explained' },
  {
    when: 'after',
    what: 'commit of recordVerdict',
    meeting: missingOrder,
    recorded: true,
    title: 'COMMIT of an explained verdict was sent, its reply unread',
  },
  { when: 'before', what: 'observe', meeting: garbage, recorded: false, title: 'both sides are read' },
  { when: 'before', what: 'observe', look: 2, meeting: drift, recorded: false, title: 'both are read again' },
  { when: 'before', what: 'putSnapshots', meeting: garbage, recorded: false, title: 'the side that answers is stored' },
  { when: 'after', what: 'putSnapshots', meeting: garbage, recorded: false, title: 'the side that answers is stored' },
  { when: 'before', what: 'putSnapshots', meeting: drift, recorded: false, title: 'both sides are stored' },
  {
    when: 'after',
    what: 'putSnapshots',
    look: 2,
    meeting: drift,
    recorded: false,
    title: 'both sides are stored, before they are judged',
  },
  { when: 'after', what: 'observe', meeting: drift, recorded: true, title: 'it is judged' },
  {
    when: 'before',
    what: 'commit of recordVerdict',
    meeting: drift,
    recorded: false,
    title: 'the verdict is committed, all of it written',
  },
  {
    when: 'after',
    what: 'commit of recordVerdict',
    meeting: drift,
    recorded: true,
    title: 'COMMIT of the verdict was sent, its reply unread',
  },
  { when: 'before', what: 'record', meeting: garbage, recorded: false, title: 'the failure is recorded' },
  { when: 'after', what: 'record', meeting: garbage, recorded: true, title: 'the failure is recorded' },
  {
    when: 'after',
    what: 'commit of recordFailure',
    meeting: garbage,
    recorded: true,
    title: 'COMMIT of the failure was sent, its reply unread',
  },
];

/** `npm test` kills at one of so many points. */
const ONE_OF = 2;
const tried = kills.filter((_, number) => isTaken(number, ONE_OF));

interface Survived {
  died: string;
  /** The last recorded run when the worker had died. */
  lastRunAtDeath: number;
  answer: RecordedRun;
  status: ReconciliationStatus;
  runs: RunRow[];
  events: LedgerEvent[];
  totals: AccountTotals | null;
  calledFor: string[][];
  /** The next run, for which the exchange answers if it did not before, and fails if it did. */
  next: RecordedRun;
  streakAfterNext: number;
  faults: string[];
}

let world: SimulatedWorld;
const workers: CrashingWorker[] = [];
const plays: Promise<Survived>[] = [];

/**
 * Starting is all computing, the rest is waiting until the server notices a death: few start at once, all wait at once.
 */
const STARTING_AT_ONCE = 3;

beforeAll(async () => {
  world = await startSimulatedWorld();
  const lanes: Promise<unknown>[] = Array.from({ length: STARTING_AT_ONCE }, async () => {});
  for (const [index, kill] of tried.entries()) {
    const lane = index % STARTING_AT_ONCE;
    const starting = (async () => {
      await lanes[lane];
      return begin(kill);
    })();
    lanes[lane] = starting.catch(() => {});
    const survived = starting.then(async (begun) => play(kill, begun));
    survived.catch(() => {}); // The test of this case reports it.
    plays.push(survived);
  }
}, PATIENCE_MS);

afterAll(async () => {
  for (const worker of workers) worker.kill();
  await Promise.allSettled(plays);
  await world.close();
}, PATIENCE_MS);

interface Begun {
  account: SimulatedAccount;
  worker: CrashingWorker;
}

async function begin({ when, what, look = 1 }: Kill): Promise<Begun> {
  const account = await world.addAccount();
  await oneWay(account);
  await failing(account);
  const point = { when, what, look };
  const worker = await startCrashingWorker(account, world.temporal, RUN, point, (started) => workers.push(started));
  return { account, worker };
}

async function play({ meeting, recorded }: Kill, { account, worker }: Begun): Promise<Survived> {
  const { client, name, hand } = account;
  await account.start();
  await worker.whileAlive(account.runUntil(RUN - 1));
  await meeting.arrange(account);

  const answering = account.runNow();
  answering.catch(() => {}); // Awaited below, after the worker's death.
  const died = await worker.death();
  const lastRunAtDeath = await eventually(
    async () => (await world.ledger.account(name))?.lastRunNumber ?? 0,
    // The server may commit a moment after the death of the client that asked for it.
    (last) => !recorded || last === RUN,
    PATIENCE_MS,
  );

  await world.startWorker(account.taskQueue);
  const answer = await answering;
  const totals = await eventually(
    async () => world.ledger.account(name),
    (row) => row?.openInterventions === 1,
    PATIENCE_MS,
  );
  await eventually(
    async () => account.calls().length,
    (calls) => calls > 0,
    PATIENCE_MS,
  );
  const known = {
    died,
    lastRunAtDeath,
    answer,
    status: await client.status(name),
    runs: await world.ledger.runs(name),
    events: await account.events(),
    totals,
    calledFor: account.calls().map(({ reasons }) => reasons.map(({ action }) => action)),
  };
  if (meeting === garbage) await hand.clearFaults();
  else await failing(account);
  const next = await account.runNow();
  const { consecutiveFailures } = await client.status(name);
  return { ...known, next, streakAfterNext: consecutiveFailures, faults: await account.faults() };
}

/** The exchange answers with a page of HTML until its faults are cleared. */
async function failing({ hand }: SimulatedAccount): Promise<void> {
  await hand.post('/sim/faults', { endpoint: '/binanceusdm/fapi/v3/positionRisk', kind: 'html', times: null });
}

describe(`a worker killed with SIGKILL in the third run of a streak of failures, and another one started (${SHARE})`, () => {
  it.each(tried.map((kill, index) => ({ ...kill, index })))(
    '$when $title',
    async ({ index, when, what, meeting, recorded }) => {
      const survived = await plays[index];
      if (survived === undefined) throw new Error('it was not played');
      const { outcome, call } = meeting;
      const failed = outcome === 'failed';

      // It died at the intended point.
      expect(survived.died).toBe(`${when} ${what}`);
      expect(survived.lastRunAtDeath).toBe(recorded ? RUN : RUN - 1);

      // Nothing is lost: the requester gets the verdict, and the workflow knows it too.
      const failure = failed ? { kind: 'unreadable' } : null;
      expect(survived.answer).toMatchObject({ outcome, runNumber: RUN, failure });
      expect(survived.status.lastRun).toMatchObject(survived.answer);
      expect(survived.status).toMatchObject({ runNumber: RUN, unrecordedRuns: 0, interventionOpen: true });

      // Nothing is recorded twice.
      expect(survived.runs.map((run) => [run.runNumber, run.outcome])).toEqual([
        [3, outcome],
        [2, 'failed'],
        [1, 'failed'],
      ]);
      expect(survived.events.map(({ type, runNumber }) => [type, runNumber])).toEqual([
        ['ACCOUNT_REGISTERED', null],
        ['RECONCILIATION_FAILED', 1],
        ['RECONCILIATION_FAILED', 2],
        [failed ? 'RECONCILIATION_FAILED' : 'RECONCILIATION_COMPLETED', 3],
        ['MANUAL_INTERVENTION', 3],
      ]);
      expect(survived.events.at(-1)?.payload).toMatchObject(call);
      expect(survived.calledFor).toEqual([[call.action]]);

      // The streak is kept, and the totals are correct.
      const streak = failed ? 3 : 0;
      expect(survived.status.consecutiveFailures).toBe(streak);
      expect(survived.totals).toMatchObject({
        consecutiveFailures: streak,
        failureTotal: failed ? 3 : 2,
        successTotal: failed ? 0 : 1,
        openInterventions: 1,
      });

      // The account continues normally.
      expect(survived.next).toMatchObject({
        outcome: failed ? 'matched' : 'failed',
        runNumber: RUN + 1,
        openDiscrepancies: failed ? 0 : 1,
      });
      expect(survived.streakAfterNext).toBe(failed ? 0 : 1);
      expect(survived.faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});
