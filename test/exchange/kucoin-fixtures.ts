import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { Fault } from './faults.js';
import { CREDENTIALS } from './readers.js';
import { sendJson, type WireRequest, type WireServer } from './wire-server.js';

/* Answers as www.kucoin.com/docs-new/rest documents them, for a classic account. */

export const SERVER_TIME = 1_764_000_000_000;
export const KUCOIN_CREDENTIALS = { ...CREDENTIALS, password: 'pass-Planted-3' };

export function answer(data: unknown) {
  return { code: '200000', data };
}

export function refusal(code: string, msg: string, kind: FailureKind, status = 200): Fault {
  return {
    name: `${status} with ${code} "${msg}"`,
    send: (response) => sendJson(response, { code, msg }, status),
    kind,
  };
}

export const PATHS = {
  symbols: '/api/v2/symbols',
  contracts: '/api/v1/contracts/active',
  time: '/api/v1/timestamp',
  accountMode: '/api/ua/v1/account/mode',
  positionMode: '/api/v2/position/getPositionMode',
  positions: '/api/v1/positions',
  accounts: '/api/v1/accounts',
  activeSymbols: '/api/v1/hf/orders/active/symbols',
  spotOrders: '/api/v1/hf/orders/active/page',
  spotStops: '/api/v1/stop-order',
  futuresOrders: '/api/v1/orders',
  futuresStops: '/api/v1/stopOrders',
  apiKey: '/api/v1/user/api-key',
  opened: '/api/v1/hf/accounts/opened',
  crossMargin: '/api/v3/margin/accounts',
  isolatedMargin: '/api/v3/isolated/accounts',
  oco: '/api/v3/oco/orders',
  ocoDetails: '/api/v3/oco/order/details',
  tickers: '/api/v1/market/allTickers',
  hfLedger: '/api/v1/hf/accounts/ledgers',
  ledger: '/api/v1/accounts/ledgers',
  spotFills: '/api/v1/hf/fills',
  futuresFills: '/api/v1/fills',
} as const;

function pair(symbol: string, baseIncrement: string) {
  const [baseCurrency, quoteCurrency] = symbol.split('-');
  return {
    symbol,
    name: symbol,
    baseCurrency,
    quoteCurrency,
    feeCurrency: quoteCurrency,
    market: 'USDS',
    baseMinSize: baseIncrement,
    quoteMinSize: '0.1',
    baseMaxSize: '10000000000',
    quoteMaxSize: '99999999',
    baseIncrement,
    quoteIncrement: '0.000001',
    priceIncrement: '0.1',
    priceLimitRate: '0.1',
    isMarginEnabled: true,
    enableTrading: true,
  };
}

export function contract(symbol: string, fields: Record<string, unknown> = {}) {
  return {
    symbol,
    rootSymbol: 'USDT',
    type: 'FFWCSX',
    baseCurrency: 'XBT',
    quoteCurrency: 'USDT',
    settleCurrency: 'USDT',
    maxOrderQty: 1_000_000,
    maxPrice: 1_000_000,
    lotSize: 1,
    tickSize: 0.1,
    multiplier: 0.001,
    isInverse: false,
    maxLeverage: 125,
    status: 'Open',
    expireDate: null,
    nextFundingRateTime: 17_031_000,
    ...fields,
  };
}

export const SYMBOLS = [pair('BTC-USDT', '0.00000001'), pair('ETH-USDT', '0.0000001')];
export const CONTRACTS = [
  contract('XBTUSDTM'),
  contract('ETHUSDTM', { baseCurrency: 'ETH', multiplier: 0.01 }),
  // A contract is 1 USD.
  contract('XBTUSDM', {
    rootSymbol: 'XBT',
    quoteCurrency: 'USD',
    settleCurrency: 'XBT',
    multiplier: -1,
    isInverse: true,
  }),
  contract('XBTMH26', {
    rootSymbol: 'XBT',
    type: 'FFICSX',
    quoteCurrency: 'USD',
    settleCurrency: 'XBT',
    multiplier: -1,
    isInverse: true,
    expireDate: 1_774_598_400_000,
    nextFundingRateTime: null,
  }),
];

