import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The few methods of ccxt that the tests call, with the answers as far as they look at them. */
export interface CcxtClient {
  urls: { api: unknown };
  options: Record<string, unknown>;
  last_response_headers: Record<string, string>;
  loadMarkets(): Promise<Record<string, CcxtRow>>;
  fetchTime(): Promise<number>;
  fetchPositions(symbols?: string[], params?: object): Promise<CcxtRow[]>;
  fetchOpenOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<CcxtRow[]>;
  fetchOrders(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtRow[]>;
  fetchOrder(id: string, symbol: string, params?: object): Promise<CcxtRow>;
  fetchClosedOrder(id: string, symbol: string, params?: object): Promise<CcxtRow>;
  fetchCanceledOrders(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtRow[]>;
  fetchClosedOrders(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtRow[]>;
  fetchMyTrades(symbol: string): Promise<CcxtRow[]>;
  fetchBalance(params?: object): Promise<Record<string, Record<string, unknown>>>;
  fetchPositionMode(): Promise<{ hedged: boolean }>;
  setPositionMode(hedged: boolean, symbol?: string): Promise<unknown>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string | undefined,
    price?: string,
    params?: object,
  ): Promise<CcxtRow>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string,
    params?: object,
  ): Promise<CcxtRow>;
  cancelOrder(id: string, symbol: string, params?: object): Promise<CcxtRow>;
  cancelAllOrders(symbol: string): Promise<unknown>;
  fapiPrivateV3GetPositionRisk(params?: object): Promise<unknown>;
  fapiPrivateGetForceOrders(params?: object): Promise<unknown>;
  fapiPrivatePostOrder(params: object): Promise<unknown>;
  privatePostOrderListOco(params: object): Promise<Record<string, unknown>>;
  privateDeleteOrderList(params: object): Promise<Record<string, unknown>>;
  privateGetOpenOrderList(): Promise<Record<string, unknown>[]>;
  privateGetV5OrderRealtime(params: object): Promise<BybitList>;
  privateGetV5ExecutionList(params: object): Promise<BybitList>;
  privatePostV5OrderCreate(params: object): Promise<unknown>;
  privatePostV5PositionTradingStop(params: object): Promise<unknown>;
  privateGetTradeOrdersPending(params: object): Promise<OkxList>;
  privateGetTradeOrdersAlgoPending(params: object): Promise<OkxList>;
  privateGetTradeOrderAlgo(params: object): Promise<OkxList>;
  privateGetAccountBills(params: object): Promise<OkxList>;
  privatePostTradeOrder(params: object): Promise<OkxList>;
  privatePostTradeOrderAlgo(params: object): Promise<OkxList>;
}

export type CcxtRow = Record<string, unknown> & { info: Record<string, unknown> };

interface BybitList {
  result: { list: Record<string, unknown>[]; nextPageCursor: string };
}

interface OkxList {
  data: Record<string, unknown>[];
}

interface CcxtModule {
  default: new (config: object) => CcxtClient;
}

/** ccxt as it comes from npm, one class by file URL: the package's only export would load a hundred exchanges. */
export async function ccxtClient(id: string, baseUrl: string, credentials: object): Promise<CcxtClient> {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const root = entry.slice(0, entry.lastIndexOf(`${sep}ccxt${sep}`)) + `${sep}ccxt`;
  const { default: Exchange } = (await import(pathToFileURL(join(root, 'js/src', `${id}.js`)).href)) as CcxtModule;
  const client = new Exchange({
    ...credentials,
    number: String,
    timeout: 5_000,
    enableRateLimit: false,
    options: { warnOnFetchOpenOrdersWithoutSymbol: false },
  });
  client.urls.api = pointedAt(client.urls.api, `${baseUrl}/${id}`);
  return client;
}

/** Replaces scheme and host of every URL, however deep it lies; a slash at the end of its path stays. */
function pointedAt(urls: unknown, base: string): unknown {
  if (typeof urls === 'string') return base + new URL(urls).pathname.replace(/^\/$/, '');
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, pointedAt(url, base)]));
}
