import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WIRES } from '../../packages/exchange-simulator/src/wires.js';
import { uniqueTaskQueue } from '../support/temporal.js';
import {
  actsOn,
  asOnSpot,
  asSaidBy,
  newsOf,
  scriptedVerdicts,
  reportsEveryCause,
  reportedVerdict,
  type Verdict,
} from './support/day-verdicts.js';
import { WIRES_OF_THE_DAY, type PlayedWire } from './support/eight-wires.js';
import { startSimulatedWorld, type SimulatedAccount, type SimulatedWorld } from './support/simulated-world.js';
import { tradingDay } from './support/trading-day.js';
import { tradingDesk } from './support/trading-desk.js';

const PATIENCE_MS = 240_000;
/** A day that takes a minute sends more requests than hours in production. */
const PLENTY = 1_000_000;

interface Played {
  verdicts: Verdict[];
  /** What `plumbline verify` reports as wrong. */
  faults: string[];
}

let world: SimulatedWorld;
const taskQueue = uniqueTaskQueue('trading-day');
const days = new Map<string, Promise<Played>>();

beforeAll(async () => {
  world = await startSimulatedWorld();
  await world.startWorker(taskQueue);
  // All in parallel: each exchange has its own simulator, and most of a run is waiting.
  for (const wire of WIRES_OF_THE_DAY) {
    const day = playDay(wire);
    day.catch(() => {}); // The exchange's own test reports it.
    days.set(wire.exchange, day);
  }
}, PATIENCE_MS);

afterAll(async () => {
  await Promise.allSettled(days.values());
  await world.close();
}, PATIENCE_MS);

async function playDay(wire: PlayedWire): Promise<Played> {
  const account = await openAccount(wire);
  const desk = tradingDesk(wire, account);
  const verdicts: Verdict[] = [];
  for (const [index, act] of actsOn(tradingDay, wire).entries()) {
    await act.play(desk);
    if (index === 0) await account.start();
    // The workflow's first run starts on its own: the second is the first requested one.
    const run = index === 0 ? await account.runUntil(2) : await account.runNow();
    const open = (await world.ledger.discrepancies(account.name)).filter(({ state }) => state === 'open');
    verdicts.push(
      reportedVerdict(
        act.title,
        run,
        open.map(({ difference }) => difference),
        wire,
      ),
    );
  }
  return { verdicts, faults: await account.faults() };
}

async function openAccount(wire: PlayedWire): Promise<SimulatedAccount> {
  const isSpot = wire.kind === 'spot';
  const account = await world.addAccount({
    exchange: wire.exchange,
    ...(wire.markets === undefined ? {} : { markets: wire.markets }),
    taskQueue,
    weightPerMinute: PLENTY,
    reconciliation: {
      // For an observation that follows too soon after the one before: wires also have limits per second.
      retry_seconds: 3,
      // Holdings are compared and money is not: neither a derivative's wallet nor the quote currency of a spot trade.
      ...(isSpot ? { compare_balances: true, ignore: { symbols: [wire.quote] } } : {}),
    },
  });
  await account.hand.post('/sim/reset', { balances: wire.opening });
  await account.hand.post('/sim/bot', { balances: isSpot });
  await account.hand.post('/sim/limits', { exchange: wire.exchange, weight_per_minute: PLENTY });
  return account;
}

async function played({ exchange }: PlayedWire): Promise<Played> {
  const day = days.get(exchange);
  if (day === undefined) throw new Error(`no day was played on ${exchange}`);
  return day;
}

describe('one trading day', () => {
  it.each(WIRES_OF_THE_DAY)(
    'on $exchange leads to the verdicts of the script',
    async (wire) => {
      const { verdicts, faults } = await played(wire);
      expect(verdicts).toEqual(scriptedVerdicts(tradingDay, wire));
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});

describe('the same trading day', () => {
  const derivatives = WIRES_OF_THE_DAY.filter(({ kind }) => kind === 'derivative');
  const spots = WIRES_OF_THE_DAY.filter(({ kind }) => kind === 'spot');
  const [first] = derivatives.filter(reportsEveryCause);
  if (first === undefined) throw new Error('one exchange at least should report every cause');

  it('is played on all eight wires', () => {
    expect(WIRES_OF_THE_DAY.map(({ exchange }) => exchange).toSorted()).toEqual(WIRES.map(({ id }) => id).toSorted());
  });

  it.each(derivatives.filter((wire) => wire !== first))(
    `on $exchange leads to the same verdicts and base amounts as on ${first.exchange}`,
    async (wire) => {
      const [{ verdicts }, reference] = [await played(wire), await played(first)];
      expect(verdicts).toEqual(asSaidBy(wire, reference.verdicts));
    },
    PATIENCE_MS,
  );

  it.each(spots)(
    'on $exchange reports the same base amounts as balances',
    async (wire) => {
      const [{ verdicts }, reference] = [await played(wire), await played(first)];
      expect(newsOf(verdicts)).toEqual(asOnSpot(tradingDay, wire, newsOf(reference.verdicts)));
    },
    PATIENCE_MS,
  );
});
