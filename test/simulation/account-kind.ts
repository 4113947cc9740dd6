import { DEFAULT_MARKETS, spotMarket, type Market } from '../../packages/exchange-simulator/src/engine/market.js';
import type { SecondBot } from './shared-account.js';
import type { MarketFacts } from '../../src/domain/snapshot/snapshot.js';

/** What an account trades. */
export type KindName = 'linear' | 'inverse' | 'dated' | 'spot';

export interface AccountKind {
  markets: readonly Market[];
  /** The amount of `lots` smallest trades of the simulation. */
  amountOf: (lots: number) => string;
  /** How many of them an amount is. */
  lotsOf: (amount: string) => number;
  /** Currencies whose balances may be compared. */
  currencies: readonly string[];
  /** What the account holds at first. */
  opening: Record<string, string>;
  facts: Record<string, MarketFacts>;
  /** The scopes of an exchange that answers everything: positions, regular and conditional orders. */
  positions: string | null;
  orders: string;
}

/** When dated contracts are settled, by the exchange's clock. */
export const EXPIRY = Date.UTC(2026, 10, 22, 8);
const DATED = 'BTC/USDT:USDT-261122';

function listed(symbol: string): Market {
  const market = DEFAULT_MARKETS.find((candidate) => candidate.symbol === symbol);
  if (market === undefined) throw new Error(`there is no market ${symbol}`);
  return market;
}

const tenths = {
  amountOf: (lots: number): string => (lots % 10 === 0 ? String(lots / 10) : (lots / 10).toFixed(1)),
  lotsOf: (amount: string): number => Math.round(Number(amount) * 10),
};
const hundreds = {
  amountOf: (lots: number): string => String(lots * 100),
  lotsOf: (amount: string): number => Math.round(Number(amount) / 100),
};
const btcUsd = listed('BTC/USD:BTC');
const steps = (symbols: string[], amountStep: string): Record<string, MarketFacts> =>
  Object.fromEntries(symbols.map((symbol) => [symbol, { amountStep }]));

/** The smallest trade of a currency; what is below it stays in the wallet. */
export const LEAST_HOLDING = '0.1';

export const KINDS: Record<KindName, AccountKind> = {
  linear: {
    ...tenths,
    markets: DEFAULT_MARKETS.slice(0, 2),
    currencies: ['USDT'],
    opening: { USDT: '100000' },
    facts: steps(['BTC/USDT:USDT', 'ETH/USDT:USDT'], '0.001'),
    positions: 'positions:linear',
    orders: 'linear',
  },
  inverse: {
    ...hundreds,
    markets: [
      btcUsd,
      { ...btcUsd, symbol: 'ETH/USD:ETH', base: 'ETH', settle: 'ETH', priceStep: '0.01', initialPrice: '3000' },
    ],
    currencies: ['BTC', 'ETH'],
    opening: { BTC: '10', ETH: '100' },
    facts: {
      'BTC/USD:BTC': { amountStep: '100', contractSize: '100', price: '60000' },
      'ETH/USD:ETH': { amountStep: '100', contractSize: '100', price: '3000' },
    },
    positions: 'positions:inverse',
    orders: 'inverse',
  },
  dated: {
    ...tenths,
    markets: [listed('BTC/USDT:USDT'), { ...listed('BTC/USDT:USDT'), symbol: DATED, expiresAt: EXPIRY }],
    currencies: ['USDT'],
    opening: { USDT: '100000' },
    facts: steps(['BTC/USDT:USDT', DATED], '0.001'),
    positions: 'positions:linear',
    orders: 'linear',
  },
  spot: {
    ...tenths,
    markets: [
      listed('BTC/USDT'),
      spotMarket('ETH', 'USDT', { priceStep: '0.01', amountStep: '0.0001', initialPrice: '3000' }),
    ],
    currencies: ['USDT', 'BTC', 'ETH'],
    opening: { USDT: '200000', BTC: '2', ETH: '2' },
    facts: {
      ...steps(['BTC/USDT', 'ETH/USDT'], '0.00001'),
      BTC: { amountStep: '0.00001', minAmount: LEAST_HOLDING },
      ETH: { amountStep: '0.00001', minAmount: LEAST_HOLDING },
    },
    positions: null,
    orders: 'spot',
  },
};

/** How the bots keep their record, where the simulation has more than one way. */
export interface Bookkeeping {
  /** They book the whole bought amount, although the exchange takes its fee from it; the account tolerates that. */
  isFeeBlind: boolean;
  /** They show a holding below the least trade as none. */
  forgetsDust: boolean;
  /** They show holdings of coins as positions of their markets. */
  showsPositions: boolean;
  /** They count contracts where the exchange counts their value. This never becomes right. */
  countsContracts: boolean;
  /** They book the settlement of a dated contract. */
  knowsSettlement: boolean;
  /** Coins of the account's owner, which the bots do not count as theirs. */
  ownersCoins: Record<string, string>;
  /** Long positions of the account's owner beside the bots', by symbol. */
  ownersPositions: Record<string, string>;
  /** A second bot with a source of its own; null if all bots have one. */
  second: SecondBot | null;
}
