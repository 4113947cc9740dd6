import { bitcoin, byBot, byHand, ether, missing, solana, type Reported } from '../drift-cases.js';
import type { SimulatedAccount } from '../simulated-world.js';
import type { Scenario } from './scenario.js';

/* What was not answered, or not requested, is unknown: it is never empty, and never zero. */

const vanished: Reported[] = [
  { type: 'POSITION_CLOSED_EXTERNALLY', at: bitcoin, exchange: null, internal: 'long 0.5' },
  { type: 'POSITION_CLOSED_EXTERNALLY', at: ether, exchange: null, internal: 'long 2' },
];

async function longOfTwo(account: SimulatedAccount): Promise<void> {
  await byBot(
    account,
    { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.5' },
    { symbol: ether, side: 'buy', type: 'market', amount: '2' },
  );
}

async function closedByHand(account: SimulatedAccount): Promise<void> {
  await byHand(
    account,
    { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.5' },
    { symbol: ether, side: 'sell', type: 'market', amount: '2' },
  );
}

/** Bybit reports an error with HTTP 200, together with the list of an empty account. */
const refusedAndEmpty = {
  endpoint: '/bybit/v5/position/list',
  kind: 'wrong_json',
  body: '{"retCode":10016,"retMsg":"Server error","result":{"category":"linear","nextPageCursor":"","list":[]},"time":1}',
};

/** Exchanges of other scenarios fail at the same time on the same worker: each ledger must record its own failure. */
export const failedQueryIsNotFlat: Scenario = {
  title: 'NautilusTrader #4617, #4729, #4228: a failed query is not flat',
  options: { exchange: 'bybit' },
  scene: longOfTwo,
  acts: [
    {
      shows: 'an error with an empty list is no empty account',
      happens: async ({ hand }) => hand.post('/sim/faults', refusedAndEmpty),
      fails: { kind: 'network', message: /\/v5\/position\/list \(positions\)/ },
    },
    {
      shows: 'nor is an answer without the list',
      happens: async ({ hand }) =>
        hand.post('/sim/faults', { ...refusedAndEmpty, body: '{"retCode":0,"retMsg":"OK","result":{},"time":1}' }),
      fails: { kind: 'unreadable', message: /\/v5\/position\/list \(positions\)/ },
    },
    { shows: 'what is held was held all the time', sees: { ended: { positions: { exchange: 2, internal: 2 } } } },
    { shows: 'an account that is really flat is found', happens: closedByHand, stands: vanished },
  ],
};

const sixOrders = [1, 2, 3, 4, 5, 6].map((step) => ({
  symbol: solana,
  side: 'buy',
  type: 'limit',
  price: String(140 - step),
  amount: '20',
  client_order_id: `bot-bid-${step}`,
}));

export const outageIsNotNotFound: Scenario = {
  title: 'Hummingbot #8457: an order that cannot be asked about is not gone; only an explicit not-found counts',
  options: { exchange: 'gate' },
  scene: async (account) => byBot(account, ...sixOrders),
  acts: [
    {
      shows: 'with the exchange away nothing is reported of any order',
      happens: async ({ hand }) => hand.post('/sim/faults', { endpoint: '/gate/*', kind: 'refuse', times: null }),
      fails: { kind: 'network', message: /gate/ },
    },
    {
      shows: 'when it is back all six rest as before',
      happens: async ({ hand }) => hand.clearFaults(),
      sees: { ended: { orders: { exchange: 6, internal: 6 } } },
    },
    {
      shows: 'of one that is really gone the cause is unknown while nobody answers for it',
      happens: async ({ hand }) => {
        await hand.post('/sim/cancel', { client_order_id: 'bot-bid-6' });
        for (const endpoint of ['/gate/api/v4/futures/usdt/orders/*', '/gate/api/v4/futures/usdt/orders_timerange']) {
          await hand.post('/sim/faults', { endpoint, kind: 'refuse', times: null });
        }
      },
      stands: [missing(solana, 'buy 20 at 134', 'unknown')],
      says: [/the cause is unknown \(the question failed: network/],
    },
    {
      shows: 'and reported when it is answered, in the same discrepancy',
      happens: async ({ hand }) => hand.clearFaults(),
      stands: [missing(solana, 'buy 20 at 134', 'canceled')],
      sees: { open: [{ timesSeen: 2 }] },
    },
    {
      shows: 'one that the exchange says there never was is reported as that',
      happens: async ({ simulator: { bot } }) => {
        const order = { symbol: solana, side: 'sell', type: 'limit', price: '170', triggerPrice: null } as const;
        bot.books.submit({ ...order, amount: '3', clientOrderId: 'bot-lost' });
      },
      stands: [missing(solana, 'buy 20 at 134', 'canceled'), missing(solana, 'sell 3 at 170', 'never_seen')],
    },
  ],
};

/** What the bot serves in the next observation, instead of its whole state. */
async function botSays({ hand, simulator }: SimulatedAccount, part: Readonly<Record<string, unknown>>): Promise<void> {
  const body = JSON.stringify({ ...simulator.bot.state(), ...part });
  await hand.post('/sim/faults', { endpoint: '/bot/state', kind: 'wrong_json', body });
}

export const partIsNotZero: Scenario = {
  title: 'LEAN Alpaca #66: a currency of which a side does not speak is not zero',
  options: { exchange: 'binance', reconciliation: { compare_balances: true } },
  scene: async ({ hand }) => void (await hand.post('/sim/bot', { balances: true })),
  acts: [
    {
      shows: 'a bot that speaks of its dollars alone has lost no bitcoin, and what is not compared is said',
      happens: async (account) =>
        botSays(account, {
          scopes: ['orders', 'balances:USDT'],
          balances: [{ currency: 'USDT', total: '100000' }],
        }),
      sees: {
        run: { looks: 1, notCompared: ['balances'] },
        ended: {
          coverage: {
            compared: ['balances:USDT', 'orders:conditional:spot', 'orders:regular:spot'],
            not_compared: [
              {
                scope: 'balances',
                missing: 'internal',
                reason: 'internal state covers only balances:USDT',
              },
            ],
          },
        },
      },
    },
    {
      shows: 'an exchange that lists no currency at all has not reported any',
      happens: async ({ hand }) =>
        hand.post('/sim/faults', { endpoint: '/binance/api/v3/account', kind: 'wrong_json', body: '{"balances":[]}' }),
      fails: { kind: 'unreadable', message: /\/api\/v3\/account \(balances\)/ },
    },
    {
      shows: 'bitcoin that is really gone is found',
      happens: async (account) => byHand(account, { symbol: 'BTC/USDT', side: 'sell', type: 'market', amount: '1' }),
      stands: [
        { type: 'BALANCE_CHANGED_EXTERNALLY', at: 'BTC', exchange: '0', internal: '1' },
        { type: 'BALANCE_CHANGED_EXTERNALLY', at: 'USDT', exchange: '159976', internal: '100000' },
      ],
    },
  ],
};

export const vanishedIsSeenAndFailureClearsNothing: Scenario = {
  title: 'Vibe-Trading #667: what vanished is compared too, and an empty failed fetch clears nothing',
  options: { exchange: 'okx' },
  scene: longOfTwo,
  acts: [
    {
      shows: 'positions of which the exchange has no row any more are found',
      happens: closedByHand,
      stands: vanished,
      sees: { totals: { openInterventions: 1 } },
    },
    {
      shows: 'a failed fetch with an empty list resolves nothing',
      happens: async ({ hand }) =>
        hand.post('/sim/faults', {
          endpoint: '/okx/api/v5/account/positions',
          kind: 'status',
          status: 503,
          body: '{"code":"50001","msg":"Service temporarily unavailable","data":[]}',
        }),
      fails: { kind: 'maintenance', message: /\/api\/v5\/account\/positions/ },
      stands: vanished,
    },
    {
      shows: "nor does the bot's state, where it cannot be read",
      happens: async ({ hand }) => hand.post('/sim/faults', { endpoint: '/bot/state', kind: 'empty' }),
      fails: { kind: 'unreadable', message: /./ },
      stands: vanished,
      sees: { totals: { openInterventions: 1, consecutiveFailures: 2 } },
    },
    {
      shows: 'only an observation in which both sides agree resolves, and only a human ends the intervention',
      happens: async ({ hand }) => hand.post('/sim/bot', { resync: true }),
      sees: { totals: { openInterventions: 1, consecutiveFailures: 0 } },
    },
  ],
};
