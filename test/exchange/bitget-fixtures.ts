import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { Fault } from './faults.js';
import { sendJson, type WireRequest, type WireServer } from './wire-server.js';

/* Answers as bitget.com/api-doc documents them, for a classic account. */

export const SERVER_TIME = 1_764_000_000_000;
export const BITGET_CREDENTIALS = {
  apiKey: 'bg_Planted+1$',
  secret: 'secret-Planted/2==',
  password: 'phrase-Planted&3?',
};

export function answer(data: unknown) {
  return { code: '00000', msg: 'success', requestTime: SERVER_TIME, data };
}

export function refusal(code: string, msg: string, kind: FailureKind, status = 200): Fault {
  return {
    name: `${status} with ${code} "${msg}"`,
    send: (response) => sendJson(response, { code, msg, requestTime: SERVER_TIME, data: null }, status),
    kind,
  };
}

function contract(symbol: string, baseCoin: string, quoteCoin: string, supportMarginCoins: string[], step = '0.001') {
  return {
    symbol,
    baseCoin,
    quoteCoin,
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0006',
    supportMarginCoins,
    minTradeNum: step,
    priceEndStep: '1',
    volumePlace: String(step.length - 2),
    pricePlace: '1',
    sizeMultiplier: step,
    symbolType: 'perpetual',
    minTradeUSDT: '5',
    maxProductOrderNum: '400',
    symbolStatus: 'normal',
    deliveryTime: '',
    launchTime: '',
    minLever: '1',
    maxLever: '125',
  };
}

const CONTRACTS: Record<string, object[]> = {
  'USDT-FUTURES': [contract('BTCUSDT', 'BTC', 'USDT', ['USDT']), contract('ETHUSDT', 'ETH', 'USDT', ['USDT'], '0.01')],
  'USDC-FUTURES': [contract('BTCPERP', 'BTC', 'USDC', ['USDC'], '0.0001')],
  'COIN-FUTURES': [contract('BTCUSD', 'BTC', 'USD', ['BTC', 'ETH', 'USDC'])],
};

export function usdtContract(baseCoin: string): object {
  return contract(`${baseCoin}USDT`, baseCoin, 'USDT', ['USDT']);
}

/** Contracts C0USDT, C1USDT, ... for accounts that hold many. */
export function manyContracts(count: number): object[] {
  return Array.from({ length: count }, (_, index) => contract(`C${index}USDT`, `C${index}`, 'USDT', ['USDT']));
}

export function contracts(more: object[], hidden?: string) {
  return ({ query }: Pick<WireRequest, 'query'>) => {
    const type = query.get('productType') ?? '';
    if (type === hidden) return answer([]);
    return answer([...(CONTRACTS[type] ?? []), ...(type === 'USDT-FUTURES' ? more : [])]);
  };
}

export const SPOT_PAIR = {
  symbol: 'BTCUSDT',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  minTradeAmount: '0',
  pricePrecision: '2',
  quantityPrecision: '6',
  quotePrecision: '8',
  status: 'online',
  minTradeUSDT: '1',
};

export function positionRow(symbol: string, holdSide: string, total: string, fields: Record<string, unknown> = {}) {
  return {
    marginCoin: 'USDT',
    symbol,
    holdSide,
    openDelegateSize: '0',
    available: total,
    locked: '0',
    total,
    leverage: '20',
    openPriceAvg: '60000',
    marginMode: 'crossed',
    posMode: 'one_way_mode',
    unrealizedPL: '1',
    markPrice: '61000',
    cTime: String(SERVER_TIME - 7_200_000),
    uTime: String(SERVER_TIME - 3_600_000),
    ...fields,
  };
}

export function orderRow(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    symbol,
    size: '0.01',
    orderId: String(orderId),
    clientOid: `bot-${orderId}`,
    baseVolume: '0',
    fee: '0',
    price: '60000',
    priceAvg: '',
    status: 'live',
    side: 'buy',
    force: 'gtc',
    totalProfits: '',
    posSide: 'net',
    marginCoin: 'USDT',
    quoteVolume: '0',
    leverage: '20',
    marginMode: 'crossed',
    reduceOnly: 'NO',
    enterPointSource: 'api',
    tradeSide: 'buy_single',
    posMode: 'one_way_mode',
    orderType: 'limit',
    orderSource: 'normal',
    cTime: String(SERVER_TIME - 7_200_000),
    uTime: String(SERVER_TIME - 7_000_000),
    ...fields,
  };
}

