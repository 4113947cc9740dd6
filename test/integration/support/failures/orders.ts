import { expect } from '@jest/globals';
import { bitcoin, byBot, byHand, ether, missing, oneWay, solana, unheard } from '../drift-cases.js';
import type { SimulatedAccount } from '../simulated-world.js';
import { daysAgo, type Scenario } from './scenario.js';

/*
 * Orders that are not where the bot believes them: the exchange is asked what became of each, and nothing is guessed.
 */

export const resolvedByState: Scenario = {
  title: 'NautilusTrader #4479: a partly filled order that is missing is reported as what it was, and not for ever',
  options: { exchange: 'bybit' },
  scene: async (account) => {
    await byBot(
      account,
      { symbol: solana, side: 'buy', type: 'limit', price: '140', amount: '20', client_order_id: 'bot-bid-sol' },
      { symbol: ether, side: 'buy', type: 'limit', price: '2900', amount: '2', client_order_id: 'bot-bid-eth' },
    );
    await account.hand.post('/sim/fill', { client_order_id: 'bot-bid-sol', amount: '5' });
    await account.hand.post('/sim/fill', { client_order_id: 'bot-bid-eth', amount: '0.5' });
  },
  acts: [
    {
      shows: 'cancelled after its first part, or filled to the end: never rejected',
      happens: async (account) => {
        await account.hand.post('/sim/cancel', { client_order_id: 'bot-bid-sol' });
        await unheard(account, ['/sim/fill', { client_order_id: 'bot-bid-eth' }]);
      },
      stands: [
        missing(solana, 'buy 20 at 140, 5 filled', 'canceled'),
        missing(ether, 'buy 2 at 2900, 0.5 filled', 'filled'),
        { type: 'POSITION_SIZE_CHANGED', at: ether, exchange: 'long 2', internal: 'long 0.5' },
      ],
      causes: ['order_filled 2', 'unexplained 1'],
      says: [/canceled after 5 SOL filled/],
    },
    {
      shows: 'a bot that takes it over is done with it',
      happens: async ({ hand }) => hand.post('/sim/bot', { resync: true }),
    },
  ],
};

/** Three months and ten days: longer than Bitget's list of open orders reaches back. */
const LONG_AGO_DAYS = 100;

export const olderThanTheLookBack: Scenario = {
  title: 'NautilusTrader #4847: an order older than the look-back is not silently left out',
  options: { exchange: 'bitget' },
  scene: async (account) => {
    await byBot(
      account,
      { symbol: solana, side: 'buy', type: 'limit', price: '140', amount: '20', client_order_id: 'bot-bid-sol' },
      { symbol: bitcoin, side: 'buy', type: 'limit', price: '55000', amount: '0.1', client_order_id: 'bot-bid' },
    );
  },
  acts: [
    {
      shows:
        'orders that the list leaves out and the exchange calls open are not gone, and are said not to have been seen',
      happens: async (account) => daysAgo(account, LONG_AGO_DAYS),
      sees: {
        run: { unsettled: 2, notCompared: expect.arrayContaining(['orders:regular:old']) },
        ended: {
          orders: { exchange: 0, internal: 2 },
          unsettled: [
            { symbol: bitcoin, reason: expect.stringContaining('order query: the order is open') },
            { symbol: solana, reason: expect.stringContaining('order query: the order is open') },
          ],
        },
      },
    },
    {
      shows: 'one that is really gone is found, as old as it is',
      happens: async ({ hand }) => hand.post('/sim/cancel', { client_order_id: 'bot-bid' }),
      stands: [missing(bitcoin, 'buy 0.1 at 55000', 'canceled')],
      sees: { run: { unsettled: 1 } },
    },
  ],
};

