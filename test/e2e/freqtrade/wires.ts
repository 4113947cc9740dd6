import { createHash } from 'node:crypto';
import {
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
} from '../../../packages/exchange-simulator/src/index.js';

/** A market that the bot trades on. */
export interface TradedPair {
  pair: string;
  /** What a partial fill and a trade by hand take, base units. */
  part: string;
  /** The exchange's price at the beginning. */
  price: string;
}

/** An exchange on which a Freqtrade trades in this test. */
export interface TestedWire {
  /** ccxt's id, and the account's name in Plumbline. */
  id: string;
  name: string;
  /** What Freqtrade calls the exchange. */
  freqtradeExchange: string;
  mode: 'futures' | 'spot';
  strategy: string;
  pairs: readonly [TradedPair, TradedPair];
  needsPassphrase?: boolean;
  /** The stop ends with its position, which shows the bot that the position was closed. */
  stopsEndWithPosition?: boolean;
  /** The bot's credentials in `exchange`, where they are not a key and a secret. */
  credentials?: Record<string, string>;
  /** The same for Plumbline, which reads by the address alone there. */
  plumblineKeys?: string;
  /** `exchange.ccxt_config` that points ccxt at the simulator. */
  ccxtConfig: (url: string) => Record<string, unknown>;
}

/** On Hyperliquid (docs/simulator.md). */
const DEMO_ADDRESS = '0x624356a6dc3610513500aa60cb7b0c181fa2d859';

const BTC: TradedPair = { pair: 'BTC/USDT:USDT', part: '0.01', price: '60000' };
const ETH: TradedPair = { pair: 'ETH/USDT:USDT', part: '0.2', price: '3000' };
const DOGE: TradedPair = { pair: 'DOGE/USDT:USDT', part: '2500', price: '0.2' };

export const WIRES: readonly TestedWire[] = [
  {
    id: 'binanceusdm',
    name: 'Binance USD-M',
    freqtradeExchange: 'binance',
    mode: 'futures',
    strategy: 'ByHand',
    pairs: [BTC, ETH],
    ccxtConfig: (url) => ({
      options: { fetchMarkets: { types: ['linear'] }, fetchMargins: false },
      urls: { api: { ...binanceFutures(`${url}/binanceusdm`), ...binanceWallet(`${url}/binanceusdm`) } },
    }),
  },
  {
    id: 'binance',
    name: 'Binance spot',
    freqtradeExchange: 'binance',
    mode: 'spot',
    strategy: 'ByHandSpot',
    pairs: [
      { pair: 'BTC/USDT', part: '0.005', price: '60000' },
      { pair: 'ETH/USDT', part: '0.1', price: '3000' },
    ],
    ccxtConfig: (url) => ({
      options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false },
      urls: {
        api: {
          public: `${url}/binance/api/v3`,
          private: `${url}/binance/api/v3`,
          ...binanceWallet(`${url}/binance`),
        },
      },
    }),
  },
  {
    id: 'bybit',
    name: 'Bybit',
    freqtradeExchange: 'bybit',
    mode: 'futures',
    strategy: 'ByHand',
    pairs: [BTC, ETH],
    ccxtConfig: (url) => ({
      options: { fetchMarkets: { types: ['linear'] } },
      urls: { api: { public: `${url}/bybit`, private: `${url}/bybit` } },
    }),
  },
  {
    id: 'okx',
    name: 'OKX',
    freqtradeExchange: 'okx',
    mode: 'futures',
    strategy: 'ByHand',
    pairs: [BTC, DOGE],
    needsPassphrase: true,
    ccxtConfig: (url) => ({
      options: { fetchMarkets: { types: ['swap'] } },
      urls: { api: { rest: `${url}/okx` } },
    }),
  },
];

/** Wires that `npm run e2e:freqtrade` plays only if they are named. */
export const MORE_WIRES: readonly TestedWire[] = [
  {
    id: 'gate',
    name: 'Gate',
    freqtradeExchange: 'gate',
    mode: 'futures',
    // Gate and Hyperliquid have limit stops only.
    strategy: 'ByHandLimitStops',
    pairs: [BTC, ETH],
    ccxtConfig: (url) => {
      const at = (names: readonly string[]): object =>
        Object.fromEntries(names.map((name) => [name, `${url}/gate/api/v4`]));
      return {
        options: { fetchMarkets: { types: ['swap'] } },
        urls: {
          api: {
            public: at(['spot', 'futures', 'margin', 'delivery']),
            private: at(['spot', 'futures', 'wallet', 'account']),
          },
        },
      };
    },
  },
  {
    id: 'bitget',
    name: 'Bitget',
    freqtradeExchange: 'bitget',
    mode: 'futures',
    strategy: 'ByHand',
    pairs: [BTC, ETH],
    needsPassphrase: true,
    stopsEndWithPosition: true,
    ccxtConfig: (url) => ({
      options: { fetchMarkets: { types: ['swap'] } },
      urls: { api: Object.fromEntries(['spot', 'mix', 'common', 'margin'].map((name) => [name, `${url}/bitget`])) },
    }),
  },
  {
    id: 'hyperliquid',
    name: 'Hyperliquid',
    freqtradeExchange: 'hyperliquid',
    mode: 'futures',
    strategy: 'ByHandLimitStops',
    pairs: [
      { pair: 'BTC/USDC:USDC', part: '0.01', price: '60000' },
      { pair: 'ETH/USDC:USDC', part: '0.2', price: '3000' },
    ],
    credentials: {
      wallet_address: DEMO_ADDRESS,
      private_key: `0x${createHash('sha256').update(DEMO_TRADING_CREDENTIALS.secret).digest('hex')}`,
    },
    plumblineKeys: 'wallet_address_env: WALLET',
    ccxtConfig: (url) => ({ urls: { api: { public: `${url}/hyperliquid`, private: `${url}/hyperliquid` } } }),
  },
];

