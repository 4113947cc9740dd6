import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy/policy.js';
import { nextTick } from '../../src/workflows/schedule.js';
import { EXPIRY, KINDS as ACCOUNT_KINDS, type Bookkeeping, type KindName } from './account-kind.js';
import { Random } from './random.js';

export const ACCOUNT = 'main';
const START = Date.UTC(2026, 10, 22, 12);
const RUNS = 5;

/** The possible events of a world, with their relative frequencies. */
const KINDS = {
  botLimit: 14,
  botMarket: 6,
  botStop: 6,
  botAmend: 7,
  botCancel: 7,
  fillPart: 14,
  fillWhole: 5,
  priceMove: 6,
  expire: 1,
  humanLimit: 3,
  humanMarket: 3,
  humanClose: 2,
  humanCancel: 2,
  humanAmend: 3,
  humanCancelsOwn: 2,
  transfer: 1.5,
  liquidate: 0.5,
  resync: 5,
  restart: 1.5,
  restartForgetting: 0.4,
  freeze: 0.3,
  gap: 1.5,
  storm: 0.3,
  fillUnseen: 1.5,
  roundTrips: 0.4,
  hesitate: 0.5,
  requote: 0.4,
  unknownWord: 0.5,
  delist: 0.1,
  rename: 0.1,
} as const;
export type EventKind = keyof typeof KINDS;

/**
 * Without a grace, an event that lasts would have to be waited for, so there is none. Trading that is faster than a
 * read is more frequent, because it must be distinguished from a drift.
 */
const GRACELESS_KINDS: Record<EventKind, number> = { ...KINDS, freeze: 0, roundTrips: 0, hesitate: 0, storm: 0.4 };

/** One event. Its random choices follow from its own seed, so other events can be left out. */
export interface WorldEvent {
  at: number;
  kind: EventKind;
  seed: number;
}

/** Everything that defines a world before any event happens. */
export interface Script {
  seed: number;
  kind: KindName;
  books: Bookkeeping;
  hedge: boolean;
  /** Whether the exchange returns open orders in small pages, by row number. */
  paged: boolean;
  /** Whether the exchange reports no time of the last change of a position. */
  untimed: boolean;
  /** Whether the exchange sometimes refuses to answer, and answers half a minute later. */
  lateExchange: boolean;
  /** Whether Plumbline itself is sometimes down for minutes in the middle of a run. */
  outages: boolean;
  policy: Policy;
  /** Milliseconds between the state files that the bots write; null if they answer with their present state. */
  pageEveryMs: number | null;
  /** When in this period the first file is written, in [0, 1): runs begin at any time between two files. */
  pagePhase: number;
  /** Milliseconds by which each clock is ahead of the true time. */
  skew: { exchange: number; bot: number; second: number; plumbline: number };
  /** Share of the messages to the bots that never arrive. */
  lossRate: number;
  /** The maximum delay of a message, both directions together. */
  mostDelayMs: number;
  /** Start times of the runs, in true time. */
  ticks: number[];
  events: WorldEvent[];
}

const MINUTE = 60_000;

export function writeScript(seed: number): Script {
  const random = new Random(seed);
  const kind = random.pick(['linear', 'linear', 'inverse', 'dated', 'spot', 'spot'] as const) ?? 'linear';
  const hedge = kind !== 'spot' && random.chance(0.3);
  const books = booksOf(random, kind, hedge);
  // Without a grace nothing may take time: no message, no state file, no freeze.
  const graceSeconds = random.pick([30, 30, 30, 30, 30, 30, 30, 20, 20, 60, 60, 0]) ?? 30;
  const isGraceless = graceSeconds === 0;
  const policy: Policy = {
    ...DEFAULT_POLICY,
    intervalMinutes: 5,
    graceSeconds,
    confirmations: random.pick([2, 2, 2, 3]) ?? 2,
    ...rulesOf(random, kind, books),
  };
  // A dated contract expires in the middle of the runs.
  const start = kind === 'dated' ? EXPIRY - 10 * MINUTE : START;
  const ticks = ticksOf(policy, start);
  const bot = random.between(-2 * MINUTE, 4 * MINUTE);
  const events = eventsOf(random, ticks, isGraceless ? GRACELESS_KINDS : KINDS);
  return {
    seed,
    kind,
    books,
    hedge,
    paged: random.chance(0.3),
    policy,
    untimed: random.chance(isGraceless ? 0.5 : 0.1),
    lateExchange: random.chance(0.15),
    outages: random.chance(0.1),
    pageEveryMs: !isGraceless && random.chance(0.3) ? (random.pick([5, 30, 60, 120]) ?? 30) * 1000 : null,
    skew: {
      exchange: random.between(-5 * MINUTE, 5 * MINUTE),
      bot,
      second: random.between(bot, 4 * MINUTE),
      plumbline: random.between(-MINUTE, MINUTE),
    },
    lossRate: random.pick([0, 0, 0.02, 0.1]) ?? 0,
    mostDelayMs: graceSeconds * 1000,
    ticks,
    events,
    pagePhase: random.next(),
  };
}

