import type { Difference, DiscrepancyType, MissingCause } from '../../../src/domain/difference/difference.js';
import { normalizeDecimal } from '../../../src/domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position } from '../../../src/domain/snapshot/snapshot.js';
import type { CauseKind } from '../../../src/domain/explain/cause.js';
import { setTheScene } from '../../../packages/dev-stack/src/scenario.js';
import type { AccountOptions, SimulatedAccount } from './simulated-world.js';

/** A difference in short: the values of each side, as text. */
export interface Reported {
  type: DiscrepancyType;
  at: string;
  /** The leg in hedge mode. */
  leg?: 'long' | 'short';
  exchange: string | null;
  internal: string | null;
  /** For a missing order. */
  cause?: MissingCause;
}

/** One cause, and all the discrepancies that it must lead to. */
export interface DriftCase {
  title: string;
  options?: AccountOptions;
  /** The state on which exchange and bot agree before. */
  scene: (account: SimulatedAccount) => Promise<void>;
  cause: (account: SimulatedAccount) => Promise<void>;
  reported: Reported[];
  /**
   * The calls: the kind of each cause, and its number of discrepancies. If not given, each discrepancy forms its own
   * cause, unexplained.
   */
  causes?: `${CauseKind} ${number}`[];
}

export const bitcoin = 'BTC/USDT:USDT';
export const ether = 'ETH/USDT:USDT';
export const solana = 'SOL/USDT:USDT';
export const doge = 'DOGE/USDT:USDT';

export type Fields = Readonly<Record<string, unknown>>;

export async function byHand({ hand }: SimulatedAccount, ...orders: Fields[]): Promise<void> {
  for (const order of orders) await hand.post('/sim/orders', { actor: 'manual', ...order });
}

export async function byBot({ hand }: SimulatedAccount, ...orders: Fields[]): Promise<void> {
  for (const order of orders) await hand.post('/sim/orders', { actor: 'bot', ...order });
}

/** Market moves while the bot's connection loses every message. */
export async function unheard({ hand }: SimulatedAccount, ...moves: [path: string, body: Fields][]): Promise<void> {
  await hand.post('/sim/bot', { drop: true });
  for (const [path, body] of moves) await hand.post(path, body);
  await hand.post('/sim/bot', { drop: false });
}

/**
 * The demo's state: long 0.5 BTC and 2 ETH; open orders `bot-bid`, `bot-ask`, `bot-bid-sol`, and the stop `bot-stop`.
 */
export async function oneWay({ hand }: SimulatedAccount): Promise<void> {
  await setTheScene({ simulator: hand });
}

/** Both legs of BTC, and one of ETH. */
async function hedged(account: SimulatedAccount): Promise<void> {
  await account.hand.post('/sim/reset', { position_mode: 'hedge' });
  await byBot(
    account,
    { symbol: bitcoin, position_side: 'long', side: 'buy', type: 'market', amount: '0.5' },
    { symbol: bitcoin, position_side: 'short', side: 'sell', type: 'market', amount: '0.2' },
    { symbol: ether, position_side: 'long', side: 'buy', type: 'market', amount: '2' },
  );
}

