import * as binance from './binance-fixtures.js';
import * as binancecoinm from './binancecoinm-fixtures.js';
import * as binanceus from './binanceus-fixtures.js';
import * as binanceusdm from './binanceusdm-fixtures.js';
import * as bitget from './bitget-fixtures.js';
import * as bybit from './bybit-fixtures.js';
import * as gate from './gate-fixtures.js';
import * as hyperliquid from './hyperliquid-fixtures.js';
import * as krakenfutures from './krakenfutures-fixtures.js';
import * as kucoin from './kucoin-fixtures.js';
import * as okx from './okx-fixtures.js';
import { CREDENTIALS } from './readers.js';
import type { WireServer } from './wire-server.js';

/** One exchange with a profile, and an account of it with positions or balances, and orders. */
export interface TestedExchange {
  id: string;
  credentials: Record<string, string>;
  serve: (wire: WireServer) => WireServer;
  /** The exchange's clock in that account's answers. */
  serverTime: number;
  /** Paths that ccxt asks to load markets. */
  marketPaths: readonly string[];
  /** A market by its unified symbol and by the exchange's own id. */
  market: { symbol: string; id: string };
}

function exchange(
  id: string,
  { serveAccount, SERVER_TIME }: { serveAccount: (wire: WireServer) => WireServer; SERVER_TIME: number },
  more: Pick<TestedExchange, 'market'> & Partial<TestedExchange>,
): TestedExchange {
  return {
    id,
    credentials: CREDENTIALS,
    serve: (wire) => serveAccount(wire),
    serverTime: SERVER_TIME,
    marketPaths: [],
    ...more,
  };
}

/** The contract of contract.test.ts holds for each of them. */
export const EXCHANGES: readonly TestedExchange[] = [
  exchange('binance', binance, {
    market: { symbol: 'BTC/USDT', id: 'BTCUSDT' },
    marketPaths: [binance.PATHS.exchangeInfo],
  }),
  exchange('binancecoinm', binancecoinm, {
    market: { symbol: 'BTC/USD:BTC', id: 'BTCUSD_PERP' },
    marketPaths: [binancecoinm.PATHS.exchangeInfo],
  }),
  exchange('binanceus', binanceus, {
    market: { symbol: 'BTC/USDT', id: 'BTCUSDT' },
    marketPaths: [binanceus.PATHS.exchangeInfo],
  }),
  exchange('binanceusdm', binanceusdm, {
    market: { symbol: 'BTC/USDT:USDT', id: 'BTCUSDT' },
    marketPaths: [binanceusdm.PATHS.exchangeInfo],
  }),
  exchange('bitget', bitget, {
    credentials: bitget.BITGET_CREDENTIALS,
    market: { symbol: 'BTC/USD:BTC', id: 'BTCUSD' },
    marketPaths: [bitget.PATHS.symbols, bitget.PATHS.contracts],
  }),
  exchange('bybit', bybit, {
    market: { symbol: 'BTC/USDC:USDC', id: 'BTCPERP' },
    marketPaths: [bybit.PATHS.instruments],
  }),
  exchange('gate', gate, {
    market: { symbol: 'BTC/USD:BTC', id: 'BTC_USD' },
    marketPaths: [gate.PATHS.pairs],
  }),
  exchange('gateeu', gate, {
    serve: (wire) =>
      gate.serveAccount(wire).route(gate.PATHS.detail, { user_id: 1, ip_whitelist: [], key: { mode: 1 } }),
    market: { symbol: 'BTC/USDT', id: 'BTC_USDT' },
    marketPaths: [gate.PATHS.pairs],
  }),
  exchange('hyperliquid', hyperliquid, {
    credentials: hyperliquid.WALLET,
    market: { symbol: 'BTC/USDC:USDC', id: 'BTC' },
  }),
  exchange('krakenfutures', krakenfutures, {
    credentials: krakenfutures.KRAKEN_CREDENTIALS,
    market: { symbol: 'BTC/USD:USD', id: 'PF_XBTUSD' },
    marketPaths: [krakenfutures.PATHS.instruments],
  }),
  exchange('kucoin', kucoin, {
    credentials: kucoin.KUCOIN_CREDENTIALS,
    market: { symbol: 'BTC/USDT:USDT', id: 'XBTUSDTM' },
    marketPaths: [kucoin.PATHS.symbols, kucoin.PATHS.contracts],
  }),
  exchange('okx', okx, {
    credentials: okx.CREDENTIALS,
    market: { symbol: 'BTC/USDT:USDT', id: 'BTC-USDT-SWAP' },
    marketPaths: [okx.PATHS.instruments],
  }),
];