export function planRow(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  const { status: _status, baseVolume: _volume, priceAvg: _average, ...common } = orderRow(symbol, orderId);
  return {
    ...common,
    planType: 'normal_plan',
    executePrice: '60000',
    callbackRatio: '',
    triggerPrice: '59000',
    triggerType: 'mark_price',
    planStatus: 'live',
    uTime: '',
    ...fields,
  };
}

export function spotRow(orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    userId: '1',
    symbol: 'BTCUSDT',
    orderId: String(orderId),
    clientOid: `bot-${orderId}`,
    priceAvg: '59999.99',
    size: '0.000011',
    orderType: 'limit',
    side: 'buy',
    status: 'live',
    basePrice: '0',
    baseVolume: '0.0000000000000000',
    quoteVolume: '0',
    enterPointSource: 'API',
    orderSource: 'normal',
    cTime: String(SERVER_TIME - 7_200_000),
    uTime: String(SERVER_TIME - 7_000_000),
    tpslType: 'normal',
    triggerPrice: null,
    ...fields,
  };
}

export function spotPlanRow(orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    orderId: String(orderId),
    clientOid: `bot-${orderId}`,
    symbol: 'BTCUSDT',
    size: '0.0002',
    executePrice: '25000',
    triggerPrice: '26000',
    status: 'live',
    orderType: 'limit',
    side: 'buy',
    planType: 'amount',
    triggerType: 'fill_price',
    cTime: String(SERVER_TIME - 7_200_000),
    uTime: String(SERVER_TIME - 7_200_000),
    ...fields,
  };
}

export function accountRow(marginCoin: string, accountEquity: string, fields: Record<string, unknown> = {}) {
  return {
    marginCoin,
    locked: '0',
    available: '0',
    accountEquity,
    usdtEquity: '1',
    unrealizedPL: '',
    crossedUnrealizedPL: '0',
    isolatedUnrealizedPL: '0',
    assetMode: 'single',
    ...fields,
  };
}

/** A row of v3 instruments of a category. */
export function instrumentRow(category: string, symbol: string, baseCoin: string, quoteCoin: string, step: string) {
  const isFuture = category.endsWith('FUTURES');
  return {
    symbol,
    category,
    baseCoin,
    quoteCoin,
    buyLimitPriceRatio: '0.05',
    sellLimitPriceRatio: '0.05',
    minOrderQty: isFuture ? step : '0',
    maxOrderQty: '',
    pricePrecision: '1',
    quantityPrecision: String(Math.max(step.length - 2, 0)),
    quotePrecision: isFuture ? null : '8',
    minOrderAmount: '5',
    maxSymbolOrderNum: '400',
    maxProductOrderNum: '400',
    status: 'online',
    ...(isFuture ? { priceMultiplier: '0.5', quantityMultiplier: step, type: 'perpetual', deliveryTime: '' } : {}),
  };
}

const INSTRUMENTS: Record<string, object[]> = {
  SPOT: [instrumentRow('SPOT', 'BTCUSDT', 'BTC', 'USDT', '0.000001')],
  'USDT-FUTURES': [
    instrumentRow('USDT-FUTURES', 'BTCUSDT', 'BTC', 'USDT', '0.001'),
    instrumentRow('USDT-FUTURES', 'ETHUSDT', 'ETH', 'USDT', '0.01'),
  ],
  'USDC-FUTURES': [instrumentRow('USDC-FUTURES', 'BTCPERP', 'BTC', 'USDC', '0.0001')],
  'COIN-FUTURES': [instrumentRow('COIN-FUTURES', 'BTCUSD_CM', 'BTC', 'USD', '1')],
};