export function positionRow(symbol: string, currentQty: number | string, fields: Record<string, unknown> = {}) {
  return {
    id: `p-${symbol}`,
    symbol,
    crossMode: true,
    marginMode: 'CROSS',
    positionSide: 'BOTH',
    isOpen: true,
    currentQty,
    currentTimestamp: SERVER_TIME,
    openingTimestamp: SERVER_TIME - 86_400_000,
    avgEntryPrice: 60_000.5,
    settleCurrency: 'USDT',
    ...fields,
  };
}

export function futuresRow(symbol: string, id: string, fields: Record<string, unknown> = {}) {
  return {
    id,
    symbol,
    type: 'limit',
    side: 'buy',
    price: '60000',
    size: 20,
    value: '1200',
    dealValue: '0',
    dealSize: 0,
    stp: '',
    stop: '',
    stopPriceType: '',
    stopTriggered: false,
    stopPrice: null,
    timeInForce: 'GTC',
    postOnly: false,
    leverage: '10',
    closeOrder: false,
    reduceOnly: false,
    clientOid: `bot-${id}`,
    isActive: true,
    cancelExist: false,
    createdAt: SERVER_TIME - 7_200_000,
    updatedAt: SERVER_TIME - 3_600_000,
    endAt: null,
    orderTime: 1_763_992_800_000_000_000,
    settleCurrency: 'USDT',
    status: 'open',
    filledSize: 0,
    ...fields,
  };
}

export function spotRow(symbol: string, id: string, fields: Record<string, unknown> = {}) {
  return {
    id,
    symbol,
    opType: 'DEAL',
    type: 'limit',
    side: 'buy',
    price: '60000',
    size: '0.01',
    funds: '600',
    dealSize: '0',
    dealFunds: '0',
    remainSize: '0.01',
    cancelledSize: '0',
    fee: '0',
    feeCurrency: 'USDT',
    timeInForce: 'GTC',
    clientOid: `bot-${id}`,
    cancelExist: false,
    createdAt: SERVER_TIME - 7_200_000,
    lastUpdatedAt: SERVER_TIME - 3_600_000,
    tradeType: 'TRADE',
    inOrderBook: true,
    active: true,
    ...fields,
  };
}

export function stopRow(symbol: string, id: string, fields: Record<string, unknown> = {}) {
  return {
    id,
    symbol,
    userId: '60fe4956c43cbc0006562c2c',
    status: 'NEW',
    type: 'limit',
    side: 'sell',
    price: '54000.00000000000000000000',
    size: '0.02000000000000000000',
    funds: null,
    timeInForce: 'GTC',
    clientOid: `bot-${id}`,
    orderTime: 1_763_992_800_000_000_000,
    tradeType: 'TRADE',
    createdAt: SERVER_TIME - 7_200_000,
    stop: 'loss',
    stopTriggerTime: null,
    stopPrice: '55000.00000000000000000000',
    ...fields,
  };
}

/** The details of an OCO: a limit order that waits for its own price, and a stop. */
export function ocoOf(orderId: string, symbol: string, legs: Record<string, unknown>[] = [{}, {}]) {
  const leg = { symbol, side: 'sell', size: '0.02000000000000000000', status: 'NEW' };
  const [limit = {}, stop = {}] = legs;
  return {
    orderId,
    symbol,
    clientOid: `bot-${orderId}`,
    orderTime: SERVER_TIME - 7_200_000,
    status: 'NEW',
    orders: [
      { id: `${orderId}-1`, ...leg, price: '70000.00000000', stopPrice: '70000.00000000', ...limit },
      { id: `${orderId}-2`, ...leg, price: '54000.00000000', stopPrice: '55000.00000000', ...stop },
    ],
  };
}

export interface AccountRows {
  hedge: boolean;
  positions: object[];
  spot: Record<string, object[]>;
  spotStops: object[];
  futures: object[];
  futuresStops: object[];
  accounts: object[];
  oco: ReturnType<typeof ocoOf>[];
  /** Null for a low-frequency user: the rows of its old list. */
  oldSpot: object[] | null;
}

