import type { DiscrepancyType, MissingCause } from '../../../src/domain/difference/difference.js';
import type { FailureKind } from '../../../src/domain/failure/failure.js';
import type { Base, PlayedWire } from './eight-wires.js';
import type { TradingDesk } from './trading-desk.js';

/** The holding on each side, signed, in base units. */
interface Holding {
  of: Base;
  exchange: string;
  internal: string;
}

/** An order as each side has it, null if it is not open there: signed base units, and prices. */
interface OrderReport {
  type: Extract<DiscrepancyType, `ORDER_${string}`>;
  of: Base;
  order: string;
  exchange: string | null;
  internal: string | null;
  cause?: MissingCause;
}

export type Report = Holding | OrderReport;

export interface Act {
  title: string;
  /** The kind of market without which it has no meaning; default: any. */
  needs?: PlayedWire['kind'];
  play: (desk: TradingDesk) => Promise<void>;
  /** What is open from now on, or is open with other values than before. */
  reports?: readonly Report[];
  /** What both sides agree on again: everything, or the holding of one currency. */
  fixes?: 'everything' | Base;
  /** The kind of failure of the run; the run then changes no open discrepancy. */
  fails?: FailureKind;
}

/**
 * One trading day, in base units. The amounts are chosen such that a contract of 0.001, 0.01, 0.1 or 10 and a missing
 * decimal would both show. The engine amends an order in place. If an exchange creates a new order for it (Bitget,
 * Hyperliquid), an amendment through its own API is a cancel and a new order, which are separate acts here.
 */
