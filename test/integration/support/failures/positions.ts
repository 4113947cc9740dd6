import { DEMO_ACCOUNT } from '../../../../packages/exchange-simulator/src/engine/credentials.js';
import { bitcoin, byBot, byHand, ether, missing, solana, unheard } from '../drift-cases.js';
import type { SimulatedAccount } from '../simulated-world.js';
import { daysAgo, type Scenario } from './scenario.js';

/* Positions: changed only by trades, compared by leg, from one lot on, and with the cause named. */

const longBitcoin = { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.5' };

/** Executions of the order as a broken feed might report them: funding that carries the order's id. */
function fundingAsExecution({ simulator: { engine } }: SimulatedAccount, clientOrderId: string): string {
  const order = engine.account(DEMO_ACCOUNT).findOrder({ clientOrderId });
  if (order === null) throw new Error(`there is no order ${clientOrderId}`);
  const row = { symbol: 'BTCUSDT', orderId: order.id, execType: 'Funding', execPrice: '60000', execQty: '0.5' };
  const list = [{ ...row, execTime: String(engine.now()) }];
  return JSON.stringify({
    retCode: 0,
    retMsg: 'OK',
    result: { category: 'linear', nextPageCursor: '', list },
    time: 1,
  });
}

/**
 * Bybit forgets an order that ended unfilled after a day, and after 500 later ended orders; executions remain
 * available.
 */
function forgets(account: SimulatedAccount): void {
  daysAgo(account, 2);
  const { engine } = account.simulator;
  const order = { symbol: solana, side: 'buy', type: 'limit', price: '100', amount: '1' } as const;
  for (let count = 0; count < 500; count += 1) {
    const { id } = engine.place(DEMO_ACCOUNT, 'manual', order);
    engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual');
  }
}

export const fundingIsNoFill: Scenario = {
  title: 'NautilusTrader #4937: funding is never read as a fill',
  options: { exchange: 'bybit' },
  scene: async (account) =>
    byBot(
      account,
      longBitcoin,
      { symbol: bitcoin, side: 'buy', type: 'limit', price: '55000', amount: '0.1', client_order_id: 'bot-bid' },
      { symbol: bitcoin, side: 'sell', type: 'limit', price: '66000', amount: '0.2', client_order_id: 'bot-ask' },
    ),
  acts: [
    {
      shows: 'funding that is paid changes no position',
      happens: async ({ hand }) => {
        for (let times = 0; times < 3; times += 1) await hand.post('/sim/funding', { symbol: bitcoin, rate: '0.0001' });
      },
      sees: { run: { looks: 1 }, ended: { positions: { exchange: 1, internal: 1 } } },
    },
    {
      shows: 'an order of which only funding is reported was not filled by it',
      happens: async (account) => {
        await account.hand.post('/sim/cancel', { client_order_id: 'bot-bid' });
        forgets(account);
        const body = fundingAsExecution(account, 'bot-bid');
        await account.hand.post('/sim/faults', {
          endpoint: 'v5/execution/list',
          kind: 'wrong_json',
          body,
          times: null,
        });
      },
      stands: [missing(bitcoin, 'buy 0.1 at 55000', 'unknown')],
      says: [/neither order query, closed orders nor executions know it/],
    },
    {
      shows: 'one that was filled is reported with what was traded',
      happens: async (account) => unheard(account, ['/sim/fill', { client_order_id: 'bot-ask' }]),
      stands: [
        missing(bitcoin, 'buy 0.1 at 55000', 'unknown'),
        missing(bitcoin, 'sell 0.2 at 66000', 'filled'),
        { type: 'POSITION_SIZE_CHANGED', at: bitcoin, exchange: 'long 0.3', internal: 'long 0.5' },
      ],
      causes: ['order_filled 2'],
    },
  ],
};

export const liquidationIsNamed: Scenario = {
  title:
    'LEAN IB #156: 314 in the internal state against 83 at the broker is found in the next run, and liquidation named',
  scene: async (account) =>
    byBot(
      account,
      { symbol: solana, side: 'buy', type: 'market', amount: '314' },
      { symbol: solana, side: 'sell', type: 'stop_market', trigger_price: '120', amount: '314', reduce_only: true },
    ),
  acts: [
    {
      shows: 'what the broker took, what ended with it, and what that does not explain',
      happens: async (account) => {
        await account.hand.post('/sim/liquidate', { symbol: solana });
        await byHand(account, { symbol: solana, side: 'buy', type: 'market', amount: '83' });
      },
      stands: [
        { type: 'POSITION_SIZE_CHANGED', at: solana, exchange: 'long 83', internal: 'long 314' },
        missing(solana, 'sell 314 from 120', 'expired'),
      ],
      causes: ['liquidation 2'],
      says: [/the exchange liquidated 314 SOL/, /a further 83 SOL bought is unexplained/],
    },
  ],
};

const spotBitcoin = { symbol: 'BTC/USDT', type: 'market' };

export const dustIsNoPosition: Scenario = {
  title: 'binance-trading-bot #754: dust is no position',
  options: {
    exchange: 'binance',
    reconciliation: { compare_balances: true, tolerance: { BTC: '0.00001' }, ignore: { symbols: ['USDT'] } },
  },
  scene: async ({ hand }) => void (await hand.post('/sim/bot', { balances: true })),
  acts: [
    {
      shows: 'what a purchase and its sale leave, less than a lot, is none',
      happens: async (account) =>
        // The fee of 0.04 % is taken out of what is bought.
        byHand(
          account,
          { ...spotBitcoin, side: 'buy', amount: '0.001' },
          { ...spotBitcoin, side: 'sell', amount: '0.00099' },
        ),
    },
    {
      shows: 'and a purchase that is kept is found',
      happens: async (account) => byHand(account, { ...spotBitcoin, side: 'buy', amount: '0.001' }),
      stands: [{ type: 'BALANCE_CHANGED_EXTERNALLY', at: 'BTC', exchange: '1.0010092', internal: '1' }],
    },
  ],
};

export const legsAreTwo: Scenario = {
  title: 'NautilusTrader #3067: the legs of a hedge are two positions',
  options: { exchange: 'okx' },
  scene: async (account) => {
    await account.hand.post('/sim/reset', { position_mode: 'hedge' });
    await byBot(
      account,
      { ...longBitcoin, position_side: 'long' },
      { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.2', position_side: 'short' },
      { symbol: ether, side: 'buy', type: 'market', amount: '2', position_side: 'long' },
    );
  },
  acts: [
    { shows: 'both are seen', sees: { run: { looks: 1 }, ended: { positions: { exchange: 3, internal: 3 } } } },
    {
      shows: 'both differ, though their sum does not',
      happens: async (account) =>
        byHand(
          account,
          { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.1', position_side: 'long' },
          { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.1', position_side: 'short' },
        ),
      stands: [
        { type: 'POSITION_SIZE_CHANGED', at: bitcoin, leg: 'long', exchange: 'long 0.6', internal: 'long 0.5' },
        { type: 'POSITION_SIZE_CHANGED', at: bitcoin, leg: 'short', exchange: 'short 0.3', internal: 'short 0.2' },
      ],
    },
  ],
};