export const PATHS = {
  instruments: '/api/v3/market/instruments',
  fundingAssets: '/api/v2/account/funding-assets',
  wallets: '/api/v2/account/all-account-balance',
  tickers: '/api/v2/spot/market/tickers',
  bills: '/api/v2/mix/account/bill',
  spotBills: '/api/v2/spot/account/bills',
  symbols: '/api/v2/spot/public/symbols',
  contracts: '/api/v2/mix/market/contracts',
  marginPairs: '/api/v2/margin/currencies',
  time: '/api/v2/public/time',
  account: '/api/v2/mix/account/account',
  accounts: '/api/v2/mix/account/accounts',
  positions: '/api/v2/mix/position/all-position',
  pending: '/api/v2/mix/order/orders-pending',
  plans: '/api/v2/mix/order/orders-plan-pending',
  spotAssets: '/api/v2/spot/account/assets',
  spotOrders: '/api/v2/spot/trade/unfilled-orders',
  spotPlans: '/api/v2/spot/trade/current-plan-order',
  spotInfo: '/api/v2/spot/account/info',
  detail: '/api/v2/mix/order/detail',
  history: '/api/v2/mix/order/orders-history',
  planHistory: '/api/v2/mix/order/orders-plan-history',
  fills: '/api/v2/mix/order/fills',
  spotDetail: '/api/v2/spot/trade/orderInfo',
  spotHistory: '/api/v2/spot/trade/history-orders',
  spotPlanHistory: '/api/v2/spot/trade/history-plan-order',
  spotFills: '/api/v2/spot/trade/fills',
} as const;

export interface AccountRows {
  posMode: 'one_way_mode' | 'hedge_mode';
  /** By product type. */
  positions: Record<string, object[]>;
  orders: Record<string, { orderId: string; status?: unknown }[]>;
  /** By product type and question: "USDT-FUTURES profit_loss". */
  plans: Record<string, { orderId: string }[]>;
  accounts: Record<string, object[]>;
  /** By tpslType. */
  spot: Record<string, { orderId: string }[]>;
  spotPlans: { orderId: string }[];
  assets: object[];
  funding?: object[];
  wallets?: object[];
  moreContracts?: object[];
}

export const NO_ROWS: AccountRows = {
  posMode: 'one_way_mode',
  positions: {
    'USDT-FUTURES': [positionRow('BTCUSDT', 'long', '0.500'), positionRow('ETHUSDT', 'short', '12.00', { uTime: '' })],
    'USDC-FUTURES': [positionRow('BTCPERP', 'short', '0.1000')],
    'COIN-FUTURES': [positionRow('BTCUSD', 'short', '0.025', { marginCoin: 'BTC' })],
  },
  orders: {
    'USDT-FUTURES': [
      orderRow('btcusdt', 104, { status: 'partially_filled', baseVolume: '0.004', priceAvg: '59990' }),
      orderRow('BTCUSDT', 103, { side: 'sell', orderType: 'market', price: '', clientOid: '' }),
    ],
    'USDC-FUTURES': [orderRow('BTCPERP', 105, { size: '0.0001' })],
    'COIN-FUTURES': [orderRow('BTCUSD', 106, { size: '0.003', side: 'sell' })],
  },
  plans: {
    'USDT-FUTURES normal_plan': [planRow('BTCUSDT', 201)],
    'USDT-FUTURES track_plan': [
      planRow('ETHUSDT', 202, { planType: 'track_plan', price: '', size: '1.5', callbackRatio: '2' }),
    ],
    'USDT-FUTURES profit_loss': [
      planRow('BTCUSDT', 204, {
        planType: 'pos_loss',
        size: '',
        price: '',
        executePrice: '0',
        side: 'sell',
        orderType: 'market',
      }),
      planRow('BTCUSDT', 203, {
        planType: 'profit_plan',
        price: '',
        executePrice: '70000',
        triggerPrice: '69000',
        side: 'sell',
      }),
    ],
    'COIN-FUTURES normal_plan': [planRow('BTCUSD', 205)],
  },
  accounts: {
    'USDT-FUTURES': [accountRow('USDT', '1000.30', { crossedUnrealizedPL: '0.2', isolatedUnrealizedPL: '0.1' })],
    'USDC-FUTURES': [
      accountRow('USDC', '5', { unrealizedPL: '-1', crossedUnrealizedPL: '', isolatedUnrealizedPL: '' }),
    ],
    'COIN-FUTURES': [accountRow('BTC', '0.1'), accountRow('ETH', '0')],
  },
  spot: {
    normal: [spotRow(301), spotRow(300, { orderType: 'market', side: 'sell', priceAvg: '0', baseVolume: '0.000001' })],
    tpsl: [spotRow(302, { tpslType: 'tpsl', triggerPrice: '70000', side: 'sell' })],
  },
  spotPlans: [
    spotPlanRow(402),
    spotPlanRow(401, { planType: 'total', size: '50', orderType: 'market', executePrice: '' }),
  ],
  assets: [
    { coin: 'usdt', available: '10.1', frozen: '0.2', locked: '0', limitAvailable: '0', uTime: '1' },
    { coin: 'BTC', available: '0.2', frozen: '0.1', locked: '0', limitAvailable: '0', uTime: '1' },
  ],
};

