import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../src/domain/difference/difference.js';
import { renderMetrics } from '../../src/http/metrics.js';
import type { DiscrepancyRow, LedgerEvent } from '../../src/ledger/contract/ledger.js';
import { parseExposition, valueOf } from '../http/exposition.js';
import { uniqueTaskQueue } from '../support/temporal.js';
import { doge, driftCases, oneWay, reported, type DriftCase } from './support/drift-cases.js';
import { eventsOf, sorted, causesOf } from './support/ledger-views.js';
import { startSimulatedWorld, type SimulatedAccount, type SimulatedWorld } from './support/simulated-world.js';
import { eventually } from './support/world.js';

/** Far above the normal duration: the tests wait for events, and share the machine with all others. */
const PATIENCE_MS = 240_000;

/** Everything that is known about an account at one moment, from every place that a user can read. */
interface View {
  run: RecordedRun;
  discrepancies: DiscrepancyRow[];
  events: LedgerEvent[];
  metrics: Record<string, number | null>;
  byType: Record<'total' | 'open', Partial<Record<DiscrepancyType, number>>>;
  faults: string[];
}

interface Played {
  before: View;
  drifted: View;
  calledFor: string[];
  resolved: View;
  gateAfterAcknowledge: number | null;
}

let world: SimulatedWorld;
const taskQueue = uniqueTaskQueue('types');
const plays = new Map<string, Promise<Played>>();

beforeAll(async () => {
  world = await startSimulatedWorld();
  await world.startWorker(taskQueue);
  // All in parallel: each has its own exchange, and most of a run is waiting.
  for (const drift of driftCases) {
    const played = play(drift);
    played.catch(() => {}); // The case's own test reports it.
    plays.set(drift.title, played);
  }
}, PATIENCE_MS);

afterAll(async () => {
  await Promise.allSettled(plays.values());
  await world.close();
}, PATIENCE_MS);

async function begin(scene: DriftCase['scene'], options: DriftCase['options'] = {}): Promise<SimulatedAccount> {
  const account = await world.addAccount({ ...options, taskQueue });
  await scene(account);
  await account.start();
  return account;
}

async function play({ scene, options, cause }: DriftCase): Promise<Played> {
  const account = await begin(scene, options);
  const before = await view(account, await account.runUntil(2));
  await cause(account);
  const run = await account.runNow();
  // The intervention is a separate workflow: it follows asynchronously.
  await eventually(
    async () => world.ledger.account(account.name),
    (row) => row?.openInterventions === 1,
    PATIENCE_MS,
  );
  const [call] = await eventually(
    async () => account.calls(),
    ({ length }) => length > 0,
    PATIENCE_MS,
  );
  const drifted = await view(account, run);
  await account.hand.post('/sim/bot', { resync: true });
  const resolved = await view(account, await account.runNow());
  await account.client.acknowledge(account.name, { by: 'ada', note: 'the bot has taken it over' });
  const calledFor = (call?.reasons ?? []).map(({ text }) => text);
  return { before, drifted, calledFor, resolved, gateAfterAcknowledge: (await metricsOf(account)).gate ?? null };
}

async function view(account: SimulatedAccount, run: RecordedRun): Promise<View> {
  const exposition = await scrape();
  const counts = (name: string): Partial<Record<DiscrepancyType, number>> => {
    const values = DISCREPANCY_TYPES.map((type) => [type, valueOf(exposition, name, { account: account.name, type })]);
    // A type that is missing must not count as one with 0.
    return Object.fromEntries(values.filter(([, value]) => value !== 0));
  };
  return {
    run,
    discrepancies: await world.ledger.discrepancies(account.name),
    events: await account.events(),
    metrics: await metricsOf(account),
    byType: { total: counts('reconciliation_discrepancy_total'), open: counts('reconciliation_open_discrepancies') },
    faults: await account.faults(),
  };
}

async function scrape() {
  return parseExposition(await renderMetrics(await world.ledger.accounts(), { version: 'test' }));
}

async function metricsOf({ name }: SimulatedAccount): Promise<Record<string, number | null>> {
  const exposition = await scrape();
  const value = (metric: string): number | null => valueOf(exposition, metric, { account: name });
  return {
    successes: value('reconciliation_success_total'),
    failures: value('reconciliation_failure_total'),
    streak: value('reconciliation_consecutive_failures'),
    gate: value('reconciliation_gate_open'),
    calls: value('plumbline_open_interventions'),
  };
}

