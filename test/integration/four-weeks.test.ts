import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { InternalConnectionOptionsSymbol, type InternalConnectionOptions } from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/activities.js';
import { indexedSearchAttributes, PlumblineClient } from '../../src/client.js';
import { FailureError } from '../../src/domain/failure/failure.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { nextTick } from '../../src/workflows/schedule.js';
import { reconciliationWorkflowId, statusQuery, type ReconciliationStatus } from '../../src/workflows/messages.js';
import { createLedgerDatabase } from '../support/postgres.js';
import { timeSkippingServerPath } from '../support/temporal.js';
import { THOROUGH } from '../support/thorough.js';
import { KEY_NOT_REPORTED } from './support/scripted.js';
import { workflowBundle } from './support/workflows.js';
import { eventually } from './support/world.js';
import { onlySource } from '../../src/internal/account-source.js';

const MINUTE = 60_000;
/** Skipping while nothing runs takes milliseconds; on a busy machine a second. */
const STUCK_MS = 5_000;
/** How much a busy machine may delay a run. A lost tick delays it by 30 minutes. */
const LAG_MS = 120_000;
/** `npm test` lives through the first of the four weeks. */
const WEEKS = THOROUGH ? 4 : 1;
const RUNS = (WEEKS * 7 * 24 * 60) / 30;
const WEEKS_MS = RUNS * 30 * MINUTE;
const ACCOUNT = 'four-weeks';
const policy = { ...DEFAULT_POLICY, intervalMinutes: 30, failureThreshold: 3, retrySeconds: 0 };

/** The failing runs: single ones, two in a row, a streak at the threshold, and one beyond it. */
const failing = new Set([5, 100, 101, 200, 201, 202, 300, 301, 302, 303, 304, 1000, 1340].filter((run) => run < RUNS));
const streaksAtThreshold = 2;

let env: TestWorkflowEnvironment;
let ledger: Ledger;
let dropDatabase: () => Promise<void>;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const path = await timeSkippingServerPath();
  env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
  const database = await createLedgerDatabase();
  dropDatabase = async () => database.drop();
  ledger = createLedger(database.url);
}, 120_000);

afterAll(async () => {
  for (const close of closing) await close();
  await ledger?.close();
  await env?.teardown();
  await dropDatabase();
});