export const driftCases: DriftCase[] = [
  {
    title: 'a position opened by hand',
    scene: oneWay,
    cause: async (account) => byHand(account, { symbol: doge, side: 'buy', type: 'market', amount: '300' }),
    reported: [{ type: 'POSITION_OPENED_EXTERNALLY', at: doge, exchange: 'long 300', internal: null }],
  },
  {
    title: 'a position made larger by hand',
    scene: oneWay,
    cause: async (account) => byHand(account, { symbol: bitcoin, side: 'buy', type: 'market', amount: '0.2' }),
    reported: [{ type: 'POSITION_SIZE_CHANGED', at: bitcoin, exchange: 'long 0.7', internal: 'long 0.5' }],
  },
  {
    title: 'a position flipped by hand, which is one change of size',
    scene: oneWay,
    cause: async (account) => byHand(account, { symbol: bitcoin, side: 'sell', type: 'market', amount: '0.8' }),
    reported: [{ type: 'POSITION_SIZE_CHANGED', at: bitcoin, exchange: 'short 0.3', internal: 'long 0.5' }],
    causes: ['flip 1'],
  },
  {
    title: 'a position closed by hand',
    scene: oneWay,
    cause: async (account) => byHand(account, { symbol: ether, side: 'sell', type: 'market', amount: '2' }),
    reported: [{ type: 'POSITION_CLOSED_EXTERNALLY', at: ether, exchange: null, internal: 'long 2' }],
  },
  {
    title: 'orders placed by hand, one of them waiting for a trigger',
    scene: oneWay,
    cause: async (account) =>
      byHand(
        account,
        { symbol: ether, side: 'sell', type: 'limit', price: '3300', amount: '1' },
        { symbol: ether, side: 'sell', type: 'stop_market', trigger_price: '2500', amount: '2' },
      ),
    reported: [
      { type: 'ORDER_PLACED_EXTERNALLY', at: ether, exchange: 'sell 1 at 3300', internal: null },
      { type: 'ORDER_PLACED_EXTERNALLY', at: ether, exchange: 'sell 2 from 2500', internal: null },
    ],
  },
  {
    title: 'orders cancelled by hand',
    scene: oneWay,
    cause: async ({ hand }) => {
      await hand.post('/sim/cancel', { client_order_id: 'bot-bid' });
      await hand.post('/sim/cancel', { client_order_id: 'bot-stop' });
    },
    reported: [missing(bitcoin, 'buy 0.1 at 55000', 'canceled'), missing(bitcoin, 'sell 0.5 from 54000', 'canceled')],
  },
  {
    title: 'an order that ran out unheard',
    scene: oneWay,
    cause: async (account) => unheard(account, ['/sim/expire', { client_order_id: 'bot-bid' }]),
    reported: [missing(bitcoin, 'buy 0.1 at 55000', 'expired')],
  },
  {
    title: 'an order that was filled unheard',
    scene: oneWay,
    cause: async (account) => unheard(account, ['/sim/fill', { client_order_id: 'bot-bid' }]),
    reported: [
      missing(bitcoin, 'buy 0.1 at 55000', 'filled'),
      { type: 'POSITION_SIZE_CHANGED', at: bitcoin, exchange: 'long 0.6', internal: 'long 0.5' },
    ],
    causes: ['order_filled 2'],
  },
  {
    title: 'a stop that went off unheard',
    scene: async (account) => {
      await oneWay(account);
      const stop = { type: 'stop_market', trigger_price: '2800', reduce_only: true };
      await byBot(account, { symbol: ether, side: 'sell', amount: '2', ...stop });
    },
    cause: async (account) => unheard(account, ['/sim/price', { symbol: ether, price: '2790' }]),
    reported: [
      missing(ether, 'sell 2 from 2800', 'filled'),
      { type: 'POSITION_CLOSED_EXTERNALLY', at: ether, exchange: null, internal: 'long 2' },
    ],
    causes: ['order_filled 2'],
  },
  {
    title: 'a liquidation whose order the bot saw come and not go',
    scene: oneWay,
    cause: async ({ hand, simulator: { engine, bot } }) => {
      const stopHearing = engine.subscribe((event) => {
        const isNew = event.kind === 'order' && event.actor === 'liquidation' && event.change === 'new';
        if (isNew) bot.books.apply(event, engine.market(event.order.symbol));
      });
      await hand.post('/sim/liquidate', { symbol: bitcoin });
      stopHearing();
    },
    reported: [
      { type: 'POSITION_CLOSED_EXTERNALLY', at: bitcoin, exchange: null, internal: 'long 0.5' },
      missing(bitcoin, 'sell 0.5 at 60000', 'liquidated'),
      // The exchange expires what was open in the symbol, and reports nothing further about it.
      missing(bitcoin, 'buy 0.1 at 55000', 'expired'),
      missing(bitcoin, 'sell 0.2 at 66000', 'expired'),
      missing(bitcoin, 'sell 0.5 from 54000', 'expired'),
    ],
    causes: ['liquidation 5'],
  },
  {
    title: 'an order in the internal state that never reached the exchange',
    scene: oneWay,
    cause: async ({ simulator: { bot } }) => {
      const order = { symbol: solana, side: 'sell', type: 'limit', price: '170', triggerPrice: null } as const;
      bot.books.submit({ ...order, amount: '3', clientOrderId: 'bot-lost' });
    },
    reported: [missing(solana, 'sell 3 at 170', 'never_seen')],
  },
  {
    title: 'orders amended by hand: price, amount, trigger',
    scene: oneWay,
    cause: async ({ hand }) => {
      await hand.post('/sim/amend', { client_order_id: 'bot-ask', price: '65000' });
      await hand.post('/sim/amend', { client_order_id: 'bot-bid-sol', amount: '30' });
      await hand.post('/sim/amend', { client_order_id: 'bot-stop', trigger_price: '53000' });
    },
    reported: [
      amended(bitcoin, 'sell 0.2 at 65000', 'sell 0.2 at 66000'),
      amended(solana, 'buy 30 at 140', 'buy 20 at 140'),
      amended(bitcoin, 'sell 0.5 from 53000', 'sell 0.5 from 54000'),
    ],
  },
  {
    title: 'a part of an order filled unheard',
    scene: oneWay,
    cause: async (account) => unheard(account, ['/sim/fill', { client_order_id: 'bot-bid-sol', amount: '5' }]),
    reported: [
      { type: 'ORDER_FILL_MISSED', at: solana, exchange: 'buy 20 at 140, 5 filled', internal: 'buy 20 at 140' },
      { type: 'POSITION_OPENED_EXTERNALLY', at: solana, exchange: 'long 5', internal: null },
    ],
    causes: ['order_filled 2'],
  },
  {
    title: 'a balance that fees of trades by hand made smaller',
    options: { reconciliation: { compare_balances: true } },
    scene: async (account) => {
      await oneWay(account);
      await account.hand.post('/sim/bot', { balances: true });
    },
    cause: async (account) =>
      byHand(
        account,
        { symbol: solana, side: 'buy', type: 'market', amount: '1' },
        { symbol: solana, side: 'sell', type: 'market', amount: '1' },
      ),
    // Two trades of 150 USDT at 0.04 %.
    reported: [{ type: 'BALANCE_CHANGED_EXTERNALLY', at: 'USDT', exchange: '99985.48', internal: '99985.6' }],
  },
  {
    title: 'in hedge mode, the legs of a symbol by themselves',
    scene: hedged,
    cause: async (account) =>
      byHand(
        account,
        { symbol: bitcoin, position_side: 'short', side: 'buy', type: 'market', amount: '0.2' },
        { symbol: bitcoin, position_side: 'long', side: 'buy', type: 'market', amount: '0.1' },
        { symbol: ether, position_side: 'short', side: 'sell', type: 'market', amount: '1' },
      ),
    reported: [
      { type: 'POSITION_CLOSED_EXTERNALLY', at: bitcoin, leg: 'short', exchange: null, internal: 'short 0.2' },
      { type: 'POSITION_SIZE_CHANGED', at: bitcoin, leg: 'long', exchange: 'long 0.6', internal: 'long 0.5' },
      { type: 'POSITION_OPENED_EXTERNALLY', at: ether, leg: 'short', exchange: 'short 1', internal: null },
    ],
  },
];