const NOT_FOUND = { status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' };

export const historyIsAskedFirst: Scenario = {
  title: 'Freqtrade at start-up: an order that is not found is not assumed cancelled; the history is asked',
  scene: oneWay,
  acts: [
    {
      shows: 'three orders that the order query does not know, of which each became something else',
      happens: async (account) => {
        const { hand, simulator } = account;
        await hand.post('/sim/faults', { endpoint: 'fapi/v1/order', kind: 'status', ...NOT_FOUND, times: null });
        await unheard(account, ['/sim/fill', { client_order_id: 'bot-bid' }]);
        await hand.post('/sim/cancel', { client_order_id: 'bot-ask' });
        const order = { symbol: solana, side: 'sell', type: 'limit', price: '170', triggerPrice: null } as const;
        simulator.bot.books.submit({ ...order, amount: '3', clientOrderId: 'bot-lost' });
      },
      stands: [
        missing(bitcoin, 'buy 0.1 at 55000', 'filled'),
        missing(bitcoin, 'sell 0.2 at 66000', 'canceled'),
        missing(solana, 'sell 3 at 170', 'never_seen'),
        { type: 'POSITION_SIZE_CHANGED', at: bitcoin, exchange: 'long 0.6', internal: 'long 0.5' },
      ],
      causes: ['order_filled 2', 'unexplained 1', 'unexplained 1'],
      says: [/filled 0\.1 BTC at 55,?000/, /canceled \(closed orders\)/, /never seen it \(.*closed orders/],
    },
  ],
};

/** Five of each kind; OKX lists none of them among its open orders. */
const fifteenStops = [1, 2, 3, 4, 5].flatMap((step) => [
  { type: 'stop_market', trigger_price: String(54_000 - step) },
  { type: 'take_profit', trigger_price: String(65_000 + step), price: String(65_100 + step) },
  { type: 'trailing_stop_market', callback_percent: '2', activation_price: String(63_000 + step) },
]);

const aStop = { symbol: bitcoin, side: 'sell', type: 'stop_market', amount: '0.1', reduce_only: true };

export const conditionalOrdersAreCovered: Scenario = {
  title: 'OpenAlice #90: conditional orders raise no alarms, and one that is removed is found',
  options: { exchange: 'okx' },
  scene: async (account) => {
    await byBot(account, { symbol: bitcoin, side: 'buy', type: 'market', amount: '1.5' });
    for (const [index, stop] of fifteenStops.entries()) {
      await byBot(account, { ...aStop, ...stop, client_order_id: `bot-stop-${index}` });
    }
  },
  acts: [
    {
      shows: 'fifteen of them, and no alarm',
      sees: { run: { looks: 1 }, ended: { orders: { exchange: 15, internal: 15 } } },
    },
    {
      shows: 'one that a person removed',
      happens: async ({ hand }) => hand.post('/sim/cancel', { client_order_id: 'bot-stop-0' }),
      stands: [missing(bitcoin, 'sell 0.1 from 53999', 'canceled')],
    },
    {
      shows: 'and one that is there three times',
      happens: async (account) =>
        byHand(account, { ...aStop, trigger_price: '53998' }, { ...aStop, trigger_price: '53998' }),
      stands: [
        missing(bitcoin, 'sell 0.1 from 53999', 'canceled'),
        { type: 'ORDER_PLACED_EXTERNALLY', at: bitcoin, exchange: 'sell 0.1 from 53998', internal: null },
        { type: 'ORDER_PLACED_EXTERNALLY', at: bitcoin, exchange: 'sell 0.1 from 53998', internal: null },
      ],
    },
  ],
};

const hyperBitcoin = 'BTC/USDC:USDC';

async function cancelIsRefused({ hand }: SimulatedAccount, clientOrderId: string): Promise<void> {
  const cancelled = hand.post('/sim/cancel', { client_order_id: clientOrderId, actor: 'bot' });
  const refused = await cancelled.then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error(`${clientOrderId} should not be there to be cancelled`);
}

export const lostEventIsFound: Scenario = {
  title: 'Qubx #434: a filled order whose event was lost is found in the next run, not after 14,000 cancels',
  options: { exchange: 'hyperliquid' },
  scene: async (account) =>
    byBot(
      account,
      { symbol: hyperBitcoin, side: 'buy', type: 'market', amount: '0.5' },
      { symbol: hyperBitcoin, side: 'sell', type: 'limit', price: '66000', amount: '0.5', client_order_id: 'bot-exit' },
    ),
  acts: [
    {
      shows: 'the order was filled, and what would fix the internal state is said',
      happens: async (account) => {
        await unheard(account, ['/sim/fill', { client_order_id: 'bot-exit' }]);
        await cancelIsRefused(account, 'bot-exit');
      },
      stands: [
        missing(hyperBitcoin, 'sell 0.5 at 66000', 'filled'),
        { type: 'POSITION_CLOSED_EXTERNALLY', at: hyperBitcoin, exchange: null, internal: 'long 0.5' },
      ],
      causes: ['order_filled 2'],
      says: [/record its fill of 0\.5 BTC/],
    },
    {
      shows: 'state that is fixed agrees',
      happens: async ({ hand }) => hand.post('/sim/bot', { resync: true }),
    },
  ],
};