describe(`${WEEKS} of four weeks at 30 minutes`, () => {
  it('keeps the exact schedule, counts every run once and gets every streak right', async () => {
    /** The server's own clock: it skips, the machine's clock does not. */
    const serverNow = (): number => Context.current().info.currentAttemptScheduledTimestampMs;
    const startedAt: number[] = [];
    const nothing = (side: Snapshot['side']): Snapshot => ({
      side,
      readStartedAt: serverNow(),
      readEndedAt: serverNow(),
      asOf: serverNow(),
      positionMode: 'one-way',
      scopes: ['positions', 'orders'],
      gaps: [],
      positions: [],
      orders: [],
      balances: [],
      markets: {},
    });
    const activities = createActivities({
      ledger,
      sides: () => ({
        exchange: async () => ({
          exchangeId: 'scripted',
          verifiedProfile: true,
          budgetPerMinute: 1_000,
          async readState() {
            startedAt.push(serverNow());
            if (failing.has(startedAt.length)) {
              throw new FailureError({
                kind: 'unreadable',
                side: 'exchange',
                message: 'an empty body',
                where: null,
                remedy: 'wait',
                retryAfterMs: null,
              });
            }
            return nothing('exchange');
          },
          explainMissingOrders: async () => [],
          readVenueActions: async () => [],
          resolveMarket: async () => ({ kind: 'unknown', near: [] }),
          holdingFacts: async () => ({}),
          auditKey: async () => KEY_NOT_REPORTED,
          countMarkets: async () => ({ spot: 0, linear: 1, inverse: 0 }),
          close: async () => {},
        }),
        internal: onlySource({ description: 'scripted', readState: async () => nothing('internal') }),
        aliases: { symbols: {}, currencies: {} },
      }),
      notify: async () => {},
      channel: () => undefined,
      compose: async () => Promise.reject(new Error('not asked')),
      redact: (text) => text,
      observe: () => {},
      now: serverNow,
    });
    const taskQueue = 'four-weeks';
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
    });
    // The skipping server closes connections that ping as often as the environment's own one does, even with pending
    // calls.
    const options: InternalConnectionOptions = {
      address: env.address,
      channelArgs: { 'grpc.keepalive_time_ms': 3_600_000, 'grpc.keepalive_permit_without_calls': 0 },
      [InternalConnectionOptionsSymbol]: { supportsTestService: true },
    };
    const connection = await Connection.connect(options);
    const { testService } = connection;
    if (testService === undefined) throw new Error('the connection knows no time skipping');
    closing.push(async () => connection.close());
    const temporal = new Client({ connection });
    const client = new PlumblineClient(temporal, taskQueue);
    const sleep = async (ms: number): Promise<void> =>
      void (await testService.unlockTimeSkippingWithSleep({ duration: msToTs(ms) }));
    /**
     * Skips while the workflow only waits, which takes no time. At a continue-as-new the skipping server keeps a lock
     * on its clock and then runs in real time; this releases that one lock.
     */
    const skip = async (ms: number): Promise<void> => {
      const slept = sleep(ms);
      const isStuck = await Promise.race([slept.then(() => false), delay(STUCK_MS, true, { ref: false })]);
      if (isStuck) await testService.unlockTimeSkipping({});
      await slept;
    };
    await connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: indexedSearchAttributes(),
    });

    const serverTime = async (): Promise<number> => tsToMs((await testService.getCurrentTime({})).time);
    const began = await serverTime();
    const handle = temporal.workflow.getHandle(reconciliationWorkflowId(ACCOUNT));
    /** The skipping server loses or refuses a query that meets a continue-as-new: it is repeated, within limits. */
    const askStatus = async (): Promise<ReconciliationStatus | null> =>
      connection.withDeadline(Date.now() + 2_000, async () => handle.query(statusQuery)).catch(() => null);
    /**
     * Time advances only here, and only while the workflow waits: otherwise the skipping server runs ahead of a busy
     * machine.
     */
    const waitingAfter = async (after: number): Promise<ReconciliationStatus | null> =>
      eventually(
        askStatus,
        (status) =>
          status?.phase === 'waiting' && status.nextRunAt !== null && (status.lastRun?.runNumber ?? 0) > after,
      );
    let first = Number.NaN;
    await worker.runUntil(async () => {
      await client.start({ account: ACCOUNT, exchange: 'scripted', policy }, 'test');
      for (let runs = 0; ; runs++) {
        const due = Date.parse((await waitingAfter(runs))?.nextRunAt ?? '');
        if (runs === 0) first = due;
        if (due > began + WEEKS_MS) break;
        await skip(Math.max(due - (await serverTime()) - 1_000, 0));
        await sleep(1_001);
      }
      expect(await waitingAfter(0)).toMatchObject({ consecutiveFailures: 0, unrecordedRuns: 0 });
      await handle.terminate();
    });

    // One run at once, then one on every tick of the grid: none missed, none duplicated, no drift.
    const anchor = startedAt[0] ?? Number.NaN;
    expect(anchor - began).toBeLessThan(LAG_MS);
    // The first run is read some moments after the workflow's start, from which the grid counts.
    expect(Math.abs(first - nextTick(ACCOUNT, anchor, 30, anchor))).toBeLessThan(LAG_MS);
    const ticks = startedAt.slice(1).map((at) => at - first);
    // The server's clock runs while the worker computes, so a busy machine delays some runs, but never the next ones.
    const late = ticks.map((offset, k) => offset - k * 30 * MINUTE);
    expect(Math.min(...late)).toBeGreaterThan(-2_000);
    expect(Math.max(...late)).toBeLessThan(LAG_MS);
    const last = late.slice(-50);
    expect(Math.min(...last)).toBeLessThan(2_000);
    expect(startedAt.length).toBe(1 + Math.floor((began + WEEKS_MS - first) / (30 * MINUTE)) + 1);

    const totals = await ledger.account(ACCOUNT);
    expect(totals).toMatchObject({
      failureTotal: failing.size,
      successTotal: startedAt.length - failing.size,
      consecutiveFailures: 0,
    });
    const events = await ledger.events(ACCOUNT, { after: 0, limit: 10_000 });
    const thresholds = events.filter(
      ({ type, payload }) => type === 'MANUAL_INTERVENTION' && payload['action'] === 'RECONCILIATION_FAILURE_THRESHOLD',
    );
    expect(thresholds).toHaveLength(streaksAtThreshold);
    expect((await ledger.verify(ACCOUNT)).accounts[0]?.faults).toEqual([]);
  }, 600_000);
});