export function missing(at: string, internal: string, cause: MissingCause): Reported {
  return { type: 'ORDER_MISSING_ON_EXCHANGE', at, exchange: null, internal, cause };
}

function amended(at: string, exchange: string, internal: string): Reported {
  return { type: 'ORDER_AMENDED_EXTERNALLY', at, exchange, internal };
}

/** A difference of the ledger in the form of a case. */
export function reported(difference: Difference): Reported {
  const { type, symbol, side, exchange, internal } = difference;
  return {
    type,
    at: symbol,
    ...(side === null ? {} : { leg: side }),
    exchange: exchange === null ? null : inWords(exchange),
    internal: internal === null ? null : inWords(internal),
    ...(type === 'ORDER_MISSING_ON_EXCHANGE' && { cause: difference.explanation?.cause ?? 'unknown' }),
  };
}

function inWords(row: Position | OpenOrder | Balance): string {
  if ('currency' in row) return normalizeDecimal(row.total);
  const amount = row.amount === null ? 'all' : normalizeDecimal(row.amount);
  if (!('filled' in row)) return `${row.side} ${amount}`;
  const price = row.price === null ? '' : ` at ${normalizeDecimal(row.price)}`;
  const trigger = row.triggerPrice === null ? '' : ` from ${normalizeDecimal(row.triggerPrice)}`;
  const filled = normalizeDecimal(row.filled);
  return `${row.side} ${amount}${price}${trigger}${filled === '0' ? '' : `, ${filled} filled`}`;
}