const WALLETS = ['spot', 'futures', 'funding', 'earn', 'bots', 'margin'].map((accountType) => ({
  accountType,
  usdtBalance: '0.00000000',
}));

/** The page of a list that is sorted by falling ids: rows older than an id. A mix list without rows is null. */
export function pageOf<Row extends { orderId: string }>(
  rows: readonly Row[],
  { query }: Pick<WireRequest, 'query'>,
): Row[] {
  const before = query.get('idLessThan');
  const from = before === null ? 0 : rows.findIndex(({ orderId }) => BigInt(orderId) < BigInt(before));
  return from === -1 ? [] : rows.slice(from, from + Number(query.get('limit') ?? 100));
}

export function entrusted(rows: readonly { orderId: string }[]) {
  const last = rows.at(-1);
  return answer(
    last === undefined ? { entrustedList: null, endId: null } : { entrustedList: rows, endId: last.orderId },
  );
}

export function productOf({ query }: Pick<WireRequest, 'query'>): string {
  return query.get('productType') ?? '';
}

export function planKeyOf({ query }: Pick<WireRequest, 'query'>): string {
  return `${query.get('productType')} ${query.get('planType')}`;
}

export function spotPlanPage(rows: readonly { orderId: string }[], request: Pick<WireRequest, 'query'>) {
  const page = pageOf(rows, request);
  const last = page.at(-1);
  return answer({
    nextFlag: last !== undefined && last !== rows.at(-1),
    idLessThan: last?.orderId ?? null,
    orderList: page,
  });
}

export function serveAccount(wire: WireServer, rows: AccountRows = NO_ROWS): WireServer {
  return wire
    .route(PATHS.symbols, answer([SPOT_PAIR]))
    .route(PATHS.contracts, contracts(rows.moreContracts ?? []))
    .route(PATHS.marginPairs, answer([{ symbol: 'BTCUSDT', isBorrowable: true }]))
    .route(PATHS.instruments, ({ query }: WireRequest) => answer(INSTRUMENTS[query.get('category') ?? ''] ?? []))
    .route(PATHS.tickers, answer([{ symbol: 'BTCUSDT', lastPr: '60000.1', askPr: '', bidPr: '' }]))
    .route(PATHS.fundingAssets, answer(rows.funding ?? []))
    .route(PATHS.wallets, answer(rows.wallets ?? WALLETS))
    .route(PATHS.time, answer({ serverTime: String(SERVER_TIME) }))
    .route(
      PATHS.account,
      answer({ marginCoin: 'USDT', accountEquity: '1', posMode: rows.posMode, assetMode: 'single' }),
    )
    .route(PATHS.accounts, (request: WireRequest) => answer(rows.accounts[productOf(request)] ?? []))
    .route(PATHS.positions, (request: WireRequest) => answer(rows.positions[productOf(request)] ?? []))
    .route(PATHS.pending, (request: WireRequest) => {
      const status = request.query.get('status');
      const found = (rows.orders[productOf(request)] ?? []).filter((row) => status === null || row.status === status);
      return entrusted(pageOf(found, request));
    })
    .route(PATHS.plans, (request: WireRequest) => entrusted(pageOf(rows.plans[planKeyOf(request)] ?? [], request)))
    .route(PATHS.spotAssets, answer(rows.assets))
    .route(PATHS.spotOrders, (request: WireRequest) =>
      answer(pageOf(rows.spot[request.query.get('tpslType') ?? 'normal'] ?? [], request)),
    )
    .route(PATHS.spotPlans, (request: WireRequest) => spotPlanPage(rows.spotPlans, request));
}
