import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../src/domain/difference/difference.js';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';
import { canonicalJson } from '../../src/ledger/store/canonical.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { NOON, order, snapshot } from '../domain/snapshots.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { failed, openedOutside, orderPlaced, register, runKey, sizeChanged, verdict } from './records.js';

let database: TestDatabase;
let ledger: Ledger;
let accounts = 0;

beforeAll(async () => {
  database = await createLedgerDatabase();
  ledger = createLedger(database.url);
}, 30_000);
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

/** Keys of a world that may drift. The first two are one position whose type and size change. */
const KEYS = [0, 1, 2, 3] as const;
const differenceOf = (key: number, size: number) => {
  if (key > 1) return orderPlaced(String(key));
  return size % 2 === 0
    ? openedOutside(String(size + 1), `P${key}/USDT:USDT`)
    : sizeChanged('9', '1', `P${key}/USDT:USDT`);
};
const identityOf = (key: number) => differenceOf(key, 0).identity;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('verdict' as const),
    /** The state of each key in this run: a drift of that size, agreed, unconfirmed or not compared. */
    keys: fc.tuple(
      ...KEYS.map(() =>
        fc.oneof(fc.nat({ max: 3 }), fc.constantFrom('agreed' as const, 'unsettled' as const, 'unseen' as const)),
      ),
    ),
    withObservation: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('failure' as const), atThreshold: fc.boolean(), miscount: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('pause' as const), paused: fc.boolean() }),
  fc.record({ kind: fc.constant('again' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('accept' as const), expires: fc.nat({ max: 3 }).map((one) => one === 0) }),
  fc.record({ kind: fc.constant('call' as const), acknowledge: fc.boolean(), forRunsBack: fc.nat({ max: 3 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const THRESHOLD = 2;
/** Long enough for an acceptance to be recorded before it ends. */
const SHORT_MS = 400;
const runAt = (run: number) => new Date(NOON + run * 60_000);

/** The expected totals, computed in the simplest way. */
class Model {
  success = 0;
  failure = 0;
  streak = 0;
  streakCalled = false;
  paused = false;
  openCalls = 0;
  /** The newest run that called a human, and the newest that a reason belongs to. */
  callingRun = 0;
  calledRun = 0;
  readonly open = new Map<string, DiscrepancyType>();
  readonly found: DiscrepancyType[] = [];
  /** The values of each open key, and the accepted keys with whether their time is over. */
  readonly shown = new Map<string, string>();
  readonly accepted = new Map<string, { expired: boolean }>();
  /** The ledger's answers, and the expected ones. */
  readonly answers: RecordedRun[] = [];
  readonly expected: Partial<RecordedRun>[] = [];

  counts(types: Iterable<DiscrepancyType>): Record<string, number> {
    const all = [...types];
    return Object.fromEntries(DISCREPANCY_TYPES.map((type) => [type, all.filter((other) => other === type).length]));
  }
}

async function play(account: string, steps: readonly Step[]): Promise<Model> {
  const model = new Model();
  const delivered: { deliver: () => Promise<RecordedRun>; answer: RecordedRun }[] = [];
  let run = 0;
  let calls = 0;
  const deliver = async (deliver: () => Promise<RecordedRun>): Promise<RecordedRun> => {
    const answer = await deliver();
    delivered.push({ deliver, answer });
    return answer;
  };
  for (const [index, { ...action }] of steps.entries()) {
    switch (action.kind) {
      case 'verdict': {
        run += 1;
        const record = verdict(run, { startedAt: runAt(run) }, account);
        for (const [key, state] of action.keys.entries()) {
          if (typeof state === 'number') {
            const confirmed = differenceOf(key, state);
            record.confirmed.push(confirmed);
            const shown = canonicalJson(confirmed.difference);
            if (model.shown.get(confirmed.identity) !== shown) model.accepted.delete(confirmed.identity);
            model.shown.set(confirmed.identity, shown);
            model.open.set(confirmed.identity, confirmed.difference.type);
            model.found.push(confirmed.difference.type);
          } else if (state === 'agreed') {
            record.agreed.push(identityOf(key));
            model.open.delete(identityOf(key));
            model.shown.delete(identityOf(key));
            model.accepted.delete(identityOf(key));
          } else if (state === 'unsettled') {
            const { identity, difference } = differenceOf(key, 0);
            record.unconfirmed.push({ identity, type: difference.type, symbol: difference.symbol, reason: 'moved' });
          }
        }
        for (const [identity, { expired }] of model.accepted) if (expired) model.accepted.delete(identity);
        model.success += 1;
        model.streak = 0;
        model.streakCalled = false;
        if (action.withObservation) {
          const orders = [order({ id: String(run % 3) })];
          await ledger.putSnapshot(record.key, 1, snapshot('exchange', { orders }));
          await ledger.putSnapshot(record.key, 1, snapshot('internal', { orders }));
        }
        const answer = await deliver(async () => ledger.recordVerdict(record));
        if (answer.calls.length > 0) model.callingRun = run;
        model.expected.push({
          outcome: model.open.size > 0 ? 'drifted' : 'matched',
          openDiscrepancies: model.open.size,
          discrepancies: record.confirmed.length,
        });
        model.answers.push(answer);
        break;
      }
      case 'failure': {
        run += 1;
        model.failure += 1;
        model.streak += 1;
        // The caller's count does not matter: it does not know runs that were recorded without it.
        if (!model.streakCalled && (action.atThreshold || model.streak >= THRESHOLD)) {
          model.callingRun = run;
          model.streakCalled = true;
        }
        const streak = {
          consecutiveFailures: action.miscount,
          threshold: THRESHOLD,
          thresholdReached: action.atThreshold,
          startedAt: runAt(run),
        };
        const record = failed(run, streak, account);
        await deliver(async () => ledger.recordFailure(record));
        break;
      }
      case 'accept': {
        // PostgreSQL runs on this machine, so both clocks are the same.
        const until = new Date(Date.now() + (action.expires ? SHORT_MS : 3_600_000));
        await ledger.acceptDiscrepancies({ account, discrepancyIds: null, by: 'ada', until, note: 'n' });
        for (const identity of model.open.keys()) model.accepted.set(identity, { expired: action.expires });
        while (action.expires && Date.now() <= until.getTime()) await delay(10);
        break;
      }
      case 'pause':
        model.paused = action.paused;
        await ledger.recordPause({ account, paused: action.paused, by: 'x', reason: null, requestId: String(index) });
        break;
      case 'again': {
        const again = delivered[action.which % Math.max(1, delivered.length)];
        if (again === undefined) break;
        model.expected.push(again.answer);
        model.answers.push(await again.deliver());
        break;
      }
      case 'call':
        if (action.acknowledge && model.openCalls > 0) {
          await ledger.acknowledgeIntervention({ interventionId: `${account}/${calls}`, by: 'ada', note: 'seen' });
          model.openCalls = 0;
        } else {
          calls += 1;
          model.openCalls += 1;
          const reported = Math.max(1, run - action.forRunsBack);
          model.calledRun = Math.max(model.calledRun, reported);
          const reasons = [{ action: 'UNSETTLED', text: `run ${reported}`, at: runAt(reported).toISOString() }];
          await ledger.openIntervention({ account, interventionId: `${account}/${calls}`, reasons });
        }
        break;
    }
  }
  return model;
}

it('for any records in any order totals equal a recount, and verification finds no fault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.boolean(), async (steps, prune) => {
      const account = `account-${++accounts}`;
      await register(ledger, account);
      const model = await play(account, steps);
      expect(model.answers).toMatchObject(model.expected);
      expect(await ledger.account(account)).toMatchObject({
        successTotal: model.success,
        failureTotal: model.failure,
        consecutiveFailures: model.streak,
        streakCalled: model.streakCalled,
        paused: model.paused,
        openInterventions: model.openCalls,
        openDiscrepancies: model.counts(model.open.values()),
        discrepancyTotal: model.counts(model.found),
        blockingDiscrepancies: [...model.open.keys()].filter(
          (identity) => model.accepted.get(identity)?.expired !== false,
        ).length,
        acceptedDiscrepancies: [...model.accepted.values()].filter(({ expired }) => !expired).length,
      });
      expect((await ledger.account(account))?.callDueSince !== null).toBe(model.callingRun > model.calledRun);
      expect(
        (await ledger.discrepancies(account, { state: 'open' })).map(({ identity }) => identity).toSorted(),
      ).toEqual([...model.open.keys()].toSorted());
      if (prune) await ledger.pruneEvidence(0);
      expect((await ledger.verify(account)).accounts[0]?.faults).toEqual([]);
      expect((await ledger.loadRun(runKey(10_000, account))).recorded).toBeNull();
    }),
    { numRuns: 25 },
  );
}, 60_000);
