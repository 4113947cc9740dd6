import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Outcome, ScenarioWorld, Verdict } from './scenario-world.js';

/** A condition that must hold for the act to pass. */
export interface Claim {
  text: string;
  holds: boolean;
  /** The actual value; shown if the claim does not hold. */
  seen: string;
  /** The verdict itself shows it, so it is not repeated if it holds. */
  implied: boolean;
}

export interface ActResult {
  /** The verdicts of the act, in order. */
  runs: Verdict[];
  claims: Claim[];
}

export interface Act {
  title: string;
  /** What happens, in words for a viewer. */
  description: string;
  play(world: ScenarioWorld): Promise<ActResult>;
}

const bitcoin = 'BTC/USDT:USDT';
const ether = 'ETH/USDT:USDT';
const solana = 'SOL/USDT:USDT';
const doge = 'DOGE/USDT:USDT';
/** The scenario's trading bot does not trade it. */
const bitcoinForUsdc = 'BTC/USDC:USDC';
const positions = '/binanceusdm/fapi/v3/positionRisk';
const human = 'demo';
const waitSeconds = 30;
const gateSeconds = 1;
const pollMs = 20;
const threshold = 'RECONCILIATION_FAILURE_THRESHOLD';

/**
 * Sets exchange and bot to the start of the scenario: two longs, three open limit orders, a stop. The ledger continues.
 */