export const tradingDay: readonly Act[] = [
  {
    title: 'the bot trades, and both sides agree',
    play: async ({ bot }) => {
      await bot({ of: 'BTC', side: 'buy', type: 'market', amount: '0.537' });
      await bot({ of: 'ETH', side: 'sell', type: 'market', amount: '2.345' });
      await bot({ of: 'BTC', side: 'buy', type: 'limit', amount: '0.117', price: '55000', name: 'btc-bid' });
      await bot({ of: 'BTC', side: 'sell', type: 'limit', amount: '0.203', price: '66000', name: 'btc-ask' });
      await bot({ of: 'BTC', side: 'sell', type: 'stop_market', amount: '0.537', trigger: '54000', name: 'btc-stop' });
      await bot({ of: 'ETH', side: 'buy', type: 'stop_market', amount: '2.345', trigger: '3300', name: 'eth-stop' });
      await bot({ of: 'SOL', side: 'buy', type: 'limit', amount: '12.34', price: '140', name: 'sol-bid' });
      await bot({ of: 'DOGE', side: 'sell', type: 'limit', amount: '5670', price: '0.25', name: 'doge-ask' });
      await bot({ of: 'DOGE', side: 'sell', type: 'stop_market', amount: '7890', trigger: '0.15', name: 'doge-stop' });
      await bot({ of: 'SOL', side: 'sell', type: 'stop_market', amount: '3.21', trigger: '120', name: 'sol-stop' });
    },
  },
  {
    title: 'a person opens a position, and places orders, one of which waits for a price',
    play: async ({ person }) => {
      await person({ of: 'DOGE', side: 'buy', type: 'market', amount: '12340' });
      await person({ of: 'ETH', side: 'sell', type: 'limit', amount: '0.987', price: '3450', name: 'hand-ask' });
      await person({
        of: 'BTC',
        side: 'sell',
        type: 'stop_market',
        amount: '0.303',
        trigger: '51000',
        name: 'hand-stop',
      });
    },
    reports: [
      { of: 'DOGE', exchange: '12340', internal: '0' },
      placed('ETH', 'hand-ask', '-0.987 at 3450'),
      placed('BTC', 'hand-stop', '-0.303 from 51000'),
    ],
  },
  {
    title: "a person makes it larger, and cancels orders of the bot's",
    play: async ({ person, cancel }) => {
      await person({ of: 'DOGE', side: 'buy', type: 'market', amount: '560' });
      await cancel('btc-ask');
      await cancel('sol-stop');
    },
    reports: [
      { of: 'DOGE', exchange: '12900', internal: '0' },
      missing('BTC', 'btc-ask', '-0.203 at 66000', 'canceled'),
      missing('SOL', 'sol-stop', '-3.21 from 120', 'canceled'),
    ],
  },
  {
    title: "a person turns the bot's long position into a short one, and a part of an order is filled unheard",
    play: async ({ person, unheard, fill }) => {
      await person({ of: 'BTC', side: 'sell', type: 'market', amount: '0.81' });
      await unheard(fill('sol-bid', '4.56'));
    },
    reports: [
      { of: 'BTC', exchange: '-0.273', internal: '0.537' },
      {
        type: 'ORDER_FILL_MISSED',
        of: 'SOL',
        order: 'sol-bid',
        exchange: '12.34 at 140, 4.56 filled',
        internal: '12.34 at 140',
      },
      { of: 'SOL', exchange: '4.56', internal: '0' },
    ],
  },
  {
    title: 'the bot takes all of it over',
    play: async ({ resync }) => resync(),
    fixes: 'everything',
  },
  {
    title:
      'an order is filled and a stop goes off, both unheard, and a person amends price, amount and trigger of others',
    play: async ({ unheard, fill, price, amend }) => {
      await unheard(fill('btc-bid'), price('ETH', '3310'));
      await amend('sol-bid', { price: '141.5', amount: '23.45' });
      await amend('btc-stop', { trigger_price: '53000' });
    },
    reports: [
      missing('BTC', 'btc-bid', '0.117 at 55000', 'filled'),
      { of: 'BTC', exchange: '-0.156', internal: '-0.273' },
      missing('ETH', 'eth-stop', '2.345 from 3300', 'filled'),
      { of: 'ETH', exchange: '0', internal: '-2.345' },
      amended('SOL', 'sol-bid', '23.45 at 141.5, 4.56 filled', '12.34 at 140, 4.56 filled'),
      amended('BTC', 'btc-stop', '-0.537 from 53000', '-0.537 from 54000'),
    ],
  },
  {
    title: 'the exchange liquidates a position, and takes its orders along',
    needs: 'derivative',
    play: async ({ liquidate }) => liquidate('DOGE'),
    reports: [
      { of: 'DOGE', exchange: '0', internal: '12900' },
      missing('DOGE', 'doge-ask', '-5670 at 0.25', 'liquidated'),
      missing('DOGE', 'doge-stop', '-7890 from 0.15', 'liquidated'),
    ],
  },
  {
    title: 'the exchange answers garbage while one difference goes and another comes',
    play: async ({ garbage, person }) => {
      await garbage();
      await person({ of: 'BTC', side: 'sell', type: 'market', amount: '0.117' });
      await person({ of: 'SOL', side: 'buy', type: 'market', amount: '1.23' });
    },
    fails: 'unreadable',
  },
  {
    title: 'the exchange answers again, and both are reported',
    play: async ({ recover }) => recover(),
    fixes: 'BTC',
    reports: [{ of: 'SOL', exchange: '5.79', internal: '4.56' }],
  },
  {
    title: 'the bot takes it over, and nothing stands at the end of the day',
    play: async ({ resync }) => resync(),
    fixes: 'everything',
  },
];

function missing(of: Base, order: string, internal: string, cause: MissingCause): Report {
  return { type: 'ORDER_MISSING_ON_EXCHANGE', of, order, exchange: null, internal, cause };
}

function placed(of: Base, order: string, exchange: string): Report {
  return { type: 'ORDER_PLACED_EXTERNALLY', of, order, exchange, internal: null };
}

function amended(of: Base, order: string, exchange: string, internal: string): Report {
  return { type: 'ORDER_AMENDED_EXTERNALLY', of, order, exchange, internal };
}
