import { judgeObservations, type Explain } from '../../src/activities/judge.js';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import { FailureError, type FailureKind } from '../../src/domain/failure/failure.js';
import { compareInPieces } from '../../src/domain/compare/compare.js';
import type { Comparison, KeyedDifference } from '../../src/domain/compare/observation.js';
import type { Pieces } from '../../src/domain/pieces.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { OpenOrder, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { checkFreshness } from '../../src/internal/freshness.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { MemoryLedger } from './memory-ledger.js';
import { Random } from './random.js';
import { ACCOUNT } from './script.js';
import { ExchangeSide, readInternal } from './sides.js';
import type { World } from './world.js';

/** One observation, in the true time of the world. */
export interface ObservationTaken {
  from: number;
  until: number;
  exchange: Snapshot;
  internal: Snapshot;
  /** Symbols that visibly moved during the exchange's read. */
  tore: string[];
}

export interface RunMade {
  from: number;
  until: number;
  observations: ObservationTaken[];
  failure: FailureKind | null;
  confirmed: readonly KeyedDifference[];
  unconfirmed: string[];
  /** What the verdict says was not compared, as in `unreadKeys`. */
  saidUnread: string[];
  opened: string[];
  resolved: string[];
  /** Identities of the discrepancies that were open before. */
  openBefore: string[];
}

const READ_TRIES = 6;
const RETRY_AFTER_MS = 3_000;

/** Runs Plumbline's own code on its own schedule: reads, freshness, comparison, confirming, agreement, lifecycle. */
export async function watch(world: World, afterRun?: (run: RunMade) => void): Promise<RunMade[]> {
  const random = new Random(world.script.seed ^ 0x5eed);
  const ledger = new MemoryLedger();
  const runs: RunMade[] = [];
  for (const tick of world.script.ticks) {
    world.agenda.passUntil(tick);
    world.trace(() => `== run ${runs.length + 1}`);
    const run = await makeRun(world, ledger, random, runs.length + 1);
    world.trace(() => `== ${outcomeText(run)}`);
    runs.push(run);
    afterRun?.(run);
  }
  return runs;
}

async function makeRun(world: World, ledger: MemoryLedger, random: Random, runNumber: number): Promise<RunMade> {
  const { policy } = world.script;
  const from = world.agenda.now;
  const observations: ObservationTaken[] = [];
  const openBefore = ledger.openIdentities();
  const made = { from, observations, openBefore };
  const nothing = { confirmed: [], unconfirmed: [], saidUnread: [], opened: [], resolved: [] };
  const exchange = new ExchangeSide(world, random);
  const compared = new Map<Snapshot, Comparison>();
  const comparedOnce = function* (outside: Snapshot, inside: Snapshot, rules: CompareRules): Pieces<Comparison> {
    const known = compared.get(outside) ?? (yield* compareInPieces(outside, inside, rules));
    compared.set(outside, known);
    return known;
  };
  const key = { account: ACCOUNT, workflowRunId: 'simulated', runNumber };
  const startedAt = new Date(from).toISOString();
  try {
    for (let observation = 1; ; observation += 1) {
      observations.push(await observe(world, exchange, random));
      world.trace(() => `observation ${observation}`);
      ledger.observations = observations.map((taken, index) => ({ number: index + 1, ...taken }));
      const request = {
        key,
        look: observation,
        trigger: 'schedule',
        startedAt,
        policy,
        explain: true,
        retryBudgetMs: 0,
      } as const;
      const asking: Explain = {
        missingOrders: async (orders) => explain(world, orders),
        // Venue actions explain the cause of a drift, and do not change whether there is one.
        venueActions: async () => [],
      };
      const answer = await judgeObservations(ledger as unknown as Ledger, request, asking, comparedOnce);
      if (answer.kind === 'look_again') {
        const away = world.script.outages && random.chance(0.15) ? random.between(10, 240) * 1000 : 0;
        if (away > 0) world.trace(() => `Plumbline is away for ${away / 1000} s`);
        world.agenda.pass(answer.inSeconds * 1000 + random.between(0, 400) + away);
        continue;
      }
      const verdict = ledger.verdicts.at(-1);
      if (answer.kind !== 'recorded' || verdict === undefined) throw new Error(`judge said ${answer.kind}`);
      const { record, opened, resolved } = verdict;
      const unconfirmed = record.unconfirmed.map(({ identity }) => identity);
      return {
        ...made,
        until: world.agenda.now,
        failure: null,
        confirmed: record.confirmed,
        unconfirmed,
        saidUnread: record.notCompared.map(
          ({ scope, symbol }) => `${scope.split(':')[0]?.replace(/s$/, '')} ${symbol}`,
        ),
        opened,
        resolved,
      };
    }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return { ...made, ...nothing, until: world.agenda.now, failure: error.failure.kind };
  }
}

/** Reads both sides at the same time, as the workflow does; either may answer first. */
async function observe(world: World, side: ExchangeSide, random: Random): Promise<ObservationTaken> {
  const from = world.agenda.now;
  let internal: Snapshot | null = null;
  // A slow bot answers long after the exchange.
  const asked = from + 20 + random.longTail(random.chance(0.1) ? 20_000 : 4000);
  world.agenda.at(asked, () => (internal = readInternal(world, from)));
  if (world.script.lateExchange && random.chance(0.2)) {
    world.agenda.pass(random.between(5, 35) * 1000);
    world.trace(() => 'the exchange is asked again, late');
  }
  const exchange = await readWithRetries(world, side);
  world.agenda.passUntil(asked);
  const read = internal ?? readInternal(world, from);
  const { maxInternalAgeSeconds } = world.script.policy;
  const stale = checkFreshness(read, read.readEndedAt, maxInternalAgeSeconds);
  if (stale !== null) throw new FailureError(stale);
  return { from, until: world.agenda.now, exchange, internal: read, tore: side.tore() };
}

async function readWithRetries(world: World, side: ExchangeSide): Promise<Snapshot> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await side.read();
    } catch (error) {
      if (!(error instanceof FailureError) || attempt === READ_TRIES) throw error;
      world.trace(() => `read again: ${error.message}`);
      world.agenda.pass(RETRY_AFTER_MS);
    }
  }
}

function explain(world: World, orders: readonly OpenOrder[]): MissingOrderExplanation[] {
  return orders.map(({ id, clientOrderId }) => {
    const order = world.account.findOrder(id === null ? { clientOrderId: clientOrderId ?? '' } : { id });
    const nothing = { filled: null, averagePrice: null, at: null, source: 'order query' };
    if (order === null) return { ...nothing, cause: 'never_seen' };
    const cause = order.status === 'open' || order.status === 'triggered' ? 'unknown' : order.status;
    return { ...nothing, cause, filled: order.filled, at: order.updatedAt };
  });
}

function outcomeText({ failure, observations, confirmed, unconfirmed, resolved }: RunMade): string {
  if (failure !== null) return `failed: ${failure}`;
  const parts = [
    ...confirmed.map(({ identity }) => `confirmed ${identity}`),
    ...unconfirmed.map((identity) => `unconfirmed ${identity}`),
    ...resolved.map((identity) => `resolved ${identity}`),
  ];
  return `verdict after ${observations.length} observation(s): ${parts.join(', ') || 'nothing'}`;
}