export const ROWS: AccountRows = {
  hedge: false,
  positions: [
    positionRow('XBTUSDTM', 500),
    positionRow('ETHUSDTM', -1200),
    positionRow('XBTUSDM', -1000),
    positionRow('ETHUSDTM', 0),
  ],
  spot: { 'BTC-USDT': [spotRow('BTC-USDT', 's1', { size: '0.00001', dealSize: '0.000004' })] },
  spotStops: [stopRow('BTC-USDT', 'vs1')],
  futures: [futuresRow('XBTUSDTM', 'f1', { dealSize: 4 }), futuresRow('XBTUSDM', 'f2', { size: 100, side: 'sell' })],
  futuresStops: [
    futuresRow('XBTUSDTM', 't1', { type: 'market', price: null, side: 'sell', stop: 'down', stopPrice: '55000' }),
    futuresRow('XBTUSDTM', 't2', {
      type: 'market',
      price: '',
      size: 0,
      closeOrder: true,
      stopPrice: '70000',
      clientOid: '',
    }),
  ],
  accounts: [
    { id: '1', currency: 'USDT', type: 'trade', balance: '1000.10000000', available: '900', holds: '100.1' },
    { id: '2', currency: 'USDT', type: 'trade_hf', balance: '0.00000001', available: '0', holds: '0' },
    { id: '3', currency: 'USDT', type: 'main', balance: '77', available: '77', holds: '0' },
    { id: '4', currency: 'BTC', type: 'trade', balance: '0.3', available: '0.3', holds: '0' },
    { id: '5', currency: 'ETH', type: 'trade', balance: '0', available: '0', holds: '0' },
  ],
  oco: [],
  oldSpot: null,
};

/** Serves a list in numbered pages, as KuCoin does. */
export function page(rows: readonly object[], { query }: Pick<WireRequest, 'query'>) {
  const number = Number(query.get('currentPage') ?? query.get('pageNum') ?? 1);
  const size = Number(query.get('pageSize') ?? 50);
  return answer({
    currentPage: number,
    pageSize: size,
    totalNum: rows.length,
    totalPage: Math.ceil(rows.length / size),
    items: rows.slice((number - 1) * size, number * size),
  });
}

export function serveAccount(wire: WireServer, rows: AccountRows = ROWS): WireServer {
  const symbols = Object.entries(rows.spot).flatMap(([symbol, list]) => (list.length === 0 ? [] : [symbol]));
  for (const details of rows.oco) wire.route(`${PATHS.ocoDetails}/${details.orderId}`, answer(details));
  return (
    wire
      .route(PATHS.opened, answer(rows.oldSpot === null))
      .route(PATHS.crossMargin, answer({ debtRatio: '0', accounts: [] }))
      .route(PATHS.isolatedMargin, answer({ timestamp: SERVER_TIME, assets: [] }))
      .route(PATHS.oco, (request: WireRequest) =>
        page(
          rows.oco.map(({ orders: _orders, ...row }) => row),
          request,
        ),
      )
      .route(PATHS.tickers, answer({ time: SERVER_TIME, ticker: [{ symbol: 'BTC-USDT', last: '60000.1' }] }))
      .route(PATHS.symbols, answer(SYMBOLS))
      .route(PATHS.contracts, answer(CONTRACTS))
      .route(PATHS.time, answer(SERVER_TIME))
      .route(PATHS.accountMode, answer({ selfAccountMode: 'CLASSIC' }))
      .route(PATHS.positionMode, answer({ positionMode: rows.hedge ? 1 : 0 }))
      .route(PATHS.positions, answer(rows.positions))
      .route(PATHS.accounts, answer(rows.accounts))
      .route(PATHS.activeSymbols, answer({ symbols }))
      .route(PATHS.spotOrders, (request: WireRequest) =>
        page(rows.spot[request.query.get('symbol') ?? ''] ?? [], request),
      )
      .route(PATHS.spotStops, (request: WireRequest) => page(rows.spotStops, request))
      // The old list of spot orders has the same path on another host.
      .route(PATHS.futuresOrders, (request: WireRequest) =>
        page(request.query.get('tradeType') === 'TRADE' ? (rows.oldSpot ?? []) : rows.futures, request),
      )
      .route(PATHS.futuresStops, (request: WireRequest) => page(rows.futuresStops, request))
  );
}