function booksOf(random: Random, kind: KindName, hedge: boolean): Bookkeeping {
  const isSpot = kind === 'spot';
  const { markets, amountOf } = ACCOUNT_KINDS[kind];
  const [first = '', second = ''] = markets.map(({ symbol }) => symbol);
  return {
    isFeeBlind: isSpot && random.chance(0.3),
    forgetsDust: isSpot && random.chance(0.3),
    showsPositions: isSpot && random.chance(0.3),
    countsContracts: kind === 'inverse' && random.chance(0.05),
    knowsSettlement: random.chance(0.5),
    ownersCoins: isSpot && random.chance(0.4) ? { BTC: `${random.between(1, 3)}.5`, ETH: '7' } : {},
    ownersPositions: !isSpot && random.chance(0.2) ? { [first]: amountOf(random.between(1, 5)) } : {},
    second: !isSpot && random.chance(0.2) ? { symbol: second, against: hedge ? {} : { [first]: amountOf(2) } } : null,
  };
}

/** The account's rules: what a careful user writes for such bots. */
function rulesOf(
  random: Random,
  kind: KindName,
  { isFeeBlind, ownersCoins, ownersPositions, second }: Bookkeeping,
): Pick<Policy, 'compareBalances' | 'tolerance' | 'atLeast' | 'ignore' | 'baseline'> {
  const ignore = { ...DEFAULT_POLICY.ignore, clientOrderIdPrefixes: random.chance(0.2) ? ['web_'] : [] };
  // Two bots cannot tell which part of the margin is whose.
  const compareBalances = random.chance(0.4) && second === null;
  if (kind !== 'spot') {
    return {
      compareBalances,
      tolerance: {},
      atLeast: [],
      ignore,
      baseline: { positions: ownersPositions, balances: {} },
    };
  }
  const isExact = random.chance(0.5);
  return {
    compareBalances: 'auto',
    // More than all fees of a world, and less than the smallest trade.
    tolerance: isFeeBlind ? { BTC: '0.04+0.1%', ETH: '0.04+0.1%' } : {},
    // The owner's coins are a baseline, or the wallet may hold more than the bots say.
    atLeast: isExact ? [] : Object.keys(ownersCoins),
    ignore,
    baseline: { positions: {}, balances: isExact ? ownersCoins : {} },
  };
}

/** Whether balances are compared in the world. */
export function comparesBalances({ kind, policy }: Pick<Script, 'kind' | 'policy'>): boolean {
  return policy.compareBalances === true || (policy.compareBalances === 'auto' && kind === 'spot');
}

/** The workflow runs at once, and then at every tick of its schedule. */
function ticksOf(policy: Policy, start: number): number[] {
  const ticks = [start];
  while (ticks.length < RUNS) ticks.push(nextTick(ACCOUNT, start, policy.intervalMinutes, ticks.at(-1) ?? start));
  return ticks;
}

/** Trading begins before the first run and ends before the last two; most events happen while Plumbline observes. */
function eventsOf(random: Random, ticks: readonly number[], kinds: Record<EventKind, number>): WorldEvent[] {
  const [start = START] = ticks;
  const begin = start - 4 * MINUTE;
  const quiet = (ticks.at(-2) ?? start) - MINUTE;
  const busy = random.pick([20, 40, 80]) ?? 40;
  const table = Object.entries(kinds) as [EventKind, number][];
  const sum = table.reduce((total, [, weight]) => total + weight, 0);
  const events = Array.from({ length: busy }, (): WorldEvent => {
    let weight = random.next() * sum;
    const kind = table.find(([, share]) => (weight -= share) < 0)?.[0] ?? 'priceMove';
    const nearRun = (random.pick(ticks.slice(0, -2)) ?? start) + random.between(-50_000, 60_000);
    const at = random.chance(0.7) ? Math.min(nearRun, quiet) : random.between(begin, quiet);
    return { at, kind, seed: random.seed() };
  });
  // The initial state of the bots.
  for (let i = 0; i < 4; i += 1) {
    events.push({ at: begin - i * MINUTE, kind: i % 2 === 0 ? 'botMarket' : 'botLimit', seed: random.seed() });
  }
  return events.toSorted((a, b) => a.at - b.at);
}
