import { bitcoin, byBot, byHand, doge, missing, oneWay } from '../drift-cases.js';
import type { EngineEvent } from '../../../../packages/exchange-simulator/src/engine/events.js';
import type { SimulatedAccount } from '../simulated-world.js';
import { eventually } from '../world.js';
import { PATIENCE_MS } from './play.js';
import type { Act, Scenario } from './scenario.js';

/* Both sides change while they are observed, and a drift persists over many observations. */

export const oldSnapshotDoesNotConfirm: Scenario = {
  title: 'NautilusTrader #4517: a snapshot from before an await does not contradict what is true after it',
  // The internal state is requested repeatedly until it is there.
  options: { exchange: 'okx', reconciliation: { retry_seconds: 120 } },
  scene: async (account) => byBot(account, { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.5' }),
  acts: [
    {
      shows: 'a position that the bot closed after the exchange had answered, and before its own state was read',
      run: async (account) => {
        const { client, hand, name } = account;
        const { runNumber } = await client.status(name);
        await hand.post('/sim/faults', { endpoint: '/bot/state', kind: 'status', status: 503, times: null });
        const running = account.runNow();
        // Not until its last request arrives: the simulator answers after it has counted, and the answer must be older.
        await eventually(
          async () => account.storedSides(runNumber + 1),
          (sides) => sides.includes('exchange'),
          PATIENCE_MS,
        );
        await byBot(account, { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.5' });
        await hand.clearFaults();
        return running;
      },
      sees: { run: { looks: 2 } },
    },
    {
      shows: 'a short that is really there is found',
      happens: async (account) => byHand(account, { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.5' }),
      stands: [{ type: 'POSITION_OPENED_EXTERNALLY', at: bitcoin, exchange: 'short 0.5', internal: null }],
    },
  ],
};

const bought = { type: 'POSITION_OPENED_EXTERNALLY', at: doge, exchange: 'long 300', internal: null } as const;

function stillThere(timesSeen: number): Act {
  return {
    shows: `run ${timesSeen} that sees it says so, and calls nobody again`,
    stands: [bought],
    sees: {
      run: { outcome: 'drifted', discrepancies: 1, opened: [], calls: [] },
      open: [{ timesSeen }],
      totals: { openInterventions: 1 },
    },
  };
}

export const oneDiscrepancyOneCall: Scenario = {
  title:
    'NautilusTrader #3622: the same discrepancy in run after run is one discrepancy and one call, and never silent',
  scene: oneWay,
  acts: [
    {
      shows: 'it is found, and a human is called',
      happens: async (account) => byHand(account, { symbol: doge, side: 'buy', type: 'market', amount: '300' }),
      stands: [bought],
    },
    stillThere(2),
    stillThere(3),
    stillThere(4),
    {
      shows: 'after a human has answered it is still reported, for it still stands',
      happens: async ({ client, name }) => client.acknowledge(name, { by: 'ada', note: 'known, being closed' }),
      stands: [bought],
      sees: { run: { outcome: 'drifted', calls: [] }, open: [{ timesSeen: 5 }], totals: { openInterventions: 0 } },
    },
    {
      shows: 'it ends when it is gone',
      happens: async (account) => byHand(account, { symbol: doge, side: 'sell', type: 'market', amount: '300' }),
    },
  ],
};

/** Messages on their way to a bot that are held until they are released. */
const onTheirWay = new WeakMap<SimulatedAccount, EngineEvent[]>();

async function fillUnheard(account: SimulatedAccount, order: Readonly<Record<string, string>>): Promise<void> {
  const { hand, simulator } = account;
  const news: EngineEvent[] = [];
  const stopHearing = simulator.engine.subscribe((event) => news.push(event));
  await hand.post('/sim/bot', { drop: 1 });
  await hand.post('/sim/fill', order);
  stopHearing();
  onTheirWay.set(account, news);
}

function newsArrive(account: SimulatedAccount): void {
  const { bot, engine } = account.simulator;
  for (const event of onTheirWay.get(account) ?? []) {
    if (event.kind === 'order') bot.books.apply(event, engine.market(event.order.symbol));
  }
  onTheirWay.delete(account);
}

const krakenBitcoin = 'BTC/USD:USD';
const krakenSolana = 'SOL/USD:USD';

export const lateFillIsCountedOnce: Scenario = {
  title: 'NautilusTrader #3493, #3476: a fill of which the bot hears late does not alarm, and is never counted twice',
  options: { exchange: 'krakenfutures', reconciliation: { grace_seconds: 5 } },
  scene: async (account) =>
    byBot(
      account,
      { symbol: krakenBitcoin, side: 'buy', type: 'limit', price: '55000', amount: '0.1', client_order_id: 'bot-bid' },
      { symbol: krakenSolana, side: 'buy', type: 'limit', price: '140', amount: '20', client_order_id: 'bot-bid-sol' },
    ),
  acts: [
    {
      shows: 'news that come within the grace, after an observation that saw them missing',
      happens: async (account) => fillUnheard(account, { client_order_id: 'bot-bid' }),
      run: async (account) => {
        const running = account.runNow();
        await eventually(
          async () => account.client.status(account.name),
          ({ phase }) => phase === 'settling',
          PATIENCE_MS,
        );
        newsArrive(account);
        return running;
      },
      sees: { ended: { positions: { exchange: 1, internal: 1 } } },
    },
    {
      shows: 'news that do not come: order and position have one cause and one call',
      happens: async (account) => fillUnheard(account, { client_order_id: 'bot-bid-sol' }),
      stands: [
        missing(krakenSolana, 'buy 20 at 140', 'filled'),
        { type: 'POSITION_OPENED_EXTERNALLY', at: krakenSolana, exchange: 'long 20', internal: null },
      ],
      causes: ['order_filled 2'],
    },
    {
      shows: 'news that come after all: nothing was booked in their stead, and nothing is booked twice',
      happens: async (account) => newsArrive(account),
      sees: { run: { looks: 1 }, ended: { positions: { exchange: 2, internal: 2 } } },
    },
  ],
};