function binanceFutures(base: string): Record<string, string> {
  const versions = ['', 'V2', 'V3'].map((suffix, index) => [suffix, `${base}/fapi/v${index + 1}`] as const);
  return Object.fromEntries(
    versions.flatMap(([suffix, url]) => [
      [`fapiPublic${suffix}`, url],
      [`fapiPrivate${suffix}`, url],
    ]),
  );
}

function binanceWallet(base: string): Record<string, string> {
  return { sapi: `${base}/sapi/v1`, sapiV2: `${base}/sapi/v2`, sapiV3: `${base}/sapi/v3` };
}

export const API_USER = 'freqtrader';
export const API_PASSWORD = 'freqtrade-e2e-password';

export function botNameOf(wire: TestedWire): string {
  return `e2e-${wire.id}`;
}

/** What the trades cost. */
export function stakeOf({ pairs: [{ pair }] }: TestedWire): string {
  return pair.split('/')[1]?.split(':')[0] ?? '';
}

/** The configuration file of a Freqtrade that trades on the simulator; nothing else is changed in it. */
export function freqtradeConfig(wire: TestedWire, places: { url: string; port: number; database: string }): object {
  const pricing = { price_side: 'same', use_order_book: true, order_book_top: 1 };
  return {
    bot_name: botNameOf(wire),
    trading_mode: wire.mode,
    margin_mode: wire.mode === 'futures' ? 'isolated' : '',
    dry_run: false,
    max_open_trades: 4,
    stake_currency: stakeOf(wire),
    stake_amount: 1000,
    tradable_balance_ratio: 0.99,
    timeframe: '1m',
    cancel_open_orders_on_exit: false,
    unfilledtimeout: { entry: 60, exit: 60, unit: 'minutes' },
    entry_pricing: { ...pricing, price_last_balance: 0, check_depth_of_market: { enabled: false } },
    exit_pricing: pricing,
    exchange: {
      name: wire.freqtradeExchange,
      ...(wire.credentials ?? { key: DEMO_TRADING_CREDENTIALS.apiKey, secret: DEMO_TRADING_CREDENTIALS.secret }),
      ...(wire.needsPassphrase === true ? { password: DEMO_PASSPHRASE } : {}),
      enable_ws: false,
      ccxt_config: wire.ccxtConfig(places.url),
      pair_whitelist: wire.pairs.map(({ pair }) => pair),
      pair_blacklist: [],
    },
    pairlists: [{ method: 'StaticPairList' }],
    api_server: {
      enabled: true,
      listen_ip_address: '127.0.0.1',
      listen_port: places.port,
      verbosity: 'error',
      jwt_secret_key: 'at-least-32-characters-for-a-test-alone',
      username: API_USER,
      password: API_PASSWORD,
    },
    initial_state: 'running',
    force_entry_enable: true,
    internals: { process_throttle_secs: 5 },
    db_url: `sqlite:///${places.database}`,
  };
}

/** The account in Plumbline's configuration, with the defaults for a Freqtrade. */
export function plumblineAccount(wire: TestedWire, places: { url: string; botUrl: string }): string {
  const passphrase = wire.needsPassphrase === true ? ', password_env: PASSPHRASE' : '';
  const keys = wire.plumblineKeys ?? `api_key_env: KEY, secret_env: SECRET${passphrase}`;
  const atLeast = wire.mode === 'spot' ? `\n    reconciliation: { at_least: ["*"] }` : '';
  return `  ${wire.id}:
    exchange: { id: ${wire.id}, base_url: "${places.url}/${wire.id}", ${keys} }
    internal:
      kind: freqtrade
      url: "${places.botUrl}"
      username_env: FREQTRADE_USER
      password_env: FREQTRADE_PASSWORD
      bot_name: ${botNameOf(wire)}${atLeast}
`;
}

export const PLUMBLINE_ENV = {
  KEY: DEMO_CREDENTIALS.apiKey,
  SECRET: DEMO_CREDENTIALS.secret,
  PASSPHRASE: DEMO_PASSPHRASE,
  WALLET: DEMO_ADDRESS,
  FREQTRADE_USER: API_USER,
  FREQTRADE_PASSWORD: API_PASSWORD,
};