export async function setTheScene({ simulator }: Pick<ScenarioWorld, 'simulator'>): Promise<void> {
  await simulator.post('/sim/reset', {});
  // The scenario observes more often in a minute than a deployment does in hours.
  await simulator.post('/sim/limits', { exchange: 'binanceusdm', weight_per_minute: 100_000 });
  const bot = { actor: 'bot' };
  const orders = [
    { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.5', client_order_id: 'bot-entry-btc' },
    { symbol: ether, side: 'buy', type: 'market', amount: '2', client_order_id: 'bot-entry-eth' },
    { symbol: bitcoin, side: 'buy', type: 'limit', price: '55000', amount: '0.1', client_order_id: 'bot-bid' },
    { symbol: bitcoin, side: 'sell', type: 'limit', price: '66000', amount: '0.2', client_order_id: 'bot-ask' },
    { symbol: solana, side: 'buy', type: 'limit', price: '140', amount: '20', client_order_id: 'bot-bid-sol' },
    {
      symbol: bitcoin,
      side: 'sell',
      type: 'stop_market',
      trigger_price: '54000',
      amount: '0.5',
      reduce_only: true,
      client_order_id: 'bot-stop',
    },
  ];
  for (const order of orders) await simulator.post('/sim/orders', { ...bot, ...order });
}

/** The trading gate, which follows the ledger within a second: asked until it is as wanted, or that time is over. */
async function gateOf(world: ScenarioWorld, open: boolean): ReturnType<ScenarioWorld['gate']> {
  for (const deadline = performance.now() + gateSeconds * 1000; ;) {
    const gate = await world.gate();
    if (gate.open === open || performance.now() > deadline) return gate;
    await sleep(pollMs);
  }
}

/** What one person does at the exchange without the bot, and the discrepancies that this must open. */
function drift(
  title: string,
  description: string,
  types: readonly string[],
  cause: (world: ScenarioWorld) => Promise<unknown>,
): Act {
  return {
    title,
    description,
    play: async (world) => {
      await cause(world);
      const run = await world.runNow();
      return { runs: [run], claims: [...verdictIs(run, 'drifted'), opens(run, types)] };
    },
  };
}

export const acts: readonly Act[] = [
  {
    title: 'Both sides agree',
    description:
      'The bot is long 0.5 BTC and 2 ETH; three limit orders and a stop are open. Nobody else trades in the account.',
    play: async (world) => {
      const run = await world.runNow();
      return { runs: [run], claims: [...verdictIs(run, 'matched'), nothingStands(run)] };
    },
  },
  drift(
    'Someone trades by hand',
    'A person buys 300 DOGE at the exchange. The bot knows nothing of it.',
    ['POSITION_OPENED_EXTERNALLY'],
    async (world) => byHand(world, { symbol: doge, side: 'buy', type: 'market', amount: '300' }),
  ),
  drift(
    "Someone makes the bot's position larger",
    'A person buys 0.2 BTC more: the exchange says 0.7 long, the bot says 0.5.',
    ['POSITION_SIZE_CHANGED'],
    async (world) => byHand(world, { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.2' }),
  ),
  drift(
    "Someone closes the bot's position",
    'A person sells the 2 ETH. The bot still has them in its state.',
    ['POSITION_CLOSED_EXTERNALLY'],
    async (world) => byHand(world, { symbol: ether, side: 'sell', type: 'market', amount: '2' }),
  ),
  drift(
    'Someone places an order',
    'A person offers 1 ETH at 3,300. It is open at the exchange and unknown to the bot.',
    ['ORDER_PLACED_EXTERNALLY'],
    async (world) => byHand(world, { symbol: ether, side: 'sell', type: 'limit', price: '3300', amount: '1' }),
  ),
  drift(
    "Someone cancels the bot's order",
    "A person cancels the bot's bid for BTC. Plumbline asks the exchange what became of it.",
    ['ORDER_MISSING_ON_EXCHANGE'],
    async ({ simulator }) => simulator.post('/sim/cancel', { client_order_id: 'bot-bid' }),
  ),
  drift(
    "Someone amends the bot's order",
    "A person moves the bot's offer of BTC from 66,000 to 65,000.",
    ['ORDER_AMENDED_EXTERNALLY'],
    async ({ simulator }) => simulator.post('/sim/amend', { client_order_id: 'bot-ask', price: '65000' }),
  ),
  drift(
    'The bot misses a fill',
    "5 of the bot's 20 SOL are filled, and the message about it is lost: order and position are both wrong now.",
    ['ORDER_FILL_MISSED', 'POSITION_OPENED_EXTERNALLY'],
    async ({ simulator }) => {
      await simulator.post('/sim/bot', { drop: true });
      await simulator.post('/sim/fill', { client_order_id: 'bot-bid-sol', amount: '5' });
      await simulator.post('/sim/bot', { drop: false });
    },
  ),
  {
    title: 'The bot takes over all changes',
    description: 'The bot reads its account again. Both sides agree again, and only that resolves the discrepancies.',
    play: async (world) => {
      const call = await world.openIntervention();
      await world.simulator.post('/sim/bot', { resync: true });
      const run = await world.runNow();
      const tradingGate = await gateOf(world, false);
      return {
        runs: [run],
        claims: [
          ...verdictIs(run, 'matched'),
          claim('every discrepancy of the acts before is resolved', run.resolved === 8, `${run.resolved} resolved`),
          nothingStands(run),
          claim(
            'the intervention is still open: nobody has answered it',
            call !== null && !tradingGate.open,
            say(tradingGate),
          ),
        ],
      };
    },
  },
  {
    title: 'The bot is trading',
    description:
      'Orders are placed, partly filled, amended and canceled many times a second; the bot learns of it 0.4 s late. That is no drift.',
    play: async (world) => {
      await world.simulator.post('/sim/bot', { trading: true, trading_interval_ms: 100 });
      await untilMessagesAreUnderWay(world);
      const run = await world.runNow();
      await world.simulator.post('/sim/bot', { trading: false });
      return { runs: [run], claims: [...verdictIs(run, 'matched'), opens(run, [])] };
    },
  },
  {
    title: 'The exchange sends garbage, three times',
    description:
      'A page of HTML, a cut-off JSON, an empty body; each with status 200. None of it means "no positions".',
    play: async (world) => {
      const runs: Verdict[] = [];
      const streaks: number[] = [];
      for (const kind of ['html', 'truncated', 'empty']) {
        await world.simulator.post('/sim/faults', { endpoint: positions, kind, times: null });
        runs.push(await world.runNow());
        await world.simulator.clearFaults();
        streaks.push(await world.consecutiveFailures());
      }
      const call = await world.openIntervention();
      const tradingGate = await gateOf(world, false);
      return {
        runs,
        claims: [
          claim(
            'each of the three runs failed',
            runs.every(({ outcome }) => outcome === 'failed'),
            outcomes(runs),
          ),
          claim('the streak grew to 3', streaks.join() === '1,2,3', streaks.join(', ')),
          claim(`a human is called: ${threshold}`, call?.reasons.includes(threshold) === true, say(call)),
          claim('the trading gate is closed: the bot may not trade', !tradingGate.open, say(tradingGate)),
        ],
      };
    },
  },
  {
    title: 'A human answers',
    description: 'With a name and a note. No discrepancy is open any more, so the trading gate opens.',
    play: async (world) => {
      await world.acknowledge(human, 'The exchange has an incident; watching their status page.');
      const call = await world.openIntervention();
      const tradingGate = await gateOf(world, true);
      return {
        runs: [],
        claims: [
          claim('no intervention is open any more', call === null, say(call)),
          claim('the trading gate is open', tradingGate.open, say(tradingGate)),
        ],
      };
    },
  },
  {
    title: 'The worker is killed in the middle of a run',
    description: 'The exchange is still down. kill -9 while the run waits for its retry; another worker is started.',
    play: killedInTheMiddle,
  },
  {
    title: 'Drift during the outage is found',
    description: 'During the outage, a person bought 0.1 BTC for USDC. Now the exchange answers again.',
    play: async (world) => {
      await byHand(world, { symbol: bitcoinForUsdc, side: 'buy', type: 'market', amount: '0.1' });
      await world.simulator.clearFaults();
      const run = await world.runNow();
      const streak = await world.consecutiveFailures();
      return {
        runs: [run],
        claims: [
          ...verdictIs(run, 'drifted'),
          opens(run, ['POSITION_OPENED_EXTERNALLY']),
          claim('a run that finds drift has succeeded: the streak ends', streak === 0, String(streak)),
        ],
      };
    },
  },
  {
    title: 'A human decides to trade on a known difference',
    description:
      'Acknowledging ends the reminders and leaves the trading gate closed. Accepting the difference for an hour opens it.',
    play: async (world) => {
      await until('the intervention', async () => (await world.openIntervention()) !== null);
      await world.acknowledge(human, 'Bought by hand as a hedge.');
      const acknowledged = await gateOf(world, false);
      await world.accept(human, 'The hedge stays until tonight.');
      const [call, accepted] = [await world.openIntervention(), await gateOf(world, true)];
      return {
        runs: [],
        claims: [
          claim('no intervention is open any more', call === null, say(call)),
          claim(
            'the trading gate stays closed over a difference that is not accepted',
            !acknowledged.open,
            say(acknowledged),
          ),
          claim('the trading gate opens once the difference is accepted', accepted.open, say(accepted)),
        ],
      };
    },
  },
  {
    title: 'Both sides agree again',
    description: 'The bot takes over that position, too. Both sides agree again, which ends the acceptance.',
    play: async (world) => {
      await world.simulator.post('/sim/bot', { resync: true });
      const run = await world.runNow();
      const [tradingGate, ledger] = [await gateOf(world, true), await world.ledger()];
      return {
        runs: [run],
        claims: [
          ...verdictIs(run, 'matched'),
          claim('it is resolved', run.resolved === 1 && run.openDiscrepancies === 0, `${run.openDiscrepancies} open`),
          claim('the trading gate is open', tradingGate.open, say(tradingGate)),
          claim('the ledger verifies: chain, sequence, totals', ledger.faults.length === 0, ledger.faults.join('; ')),
        ],
      };
    },
  },
];

async function killedInTheMiddle(world: ScenarioWorld): Promise<ActResult> {
  const [before, streakBefore] = [await world.ledger(), await world.consecutiveFailures()];
  await world.simulator.post('/sim/faults', { endpoint: positions, kind: 'status', status: 503, times: null });
  const running = world.runNow();
  // A run that ends too early is also a failure of the scenario, and its error message is the more useful one.
  await Promise.race([untilAFaultHit(world), running]);
  await world.killWorker();
  await world.startWorker();
  const run = await running;
  const [after, streak, call] = [
    await world.ledger(),
    await world.consecutiveFailures(),
    await world.openIntervention(),
  ];
  const fresh = after.runNumbers.filter((number) => !before.runNumbers.includes(number));
  const newThresholds = after.thresholdEvents - before.thresholdEvents;
  return {
    runs: [run],
    claims: [
      claim('nothing is lost: the run ended, as failed', run.outcome === 'failed', run.outcome),
      claim(
        'nothing is recorded twice: the ledger has this run once',
        fresh.join() === String(run.runNumber),
        fresh.join(', '),
      ),
      claim(
        'nor is its failure counted twice',
        after.failureTotal === before.failureTotal + 1,
        String(after.failureTotal),
      ),
      claim('the streak is kept', streak === streakBefore + 1, `${streakBefore}, then ${streak}`),
      claim('nobody is called again for the same streak', newThresholds === 0 && call === null, say(call)),
    ],
  };
}

const faultsSchema = z.object({ faults: z.array(z.object({ hits: z.number() })) });

async function untilAFaultHit({ simulator }: ScenarioWorld): Promise<void> {
  await until('the run to ask the exchange', async () => {
    const { faults } = faultsSchema.parse(await simulator.get('/sim/faults'));
    return faults.some(({ hits }) => hits > 0);
  });
}

const botSchema = z.object({ feed: z.object({ pending: z.number() }) });

/** Ensures that the observation meets a bot state that is behind. */
async function untilMessagesAreUnderWay({ simulator }: ScenarioWorld): Promise<void> {
  await until('the bot to trade', async () => botSchema.parse(await simulator.post('/sim/bot', {})).feed.pending >= 2);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + waitSeconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`The scenario waited ${waitSeconds} s for ${what} without success.`);
    await sleep(pollMs);
  }
}

async function byHand({ simulator }: ScenarioWorld, order: Readonly<Record<string, string>>): Promise<unknown> {
  return simulator.post('/sim/orders', { actor: 'manual', ...order });
}

function claim(text: string, holds: boolean, seen: string): Claim {
  return { text, holds, seen, implied: false };
}

function verdictIs(run: Verdict, outcome: Outcome): Claim[] {
  const seen = run.failure === null ? run.outcome : `${run.outcome}: ${run.failure.kind}: ${run.failure.message}`;
  return [{ text: `the verdict is ${outcome}`, holds: run.outcome === outcome, seen, implied: true }];
}

function opens(run: Verdict, types: readonly string[]): Claim {
  const opened = run.opened.map(({ type }) => type).toSorted();
  return {
    text: types.length === 0 ? 'no alarm is raised' : `reported exactly once: ${types.join(', ')}`,
    holds: opened.join() === types.toSorted().join(),
    seen: opened.length === 0 ? 'nothing' : opened.join(', '),
    implied: types.length > 0,
  };
}

function nothingStands(run: Verdict): Claim {
  return claim('no discrepancy is open', run.openDiscrepancies === 0, `${run.openDiscrepancies} open`);
}

function outcomes(runs: readonly Verdict[]): string {
  return runs.map(({ outcome }) => outcome).join(', ');
}

function say(value: { reasons: string[] } | null): string {
  return value === null ? 'no call' : JSON.stringify(value);
}
