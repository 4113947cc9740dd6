import { answer, contract, pair, PATHS, serveAccount, config } from '../okx-fixtures.js';
import { sendJson, type WireRequest, type WireServer } from '../wire-server.js';

export const DOCS = 'www.okx.com/docs-v5/en';
export const HELP = 'www.okx.com/help';
export const NAUTILUS = 'nautechsystems/nautilus_trader crates/adapters/okx/test_data';
export const JKORF = 'JKorf/OKX.Net OKX.Net.UnitTests/Endpoints/UnifiedApi';
export const GCT = 'thrasher-corp/gocryptotrader exchanges/okx/testdata/wsOrders.json';

const MARKETS: Record<string, object[]> = {
  SPOT: [pair('BTC-USDT'), pair('ETH-BTC')],
  SWAP: [
    contract('SWAP', 'BTC-USDT-SWAP', '0.01', 'USDT', 'linear'),
    contract('SWAP', 'ETH-USDT-SWAP', '0.1', 'USDT', 'linear'),
    contract('SWAP', 'BTC-USD-SWAP', '100', 'BTC', 'inverse'),
  ],
  FUTURES: [
    contract('FUTURES', 'BTC-USD-261225', '100', 'BTC', 'inverse', '1798185600000'),
    contract('FUTURES', 'ETH-USD-210430', '10', 'ETH', 'inverse', '1619769600000'),
  ],
};

/** The first page of a list. */
export const isFirst = (query: URLSearchParams): boolean => !query.has('after');
export const isAsking =
  (ordType: string) =>
  (query: URLSearchParams): boolean =>
    isFirst(query) && query.get('ordType') === ordType;

export function serveMarkets(wire: WireServer): WireServer {
  serveAccount(wire, { config: config(), positions: [], coins: [], orders: [], algos: {} });
  wire.route(PATHS.instruments, ({ query }: WireRequest) => answer(MARKETS[query.get('instType') ?? ''] ?? []));
  for (const path of [PATHS.order, PATHS.algo]) {
    wire.route(path, (_request, response) =>
      sendJson(response, { code: '51603', msg: 'Order does not exist', data: [] }),
    );
  }
  for (const path of [PATHS.history, PATHS.archive, PATHS.fills, PATHS.algoHistory, PATHS.bills]) {
    wire.route(path, answer([]));
  }
  return wire;
}
