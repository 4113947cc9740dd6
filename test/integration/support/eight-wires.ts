import type { MissingCause } from '../../../src/domain/difference/difference.js';
import { DEFAULT_MARKETS, spotMarket, type Market } from '../../../src/simulator/engine/market.js';

/** A base currency that is traded that day: under which symbol, its wire says. */
export const BASES = ['BTC', 'ETH', 'SOL', 'DOGE'] as const;
export type Base = (typeof BASES)[number];

/** What must be known of an exchange's wire to play the day on it. */
export interface PlayedWire {
  /** ccxt's id. */
  exchange: string;
  /** On spot there is no position: what is held is a balance. */
  kind: 'derivative' | 'spot';
  /** What its markets are quoted in. */
  quote: string;
  /** The question that it answers with what is held. */
  holdings: { endpoint: string; where?: Readonly<Record<string, string>> };
  /** What it says of orders that a liquidation took along: of those that rested, and of those that waited for a price. */
  liquidatedOrders: { resting: MissingCause; waiting: MissingCause };
  /** Of its simulator, where the default ones do not do. */
  markets?: readonly Market[];
  /** What the account has at the day's beginning; the simulator's default where not given. */
  opening?: Readonly<Record<string, string>>;
}

const REPORTS_ALL = { resting: 'liquidated', waiting: 'liquidated' } as const;

type Given = Pick<PlayedWire, 'exchange' | 'holdings'> & Partial<PlayedWire>;

function derivatives(given: Given): PlayedWire {
  return {
    kind: 'derivative',
    quote: 'USDT',
    liquidatedOrders: REPORTS_ALL,
    ...given,
  };
}

/**
 * Trades cost nothing here. A fee of spot is taken out of what is bought, so that a bot which buys 0.537 holds less; with
 * none, what is held is what was traded, as on a derivative.
 */
function spotMarkets(): Market[] {
  const feeRate = { maker: '0', taker: '0' };
  const more = [
    spotMarket('SOL', 'USDT', { priceStep: '0.01', amountStep: '0.001', initialPrice: '150' }),
    spotMarket('DOGE', 'USDT', { priceStep: '0.00001', amountStep: '1', initialPrice: '0.2' }),
  ];
  return [...DEFAULT_MARKETS, ...more].map((market) => (market.kind === 'spot' ? { ...market, feeRate } : market));
}

export const WIRES_OF_THE_DAY: readonly PlayedWire[] = [
  derivatives({
    exchange: 'binanceusdm',
    holdings: { endpoint: '/fapi/v3/positionRisk' },
    // Only the order of the liquidation itself bears its name, in its client order id; what rested in the symbol expires.
    liquidatedOrders: { resting: 'expired', waiting: 'expired' },
  }),
  derivatives({ exchange: 'bybit', holdings: { endpoint: '/v5/position/list' } }),
  derivatives({
    exchange: 'okx',
    holdings: { endpoint: '/api/v5/account/positions' },
    // Regular orders have a cancelSource; an algo order is "canceled", and no field says by whom.
    liquidatedOrders: { resting: 'liquidated', waiting: 'canceled' },
  }),
  derivatives({
    exchange: 'gate',
    holdings: { endpoint: '/futures/usdt/positions' },
    // An order is finished as "liquidated"; of a price order, finish_as has no such word.
    liquidatedOrders: { resting: 'liquidated', waiting: 'canceled' },
  }),
  derivatives({
    exchange: 'bitget',
    holdings: { endpoint: '/api/v2/mix/position/all-position' },
    // Only the order of the liquidation itself is named (orderSource, tradeSide); what rested is canceled, as by anybody.
    liquidatedOrders: { resting: 'canceled', waiting: 'canceled' },
  }),
  derivatives({
    exchange: 'krakenfutures',
    quote: 'USD',
    holdings: { endpoint: '/derivatives/api/v3/openpositions' },
  }),
  derivatives({
    exchange: 'hyperliquid',
    quote: 'USDC',
    holdings: { endpoint: '/info', where: { type: 'clearinghouseState' } },
  }),
  {
    exchange: 'binance',
    kind: 'spot',
    quote: 'USDT',
    holdings: { endpoint: '/api/v3/account' },
    liquidatedOrders: REPORTS_ALL,
    markets: spotMarkets(),
    opening: { BTC: '10', ETH: '100', SOL: '1000', DOGE: '100000', USDT: '1000000' },
  },
];

/** ccxt's symbol of a currency's market on this wire: of the one perpetual quoted and settled in `quote`, or of the spot pair. */
export function symbolOn({ kind, quote }: PlayedWire, base: Base): string {
  return kind === 'spot' ? `${base}/${quote}` : `${base}/${quote}:${quote}`;
}