function countsOf(differences: readonly { type: DiscrepancyType }[]): Partial<Record<DiscrepancyType, number>> {
  const counts: Partial<Record<DiscrepancyType, number>> = {};
  for (const { type } of differences) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function texts(payloads: Record<string, unknown>[], field: string): string[] {
  return payloads.map((payload) => String(payload[field])).toSorted();
}

describe('a real cause, through the whole loop to the ledger, the events and the metrics', () => {
  it.each(driftCases)(
    '$title',
    async (drift) => {
      const { before, drifted, calledFor, resolved, gateAfterAcknowledge } = await played(drift);
      const counts = countsOf(drift.reported);
      const types = drift.reported.map(({ type }) => type).toSorted();

      expect(before.run).toMatchObject({ outcome: 'matched', discrepancies: 0, unsettled: 0 });
      expect(before.metrics).toEqual({ successes: 2, failures: 0, streak: 0, gate: 1, calls: 0 });
      expect(before.byType).toEqual({ total: {}, open: {} });

      expect(drifted.run).toMatchObject({ outcome: 'drifted', byType: counts, unsettled: 0, failure: null });
      expect(drifted.run.looks).toBeGreaterThan(1);
      expect(sorted(drifted.discrepancies.map(({ difference }) => reported(difference)))).toEqual(
        sorted(drift.reported),
      );
      expect(drifted.run.opened.map(({ type }) => type).toSorted()).toEqual(types);
      const calls = eventsOf(drifted, 'MANUAL_INTERVENTION');
      expect(texts(calls, 'action')).toEqual(types);
      expect(texts(calls, 'discrepancy_id')).toEqual(drifted.discrepancies.map(({ id }) => id).toSorted());
      const causes = causesOf(calls);
      expect(causes.map(({ reported }) => reported)).toEqual(
        (drift.causes ?? types.map(() => 'unexplained 1')).toSorted(),
      );
      expect(calledFor.toSorted()).toEqual(causes.map(({ text }) => text).toSorted());
      expect(drifted.metrics).toEqual({ successes: 3, failures: 0, streak: 0, gate: 0, calls: 1 });
      expect(drifted.byType).toEqual({ total: counts, open: counts });

      expect(resolved.run).toMatchObject({ outcome: 'matched', resolved: drift.reported.length, openDiscrepancies: 0 });
      expect(resolved.discrepancies.map(({ state }) => state)).toEqual(drift.reported.map(() => 'resolved'));
      expect(texts(eventsOf(resolved, 'DISCREPANCY_RESOLVED'), 'discrepancy_id')).toEqual(
        texts(calls, 'discrepancy_id'),
      );
      // What was found stays counted; what was open is resolved; the intervention stays until a human answers it.
      expect(resolved.byType).toEqual({ total: counts, open: {} });
      expect(resolved.metrics).toEqual({ successes: 4, failures: 0, streak: 0, gate: 0, calls: 1 });
      expect(gateAfterAcknowledge).toBe(1);
      expect([before.faults, drifted.faults, resolved.faults]).toEqual([[], [], []]);
    },
    PATIENCE_MS,
  );
});

describe('a bot that trades while its messages are delayed', () => {
  it(
    'raises no alarm, and does not hide a real difference',
    async () => {
      const account = await begin(oneWay, { reconciliation: { grace_seconds: 1 } });
      const { hand } = account;
      await account.runUntil(1);
      await hand.post('/sim/bot', { trading: true, trading_interval_ms: 50, delay_ms: 400 });
      let observations = 0;
      // Repeats until a run has observed the bot in the middle of trading: one observation alone would have reported
      // that.
      for (let runs = 0; runs < 10 && observations < 2; runs++) {
        const run = await account.runNow();
        expect(run).toMatchObject({ outcome: 'matched', discrepancies: 0, opened: [] });
        observations = Math.max(observations, run.looks);
      }
      expect(observations).toBeGreaterThan(1);
      expect(eventsOf({ events: await account.events() }, 'MANUAL_INTERVENTION')).toEqual([]);

      await hand.post('/sim/orders', { actor: 'manual', symbol: doge, side: 'buy', type: 'market', amount: '300' });
      const drifted = await account.runNow();
      expect(drifted.opened.map(({ type }) => type)).toEqual(['POSITION_OPENED_EXTERNALLY']);
      expect(drifted.byType).toEqual({ POSITION_OPENED_EXTERNALLY: 1 });

      await hand.post('/sim/bot', { trading: false, resync: true });
      expect(await account.runNow()).toMatchObject({ outcome: 'matched', resolved: 1, openDiscrepancies: 0 });
      expect(await account.faults()).toEqual([]);
    },
    PATIENCE_MS,
  );
});

async function played({ title }: DriftCase): Promise<Played> {
  const result = plays.get(title);
  if (result === undefined) throw new Error(`"${title}" was not played`);
  return result;
}
