import type { MissingCause } from '../../../src/domain/difference/difference.js';
import { DEFAULT_MARKETS, spotMarket, type Market } from '../../../packages/exchange-simulator/src/engine/market.js';

/** A base currency that is traded that day; its wire determines the symbol. */
export const BASES = ['BTC', 'ETH', 'SOL', 'DOGE'] as const;
export type Base = (typeof BASES)[number];

/** What the trading day needs to know about an exchange's wire. */
export interface PlayedWire {
  /** ccxt's id. */
  exchange: string;
  /** Spot has no positions: holdings are balances. */
  kind: 'derivative' | 'spot';
  /** The quote currency of its markets. */
  quote: string;
  /** The endpoint that returns the holdings. */
  holdings: { endpoint: string; where?: Readonly<Record<string, string>> };
  /** What it reports for orders that a liquidation ended: for open ones, and for those that waited for a trigger. */
  liquidatedOrders: { resting: MissingCause; waiting: MissingCause };
  /** The simulator's markets, if the default ones do not suffice. */
  markets?: readonly Market[];
  /** The account's balances at the start of the day; by default the simulator's. */
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
 * Trades cost nothing here. A spot fee is taken out of what is bought, so that a bot which buys 0.537 holds less;
 * without fees the holding equals the traded amount, as on a derivative.
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
    // Only the liquidation order itself is marked as one, in its client order id; open orders of the symbol expire.
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
    // An order is finished as "liquidated"; the finish_as of a price order has no such value.
    liquidatedOrders: { resting: 'liquidated', waiting: 'canceled' },
  }),
  derivatives({
    exchange: 'bitget',
    holdings: { endpoint: '/api/v2/mix/position/all-position' },
    // Only the liquidation order itself is marked (orderSource, tradeSide); open orders are canceled without a reason.
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

/**
 * ccxt's symbol of a currency's market on this wire: the one perpetual quoted and settled in `quote`, or the spot pair.
 */
export function symbolOn({ kind, quote }: PlayedWire, base: Base): string {
  return kind === 'spot' ? `${base}/${quote}` : `${base}/${quote}:${quote}`;
}
